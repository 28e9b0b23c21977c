"""Everybody sees what is theirs, and nothing else."""

import inspect
import io
import itertools
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wenqu.errors import BadInput, Refused, UnknownType
from wenqu.network.edits import Edit
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.records.finding import Finding
from wenqu.services.catalogue import set_shared
from wenqu.services.city_state import Cities
from wenqu.services.diagnose_city import POSTERIOR, read_posterior
from wenqu.services.edit_assets import edit_assets
from wenqu.services.part_import import strange_rows
from wenqu.services.rights import ACTIONS, EDIT, EVERYWHERE, LOCAL, NOBODY, READ, Grant, Person, demand, roles
from wenqu.services.seen_change import SeenChange
from wenqu.services.seen_city import SeenCities, SeenStore
from wenqu.services.sight import Sight, seen, sight_of
from wenqu.services.undo_change import undo_change
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store, open_store


def box(west, east):
    return [[west, 0.0], [east, 0.0], [east, 100.0], [west, 100.0], [west, 0.0]]


def tables():
    """Return two districts side by side: m1 and m2 say theirs, m3 lies in B, m4 lies nowhere."""
    return (
        assets("zone", ["A", "B"], {"kind": ["district", "district"]},
               Shapes.lines(np.array([*box(0.0, 100.0), *box(100.0, 200.0)]), np.array([0, 5, 10]))),
        assets("manhole", ["m1", "m2", "m3", "m4"],
               {"district": ["A", "B", None, None], "owner": ["x", "y", "y", "y"],
                "ground_level": [1.0, 2.0, 3.0, 4.0]},
               Shapes.points(np.array([[10.0, 10.0], [20.0, 10.0], [150.0, 10.0], [900.0, 10.0]]))),
        assets("conduit", ["c1"], {"from_id": ["m1"], "to_id": ["m3"]}),
    )  # fmt: skip


def finding(asset, *inputs):
    return Finding("manhole", asset, "night_flow", "extraneous", 1.0, 0.0, 2.0, "m³/s", inputs=inputs)


@pytest.fixture
def known(tmp_path):
    store = open_store(tmp_path / "store")
    for code in ("S", "T"):
        with store.change(code, who="tester", why="made") as change:
            change.put_city(City(code, crs="EPSG:4549"))
            for table in tables():
                change.put(table)
            change.add_records("finding", [finding("m1"), finding("m2")])
            change.write_document("report.pdf", b"the whole city")
            change.write_document("attachment/manhole/m1/photo.jpg", b"m1")
            change.write_document("attachment/manhole/m2/photo.jpg", b"m2")
    yield Cities(store)
    store.close()


def person(role, district="", body="", city="S", actions=ACTIONS):
    return Person("p", (Grant(role, city, district, body),), actions=actions)


def ids(network, type_="manhole"):
    return network.table(type_).ids.tolist()


def test_every_role_that_writes_also_reads_and_only_the_administrator_administers():
    for role in roles().values():
        if role.actions & {*EDIT, "import"}:
            assert set(READ) <= role.actions, role.name
        assert ("administer" in role.actions) == (role.name == "administrator")
    assert len(roles()) == 9


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (person("district", "A"), ["m1"]),
        (person("district", "B"), ["m2", "m3"]),
        (person("operator", "", "y"), ["m2", "m3", "m4"]),
        (person("operator", "B", "x"), []),
        (person("bureau"), ["m1", "m2", "m3", "m4"]),
        (person("bureau", city=EVERYWHERE), ["m1", "m2", "m3", "m4"]),
    ],
)
def test_an_asset_is_seen_by_its_field_else_by_the_zone_it_lies_in(known, who, expected):
    assert ids(SeenCities(known, who).state("S").network) == expected


def test_an_asset_without_a_place_goes_with_the_asset_it_names(known):
    assert ids(SeenCities(known, person("district", "A")).state("S").network, "conduit") == ["c1"]
    assert ids(SeenCities(known, person("district", "B")).state("S").network, "conduit") == []


