"""A small city's choices: worked out, filed beside the programme, told in words, chosen by right."""

import json

import pytest
from fastapi.testclient import TestClient

from tests.services.plan_case import CODE, build
from wenqu.api.router import make_api
from wenqu.errors import BadInput, NotEnoughData, Refused, Unknown
from wenqu.messages import sentences
from wenqu.records.programme import Programme
from wenqu.services import start_why
from wenqu.services.choices_asked import Wanted, check_wanted
from wenqu.services.choose_plan import choose_plan
from wenqu.services.city_state import Cities, CityState
from wenqu.services.jobs import Jobs
from wenqu.services.plan_choices import work_out_choices
from wenqu.services.plan_city import plan_city
from wenqu.services.plan_why import view_why
from wenqu.services.programme_proof import verify_programme
from wenqu.services.programme_rules import city_rules
from wenqu.services.renew_why import renew_why
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.start_choices import start_choices, work_out
from wenqu.services.view_choices import view_choices, view_differences
from wenqu.services.whole_reading import demand_whole

LITTLE = Wanted(probabilities=(0.5, 0.8), knowing=1, draws=2)
READER = Person("reader", (Grant("public_reader", CODE),))
CLERK = Person("clerk", (Grant("district", CODE, "D"),))
OFFICE = Person("office", (Grant("city_office", CODE),))


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """Return the store, its programme and the shares told while its choices were worked out."""
    store = build(tmp_path_factory.mktemp("choices") / "store", bod=0.096, spread=0.004)
    programme = plan_city(store, CODE, who="planner").programme
    shares = []
    work_out_choices(store, CODE, LITTLE, who="planner", progress=shares.append)
    yield store, programme, shares
    store.close()


def shown(store, person=LOCAL, language="zh"):
    return view_choices(store, CityState(store.network(CODE)), person, language)


def current(store):
    return store.records(CODE, "programme", Programme, last_run=True)[-1]


def test_the_programme_stays_and_alternatives_are_kept_beside_it(worked):
    store, programme, shares = worked
    assert current(store).id == programme.id
    found = shown(store)
    assert [one["kind"] for one in found["alternatives"]] == [
        "probability",
        "probability",
        "budget",
        "later",
        "share",
    ]
    plain, sure = found["alternatives"][:2]
    assert plain["cost"] == pytest.approx(programme.cost)
    assert plain["against"] == {"cost": 0, "added": 0, "dropped": 0, "moved": 0, "otherwise": 0}
    assert sure["cost"] > plain["cost"]
    assert sure["chance"] > plain["chance"]
    assert sure["span"][0] <= sure["chance"] <= sure["span"][1]
    assert sure["against"]["cost"] == pytest.approx(sure["cost"] - programme.cost)
    assert all(one["bound"] <= one["cost"] * (1 + 1e-9) for one in found["alternatives"])
    assert found["found"]["programme"] == programme.id
    assert not found["stale"]
    assert found["simulated"]
    assert max(shares) == shares[-1] == 1.0


def test_the_chance_of_each_plant_has_its_interval(worked):
    rows = shown(worked[0])["found"]["plants"]
    assert {one["window"] for one in rows} == {"2025", "2026", "2027", "2028", "2029"}
    for one in rows:
        assert one["span"][0] <= one["chance"] <= one["span"][1]
        assert one["low"] < one["high"]
    due = [one for one in rows if one["window"] == "2029"]
    assert due[0]["chance"] < 0.8  # of a programme whose mean just reaches the target


def test_what_has_no_limit_is_not_solved_and_a_later_date_is(worked):
    steps = {one["kind"]: one for one in shown(worked[0])["found"]["steps"]}
    assert set(steps) == {"money", "crew", "month", "window"}
    assert not any(steps[kind]["limited"] for kind in ("money", "crew", "month"))
    assert steps["window"]["span"][0] <= steps["window"]["saved"] <= steps["window"]["span"][1]


