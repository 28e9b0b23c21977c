"""In which state is a problem, and which steps are open to it? Folded from its events, oldest first."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce

from wenqu.records.counted import counted
from wenqu.records.problem import Problem, ProblemEvent
from wenqu.works.problem_tables import SAME, Deadline, State, Step, deadlines, states, steps

FIRST = "found"


@dataclass(frozen=True, slots=True)
class Life:
    """A problem as it stands."""

    problem: Problem
    state: str
    since: str  # ISO time of the last step
    district: str  # that it belongs to now
    offered: str = ""  # district to which it was handed over and which has not taken it yet
    body: str = ""
    person: str = ""
    due: str = ""  # ISO date or time
    others: tuple[str, ...] = ()  # what it was merged into or split into
    closed_at: str = ""
    hands: tuple[str, ...] = ()  # accounts that did the work: they may neither re-inspect nor close it
    events: tuple[ProblemEvent, ...] = field(default=())

    @property
    def stands(self) -> State:
        """Return the row of its state."""
        return states()[self.state]

    @property
    def version(self) -> int:
        """Return how many events it has: whoever steps says on which one they stood."""
        return len(self.events)

    def overdue(self, now: str) -> bool:
        """Tell whether its date has passed while it is open."""
        return (
            self.stands.open and bool(self.due) and (self.due if "T" in self.due else f"{self.due}T24") < now
        )


FOLLOWS = ("take_in", "weigh", "report")  # merged into it, facts changed, reported again: nobody takes them
OF_THE_OFFERED = ("take_over", "decline")  # steps of the district to which it was handed over


def life(problem: Problem, events: Iterable[ProblemEvent]) -> Life:
    """Fold the events of a problem into what stands. An event that was written twice counts once."""
    first = Life(problem, FIRST, problem.at or problem.found_on, problem.district)
    return reduce(_after, counted(events, steps()), first)


def _after(before: Life, event: ProblemEvent) -> Life:
    step = steps()[event.step]
    made = replace(before, events=(*before.events, event))
    if step.to != SAME:
        made = replace(made, state=step.to, since=event.at)
    if event.step == "assign":
        made = replace(made, body=event.body, person=event.person)
    if event.due and event.step in {"set_due", "extend"}:
        made = replace(made, due=event.due)
    if event.step in {"design", "start", "rush", "test"}:
        made = replace(made, hands=tuple(dict.fromkeys((*made.hands, event.by))))
    if event.step == "hand_over":
        made = replace(made, offered=event.district)
    if event.step in OF_THE_OFFERED:
        taken = before.offered if event.step == "take_over" else before.district
        made = replace(made, district=taken, offered="")
    if event.severity:
        emergent = event.emergency or made.problem.emergency
        weighed = replace(made.problem, severity=event.severity, reasons=event.reasons, emergency=emergent)
        made = replace(made, problem=weighed)
    if event.step == "close":
        made = replace(made, closed_at=event.at)
    if event.step == "reopen":
        made = replace(made, closed_at="", due="", hands=())
    return _joined(made, event)


def _joined(made: Life, event: ProblemEvent) -> Life:
    """Return a problem after it was merged, split, or took in another: then its stretch is that of both."""
    if event.step in {"merge", "split"}:
        return replace(made, others=event.others)
    if event.step != "take_in" or math.isnan(event.start):
        return made
    one = made.problem
    length = event.end - event.start if one.length else 0.0
    return replace(made, problem=replace(one, start=event.start, end=event.end, length=length))


def open_steps(one: Life) -> tuple[Step, ...]:
    """Return the steps that lead on from where a problem stands, in the order of a life."""
    return tuple(
        step
        for step in steps().values()
        if one.state in step.from_
        and step.name not in FOLLOWS
        and ("emergency" not in step.needs or one.problem.emergency)
        and (step.name not in OF_THE_OFFERED or one.offered)
        and (step.name != "hand_over" or not one.offered)
    )


def lacks(one: Life, event: ProblemEvent) -> tuple[str, ...]:
    """Return what a step needs and the event does not bring; a note may be a file alone."""
    step = steps()[event.step]
    words = event.note.strip() or (event.evidence if event.step == "note" else "")
    brought = {
        "note": words, "body": event.body.strip(), "due": event.due, "evidence": event.evidence,
        "district": event.district, "others": event.others, "emergency": one.problem.emergency,
    }  # fmt: skip
    return tuple(need for need in step.needs if not brought[need])


def own_hands(one: Life, event: ProblemEvent) -> bool:
    """Tell whether somebody would judge their own work: who repaired neither re-inspects nor closes."""
    return event.step in {"reinspect", "close", "fail_test"} and event.by in one.hands


def deadline(problem: Problem) -> Deadline:
    """Return the rule that says how long a problem may last: of its kind first, else of its severity."""
    fitting = [
        row for row in deadlines() if row.severity == problem.severity and row.kind in {problem.kind, ""}
    ]
    return max(fitting, key=lambda row: bool(row.kind))


def due_by_rule(problem: Problem, since: str) -> str:
    """Return until when a problem is to be solved: a time within three days, else a date."""
    rule = deadline(problem)
    until = datetime.fromisoformat(since) + timedelta(hours=rule.hours)
    return until.isoformat(timespec="minutes") if rule.hours <= 72 else until.date().isoformat()


def by_problem(events: Sequence[ProblemEvent]) -> dict[str, list[ProblemEvent]]:
    """Return the events of each problem, oldest first."""
    made: dict[str, list[ProblemEvent]] = {}
    for event in events:
        made.setdefault(event.problem, []).append(event)
    return made
