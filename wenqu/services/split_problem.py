"""Split a problem by stretches, each a problem of its own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from wenqu.errors import BadInput
from wenqu.network.model import link_lengths
from wenqu.records.problem import Problem, ProblemEvent
from wenqu.services.problem_checks import CONDUIT, check_parts, check_stretch
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
        There are fewer than two parts, a part has no length (``problem-parts``) or lies outside what is split
        (``problem-parts-outside``), two overlap (``problem-parts-overlap``), they leave something out and no
        note says why (``problem-parts-note``), or it is at no conduit (``problem-stretch``).
    Refused
        It cannot be split any more, or somebody was there before (``problem-moved``).
    """
    demand_account(person)
    at = now().isoformat(timespec="seconds")
    with store.change(city, who=person.account, why="problem split") as change:
        before = problem_of(store, city, id_, person)
        whole = before.problem
        asked = Asked("split", note=note, seen=seen)
        check_step(before, event_of(before, asked, person), asked, city, person)
        low, high = _bounds(store, city, whole)
        if not check_parts([(part.start, part.end) for part in parts], low, high) and not note.strip():
            raise BadInput("problem-parts-note", low=f"{low:g}", high=f"{high:.1f}")
        made = [
            replace(
                whole, id=f"{whole.id}-{number}", start=part.start, end=part.end,
                what=part.what or whole.what, length=part.end - part.start if whole.length else 0.0,
                district=before.district, at=at, by=person.account,
            )
            for number, part in enumerate(parts, 1)
        ]  # fmt: skip
        event = event_of(before, replace(asked, others=tuple(one.id for one in made)), person)
        first = [_carried(before, one) for one in made]
        change.add_records(PROBLEM, made)
        change.add_records(EVENT, [event, *(step for events in first for step in events)])
    return [life(one, events) for one, events in zip(made, first, strict=True)]


def _bounds(store: Store, city: str, whole: Problem) -> tuple[float, float]:
    """Return the stretch within which the parts of a problem lie: its own, else its conduit. [m]"""
    if not math.isnan(whole.start) and whole.end > whole.start:
        return whole.start, whole.end
    table = store.network(city, types=[CONDUIT]).table(CONDUIT)
    length = next((float(one) for id_, one in zip(table.ids, link_lengths(table), strict=True)
                   if id_ == whole.asset), 0.0) if whole.asset_type == CONDUIT else 0.0  # fmt: skip
    check_stretch(whole.asset_type, whole.asset, length, 0.0, 0.0)
    return 0.0, length if math.isfinite(length) else 0.0


def _carried(before: Life, one: Problem) -> list[ProblemEvent]:
    """Return the events by which a part stands where the whole stood: it loses neither body nor date."""
    kept = [event for event in before.events if event.step in {"confirm", "assign", "set_due", "take_over"}]
    return [replace(event, id=f"{event.id}-{one.id}", problem=one.id) for event in kept]
