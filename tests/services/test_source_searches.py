"""A search for a source as crews lead it: started, sampled on two devices, taken back, found, ended."""

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.records.search import Search, SearchEvent
from wenqu.services.city_state import Cities, CityState
from wenqu.services.rights import Grant, Person
from wenqu.services.source_searches import report_step, searches, start_search
from wenqu.services.view_searches import view_search, view_searches
from wenqu.store.database import open_store

CREW = Person("crew", (Grant("operator", "c", "E"),))
SURVEYOR = Person("surveyor", (Grant("surveyor", "c", "E"),))
WEST = Person("west", (Grant("operator", "c", "W"),))
READER = Person("reader", (Grant("bureau", "c"),))
STREET = 20  # manholes a street


@pytest.fixture
def store(tmp_path):
    """Return a city of two streets that meet at m0; both in district E, the far half of the second in W."""
    made = open_store(str(tmp_path / "store"))
    ids, at, district, pipes = ["m0"], [(0.0, 0.0)], ["E"], []
    for name, way in (("a", (1, 0)), ("b", (0, 1))):
        for number in range(1, STREET + 1):
            below = f"{name}{number - 1}" if number > 1 else "m0"
            ids.append(f"{name}{number}")
            at.append((50.0 * number * way[0], 50.0 * number * way[1]))
            district.append("W" if name == "b" and number > 10 else "E")
            pipes.append((ids[-1], below))
    places = np.array(at)
    ends = np.array([places[ids.index(one)] for pair in pipes for one in pair])
    columns = {
        "from_id": [one for one, _ in pipes], "to_id": [one for _, one in pipes],
        "system": ["sanitary"] * len(pipes), "district": [district[ids.index(one)] for one, _ in pipes],
    }  # fmt: skip
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("zone", ["E", "W"], {"kind": ["district", "district"]}))
        change.put(assets("manhole", ids, {"district": district}, Shapes.points(places)))
        lines = Shapes.lines(ends, np.arange(0, 2 * len(pipes) + 1, 2))
        change.put(assets("conduit", [f"p-{one}" for one, _ in pipes], columns, lines))
        change.put(
            assets("source", ["works"], {"connects_to": ["a15"], "name": ["Dye works"], "district": ["E"]})
        )
    yield made
    made.close()


def state(store):
    return CityState(store.network("c"))


def started(store, who=CREW, **facts):
    return start_search(store, state(store), Search("", "manhole/m0", "milk", **facts), person=who).search.id


def step(store, id_, name="reading", who=CREW, **facts):
    event = SearchEvent("", id_, name, "", "", **facts)
    return report_step(store, state(store), id_, event, person=who).events[-1].id


def shown(store, id_, who=CREW):
    here = state(store)
    return view_search(store, here, here, id_, who)


def test_the_crew_is_led_to_the_source_and_told_whom_to_visit(store):
    id_ = started(store)
    lengths = []
    for _ in range(20):
        now = shown(store, id_)
        lengths.append(now["region"]["length_m"])
        if now["state"] != "on":
            break
        asset = now["next"][0]["asset"]
        name = asset.partition("/")[2]
        above = name == "m0" or (name[0] == "a" and int(name[1:]) < 15)  # the pipe from a15 carries it
        step(store, id_, asset=asset, answer="seen" if above else "unseen")
    assert now["state"] == "near"
    assert now["reach"]["share"] >= 0.9 or now["region"]["length_m"] <= 200
    assert lengths[-1] < lengths[0] / 4
    assert "works" in {one["id"] for one in now["premises"]}
    assert len(lengths) <= 8
    assert now["region"]["drawn"] == len(now["region"]["lines"]["features"]) > 0


def test_a_reading_taken_back_leaves_the_search_as_it_was_and_stays_in_the_log(store):
    id_ = started(store)
    before = shown(store, id_)
    event = step(store, id_, asset="manhole/a10", answer="seen")
    assert shown(store, id_)["region"]["length_m"] < before["region"]["length_m"]
    step(store, id_, "undo", of=event)
    after = shown(store, id_)
    assert after["region"] == before["region"]
    assert [one["undone"] for one in after["events"]] == [True, False]
    with pytest.raises(Unknown):
        step(store, id_, "undo", of=event)


def test_two_crews_get_two_manholes_and_a_second_device_goes_on_where_the_first_stopped(store):
    id_ = started(store, crews=2)
    pair = [one["asset"] for one in shown(store, id_)["next"]]
    assert len(set(pair)) == 2
    step(store, id_, asset=pair[0], answer="unseen")
    other = step(store, id_, who=SURVEYOR, asset=pair[1], answer="seen")
    seen = shown(store, id_, SURVEYOR)
    assert [one["by"] for one in seen["events"]] == ["crew", "surveyor"]
    assert searches(store, "c")[id_].standing[-1].id == other