def test_geometry_and_attributes_are_rights_of_their_own(known):
    values = SeenCities(known, person("drainage_user", "A")).state("S").network.table("manhole")
    assert (values.ids.tolist(), values.column("ground_level").tolist()) == (["m1"], [1.0])
    assert not len(values.shapes.coords)
    who = person("district", "A", actions=("read_geometry",))
    shapes = SeenCities(known, who).state("S").network.table("manhole")
    assert shapes.shapes.coords.tolist() == [[10.0, 10.0]]
    assert np.isnan(shapes.column("ground_level")).all()
    assert shapes.column("owner").tolist() == [None]


def test_a_register_that_is_withheld_is_absent_for_those_who_only_read(known):
    accounts = known.store.accounts
    set_shared(accounts, LOCAL, "S", "manhole", shared=False)
    for reader in (person("bureau"), person("public_reader"), person("city_office", actions=READ)):
        seeing = SeenCities(known, reader)
        assert set(seeing.state("S").network.tables) == {"zone", "conduit"}, reader
        assert seeing.store.network("S", types=["manhole"]).tables == {}
        assert seeing.store.records("S", "finding", Finding) == []
        assert seeing.store.document("S", "attachment/manhole/m1/photo.jpg") is None
        assert seeing.store.history("S", "manhole", "m1") == []
        assert "manhole" in SeenCities(known, person("bureau", city="T")).state("T").network.tables
    for insider in (person("city_office"), person("operator"), person("surveyor")):
        assert len(ids(SeenCities(known, insider).state("S").network)) == 4, insider
    assert ids(SeenCities(known, person("district", "A")).state("S").network) == ["m1"]
    set_shared(accounts, LOCAL, "S", "manhole", shared=True)
    assert len(ids(SeenCities(known, person("bureau")).state("S").network)) == 4


def test_only_who_shares_a_city_turns_the_switch_and_each_turn_is_sealed(known):
    accounts = known.store.accounts
    for who in (person("district"), person("operator"), person("city_office", city="T"), NOBODY):
        with pytest.raises(Refused):
            set_shared(accounts, who, "S", "manhole", shared=False)
    set_shared(accounts, person("city_office"), "S", "manhole", shared=False)
    set_shared(accounts, person("city_office"), "S", "manhole", shared=False)  # nothing new
    assert accounts.withheld("S") == {"manhole"}
    proof = next(one for one in known.store.verify() if not one.city)
    assert (proof.first, proof.last, proof.faults) == (1, 1, ())
    with pytest.raises(UnknownType):
        set_shared(accounts, LOCAL, "S", "castle", shared=False)


@pytest.mark.parametrize("city", ["S", "T", "nosuch"])
def test_a_city_without_a_right_is_refused_whether_it_exists_or_not(known, city):
    for who, reason in ((NOBODY, "sign-in"), (person("district", "A", city="U"), "rights")):
        seeing = SeenCities(known, who)
        with pytest.raises(Refused) as caught:
            seeing.state(city)
        assert caught.value.reason == reason
        assert seeing.store.cities() == []


def test_records_documents_and_history_of_others_do_not_leak(known):
    store = SeenCities(known, person("district", "A")).store
    assert [row.asset for row in store.records("S", "finding", Finding)] == ["m1"]
    assert [entry.name for entry in store.documents("S")] == ["attachment/manhole/m1/photo.jpg"]
    assert store.document("S", "attachment/manhole/m2/photo.jpg") is None
    assert store.document("S", "report.pdf") is None
    assert store.history("S", "manhole", "m2") == []
    assert len(store.history("S", "manhole", "m1")) == 1
    assert store.changes("S") == []


