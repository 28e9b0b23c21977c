"""Split a problem by stretches, each a problem of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wenqu.errors import BadInput
from wenqu.records.problem import Problem, ProblemEvent
from wenqu.services.problem_ledger import EVENT, PROBLEM, problem_of
from wenqu.services.rights import Person, demand_account
from wenqu.services.step_problem import Asked, check_step, event_of
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.works.problem_life import Life, life


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch that becomes a problem of its own."""

    start: float  # [m]
    end: float  # [m]
    what: str = ""


def split_problem(
    store: Store,
    city: str,
    id_: str,
    parts: Sequence[Part],
    *,
    person: Person,
    note: str = "",
    seen: int = -1,
) -> list[Life]:
    """Split a problem by stretches, each a problem of its own; the old one says into which.

    Raises
    ------
    BadInput
        There are fewer than two parts, or a part has no length.
    Refused
        It cannot be split any more, or somebody was there before (``problem-moved``).
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
        asked = Asked("split", note=note, others=tuple(one.id for one in made), seen=seen)
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