def test_the_same_event_sent_twice_counts_once(store):
    id_ = started(store)
    event = SearchEvent("from-the-phone", id_, "reading", "", "", asset="manhole/a5", answer="seen")
    for _ in range(2):
        hunt = report_step(store, state(store), id_, event, person=CREW)
    assert len(hunt.events) == 1


def test_a_value_half_way_changes_nothing_and_one_like_the_source_does(store):
    id_ = started(store, tracer=(400.0, 1200.0, 150.0, 0.02), unit="µS/cm")
    whole = shown(store, id_)["next"][0]["above"]
    asset = shown(store, id_)["next"][0]["asset"]
    step(store, id_, asset=asset, value=800.0)
    assert shown(store, id_)["next"][0]["above"] == pytest.approx(whole)
    step(store, id_, asset=asset, value=1250.0)
    assert shown(store, id_)["next"][0]["above"] != pytest.approx(whole)


def test_when_one_is_found_the_next_manhole_is_not_below_it_and_the_search_may_end(store):
    id_ = started(store, others=1.0)
    found = step(store, id_, "found", asset="manhole/a10")
    now = shown(store, id_)
    assert now["nowhere"] == pytest.approx(np.exp(-1))
    assert all(one["asset"].startswith(("manhole/b", "manhole/a1")) for one in now["next"])
    step(store, id_, "stopped", of=found)
    for asset in ("manhole/m0", "manhole/m0"):
        step(store, id_, asset=asset, answer="unseen")
    assert shown(store, id_)["state"] == "none"
    end = step(store, id_, "close")
    assert shown(store, id_)["state"] == "closed"
    with pytest.raises(Refused):
        step(store, id_, asset="manhole/m0", answer="seen")
    step(store, id_, "undo", of=end)
    assert shown(store, id_)["state"] == "none"


def test_who_only_reads_or_works_elsewhere_can_neither_start_nor_sample(store):
    id_ = started(store)
    with pytest.raises(Refused):
        started(store, READER)
    with pytest.raises(Refused):
        step(store, id_, who=READER, asset="manhole/a5", answer="seen")
    with pytest.raises(Refused):
        started(store, WEST)
    with pytest.raises(Unknown):
        step(store, id_, who=WEST, asset="manhole/a5", answer="seen")
    assert view_searches(store, state(store), WEST)["rows"] == []
    assert shown(store, id_, READER)["may_work"] is False


def test_bad_answers_values_steps_and_rules_are_refused(store):
    id_ = started(store)
    for facts in ({"answer": "perhaps"}, {"value": 3.0}, {}):
        with pytest.raises(BadInput):
            step(store, id_, asset="manhole/a5", **facts)
    with pytest.raises(Unknown):
        step(store, id_, "guess", asset="manhole/a5")
    for facts in ({"sure": 0.4}, {"crews": 9}, {"tracer": (1.0, 1.0, 1.0)}):
        with pytest.raises(BadInput):
            started(store, **facts)


def test_over_http_a_crew_of_one_district_is_sent_to_its_own_manholes_only(store):
    client = TestClient(make_api(Cities(store)), base_url="http://127.0.0.1")
    made = client.post("/api/v1/cities/c/searches", json={"start": "manhole/m0", "what": "milk"})
    assert made.status_code == 201
    id_ = made.json()["id"]
    path = f"/api/v1/cities/c/searches/{id_}"
    first = client.get(path).json()["next"][0]["asset"]
    after = client.post(f"{path}/steps", json={"step": "reading", "asset": first, "answer": "unseen"})
    assert after.status_code == 201
    assert after.json()["events"][0]["answer"] == "unseen"
    assert client.get("/api/v1/cities/c/searches").json()["rows"][0]["samples"] == 1
    whole = state(store)
    seen = Cities(store)  # what district E sees: the far half of street b is not there
    from wenqu.services.seen_city import SeenCities

    cut = SeenCities(seen, CREW).state("c")
    told = view_search(store, whole, cut, id_, CREW)
    names = {one["properties"]["id"] for one in told["region"]["lines"]["features"]}
    assert not any(name.startswith("p-b") and int(name[3:]) > 10 for name in names)
    assert not any(
        one["asset"].startswith("manhole/b1")
        and one["asset"] != "manhole/b10"
        and one["asset"] != "manhole/b1"
        for one in told["next"]
    )