def test_money_that_is_short_has_a_price_and_a_true_answer(tmp_path):
    store = build(tmp_path / "store", bod=0.096)
    free = plan_city(store, CODE, who="planner").programme
    spent = {
        window: sum(m.cost for m in free.measures if m.window == window) / 1e4 for window in free.windows
    }
    rules = tmp_path / "rules.json"
    budget = {window: max(money, 5.0) for window, money in spent.items()}
    body = {"budget_wan_yuan": budget, "crew_days": dict.fromkeys(budget, 60.0), "pace": 1}
    rules.write_text(json.dumps(body), encoding="utf-8")
    plan_city(store, CODE, rules=rules, who="planner")
    wanted = Wanted(probabilities=(), budget=1, later=0, share=0, knowing=0)
    found = work_out_choices(store, CODE, wanted, who="planner")
    steps = {(one["kind"], one["window"]): one for one in found["steps"]}
    assert {window for kind, window in steps if kind == "money"} == set(free.windows)
    for one in steps.values():
        assert one["limited"]
        assert one["status"] in {"proved", "feasible"}
        assert one["span"][0] - 1e-6 <= one["saved"] <= one["span"][1] + 1e-6
        assert one["kind"] == "window" or one["guess"] >= 0
    assert found["alternatives"] == 0
    store.close()


@pytest.mark.parametrize(("bod", "why"), [(0.3, "slack"), (0.04, "unreached")])
def test_where_nothing_is_worth_finding_out_the_reason_is_told(tmp_path, bod, why):
    """A plant far past its target needs no reserve; one far below keeps none with all works together."""
    store = build(tmp_path / "store", bod=bod, spread=0.004)
    plan_city(store, CODE, who="planner")
    found = work_out_choices(store, CODE, LITTLE, who="planner")
    assert found["knowing"] == []
    assert found["nothing"] == why
    for language in ("zh", "en"):
        assert f"choices.nothing.{why}" in sentences(language)
    store.close()


def test_where_a_length_cannot_be_had_it_is_no_matter_of_doubt(tmp_path):
    store = build(tmp_path / "store", bod=0.3, spread=0.004)
    second = city_rules(store, CODE).windows[1]
    rules = tmp_path / "rules.json"
    body = {"length_share": [{"by": second, "share": 1.0, "denominator_m": 1e5}]}
    rules.write_text(json.dumps(body), encoding="utf-8")
    plan_city(store, CODE, rules=rules, who="planner")
    found = work_out_choices(store, CODE, LITTLE, who="planner")
    assert (found["knowing"], found["nothing"]) == ([], "barred")
    for language in ("zh", "en"):
        assert "choices.nothing.barred" in sentences(language)
    store.close()


def test_where_something_is_worth_finding_out_no_reason_is_told(worked):
    found = shown(worked[0])["found"]
    assert found["knowing"]
    assert found["nothing"] == ""


def test_every_package_says_why_in_both_languages(worked):
    store, programme, _ = worked
    state = CityState(store.network(CODE))
    found = view_why(store, state, "zh")
    assert found["known"]
    assert found["in"] == len({row.package for row in programme.measures})
    burst = next(row for row in found["rows"] if row["package"] == "C0")
    assert burst["verdict"] == "in-must"
    assert "必须限期修复" in burst["said"]
    english = view_why(store, state, "en", asset="conduit/C0")["rows"]
    assert [row["package"] for row in english] == ["C0"]
    assert "must be mended" in english[0]["said"]
    out = view_why(store, state, "en", only="out")["rows"]
    assert out
    assert all(not row["chosen"] and row["said"].startswith("Out") for row in out)
    assert view_why(store, state, "zh", find="nothing-of-that-name")["count"] == 0


