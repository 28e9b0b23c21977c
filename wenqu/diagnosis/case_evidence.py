"""What do the readings of a case say in dry weather, hour by hour, tracer by tracer, level by level?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.forcing_response import Response, rain_memories, response
from wenqu.diagnosis.joint_inversion import Heard, Sample
from wenqu.diagnosis.travelled_waves import HOURS
from wenqu.series.events import Daily, daily_means, daily_rain, days_in, dry_days, dry_days_by_flow
from wenqu.series.flags import flagged, spikes
from wenqu.series.model import Flag, Series
from wenqu.series.repair import day_rows, regular

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
LEAST_DAYS = 5
CORRELATED = 3.0  # days: neighbouring days are alike, so many count as one
FLAT = 12 * 3600.0  # [s] a flow meter that shows one value for so long is stuck
SPIKE = (8.0, 0.5)  # of a tracer, whatever its name: robust sd from its neighbours, share of its size
TRACER_ERROR = 0.05  # [-] systematic error of a probe or laboratory


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One meter's flow on the hour, doubtful readings left out."""

    hourly: Series
    daily: Daily
    doubted: Mapping[str, int]  # readings by what is wrong with them


def cleaned(flow: Series) -> Cleaned:
    """Return a flow on the hour and by the day, with what was doubted."""
    checked = flagged(flow)
    negative = (checked.values < 0) & (checked.flags == Flag.GOOD)
    flags = np.where(negative, np.uint8(Flag.RANGE), checked.flags).astype(np.uint8)
    marked = Series(checked.asset, checked.quantity, checked.times, checked.values, flags)
    counts = {
        flag.name.lower(): int(((flags & flag) > 0).sum())
        for flag in (Flag.MISSING, Flag.RANGE, Flag.FLAT, Flag.JUMP)
        if flag.name
    }
    hourly = regular(marked)
    return Cleaned(hourly, daily_means(hourly), {name: count for name, count in counts.items() if count})


def dry_of(daily: Daily, rain: Series | None) -> npt.NDArray[np.bool_]:
    """Return which days of a meter were dry: by the gauge, by the flow where there is none. (d,)"""
    known = ~np.isnan(daily.means)
    if rain is not None:
        fallen = daily_rain(rain)
        for before in (2, 1, 0):
            dry = fallen.days[dry_days(fallen, before)]
            chosen = days_in(daily.days, dry) & known
            if chosen.sum() >= 2 * LEAST_DAYS:
                return chosen
    return dry_days_by_flow(daily) & known


def profile(hourly: Series, days: Days) -> tuple[Floats, Floats]:
    """Return the mean flow of each hour on some days and the error of that mean. (24,) [m³/s]

    NaN where an hour was read on fewer than three of the days.
    """
    known, rows = day_rows(hourly)
    chosen = rows[days_in(known, days)]
    count = (~np.isnan(chosen)).sum(axis=0)
    total = np.nansum(chosen, axis=0)
    mean = np.where(count >= 3, total / np.maximum(count, 1), np.nan)
    spread = np.sqrt(np.nansum((chosen - mean) ** 2, axis=0) / np.maximum(count - 1, 1))
    return mean, spread / np.sqrt(np.maximum(count / CORRELATED, 1.0))


def sample(readings: Series, days: Days, meter: int, tracer: int) -> Sample | None:
    """Return what a tracer shows on some days by the hour of reading, None without a reading."""
    doubtful = (readings.values < 0) | spikes(readings.values, *SPIKE)
    good = np.where(doubtful, np.nan, readings.good())
    there = ~np.isnan(good) & days_in(readings.times, days)
    if not there.any():
        return None
    hour = (readings.times[there].astype("datetime64[h]").astype(np.int64)) % HOURS
    values = good[there]
    count = np.bincount(hour, minlength=HOURS).astype(np.float64)
    total = np.bincount(hour, weights=values, minlength=HOURS)
    of_day = readings.times[there].astype("datetime64[D]")
    _, place = np.unique(of_day, return_inverse=True)
    by_day = np.bincount(place, weights=values) / np.bincount(place)
    mean = float(values.mean())
    few = len(by_day) < 3
    scatter = 0.3 if few else float(by_day.std(ddof=1)) / max(mean, 1e-12)
    error = scatter / np.sqrt(max(1.0, len(by_day) / CORRELATED))
    return Sample(meter, tracer, count / len(values), total / len(values), float(np.hypot(error, TRACER_ERROR)))


def responses(
    flows: Sequence[Daily], levels: tuple[Series | None, Series | None], rain: Series | None
) -> list[Response | None]:
    """Return the answer of every meter to groundwater level and river stage. (M,)"""
    if levels == (None, None):
        return [None] * len(flows)
    found = []
    for daily in flows:
        days = daily.days
        by_level = [_by_day(level, days) for level in levels]
        depth = np.zeros(len(days)) if rain is None else _by_day(rain, days)
        weekend = ((days.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5).astype(np.float64)
        others = np.column_stack([rain_memories(depth), weekend])
        found.append(response(daily.means, by_level[0], by_level[1], others))
    return found


def _by_day(level: Series | None, days: Days) -> Floats:
    """Return the daily mean of a level; 0 throughout where nobody reads it. (d,)"""
    if level is None:
        return np.zeros(len(days))
    daily = daily_means(level, 0.5)
    found = np.full(len(days), np.nan)
    _, here, there = np.intersect1d(days, daily.days, return_indices=True)
    found[here] = daily.means[there]
    return found


def heard(
    flows: Sequence[Cleaned], dry: Sequence[npt.NDArray[np.bool_]], samples: Sequence[Sample], answers: Sequence[Response | None]
) -> Heard:
    """Return the evidence of all meters together."""
    pairs = [profile(one.hourly, one.daily.days[days]) for one, days in zip(flows, dry, strict=True)]
    empty = np.empty((0, HOURS))
    mean = np.array([pair[0] for pair in pairs]) if pairs else empty
    sd = np.array([pair[1] for pair in pairs]) if pairs else empty
    return Heard(mean, sd, samples, answers)
