"""How likely does a plant reach its target by the end of each window of a programme?

Draws of the load of today (error of the yearly mean, spread of the years), of how much of the planned clean
water really goes and of the planned sewage really comes (one common factor each, before anything has been
verified). Less water runs slower and decays longer: the loss on the way grows with (Q0/Q1)^n, taken once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.plant_history import Span

DRAWS = 4000
LEAST_FLOW = 0.05  # [-] of today's flow: no works dry a sewer up


@dataclass(frozen=True, slots=True)
class PlantToday:
    """What a plant receives now."""

    flow: float  # [m³/s]
    bod5: float  # [kg/m³] flow-weighted mean of a year
    bod5_sd: float
    spread: float  # [-] how far a year may lie from its forecast, as one standard deviation
    decay: float  # [-] rate times travel time on the way
    clean: float  # [kg/m³] BOD5 of the clean water
    target: float  # [kg/m³]


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned to be done by the end of one window, all windows before included."""

    window: str
    removed: float  # [m³/s] clean water
    gained: float  # [kg/s] BOD5 of sewage that did not arrive before
    brought: float  # [m³/s] that sewage


@dataclass(frozen=True, slots=True)
class Chance:
    """One date: the concentration to expect and the chance of the target."""

    window: str  # "" for now
    bod5: Span  # [kg/m³]
    chance: float  # [-]


def plant_chances(today: PlantToday, planned: Sequence[Planned], *, seed: int = 1) -> tuple[Chance, ...]:
    """Return now and the end of every window with the chance of the target."""
    generator = np.random.default_rng(seed)
    sewage = np.maximum(today.bod5 + today.bod5_sd * generator.normal(size=DRAWS), 0.0) * today.flow
    year = np.exp(today.spread * generator.normal(size=DRAWS))
    spread = float(np.sqrt(np.log1p(default("effect_cv") ** 2)))
    works = np.exp(spread * generator.normal(size=(2, DRAWS)) - spread**2 / 2)
    made = []
    for one in (Planned("", 0.0, 0.0, 0.0), *planned):
        gone = one.removed * works[0]
        flow = np.maximum(today.flow - gone + one.brought * works[1], LEAST_FLOW * today.flow)
        slower = np.exp(-today.decay * ((today.flow / flow) ** default("velocity_exponent") - 1))
        load = np.maximum(sewage - gone * today.clean, 0.0) + one.gained * works[1]
        drawn = load * slower / flow * year
        low, middle, high = np.percentile(drawn, [5, 50, 95])
        told = (float(middle), float(low), float(high))
        made.append(Chance(one.window, told, float((drawn >= today.target).mean())))
    return tuple(made)
