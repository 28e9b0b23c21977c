"""A step of a lot is late: what moves, which date or plant is missed, what is stored once it is confirmed?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from wenqu.errors import BadInput, Unknown
from wenqu.planning.critical_chain import why_late
from wenqu.planning.lot_dates import Planned
from wenqu.planning.lots import Lot
from wenqu.planning.reach_by_date import Reach
from wenqu.records.lot_delay import LotDelay
from wenqu.services.city_state import Cities, CityState
from wenqu.services.file_works import new_id
from wenqu.services.lot_schedule import DELAY, CitySchedule, lot_schedule, planned_with
from wenqu.services.rights import Person, demand, demand_account
from wenqu.services.view_schedule import counts, is_seen, reach_seen, seen_districts, told_reach
from wenqu.store.database import Store

LONGEST = 1500  # [d] a longer delay is no delay but another plan


@dataclass(frozen=True, slots=True)
class Late:
    """A step that is over so many calendar days later than the schedule says."""

    lot: str
    step: str
    days: int


def view_slip(known: Cities, city: str, person: Person, late: Late, as_of: str = "") -> dict[str, Any]:
    """Return what follows from a step that is late. Nothing is stored.

    Raises
    ------
    BadInput
        The delay is none, or too long.
    Unknown
        There is no such lot or step for this person.
    """
    seen = seen_districts(person, city)
    state = known.whole.state(city, as_of)
    made = lot_schedule(known.whole.store, state)
    lot = lot_of(made, late.lot)
    if not is_seen(lot.district, seen):
        raise Unknown("lot", name=late.lot)
    until = _until(made, late)
    ground = made.ground
    holds = {**made.holds, (late.lot, late.step): ground.days.number(until) + 1}
    kept, again = planned_with(ground, holds, made.planned), planned_with(ground, holds)
    moved = [(one, kept.accepted(one.id) - made.planned.accepted(one.id)) for one in ground.lots]
    shown = [(one, days) for one, days in moved if days and is_seen(one.district, seen)]
    before, after = made.reached(), made.reached(kept)
    return {
        "lot": late.lot,
        "step": late.step,
        "days": late.days,
        "until": until.isoformat(),
        "moved": [_moved(made, kept, one, days, holds) for one, days in shown],
        "others": sum(bool(days) for _, days in moved) - len(shown),
        "reach": [
            {"before": told_reach(one), "after": told_reach(two)}
            for one, two in zip(before, after, strict=True)
            if _differs(one, two) and reach_seen(one, state, seen)
        ],
        "missed": [
            told_reach(two)
            for one, two in zip(before, after, strict=True)
            if one.kept and not two.kept and reach_seen(one, state, seen)
        ],
        "late": [_late(one) for one in (made.planned, kept, again)],
        "absorbed": not any(days for _, days in moved),
    }


def lot_of(made: CitySchedule, name: str) -> Lot:
    """Return a lot of a schedule.

    Raises
    ------
    Unknown
        It has no such lot.
    """
    for lot in made.ground.lots:
        if lot.id == name:
            return lot
    raise Unknown("lot", name=name)


def _until(made: CitySchedule, late: Late) -> date:
    """Return the last day of a step that is late."""
    if not 1 <= late.days <= LONGEST:
        raise BadInput("slip-days", days=late.days, most=LONGEST)
    for task in made.planned.tasks[late.lot]:
        if task.step == late.step:
            return made.ground.days.day(max(task.begin, task.stop - 1)) + timedelta(days=late.days)
    known = ", ".join(task.step for task in made.planned.tasks[late.lot])
    raise Unknown("lot-step", name=late.step, known=known)


def _moved(
    made: CitySchedule, kept: Planned, lot: Lot, days: int, holds: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    own = made.ground.days
    return {
        "lot": lot.id,
        "before": own.day(made.planned.accepted(lot.id) - 1).isoformat(),
        "after": own.day(kept.accepted(lot.id) - 1).isoformat(),
        "days": days,
        "due": lot.due,
        "late": kept.late(lot.id),
        "was_late": made.planned.late(lot.id),
        "why": why_late(kept, lot, holds),
    }


def _differs(one: Reach, two: Reach) -> bool:
    return one.kept != two.kept or not math.isclose(one.reached, two.reached, rel_tol=1e-9, abs_tol=1e-12)


def _late(planned: Planned) -> dict[str, Any]:
    """Return how many lots are late, by how much the latest, and when all is accepted."""
    late = [planned.late(lot.id) for lot in planned.lots]
    return {
        "lots": sum(days > 0 for days in late),
        "days": max(0, *late) if late else 0,
        "ends": planned.days.day(planned.order.stop - 1).isoformat(),
    }


def file_delay(store: Store, state: CityState, late: Late, *, person: Person, reason: str) -> LotDelay:
    """Store that a step is late, so that every schedule from now on counts with it.

    Raises
    ------
    BadInput
        The delay is none, or no reason is given.
    Unknown
        There is no such lot or step.
    Refused
        The rights of the person do not reach the lot's district.
    """
    made = lot_schedule(store, state)
    lot = lot_of(made, late.lot)
    until = _until(made, late)
    return _file(store, state, (lot, late.step, until.isoformat()), person=person, reason=reason)


def take_back_delay(
    store: Store, state: CityState, lot: str, step: str, *, person: Person, reason: str
) -> LotDelay:
    """Store that a step is not late any more.

    Raises
    ------
    BadInput
        No reason is given.
    Unknown
        No delay of the step stands.
    Refused
        The rights of the person do not reach the lot's district.
    """
    made = lot_schedule(store, state)
    mine = [one for one, _ in made.delays if one.lot == lot and counts(made, one)]
    if not any(one.step == step for one in mine):
        raise Unknown("lot-step", name=step, known=", ".join(one.step for one in mine))
    return _file(store, state, (lot_of(made, lot), step, ""), person=person, reason=reason)


def _file(
    store: Store, state: CityState, what: tuple[Lot, str, str], *, person: Person, reason: str
) -> LotDelay:
    lot, step, until = what
    city = state.network.city.code
    demand_account(person)
    demand(person, "decide", city, lot.district or "*")
    if not reason.strip():
        raise BadInput("slip-reason", lot=lot.id)
    programme = lot_schedule(store, state).ground.programme
    made = LotDelay(
        new_id("L"), programme.id, lot.id, step, until, reason.strip(), lot.district,
        state.network.city.simulated,
    )  # fmt: skip
    with store.change(city, who=person.account, why=f"{DELAY} {lot.id} {step}") as change:
        change.add_records(DELAY, [made])
    return made
