"""Nobody over anybody else's head: every step says what it had seen; overlapping problems become one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from tests.services.test_problems import (
    CITY,
    CREW,
    EAST,
    EYES,
    LIFE,
    READER,
    WEST,
    found,
    look,
    state,
    store,
    take,
)
from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused, Unknown, WenquError
from wenqu.records.problem import Problem, ProblemEvent
from wenqu.services.city_state import Cities
from wenqu.services.find_problems import find_problems
from wenqu.services.grade_city import grade_city
from wenqu.services.merged_problems import overlap
from wenqu.services.problem_ledger import ledger
from wenqu.services.report_problem import report_problem
from wenqu.services.split_problem import Part, split_problem
from wenqu.services.step_problem import Asked, step_problems
from wenqu.services.view_problems import view_after, view_problem, view_problems
from wenqu.works.problem_tables import steps

__all__ = ["store"]
FACTS = {
    "note": "x", "body": "b", "due": "2099-01-01", "evidence": ("report.pdf",), "district": "W",
    "others": ("P-x",),
}  # fmt: skip


@pytest.mark.parametrize("step", sorted(set(steps()) - {"note"}))
def test_no_step_is_taken_on_a_state_that_somebody_else_has_changed(store, step):
    id_ = found(store)["p2"]
    take(store, id_, "confirm", EAST, seen=0)
    with pytest.raises(Refused, match="problem-moved") as caught:
        take(store, id_, step, CITY, seen=0, **FACTS)
    assert (caught.value.facts["who"], caught.value.facts["problem"]) == ("east", id_)
    assert ledger(store, "c")[id_].version == 1


def test_a_word_about_it_is_taken_whatever_happened_meanwhile(store):
    id_ = found(store)["p2"]
    take(store, id_, "confirm", EAST, seen=0)
    assert take(store, id_, "note", CITY, seen=0, note="seen").version == 2


def test_a_hand_over_that_moved_is_neither_taken_nor_declined_unseen(store):
    id_ = found(store)["p2"]
    take(store, id_, "hand_over", EAST, district="W", note="border", seen=0)
    take(store, id_, "note", EAST, note="the plan is attached")
    for step in ("take_over", "decline"):
        with pytest.raises(Refused, match="problem-moved"):
            take(store, id_, step, WEST, note="no", seen=1)
    assert take(store, id_, "take_over", WEST, seen=2).district == "W"


def test_a_district_can_choose_the_one_it_hands_over_to_by_number_though_it_sees_nothing_of_it(store):
    id_ = found(store)["p2"]
    mine = Cities(store).state("c")
    named = [zone["name"] for zone in view_problem(store, mine, id_, EAST)["districts"]]
    assert named == ["东区", "W"]
    assert view_problem(store, mine, id_, READER)["districts"] == []


def test_who_declines_is_told_that_it_is_not_theirs_any_more(store):
    id_ = found(store)["p2"]
    take(store, id_, "hand_over", EAST, district="W", note="border")
    take(store, id_, "decline", WEST, note="not ours")
    assert view_after(store, state(store), id_, WEST) == {"id": id_, "gone": True}
    assert view_after(store, state(store), id_, EAST)["state"] == "found"


def test_a_split_on_an_old_state_makes_no_parts(store):
    id_ = found(store)["p2"]
    take(store, id_, "confirm", EAST)
    with pytest.raises(Refused, match="problem-moved"):
        split_problem(store, "c", id_, [Part(0, 40), Part(40, 100)], person=CITY, seen=0)
    assert len(ledger(store, "c")) == 2
    assert len(split_problem(store, "c", id_, [Part(0, 40), Part(40, 100)], person=CITY, seen=1)) == 2


def test_of_two_people_at_the_same_moment_one_steps_and_the_other_is_told(store):
    id_ = found(store)["p2"]

    def go(who):
        try:
            return take(store, id_, "refuse" if who is CITY else "confirm", who, note="x", seen=0).state
        except WenquError as error:
            return str(error)

    with ThreadPoolExecutor(2) as both:
        told = list(both.map(go, (CITY, EAST)))
    assert [one in {"confirmed", "refused"} for one in told].count(True) == 1
    assert any("problem-moved" in one for one in told)
    assert ledger(store, "c")[id_].version == 1


def test_several_take_a_step_together_or_none_does(store):
    ids = found(store)
    take(store, ids["p1"], "confirm", EAST)
    stale = [(ids["p2"], 0), (ids["p1"], 0)]
    with pytest.raises(Refused, match="problem-moved") as caught:
        step_problems(store, "c", stale, Asked("refuse", note="x"), person=CITY)
    assert caught.value.facts["problem"] == ids["p1"]
    assert [one.version for one in ledger(store, "c").values()].count(0) == 1
    take(store, ids["p2"], "confirm", EAST)
    fresh = [(ids["p2"], 1), (ids["p1"], 1)]
    asked = Asked("assign", body="group", id="phone-7")
    made = step_problems(store, "c", fresh, asked, person=CITY)
    assert [one.state for one in made] == ["assigned", "assigned"]
    again = step_problems(store, "c", fresh, asked, person=CITY)  # sent twice: counts once
    assert [one.version for one in again] == [2, 2]
    with pytest.raises(BadInput, match="problem-chosen"):
        step_problems(store, "c", [fresh[0], fresh[0]], Asked("note", note="x"), person=CITY)
    with pytest.raises((Refused, Unknown)):
        step_problems(store, "c", [(ids["p2"], 2), (ids["p1"], 2)], Asked("set_due"), person=WEST)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [((0, 14), (14, 28), False), ((0, 14), (13, 28), True), ((5, 5), (5, 9), True), ((5, 5), (6, 9), False)],
    ids=["parts of a split only touch", "they overlap", "a point at an end", "a point beside"],
)
def test_what_only_touches_is_not_proposed_as_one(one, other, told):
    made = [
        Problem("P", "conduit", "p", "structural", "cctv", "", 2, start=a, end=b) for a, b in (one, other)
    ]
    assert overlap(*made) is told


def seen_twice(store):
    """File two problems by hand from two films of p3, at 3 to 12 m and at 10 to 20 m."""
    facts = {"asset_type": "conduit", "asset": "p3", "kind": "structural", "what": "broken", "origin": "cctv"}
    for number, (start, end) in enumerate(((3.0, 12.0), (10.0, 20.0), (40.0, 45.0)), 1):
        report_problem(
            store, state(store), **facts, start=start, end=end, found_on=f"2026-02-0{number}", person=CITY,
            evidence=(f"inspection:f{number}",),
        )  # fmt: skip
    return [one.problem.id for one in ledger(store, "c").values() if one.problem.asset == "p3"]


def test_two_problems_whose_stretches_overlap_are_proposed_as_one_and_become_it(store):
    first, second, apart = seen_twice(store)
    (pair,) = view_problems(store, state(store), CITY)["overlaps"]
    assert (pair["merged"]["id"], pair["into"]["id"]) == (second, first)
    assert view_problem(store, state(store), first, CITY)["overlaps"] == [pair]
    assert view_problem(store, state(store), apart, CITY)["overlaps"] == []
    take(store, second, "merge", CITY, others=(first,), seen=0)
    lives = ledger(store, "c")
    kept = lives[first]
    assert (lives[second].state, lives[second].others) == ("merged", (first,))
    assert (kept.state, kept.problem.start, kept.problem.end, kept.problem.length) == ("found", 3, 20, 17)
    assert (kept.events[-1].step, kept.events[-1].others) == ("take_in", (second,))
    assert kept.events[-1].evidence == ("inspection:f2",)
    assert view_problems(store, state(store), CITY)["overlaps"] == []
    assert "take_in" not in {step["step"] for step in view_problem(store, state(store), first, CITY)["steps"]}


def test_one_that_is_further_in_its_life_or_graver_stays(store):
    first, second, _ = seen_twice(store)
    take(store, second, "confirm", CITY)
    (pair,) = view_problems(store, state(store), CITY)["overlaps"]
    assert (pair["merged"]["id"], pair["into"]["id"]) == (first, second)


def test_evidence_of_a_problem_that_was_merged_opens_the_one_it_lives_on_in(store):
    merged = found(store)["p2"]
    report_problem(
        store, state(store), asset_type="conduit", asset="p2", kind="functional", what="silt",
        origin="patrol", found_on="2026-01-11", start=5.0, end=9.0, person=CITY,
    )  # fmt: skip
    (kept,) = {id_ for id_, one in ledger(store, "c").items() if one.problem.asset == "p2"} - {merged}
    take(store, merged, "merge", CITY, others=(kept,))
    assert find_problems(store, state(store), person=CITY).known == 2
    with store.change("c", who="office", why="closed before") as change:
        change.add_records("problem_event", [
            ProblemEvent(f"e{step}", kept, step, "2026-03-01T08:00:00", "office", "x", "b")
            for step in ("confirm", "assign", "set_due", "design", "start", "test", "reinspect", "close")
        ])  # fmt: skip
        change.add_records("inspection", [look("late", "p2", "CJ", 4, "2026-04-10")])
    grade_city(store, "c", who="tester")
    made = find_problems(store, state(store), person=CITY)
    assert (made.filed, made.reopened) == ((), (kept,))


def test_the_routes_want_to_know_what_was_seen(store):
    id_ = found(store)["p2"]
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        home, origin = "/api/v1/cities/c/problems", {"Origin": "http://127.0.0.1"}
        blind = face.post(f"{home}/{id_}/steps", json={"step": "confirm"}, headers=origin)
        assert (blind.status_code, blind.json()["code"]) == (422, "error.bad-input.problem-seen")
        tag = face.get(f"{home}/{id_}").headers["etag"]
        header = {**origin, "If-Match": tag}
        assert face.post(f"{home}/{id_}/steps", json={"step": "confirm"}, headers=header).status_code == 201
        late = face.post(f"{home}/{id_}/steps", json={"step": "refuse", "note": "x"}, headers=header)
        assert (late.status_code, late.json()["code"]) == (409, "error.refused.problem-moved")
        assert id_ in late.json()["detail"]
        parts = {"parts": [{"start": 0, "end": 4}, {"start": 4, "end": 100}]}
        assert face.post(f"{home}/{id_}/parts", json=parts, headers=origin).status_code == 422
        assert face.post(f"{home}/{id_}/parts", json=parts, headers=header).status_code == 409
        many = {"step": "assign", "body": "group", "problems": [{"id": id_, "seen": 0}]}
        assert face.post(f"{home}/steps", json=many, headers=origin).status_code == 409
        many["problems"][0]["seen"] = 1
        assert face.post(f"{home}/steps", json=many, headers=origin).json()[0]["state"] == "assigned"
        made = face.post(f"{home}/{id_}/parts", json={**parts, "seen": 2}, headers=origin)
        assert made.status_code == 201


def test_who_repaired_it_is_refused_in_a_batch_too(store):
    id_ = found(store)["p2"]
    for step, person, facts in LIFE[:6]:
        take(store, id_, step, person, **facts)
    crew_and_eyes = replace(CREW, grants=(*CREW.grants, *EYES.grants))
    with pytest.raises(Refused, match="problem-own"):
        step_problems(
            store, "c", [(id_, 6)], Asked("reinspect", evidence=("inspection:x",)), person=crew_and_eyes
        )