def test_an_id_of_others_given_to_something_of_their_own_opens_nothing(known):
    place = Shapes.points(np.array([[150.0, 20.0]]))
    who = person("district", "B")
    gully = Edit("gully", "c1", parts=(np.array([[150.0, 20.0]]),))  # c1 is a conduit of district A
    with pytest.raises(Refused) as caught:
        edited(known, gully, who)
    assert caught.value.reason == "rights-part"
    assert edited(known, Edit("gully", "c9", parts=gully.parts), who) == 2  # a free id is theirs to give
    with known.store.change("S", who="t", why="an id twice, by who may") as change:
        change.put(assets("gully", ["c1"], {}, place))
        change.add_records("finding", [finding("c1"), finding("m3")])
        change.write_document("attachment/conduit/c1/photo.jpg", b"of A")
    for reader in (who, person("district", "A")):  # it does not say of which of the two
        store = SeenCities(known, reader).store
        assert "c1" not in {row.asset for row in store.records("S", "finding", Finding)}
        assert store.document("S", "attachment/conduit/c1/photo.jpg") is None
    whole = SeenCities(known, person("bureau")).store
    assert whole.document("S", "attachment/conduit/c1/photo.jpg") == b"of A"


def test_an_id_that_others_closed_opens_nothing_either(known):
    with known.store.change("S", who="t", why="found") as change:
        change.add_records("finding", [finding("m3")])
    edited(known, Edit("manhole", "m3", gone=True), person("district", "B"))
    taken = Edit("manhole", "m3", {"district": "A"}, parts=(np.array([[10.0, 30.0]]),))
    gully = Edit("gully", "m3", {"district": "A"}, parts=taken.parts)
    for edit in (taken, gully):
        with pytest.raises(Refused) as caught:
            edited(known, edit, person("district", "A"))
        assert caught.value.reason == "rights-part"
    some = assets("gully", ["m3"], {"district": ["A"]}, Shapes.points(np.array([[10.0, 30.0]])))
    before = known.state("S").network
    whole = Network(before.city, {**before.tables, "gully": some})
    closed = lambda ids: known.store.closed("S", ids)  # noqa: E731 - as it is handed over
    found = strange_rows(person("district", "A"), before, closed)(whole, {"gully": {"m3"}})
    assert [one.asset for one in found] == ["m3"]
    back = Edit("manhole", "m3", {"district": "B"}, parts=(np.array([[150.0, 10.0]]),))
    assert edited(known, back, person("district", "B")) == 4  # whose it was may have it back


def test_a_delivered_id_that_others_carry_waits(known):
    before = known.state("S").network
    some = assets("gully", ["c1", "c9"], {}, Shapes.points(np.array([[150.0, 20.0], [150.0, 30.0]])))
    whole = Network(before.city, {**before.tables, "gully": some})
    found = strange_rows(person("district", "B"), before)(whole, {"gully": {"c1", "c9"}})
    assert [(one.code, one.asset) for one in found] == [("import.elsewhere", "c1")]


def test_of_the_posterior_a_district_sees_its_own_conduits_and_no_meter_of_others(known):
    out = io.BytesIO()
    numbers = ("groundwater", "groundwater_sd", "river", "river_sd", "lost", "lost_sd", "data_share")
    rows = {
        "id": ["m1", "m3", "m2"],
        "area": ["m1", "m1", "m2"],
        **{name: [1.0, 2.0, 3.0] for name in numbers},
    }
    pq.write_table(pa.table(rows), out)
    with known.store.change("S", who="tester", why="diagnosed") as change:
        change.write_document(POSTERIOR, out.getvalue())
    whole = read_posterior(SeenCities(known, person("bureau")).store, "S")
    mine = read_posterior(SeenCities(known, person("district", "A")).store, "S")
    other = read_posterior(SeenCities(known, person("district", "B")).store, "S")
    assert whole.ids.tolist() == ["m1", "m3", "m2"]
    assert (mine.ids.tolist(), mine.area.tolist(), mine.groundwater.tolist()) == (["m1"], ["m1"], [1.0])
    assert sorted(zip(other.ids.tolist(), other.area.tolist(), strict=True)) == [("m2", "m2"), ("m3", "")]
    seen_store = SeenCities(known, person("district", "A")).store
    assert seen_store.document("S", POSTERIOR) is None  # the whole of it stays closed
    assert seen_store.rows_of_assets("S", "report.pdf") is None


