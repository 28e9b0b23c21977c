"""How much groundwater, river water and sewage had each area month by month, and where did it jump?

Random-walk states between the meters, known forcings (levels, old rain, season) beside them, so that a wet
season is no break; the smoother gives every month from all months. How fast the states drift and how far
single months scatter is chosen by the likelihood of the record. Jumps are found one by one, each with what
else would explain it, and then let into the states.

Interval 5-95 %: errors of meters, tracers, end members and months as the model has them; no water can be
negative, so that each is told by the normal density cut off at 0. A wrong network is not contained.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from wenqu.diagnosis.month_rows import MIXING, MonthRecord, MonthRows, layout_of, month_rows
from wenqu.diagnosis.month_states import (
    PROBE,
    Areas,
    Layout,
    Spread,
    drift_of,
)
from wenqu.diagnosis.month_steps import (
    SPOILED,
    Jumps,
    Limits,
    Step,
    best,
    jumps_of,
    limits,
    scores,
)
from wenqu.diagnosis.month_told import waters_told
from wenqu.diagnosis.state_smoother import (
    Drift,
    Forward,
    Pull,
    Rows,
    forward,
    jump_within,
    pull,
    unforeseen,
)
from wenqu.errors import NotEnoughData
from wenqu.progress import Progress, part, silent

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Spoiled = tuple[int, int, int]  # month, meter, kind of the row
Burst = tuple[int, int, float]  # month, state, sd of what may come in
LEAST_MONTHS = 6
MOST_STEPS = 12
MOST_SPOILED = 24
SCATTER = 1.4826  # sd of a normal density over the median of what is off
MOST_BESIDE = 4  # trials at once: each holds a covariance of all states
MANY = 200  # states from which trials run side by side
OUTLYING = 2.5  # from where a reading pulls no more than in proportion, when the spread is learnt
CHOICES = {  # no real city is steadier than the first of each
    "drift": (0.005, 0.015, 0.04),
    "common": (0.02, 0.1, 0.25),
    "area": (0.02, 0.05, 0.1, 0.2),
    "users": (0.01, 0.02, 0.05),
    "own": (0.005, 0.01, 0.02, 0.04),
    "tracer": (0.02, 0.05, 0.12),
    "days": (0.5, 1.0, 1.5),
}
PASSES = 2  # in which common factors learn how large the waters are that they are shares of
QUANTITIES = ("extraneous", "groundwater", "river", "sewage")
Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: what, where, when, how much, and what else it may have been."""

    month: int
    first: int  # months that hold 90 %
    last: int
    kind: int  # GROUND, RIVER, SEWAGE, BIAS or PROBE
    place: int  # area, or meter
    size: float  # [m³/s], of a meter and a probe [-]
    sd: float
    z: float
    odds: tuple[tuple[int, int, float], ...]  # kind, area or meter, probability


@dataclass(frozen=True, slots=True)
class MonthHistory:
    """The waters of every area month by month. T months, A areas."""

    record: MonthRecord
    mean: Floats  # (T, 4, A) extraneous, groundwater, river water, sewage [m³/s]
    low: Floats  # (T, 4, A) 5 %
    high: Floats  # (T, 4, A) 95 %
    base: Floats  # (T, A) extraneous water at usual levels: what works and breaks change [m³/s]
    events: tuple[Event, ...]
    spoiled: tuple[tuple[int, int], ...]  # month, meter: readings that were left out
    spread: Spread
    limits: Limits
    misfit: float  # [-] rms of what was not foreseen, in its errors


def month_history(record: MonthRecord, areas: Areas, *, progress: Progress = silent) -> MonthHistory:
    """Return the months of all areas and what happened in them.

    Raises
    ------
    NotEnoughData
        No meter was read in six months.
    """
    most = int(record.heard.sum(axis=0).max(initial=0))
    if most < LEAST_MONTHS:
        raise NotEnoughData("months", months=most, least=LEAST_MONTHS)
    # threads of the library wait for one another where others compute too: whole trials run side by side
    with threadpool_limits(1):
        return _history(record, areas, progress)


