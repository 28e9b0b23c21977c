"""Whoever has a right for one district brings in that district, and nothing else; nothing is lost."""

import io
import json
from functools import partial

import numpy as np
import pytest

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.accept_import import accept_import
from wenqu.services.city_state import Cities
from wenqu.services.decide_queue import decide
from wenqu.services.jobs import Job
from wenqu.services.read_files import How
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.stage_import import stage_import
from wenqu.services.take_in import deliveries_of
from wenqu.services.view_jobs import may_see
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought


def box(west, east):
    return [[west, 0.0], [east, 0.0], [east, 100.0], [west, 100.0], [west, 0.0]]


OFFICE = Person("office", (Grant("city_office", "S"),))
ANNE = Person("anne", (Grant("surveyor", "S", "A"),))
BERT = Person("bert", (Grant("surveyor", "S", "B"),))


@pytest.fixture
def known(tmp_path):
    """Two districts side by side with a manhole each."""
    store = open_store(tmp_path / "store")
    with store.change("S", who="tester", why="made") as change:
        change.put_city(City("S", crs="EPSG:4549"))
        change.put(
            assets("zone", ["A", "B"], {"kind": ["district"] * 2},
                   Shapes.lines(np.array([*box(0.0, 100.0), *box(100.0, 200.0)]), np.array([0, 5, 10])))
        )  # fmt: skip
        change.put(
            assets("manhole", ["a", "b"], {"ground_level": [5.0, 5.0], "invert_level": [3.0, 3.0]},
                   Shapes.points(np.array([[10.0, 10.0], [150.0, 10.0]])))
        )  # fmt: skip
    yield Cities(store)
    store.close()


def delivered(folder, name, features):
    rows = [
        {"type": "Feature", "properties": {"id": id_, **more}, "geometry": {"type": kind, "coordinates": at}}
        for id_, kind, at, more in features
    ]
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


@pytest.fixture
def survey(tmp_path):
    """What one firm surveyed on both sides of the border, with a district's border of its own."""
    level = {"ground_level": 5.0, "invert_level": 2.5}
    points = [
        ("a", "Point", [11.0, 10.0], level),  # known, in A: moved
        ("b", "Point", [151.0, 10.0], level),  # known, in B
        ("a2", "Point", [90.0, 10.0], level),
        ("b2", "Point", [110.0, 10.0], level),
    ]
    pipes = [
        ("p1", "LineString", [[11.0, 10.0], [90.0, 10.0]], {"from_id": "a", "to_id": "a2"}),
        ("p2", "LineString", [[90.0, 10.0], [110.0, 10.0]], {"from_id": "a2", "to_id": "b2"}),
    ]
    wide = [("A", "Polygon", [box(0.0, 1000.0)], {"kind": "district"})]
    return [
        delivered(tmp_path, "manholes.geojson", points),
        delivered(tmp_path, "conduits.geojson", pipes),
        delivered(tmp_path, "zones.geojson", wide),
    ]


def brought(known, who, paths):
    made = stage_import(known.store, paths, "S", How(crs="EPSG:4549"), person=who)
    seeing = known if who.local else SeenCities(known, who)
    return accept_import(seeing.store, made, who=who.account, why="survey")


def waiting(known, who, **sought):
    seeing = known if who.local else SeenCities(known, who)
    return {(row.rule, row.asset) for row in seeing.store.waiting("S", Sought(**sought))}


def test_the_rows_of_the_own_district_enter_and_the_others_wait_for_somebody_who_may(known, survey):
    brought(known, ANNE, survey)
    network = known.store.network("S")
    assert sorted(network.table("manhole").ids.tolist()) == ["a", "a2", "b"]
    assert network.table("manhole").shapes.coords[network.row("manhole", "b")].tolist() == [150.0, 10.0]
    assert network.table("zone").shapes.coords[:, 0].max() == 200.0  # no delivery moves a border
    assert network.table("conduit").ids.tolist() == ["p1"]
    expected = {("import.elsewhere", name) for name in ("A", "b", "b2")} | {("stage.waits", "p2")}
    assert waiting(known, LOCAL, inside=False) == expected
    assert waiting(known, ANNE, inside=False) == expected  # they see what became of what they brought
    assert waiting(known, BERT, inside=False) == {("import.elsewhere", "b"), ("import.elsewhere", "b2")}


def test_the_other_district_lets_in_what_is_theirs_and_nothing_else(known, survey):
    brought(known, ANNE, survey)
    rows = {row.asset: row.id for row in known.store.waiting("S", Sought(inside=False))}
    with pytest.raises(Refused):
        decide(SeenCities(known, ANNE), "S", {"act": "confirm", "ids": [rows["b2"]]}, ANNE)
    with pytest.raises(BadInput):  # as if it were not there
        decide(SeenCities(known, BERT), "S", {"act": "dismiss", "ids": [rows["A"]], "why": "no"}, BERT)
    decide(SeenCities(known, BERT), "S", {"act": "confirm", "ids": [rows["b"], rows["b2"]]}, BERT)
    network = known.store.network("S")
    assert sorted(network.table("manhole").ids.tolist()) == ["a", "a2", "b", "b2"]
    assert network.table("manhole").shapes.coords[network.row("manhole", "b")].tolist() == [151.0, 10.0]


