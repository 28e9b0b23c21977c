"""What files a problem without a hand, each with its day: running outfalls, missing sewage, checks."""

from time import sleep
from uuid import uuid4

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.records.finding import Finding
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.problem import ProblemEvent
from wenqu.series.model import series
from wenqu.services.city_state import Cities, CityState
from wenqu.services.find_problems import find_problems
from wenqu.services.problem_ledger import ledger
from wenqu.services.problem_rules import keep_rules, rules_of
from wenqu.services.rights import Grant, Person
from wenqu.services.ring_on_arrival import ring_on_arrival
from wenqu.services.take_in_inspections import from_disk, let_in
from wenqu.services.view_problems import view_alarms
from wenqu.store.database import open_store

CITY = Person("office", (Grant("city_office", "c"),))
NAN = float("nan")


@pytest.fixture
def store(tmp_path):
    """A sanitary and a storm line to a plant and four outfalls; people live above the storm line's middle."""
    made = open_store(str(tmp_path / "store"))
    lines = np.array([[0, 0], [100, 0], [200, 0], [300, 0]], dtype=float)
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", zh="示例市", en="Example", crs="EPSG:4549"))
        change.put(assets("manhole", list("abc"), {}, Shapes.points(lines[:3])))
        change.put(assets("plant", ["w"], {"bod_target": [0.1]}, Shapes.points(lines[3:])))
        ends = Shapes.points(np.array([[0.0, 50], [100, 50], [200, 50], [300, 50]]))
        told = {
            "dry_flow": [True, None, None, True], "surveyed_on": ["2026-03-02", None, None, "2026-03-02"],
            "discharge": ["storm", "storm", "mixed", "plant"],
        }  # fmt: skip
        change.put(assets("outfall", ["o1", "o2", "o3", "o4"], told, ends))
        change.put(assets("meter", ["m1", "m2"], {"on_id": ["c", "o3"]}, Shapes.points(lines[:2])))
        change.put(assets("source", ["s1"], {
            "connects_to": ["b"], "water_use": [0.01], "return_ratio": [1.0], "population": [12_000],
        }, Shapes.points(lines[1:2])))  # fmt: skip
        columns = {
            "from_id": list("abc"), "to_id": ["b", "c", "w"], "system": ["sanitary", "storm", "storm"],
            "height": [0.4] * 3,
        }  # fmt: skip
        shape = Shapes.lines(np.repeat(lines, 2, axis=0)[1:-1], np.array([0, 2, 4, 6]))
        change.put(assets("conduit", ["p1", "p2", "p3"], columns, shape))
        bank = Shapes.lines(np.array([[-50.0, 60], [150, 60]]), np.array([0, 2]))
        change.put(assets("reach", ["r"], {"width": [4.0]}, bank))
    yield made
    made.close()


def state(store):
    return CityState(store.network("c"))


def run(store):
    return find_problems(store, state(store), person=CITY)


def of_kind(store, kind):
    return {one.problem.asset: one for one in ledger(store, "c").values() if one.problem.kind == kind}


def walked(one, day, state="close"):
    """Return the events by which a problem was closed (or refused) at a time."""
    steps = ["confirm", "assign", "set_due", "design", "start", "test", "reinspect", "close"]
    return [
        ProblemEvent(uuid4().hex, one.problem.id, step, f"{day}T08:00:00", "office", "x", "b",
                     asset_type=one.problem.asset_type, asset=one.problem.asset)
        for step in (steps if state == "close" else ["refuse"])
    ]  # fmt: skip


def end(store, one, day, how="close"):
    with store.change("c", who="office", why=how) as change:
        change.add_records("problem_event", walked(one, day, how))


def look(id_, date, weather, remark, asset="o2"):
    defect = Defect(asset, "", 0, NAN, remark=remark)
    return Inspection(
        id_, asset, "patrol", date, NAN, weather=weather, asset_type="outfall", defects=(defect,)
    )


def looked(store, *rows):
    with store.change("c", who="crew", why="patrol") as change:
        change.add_records("inspection", rows)


def test_the_register_of_outfalls_files_those_that_run_in_dry_weather_but_not_those_of_plants(store):
    first = run(store)
    (one,) = of_kind(store, "outfall").values()
    assert (one.problem.asset, one.problem.origin, one.problem.found_on) == ("o1", "outfall", "2026-03-02")
    assert one.problem.evidence == ("register:dry_flow 2026-03-02",)
    assert one.problem.id in first.filed
    assert run(store).filed == ()


