"""Into which drainage blocks does the example city fall?"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from wenqu.examples.city.land import Floats, Ints, Land
from wenqu.examples.city.skeleton import Skeleton
from wenqu.examples.city.streets import Streets, cells


@dataclass(frozen=True, slots=True)
class Blocks:
    """Drainage blocks: every place belongs to the nearest middle of its cell. B blocks."""

    x: Floats  # (B,) [m]
    y: Floats  # (B,) [m]
    cell: Ints  # (B,)
    group: Ints  # (B,) metering zone
    groups: int
    of: Ints  # (N,) block of each manhole


def blocks(frame: Land, plan: Streets, pipes: Skeleton, wanted: int, seed: int) -> Blocks:
    """Choose about ``wanted`` blocks, each round one junction; six of them make a metering zone."""
    generator = np.random.default_rng([seed, 61])
    chosen, group, groups = [], [], 0
    for cell in np.unique(plan.cell):
        junctions = np.flatnonzero(plan.cell == cell)
        count = max(1, min(len(junctions), round(wanted * len(junctions) / len(plan.x))))
        picked = _spread(plan.x[junctions], plan.y[junctions], count, generator)
        chosen.append(junctions[picked])
        middles = chosen[-1][: max(1, round(count / 6))]
        at = np.column_stack([plan.x[middles], plan.y[middles]])
        near = cKDTree(at).query(np.column_stack([plan.x[chosen[-1]], plan.y[chosen[-1]]]))[1]
        group.append(np.asarray(near, dtype=np.int64) + groups)
        groups += len(middles)
    rows = np.concatenate(chosen)
    of = _nearest(frame, (plan.x[rows], plan.y[rows], plan.cell[rows]), pipes.x, pipes.y)
    return Blocks(plan.x[rows], plan.y[rows], plan.cell[rows], np.concatenate(group), groups, of)


def _spread(x: Floats, y: Floats, count: int, generator: np.random.Generator) -> Ints:
    """Return ``count`` points that lie apart: of a shuffled few, always the farthest from those chosen."""
    points = np.column_stack([x, y])
    rows = [int(generator.integers(len(x)))]
    away = np.hypot(*(points - points[rows[0]]).T)
    while len(rows) < count:
        candidates = generator.choice(len(x), min(len(x), 40), replace=False)
        rows.append(int(candidates[np.argmax(away[candidates])]))
        away = np.minimum(away, np.hypot(*(points - points[rows[-1]]).T))
    return np.array(rows, dtype=np.int64)


def _nearest(frame: Land, middles: tuple[Floats, Floats, Ints], x: Floats, y: Floats) -> Ints:
    found = np.zeros(len(x), np.int64)
    own = cells(frame, x, y)
    for cell in np.unique(own):
        here = np.flatnonzero(own == cell)
        rows = np.flatnonzero(middles[2] == cell)
        if not len(rows):
            rows = np.arange(len(middles[2]))
        tree = cKDTree(np.column_stack([middles[0][rows], middles[1][rows]]))
        found[here] = rows[tree.query(np.column_stack([x[here], y[here]]))[1]]
    return found