def test_the_office_lets_in_what_is_right_and_what_waited_for_it_follows(known, survey):
    brought(known, ANNE, survey)
    rows = [row.id for row in known.store.waiting("S", Sought(inside=False)) if row.asset in {"b", "b2"}]
    done = decide(SeenCities(known, OFFICE), "S", {"act": "confirm", "ids": rows}, OFFICE)
    assert len(done.followed) == 1
    assert sorted(known.store.network("S").table("conduit").ids.tolist()) == ["p1", "p2"]


def test_the_same_survey_again_changes_nothing_and_tells_the_same(known, survey):
    brought(known, ANNE, survey)
    first, version = waiting(known, LOCAL), known.store.version("S")
    brought(known, ANNE, survey)
    assert waiting(known, LOCAL) == first
    made = [change.counts for change in known.store.changes("S") if change.number > version]
    assert not any(count.get("manhole") or count.get("conduit") for count in made)


def test_what_a_survey_no_longer_delivers_is_closed_only_where_it_is_theirs(known, survey, tmp_path):
    brought(known, LOCAL, survey[:2])
    made = stage_import(known.store, survey[:1], "S", How(crs="EPSG:4549", survey="mine"), person=ANNE)
    accept_import(SeenCities(known, ANNE).store, made, who="anne", why="survey")
    fewer = delivered(tmp_path, "manholes.geojson", [("b", "Point", [10.0, 20.0], {"ground_level": 1.0})])
    again = stage_import(known.store, [fewer], "S", How(crs="EPSG:4549", survey="mine"), person=ANNE)
    assert set(again.changes["manhole"].gone) <= {"a", "a2"}
    accept_import(SeenCities(known, ANNE).store, again, who="anne", why="survey", close_gone=True)
    assert sorted(known.store.network("S").table("manhole").ids.tolist()) == ["b", "b2"]


def test_a_model_or_a_field_map_of_others_is_not_replaced_by_a_part(known):
    with known.store.change("S", who="office", why="map") as change:
        change.write_document("fieldmap/firm/shp.json", b"theirs")
    for name in ("fieldmap/firm/shp.json", "model.inp", "report.pdf", "survey/x.json"):
        with pytest.raises(Refused), SeenCities(known, ANNE).store.change("S", who="p", why="w") as change:
            change.write_document(name, b"mine")


def test_nobody_makes_their_own_district_larger(known):
    wide = assets(
        "zone", ["A"], {"kind": ["district"]}, Shapes.lines(np.array(box(0.0, 900.0)), np.array([0, 5]))
    )
    disguised = wide.replace(kind=np.array(["plot"], dtype=object))
    new = assets(
        "zone", ["Z"], {"kind": ["district"]}, Shapes.lines(np.array(box(0.0, 900.0)), np.array([0, 5]))
    )
    for table in (wide, disguised, new):
        with pytest.raises(Refused), SeenCities(known, ANNE).store.change("S", who="p", why="w") as change:
            change.put(table)


def test_a_body_brings_in_what_is_theirs(known, tmp_path):
    group = Person("group", (Grant("surveyor", "S", "", "water group"),))
    paths = [
        delivered(
            tmp_path,
            "manholes.geojson",
            [
                ("x", "Point", [20.0, 20.0], {"owner": "water group"}),
                ("y", "Point", [30.0, 20.0], {"owner": "other"}),
            ],
        )
    ]
    brought(known, group, paths)
    assert sorted(known.store.network("S").table("manhole").ids.tolist()) == ["a", "b", "x"]
    assert ("import.elsewhere", "y") in waiting(known, LOCAL)


def test_deliveries_and_jobs_of_others_are_as_if_not_there(known):
    files = partial(map, lambda name: (name, io.BytesIO(b"{}")))
    anne, bert, office = (deliveries_of(known.store, only) for only in ("anne", "bert", ""))
    made = anne.receive("S", "anne", files(["a.geojson"]), 1 << 20)
    assert bert.known("S") == []
    assert [one.id for one in office.known("S")] == [made.id]
    with pytest.raises(Unknown):
        bert.delivery("S", made.id)
    assert bert.receive("S", "bert", files(["a.geojson"]), 1 << 20).id != made.id
    job = Job("1", "check", "S", "anne", "a.geojson", "")
    assert [may_see(who, job) for who in (ANNE, BERT, OFFICE, LOCAL)] == [True, False, True, True]
