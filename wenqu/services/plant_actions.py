"""What does the programme do for one plant: which method brings how many mg/L for how much, by which year?"""

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from wenqu.planning.costs import Catalogue
from wenqu.planning.plant_gains import plant_gains
from wenqu.records.programme import Measure, PlantOutlook, Programme
from wenqu.units import to_si


@dataclass(frozen=True, slots=True)
class Gain:
    """What one measure brings at its plant."""

    measure: Measure
    gain: float  # [kg/m³], NaN where nothing is known of the plant


@dataclass(frozen=True, slots=True)
class MethodGain:
    """What all measures of one method bring at a plant."""

    method: str
    zh: str
    en: str
    gains: tuple[Gain, ...]
    low: float  # [-] of the gain at the 5 % point of the method's effect; NaN without a known method
    high: float

    @property
    def gain(self) -> float:
        """Return the concentration gained. [kg/m³]"""
        return math.fsum(one.gain for one in self.gains)

    @property
    def cost(self) -> float:
        """Return the cost. [yuan]"""
        return math.fsum(one.measure.cost for one in self.gains)

    @property
    def length(self) -> float:
        """Return the length that is worked on. [m]"""
        return math.fsum(one.measure.length for one in self.gains)

    @property
    def removed(self) -> float:
        """Return the clean water kept out. [m³/s]"""
        return math.fsum(one.measure.flow_removed for one in self.gains)

    @property
    def gained(self) -> float:
        """Return the BOD5 brought to the plant. [kg/s]"""
        return math.fsum(one.measure.load_gained for one in self.gains)


@dataclass(frozen=True, slots=True)
class PlantActions:
    """The programme as one plant sees it."""

    methods: tuple[MethodGain, ...]  # those that bring most first
    outlook: tuple[PlantOutlook, ...]  # by window
    rest: float  # [kg/m³] of the programme's own outlook that the measures do not explain
    windows: tuple[str, ...]

    @property
    def gains(self) -> tuple[Gain, ...]:
        """Return every measure with what it brings, the most first."""
        every = [one for method in self.methods for one in method.gains]
        return tuple(sorted(every, key=lambda one: (-_number(one.gain), one.measure.option)))

    @property
    def reached(self) -> PlantOutlook | None:
        """Return what the plant receives at the end of the programme."""
        return self.outlook[-1] if self.outlook else None


def plant_actions(
    programme: Programme, plant: str, flow: float, load: float, book: Catalogue
) -> PlantActions:
    """Return the measures above a plant with what each brings there.

    Parameters
    ----------
    flow, load
        What the plant receives today. [m³/s], [kg/s]
    book
        The price table: its Beta of each method's effect gives the interval.
    """
    mine = [one for one in programme.measures if one.plant == plant]
    outlook = tuple(one for one in programme.outlook if one.plant == plant)
    gains, rest = _gains(programme, mine, outlook, flow, load)
    by_method: defaultdict[str, list[Gain]] = defaultdict(list)
    for measure, gain in zip(mine, gains, strict=True):
        by_method[measure.method].append(Gain(measure, float(gain)))
    made = [_method(key, rows, book) for key, rows in by_method.items()]
    made.sort(key=lambda one: (-_number(one.gain), one.method))
    return PlantActions(tuple(made), outlook, rest, programme.windows)


def _gains(
    programme: Programme, mine: Sequence[Measure], outlook: Sequence[PlantOutlook], flow: float, load: float
) -> tuple[np.ndarray, float]:
    removed = np.array([one.flow_removed for one in mine], dtype=np.float64)
    gained = np.array([one.load_gained for one in mine], dtype=np.float64)
    if not mine or not outlook or not math.isfinite(flow) or not math.isfinite(load):
        return np.full(len(mine), np.nan), math.nan
    rules = json.loads(programme.rules) if programme.rules else {}
    clean = to_si(float(rules.get("clean_bod_mg_per_L", 0.0)), "mg/L")
    last = outlook[-1]
    # What flows more than the clean water says is the sewage that comes back, in proportion to its load.
    brought = max(0.0, last.flow - flow + float(removed.sum()))
    share = gained / gained.sum() if gained.sum() > 0 else np.zeros(len(mine))
    parts = plant_gains(flow, load, brought * share - removed, gained - clean * removed)
    return parts, last.concentration - load / flow - float(parts.sum())


def _method(key: str, rows: Sequence[Gain], book: Catalogue) -> MethodGain:
    known = next((one for one in book.methods if one.key == key), None)
    if known is None:
        return MethodGain(key, key, key, tuple(rows), math.nan, math.nan)
    a, b = known.effect_a, known.effect_b
    low, high = (float(one) * (a + b) / a for one in beta.ppf([0.05, 0.95], a, b))
    return MethodGain(key, known.zh, known.en, tuple(rows), low, high)


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else value
