"""A city's next meters: chosen, filed, seen by right, handed out."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput, NotEnoughData, Refused
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.city_state import Cities, CityState
from wenqu.services.jobs import Jobs
from wenqu.services.meter_sites import read_sites
from wenqu.services.place_meters import Wanted, place_city_meters
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.start_placement import place, start_placement
from wenqu.services.view_placement import export_placement, view_placement
from wenqu.store.database import open_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return three streets of 20 pipes of 60 m to a plant: a and b to m0, c, the longest, to the plant."""
    made = open_store(str(tmp_path_factory.mktemp("meters") / "store"))
    ids, places, pipes = ["m0"], [(100.0, 100.0)], [("m0", "P")]
    for number, (name, count) in enumerate((("a", 20), ("b", 20), ("c", 60))):
        for step in range(1, count + 1):
            below = f"{name}{step - 1}" if step > 1 else "m0" if name != "c" else "P"
            pipes.append((f"{name}{step}", below))
            ids.append(f"{name}{step}")
            places.append((100.0 + 60 * step, 100.0 + 300 * number))
    columns = {
        "from_id": [one for one, _ in pipes], "to_id": [one for _, one in pipes],
        "length": [60.0] * len(pipes), "system": ["sanitary"] * len(pipes),
    }  # fmt: skip
    users = [f"U{one}" for one in ids[1:]]
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549", simulated=True))
        change.put(assets("manhole", ids, {"depth": [5.0] * len(ids)}, Shapes.points(np.array(places))))
        change.put(assets("plant", ["P"], {"bod_target": [0.1]}, Shapes.points(np.array([[40.0, 100.0]]))))
        change.put(assets("conduit", [f"p-{one}" for one, _ in pipes], columns))
        use = {"connects_to": ids[1:], "water_use": [1e-4] * len(users)}
        change.put(assets("source", users, use))
    yield made
    made.close()


@pytest.fixture(scope="module")
def found(store):
    return place_city_meters(store, "c", Wanted(4, unit=1000.0), who="tester")


def test_each_meter_leaves_less_doubt_and_no_choice_leaves_less_than_the_bound(found):
    left = [one["left"] for one in found["picks"]]
    assert len(left) == 4
    assert left == sorted(left, reverse=True)
    assert all(one["bound"] <= one["left"] + 1e-9 for one in found["picks"])
    assert found["gap"] == pytest.approx(left[-1] - found["picks"][-1]["bound"])
    assert found["cost_yuan"] == 4 * (60000 + 2 * 5000)  # 5 m deep: two metres more than three
    assert all(one["unit_sd_after_m3_per_d"] < one["unit_sd_before_m3_per_d"] for one in found["picks"])
    assert found["simulated"]


def test_money_and_shut_manholes_of_the_citys_table_are_kept_to(store, found):
    best = found["picks"][0]["asset"].partition("/")[2]
    table = f"id,cost_yuan,access\n{best},,no\nm0,1000,yes\nnowhere,5,\n"
    other = place_city_meters(store, "c", Wanted(4, 75000, unit=1000.0, sites=table), who="tester")
    named = [one["asset"].partition("/")[2] for one in other["picks"]]
    assert best not in named
    assert other["cost_yuan"] <= 75000
    assert other["unknown_sites"] == ["nowhere"]
    bod = place_city_meters(store, "c", Wanted(4, unit=1000.0, stake="bod"), who="tester")
    assert bod["left"] == pytest.approx(found["left"])  # there is one plant


def test_what_was_filed_last_is_seen_by_right_and_handed_out(store, found):
    del found
    whole = CityState(store.network("c"))
    seen = view_placement(store, whole, LOCAL)
    assert seen["may_place"]
    assert len(seen["found"]["picks"]) == 4
    assert all(len(one["at"]) == 2 for one in seen["found"]["picks"])
    reader = Person("reader", (Grant("public_reader", "c"),))
    assert not view_placement(store, whole, reader)["may_place"]
    for form in ("csv", "gpkg", "xlsx"):
        assert len(export_placement(store, whole, LOCAL, form, "zh")) > 200
    assert "检查井" in export_placement(store, whole, LOCAL, "csv", "zh").decode("utf-8-sig")


def test_only_who_decides_in_all_of_the_city_starts_it(store, tmp_path):
    jobs = Jobs(tmp_path)
    for person in (Person("r", (Grant("operator", "c"),)), Person("d", (Grant("district", "c", "D1"),))):
        with pytest.raises(Refused):
            start_placement(jobs, store, "c", Wanted(), person)
    with pytest.raises(BadInput):
        start_placement(jobs, store, "c", Wanted(0), LOCAL)


def test_the_job_files_what_the_command_files(store):
    where, archive = store.address
    shares = []
    wanted = {"meters": 2, "unit": 1000.0}
    told = place(
        {"where": where, "archive": archive, "city": "c", "who": "boss", "wanted": wanted}, shares.append
    )
    assert told["meters"] == 2
    assert shares[-1] == 1.0
    assert view_placement(store, CityState(store.network("c")), LOCAL)["found"]["by"] == "boss"


def test_the_route_answers_with_the_manholes_and_a_file(store):
    client = TestClient(make_api(Cities(store)), base_url="http://localhost")
    answer = client.get("/api/v1/cities/c/placement")
    assert answer.status_code == 200
    assert answer.json()["found"]["picks"][0]["asset"].startswith("manhole/")
    file = client.get("/api/v1/cities/c/placement/file", params={"form": "csv"})
    assert file.headers["content-disposition"].endswith('meters.csv"')


@pytest.mark.parametrize(
    "text", ["name,cost\na,1\n", "id,cost_yuan\na,-5\n", "id,cost_yuan\na,dear\n", "id,access\na,perhaps\n"]
)
def test_a_table_that_cannot_be_read_says_which_line(text):
    with pytest.raises(BadInput) as told:
        read_sites(text)
    assert told.value.facts["line"] in {1, 2}


def test_what_cannot_be_asked_or_placed_is_refused(store, tmp_path):
    for wrong in (
        Wanted(1001),
        Wanted(3, -1.0),
        Wanted(3, stake="gold"),
        Wanted(3, unit=5.0),
        Wanted(3, error=1.0),
    ):
        with pytest.raises(BadInput):
            place_city_meters(store, "c", wrong, who="tester")
    bare = open_store(str(tmp_path / "bare"))
    with bare.change("e", who="tester", why="tables") as change:
        change.put_city(City("e"))
    with pytest.raises(NotEnoughData):
        place_city_meters(bare, "e", Wanted(), who="tester")
    bare.close()
