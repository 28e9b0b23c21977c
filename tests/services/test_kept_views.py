"""A view is kept with its account, found on every device, and nobody else's affair."""

import pytest

from wenqu.errors import BadInput, Refused, UnknownType
from wenqu.network.model import City, assets
from wenqu.services.city_state import Cities
from wenqu.services.kept_views import MOST, drop_view, keep_view, views_of
from wenqu.services.rights import NOBODY, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.store.database import open_store

OLD = {"filter": "year<1990;system=sanitary", "sort": "-height", "columns": "", "group": "material"}


@pytest.fixture
def known(tmp_path):
    store = open_store(tmp_path / "store")
    for code in ("S", "T"):
        with store.change(code, who="tester", why="made") as change:
            change.put_city(City(code, crs="EPSG:4549"))
            change.put(assets("manhole", ["m1"], {}))
    yield Cities(store)
    store.close()


def reader(name, city="S"):
    return Person(name, (Grant("bureau", city),))


def test_a_view_is_kept_replaced_and_dropped(known):
    store, li = SeenCities(known, reader("li")).store, reader("li")
    kept = {"filter": OLD["filter"], "sort": "-height", "group": "material"}
    assert keep_view(store, li, "S", "conduit", " old pipes ", OLD) == {"old pipes": kept}
    assert views_of(store, li, "S", "conduit") == {"old pipes": kept}
    assert keep_view(store, li, "S", "conduit", "old pipes", {"sort": "id"}) == {"old pipes": {"sort": "id"}}
    assert drop_view(store, li, "S", "conduit", "old pipes") == {}


def test_a_view_is_of_one_account_one_city_and_one_register(known):
    store, li = known.store, Person("li", (Grant("bureau", "*"),))
    keep_view(store, li, "S", "conduit", "mine", {"sort": "id"})
    assert views_of(store, reader("wang"), "S", "conduit") == {}
    assert views_of(store, li, "T", "conduit") == {}
    assert views_of(store, li, "S", "manhole") == {}


def test_who_has_not_signed_in_keeps_nothing(known):
    visitor = Person("", (Grant("public_reader", "S"),))
    assert views_of(known.store, visitor, "S", "conduit") == {}
    for who in (visitor, NOBODY, reader("li", city="T")):
        with pytest.raises(Refused):
            keep_view(known.store, who, "S", "conduit", "x", {})


@pytest.mark.parametrize(
    ("title", "parts"), [("", {}), ("x" * 101, {}), ("x", {"colour": "red"}), ("x", {"filter": "y" * 5000})]
)
def test_what_is_no_view_is_refused(known, title, parts):
    with pytest.raises(BadInput) as caught:
        keep_view(known.store, reader("li"), "S", "conduit", title, parts)
    assert caught.value.key == "error.bad-input.view"


def test_a_register_keeps_so_many_views_and_no_more(known):
    for number in range(MOST):
        known.store.views.keep("li", "S", "conduit", f"{number}", {})
    with pytest.raises(BadInput):
        keep_view(known.store, reader("li"), "S", "conduit", "one more", {})
    assert "7" in keep_view(known.store, reader("li"), "S", "conduit", "7", {"sort": "id"})
    with pytest.raises(UnknownType):
        views_of(known.store, reader("li"), "S", "castles")