def test_a_rule_that_names_a_package_is_told_with_who_and_why(tmp_path):
    store = build(tmp_path / "store")
    first, second, *_ = city_rules(store, CODE).windows
    body = {
        "must_do": [{"name": "C1", "by": second, "reason": "floods", "who": "Bureau"}],
        "must_not": [{"name": "O", "reason": "goes with the quay"}],
        "moratoria": [{"of": "package", "name": "C2", "until": first, "methods": ["open_cut"]}],
        "precedence": [{"first": "C1", "then": "C2"}],
    }
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(body), encoding="utf-8")
    plan_city(store, CODE, rules=rules, who="planner")
    work_out_choices(
        store, CODE, Wanted(probabilities=(), budget=1, later=0, share=0, knowing=0), who="planner"
    )
    said = {
        row["package"]: row["said"] for row in view_why(store, CityState(store.network(CODE)), "en")["rows"]
    }
    must = f"it must be done by the end of {second} (reason: floods) (asked by Bureau)."
    assert must in said["C1"]
    assert "C2 waits for it." in said["C1"]
    assert f"Closed to open-cut renewal in {first}–{first}." in said["C2"]
    assert "Only after C1." in said["C2"]
    assert said["O"].endswith("it must not be done (reason: goes with the quay).")
    assert not any("rules say" in one for name, one in said.items() if name not in {"C1", "O"})
    assert view_why(store, CityState(store.network(CODE)), "en")["older"] == ""
    rules.write_text("{}", encoding="utf-8")
    made = plan_city(store, CODE, rules=rules, who="planner").programme
    older = view_why(store, CityState(store.network(CODE)), "en")["older"]
    assert made.id in older
    store.close()


@pytest.mark.parametrize("short", [False, True])
def test_reasons_are_worked_out_anew_for_the_programme_that_stands(short, tmp_path):
    """Also for one that cannot keep its rules: what it misses is weighed as far as it is reached."""
    store = build(tmp_path / "store", bod=0.096)
    plan_city(store, CODE, who="planner")
    renew_why(store, CODE, who="planner")
    before = view_why(store, CityState(store.network(CODE)), "en")
    assert (before["older"], before["held"]) == ("", "")
    second = city_rules(store, CODE).windows[1]
    body = {"length_share": [{"by": second, "share": 1.0, "denominator_m": 1e5}]} if short else {}
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps(body), encoding="utf-8")
    made = plan_city(store, CODE, rules=rules, who="planner").programme
    assert (made.status == "infeasible") == short
    where, archive = store.address
    shares = []
    told = start_why.work_out(
        {"where": where, "archive": archive, "city": CODE, "who": "boss"}, shares.append
    )
    assert told == {"programme": made.id}
    assert shares == sorted(shares)
    found = view_why(store, CityState(store.network(CODE)), "en")
    assert found["programme"] == made.id
    assert found["older"] == ""
    assert ("does not keep all rules" in found["held"]) == short
    assert found["in"] == len({row.package for row in made.measures})
    assert all(row["assets"] for row in found["rows"])
    burst = next(row for row in found["rows"] if row["package"] == "C0")
    assert burst["verdict"] == "in-must"
    store.close()


def test_nobody_but_who_decides_in_all_of_the_city_renews_the_reasons(worked, tmp_path):
    store = worked[0]
    for person in (READER, CLERK):
        with pytest.raises(Refused):
            start_why.start_why(Jobs(tmp_path), store, CODE, person)
    client = TestClient(make_api(Cities(store)), base_url="http://localhost")
    assert client.get(f"/api/v1/cities/{CODE}/plan/why").json()["may"]


def test_differences_are_told_package_by_package(worked):
    store, programme, _ = worked
    state = CityState(store.network(CODE))
    sure = shown(store)["alternatives"][1]
    rows = view_differences(store, state, sure["id"])["rows"]
    assert len(rows) >= sure["against"]["added"] + sure["against"]["dropped"]
    assert {row["kind"] for row in rows} <= {"added", "dropped", "changed"}
    ours = {row.package for row in programme.measures}
    assert all((row["kind"] == "added") == (row["package"] not in ours) for row in rows)
    with pytest.raises(Unknown):
        view_differences(store, state, "none")


