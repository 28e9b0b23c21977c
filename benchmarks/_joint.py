"""The joint inversion of a city: time and memory by size, beside dense and sparse least squares."""

import platform
import resource
import time
from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from threadpoolctl import threadpool_limits

from wenqu.diagnosis.case_evidence import cleaned, heard, responses_by_day, sample
from wenqu.diagnosis.city_posterior import Cells, cells_of, city_posterior, joint_of
from wenqu.diagnosis.joint_inversion import Inversion, invert
from wenqu.diagnosis.joint_rows import Heard
from wenqu.diagnosis.joint_unknowns import Expected
from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.diagnosis.travelled_waves import Ways, ways_of
from wenqu.series.events import daily_means
from wenqu.series.model import series

DAYS = 365
MEMBERS = np.array([[0.040, 0.10], [0.001, 0.06], [0.0015, 0.03]])  # [kg/m³, S/m] of the three waters


Forest = Callable[[int], tuple[np.ndarray, np.ndarray]]


def joint_measurements(forest: Forest, *, quick: bool) -> Iterator[dict[str, object]]:
    """Yield seconds of a whole inversion with its readings, one linear step beside its peers, and memory."""
    pipes, meters, days = (2_000, 20, 60) if quick else (10_000, 80, DAYS)
    with threadpool_limits(1):
        start = time.perf_counter()
        cells, expected, told, ways, entering = city(forest(pipes), meters, days)
        read = time.perf_counter() - start
        start = time.perf_counter()
        found = invert(expected, told, ways, default_pattern())
        solved = time.perf_counter() - start
        start = time.perf_counter()
        said = city_posterior(joint_of(found), cells, entering, expected.made, 0.8)
        said.pipe_mean(), said.pipe_sd()
        shared = time.perf_counter() - start
        name = f"{pipes:,} pipes, {meters} meters, {days} days of hours"
        yield row(f"readings of {name}", read, None)
        yield row(f"joint inversion of {name}", solved, None)
        yield row(f"shares of every pipe of {name}", shared, None)
        yield from steps(found, name)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield {**row("memory, most of the run", memory, None), "unit": "GB"}


def steps(found: Inversion, name: str) -> Iterator[dict[str, object]]:
    """Yield one linear step of ours, by normal equations, beside least squares of the same rows."""
    design, value = found.rows.design, found.rows.value
    size = design.shape[1]
    prior = np.linalg.cholesky(found.factor @ found.factor.T - design.T @ design + 1e-9 * np.eye(size)).T
    rows = np.vstack([design, prior])
    right = np.concatenate([value, prior @ found.theta])
    start = time.perf_counter()
    ours = np.linalg.solve(rows.T @ rows, rows.T @ right)
    took = time.perf_counter() - start
    start = time.perf_counter()
    dense = np.linalg.lstsq(rows, right, rcond=None)[0]
    yield row(f"one step of {name} (dense lstsq)", took, time.perf_counter() - start)
    sparse = scipy.sparse.csr_array(np.where(np.abs(rows) > 0, rows, 0.0))
    start = time.perf_counter()
    scipy.sparse.linalg.lsqr(sparse, right, atol=1e-10, btol=1e-10, iter_lim=4 * size)
    yield row(f"one step of {name} (SciPy lsqr, sparse)", took, time.perf_counter() - start)
    if np.abs(ours - dense).max() > 1e-4 * np.abs(dense).max():
        raise ArithmeticError("the peer differs")


def city(
    subtrees: tuple[np.ndarray, np.ndarray], meters: int, days: int
) -> tuple[Cells, Expected, Heard, Ways, np.ndarray]:
    """Return cells, what is expected, what was heard, the ways, and what truly enters each pipe."""
    rng = np.random.default_rng(2)
    first, last = subtrees
    pipes = len(first)
    large = np.argsort(first - last, kind="stable")[: 50 * meters]
    chosen = rng.choice(large[: pipes // 2], meters, replace=False)
    first, last = first[chosen], last[chosen]
    entering = rng.gamma(2, 0.5, (3, pipes)) * 1e-4
    cells = cells_of(first, last, pipes)
    made, ground, river = (np.bincount(cells.of_pipe, one, len(cells)) for one in entering)
    expected = Expected(
        made,
        np.full(len(cells), 0.25),
        ground,
        river,
        np.full(meters, 0.05),
        MEMBERS,
        0.1 * MEMBERS,
        0.7,
        0.7,
    )
    told = readings(rng, (first, last), entering, days)
    down = np.linspace(20_000, 0, pipes)
    ways = ways_of(cells.of_pipe, entering[0], down, down[first], (first, last), cells.spans)
    return cells, expected, told, ways, entering


def readings(
    rng: np.random.Generator, reach: tuple[np.ndarray, np.ndarray], entering: np.ndarray, days: int
) -> Heard:
    """Return the evidence of a year of hourly flows, conductivity and ammonia, and of two levels."""
    clock = np.datetime64("2024-01-01", "s") + np.arange(24 * days) * np.timedelta64(3600, "s")
    level = 0.4 * np.sin(2 * np.pi * np.arange(24 * days) / (24 * 90))
    stage = 0.5 * np.sin(2 * np.pi * np.arange(24 * days) / (24 * 17))
    flows, samples = [], []
    for meter, (first, last) in enumerate(zip(*reach, strict=True)):
        foul, ground, river = entering[:, first:last].sum(axis=1)
        waters = np.stack(
            [foul * np.tile(default_pattern(), days), ground * (1 + 0.6 * level), river * (1 + 0.8 * stage)]
        )
        total = waters.sum(axis=0)
        read = total * rng.normal(1.0, 0.04) * rng.normal(1.0, 0.03, len(clock))
        flows.append(cleaned(series(str(meter), "flow", clock, read, simulated=True)))
        dry = np.ones(days, np.bool_)
        for tracer in range(2):
            mixed = (MEMBERS[:, tracer] @ waters / total) * rng.normal(1.0, 0.03, len(clock))
            one = series(str(meter), "conductivity", clock, mixed, simulated=True)
            samples.append(sample(one, flows[-1].daily.days[dry], meter, tracer))
    dry = [np.ones(days, np.bool_)] * len(flows)
    levels = [daily_means(series("x", "groundwater", clock, one, simulated=True)) for one in (level, stage)]
    answers = responses_by_day(flows, dry, (levels[0], levels[1]), None)
    return heard(flows, dry, [one for one in samples if one is not None], answers)


def row(name: str, ours: float, peer: float | None) -> dict[str, object]:
    """Return one measurement."""
    return {
        "name": name, "ours": ours, "peer": peer, "ratio": None if peer is None else peer / ours,
        "unit": "s", "runs": 1, "machine": platform.machine(),
    }  # fmt: skip
