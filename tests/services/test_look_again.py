"""What is to be inspected again, by hand: four sewers, one of them filmed, one looked at from the manhole."""

import io
from dataclasses import replace

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from scipy.stats import norm

from wenqu.api.router import make_api
from wenqu.errors import BadInput
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.records.inspection import Defect, Inspection
from wenqu.services.city_state import Cities, CityState
from wenqu.services.diagnose_city import POSTERIOR
from wenqu.services.due_sheets import due_sheet, plan_sheet
from wenqu.services.find_chance import find_chance
from wenqu.services.grade_city import grade_city
from wenqu.services.list_register import Asked, list_register
from wenqu.services.look_again import FORMER, due_answer, due_rows, keep_cycles
from wenqu.services.plan_looks import Year, plan_answer
from wenqu.services.register_rows import history_of
from wenqu.services.rights import LOCAL
from wenqu.services.view_deterioration import deterioration_answer
from wenqu.standards.condition import condition_rules
from wenqu.store.database import open_store
from wenqu.store.moments import now
from wenqu.survey.deterioration import published_chains

TODAY = np.datetime64(now().isoformat()[:10])  # of the store's clock: its day is not that of UTC


def ago(years):
    return str(TODAY - np.timedelta64(round(years * 365.25), "D"))


def seen(id_, conduit, method, years, *defects):
    return Inspection(id_, conduit, method, ago(years), 100.0, defects=defects)


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    lines = np.array([[0, 0], [100, 0], [200, 0], [300, 0], [400, 0]], dtype=float)
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("manhole", list("abcde"), {}, Shapes.points(lines)))
        columns = {
            "from_id": list("abcd"), "to_id": list("bcde"), "system": ["sanitary"] * 4,
            "road": ["North", "North", "South", None], "year": [1980, 2015, None, 2020],
            "soil": ["silty_sand", "ordinary", None, None], "importance": ["central", "other", None, None],
            "height": [0.4] * 4, "district": ["D1", "D1", "D2", "D2"],
            "status": ["in_use", "in_use", None, "abandoned"],
        }  # fmt: skip
        ends = np.array([0, 2, 4, 6, 8])
        shape = Shapes.lines(np.repeat(lines, 2, axis=0)[1:-1], ends)
        change.put(assets("conduit", ["p1", "p2", "p3", "p4"], columns, shape))
        change.add_records(
            "inspection",
            [
                seen("i1", "p1", "cctv", 6, Defect("p1", "PL", 1, 5.0)),
                seen("i2", "p2", "qv", 1.5),
                seen("i3", "p2", "cctv", 12),
            ],
        )
    yield made
    made.close()


def test_what_is_due_is_as_by_hand(store):
    found = due_answer(store, CityState(store.network("c")))
    structural, functional = found["kinds"]["structural"], found["kinds"]["functional"]
    # p1: filmed six years ago, sand and old: overdue after five. p2: filmed twelve years ago. p3: never.
    assert structural["length_m"] == {"within": 0.0, "due": 0.0, "overdue": 200.0, "never": 100.0}
    # the look from the manhole counts for what lies in the pipe, not for its walls
    assert functional["length_m"] == {"within": 0.0, "due": 100.0, "overdue": 100.0, "never": 100.0}
    rows = {(row["conduit"], row["kind"]): row for row in found["rows"]}
    assert rows["p1", "structural"]["sooner"] == ["flowing_sand", "old"]
    assert rows["p1", "structural"]["overdue"] in {ago(1), str(np.datetime64(ago(1)) - 1)}
    assert {row["conduit"] for row in found["rows"]} == {"p1", "p2", "p3"}  # p4 is out of use
    there = due_answer(store, CityState(store.network("c")), "structural", "D2")
    assert there["kinds"]["structural"]["length_m"]["never"] == 100.0
    assert [row["conduit"] for row in there["rows"]] == ["p3"]
    assert all(one["status"] == "memory" for one in found["cycles"])


def test_a_day_that_the_calendar_does_not_have_is_no_inspection_and_breaks_nothing(store):
    odd = Inspection("i9", "p3", "cctv", "2025-02-30", 100.0, defects=(Defect("p3", "PL", 4, 5.0),))
    with store.change("c", who="tester", why="a date as it was written") as change:
        change.add_records("inspection", [odd])
    grade_city(store, "c", who="tester")
    state = CityState(store.network("c"))
    rows = [row for row in due_rows(store, state) if row["conduit"] == "p3"]
    assert {row["state"] for row in rows} == {"never"}
    assert len(plan_answer(store, state, Year(10))["stretches"]) > 0


