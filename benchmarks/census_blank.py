"""Which buildings have a sewer within reach, against the R-tree of Shapely with the same answer."""

import statistics
import time
from collections.abc import Iterator

import numpy as np
import shapely

from wenqu.network.geometry import Shapes
from wenqu.network.within_reach import first_year_within

REACH = 50.0


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield one row: buildings × pipes."""
    pipes, buildings, runs = (100_000, 50_000, 3) if quick else (1_000_000, 200_000, 3)
    rng = np.random.default_rng(7)
    side = np.sqrt(pipes) * 60  # [m] a pipe of 30 m for each 3,600 m²
    start = rng.uniform(0, side, (pipes, 2))
    turn = rng.uniform(0, 2 * np.pi, pipes)
    end = start + 30 * np.column_stack([np.cos(turn), np.sin(turn)])
    coords = np.stack([start, end], axis=1).reshape(-1, 2)
    lines = Shapes.lines(coords, np.arange(0, 2 * pipes + 1, 2))
    places = rng.uniform(0, side, (buildings, 2))
    years = np.full(pipes, -np.inf)
    shapes = shapely.linestrings(coords.reshape(-1, 2, 2))

    def ours() -> np.ndarray:
        return ~np.isnan(first_year_within(places, lines, years, REACH))

    def peer() -> np.ndarray:
        found = np.zeros(buildings, np.bool_)
        found[
            shapely.STRtree(shapes).query(shapely.points(places), predicate="dwithin", distance=REACH)[0]
        ] = True
        return found

    if not np.array_equal(ours(), peer()):
        raise ArithmeticError("the two sides differ: what is within reach")
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for task, kept in zip((ours, peer), taken, strict=True):
            begin = time.perf_counter()
            task()
            kept.append(time.perf_counter() - begin)
    mine, theirs = (statistics.median(times) for times in taken)
    name = f"{buildings:,} buildings, a sewer within {REACH:g} m of {pipes:,}, Shapely STRtree"
    yield {"name": name, "ours": mine, "peer": theirs, "ratio": theirs / mine, "unit": "s", "runs": runs}