def _history(record: MonthRecord, areas: Areas, progress: Progress) -> MonthHistory:
    layout = layout_of(record, len(areas.mean[0]))
    even = np.ones(layout.meters)
    problem = _Problem(record, areas, layout, Spread(), even, month_rows(record, areas, layout))
    for _ in range(PASSES):
        problem = problem.sized(_usual(problem))
    problem = replace(problem, spread=_learnt(problem, (), part(progress, 0.0, 0.3)))
    problem = replace(problem, loose=_loose(problem))
    jumps = jumps_of(problem.areas, layout)
    problem = replace(problem, spread=_learnt(problem, _likeliest(problem, jumps), part(progress, 0.3, 0.5)))
    limit, steps, spoiled, last = _search(problem, jumps, progress)
    events = tuple(_event(layout, jumps, step, last) for step in steps)
    mean, low, high, base = waters_told(problem.areas, layout, record, last)
    white = np.concatenate(last.white)
    misfit = float(np.sqrt((white**2).mean())) if len(white) else 0.0
    left_out = tuple((month, meter) for month, meter, _ in spoiled)
    progress(1.0)
    return MonthHistory(record, mean, low, high, base, events, left_out, problem.spread, limit, misfit)


@dataclass(frozen=True, slots=True)
class _Problem:
    record: MonthRecord
    areas: Areas
    layout: Layout
    spread: Spread
    loose: Floats
    months: Sequence[MonthRows]

    def sized(self, usual: Floats) -> "_Problem":
        """Return the problem with what the record itself says of the size of the waters."""
        areas = replace(self.areas, size=usual)
        return replace(self, areas=areas, months=month_rows(self.record, areas, self.layout))

    def run(
        self, bursts: Sequence[Burst] = (), spoiled: Sequence[Spoiled] = ()
    ) -> tuple[Forward, list[Ints]]:
        """Return the record foreseen, with jumps let in and bad readings left out, and which rows stand."""
        rows, drift, kept = self._asked(bursts, spoiled)
        return forward(rows, drift), kept

    def likelihood(self, bursts: Sequence[Burst]) -> float:
        """Return the logarithm of the likelihood in which a reading far off counts as if it were less so."""
        rows, drift, _ = self._asked(bursts, ())
        white, logs = unforeseen(rows, drift)
        white = np.abs(white)
        far = np.where(white <= OUTLYING, white**2, OUTLYING * (2 * white - OUTLYING))
        return -0.5 * (logs + float(far.sum()))

    def _asked(
        self, bursts: Sequence[Burst], spoiled: Sequence[Spoiled]
    ) -> tuple[list[Rows], Drift, list[Ints]]:
        heard, error = self.record.heard, self.record.member_sd
        drift = drift_of(self.areas, self.layout, self.spread, heard, error)
        for month, state, size in bursts:
            drift.added[month, state] += size**2
        made = [
            one.rows(self.spread, self.loose, [row[1:] for row in spoiled if row[0] == month])
            for month, one in enumerate(self.months)
        ]
        return [rows for rows, _ in made], drift, [kept for _, kept in made]


def _usual(problem: _Problem) -> Floats:
    """Return the mean of each water over the record. (3, A) [m³/s]"""
    found, _ = problem.run()
    middle, _, _, _ = waters_told(problem.areas, problem.layout, problem.record, found)
    usual: Floats = np.maximum(middle[:, 1:].mean(axis=0), 1e-3 * problem.areas.mean)
    return usual


def _bursts(jumps: Jumps, step: Step) -> list[Burst]:
    """Return where a jump is let in: in its month and in the one beside it."""
    state, size = int(jumps.state[step.jump]), float(jumps.size[step.jump])
    return [(month, state, size) for month in sorted({step.month, step.beside})]


def _likeliest(problem: _Problem, jumps: Jumps) -> list[Burst]:
    """Return the likeliest jump, sure or not: the spread is learnt without it."""
    found, _ = problem.run()
    z, odds = scores(pull(found), jumps)
    return _bursts(jumps, best(odds, z, jumps))