def test_what_is_not_seen_is_not_named_either(known):
    east = SeenCities(known, person("district", "A"))
    pipe = east.state("S").network.table("conduit")
    assert (pipe.column("from_id").tolist(), pipe.column("to_id").tolist()) == (["m1"], [None])
    assert [entry.fields for entry in east.store.history("S", "conduit", "c1")] == [{"from_id": "m1"}]
    assert known.state("S").network.table("conduit").column("to_id").tolist() == ["m3"]
    set_shared(known.store.accounts, LOCAL, "S", "manhole", shared=False)
    for role in ("public_reader", "bureau"):
        reader = SeenCities(known, person(role))
        pipe = reader.state("S").network.table("conduit")
        assert (pipe.column("from_id").tolist(), pipe.column("to_id").tolist()) == ([None], [None])
        assert [entry.fields for entry in reader.store.history("S", "conduit", "c1")] == [{}]


def test_who_does_not_see_the_other_end_of_a_pipe_does_not_cut_it_off(known):
    store = SeenCities(known, person("district", "A")).store
    shown = store.network("S").table("conduit")
    with store.change("S", who="a", why="as it is shown, with a bore") as change:
        change.put(shown.replace(height=np.array([0.4])))
    pipe = known.store.network("S").table("conduit")
    assert (pipe.column("to_id").tolist(), pipe.column("height").tolist()) == (["m3"], [0.4])


def test_a_district_changes_its_own_assets_and_nothing_else(known):
    store = SeenCities(known, person("district", "A")).store
    mine = assets("manhole", ["m1"], {"district": ["A"]}, Shapes.points(np.array([[11.0, 11.0]])))
    with store.change("S", who="p", why="moved") as change:
        assert change.put(mine).changed == 1
    theirs = assets("manhole", ["m2"], {"district": ["B"]}, Shapes.points(np.array([[11.0, 11.0]])))
    stolen = assets("manhole", ["m2"], {"district": ["A"]}, Shapes.points(np.array([[11.0, 11.0]])))
    given_away = assets("manhole", ["m1"], {"district": ["B"]}, Shapes.points(np.array([[11.0, 11.0]])))
    new_there = assets("manhole", ["m9"], {"district": ["B"]}, Shapes.points(np.array([[11.0, 11.0]])))
    for table in (theirs, stolen, given_away, new_there):
        with pytest.raises(Refused), store.change("S", who="p", why="theft") as change:
            change.put(table)
    for deed in (
        lambda change: change.close("manhole", ["m2"]),
        lambda change: change.put_city(City("S", "别名", crs="EPSG:4549")),
        lambda change: change.add_records("finding", [finding("m2")]),
        lambda change: change.write_document("report.pdf", b"forged"),
        lambda change: change.write_document("attachment/manhole/m2/x.jpg", b"forged"),
        lambda change: change.standing("manhole", ["m2"]),
    ):
        with pytest.raises(Refused), store.change("S", who="p", why="theft") as change:
            deed(change)
    assert known.store.version("S") == 2


def edited(known, edit, who):
    store = SeenCities(known, who).store
    return edit_assets(store, "S", [edit], person=who, why="w").version


def test_a_district_does_not_take_its_own_border_away(known):
    with pytest.raises(Refused):
        edited(known, Edit("zone", "A", gone=True), person("district", "A"))
    assert edited(known, Edit("zone", "A", gone=True), person("city_office")) == 2


def test_from_what_elsewhere_a_finding_was_made_is_not_told(known):
    with known.store.change("S", who="t", why="found") as change:
        change.add_records("finding", [finding("m1", "series:m1/flow", "series:m2/flow")])
    store = SeenCities(known, person("district", "A")).store
    told = ("series:m1/flow", "series:*/flow")
    assert store.records("S", "finding", Finding)[-1].inputs == told
    assert store.filed("S", "finding", Finding)[-1][0].inputs == told
    office = SeenCities(known, person("city_office")).store
    assert office.records("S", "finding", Finding)[-1].inputs[1] == "series:m2/flow"


