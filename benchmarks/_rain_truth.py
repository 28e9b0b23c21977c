"""Fictional cities whose sewers take in rain: what every meter reads in a year, how much each area lets in.

Nothing of Wenqu takes part: rain arrives through cascades of reservoirs (Nash), not through the kernels of
the method that is judged; storms are cut off where pipes are full; gauges and meters err.
"""

from dataclasses import dataclass

import numpy as np
from _truth_city import tree
from scipy.signal import fftconvolve
from scipy.special import gammaln

HOURS = 8760
HOUR = 3600.0


@dataclass(frozen=True)
class RainTruth:
    """One city. M meters and areas, T hours."""

    above: np.ndarray  # (M, M) meter, area: 1 where the area lies above the meter
    length: np.ndarray  # (M,) [m] of each area
    let_in: np.ndarray  # (M,) [m²] whose whole rain arrives, within days
    flow: np.ndarray  # (M, T) [m³/s] as read, NaN in gaps
    rain: np.ndarray  # (T,) [m/s] as read
    times: np.ndarray  # (T,)


def rain_truth(meters: int, seed: int, pipes: int = 4000) -> RainTruth:
    """Draw one city and a year of its readings."""
    rng = np.random.default_rng(seed)
    grown = tree(pipes, rng)
    parent, length, down, size = grown.parent, grown.length, grown.down, grown.size
    candidates = np.flatnonzero((size >= 0.3 * pipes / meters) & (parent >= 0))
    places = np.sort(np.concatenate([[0], rng.choice(candidates, meters - 1, replace=False)]))
    last = places + size[places]
    above = (places[None, :] >= places[:, None]) & (places[None, :] < last[:, None])
    area = np.zeros(pipes, np.int64)
    for number, pipe in enumerate(places):
        area[pipe : pipe + size[pipe]] = number
    laid = np.bincount(area, weights=length, minlength=meters)
    # Few areas let most of it in: wrongly connected roofs and yards.
    quick = laid * rng.gamma(0.5, 2.0, meters) * 0.9
    slow = laid * rng.gamma(1.0, 1.0, meters) * 1.5
    rain = _rain(rng)
    late = np.array([float(np.average(down[area == one])) for one in range(meters)]) / 0.6 / HOUR
    season = np.cos(2 * np.pi * (np.arange(HOURS) / HOURS - 0.6))
    own = np.empty((meters, HOURS))
    for one in range(meters):
        sewage = laid[one] * 2.2e-6 * float(np.exp(rng.normal(0, 0.3)))
        ground = laid[one] * 1.2e-6 * float(rng.gamma(1.0, 1.0))
        hour = np.arange(HOURS) - late[one]
        wave = 1 + 0.45 * np.sin(2 * np.pi * (hour - 9) / 24) + 0.15 * np.sin(4 * np.pi * (hour - 6) / 24)
        here = rain * np.exp(rng.normal(0, 0.15, HOURS // 24)).repeat(
            24
        )  # it never rains the same everywhere
        wetter = 1 + 0.35 * season  # more seeps in when the ground is wet
        quickly = fftconvolve(here, _nash(rng.uniform(1.5, 3), rng.uniform(0.7, 2), late[one]))[:HOURS]
        slowly = fftconvolve(here * wetter, _nash(2.0, rng.uniform(12, 30), late[one]))[:HOURS]
        swell = fftconvolve(here, _nash(1.0, 900.0, 0.0))[:HOURS] / max(rain.mean(), 1e-12)
        fast = np.minimum(quick[one] * quickly, 6 * (sewage + ground))  # what full pipes let through
        own[one] = sewage * wave + ground * (1 + 0.3 * season + 0.3 * (swell - 1)) + fast + slow[one] * slowly
        slow[one] *= (here * wetter).sum() / rain.sum()  # the truth is what came over the year's rain
        quick[one] = fast.sum() / rain.sum()
    flow = above.astype(float) @ own
    read = flow * (1 + rng.normal(0, 0.06, meters))[:, None] * (1 + 0.04 * rng.standard_normal(flow.shape))
    for one in range(meters):
        for start in rng.integers(0, HOURS, 5):
            read[one, start : start + int(rng.exponential(20)) + 1] = np.nan
    times = np.datetime64("2024-01-01T00:00:00") + np.arange(HOURS) * np.timedelta64(3600, "s")
    gauge = np.round(rain * np.exp(rng.normal(0, 0.15, HOURS // 24)).repeat(24) * 3.6e6, 1) / 3.6e6
    return RainTruth(above.astype(float), laid, quick + slow, read, gauge, times)


def _nash(reservoirs: float, hours: float, late: float) -> np.ndarray:
    """Return the hourly response of a cascade of reservoirs; it adds up to 1."""
    at = np.arange(0.5, min(HOURS, 12 * reservoirs * hours + 48)) - late
    there = np.maximum(at, 1e-6)
    shape = (reservoirs - 1) * np.log(there / hours) - there / hours - gammaln(reservoirs)
    made = np.where(at > 0, np.exp(shape), 0.0)
    return made / made.sum()


def _rain(rng: np.random.Generator) -> np.ndarray:
    depth = np.zeros(HOURS)
    for day in range(HOURS // 24):
        wet = 0.28 + 0.12 * np.sin(2 * np.pi * (day / 365 - 0.3))
        if rng.random() > wet:
            continue
        hours, start = int(rng.integers(1, 14)), day * 24 + int(rng.integers(0, 24))
        shape = rng.gamma(1.0, 1.0, hours)
        end = min(start + hours, HOURS)
        depth[start:end] += (rng.gamma(0.8, 12.0) * shape / shape.sum())[: end - start]
    return np.round(depth, 1) * 1e-3 / HOUR
