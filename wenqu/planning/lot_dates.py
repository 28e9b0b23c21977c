"""When does each step of each lot begin and end, at the earliest, as planned, and at the latest?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from wenqu.planning.crew_order import Job, Order, Placed, kept_order, order_crews
from wenqu.planning.lot_steps import WORKS, LotStep, after_works, before_works, steps_on
from wenqu.planning.lots import Lot
from wenqu.planning.work_days import DESK, WorkDays

ROUNDS = 30  # of putting lots after those they wait for; two that wait for one another never end
Holds = Mapping[tuple[str, str], int]  # lot, step → day before which the step is not over


@dataclass(frozen=True, slots=True)
class Task:
    """One step of one lot, as numbers of days; a span is begin and the day after its last."""

    lot: str
    step: str
    kind: str  # DESK, or the ground of the works
    need: float  # [d] full days
    spread: float  # [-] of them by which it may well be late
    after: tuple[str, ...]  # steps of the lot that it waits for
    early: int  # begin at the earliest, were there a crew whenever it is wanted
    begin: int
    stop: int
    latest: int  # begin at the latest, so that nothing after it, of the crew neither, is too late
    spare: float  # [d] full days from begin to latest, negative when it is too late
    crew: str = ""  # pool and number, of the works


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule: every step of every lot, and how near the best order of the crews it is proved to be."""

    lots: tuple[Lot, ...]
    tasks: Mapping[str, tuple[Task, ...]]  # by lot, each after those it waits for
    jobs: Mapping[str, Job]
    order: Order
    days: WorkDays
    steps: tuple[LotStep, ...]
    crews: Mapping[str, int]
    pairs: tuple[tuple[str, str], ...] = ()  # lots of which the second waits for the first

    def accepted(self, lot: str) -> int:
        """Return the day after the last step of a lot."""
        return max(task.stop for task in self.tasks[lot])

    def late(self, lot: str) -> int:
        """Return by how many calendar days a lot is accepted too late; ≤ 0 is in time. [d]"""
        return self.accepted(lot) - self.jobs[lot].due


def plan_lots(
    lots: Sequence[Lot],
    steps: Sequence[LotStep],
    crews: Mapping[str, int],
    days: WorkDays,
    holds: Holds | None = None,
    keep: Planned | None = None,
    pairs: Sequence[tuple[str, str]] = (),
) -> Planned:
    """Return when each step of each lot is done.

    Parameters
    ----------
    crews
        How many crews each pool has.
    holds
        Steps that are not over before a day, however early they began: what is known to be late.
    keep
        A schedule whose crews and turns are kept; else the best order is sought.
    pairs
        Lots of which the works of the second do not begin before those of the first are over.
    """
    held = holds or {}
    jobs = {lot.id: job_of(lot, steps, days, held) for lot in lots}
    order = order_crews(list(jobs.values()), crews, days)
    bounds = order.least_late, order.least_stop  # what is waited for beside can only make it later
    for _ in range(ROUNDS):
        if keep is not None:
            placed = kept_order(list(jobs.values()), keep.order.placed, days)
            order = replace(order, placed=tuple(placed))
        waiting = _waiting(jobs, order, pairs)
        if not waiting:
            break
        jobs |= waiting
        order = order_crews(list(jobs.values()), crews, days)
    order = replace(order, least_late=bounds[0], least_stop=bounds[1])
    found = {one.lot: one for one in order.placed}
    tasks = {lot.id: _forward(lot, steps, days, held, found[lot.id]) for lot in lots}
    made = Planned(
        tuple(lots),
        _backward(tasks, jobs, order, days, pairs),
        jobs,
        order,
        days,
        tuple(steps),
        crews,
        tuple(pairs),
    )
    late = max((made.late(lot.id) for lot in lots), default=0)
    stop = max((made.accepted(lot.id) for lot in lots), default=0)
    return replace(made, order=replace(order, late=late, stop=stop))


def _waiting(jobs: Mapping[str, Job], order: Order, pairs: Sequence[tuple[str, str]]) -> dict[str, Job]:
    """Return the jobs that began before one that they wait for was over, to begin after it."""
    placed = {one.lot: one for one in order.placed}
    made: dict[str, Job] = {}
    for first, then in pairs:
        over = placed[first].stop
        if placed[then].begin < over:
            known = made.get(then, jobs[then])
            made[then] = replace(known, ready=max(known.ready, over))
    return made


def job_of(lot: Lot, steps: Sequence[LotStep], days: WorkDays, holds: Holds) -> Job:
    """Return the works of a lot: when they may begin, how long they take, what comes after."""
    mine = steps_on(lot.ground, steps, let=lot.let)
    early = earliest(lot, mine, days, holds)
    works = next(one for one in mine if one.step == WORKS)
    ready = max((early[name][1] for name in works.after), default=0)
    if lot.earliest:
        ready = max(ready, days.number(date.fromisoformat(lot.earliest)), 0)
    behind = after_works(mine)
    tail = {WORKS: 0}
    for one in mine:
        if one.step in behind:
            tail[one.step] = one.days + max(tail[name] for name in one.after if name in tail)
    closed = tuple(
        (days.number(date.fromisoformat(since)), days.number(date.fromisoformat(until)) + 1)
        for since, until in lot.closed
    )
    due = days.number(date.fromisoformat(lot.due)) + 1
    hold = holds.get((lot.id, WORKS), 0)
    return Job(lot.id, lot.pool, lot.ground, lot.days, ready, max(tail.values()), due, closed, hold)


