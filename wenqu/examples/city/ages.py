"""When was each conduit of the example city laid, of what, in which soil, how deep under the water table?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.examples.city.drains import COMBINED
from wenqu.examples.city.land import Flags, Floats, Ints, Land
from wenqu.examples.city.skeleton import Levels, Skeleton

TODAY = 2025
MATERIALS = (
    "concrete",
    "reinforced_concrete",
    "vitrified_clay",
    "upvc",
    "hdpe",
    "ductile_iron",
)
SOILS = ("ordinary", "mucky_soil", "muck", "silty_sand", "expansive_weak")
IMPORTANCE = ("central", "trunk_road", "other_road", "other")
# Share of each material, in the order of MATERIALS, by the years up to which it held.
MATERIAL_SHARES = (
    (1990, (0.62, 0.26, 0.12, 0.0, 0.0, 0.0)),
    (2003, (0.16, 0.66, 0.04, 0.12, 0.02, 0.0)),
    (2014, (0.02, 0.50, 0.0, 0.12, 0.34, 0.02)),
    (2100, (0.0, 0.34, 0.0, 0.05, 0.42, 0.19)),
)


@dataclass(frozen=True, slots=True)
class Ages:
    """What is known and what is true of each conduit. C conduits."""

    year: Ints  # (C,)
    material: Ints  # (C,) index of MATERIALS
    soil: Ints  # (C,) index of SOILS
    importance: Ints  # (C,) index of IMPORTANCE
    head: Floats  # (C,) mean groundwater level above the invert, negative below it [m]
    table: Floats  # (C,) mean groundwater level [m]


def _materials(year: Ints, diameter: Floats, generator: np.random.Generator) -> Ints:
    material = np.zeros(len(year), np.int64)
    draw = generator.random(len(year))
    since = 0
    for until, shares in MATERIAL_SHARES:
        held = np.flatnonzero((year > since) & (year <= until))
        material[held] = np.minimum(np.searchsorted(np.cumsum(shares), draw[held], side="right"), 5)
        since = until
    large = (diameter > 0.85) & (material != MATERIALS.index("concrete"))
    material[large] = MATERIALS.index("reinforced_concrete")
    return material


def _soils(frame: Land, x: Floats, y: Floats) -> Ints:
    away = frame.river_distance(x, y)
    patch = np.sin(x / 410 + frame.phases[1]) + np.sin(y / 370 + frame.phases[2])
    soil = np.where(away < 420, SOILS.index("mucky_soil"), SOILS.index("ordinary"))
    soil[away < 110] = SOILS.index("muck")
    soil[(patch > 1.1) & (away < 700)] = SOILS.index("silty_sand")
    soil[(patch < -1.6) & (away > 420)] = SOILS.index("expansive_weak")
    return soil


def ages(frame: Land, avenue: Flags, pipes: Skeleton, depth: Levels, seed: int) -> Ages:
    """Return age, material and ground of every conduit: the old middle is oldest, rings grow outward.

    ``avenue`` says of every street whether it is one.
    """
    generator = np.random.default_rng([seed, 11])
    x = (pipes.x[pipes.start] + pipes.x[pipes.end]) / 2
    y = (pipes.y[pipes.start] + pipes.y[pipes.end]) / 2
    ring = frame.centre_distance(x, y)
    street_draw = generator.normal(0, 4.0, len(avenue))
    year = 1978 + 34 * (1 - np.exp(-ring / 1500)) + street_draw[pipes.of_street]
    year = np.where(pipes.of_system == COMBINED, year - 4, year)
    relaid = generator.random(len(avenue))[pipes.of_street] < 0.12
    year = np.where(relaid, np.maximum(year, 2012 + 5 * generator.random(len(year))), year)
    laid: Ints = np.clip(np.round(year), 1962, TODAY - 2).astype(np.int64)
    importance = np.full(len(x), IMPORTANCE.index("other_road"))
    importance[avenue[pipes.of_street]] = IMPORTANCE.index("trunk_road")
    importance[ring < 0.55 * frame.old_towns()[0, 2]] = IMPORTANCE.index("central")
    importance[(ring > 2600) & (importance == 2)] = IMPORTANCE.index("other")
    water = frame.water_table(x, y)
    head = water - (depth.upper + depth.lower) / 2
    return Ages(
        laid,
        _materials(laid, pipes.diameter, generator),
        _soils(frame, x, y),
        importance,
        head,
        water,
    )


def groundwater_classes(head: Floats, diameter: Floats, swing: float = 0.45) -> npt.NDArray[np.object_]:
    """Return how the water table lies to each conduit, by code. ``swing`` is its seasonal half range. [m]"""
    classes = np.full(len(head), "within", dtype=object)
    classes[head > diameter] = "above"
    classes[head < 0] = "below"
    classes[(np.abs(head - diameter / 2) < swing) & (head > -swing)] = "seasonal"
    return classes
