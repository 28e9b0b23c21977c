"""Take a problem one step further: who may, what it needs, and nobody over anybody else's head."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.problem import ProblemEvent
from wenqu.services.merged_problems import taken_in
from wenqu.services.problem_checks import check_due
from wenqu.services.problem_files import check_proofs
from wenqu.services.problem_ledger import EVENT, ledger, may, problem_of, seen_by
from wenqu.services.rights import Person, demand_account
from wenqu.services.sight import are_districts
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.problem_life import OF_THE_OFFERED, Life, due_by_rule, lacks, life, open_steps, own_hands
from wenqu.works.problem_tables import steps

READ = "read_attributes"
SPLIT, MERGE, HAND_OVER = "split", "merge", "hand_over"
NOTE = "note"  # a word about it disturbs nobody: it is taken whatever happened meanwhile


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


def demand_seen(step: str, seen: int) -> None:
    """Refuse a step of somebody who does not say on which state of the problem it is taken.

    Raises
    ------
    BadInput
        ``problem-seen``.
    """
    if seen < 0 and step != NOTE:
        raise BadInput("problem-seen", step=step)


def step_problem(store: Store, city: str, id_: str, asked: Asked, *, person: Person) -> Life:
    """Take one step and return the problem as it then stands; see ``step_problems``."""
    return step_problems(store, city, [(id_, asked.seen)], asked, person=person)[0]


def step_problems(
    store: Store, city: str, chosen: Sequence[tuple[str, int]], asked: Asked, *, person: Person
) -> list[Life]:
    """Take the same step with some problems, all of them or none, and return them as they then stand.

    Parameters
    ----------
    chosen
        Id of each problem, and how many of its events the asker had seen (-1 does not say).

    Raises
    ------
    Unknown
        There is no such problem or step, or the person may not know of it.
    Refused
        The step does not lead on from where a problem stands (``problem-step``), the person may not take it
        (``problem-rights``), would judge their own work (``problem-own``), or somebody was there before
        (``problem-moved``).
    BadInput
        The step needs something that was not given (``problem-needs``), a problem is named twice, a split has
        no stretches (``problem-split``), it would be merged into several (``problem-one``), the district is
        none or its own (``problem-district``), or the date is none (``problem-due``).
    """
    demand_account(person)
    if asked.step not in steps():
        raise Unknown("problem-step", name=asked.step, known=", ".join(steps()))
    if not chosen or len({id_ for id_, _ in chosen}) < len(chosen):
        raise BadInput("problem-chosen", count=len(chosen))
    with store.change(city, who=person.account, why=f"problem {asked.step}") as change:
        lives = seen_by(person, city, ledger(store, city))
        districts = _districts(store, city) if asked.step == HAND_OVER else ()
        made: list[tuple[Life, tuple[ProblemEvent, ...]]] = []
        written: list[ProblemEvent] = []
        for id_, seen in chosen:
            before = lives.get(id_) or problem_of(store, city, id_, person)
            one = replace(asked, seen=seen, id=_event_id(asked.id, id_, len(chosen)))
            event = event_of(before, one, person)
            if any(past.id == event.id for past in before.events):
                made.append((before, ()))  # sent twice by a phone that did not hear the answer
                continue
            check_step(before, event, one, city, person)
            _check_given(before, event, districts)
            check_proofs(store, city, id_, asked.evidence)
            if asked.others:
                _others_there(lives, before, asked)
            written += [event, *(taken_in(before, lives[other], event) for other in merged_into(event))]
            made.append((before, (event,)))
        if written:
            change.add_records(EVENT, written)
    return [life(before.problem, (*before.events, *more)) for before, more in made]


def _event_id(given: str, problem: str, count: int) -> str:
    return given if not given or count == 1 else f"{given}-{problem}"


def merged_into(event: ProblemEvent) -> tuple[str, ...]:
    """Return the problems that take in another by a step."""
    return event.others if event.step == MERGE else ()


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
    """Refuse a step that cannot be taken; see ``step_problems``."""
    step = steps()[event.step]
    if 0 <= asked.seen < before.version and step.name != NOTE:
        last = before.events[-1]
        raise Refused(
            "problem-moved",
            problem=before.problem.id,
            who=last.by,
            did=last.step,
            at=last.at,
            state=before.state,
        )
    if step.name not in {one.name for one in open_steps(before)}:
        open_ = ", ".join(one.name for one in open_steps(before))
        raise Refused(
            "problem-step", problem=before.problem.id, step=step.name, state=before.state, open=open_
        )
    zone = before.offered if step.name in OF_THE_OFFERED else ""
    if step.who != READ and not may(person, step.who, city, before, zone):
        raise Refused("problem-rights", step=step.name, action=step.who)
    if not person.local and own_hands(before, event):
        raise Refused("problem-own", step=step.name)


def _check_given(before: Life, event: ProblemEvent, districts: Collection[str]) -> None:
    """Refuse a step that does not bring what it needs, or brings what cannot be; see ``step_problems``."""
    if event.step == SPLIT:
        raise BadInput("problem-split", problem=before.problem.id)
    if missing := lacks(before, event):
        raise BadInput("problem-needs", step=event.step, needs=", ".join(missing))
    if event.due:
        check_due(event.due, before.problem.found_on)
    if event.step == MERGE and len(event.others) != 1:
        raise BadInput("problem-one", count=len(event.others))
    if event.step == HAND_OVER and event.district not in set(districts) - {before.district}:
        known = ", ".join(one for one in districts if one != before.district)
        raise BadInput("problem-district", district=event.district, known=known or "-")


def _districts(store: Store, city: str) -> tuple[str, ...]:
    zones = store.network(city, types=["zone"]).table("zone")
    return tuple(str(id_) for id_ in zones.ids[are_districts(zones)])


def _others_there(lives: dict[str, Life], before: Life, asked: Asked) -> None:
    for other in asked.others:
        if other == before.problem.id or other not in lives:
            raise Unknown("problem", name=other)
        if asked.step == MERGE and not lives[other].stands.open:
            raise Refused("problem-step", problem=other, step=MERGE, state=lives[other].state, open="")
