"""Take a problem one step further: who may, what it needs, and nobody over anybody else's head."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.problem import AlarmNoted, Problem, ProblemEvent
from wenqu.services.problem_files import check_proofs
from wenqu.services.problem_ledger import (
    ALARM,
    EVENT,
    NOTED,
    PROBLEM,
    alarms,
    ledger,
    may,
    problem_of,
    seen_by,
)
from wenqu.services.rights import Person, demand_account
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.problem_life import OF_THE_OFFERED, Life, due_by_rule, lacks, life, open_steps, own_hands
from wenqu.works.problem_tables import steps

READ = "read_attributes"


@dataclass(frozen=True, slots=True)
class Asked:
    """A step as it is asked for."""

    step: str
    note: str = ""
    body: str = ""
    person: str = ""
    due: str = ""  # "" takes the date of the rule
    district: str = ""
    others: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    id: str = ""  # of the event: the same again counts once
    seen: int = -1  # events that the asker had seen; -1 does not say


def step_problem(store: Store, city: str, id_: str, asked: Asked, *, person: Person) -> Life:
    """Take one step and return the problem as it then stands.

    Raises
    ------
    Unknown
        There is no such problem or step, or the person may not know of it.
    Refused
        The step does not lead on from where the problem stands (``problem-step``), the person may not take it
        (``problem-rights``), would judge their own work (``problem-own``), or somebody was there before
        (``problem-moved``).
    BadInput
        The step needs something that was not given (``problem-needs``).
    """
    demand_account(person)
    if asked.step not in steps():
        raise Unknown("problem-step", name=asked.step, known=", ".join(steps()))
    with store.change(city, who=person.account, why=f"problem {asked.step}") as change:
        before = problem_of(store, city, id_, person)
        event = event_of(before, asked, person)
        if any(one.id == event.id for one in before.events):
            return before  # sent twice by a phone that did not hear the answer
        check_step(before, event, asked, city, person)
        check_proofs(store, city, id_, asked.evidence)
        if asked.others:
            _others_there(store, city, before, asked, person)
        change.add_records(EVENT, [event])
    return life(before.problem, (*before.events, event))


def event_of(before: Life, asked: Asked, person: Person) -> ProblemEvent:
    """Return the event that an asked step would become; a date that is left out follows from the rule."""
    at = now().isoformat(timespec="seconds")
    due = asked.due or (due_by_rule(before.problem, at) if asked.step == "set_due" else "")
    return ProblemEvent(
        asked.id or uuid4().hex, before.problem.id, asked.step, at, person.account, asked.note.strip(),
        asked.body.strip(), asked.person.strip(), due, asked.district, asked.others, asked.evidence,
        before.problem.simulated, before.problem.asset_type, before.problem.asset,
    )  # fmt: skip


def check_step(before: Life, event: ProblemEvent, asked: Asked, city: str, person: Person) -> None:
    """Refuse a step that cannot be taken; see ``step_problem``."""
    step = steps()[event.step]
    if step.name not in {one.name for one in open_steps(before)}:
        if 0 <= asked.seen < before.version:
            last = before.events[-1]
            raise Refused("problem-moved", who=last.by, did=last.step, at=last.at, state=before.state)
        open_ = ", ".join(one.name for one in open_steps(before))
        raise Refused("problem-step", step=step.name, state=before.state, open=open_)
    if 0 <= asked.seen < before.version and step.to != "=":
        last = before.events[-1]
        raise Refused("problem-moved", who=last.by, did=last.step, at=last.at, state=before.state)
    zone = before.offered if step.name in OF_THE_OFFERED else ""
    if step.who != READ and not may(person, step.who, city, before, zone):
        raise Refused("problem-rights", step=step.name, action=step.who)
    if not person.local and own_hands(before, event):
        raise Refused("problem-own", step=step.name)
    if missing := lacks(before, event):
        raise BadInput("problem-needs", step=step.name, needs=", ".join(missing))


def _others_there(store: Store, city: str, before: Life, asked: Asked, person: Person) -> None:
    lives = seen_by(person, city, ledger(store, city))
    for other in asked.others:
        if other == before.problem.id or other not in lives:
            raise Unknown("problem", name=other)
        if asked.step == "merge" and not lives[other].stands.open:
            raise Refused("problem-step", step="merge", state=lives[other].state, open="")


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch that becomes a problem of its own."""

    start: float  # [m]
    end: float  # [m]
    what: str = ""


def split_problem(
    store: Store, city: str, id_: str, parts: Sequence[Part], *, person: Person, note: str = ""
) -> list[Life]:
    """Split a problem by stretches, each a problem of its own; the old one says into which.

    Raises
    ------
    BadInput
        There are fewer than two parts, or a part has no length.
    """
    demand_account(person)
    if len(parts) < 2 or any(not part.start < part.end for part in parts):
        raise BadInput("problem-parts", count=len(parts))
    at = now().isoformat(timespec="seconds")
    with store.change(city, who=person.account, why="problem split") as change:
        before = problem_of(store, city, id_, person)
        whole = before.problem
        made = [
            replace(
                whole, id=f"{whole.id}-{number}", start=part.start, end=part.end,
                what=part.what or whole.what, length=part.end - part.start if whole.length else 0.0,
                district=before.district, at=at, by=person.account,
            )
            for number, part in enumerate(parts, 1)
        ]  # fmt: skip
        asked = Asked("split", note=note, others=tuple(one.id for one in made))
        event = event_of(before, asked, person)
        check_step(before, event, asked, city, person)
        first = [_carried(before, one) for one in made]
        change.add_records(PROBLEM, made)
        change.add_records(EVENT, [event, *(step for events in first for step in events)])
    return [life(one, events) for one, events in zip(made, first, strict=True)]


def _carried(before: Life, one: Problem) -> list[ProblemEvent]:
    """Return the events by which a part stands where the whole stood: it loses neither body nor date."""
    kept = [event for event in before.events if event.step in {"confirm", "assign", "set_due", "take_over"}]
    return [replace(event, id=f"{event.id}-{one.id}", problem=one.id) for event in kept]


def note_alarm(store: Store, city: str, alarm: str, *, person: Person, note: str = "") -> AlarmNoted:
    """Take note of an alarm.

    Raises
    ------
    Unknown
        There is no such alarm, or the person may not know of it.
    Refused
        The person may not decide there.
    """
    demand_account(person)
    with store.change(city, who=person.account, why=f"alarm {alarm}") as change:
        found = next((pair for pair in alarms(store, city, person) if pair[0].id == alarm), None)
        if found is None:
            raise Unknown("alarm", name=alarm)
        if found[1] is not None:
            return found[1]
        before = problem_of(store, city, found[0].problem, person)
        if not may(person, "decide", city, before):
            raise Refused("problem-rights", step=ALARM, action="decide")
        made = AlarmNoted(alarm, person.account, now().isoformat(timespec="seconds"), note)
        change.add_records(NOTED, [made])
    return made
