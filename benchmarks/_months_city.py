"""A fictional city over two years in which something may happen: what its meters read, and nothing of Wenqu.

Generator of ``_truth_city`` and ``_truth_readings`` with a step in one area, or a meter that jumps.
"""

from dataclasses import dataclass

import numpy as np
from _truth_city import Knobs, Truth, truth
from _truth_readings import Forcing, above, forcing, waters

HOURS = 24


@dataclass(frozen=True)
class Step:
    """What happens (none, groundwater, sewage, meter), in which area or at which meter, when, how much."""

    kind: str
    place: int
    day: int
    share: float  # of the clean water and sewage of the area; of the reading for a meter
    size: float  # [m³/s]


@dataclass(frozen=True)
class Watched:
    """Hourly readings of all meters. M meters, h hours."""

    there: Truth
    moved: Forcing
    flow: np.ndarray  # (M, h) [m³/s] NaN where not read
    step: Step


def watched(knobs: Knobs, seed: int, kind: str = "none", share: float = 0.0) -> Watched:
    """Return the readings of one city of its own seed. Steps come 9 to 19 months into the record."""
    rng = np.random.default_rng([seed, 7])
    there = truth(knobs, seed)
    moved = forcing(knobs, rng)
    flows = waters(there, knobs, moved, rng)
    meters = len(there.meters)
    day = int(rng.integers(270, min(580, knobs.days - 60)))
    own = np.bincount(there.area, there.sewage + there.ground + there.river, meters)
    place = int(rng.choice(np.flatnonzero(own >= np.quantile(own, 0.25))))
    size = share * float(own[place])
    inside = (there.meters <= there.meters[place]) & (
        there.meters[place] < there.meters + there.size[there.meters]
    )
    when = np.arange(knobs.days * HOURS) >= day * HOURS
    season = 1 + 0.1 * np.sin(2 * np.pi * np.arange(len(when)) / (365 * HOURS) + rng.uniform(0, 6))
    total = flows.sewage * season + flows.ground + flows.river + flows.storm
    if kind == "groundwater":
        total += inside[:, None] * size * when * (1 + 0.5 * (moved.groundwater - moved.groundwater.mean()))
    if kind == "sewage":
        foul = np.bincount(there.area, there.sewage, meters)
        size = -min(size, 0.9 * float(foul[place]))
        shape = flows.sewage[place] / max(float(flows.sewage[place].mean()), 1e-12)
        total += inside[:, None] * size * when * shape
    biased = 1 + knobs.bias * rng.standard_normal(meters)
    gain = np.repeat(biased[:, None], len(when), axis=1)
    if kind == "meter":
        gain[place, when] *= 1 + share
    read = total * gain * (1 + 0.03 * rng.standard_normal(total.shape))
    read[rng.random(read.shape) < 0.01] = np.nan
    for meter in np.flatnonzero(rng.random(meters) < 0.2):  # a meter is out for some weeks
        start = int(rng.integers(0, knobs.days - 60))
        read[meter, start * HOURS : (start + int(rng.integers(10, 60))) * HOURS] = np.nan
    return Watched(there, moved, read, Step(kind, place, day, share, size))


__all__ = ["Step", "Watched", "above", "watched"]