def test_a_city_with_its_own_cycles_owes_less(store):
    clerk = replace(LOCAL, account="clerk")
    own = b"kind,rule,low,high\nstructural,ordinary,15,20\nstructural,shortened,8,9\n"
    keep_cycles(store, "c", own, person=clerk, reason="council of May")
    found = due_answer(store, CityState(store.network("c")), "structural")
    assert found["kinds"]["structural"]["length_m"] == {
        "within": 200.0, "due": 0.0, "overdue": 0.0, "never": 100.0,
    }  # fmt: skip
    for bad in (b"kind,rule,low,high\nstructural,ordinary,9,3\n", b"\xff\xfe\x00", b"", b"a,b\n1,2\n"):
        with pytest.raises(BadInput):
            keep_cycles(store, "c", bad, person=clerk, reason="slip")
    with pytest.raises(BadInput, match="own-reason"):
        keep_cycles(store, "c", own, person=clerk, reason=" ")
    assert due_answer(store, CityState(store.network("c")))["cycles"][0]["high"] == 20.0


def test_each_cycle_of_a_city_tells_who_set_it_when_and_why_and_is_taken_back(store):
    clerk = replace(LOCAL, account="clerk")
    for years, reason in ((20, "council of May"), (25, "budget")):
        own = f"kind,rule,low,high,standard,edition\nstructural,ordinary,15,{years},DB33/T 1,2020\n".encode()
        keep_cycles(store, "c", own, person=clerk, reason=reason)
    state = CityState(store.network("c"))
    (cycle,) = list_register(store, state, "inspection_cycle", Asked())["ids"]
    history = history_of(store, state, "inspection_cycle", cycle)
    assert [(one["who"], one["why"]) for one in history] == [
        ("clerk", "inspection_cycles: budget"),
        ("clerk", "inspection_cycles: council of May"),
    ]
    cycle = due_answer(store, state)["cycles"][0]
    assert (cycle["high"], cycle["standard"]) == (25.0, "DB33/T 1 2020")
    keep_cycles(store, "c", b"kind,rule,low,high\n", person=clerk, reason="as the standard")
    assert due_answer(store, CityState(store.network("c")))["cycles"][0]["high"] == 10.0


def test_cycles_that_a_city_kept_as_a_file_hold_until_it_sets_a_table(store):
    with store.change("c", who="clerk", why="inspection cycles") as change:
        change.write_document(FORMER, b"kind,rule,low,high\nstructural,ordinary,15,20\n", "text/csv")
    assert due_answer(store, CityState(store.network("c")))["cycles"][0]["high"] == 20.0


def test_sinking_ground_shortens_the_cycle_of_what_lies_in_it(store):
    ring = np.array([[120, -10], [180, -10], [180, 10], [120, 10], [120, -10]], dtype=float)
    zone = Shapes(ring, np.array([0, 5]), np.array([0, 1]))  # round the middle of p2 alone
    with store.change("c", who="tester", why="subsidence") as change:
        change.put(assets("zone", ["Z"], {"kind": ["subsidence"]}, zone))
    rows = {row["conduit"]: row for row in due_rows(store, CityState(store.network("c")), "structural")}
    assert "subsidence" in rows["p2"]["sooner"]
    assert all("subsidence" not in row["sooner"] for name, row in rows.items() if name != "p2")


def test_chances_follow_the_last_grade_and_the_age(store):
    grade_city(store, "c", who="tester")
    state = CityState(store.network("c"))
    made = find_chance(store, state, TODAY)
    chain = published_chains()["single"]
    assert made.chain is chain  # three inspections fit none
    assert list(made.grade) == [1, 1, 0, 0]
    assert made.bad[0] == pytest.approx(chain.after(made.seen[0])[2:].sum())
    assert made.seen[0] == pytest.approx(6, abs=0.01)
    assert made.bad[2] == pytest.approx(chain.after(made.assumed_age)[2:].sum())
    assert np.isnan(made.leak).all()
    told = deterioration_answer(store, state)
    assert told["chain"]["name"] == "single"
    assert told["calibration"] is None


def diagnosed(store, groundwater, sd):
    """File a posterior of the four sewers. [m³/s]"""
    rows = {
        "id": [f"p{k}" for k in range(1, 5)], "type": ["conduit"] * 4, "area": ["A"] * 4,
        "groundwater": groundwater, "groundwater_sd": sd, "river": [0.0] * 4, "river_sd": [0.0] * 4,
        "lost": [0.0] * 4, "lost_sd": [0.0] * 4, "data_share": [0.0] * 4,
    }  # fmt: skip
    out = io.BytesIO()
    pq.write_table(pa.table(rows), out)
    with store.change("c", who="tester", why="diagnosis") as change:
        change.write_document(POSTERIOR, out.getvalue(), "application/vnd.apache.parquet")


