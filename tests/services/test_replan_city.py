"""A programme is made anew: what stands stays, facts are named, little is changed, and it is filed or not."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from tests.services.test_plan_city import BOD, CODE, FLOW, built, posterior  # noqa: F401 - a fixture
from wenqu.errors import BadInput, NotEnoughData, Refused, Unknown
from wenqu.network.model import link_lengths
from wenqu.planning.costs import read_catalogue
from wenqu.records.acceptance import ACCEPTED, WITHDRAWN, Acceptance, AsBuilt
from wenqu.records.money import Contract, Variation
from wenqu.records.programme import Programme
from wenqu.records.project import Lot, Party, PipeWork, Project
from wenqu.records.replan import Replan
from wenqu.records.verification import Judgement, Verification
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import POSTERIOR
from wenqu.services.file_replan import file_replan
from wenqu.services.plan_city import RULES, plan_city
from wenqu.services.programme_difference import programme_difference
from wenqu.services.relax_rules import relax_rules, relaxations
from wenqu.services.replan_asked import Asked
from wenqu.services.replan_city import REPLAN, replan_city
from wenqu.services.rights import LOCAL, NOBODY, Grant, Person
from wenqu.services.verify_plan import verify_plan
from wenqu.services.view_replan import (
    told_facts,
    view_difference,
    view_history,
    view_proposal,
    what_to_ask,
)
from wenqu.store.database import open_store

BOSS = replace(LOCAL, account="boss")
HALF = Person("half", (Grant("district", CODE, "D"),))
CREW = (Party("owner", "Bureau"), Party("contractor", "Builders"))


@pytest.fixture(scope="module")
def planned(built, tmp_path_factory):  # noqa: F811
    """The folder of a city with its first programme: C1 lined, a flap at O, C0 burst by 2026."""
    folder = tmp_path_factory.mktemp("replan") / "store"
    shutil.copytree(built, folder)
    store = open_store(folder)
    plan_city(store, CODE, who="planner")
    store.close()
    return folder


@pytest.fixture
def city(planned, tmp_path):
    shutil.copytree(planned, tmp_path / "store")
    store = open_store(tmp_path / "store")
    yield store
    store.close()


def base_of(store):
    return store.records(CODE, "programme", Programme)[-1]


def again(store, **asked):
    return replan_city(store, CODE, Asked(**asked), who="planner", seconds=10)


def lines(programme):
    return {(one.asset, one.method, one.window) for one in programme.measures}


def state_of(store):
    return CityState(store.network(CODE))


def let(store, *pipes, method="cipp_whole", parties=CREW, **more):
    """File a project with one lot of some pipes."""
    table = state_of(store).network.table("conduit")
    long = dict(zip(table.ids.tolist(), link_lengths(table).tolist(), strict=True))
    works = tuple(PipeWork(pipe, method, length=long.get(pipe, np.nan)) for pipe in pipes)
    project = Project("P1", "project", (Lot("L1", "lot", works),), parties, "D", simulated=True, **more)
    with store.change(CODE, who="boss", why="project") as change:
        change.add_records("project", [project])


def accept(store, pipe, day, method="cipp_whole"):
    made = AsBuilt(f"B-{pipe}", "P1", "L1", pipe, day, method, simulated=True)
    with store.change(CODE, who="boss", why="built") as change:
        change.add_records("as_built", [made])
    with store.change(CODE, who="boss", why="accepted") as change:
        change.add_records(
            "acceptance", [Acceptance(f"A-{pipe}", "P1", "L1", pipe, day, ACCEPTED, "Bureau", simulated=True)]
        )


def judged(store, change_, methods=(("cipp_whole", 1.0),), id_="V1"):
    """File a verification that expected 10 % less flow, with its verdict."""
    asked = Verification(
        id_, "verification", "B1", "", "day", "2024-06-01", 90, 0.1, 0.025, 0.0, 0.8, 0.05, 0.05, 0.0, 0.01,
        "ahead", 5, 1.0, "2024-01-01", "2024-05-01", "boss", methods, simulated=True,
    )  # fmt: skip
    verdict = "seen" if change_ < -0.05 else "not_seen"
    word = Judgement(
        id_, "B1", verdict, change_, change_ - 0.02, change_ + 0.02, 0.01, 0.05, 90, "2024-06-01",
        "2024-12-01", "none", 0.1, "2024-12-02", "boss", simulated=True,
    )  # fmt: skip
    with store.change(CODE, who="boss", why="verification") as change:
        change.add_records("verification", [asked])
        change.add_records("judgement", [word])


def contract(store, yuan, id_="K1", purpose="renewal"):
    """File a contract on the lot."""
    made = Contract(
        id_, id_, "P1", "L1", "Builders", purpose, round(100 * yuan),
        "2024-01-05", "2024-02-01", "2025-12-31", simulated=True,
    )  # fmt: skip
    with store.change(CODE, who="boss", why="contract") as change:
        change.add_records("contract", [made])


def test_what_stands_costs_what_its_contract_says_with_the_variations_that_count(city):
    let(city, "C1")
    before = next(one for one in again(city).programme.measures if one.asset == "C1")
    assert before.cost == 349_000  # as it was announced
    contract(city, 500_000)
    contract(city, 30_000, id_="K2", purpose="design")  # no works
    made = again(city)
    assert next(one.cost for one in made.programme.measures if one.asset == "C1") == pytest.approx(500_000)
    fact = next(one for one in made.facts if one.kind == "contract-price")
    assert (fact.about, fact.before, fact.after, fact.assets) == ("P1/L1", 349_000, 500_000, ("C1",))
    assert "500,000" in told_facts([fact], "en", state_of(city))[0]["said"]
    word = Variation("V", "K1", "change", -2_000_000, "2024-06-01", "less", "boss", simulated=True)  # [fen]
    with city.change(CODE, who="boss", why="variation") as change:
        change.add_records("variation", [word])
    made = again(city)
    assert next(one.cost for one in made.programme.measures if one.asset == "C1") == pytest.approx(480_000)
    filed = file_replan(city, CODE, made.id, why="tendered", person=BOSS)
    assert filed.cost == pytest.approx(made.programme.cost)
    assert [one.kind for one in again(city).facts if one.kind == "contract-price"] == []  # it is known now
    assert verify_plan(city, state_of(city), "en")["holds"]


def test_a_contract_is_split_over_its_pipes_as_payments_are(city):
    let(city, "C0", "C1")
    contract(city, 900_000)
    cost = {one.asset: one.cost for one in again(city).programme.measures}
    table = state_of(city).network.table("conduit")
    long = dict(zip(table.ids.tolist(), link_lengths(table).tolist(), strict=True))
    assert cost["C0"] + cost["C1"] == pytest.approx(900_000)
    assert cost["C0"] / cost["C1"] == pytest.approx(long["C0"] / long["C1"], rel=1e-3)


def test_nothing_new_changes_nothing(city):
    made = again(city)
    assert lines(made.programme) == lines(base_of(city))
    assert (made.facts, made.change_price, made.keeping, made.assumed) == ((), 0.0, (), False)
    assert base_of(city).id == made.base  # the programme that stands is not touched
    assert made.programme.cost == pytest.approx(829_000)


def test_a_dear_method_is_replaced_and_only_there(city):
    made = again(city, prices=(("pipe_bursting", 10.0),))
    # bursting costs 27 500·100 + 600 000 now; open cut 360 000: 25 000 more than was announced
    assert {one for one in lines(made.programme) if one[0] != "C0"} == {
        one for one in lines(base_of(city)) if one[0] != "C0"
    }
    (window,) = [one[2] for one in lines(base_of(city)) if one[0] == "C0"]
    assert ("C0", "open_cut", window) in lines(made.programme)
    assert made.change_price == 10_000  # one package by another method
    (fact,) = made.facts
    assert (fact.kind, fact.about, fact.before, fact.after) == ("price", "pipe_bursting", 2750, 27500)
    told = programme_difference(base_of(city), made.programme, made.facts)
    (row,) = told["rows"]
    assert (row["what"], row["assets"], row["because"]) == ("method", ["C0"], [0])
    assert row["cost_after"] - row["cost_before"] == pytest.approx(25_000)
    assert {one["what"]: one["count"] for one in told["sums"]} == {
        "in": 0, "out": 0, "moved": 0, "method": 1, "price": 0, "same": 2,
    }  # fmt: skip


def test_a_change_that_saves_less_than_its_price_is_not_made(city):
    dear = (("pipe_bursting", 365 / 335),)  # 365 000 yuan at C0: open cut would save 5 000
    kept = again(city, prices=dear)
    assert lines(kept.programme) == lines(base_of(city))
    assert kept.programme.cost == pytest.approx(859_000)
    assert kept.programme.bound == pytest.approx(854_000)  # what a programme without a past would cost
    for prices in ({"moved": 0, "method": 0, "dropped": 0, "added": 0}, {"method": 4_000}):
        other = again(city, prices=dear, rules=json.dumps({"change_price_yuan": prices}))
        assert ("C0", "open_cut") in {one[:2] for one in lines(other.programme)}
        assert other.programme.cost == pytest.approx(854_000)
        assert other.change_price == prices["method"]


def test_works_under_contract_stay_whatever_they_cost(city):
    let(city, "C1")
    made = again(city, prices=(("cipp_whole", 50.0),))
    (kept,) = [one for one in made.programme.measures if one.asset == "C1"]
    (window,) = [one[2] for one in lines(base_of(city)) if one[0] == "C1"]
    assert (kept.method, kept.cost, kept.window) == ("cipp_whole", 349_000, window)
    assert "fixed:contract:P1/L1" in kept.reasons
    assert "contract" in {one.kind for one in made.facts}
    free = again(city, prices=(("cipp_whole", 50.0),), cancelled=("P1/L1",))
    assert ("C1", "cipp_whole") not in {one[:2] for one in lines(free.programme)}
    assert free.assumed


def test_a_project_that_was_not_let_binds_nobody(city):
    let(city, "C1", parties=CREW[:1])
    assert again(city).facts == ()


def test_an_accepted_pipe_is_done_and_its_effect_counts_once(city):
    let(city, "C1")
    accept(city, "C1", "2023-06-01")  # before the first reading: the plant's 90 mg/L have it already
    made = again(city)
    assert {one.kind for one in made.facts} == {"accepted"}
    outlook = made.programme.outlook[-1]
    chosen = [one for one in made.programme.measures if one.asset != "C1"]
    removed = sum(one.flow_removed for one in chosen)
    assert outlook.flow == pytest.approx(FLOW - removed)  # C1 takes nothing off again
    # 100.1 mg/L would take 1.01 g/s more: flap 0.685, C0 0.111, C2 0.068 are all there is
    assert made.programme.status == "infeasible"
    assert {row["rule"] for row in json.loads(made.programme.rules)["relaxations"]} == {"share"}
    late = again_with(city, "2024-12-31")
    removed = sum(one.flow_removed for one in late.programme.measures)
    assert late.programme.outlook[-1].flow == pytest.approx(FLOW - removed)  # no reading shows it: it counts
    assert late.programme.outlook[-1].concentration == pytest.approx(
        (FLOW * BOD - 0.005 * removed) / (FLOW - removed)
    )


def again_with(store, day):
    """Plan again as if C1 had been finished on another day."""
    made = AsBuilt("B-2", "P1", "L1", "C1", day, "cipp_whole", simulated=True)
    with store.change(CODE, who="boss", why="built") as change:
        change.add_records("as_built", [made])
    return again(store)


def test_half_a_year_of_readings_shows_half_the_effect(city):
    let(city, "C1")
    accept(city, "C1", "2024-07-01")  # readings run from 1 January to 30 December 2024
    made = again(city)
    (done,) = [one for one in made.programme.measures if one.asset == "C1"]
    rest = sum(one.flow_removed for one in made.programme.measures if one.asset != "C1")
    left = FLOW - made.programme.outlook[-1].flow - rest
    assert left == pytest.approx(done.flow_removed * (1 - 182 / 364), rel=1e-6)


def test_an_acceptance_that_was_taken_back_is_a_contract_again(city):
    let(city, "C1")
    accept(city, "C1", "2024-12-31")
    first = again(city)
    file_replan(city, CODE, first.id, why="works accepted", person=BOSS)
    with city.change(CODE, who="boss", why="withdrawn") as change:
        gone = Acceptance(
            "A-2", "P1", "L1", "C1", "2025-01-02", WITHDRAWN, "Bureau", reason="test failed", simulated=True
        )
        change.add_records("acceptance", [gone])
    facts = again(city).facts
    assert [(one.kind, one.assets) for one in facts] == [("lapsed", ("C1",))]


def test_a_failed_verification_lowers_the_effect_and_the_plan_does_more(city):
    judged(city, 0.0)
    made = again(city)
    (fact,) = made.facts
    assert (fact.kind, fact.about, fact.ids) == ("effect", "cipp_whole", ("V1",))
    assert fact.after < fact.before
    assert made.keeping  # what was announced would miss the plant's target now
    assert made.programme.outlook[-1].meets
    assert made.programme.cost > base_of(city).cost
    told = programme_difference(base_of(city), made.programme, made.facts)
    (row,) = told["rows"]  # C0 is dug up instead of burst: it keeps more out
    assert (row["assets"], row["because"], row["through"]) == (["C0"], [], [0])


def test_a_verification_may_be_assumed_to_fail_but_that_cannot_be_filed(city):
    judged(city, -0.1)
    good, bad = again(city), again(city, failed=("V1",))
    assert bad.programme.cost > good.programme.cost
    assert {one.assumed for one in bad.facts if one.kind == "effect"} == {True}
    with pytest.raises(Refused, match="replan-assumed"):
        file_replan(city, CODE, bad.id, why="what if", person=BOSS)
    with pytest.raises(Unknown):
        again(city, failed=("none",))


def test_an_effect_that_is_learned_otherwise_through_an_assumed_failure_is_assumed_too(city):
    judged(city, -0.1)
    judged(city, -0.06, (("cipp_whole", 0.5), ("open_cut", 0.5)), "V2")
    facts = {one.about: one for one in again(city, failed=("V1",)).facts if one.kind == "effect"}
    assert facts["open_cut"].ids == ("V2",)  # which did not fail: but now it says less of the lining
    assert {about: one.assumed for about, one in facts.items()} == {"cipp_whole": True, "open_cut": True}
    assert not any(one.assumed for one in again(city).facts)


def test_new_findings_bring_packages_in_and_out(city):
    with city.change(CODE, who="test", why="other posterior") as change:
        change.write_document(POSTERIOR, posterior(0.0), "application/vnd.apache.parquet")
    made = again(city)
    assert {one.kind for one in made.facts} == {"findings"}
    told = programme_difference(base_of(city), made.programme, made.facts)
    assert "O" in {row["assets"][0] for row in told["rows"] if row["what"] == "out"}


def test_years_that_are_over_take_no_works_and_their_dates_move_on(city):
    from wenqu.series.model import series

    days = np.arange("2026-12-01", "2027-01-01", dtype="datetime64[D]").astype("datetime64[s]")
    readings = [
        series("P", name, days, np.full(len(days), value), simulated=True)
        for name, value in (("flow", FLOW), ("bod5", BOD))
    ]
    city.write_series(CODE, readings)
    made = again(city)
    assert made.overdue == ("2026",)  # C0 was due
    assert min(one.window for one in made.programme.measures) == "2027"
    assert "time" in {one.kind for one in made.facts}
    changes = json.loads(made.programme.rules)["replan"]["changes"]
    assert changes["moved"] == 3
    assert made.change_price == 3 * 5_000 + changes["added"] * 20_000


def test_a_proposal_is_filed_with_its_rules_prices_and_proof(city):
    made = again(city, prices=(("pipe_bursting", 10.0),), rules='{"pace": 0.9}')
    filed = file_replan(city, CODE, made.id, why="the tender was dear", person=BOSS)
    assert base_of(city) == filed
    assert filed.by == "boss"
    book = read_catalogue(city.document(CODE, "catalogue.csv").decode())
    assert book.method("pipe_bursting").price_b == 62_500
    assert json.loads(city.document(CODE, RULES))["pace"] == 0.9
    assert verify_plan(city, state_of(city), "en")["holds"]
    assert city.changes(CODE)[0].why == "plan: the tender was dear"
    with pytest.raises(Refused, match="replan-stale"):
        file_replan(city, CODE, made.id, why="twice", person=BOSS)
    assert again(city).facts == ()  # what was new is known now
    history = view_history(city, state_of(city))["rows"]
    assert [one["id"] for one in history] == [filed.id, made.base]
    told = view_difference(city, state_of(city), made.base, filed.id, "en")
    assert [row["what"] for row in told["rows"]] == ["method"]
    assert "2,750 yuan before, 27,500 yuan now" in told["facts"][0]["said"]


def test_a_proposal_that_does_not_know_the_latest_is_not_filed(city):
    made = again(city)
    let(city, "C1")
    with pytest.raises(Refused, match="replan-moved"):
        file_replan(city, CODE, made.id, why="late", person=BOSS)


def test_who_may_not_cannot(city):
    made = again(city)
    for person, error in ((NOBODY, "sign-in"), (HALF, "rights-part"), (Person("x"), "rights")):
        with pytest.raises(Refused, match=error):
            file_replan(city, CODE, made.id, why="x", person=person)
        with pytest.raises(Refused, match=error):
            relax_rules(city, CODE, made.base, [], why="x", person=person)
    with pytest.raises(BadInput, match="replan-why"):
        file_replan(city, CODE, made.id, why="  ", person=BOSS)
    assert len(city.records(CODE, "programme", Programme)) == 1
    assert not what_to_ask(city, state_of(city), HALF, "en")["may"]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"prices": (("cipp", -1.0),)}, "replan-price"),
        ({"prices": (("cipp", float("nan")),)}, "replan-price"),
        ({"prices": (("cipp", 1e6),)}, "replan-price"),
        ({"prices": (("magic", 2.0),)}, "catalogue-method"),
        ({"rules": "not json"}, "rules-json"),
        ({"rules": '{"budget_wan_yuan": {"2025": -1}}'}, "rules-value"),
        ({"rules": '{"wish": 1}'}, "rules-name"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(city, asked, error):
    with pytest.raises(BadInput, match=error):
        again(city, **asked)
    assert city.records(CODE, REPLAN, Replan) == []


def test_a_budget_of_zero_says_what_it_would_take_and_one_step_makes_it_possible(city):
    none = json.dumps({"budget_wan_yuan": dict.fromkeys(("2025", "2026", "2027", "2028", "2029"), 0)})
    made = again(city, rules=none)
    assert made.programme.status == "infeasible"
    file_replan(city, CODE, made.id, why="no money", person=BOSS)
    found = relaxations(city, state_of(city), "zh")
    assert any("预算 0 万元不够" in row["said"] for row in found["rows"])
    relax_rules(city, CODE, found["programme"], [], why="council gives it", person=BOSS)
    assert city.changes(CODE)[0].why == "rules: council gives it"
    after = again(city)
    assert after.programme.status != "infeasible"
    assert json.loads(after.programme.rules)["relaxations"] == []
    assert "rule" in {one.kind for one in after.facts}


def test_what_must_be_mended_and_must_not_be_touched_is_done_before_its_date_goes(city):
    made = again(city, rules=json.dumps({"must_not": [{"name": "C0", "reason": "road works"}]}))
    assert "must" in {row["rule"] for row in json.loads(made.programme.rules)["relaxations"]}
    file_replan(city, CODE, made.id, why="road works", person=BOSS)
    found = relaxations(city, state_of(city), "en")
    patch = next(row["patch"] for row in found["rows"] if row["rule"] == "must")
    assert patch == {"must_not": []}
    relax_rules(city, CODE, found["programme"], [], why="the road waits", person=BOSS)
    after = json.loads(again(city).programme.rules)
    assert (after["must_not"], after["must_by"] != "", after["relaxations"]) == ([], True, [])


def test_a_length_that_is_missed_for_what_must_not_be_done_offers_the_cause_before_the_target(city):
    rules = {
        "must_not": [{"name": "C0", "reason": "road works"}], "must_by": "", "capacity_share": [],
        "length_share": [{"by": "2029", "share": 1.0}],
    }  # fmt: skip
    made = again(city, rules=json.dumps(rules))
    missed = json.loads(made.programme.rules)["relaxations"]
    assert {row["rule"] for row in missed} == {"length"}
    file_replan(city, CODE, made.id, why="road works", person=BOSS)
    found = relaxations(city, state_of(city), "en")
    (row,) = found["rows"]
    assert (row["cause"], row["patch"]) == (["C0"], {"must_not": []})
    assert row["instead"]["length_share"][0]["share"] < 1.0
    told = relax_rules(city, CODE, found["programme"], [0], why="less will do", person=BOSS, instead=True)
    assert "must_not" not in told
    assert again(city).programme.status != "infeasible"
    relax_rules(city, CODE, found["programme"], [], why="the road waits", person=BOSS)
    after = json.loads(again(city).programme.rules)
    assert (after["must_not"], after["relaxations"]) == ([], [])


def test_an_unreachable_threshold_says_what_can_be_reached(city):
    from wenqu.network.model import assets

    with city.change(CODE, who="test", why="higher target") as change:
        change.put(assets("plant", ["P"], {"capacity": [0.2], "bod_target": [0.3], "kind": ["municipal"]}))
    made = again(city)
    assert made.programme.status == "infeasible"
    file_replan(city, CODE, made.id, why="higher target", person=BOSS)
    found = relaxations(city, state_of(city), "en")
    share = next(row for row in found["rows"] if row["rule"] == "share")
    assert "even with free money only 0.0% can" in share["said"]
    (plant,) = found["plants"]
    assert (plant["wanted"], plant["can"]) == (pytest.approx(300.1), False)
    assert 100 < plant["best"] < 110  # all clean water kept out: 8.95 g/s in about 84 L/s
    relax_rules(city, CODE, found["programme"], [found["rows"].index(share)], why="not in reach", person=BOSS)
    assert again(city).programme.status != "infeasible"


def test_a_plant_without_load_is_named(city, tmp_path):
    from wenqu.network.model import assets

    with city.change(CODE, who="test", why="another plant") as change:
        change.put(
            assets("plant", ["P", "Q"], {"capacity": [0.2, 0.3], "bod_target": [0.1, 0.1],
                                         "kind": ["municipal"] * 2})
        )  # fmt: skip
    made = again(city)
    assert made.programme.status == "infeasible"  # 60 % of the capacity: nobody knows
    file_replan(city, CODE, made.id, why="new plant", person=BOSS)
    unknown = [one for one in relaxations(city, state_of(city), "en")["plants"] if one["best"] is None]
    assert [one["plant"] for one in unknown] == ["Q"]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("cost", 1.0, "is stated to cost 1.00 yuan"),
        ("window", "2029", "is stated for 2029; the proof has"),
        ("flow_removed", 1.0, "keep out 86400.000"),
        ("option", "C1:magic", "is not in the proof"),
    ],
)
def test_a_tampered_line_fails_and_is_named(city, field, value, said):
    good = base_of(city)
    assert verify_plan(city, state_of(city), "en")["holds"]
    bad = replace(good, measures=(replace(good.measures[0], **{field: value}), *good.measures[1:]))
    with city.change(CODE, who="forger", why="tampered") as change:
        change.add_records("programme", [bad])
    found = verify_plan(city, state_of(city), "en")
    assert not found["holds"]
    assert any(said in row["said"] for row in found["lines"])
    assert found["lines"][0]["asset"] == good.measures[0].asset


def test_a_dropped_line_a_lower_bound_and_a_wrong_sum_fail(city):
    good = base_of(city)
    for bad in (replace(good, measures=good.measures[1:]), replace(good, bound=1.0), replace(good, cost=1.0)):
        with city.change(CODE, who="forger", why="tampered") as change:
            change.add_records("programme", [bad])
        assert not verify_plan(city, state_of(city), "en")["holds"]


def test_a_tampered_line_of_what_stands_fails_too(city):
    let(city, "C1")
    made = file_replan(city, CODE, again(city).id, why="let", person=BOSS)
    assert verify_plan(city, state_of(city), "en")["holds"]
    row = next(place for place, one in enumerate(made.measures) if one.asset == "C1")
    measures = list(made.measures)
    measures[row] = replace(measures[row], cost=1.0)
    with city.change(CODE, who="forger", why="tampered") as change:
        change.add_records("programme", [replace(made, measures=tuple(measures))])
    assert [one["asset"] for one in verify_plan(city, state_of(city), "zh")["lines"]] == ["C1"]


def test_what_can_be_asked_and_a_proposal_are_told(city):
    let(city, "C1")
    judged(city, 0.0)
    found = what_to_ask(city, state_of(city), BOSS, "zh")
    assert found["may"]
    assert {one["kind"] for one in found["facts"]} == {"contract", "effect"}
    assert [(one["id"], one["pipes"], one["accepted"]) for one in found["lots"]] == [("P1/L1", 1, 0)]
    assert [(one["id"], one["verdict"]) for one in found["verifications"]] == [("V1", "not_seen")]
    made = again(city, accepted=("P1/L1",))
    told = view_proposal(city, state_of(city), made.id, BOSS, "zh")
    assert told["assumed"]
    assert "含有假设" in told["refused"]
    first = base_of(city).outlook[0]
    assert told["plants"][0]["windows"][0]["before"] == pytest.approx(1000 * first.concentration, abs=0.01)
    with pytest.raises(Unknown):
        view_proposal(city, state_of(city), "none", BOSS, "zh")
    with pytest.raises(NotEnoughData):
        relax_rules(city, CODE, made.base, [], why="x", person=BOSS)


def test_an_assumption_that_was_changed_is_a_told_fact(city):
    from wenqu.services.plan_assumptions import keep_assumptions

    keep_assumptions(city, CODE, {"migration": 0.1, "industry_bod": 0.02}, person=BOSS, reason="measured")
    said = [one["said"] for one in told_facts(again(city).facts, "en", state_of(city))]
    assert any("0 before, 0.1 now" in one for one in said)
    assert any("30 mg/L before, 20 mg/L now" in one for one in said)