def test_nobody_but_who_decides_in_all_of_the_city_starts_or_chooses(worked, tmp_path):
    store = worked[0]
    jobs = Jobs(tmp_path)
    id_ = shown(store)["alternatives"][1]["id"]
    for person in (READER, CLERK):
        with pytest.raises(Refused):
            start_choices(jobs, store, CODE, LITTLE, person)
        with pytest.raises(Refused):
            choose_plan(store, CODE, id_, person=person, reason="x")
        assert not shown(store, person)["may_choose"]
    assert shown(store, OFFICE)["may_choose"]
    demand_whole(SeenCities(Cities(store), READER).store, CODE)
    with pytest.raises(Refused):  # reads a district: a programme speaks of the whole
        demand_whole(SeenCities(Cities(store), CLERK).store, CODE)
    with pytest.raises(BadInput):
        start_choices(jobs, store, CODE, Wanted(draws=1), LOCAL)


def test_the_routes_answer_and_guard(worked):
    client = TestClient(make_api(Cities(worked[0])), base_url="http://localhost")
    answer = client.get(f"/api/v1/cities/{CODE}/plan/choices")
    assert answer.status_code == 200
    id_ = answer.json()["alternatives"][1]["id"]
    assert client.get(f"/api/v1/cities/{CODE}/plan/choices/{id_}").json()["rows"]
    assert client.get(f"/api/v1/cities/{CODE}/plan/choices/none").status_code == 404
    why = client.get(f"/api/v1/cities/{CODE}/plan/why", params={"asset": "conduit/C0"})
    assert len(why.json()["rows"]) == 1
    refused = client.post(f"/api/v1/cities/{CODE}/plan/choices/{id_}/choose", json={"reason": " "})
    assert refused.status_code == 422 or refused.json()["code"] == "bad-input.choice-reason"
    assert client.post(f"/api/v1/cities/{CODE}/plan/choices", json={"draws": 1}).status_code == 422


def test_choosing_one_makes_it_the_programme_with_its_rules_and_proof(tmp_path):
    store = build(tmp_path / "store", bod=0.096, spread=0.004)
    before = plan_city(store, CODE, who="planner").programme
    where, archive = store.address
    wanted = {"probabilities": [0.8], "budget": 1, "later": 0, "share": 0, "knowing": 0, "draws": 2}
    told = work_out(
        {"where": where, "archive": archive, "city": CODE, "who": "boss", "wanted": wanted},
        lambda _share: None,
    )
    assert told["alternatives"] == 1
    one = shown(store)["alternatives"][0]
    with pytest.raises(BadInput):
        choose_plan(store, CODE, one["id"], person=OFFICE, reason=" ")
    made = choose_plan(store, CODE, one["id"], person=OFFICE, reason="会议决定")
    now = current(store)
    assert (now.id, now.by) == (made.id, "office")
    assert now.cost > before.cost
    assert json.loads(now.rules)["probability"] == 0.8
    judged = verify_programme(store, CODE)
    assert judged.programme == now.id
    assert judged.holds
    assert judged.cost == pytest.approx(now.cost)
    assert "会议决定" in store.changes(CODE)[0].why
    after = shown(store)
    assert after["stale"]
    assert after["alternatives"][0]["current"]
    again = plan_city(store, CODE, who="planner").programme  # its rules are the city's now
    assert again.cost == pytest.approx(now.cost)
    store.close()


def test_a_city_without_a_programme_says_so(tmp_path):
    store = build(tmp_path / "store")
    with pytest.raises(NotEnoughData):
        work_out_choices(store, CODE, LITTLE, who="x")
    assert shown(store)["found"] is None
    store.close()


@pytest.mark.parametrize(
    "wrong",
    [{"probabilities": (0.2,)}, {"budget": 0}, {"later": -1}, {"share": 1}, {"money": 0}, {"draws": 99}],
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(BadInput):
        check_wanted(Wanted(**wrong))
