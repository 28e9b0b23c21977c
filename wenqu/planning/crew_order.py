"""Which crew does which lot when? List scheduling, with a proof of how far from the best it can be.

Crews of one pool are alike, a crew is at one lot at a time and stays until it is done. Several orders are
tried (earliest due date first, least slack, longest first, and shuffled ones); the one that is least late
is kept. No order of whatever kind can do better than the bound: the work that may not begin before a day and
is due by another takes all crews of its pool so many days, and each lot takes its own steps.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wenqu.planning.work_days import DESK, WorkDays

SHUFFLES = 40  # further orders that are tried where the bound is not reached …
TRIED = 6000  # … as long as so many lots are placed in all
FURTHER = 12  # crews beyond those there are that are tried
AMOUNT = 0.25  # [-] of the span of due dates by which an order is shuffled


@dataclass(frozen=True, slots=True)
class Job:
    """The works of one lot, as numbers of days."""

    lot: str
    pool: str
    ground: str
    need: float  # [d] full days of one crew
    ready: int  # first day on which it may begin
    tail: int  # [d] at a desk from the works to the acceptance
    due: int  # the day after the last on which it may be accepted
    closed: tuple[tuple[int, int], ...] = ()  # begin and stop of the times without any work there
    hold: int = 0  # the works are not over before this day, whatever the crews do


@dataclass(frozen=True, slots=True)
class Placed:
    """When a crew is at a lot."""

    lot: str
    pool: str
    crew: int  # 0 … crews - 1
    begin: int
    stop: int


@dataclass(frozen=True, slots=True)
class Order:
    """A schedule of the crews, and what no schedule can undercut."""

    placed: tuple[Placed, ...]  # by begin
    late: int  # [d] calendar days by which the latest lot is accepted after its due date; ≤ 0 none is late
    least_late: int  # [d] no schedule has less
    stop: int  # the day after the last acceptance
    least_stop: int  # no schedule ends earlier


def fitted(job: Job, free: int, days: WorkDays) -> tuple[int, int]:
    """Return begin and stop of a job that may begin on a day: on the first from which it is not cut."""
    begin = days.next(job.ground, max(job.ready, free))
    while True:
        stop = days.stop(job.ground, begin, job.need)
        hit = next((end for since, end in job.closed if since < stop and begin < end), None)
        if hit is None:
            return begin, max(stop, job.hold)
        begin = days.next(job.ground, hit)


def accepted(job: Job, stop: int, days: WorkDays) -> int:
    """Return the day after the acceptance of a job whose works are over before a day."""
    return days.stop(DESK, stop, job.tail)


def order_crews(jobs: Sequence[Job], crews: Mapping[str, int], days: WorkDays) -> Order:
    """Return when which crew does which lot, the best of several orders, with the bound.

    Parameters
    ----------
    jobs
        The works of the lots.
    crews
        How many crews each pool has; at least one.
    """
    made: list[Placed] = []
    worst = least = -(10**9)
    last = least_last = 0
    for pool in sorted({job.pool for job in jobs}):
        mine = [job for job in jobs if job.pool == pool]
        placed, late, stop = _best(mine, crews[pool], days)
        bound, bound_stop = pool_bound(mine, crews[pool], days)
        made += placed
        worst, least = max(worst, late), max(least, bound)
        last, least_last = max(last, stop), max(least_last, bound_stop)
    placed_all = tuple(sorted(made, key=lambda one: (one.begin, one.pool, one.crew, one.lot)))
    return Order(placed_all, worst, least, last, least_last) if jobs else Order((), 0, 0, 0, 0)


def _best(
    jobs: Sequence[Job], count: int, days: WorkDays, shuffles: int = SHUFFLES
) -> tuple[list[Placed], int, int]:
    """Return the least late of several orders of one pool, its lateness and its end."""
    bound, bound_stop = pool_bound(jobs, count, days)
    due = np.array([job.due for job in jobs], dtype=np.float64)
    need = np.array([job.need for job in jobs], dtype=np.float64)
    ready = np.array([job.ready for job in jobs], dtype=np.float64)
    keys = [due - need * 1e-3, due - need, due + need * 1e-3, due + ready * 1e-3, -need]
    best: tuple[tuple[int, int, int], list[Placed]] | None = None
    generator = np.random.default_rng(len(jobs))  # the same jobs are always tried in the same orders
    wide = max(1.0, float(due.max() - due.min()))
    for number in range(len(keys) + min(shuffles, TRIED // len(jobs))):
        shuffled = due + generator.normal(0.0, AMOUNT * max(wide, float(need.max())), len(jobs))
        key = keys[number] if number < len(keys) else shuffled
        placed = in_turn(jobs, count, days, key.__getitem__)
        told = judged(jobs, placed, days)
        if best is None or told < best[0]:
            best = told, placed
        if best[0][0] <= max(bound, 0) and best[0][2] <= bound_stop:
            break
    assert best is not None
    return best[1], best[0][0], best[0][2]


def judged(jobs: Sequence[Job], placed: Sequence[Placed], days: WorkDays) -> tuple[int, int, int]:
    """Return how late the latest is, how late all that are late are together, and when all is accepted."""
    by_lot = {job.lot: job for job in jobs}
    ends = [(accepted(by_lot[one.lot], one.stop, days), by_lot[one.lot].due) for one in placed]
    late = [end - due for end, due in ends]
    return max(late), sum(max(0, one) for one in late), max(end for end, _ in ends)


def in_turn(jobs: Sequence[Job], count: int, days: WorkDays, key: Callable[[int], float]) -> list[Placed]:
    """Return the jobs of one pool, each begun by the first free crew as soon as none before it can be."""
    free = [(0, crew) for crew in range(count)]
    waiting = sorted(range(len(jobs)), key=lambda row: (jobs[row].ready, jobs[row].lot))
    there: list[tuple[float, str, int]] = []
    placed: list[Placed] = []
    at = 0
    while at < len(waiting) or there:
        now, crew = heapq.heappop(free)
        if not there:
            now = max(now, jobs[waiting[at]].ready)
        while at < len(waiting) and jobs[waiting[at]].ready <= now:
            row = waiting[at]
            heapq.heappush(there, (float(key(row)), jobs[row].lot, row))
            at += 1
        _, _, row = heapq.heappop(there)
        begin, stop = fitted(jobs[row], now, days)
        placed.append(Placed(jobs[row].lot, jobs[row].pool, crew, begin, stop))
        heapq.heappush(free, (stop, crew))
    return placed


def kept_order(jobs: Sequence[Job], placed: Sequence[Placed], days: WorkDays) -> list[Placed]:
    """Return jobs that have changed, done by the same crews in the same turn: each moves as it must."""
    by_lot = {job.lot: job for job in jobs}
    free: dict[tuple[str, int], int] = defaultdict(int)
    made = []
    for one in sorted(placed, key=lambda one: (one.begin, one.stop, one.lot)):
        begin, stop = fitted(by_lot[one.lot], free[one.pool, one.crew], days)
        free[one.pool, one.crew] = stop
        made.append(Placed(one.lot, one.pool, one.crew, begin, stop))
    return made


def crews_wanted(jobs: Sequence[Job], crews: Mapping[str, int], days: WorkDays) -> dict[str, int | None]:
    """Return how many crews each pool would need so that no lot is late for want of one; None beyond reach.

    What is late even with a crew of its own is late for something else and does not count.
    """
    made: dict[str, int | None] = {}
    for pool, there in crews.items():
        mine = [job for job in jobs if job.pool == pool]
        if mine and _short(mine, there + FURTHER, days):
            made[pool] = None
            continue
        enough = (n for n in range(there, there + FURTHER) if not mine or not _short(mine, n, days))
        made[pool] = next(enough, there + FURTHER)
    return made


def _short(jobs: Sequence[Job], count: int, days: WorkDays) -> bool:
    """Tell whether a job is late with so many crews that would be in time with a crew of its own."""
    over = {one.lot: one.stop for one in _best(jobs, count, days, 0)[0]}
    return any(
        accepted(job, over[job.lot], days) > job.due >= accepted(job, fitted(job, 0, days)[1], days)
        for job in jobs
    )


def pool_bound(jobs: Sequence[Job], count: int, days: WorkDays) -> tuple[int, int]:
    """Return the lateness and the end of a pool's lots that no order of them undercuts. [d], [day number]

    Of the jobs that may not begin before a day r and are due by a day D, one is not over before the day on
    which all crews together, each worth the best ground among them, have done their sum of days from r on;
    its tail is at least the shortest of theirs. And no job is over before it would be with a crew of its
    own. The largest of these over all r and D is the bound.
    """
    alone = [(accepted(job, fitted(job, 0, days)[1], days), job.due) for job in jobs]
    late = max(end - due for end, due in alone)
    stop = max(end for end, _ in alone)
    best = np.maximum.reduce([days.worth[ground] for ground in sorted({job.ground for job in jobs})])
    sums = np.concatenate([[0.0], np.cumsum(best)])
    for ready in sorted({job.ready for job in jobs}):
        after = [job for job in jobs if job.ready >= ready]
        for due in sorted({job.due for job in after}):
            some = [job for job in after if job.due <= due]
            load = sum(job.need for job in some) / count
            over = int(np.searchsorted(sums, sums[ready] + load - 1e-9))
            if over <= days.count:
                end = days.stop(DESK, over, min(job.tail for job in some))
                late, stop = max(late, end - due), max(stop, end)
    return late, stop
