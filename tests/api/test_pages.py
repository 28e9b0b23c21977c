"""A page of a register that is at hand says the same as the usual way, to each person what is theirs."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api import pages
from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.accounts import give_grant
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import LOCAL, Grant
from wenqu.store.database import open_store

PAGE = "/api/v1/cities/S/registers/manhole"
PEOPLE = {
    "all": Grant("city_office", "S"),
    "part": Grant("district", "S", "A"),
    "reader": Grant("public_reader", "S"),
    "none": Grant("bureau", "T"),
}


@pytest.fixture
def store(tmp_path):
    """Return a store of a city with two districts, a manhole in each."""
    store = open_store(tmp_path)
    square = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0], [0.0, 0.0]])
    zones = Shapes.lines(np.concatenate([square, square + np.array([100.0, 0.0])]), np.array([0, 5, 10]))
    with store.change("S", who="a", why="b") as change:
        change.put_city(City("S", crs="EPSG:4549"))
        change.put(assets("zone", ["A", "B"], {"kind": ["district"] * 2}, zones))
        places = Shapes.points(np.array([[10.0, 10.0], [150.0, 10.0]]))
        change.put(assets("manhole", ["m1", "m2"], {"depth": [1.5, 2.5], "name": ["a", "b"]}, places))
    for name, grant in PEOPLE.items():
        store.accounts.add(name, "", "", "a")
        give_grant(store.accounts, LOCAL, name, grant)
    yield store
    store.close()


@pytest.fixture
def ask(store, monkeypatch):
    """Return a function that asks for a page as somebody, and tells whether it was answered at once."""
    app = make_api(Cities(store), Entrance(store.accounts))
    cookies = {name: app.state.entrance.begin(name) for name in PEOPLE}
    quick = []
    at_once = pages.at_once
    monkeypatch.setattr(pages, "at_once", lambda request: quick.append(at_once(request)) or quick[-1])

    def send(who, query="columns=id,depth,name&limit=10"):
        client = TestClient(app, base_url="http://127.0.0.1")
        if who:
            client.cookies.set(COOKIE, cookies[who])
        quick.clear()
        answer = client.get(f"{PAGE}?{query}")
        return answer.status_code, answer.json(), bool(quick and quick[-1])

    return send


def test_the_second_answer_comes_at_once_and_says_the_same(ask):
    for who, ids in (("all", ["m1", "m2"]), ("part", ["m1"])):
        first, second = ask(who), ask(who)
        assert (first[2], second[2]) == (False, True)
        assert first[:2] == second[:2]
        assert second[1]["ids"] == ids
        assert second[1]["totals"]["depth"]["count"] == len(ids)
    for who, status in (("none", 403), ("", 401)):  # what lies at hand is not for them
        answer = ask(who)
        assert (answer[0], "ids" in answer[1]) == (status, False)


def test_what_has_changed_is_read_again_and_a_grant_taken_back_counts_at_once(ask, store):
    ask("all")
    assert ask("all")[2]
    with store.change("S", who="a", why="b") as change:
        change.close("manhole", ["m2"])
    assert ask("all")[1]["ids"] == ["m1"]
    for row in store.accounts.grants("all"):
        store.accounts.revoke(row.id, "a")
    assert ask("all")[0] == 403


def test_a_register_that_the_city_withholds_does_not_lie_at_hand_for_readers(ask, store):
    ask("reader")
    assert ask("reader")[1]["ids"] == ["m1", "m2"]
    store.accounts.set_shared("S", "manhole", "a", shared=False)
    for _ in range(2):
        assert ask("reader")[1].get("ids", []) == []
        assert ask("all")[1]["ids"] == ["m1", "m2"]


def test_what_is_not_plain_goes_the_usual_way(ask):
    ask("all")
    queries = {"limit=x": 422, "limit=0": 422, "offset=-1": 422, "columns=nothing": 404, "where=depth>2": 200}
    for query, status in queries.items():
        assert ask("all", query)[::2] == (status, False), query
