"""A small city is planned from grades and a posterior, and anybody can check the programme."""

import io
import json
import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wenqu.errors import BadInput, FileMissing, NotEnoughData
from wenqu.network.model import City, assets
from wenqu.planning.costs import default_text, read_catalogue
from wenqu.planning.rules import default_rules
from wenqu.records.finding import Finding
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.programme import Programme
from wenqu.series.model import series
from wenqu.services.city_state import CityState
from wenqu.services.crew_work import crew_days
from wenqu.services.diagnose_city import POSTERIOR
from wenqu.services.grade_city import grade_city
from wenqu.services.plan_assumptions import keep_assumptions
from wenqu.services.plan_city import first_year, gather_evidence, plan_city
from wenqu.services.plan_sites import gather_sites
from wenqu.services.programme_proof import (
    PROOF,
    PROOF_MEDIA,
    judge,
    proof_document,
    read_proof,
    verify_programme,
)
from wenqu.services.rights import LOCAL
from wenqu.services.verify_certificate import verify_certificate
from wenqu.services.verify_plan import proof_of, verify_plan
from wenqu.services.write_certificate import write_certificate
from wenqu.store.database import open_store
from wenqu.store.moments import begin_of

CODE = "mini"
FLOW, BOD = 0.1, 0.09  # [m³/s], [kg/m³] what the plant receives


def sewers():
    """Five conduits in a row to the plant; from M3 a weir leads to an outfall in the river."""
    ids = [f"C{k}" for k in range(5)]
    ends = ["M0", "M1", "M2", "M3", "M4", "P"]
    return [
        assets("zone", ["D"], {"kind": ["district"]}),
        assets("manhole", [*ends[:5], "Y"], {"depth": [3.0] * 6, "district": ["D"] * 6}),
        assets("plant", ["P"], {"capacity": [0.2], "bod_target": [0.1], "kind": ["municipal"]}),
        assets("outfall", ["O"], {"flap": [0], "height": [1.0], "district": ["D"]}),
        assets("weir", ["W"], {"from_id": ["M3"], "to_id": ["Y"]}),
        assets("meter", ["B1"], {"on_id": ["C4"], "district": ["D"]}),
        assets(
            "conduit",
            [*ids, "CY"],
            {
                "from_id": [*ends[:5], "Y"],
                "to_id": [*ends[1:], "O"],
                "length": [100.0] * 6,
                "height": [0.4] * 6,
                "system": ["sanitary"] * 6,
                "district": ["D"] * 6,
                "road": ["R"] * 6,
                "importance": ["trunk_road"] * 6,
                "soil": ["ordinary"] * 6,
            },
        ),
    ]


def filmed():
    """C0 has collapsed (grade Ⅳ), C1 is sound, the others were never filmed."""
    broken = Defect("C0", "PL", 4, 20.0, 10.0)
    return [
        Inspection("I0", "C0", "cctv", "2024-05-01", 100.0, defects=(broken,), simulated=True),
        Inspection("I1", "C1", "cctv", "2024-05-01", 100.0, simulated=True),
    ]