def test_what_diagnosis_says_of_leaks_moves_the_plan_and_how_sure_it_is_counts(store):
    grade_city(store, "c", who="tester")
    year = Year(0.5, rate=300, setup=0.1)  # one stretch of 100 m
    before = CityState(store.network("c"))
    assert [row["conduits"] for row in plan_answer(store, before, year)["stretches"]] == [["p3"]]
    limit = 150 / 86400 / 1000 * 100  # [m³/s] of 100 m
    diagnosed(store, [3 * limit, limit, 0.0, 0.0], [limit, limit, limit, limit])
    state = CityState(store.network("c"))
    made = find_chance(store, state, TODAY)
    assert made.leak == pytest.approx(
        [norm.sf(-2), 0.5, norm.sf(1), norm.sf(1)]
    )  # by hand: (limit - mean) / sd
    assert made.any[0] == pytest.approx(1 - (1 - made.bad[0]) * (1 - norm.sf(-2)))
    year = Year(0.8, rate=300, setup=0.1)  # the street of p1 and p2, or p3
    found = plan_answer(store, state, year)
    assert [row["conduits"] for row in found["stretches"]] == [["p1", "p2"]]
    assert found["method"]["leak_known"] == 4
    weights = 1 + np.array([condition_rules().factors["K"][name].value for name in ("central", "other")]) / 10
    assert found["expected_found_m"] == pytest.approx(100 * (made.any[:2] * weights).sum())


def test_a_year_sees_whole_streets_in_the_order_of_worth(store):
    grade_city(store, "c", who="tester")
    state = CityState(store.network("c"))
    found = plan_answer(store, state, Year(1.2001, rate=300, setup=0.1))
    assert found["count"] == 2
    assert {tuple(row["conduits"]) for row in found["stretches"]} == {("p1", "p2"), ("p3",)}
    short = plan_answer(store, state, Year(0.5, rate=300, setup=0.1))
    assert [row["conduits"] for row in short["stretches"]] == [["p3"]]
    assert short["bound_m"] >= short["expected_found_m"] > 0
    late = plan_answer(store, state, Year(0.5, rate=300, setup=0.1, overdue_first=True))
    assert late["left_over"] == ["p1"]
    assert plan_answer(store, state, Year(0.0))["count"] == 0


def test_lists_leave_as_workbooks(store):
    grade_city(store, "c", who="tester")
    state = CityState(store.network("c"))
    rows = list(openpyxl.load_workbook(io.BytesIO(due_sheet(store, state, "", "zh"))).active.values)
    assert rows[0][:3] == ("管段", "检测类别", "状态")
    assert len([row for row in rows[1:] if row[1]]) == len(due_rows(store, state))
    plan = list(openpyxl.load_workbook(io.BytesIO(plan_sheet(store, state, Year(2.0), "en"))).active.values)
    assert {row[1] for row in plan[1:4]} == {"p1", "p2", "p3"}
    assert plan[0][-1].startswith("weighted length")


def test_the_routes_answer_the_same_and_refuse_what_cannot_be(store):
    grade_city(store, "c", who="tester")
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        home = "/api/v1/cities/c/inspection-cycles"
        assert face.get(f"{home}/due", params={"kind": "structural"}).json()["rows"][0]["conduit"] == "p2"
        assert face.get(f"{home}/plan", params={"crew_days": 2}).json()["count"] == 2
        assert face.get(f"{home}/deterioration").json()["method"]["chain"] == "single"
        for name in ("due.xlsx", "plan.xlsx"):
            assert face.get(f"{home}/{name}").content[:2] == b"PK"
        for wrong in ({"crew_days": -1}, {"kind": "other"}, {"rate": 0}):
            assert face.get(f"{home}/plan", params=wrong).status_code == 422
        origin = {"Origin": "http://127.0.0.1"}
        own = {"file": ("c.csv", b"kind,rule,low,high\nstructural,ordinary,1,0\n")}
        assert face.put(f"{home}/table", files=own, headers=origin).status_code == 422  # nobody said why
        refused = face.put(f"{home}/table", params={"reason": "x"}, files=own, headers=origin)
        assert refused.status_code == 422
        assert "high" in refused.json()["detail"]
        own = {"file": ("c.csv", b"kind,rule,low,high\nstructural,ordinary,3,4\n")}
        kept = face.put(f"{home}/table", params={"reason": "x"}, files=own, headers=origin)
        assert kept.json()[0]["high"] == 4.0
