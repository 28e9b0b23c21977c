"""One problem, one life: by hand."""

from dataclasses import replace
from math import nan

import pytest

from wenqu.errors import BadInput
from wenqu.records.inspection import Defect
from wenqu.records.problem import Problem, ProblemEvent
from wenqu.works.dated import dated, day_of, later, undated
from wenqu.works.problem_life import due_by_rule, lacks, life, open_steps, own_hands
from wenqu.works.problem_rules import problem_rules, read_own, with_own, write_own
from wenqu.works.problem_severity import Consequence, emergency, severity
from wenqu.works.problem_tables import SAME, deadlines, kinds, states, steps

ONE = Problem(
    "P-1", "conduit", "c1", "structural", "cctv", "2026-01-02", 3, at="2026-01-02T08:00:00", district="D"
)


def event(step, number, **facts):
    return ProblemEvent(
        f"e{number}", "P-1", step, f"2026-02-{number:02d}T09:00:00", facts.pop("by", "a"), **facts
    )


WHOLE = [
    event("confirm", 1), event("assign", 2, body="group", person="Li"), event("set_due", 3, due="2026-06-30"),
    event("design", 4, by="b"), event("start", 5, by="b"), event("test", 6, by="b"),
    event("reinspect", 7, by="c"), event("close", 8),
]  # fmt: skip


def test_a_problem_walks_its_whole_life():
    seen = [life(ONE, WHOLE[:count]).state for count in range(9)]
    assert seen == [
        "found", "confirmed", "assigned", "due", "designed", "repairing", "tested", "reinspected", "closed",
    ]  # fmt: skip
    made = life(ONE, WHOLE)
    assert (made.body, made.person, made.due, made.closed_at) == ("group", "Li", "2026-06-30", WHOLE[-1].at)
    assert made.hands == ("b",)
    again = life(ONE, [*WHOLE, event("reopen", 9, evidence=("inspection:9",))])
    assert (again.state, again.due, again.hands, again.closed_at) == ("reopened", "", (), "")


def test_the_same_event_twice_counts_once_and_a_note_moves_nothing():
    twice = life(ONE, [WHOLE[0], WHOLE[0], event("note", 2, note="seen")])
    assert (twice.state, twice.version) == ("confirmed", 2)


def test_every_step_leads_from_known_states_to_a_known_state():
    for step in steps().values():
        assert set(step.from_) <= set(states())
        assert step.to == SAME or step.to in states()
        assert step.who in {"decide", "work", "inspect", "read_attributes"}
    for name, state in states().items():
        leads = {step.to for step in steps().values() if name in step.from_ and step.to != SAME}
        assert bool(leads) or not state.open, name  # nothing open is a dead end


def test_overdue_begins_when_the_day_is_over():
    made = life(ONE, WHOLE[:3])
    assert not made.overdue("2026-06-30T23:59")
    assert made.overdue("2026-07-01T00:00")
    assert not life(ONE, WHOLE).overdue("2027-01-01T00:00")


def test_a_hand_over_takes_both_sides():
    offered = life(ONE, [event("hand_over", 1, district="E", note="border")])
    assert (offered.district, offered.offered) == ("D", "E")
    assert "take_over" in {step.name for step in open_steps(offered)}
    declined = life(ONE, [event("hand_over", 1, district="E", note="border"), event("decline", 2, note="no")])
    assert (declined.district, declined.offered, declined.state) == ("D", "", "found")
    assert {"take_over", "decline"}.isdisjoint({step.name for step in open_steps(declined)})
    taken = life(ONE, [event("hand_over", 1, district="E", note="border"), event("take_over", 2, by="e")])
    assert (taken.district, taken.offered, taken.state) == ("E", "", "found")


def test_a_step_says_what_it_lacks_and_nobody_judges_their_own_work():
    confirmed = life(ONE, WHOLE[:1])
    assert lacks(confirmed, event("assign", 2)) == ("body",)
    assert lacks(confirmed, event("refuse", 2, note=" ")) == ("note",)
    tested = life(ONE, WHOLE[:6])
    assert own_hands(tested, event("reinspect", 7, by="b"))
    assert not own_hands(tested, event("reinspect", 7, by="c"))
    assert "rush" not in {step.name for step in open_steps(confirmed)}
    assert "rush" in {step.name for step in open_steps(life(replace(ONE, emergency=True), WHOLE[:1]))}