def test_half_a_change_is_not_taken_back(known):
    who = person("district", "A")
    with pytest.raises(Refused) as caught:
        undo_change(SeenCities(known, who).store, "S", 1, person=who, why="w")
    assert (caught.value.reason, known.store.version("S")) == ("rights-part", 1)


def test_whoever_closed_what_is_theirs_opens_it_again(known):
    who, other = person("district", "A"), person("district", "B")
    made = edited(known, Edit("manhole", "m1", gone=True), who)
    assert ids(known.state("S").network) == ["m2", "m3", "m4"]
    with pytest.raises(BadInput):  # to another district it touched nothing
        undo_change(SeenCities(known, other).store, "S", made, person=other, why="w")
    assert undo_change(SeenCities(known, who).store, "S", made, person=who, why="w").written
    assert ids(known.state("S").network) == ["m1", "m2", "m3", "m4"]


def test_an_operator_edits_values_and_leaves_shapes_alone(known):
    store = SeenCities(known, person("operator")).store
    table = known.state("S").network.table("manhole").take(np.array([0]))
    with store.change("S", who="p", why="level") as change:
        change.put(table.replace(ground_level=np.array([7.0])))
    with pytest.raises(Refused), store.change("S", who="p", why="moved") as change:
        change.put(assets("manhole", ["m1"], {"district": ["A"]}, Shapes.points(np.array([[0.0, 0.0]]))))


@pytest.mark.parametrize("role", ["bureau", "contractor", "drainage_user", "public_reader"])
def test_a_reader_writes_nothing(known, role):
    with pytest.raises(Refused), SeenCities(known, person(role)).store.change("S", who="p", why="w"):
        pass


def test_a_token_for_reading_does_not_write_what_its_owner_could(known):
    who = person("city_office", actions=READ)
    with pytest.raises(Refused):
        demand(who, "edit_geometry", "S")
    with pytest.raises(Refused), SeenCities(known, who).store.change("S", who="p", why="w"):
        pass


def test_sharing_and_administering_go_by_whole_cities():
    with pytest.raises(Refused):
        demand(person("administrator", "A"), "administer", "S")
    demand(person("administrator"), "administer", "S")
    with pytest.raises(Refused):
        demand(person("administrator"), "administer", EVERYWHERE)
    demand(LOCAL, "administer", EVERYWHERE)


def test_who_sees_all_sees_the_very_same_state(known):
    assert SeenCities(known, person("bureau")).state("S") is known.state("S")
    one, other = (SeenCities(known, person("district", "A")) for _ in range(2))
    assert one.state("S") is other.state("S")


def said_anew(cut, whole):
    """Return what a class and its parts define themselves, down to the class that they cut."""
    parts = itertools.takewhile(lambda one: one is not whole, cut.__mro__)
    return {name for part in parts for name in vars(part)}


@pytest.mark.parametrize(("cut", "whole"), [(SeenStore, Store), (SeenChange, OpenChange)])
def test_whatever_a_store_or_a_change_can_do_is_cut_or_does_not_work(cut, whole):
    offered = {
        name for name, thing in inspect.getmembers(whole) if callable(thing) and not name.startswith("_")
    }
    missing = offered - said_anew(cut, whole) - {"complete"}
    assert missing == set(), "say in seen_*.py what of this a person may see"


def test_what_a_store_lets_be_read_off_it_is_cut_or_not_there(known):
    part = SeenCities(known, person("district", "A")).store
    offered = {name for name, _ in inspect.getmembers(Store, lambda thing: isinstance(thing, property))}
    uncut = offered - said_anew(SeenStore, Store)
    assert {"accounts", "address"} <= uncut  # grants of others; the place and password of the database
    for name in uncut:
        with pytest.raises(AttributeError):
            getattr(part, name)


def test_nothing_is_cut_where_everything_may_be_seen():
    network = SimpleNamespace()
    assert seen(network, sight_of(LOCAL, "S")) is network  # type: ignore[arg-type]
    assert not Sight(*(sight_of(NOBODY, "S").geometry,) * 2)