def posterior(river):
    """Return a filed posterior: groundwater 2, 4, 1, 0, 0 L/s; river water at C3, behind the weir."""
    zero = np.zeros(5)
    columns = {
        "id": pa.array([f"C{k}" for k in range(5)]),
        "type": pa.array(["conduit"] * 5).dictionary_encode(),
        "groundwater": np.array([0.002, 0.004, 0.001, 0.0, 0.0]),
        "groundwater_sd": zero,
        "river": np.array([0.0, 0.0, 0.0, river, 0.0]),
        "river_sd": zero,
        "lost": zero,
        "lost_sd": zero,
        "area": pa.array(["B1"] * 5).dictionary_encode(),
        "data_share": zero,
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def plain_assumptions(store):
    """Let no water migrate and each conduit be a package, so that sums can be made by hand."""
    keep_assumptions(store, CODE, {"migration": 0.0, "package_from": 5000}, person=LOCAL, reason="by hand")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a store with the city, its readings, grades and posterior."""
    folder = tmp_path_factory.mktemp("plan") / "store"
    store = open_store(folder)
    days = np.arange("2024-01-01", "2024-12-31", dtype="datetime64[D]").astype("datetime64[s]")
    with store.change(CODE, who="test", why="set up") as change:
        change.put_city(City(CODE, "小城", "mini", simulated=True))
        for table in sewers():
            change.put(table)
        change.add_records("inspection", filmed())
        change.write_document(POSTERIOR, posterior(0.008), "application/vnd.apache.parquet")
    readings = [("flow", FLOW), ("bod5", BOD)]
    store.write_series(
        CODE, [series("P", name, days, np.full(len(days), value), simulated=True) for name, value in readings]
    )
    grade_city(store, CODE, who="test")
    plain_assumptions(store)
    store.close()
    return folder


@pytest.fixture
def city(built, tmp_path):
    """A copy of the city's store for one test."""
    shutil.copytree(built, tmp_path / "store")
    store = open_store(tmp_path / "store")
    yield store
    store.close()


def methods(programme):
    return {(measure.asset, measure.method) for measure in programme.measures}


def test_a_measure_keeps_its_units_so_its_crew_days_are_those_that_were_planned_with(city):
    programme = plan_city(city, CODE, who="planner").programme
    proof = read_proof(city.document(CODE, PROOF))
    book = read_catalogue()
    days, assumed = crew_days(programme.measures, book, {})
    assert not assumed
    assert sum(days) == pytest.approx(proof.options.crew_days[proof.choice.options].sum())
    dearer = [replace(one, cost=3 * one.cost) for one in programme.measures]
    assert crew_days(dearer, book, {})[0] == days  # not worked back from what it costs
    old = next(one for one in programme.measures if one.asset == "C1")
    assert crew_days([replace(old, units=0.0)], book, {})[0] == crew_days([old], book, {})[0]


def test_the_share_of_a_year_is_asked_with_the_dearest_package_on_top(city):
    programme = plan_city(city, CODE, who="planner").programme
    told = [row for row in json.loads(programme.rules)["verdicts"] if row["rule"] == "pace"]
    dearest = max(read_proof(city.document(CODE, PROOF)).options.cost)
    assert {row["demanded"] for row in told} == {min(0.3 + dearest / programme.cost, 1.0)}
    assert all(row["holds"] == (row["reached"] <= row["demanded"] * (1 + 1e-9)) for row in told)


@pytest.mark.parametrize(
    ("day", "first"),
    [("2024-03-01", 2025), ("2025-06-30", 2025), ("2025-07-01", 2026), ("2026-11-27", 2027)],
)
def test_the_first_year_comes_after_the_readings_and_is_not_half_over(city, monkeypatch, day, first):
    monkeypatch.setattr("wenqu.services.plan_city.now", lambda: begin_of(day))
    assert first_year(city, CODE) == first  # readings end in 2024


def test_the_programme_mends_what_must_be_and_buys_the_cheapest_margin(city):
    made = plan_city(city, CODE, who="planner")
    programme = made.programme
    assert programme.status == "proved"
    assert programme.simulated
    assert programme.by == "planner"
    assert programme.windows == ("2025", "2026", "2027", "2028", "2029")  # readings end in 2024
    # C0 is of grade Ⅳ: lining does not mend it, bursting (2750·100 + 60 000) is cheaper than open cut
    # (3300·100 + 30 000); due by the second year
    burst = next(measure for measure in programme.measures if measure.asset == "C0")
    assert (burst.method, burst.cost) == ("pipe_bursting", pytest.approx(335_000))
    assert burst.window in {"2025", "2026"}
    assert "grade:C0" in burst.reasons
    # the plant lacks (100.1 - 90) mg/L · 100 L/s = 1.01 g/s; bursting keeps out 0.517·2 L/s, worth
    # 0.0951·1.034 = 0.098 g/s; a valve 0.9·8 L/s = 0.685 g/s; the weir 0.8·8 = 0.609 g/s for less money:
    # together with what else is cheapest at C1 (4 L/s)
    assert {asset for asset, _ in methods(programme)} >= {"C0", "O"}
    final = programme.outlook[-1]
    assert final.meets
    assert final.concentration >= 0.1001 * (1 - 1e-6)
    removed = sum(measure.flow_removed for measure in programme.measures)
    assert final.flow == pytest.approx(FLOW - removed)
    assert final.concentration == pytest.approx((FLOW * BOD - 0.005 * removed) / (FLOW - removed))
    assert programme.cost == pytest.approx(sum(measure.cost for measure in programme.measures))
    assert json.loads(programme.rules)["problem_length_m"] == {"": 100.0, "D": 100.0}
    assert set(made.notes) == {"plan.note.default-prices", "plan.note.default-rules"}


def test_what_is_filed_can_be_read_and_judged_again(city):
    made = plan_city(city, CODE, who="planner")
    filed = city.records(CODE, "programme", Programme, last_run=True)
    assert filed == [made.programme]
    judgement = verify_programme(city, CODE)
    assert judgement.holds
    assert judgement.programme == made.programme.id
    assert judgement.cost == pytest.approx(made.programme.cost)
    proof = read_proof(city.document(CODE, PROOF))
    proof.choice.windows[:] = 4  # everything in the last year: C0 comes too late, the share too
    broken = {entry.rule for entry in judge(proof).verdicts if not entry.holds}
    assert {"must", "share"} <= broken


def test_a_small_budget_is_named_in_words_of_both_languages(city, tmp_path):
    rules = tmp_path / "rules.json"
    rules.write_text('{"budget_wan_yuan": {"2025": 1, "2026": 1, "2027": 1, "2028": 1, "2029": 1}}', "utf-8")
    made = plan_city(city, CODE, rules=rules, who="planner")
    assert made.programme.status == "infeasible"
    assert {row.rule for row in made.relaxed} & {"budget"}
    assert any("预算 1 万元不够" in sentence for sentence in made.sentences("zh"))
    assert any("is too small" in sentence for sentence in made.sentences("en"))
    assert json.loads(made.programme.rules)["relaxations"]
    # the rules were kept as the city's own, and the next run takes them
    assert plan_city(city, CODE, who="planner").programme.status == "infeasible"


def test_prices_of_the_city_are_kept_and_said(city, tmp_path):
    prices = tmp_path / "prices.csv"
    prices.write_text(default_text().replace(",250,6250,0,60000,", ",250,62500,0,60000,"), "utf-8")
    made = plan_city(city, CODE, prices=prices, who="planner")
    assert made.programme.catalogue.startswith("city ")
    assert ("C0", "open_cut") in methods(made.programme)
    assert plan_city(city, CODE, who="planner").programme.catalogue == made.programme.catalogue


def test_nonsense_prices_and_rules_change_nothing(city, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(default_text().replace(",250,6250,", ",-250,-6250,"), "utf-8")
    with pytest.raises(BadInput):
        plan_city(city, CODE, prices=bad, who="planner")
    with pytest.raises(FileMissing):
        plan_city(city, CODE, rules=tmp_path / "none.json", who="planner")
    assert city.records(CODE, "programme", Programme) == []


def test_river_water_without_a_known_door_is_searched_for_along_the_bank(city):
    hidden = posterior(0.0)
    table = pq.read_table(io.BytesIO(hidden))
    river = pa.array([0.0, 0.008, 0.0, 0.0, 0.0])
    out = io.BytesIO()
    pq.write_table(table.set_column(table.column_names.index("river"), "river", river), out)
    with city.change(CODE, who="test", why="other posterior") as change:
        change.write_document(POSTERIOR, out.getvalue(), "application/vnd.apache.parquet")
    assert ("C1", "river_inlet") in methods(plan_city(city, CODE, who="planner").programme)


def test_an_area_that_certainly_loses_sewage_becomes_a_site(city):
    sure = Finding(
        "meter", "B1", "joint_inversion", "area_missing", 0.01, 0.006, 0.014, "m³/s", simulated=True
    )
    perhaps = replace(sure, asset="P", low=-0.001)
    with city.change(CODE, who="test", why="findings") as change:
        change.add_records("finding", [sure, perhaps])
    known = gather_evidence(city, CityState(city.network(CODE)))
    sites = gather_sites(known, default_rules(2025))
    rows = np.flatnonzero(sites.kind == "source")
    assert sites.ids[rows].tolist() == ["B1"]
    assert sites.plant[rows].tolist() == ["P"]
    assert sites.missing[rows].tolist() == [0.01]
    assert sites.units[rows].tolist() == [87.0]  # 864 m³/d, 10 m³/d for each set of premises
    # (9 g/s - 5 mg/L · 15 L/s of clean water) / (85 L/s of the rest)
    assert sites.sewage_bod[rows] == pytest.approx([(0.009 - 0.005 * 0.015) / 0.085])


def test_a_city_that_nobody_looked_at_is_refused(tmp_path):
    store = open_store(tmp_path / "store")
    with store.change(CODE, who="test", why="set up") as change:
        change.put_city(City(CODE, "小城", "mini", simulated=True))
        for table in sewers():
            change.put(table)
    with pytest.raises(NotEnoughData, match="nothing-to-plan"):
        plan_city(store, CODE, who="planner")


def test_a_filed_programme_carries_a_certificate_that_verify_recomputes(city, tmp_path):
    made = plan_city(city, CODE, who="planner").programme
    state = CityState(city.network(CODE))
    found = verify_plan(city, state, "en")
    assert found["holds"]
    assert found["certificate"]["cost"] == pytest.approx(made.cost)
    assert found["certificate"]["bound"] <= made.bound * (1 + 1e-9)
    file = write_certificate(proof_of(city, CODE, made.id, made.at), tmp_path / "out")
    checked = verify_certificate(file)
    assert (checked.status, checked.faults) == ("proved", ())
    assert checked.bound == pytest.approx(found["certificate"]["bound"])


def test_a_bound_that_its_prices_do_not_prove_fails_in_words(city):
    made = plan_city(city, CODE, who="planner").programme
    proof = read_proof(city.document(CODE, PROOF))
    false = replace(proof, grounds=replace(proof.grounds, bound=2 * made.cost))
    with city.change(CODE, who="forger", why="tampered") as change:
        change.write_document(PROOF, proof_document(false), PROOF_MEDIA)
    with city.change(CODE, who="forger", why="again") as change:
        change.add_records("programme", [made])
    found = verify_plan(city, CityState(city.network(CODE)), "en")
    assert not found["holds"]
    assert found["sums"] == ["The bound as recomputed is not the one stated."]
