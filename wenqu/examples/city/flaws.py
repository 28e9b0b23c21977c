"""Which faults does the survey of the example city carry on purpose?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.skeleton import Skeleton
from wenqu.network.model import Assets


@dataclass(frozen=True, slots=True)
class Flaw:
    """One fault put into the tables on purpose."""

    type: str
    id: str
    what: str  # adverse slope, bore shrinks, unknown material, unknown year


def with_flaws(conduits: Assets, pipes: Skeleton, seed: int) -> tuple[Assets, list[Flaw]]:
    """Return the conduits with a few faults in them, and the list of those faults.

    Inverts changed over (the conduit seems to rise), a bore written smaller than the one above it, materials
    and years left out: what a census brings home. They grow with the city, six slopes for 6,000 conduits.
    """
    generator = np.random.default_rng([seed, 81])
    size = len(pipes.start)
    count = max(2, round(size / 1000))
    columns = {
        name: conduits.column(name).copy()
        for name in ("from_invert", "to_invert", "slope", "material", "year")
    }
    height, width = conduits.column("height").copy(), conduits.column("width").copy()
    fall = columns["from_invert"] - columns["to_invert"]
    steep = np.flatnonzero((fall > 0.06) & (fall < 0.5) & (pipes.of_system > 0))
    turned = np.sort(generator.choice(steep, min(count, len(steep)), replace=False))
    columns["from_invert"][turned], columns["to_invert"][turned] = (
        columns["to_invert"][turned],
        columns["from_invert"][turned],
    )
    columns["slope"][turned] *= -1
    wide = np.flatnonzero((pipes.diameter >= 0.8) & (pipes.of_system > 0))
    wide = np.setdiff1d(wide, turned)
    narrow = np.sort(generator.choice(wide, min(max(1, count // 2), len(wide)), replace=False))
    height[narrow] = width[narrow] = 0.4
    rest = np.setdiff1d(np.arange(size), np.concatenate([turned, narrow]))
    blank = np.sort(generator.choice(rest, 2 * count, replace=False))
    columns["material"][blank[::2]] = None
    columns["year"][blank[1::2]] = np.nan
    listed = [(turned, "adverse slope"), (narrow, "bore shrinks")]
    listed += [(blank[::2], "unknown material"), (blank[1::2], "unknown year")]
    flaws = [Flaw("conduit", str(conduits.ids[row]), what) for rows, what in listed for row in rows]
    return conduits.replace(**columns, height=height, width=width), flaws