def _learnt(problem: _Problem, bursts: Sequence[Burst], progress: Progress) -> Spread:
    """Return the spread that makes the record likeliest, one of few, outliers held back and jumps let in."""
    chosen, tried = problem.spread, dict[Spread, float]()
    cores = min(MOST_BESIDE, os.cpu_count() or 1) if problem.layout.size >= MANY else 1

    def likelihoods(spreads: list[Spread]) -> list[float]:
        new = [spread for spread in spreads if spread not in tried]
        trials = [replace(problem, spread=spread) for spread in new]
        with ThreadPoolExecutor(cores) as pool:
            tried.update(zip(new, pool.map(lambda trial: trial.likelihood(bursts), trials), strict=True))
        return [tried[spread] for spread in spreads]

    for sweep in range(2):
        before = chosen
        for number, (name, values) in enumerate(CHOICES.items()):
            if name == "tracer" and not problem.layout.tracers:
                continue
            spreads = [replace(chosen, **{name: value}) for value in values]
            told = likelihoods(spreads)
            chosen = spreads[told.index(max(told))]
            progress((sweep * len(CHOICES) + number + 1) / (2 * len(CHOICES)))
        if chosen == before:
            break
    return chosen


def _loose(problem: _Problem) -> Floats:
    """Return by how much the months of each meter scatter more than the spread has it. (M,) [-]"""
    found, kept = problem.run()
    z = np.concatenate(pull(found).odd)
    meter = np.concatenate([one.meter[rows] for one, rows in zip(problem.months, kept, strict=True)])
    return np.array(
        [
            max(1.0, SCATTER * float(np.median(np.abs(z[meter == one])))) if (meter == one).any() else 1.0
            for one in range(problem.layout.meters)
        ]
    )


def _search(
    problem: _Problem, jumps: Jumps, progress: Progress
) -> tuple[Limits, list[Step], list[Spoiled], Forward]:
    """Return the jumps found one by one, the bad readings left out, and the record with both in it."""
    steps: list[Step] = []
    spoiled: list[Spoiled] = []
    limit: Limits | None = None
    while True:
        bursts = [burst for step in steps for burst in _bursts(jumps, step)]
        found, kept = problem.run(bursts, spoiled)
        told = pull(found)
        if limit is None:
            limit = limits(found, told, jumps, len(problem.record.months) / 12)
        z, odds = scores(told, jumps)
        for month, state, _ in bursts:  # what was let in is not looked for again, nor a month beside it
            beside = slice(max(month - 1, 0), month + 2)
            odds[beside, jumps.state == state], z[beside, jumps.state == state] = -np.inf, 0.0
        step = best(odds, z, jumps)
        bad = _oddest(problem, told, kept)
        enough = len(spoiled) >= MOST_SPOILED or len(steps) >= MOST_STEPS
        if not enough and bad is not None and bad[0] > limit.spoiled and bad[1] > float(odds.max()):
            spoiled.append(bad[2])
        elif not enough and abs(step.z) > limit.jump:
            steps.append(step)
        else:
            return limit, steps, spoiled, found
        progress(0.5 + 0.45 * (len(steps) + len(spoiled)) / (MOST_STEPS + MOST_SPOILED))


def _oddest(problem: _Problem, told: Pull, kept: Sequence[Ints]) -> tuple[float, float, Spoiled] | None:
    """Return |z|, logarithm of the Bayes factor and place of the reading most likely to be spoiled."""
    most: tuple[float, float, Spoiled] | None = None
    for month, (z, known, rows) in enumerate(zip(told.odd, told.odd_known, kept, strict=True)):
        if not len(z):
            continue
        one = problem.months[month]
        size = np.where(one.kind[rows] == MIXING, 1.0, one.usual[rows])
        gain = known * (SPOILED * size) ** 2
        odds = 0.5 * (z**2 * gain / (1 + gain) - np.log1p(gain))
        row = int(np.argmax(odds))
        if most is None or odds[row] > most[1]:
            place = (month, int(one.meter[rows[row]]), int(one.kind[rows[row]]))
            most = (abs(float(z[row])), float(odds[row]), place)
    return most


def _event(layout: Layout, jumps: Jumps, step: Step, last: Forward) -> Event:
    """Return a jump with its size as the whole record has it, the other jumps let in too."""
    state, kind, place = (int(one[step.jump]) for one in (jumps.state, jumps.kind, jumps.place))
    size, variance = jump_within(last, (step.month, step.beside), state)
    odds = tuple((one, _spot(layout, one, at), share) for one, at, share in step.odds)
    sd = float(np.sqrt(variance))
    return Event(
        step.month, step.first, step.last, kind, _spot(layout, kind, place), size, sd, step.z, odds
    )  # fmt: skip


def _spot(layout: Layout, kind: int, place: int) -> int:
    """Return the meter of a probe, else the place itself."""
    return layout.probes[place][0] if kind == PROBE else place
