"""What does each plant receive today, and what must it reach?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.planning.options import Options
from wenqu.planning.rules import Rules, ShareRule

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plants:
    """What each plant receives before anything is repaired. n rows."""

    ids: npt.NDArray[np.object_]  # (n,)
    flow: Floats  # (n,) [m³/s] mean, NaN where nothing was measured
    load: Floats  # (n,) [kg/s] mean BOD5 load, NaN where nothing was measured
    capacity: Floats  # (n,) [m³/s]
    threshold: Floats  # (n,) [kg/m³]
    counts: npt.NDArray[np.bool_]  # (n,) takes part in the share of capacity (municipal plants do)
    loads: Mapping[str, Floats] = field(default_factory=dict)  # (n,) [kg/s] by pollutant, NaN as above

    def load_of(self, pollutant: str) -> Floats:
        """Return the mean load of a pollutant, NaN where nothing was measured. [kg/s] (n,)"""
        return self.load if pollutant == "bod5" else self.loads.get(pollutant, np.full(len(self.ids), np.nan))

    def named(self, name: str) -> npt.NDArray[np.int64]:
        """Return the rows that a rule speaks of: one plant, or with "" all that count."""
        return np.flatnonzero(self.ids == name if name else self.counts)


def aims(plants: Plants, rules: Rules) -> Floats:
    """Return the concentration each plant must reach: its threshold, one step above if the rule says so."""
    return plants.threshold + rules.step


def share_aims(plants: Plants, rules: Rules, rule: ShareRule) -> Floats:
    """Return the concentration that counts as met in a share of capacity. [kg/m³] (n,)"""
    if rule.threshold is None:
        return aims(plants, rules)
    return np.full(len(plants.ids), rule.threshold + rules.step)


def margins(options: Options, plants: Plants, rules: Rules) -> Floats:
    """Return what each option adds to its plant's margin Σ load - aim·Σ flow. [kg/s] (o,)

    With sewage of 200 mg/L, clean water of 5 mg/L and an aim of 100 mg/L, 1 m³ of clean water kept out
    is worth 0.095 kg and 1 m³ of sewage brought back 0.100 kg.
    """
    return options.load - option_aims(options, plants, rules) * options.flow


def option_aims(options: Options, plants: Plants, rules: Rules) -> Floats:
    """Return the concentration to reach at the plant below each option. [kg/m³] (o,)"""
    aim = dict(zip(plants.ids, aims(plants, rules), strict=True))
    each = np.array([aim.get(name, rules.aim) for name in options.plant], dtype=np.float64)
    return each[options.package] if len(options) else np.empty(0)


def best_concentrations(options: Options, plants: Plants, rules: Rules) -> Floats:
    """Return the highest concentration each plant could reach if money were no object. [kg/m³] (n,)

    Of every package the option with the largest margin is taken, if it has one at all; the aim decides
    what a margin is, so the figure is exact for "can the aim be reached" and a fair guess beyond it.
    """
    worth = margins(options, plants, rules)
    best = np.full(len(plants.ids), np.nan)
    below = options.plant[options.package] if len(options) else np.empty(0, dtype=object)
    for row, name in enumerate(plants.ids):
        flow, load = float(plants.flow[row]), float(plants.load[row])
        mine = np.flatnonzero(np.asarray(below == name, dtype=np.bool_) & (worth > 0))
        order = mine[np.lexsort((-worth[mine], options.package[mine]))]
        _, first = np.unique(options.package[order], return_index=True)
        picked = order[first]
        flow += float(options.flow[picked].sum())
        load += float(options.load[picked].sum())
        best[row] = load / flow if flow > 0 else np.nan
    return best