def earliest(lot: Lot, mine: Sequence[LotStep], days: WorkDays, holds: Holds) -> dict[str, tuple[int, int]]:
    """Return begin and stop of the steps before the works, each as early as it can be."""
    before = before_works(mine)
    made: dict[str, tuple[int, int]] = {}
    for one in mine:
        if one.step in before:
            begin = days.next(DESK, max((made[name][1] for name in one.after), default=0))
            made[one.step] = begin, max(days.stop(DESK, begin, one.days), holds.get((lot.id, one.step), 0))
    return made


def buffer_of(tasks: Sequence[tuple[float, float]]) -> float:
    """Return how many days a chain of steps should have to spare: √Σ(spread · days)². [d]

    The steps are taken to be late independently of one another (Newbold 1998, root square error).

    Examples
    --------
    >>> buffer_of([(0.5, 20), (0.6, 40)])  # √(10² + 24²)
    26.0
    """
    return math.sqrt(sum((spread * need) ** 2 for spread, need in tasks))


def _forward(
    lot: Lot, steps: Sequence[LotStep], days: WorkDays, holds: Holds, placed: Placed
) -> tuple[Task, ...]:
    """Return the steps of a lot: before the works as late as their buffer allows, after them at once."""
    mine = steps_on(lot.ground, steps, let=lot.let)
    by_name = {one.step: one for one in mine}
    early = earliest(lot, mine, days, holds)
    before = before_works(mine)
    late: dict[str, int] = {}
    feeding = [by_name[name] for name in longest_before(mine)]
    target = days.latest(DESK, placed.begin, buffer_of([(one.spread, one.days) for one in feeding]))
    for one in reversed(mine):
        if one.step in before:
            behind = [late[other.step] for other in mine if one.step in other.after and other.step in late]
            late[one.step] = days.latest(DESK, min(behind, default=target), one.days)
    made: dict[str, Task] = {}
    for one in mine:
        waits = max((made[name].stop for name in one.after), default=0)
        if one.step in before:
            begin = max(early[one.step][0], days.next(DESK, max(late[one.step], 0)), waits)
            first, kind, need, crew = early[one.step][0], DESK, float(one.days), ""
        elif one.step == WORKS:
            ready = max((early[name][1] for name in one.after), default=0)
            begin, kind, need, crew = placed.begin, lot.ground, lot.days, f"{placed.pool}-{placed.crew + 1}"
            first = min(begin, days.next(kind, ready))
        else:
            begin = days.next(DESK, waits) if one.days else waits
            first, kind, need, crew = begin, DESK, float(one.days), ""
        stop = max(days.stop(kind, begin, need), holds.get((lot.id, one.step), 0))
        if one.step == WORKS:
            stop = placed.stop
        made[one.step] = Task(
            lot.id, one.step, kind, need, one.spread, one.after, first, begin, stop, 0, 0.0, crew
        )
    return tuple(made.values())


def longest_before(mine: Sequence[LotStep]) -> tuple[str, ...]:
    """Return the longest way through the steps before the works, in their order."""
    before = before_works(mine)
    by_name = {one.step: one for one in mine}
    length: dict[str, int] = {}
    came: dict[str, str] = {}
    for one in mine:
        if one.step in before:
            far = max(one.after, key=lambda name: length[name], default="")
            length[one.step] = one.days + length.get(far, 0)
            came[one.step] = far
    at = max(by_name[WORKS].after, key=lambda name: length[name], default="")
    way: list[str] = []
    while at:
        way.insert(0, at)
        at = came[at]
    return tuple(way)


def _backward(
    tasks: Mapping[str, tuple[Task, ...]],
    jobs: Mapping[str, Job],
    order: Order,
    days: WorkDays,
    pairs: Sequence[tuple[str, str]],
) -> dict[str, tuple[Task, ...]]:
    """Return the tasks with the latest begin of each: for the due date, and for what the crew does next."""
    next_: dict[tuple[str, int], int] = {}
    begun: dict[str, int] = {}
    made: dict[str, tuple[Task, ...]] = {}
    for placed in sorted(order.placed, key=lambda one: (one.begin, one.stop, one.lot), reverse=True):
        job = jobs[placed.lot]
        found: dict[str, int] = {}
        for task in reversed(tasks[placed.lot]):
            behind = [found[other.step] for other in tasks[placed.lot] if task.step in other.after]
            until = min(behind, default=job.due)
            if task.step == WORKS:
                until = min(until, next_.get((placed.pool, placed.crew), until))
                until = min(
                    [until, *(begun[then] for first, then in pairs if first == placed.lot and then in begun)]
                )
                found[task.step] = latest_works(job, until, days)
                next_[placed.pool, placed.crew] = begun[placed.lot] = found[task.step]
            else:
                found[task.step] = days.latest(DESK, until, task.need)
        made[placed.lot] = tuple(
            replace(
                task, latest=found[task.step], spare=days.between(task.kind, task.begin, found[task.step])
            )
            for task in tasks[placed.lot]
        )
    return made


def latest_works(job: Job, until: int, days: WorkDays) -> int:
    """Return the latest day on which works may begin to be over before a day, not cut by a closure."""
    while True:
        begin = days.latest(job.ground, until, job.need)
        hit = next((since for since, end in reversed(job.closed) if since < until and begin < end), None)
        if hit is None:
            return begin
        until = hit
