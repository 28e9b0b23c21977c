"""Which steps decide when the lots of a year are accepted, how much is to spare, and why is a lot late?

The critical chain goes back from the lot that is accepted last, over the step or the lot of the same crew
that each waited for, to today or to the day before which nothing may begin. Its buffer is √Σ(spread · days)²;
so is that of each way that feeds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from wenqu.planning.crew_order import accepted, fitted
from wenqu.planning.lot_dates import Planned, Task, buffer_of, job_of, longest_before
from wenqu.planning.lot_steps import WORKS, LotStep, before_works, steps_on
from wenqu.planning.lots import Lot
from wenqu.planning.work_days import DESK, WorkDays

CAUSES = ("slip", "order", "crews", "closure", "season", "time")


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain, and what it waited for."""

    lot: str
    step: str
    waits: str  # a step, another lot, its crew, the year it is planned for, a closure of its road, or today


@dataclass(frozen=True, slots=True)
class Feeding:
    """The way that feeds a lot of the chain but is not on it: what stands before its works."""

    lot: str
    steps: tuple[str, ...]
    needed: float  # [d] working days it should have to spare
    spare: float  # [d] working days between its end and the works


@dataclass(frozen=True, slots=True)
class Chain:
    """What decides when the lots that are due by one day are accepted."""

    due: int  # the day after the one by which they are due
    links: tuple[Link, ...]  # from the first step to the last acceptance
    stop: int  # the day after that acceptance
    needed: float  # [d] working days that should be to spare
    spare: float  # [d] working days to the due date, negative when it is too late
    feeding: tuple[Feeding, ...]

    @property
    def state(self) -> str:
        """Return how it stands: late, at_risk (less to spare than needed), on_time."""
        if self.spare < 0:
            return "late"
        return "at_risk" if self.spare < self.needed else "on_time"


def chains(planned: Planned) -> list[Chain]:
    """Return the critical chain of each due date, the earliest first."""
    last: dict[int, str] = {}
    for lot in planned.lots:
        due = planned.jobs[lot.id].due
        if due not in last or planned.accepted(last[due]) < planned.accepted(lot.id):
            last[due] = lot.id
    return [_chain(planned, last[due], due) for due in sorted(last)]


def _chain(planned: Planned, lot: str, due: int) -> Chain:
    by_id = {one.id: one for one in planned.lots}
    before = _before_on_crew(planned)
    links: list[Link] = []
    fed: list[Feeding] = []
    tasks: list[Task] = []
    at: tuple[str, str] | None = (lot, max(planned.tasks[lot], key=lambda task: (task.stop, task.begin)).step)
    while at is not None:
        task = _task(planned, *at)
        tasks.append(task)
        waits, at = _waited(planned, by_id[task.lot], task, before)
        links.insert(0, Link(task.lot, task.step, waits))
        if task.step == WORKS and waits != "step":
            fed += _feeding(planned, task)
    stop = planned.accepted(lot)
    needed = buffer_of([(task.spread, task.need) for task in tasks])
    return Chain(due, tuple(links), stop, needed, planned.days.between(DESK, stop, due), tuple(fed))


def _task(planned: Planned, lot: str, step: str) -> Task:
    return next(task for task in planned.tasks[lot] if task.step == step)


def _before_on_crew(planned: Planned) -> dict[str, str]:
    """Return by lot the one that its crew was at before."""
    last: dict[tuple[str, int], str] = {}
    made: dict[str, str] = {}
    for one in planned.order.placed:
        key = one.pool, one.crew
        if key in last:
            made[one.lot] = last[key]
        last[key] = one.lot
    return made


def _waited(
    planned: Planned, lot: Lot, task: Task, before: Mapping[str, str]
) -> tuple[str, tuple[str, str] | None]:
    """Return what a step waited for: kind, and lot and step where there is one."""
    step = max(task.after, key=lambda name: _task(planned, lot.id, name).stop, default="")
    if task.step != WORKS:
        return ("step", (lot.id, step)) if step else ("today", None)
    days, job = planned.days, planned.jobs[lot.id]
    alone = fitted(job, 0, days)[0]
    if task.begin > alone and lot.id in before:
        return "crew", (before[lot.id], WORKS)
    if alone > days.next(job.ground, job.ready):
        return "closure", None
    for first, then in planned.pairs:
        if then == lot.id and _task(planned, first, WORKS).stop == job.ready:
            return "lot", (first, WORKS)
    year = max(0, days.number(date.fromisoformat(lot.earliest))) if lot.earliest else 0
    if step and job.ready > year:
        return "step", (lot.id, step)
    return "year" if year else "today", None


def _feeding(planned: Planned, works: Task) -> list[Feeding]:
    """Return the steps before works that wait for something else, and what they have to spare."""
    lot = next(one for one in planned.lots if one.id == works.lot)
    mine = steps_on(lot.ground, planned.steps, let=lot.let)
    if not before_works(mine):
        return []
    way = [_task(planned, lot.id, name) for name in longest_before(mine)]
    end = max(task.stop for task in planned.tasks[lot.id] if task.step in works.after)
    needed = buffer_of([(task.spread, task.need) for task in way])
    return [
        Feeding(
            lot.id, tuple(task.step for task in way), needed, planned.days.between(DESK, end, works.begin)
        )
    ]


def lot_buffer(tasks: Sequence[Task]) -> float:
    """Return what a lot should have to spare: the buffer of its works and of what comes after them. [d]"""
    behind = {WORKS}
    for task in tasks:  # each stands after those it waits for
        if behind.intersection(task.after):
            behind.add(task.step)
    return buffer_of([(task.spread, task.need) for task in tasks if task.step in behind])


def why_late(planned: Planned, lot: Lot, holds: Mapping[tuple[str, str], int]) -> str:
    """Return why a lot is accepted too late, "" where it is not.

    The first of these without which it would be in time: what is known to be late (slip), that it waits for
    another lot (order), that its crews are elsewhere (crews), that its roads are closed (closure), that less
    is done in the seasons (season); else its steps do not fit between today and the date (time).
    """
    if planned.late(lot.id) <= 0:
        return ""
    steps = planned.steps
    if any(one == lot.id for one, _ in holds) and _in_time(lot, steps, planned.days, {}):
        return "slip"
    if _in_time(lot, steps, planned.days, holds):
        job = planned.jobs[lot.id]
        alone = accepted(job, fitted(job, 0, planned.days)[1], planned.days)
        return "order" if alone > job.due else "crews"
    opened = replace(lot, closed=())
    if lot.closed and _in_time(opened, steps, planned.days, holds):
        return "closure"
    if _in_time(opened, steps, full_days(planned.days), holds):
        return "season"
    return "time"


def _in_time(
    lot: Lot, steps: Sequence[LotStep], days: WorkDays, holds: Mapping[tuple[str, str], int]
) -> bool:
    """Tell whether a lot would be in time with a crew of its own."""
    job = job_of(lot, steps, days, holds)
    return accepted(job, fitted(job, 0, days)[1], days) <= job.due


def full_days(days: WorkDays) -> WorkDays:
    """Return the same days without seasons: each that is worked is a full one."""
    return WorkDays(days.first, {name: (row > 0).astype(float) for name, row in days.worth.items()})