def test_a_patrol_files_an_outfall_that_runs_when_the_weather_is_dry(store):
    looked(store, look("wet", "2026-04-01", "小雨", "有水流出"))
    assert "o2" not in [run(store), of_kind(store, "outfall")][1]
    looked(store, look("dry", "2026-04-03", "晴", "有水流，色黑"))
    run(store)
    one = of_kind(store, "outfall")["o2"].problem
    assert (one.origin, one.found_on, one.evidence, one.what) == (
        "patrol", "2026-04-03", ("inspection:dry",), "有水流，色黑",
    )  # fmt: skip


def test_the_newest_look_at_an_outfall_counts(store):
    looked(
        store, look("dry", "2026-04-03", "晴", "晴天出流"), look("later", "2026-05-03", "多云", "未见出流")
    )
    run(store)
    assert "o2" not in of_kind(store, "outfall")


def hourly(asset, quantity, values, days=10):
    times = np.datetime64("2026-05-01") + np.arange(24 * days).astype("timedelta64[h]")
    return series(asset, quantity, times, np.resize(np.asarray(values, float), 24 * days))


def test_readings_file_an_outfall_that_runs_on_dry_days_and_none_without_a_rain_gauge(store):
    flow = 20 / 86400  # [m³/s] twice the rule
    noise = np.linspace(0.99, 1.01, 240)
    store.write_series("c", [hourly("m2", "flow", flow * noise)])
    run(store)
    assert "o3" not in of_kind(store, "outfall")
    store.write_series("c", [hourly("g", "rain", [0.0])])
    run(store)
    one = of_kind(store, "outfall")["o3"].problem
    assert (one.origin, one.evidence) == ("meter", ("series:m2/flow 2026-05-10",))


def test_ammonia_on_a_dry_day_tells_of_sewage_at_an_outfall(store):
    noise = np.linspace(0.9, 1.1, 240)
    store.write_series("c", [hourly("o3", "nh3n", 0.012 * noise), hourly("g", "rain", [0.0])])
    run(store)
    assert of_kind(store, "outfall")["o3"].problem.evidence == ("series:o3/nh3n 2026-05-10",)


def missing(value, low, at="2026-06-01T08:00:00"):
    return Finding("meter", "m1", "joint_inversion", "area_missing", value, low, 2 * value, "m³/s",
                   at=at, facts={"generated": 0.1})  # fmt: skip


def diagnosed(store, *rows):
    with store.change("c", who="engineer", why="diagnose") as change:
        change.add_records("finding", rows)


@pytest.mark.parametrize(
    ("value", "low", "filed"), [(0.05, 0.01, True), (0.05, -0.01, False), (0.01, 0.005, False)]
)
def test_missing_sewage_is_filed_when_it_is_much_and_its_interval_excludes_zero(store, value, low, filed):
    diagnosed(store, missing(value, low))
    run(store)
    found = of_kind(store, "missing_sewage")
    assert bool(found) == filed
    if filed:
        one = found["m1"].problem
        assert (one.asset_type, one.evidence, one.reasons[-1]) == (
            "meter", ("finding:missing 2026-06-01",), "missing:0.50",
        )  # fmt: skip
        assert run(store).filed == ()


def test_a_city_says_itself_from_when_sewage_is_missing(store):
    diagnosed(store, missing(0.05, 0.01))
    keep_rules(store, "c", {"missing": (0.6, None)}, who="office")
    run(store)
    assert of_kind(store, "missing_sewage") == {}
    with pytest.raises(BadInput):
        keep_rules(store, "c", {"missing": (-1.0, None)}, who="office")
    assert rules_of(store, "c")["missing"].value == 0.6
    keep_rules(store, "c", {}, who="office")
    run(store)
    assert "m1" in of_kind(store, "missing_sewage")


def test_a_later_diagnosis_reopens_missing_sewage_and_an_earlier_one_does_not(store):
    diagnosed(store, missing(0.05, 0.01))
    run(store)
    end(store, of_kind(store, "missing_sewage")["m1"], "2026-07-01")
    diagnosed(store, missing(0.05, 0.01, "2026-06-20T08:00:00"))
    assert run(store).reopened == ()
    diagnosed(store, missing(0.05, 0.01, "2026-07-20T08:00:00"))
    (again,) = run(store).reopened
    assert ledger(store, "c")[again].events[-1].evidence == ("finding:missing 2026-07-20",)
    assert run(store).reopened == ()