def test_severity_has_its_reasons():
    calm = Consequence(3, "other", load=0.0, people=0.0, river=500.0, plant=1.2)
    assert severity("structural", calm) == (2, ("kind:structural",))
    assert severity("structural", replace(calm, grade=4, place="central", load=0.2)) == (
        3, ("kind:structural", "grade:4", "place:central", "load:0.2"),
    )  # fmt: skip
    assert severity("functional", Consequence(3)) == (
        2, ("kind:functional", "unknown:load|people|river|plant"),
    )  # fmt: skip
    assert severity("cover", Consequence())[0] == 4
    assert severity("other", replace(calm, river=12.0)) == (2, ("kind:other", "river:12"))
    assert severity("other", replace(calm, people=25_000.0)) == (2, ("kind:other", "people:25000"))


def test_a_thin_plant_below_is_half_a_step_and_all_that_lies_around_is_one():
    calm = Consequence(3, "other", load=0.0, people=0.0, river=500.0, plant=0.4)
    assert severity("other", calm) == (1, ("kind:other", "plant:0.4"))
    assert severity("other", replace(calm, river=5.0, people=5e4, load=0.3))[0] == 2
    own = with_own({"plant": (1.0, 1.0), "river": (600.0, None), "most": (2.0, None)})
    assert severity("other", calm, own) == (3, ("kind:other", "river:500", "plant:0.4"))


def test_a_city_sets_its_own_values_and_nothing_else():
    own = {"missing": (0.3, None), "central": (None, 2.0)}
    made = read_own(write_own(own))
    assert made == with_own(own)
    assert (made["missing"].value, made["missing"].status, made["wet"]) == (
        0.3,
        "city",
        problem_rules()["wet"],
    )
    assert (made["central"].value, made["central"].adds) == ("central", 2.0)
    assert problem_rules()["wet"].limit == pytest.approx(500 / 86400 / 1000)  # [m²/s]
    for bad in ({"none": (1.0, None)}, {"wet": (-1.0, None)}, {"wet": (nan, None)}, {"central": (1.0, None)},
                {"river": (30.0, 9.0)}):  # fmt: skip
        with pytest.raises(BadInput, match="problem-rule"):
            with_own(bad)


def test_of_evidence_only_what_is_later_than_a_step_is_new():
    check = dated("rule:connectivity.storm-into-sanitary", "2026-05-01T09:00:00")
    assert (day_of(check), undated(check)) == ("2026-05-01T09:00:00", "rule:connectivity.storm-into-sanitary")
    assert day_of("inspection:i 7") == ""
    assert later("2026-05-02", "2026-05-01T08:00:00")
    assert not later("2026-05-01", "2026-05-01T08:00:00")
    assert later("2026-05-01T08:00:00", "2026-05-01T08:00:00")
    assert not later("2026-05-01T07:59:59", "2026-05-01T08:00:00")


@pytest.mark.parametrize(
    ("kind", "defect", "why"),
    [("structural", Defect("", "PL", 4, 1.0), "collapsed_pipe"), ("structural", Defect("", "PL", 3, 1.0), ""),
     ("structural", Defect("", "SL", 4, 1.0), "spray"), ("cover", None, "cover"), ("functional", None, "")],
)  # fmt: skip
def test_emergencies_are_those_of_the_table(kind, defect, why):
    assert emergency(kind, (defect,) if defect else ()) == why


def test_deadlines_follow_the_rule_of_the_kind_first():
    cover = replace(ONE, kind="cover", severity=4)
    assert due_by_rule(cover, "2026-01-01T08:00:00") == "2026-01-01T14:00"
    assert due_by_rule(replace(ONE, severity=4), "2026-01-01T08:00:00") == "2026-01-03T08:00"
    assert due_by_rule(ONE, "2026-01-01T08:00:00") == "2026-04-01"
    for kind in kinds():
        for level in (1, 2, 3, 4):
            assert due_by_rule(replace(ONE, kind=kind, severity=level), "2026-01-01T08:00:00")
    assert all(row.status for row in deadlines())
