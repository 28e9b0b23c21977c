"""How broken is each conduit of the example city?"""

from dataclasses import dataclass

import numpy as np

from wenqu.examples.city.ages import MATERIALS, SOILS, TODAY, Ages
from wenqu.examples.city.land import Floats, Ints
from wenqu.examples.city.lists import rows
from wenqu.examples.city.skeleton import Skeleton
from wenqu.examples.city.sums import sums

LEVEL_SHARES = np.cumsum([0.44, 0.31, 0.17, 0.08])
RATE = 0.95  # defects per 100 m of a new conduit of reinforced concrete in ordinary soil
RIGID = ("concrete", "reinforced_concrete", "vitrified_clay")


@dataclass(frozen=True, slots=True)
class Wear:
    """Every defect there is, seen or not, and how leaky it makes its conduit. D defects, C conduits."""

    conduit: Ints  # (D,)
    mix: Ints  # (D,) row of defect_mix.csv
    level: Ints  # (D,) 1 … 4
    start: Floats  # (D,) [m] from the upper manhole
    length: Floats  # (D,) [m], 0 for a point
    leakiness: Floats  # (C,) relative conductance to groundwater, per metre of head


def _rates(pipes: Skeleton, known: Ages, generator: np.random.Generator) -> Floats:
    """Return the expected number of defects of each conduit: older, weaker, softer ground; streets differ."""
    factor = {(row["kind"], row["code"]): float(row["factor"]) for row in rows("wear")}
    material = np.array([factor["material", name] for name in MATERIALS])[known.material]
    soil = np.array([factor["soil", name] for name in SOILS])[known.soil]
    age = 0.35 + ((TODAY - known.year) / 26.0) ** 1.4
    streets = int(pipes.of_street.max()) + 1
    workmanship = generator.gamma(0.75, 1 / 0.75, streets)[pipes.of_street]
    wet = 1 + 0.3 * np.clip(known.head, 0, 3)
    rate: Floats = RATE * age * material * soil * workmanship * wet * pipes.length / 100
    return rate


def wear(pipes: Skeleton, known: Ages, seed: int) -> Wear:
    """Draw the defects of every conduit and add up how much they leak."""
    generator = np.random.default_rng([seed, 31])
    count = generator.poisson(np.minimum(_rates(pipes, known, generator), 9.0))
    conduit = np.repeat(np.arange(len(count)), count)
    rigid = np.isin(np.array(MATERIALS)[known.material], RIGID)[conduit]
    table = rows("defect_mix")
    weight = np.array([float(row["weight"]) for row in table])
    stiff = np.array([row["material"] == "rigid" for row in table])
    draw = generator.random(len(conduit))
    mix = np.empty(len(conduit), np.int64)
    for kind in (True, False):
        choice = np.flatnonzero(stiff == kind)
        shares = np.cumsum(weight[choice]) / weight[choice].sum()
        here = rigid == kind
        mix[here] = choice[np.searchsorted(shares, draw[here], side="right")]
    highest = np.array([int(row["highest"]) for row in table])[mix]
    worse = np.clip((TODAY - known.year[conduit] - 20) / 160, -0.06, 0.18)
    level = 1 + np.searchsorted(LEVEL_SHARES, np.minimum(generator.random(len(conduit)) + worse, 0.999))
    level = np.minimum(np.minimum(level, 4), highest)
    span = pipes.length[conduit]
    start = np.round(generator.random(len(conduit)) * np.maximum(span - 1.5, 0.2), 1)
    long = np.array([row["continuous"] == "yes" for row in table])[mix] & (
        generator.random(len(conduit)) < 0.4
    )
    length = np.where(
        long, np.floor(10 * np.minimum(span - start, 1 + 5 * generator.random(len(conduit))) - 0.01) / 10, 0.0
    )
    leak = np.array([float(row["leak"]) for row in table])[mix] * level.astype(np.float64) ** 2
    hidden = np.exp(generator.normal(0, 0.35, len(count)))
    background = 0.004 * pipes.length * (1 + pipes.diameter)
    leakiness = (sums(conduit, leak, len(count)) + background) * hidden
    return Wear(conduit, mix, level.astype(np.int64), start, np.maximum(length, 0.0), leakiness)