@pytest.mark.parametrize(("closed", "again"), [("2099-01-01", False), ("2026-02-01", True)])
def test_a_misconnection_that_a_later_check_still_finds_is_opened_again(store, closed, again):
    run(store)
    one = of_kind(store, "misconnection")["p1"]
    end(store, one, closed)
    sleep(1.1)  # a check is of its second
    assert run(store).reopened == ((one.problem.id,) if again else ())
    event = ledger(store, "c")[one.problem.id].events[-1]
    assert event.step == ("reopen" if again else "close")
    assert not again or event.evidence[0].startswith("rule:connectivity.sewage-into-storm 20")
    assert run(store).reopened == ()


def test_a_misconnection_that_was_refused_stays_refused_however_often_the_check_finds_it(store):
    run(store)
    end(store, of_kind(store, "misconnection")["p1"], "2026-02-01", "refuse")
    assert run(store).reopened == ()


def test_an_older_film_does_not_reopen_an_outfall_and_a_later_one_does(store):
    looked(store, look("dry", "2026-04-03", "晴", "晴天出流"))
    run(store)
    end(store, of_kind(store, "outfall")["o2"], "2026-06-01")
    looked(store, look("old", "2026-05-03", "晴", "晴天出流"))
    assert run(store).reopened == ()
    looked(store, look("new", "2026-06-03", "晴", "晴天出流"))
    assert run(store).reopened == (of_kind(store, "outfall")["o2"].problem.id,)


def test_what_lies_around_an_asset_is_a_reason(store):
    run(store)
    (pipe,) = [one.problem for one in of_kind(store, "misconnection").values() if one.problem.asset == "p1"]
    assert set(pipe.reasons) == {
        "kind:misconnection",
        "unknown:plant",
    }  # nobody lives above p1; the river is 58 m off
    outfall = of_kind(store, "outfall")[
        "o1"
    ].problem  # ten metres from the middle of a river four metres wide
    assert outfall.reasons == ("kind:outfall", "river:8", "unknown:plant")
    diagnosed(store, missing(0.05, 0.01))
    run(store)
    assert of_kind(store, "missing_sewage")["m1"].problem.reasons[1:3] == ("load:1", "people:12000")


def test_the_route_keeps_the_rules_of_a_city(store):
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        home, origin = "/api/v1/cities/c/problem-rules", {"Origin": "http://127.0.0.1"}
        told = face.put(home, json=[{"rule": "river", "value": 50, "adds": 0.5}], headers=origin).json()
        river = next(row for row in told if row["name"] == "river")
        assert (river["value"], river["adds"], river["usual"], river["status"]) == (50, 0.5, 30, "city")
        assert face.put(home, json=[{"rule": "none", "value": 1}], headers=origin).status_code == 422
        assert next(row for row in face.get(home).json() if row["name"] == "river")["value"] == 50


def test_an_emergency_in_a_delivery_raises_its_alarm_on_arrival_whoever_brings_it(store, tmp_path):
    report = tmp_path / "list.csv"
    report.write_text(
        "管段编号,起点井号,终点井号,检测日期,距离(m),缺陷代码,等级\np1,a,b,2026-05-05,12,PL,4\np2,b,c,2026-05-05,3,PL,2\n",
        encoding="utf-8",
    )
    folder = tmp_path / "work"
    folder.mkdir()
    crew = Person("crew", (Grant("surveyor", "c"),))
    made = from_disk(store, [report], folder, "c", crew, 1 << 24)
    done = let_in(store, made, folder, crew, "survey", "d1", 1 << 24, lambda _: None)
    (alarm,) = view_alarms(store, "c", CITY)["rows"]
    assert (done.alarms, alarm["asset"], alarm["why"]) == ((alarm["id"],), "p1", "collapsed_pipe")
    one = ledger(store, "c")[alarm["problem"]]
    assert (one.state, one.problem.by, one.problem.severity) == ("found", "crew", 4)
    assert ring_on_arrival(store, "c", ["p1", "p2"], who="crew") == ()  # it rings once
    assert one.problem.id not in run(store).filed
