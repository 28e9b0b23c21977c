"""Is a rain record what it says it is, and how much rain fell above a meter?

A gauge may give a running total instead of an intensity, be in the wrong unit, stand far away, or sleep. What
can be put right is put right and told; what cannot is left out and told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.issues import Issue, Weight
from wenqu.series.flags import Rules, flagged
from wenqu.series.model import Flag, Series, series
from wenqu.series.repair import regular

Floats = npt.NDArray[np.float64]
YEAR = 365.2425 * 86400.0  # [s]
MM_H = 1e-3 / 3600  # [m/s]
DRIEST, WETTEST = 0.05, 5.0  # [m/a] no inhabited place lies outside
SHORT = 60 * 86400.0  # [s] a shorter record has no yearly depth
APART = 4.0  # times the median of the other gauges: one of them is wrong
DRIZZLE = Rules(flat_after=12 * 3600.0, flat_zero=False, spike_factor=0.0, spike_floor=0.0)
NEAREST = 500.0  # [m] below which a gauge is as good as on the spot


@dataclass(frozen=True, slots=True, eq=False)
class Gauge:
    """A rain gauge with its believed readings on a regular grid."""

    id: str
    at: Floats  # (2,) [m] NaN when nobody knows
    rain: Series  # regular [m/s]


def gauges_read(
    given: Mapping[str, Series], places: Mapping[str, Floats], step: int
) -> tuple[tuple[Gauge, ...], tuple[Issue, ...]]:
    """Return the gauges that can be believed, and what is wrong with the others.

    Parameters
    ----------
    given
        Rain intensity by gauge. [m/s]
    places
        Where each gauge stands. (2,) [m]
    step
        Width of the grid. [s]
    """
    issues: list[Issue] = []
    kept: list[Gauge] = []
    for id_, one in given.items():
        if not len(one) or not np.isfinite(one.values).any():
            issues.append(_said("rain.gauge-silent", id_))
            continue
        record = one
        if running_total(one):
            record = from_running_total(one)
            issues.append(_said("rain.gauge-running-total", id_))
        made = regular(flagged(record, DRIZZLE), step)
        depth = yearly_depth(made)
        if np.isfinite(depth) and not DRIEST <= depth <= WETTEST:
            issues.append(_said("rain.gauge-unit", id_, depth=depth * 1e3))
            continue
        kept.append(Gauge(id_, places.get(id_, np.full(2, np.nan)), made))
    return _agreeing(kept, issues)


def _said(code: str, id_: str, **facts: object) -> Issue:
    return Issue(code, Weight.DOUBT, "gauge", id_, facts={"gauge": id_, **facts})


def _agreeing(kept: list[Gauge], issues: list[Issue]) -> tuple[tuple[Gauge, ...], tuple[Issue, ...]]:
    """Leave out gauges that read several times more or less than the rest."""
    depths = np.array([yearly_depth(one.rain, 0.0) for one in kept])
    chosen = []
    for row, one in enumerate(kept):
        others = np.delete(depths, row)
        usual = float(np.median(others)) if len(others) >= 2 else np.nan
        if usual > 0 and not 1 / APART <= depths[row] / usual <= APART:
            issues.append(_said("rain.gauge-apart", one.id, times=float(depths[row] / usual)))
        else:
            chosen.append(one)
    return tuple(chosen), tuple(issues)


def running_total(record: Series) -> bool:
    """Tell whether readings only rise, but for resets: a total since some day, not an intensity."""
    known = record.values[np.isfinite(record.values)]
    if len(known) < 50 or known.max() <= 0:
        return False
    change = np.diff(known)
    falls = change < 0
    # An intensity falls about as often as it rises, and is nothing most of the time.
    return bool(
        (change > 0).sum() >= 10
        and falls.sum() <= 0.1 * (change > 0).sum()
        and (known > 0).mean() > 0.9
        and (known[1:][falls] <= 0.2 * known[:-1][falls]).all()
    )


def from_running_total(record: Series) -> Series:
    """Return the intensity behind a running total filed as mm/h; a reset counts from nothing. [m/s]"""
    there = np.isfinite(record.values)
    times, total = record.times[there], record.values[there] / MM_H * 1e-3  # [m]
    seconds = np.diff(times.astype("datetime64[s]").astype(np.int64)).astype(np.float64)
    change = np.diff(total)
    fallen = np.where(change < 0, total[1:], change)
    usual = float(np.median(seconds)) if len(seconds) else 3600.0
    values = np.where(seconds <= 3 * usual, fallen / np.maximum(seconds, 1.0), np.nan)
    # A reading tells the rain of the time before it; grids name a step by its start.
    return series(record.asset, record.quantity, times[:-1], values, simulated=record.simulated)


def yearly_depth(rain: Series, shortest: float = SHORT) -> float:
    """Return the depth a year of a regular record, NaN when it is too short to tell. [m/a]"""
    good = rain.good()
    known = np.isfinite(good)
    if len(rain) < 2 or not known.any():
        return float("nan")
    step = float((rain.times[1] - rain.times[0]).astype(np.int64))
    return float(good[known].mean() * YEAR) if known.sum() * step >= shortest else float("nan")


def rain_matrix(gauges: Sequence[Gauge], times: npt.NDArray[np.datetime64]) -> Floats:
    """Return the readings of the gauges on one grid, NaN where one sleeps. (G, T) [m/s]"""
    found = np.full((len(gauges), len(times)), np.nan)
    for row, one in enumerate(gauges):
        _, here, there = np.intersect1d(times, one.rain.times, return_indices=True)
        found[row, here] = one.rain.good()[there]
    return found


def gauge_weights(gauges: Sequence[Gauge], at: Floats) -> tuple[Floats, Floats]:
    """Return how much each gauge tells of some places, and how far the nearest stands.

    Inverse squares of the distance; gauges further than ``gauge_reach`` count only where none is nearer.

    Parameters
    ----------
    at
        Places. (S, 2) [m]

    Returns
    -------
    weights
        (S, G), each row adds up to 1.
    distance
        (S,) [m] NaN when nobody knows.
    """
    where = np.array([one.at for one in gauges]).reshape(-1, 2)
    away = np.hypot(at[:, None, 0] - where[None, :, 0], at[:, None, 1] - where[None, :, 1])
    nearest = np.where(np.isfinite(away), away, np.inf).min(axis=1)
    inverse = 1.0 / np.maximum(np.nan_to_num(away, nan=default("gauge_reach")), NEAREST) ** 2
    inverse[np.nan_to_num(away, nan=0.0) > np.maximum(default("gauge_reach"), nearest)[:, None]] = 0.0
    weights: Floats = inverse / inverse.sum(axis=1, keepdims=True)
    return weights, np.where(np.isfinite(nearest), nearest, np.nan)


def mixed(rain: Floats, weights: Floats) -> Floats:
    """Return the rain at some places from the gauges that were awake at each moment. (S, T) [m/s]"""
    known = np.isfinite(rain)
    total = weights @ np.where(known, rain, 0.0)
    heard = weights @ known.astype(np.float64)
    return np.where(heard > 0.2, total / np.maximum(heard, 1e-9), np.nan)


def believed_in_rain(flow: Series, rain: Series, hours: float = 6.0) -> Series:
    """Return a flow record in which a jump after rain is no fault: a storm rises that fast."""
    good = rain.good()
    wet = rain.times[np.nan_to_num(good) > 0].astype("datetime64[s]").astype(np.int64)
    if not len(wet) or not len(flow):
        return flow
    at = flow.times.astype("datetime64[s]").astype(np.int64)
    last = np.searchsorted(wet, at, side="right") - 1
    since = at - wet[np.maximum(last, 0)]
    lifted = (last >= 0) & (since <= hours * 3600) & (flow.flags == Flag.JUMP)
    return replace(flow, flags=np.where(lifted, np.uint8(Flag.GOOD), flow.flags).astype(np.uint8))
