"""What do the readings of a case say in dry weather, hour by hour, tracer by tracer, level by level?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.forcing_response import Response, rain_memories, response
from wenqu.diagnosis.joint_rows import Heard, Sample
from wenqu.diagnosis.travelled_waves import HOURS, ORDERS, harmonics
from wenqu.series.events import Daily, daily_means, daily_rain, days_in, dry_days, dry_days_by_flow
from wenqu.series.flags import flagged, spikes
from wenqu.series.model import Flag, Series
from wenqu.series.repair import day_rows, regular

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
Complexes = npt.NDArray[np.complex128]
LEAST_DAYS = 5
FULL_DAY = 18
LEAST_LEVELS = 20  # days that a level must share with a flow
CORRELATED = 3.0  # days: neighbouring days are alike, so many count as one
OFTEN = 7200  # [s] readings farther apart than this are means of a day or so, without its wave
SPIKE = (8.0, 0.5)  # of a tracer, whatever its name: robust sd from its neighbours, share of its size


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One meter's flow on the hour, doubtful readings left out."""

    hourly: Series
    daily: Daily
    doubted: Mapping[str, int]  # readings by what is wrong with them


def cleaned(flow: Series, *, backwards: bool = False) -> Cleaned:
    """Return a flow on the hour and by the day, with what was doubted.

    Parameters
    ----------
    backwards
        Whether water really runs backwards at times: else a negative flow is a fault of the meter.
    """
    checked = flagged(flow)
    negative = (checked.values < 0) & (checked.flags == Flag.GOOD) & (not backwards)
    flags = np.where(negative, np.uint8(Flag.RANGE), checked.flags).astype(np.uint8)
    marked = Series(checked.asset, checked.quantity, checked.times, checked.values, flags)
    counts = {
        flag.name.lower(): int(((flags & flag) > 0).sum())
        for flag in (Flag.MISSING, Flag.RANGE, Flag.FLAT, Flag.JUMP)
        if flag.name
    }
    hourly = regular(marked)
    often = len(flow) < 2 or float(np.median(np.diff(flow.times).astype(np.int64))) <= OFTEN
    daily = daily_means(hourly) if often else daily_means(hourly, 1 / HOURS)
    return Cleaned(hourly, daily, {name: count for name, count in counts.items() if count})


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


def day_waves(hourly: Series, days: Days) -> tuple[Complexes, Floats]:
    """Return the mean and the waves of some days and the error of each part. (ORDERS,) [m³/s]

    An hour not read is put where the mean day and the rest of its day put it; a day with less than 18 hours
    is left out. NaN when fewer than three days are left.
    """
    known, rows = day_rows(hourly)
    chosen = rows[days_in(known, days)]
    chosen = chosen[(~np.isnan(chosen)).sum(axis=1) >= FULL_DAY]
    if len(chosen) < 3 or np.isnan(chosen).all(axis=0).any():
        return np.full(ORDERS, complex(np.nan, np.nan)), np.full(ORDERS, np.nan)
    usual = np.nanmean(chosen, axis=0)
    above = np.nanmean(chosen - usual, axis=1, keepdims=True)
    waves = harmonics(np.where(np.isnan(chosen), usual + above, chosen))
    spread = np.sqrt(0.5 * waves.var(axis=0, ddof=1))
    spread[0] *= np.sqrt(2.0)  # the mean has one part, a wave two
    return waves.mean(axis=0), spread / np.sqrt(max(len(chosen) / CORRELATED, 1.0))


def sample(readings: Series, days: Days, meter: int, tracer: int, *, least: float = 0.0) -> Sample | None:
    """Return what a tracer shows on some days by the hour of reading, None without a reading.

    A reading below ``least`` is doubted: isotopes may be negative, concentrations may not.
    """
    doubtful = (readings.values < least) | spikes(readings.values, *SPIKE)
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
    scatter = 0.3 * abs(float(values.mean())) if len(by_day) < 3 else float(by_day.std(ddof=1))
    error = scatter / np.sqrt(max(1.0, len(by_day) / CORRELATED))
    return Sample(meter, tracer, count / len(values), total / len(values), error)


def responses(
    flows: Sequence[Cleaned],
    dry: Sequence[npt.NDArray[np.bool_]],
    levels: tuple[Series | None, Series | None],
    rain: Series | None,
) -> list[Response | None]:
    """Return the answer of every meter to groundwater level, river stage and old rain. (M,)"""
    by_day = tuple(None if level is None else daily_means(level, 0.5) for level in levels)
    return responses_by_day(
        flows, dry, (by_day[0], by_day[1]), None if rain is None else daily_means(rain, 0.5)
    )


def responses_by_day(
    flows: Sequence[Cleaned],
    dry: Sequence[npt.NDArray[np.bool_]],
    levels: tuple[Daily | None, Daily | None],
    rain: Daily | None,
) -> list[Response | None]:
    """Return the answer of every meter to groundwater level, river stage and old rain, given by day. (M,)"""
    found = []
    for flow, chosen in zip(flows, dry, strict=True):
        days = flow.daily.days
        by_level = np.column_stack([_on_days(level, days) for level in levels])
        depth = np.zeros(len(days)) if rain is None else _on_days(rain, days)
        weekend = ((days.astype("datetime64[D]").astype(np.int64) + 3) % 7 >= 5).astype(np.float64)
        others = np.column_stack([weekend, rain_memories(depth)])
        found.append(response(flow.daily.means, by_level, others, chosen))
    return found


def _on_days(level: Daily | None, days: Days) -> Floats:
    """Return a level on some days; 0 throughout where it is hardly read: it can tell nothing. (d,)"""
    found = np.full(len(days), np.nan)
    if level is not None:
        _, here, there = np.intersect1d(days, level.days, return_indices=True)
        found[here] = level.means[there]
    return found if (~np.isnan(found)).sum() >= LEAST_LEVELS else np.zeros(len(days))


def heard(
    flows: Sequence[Cleaned], dry: Sequence[npt.NDArray[np.bool_]], samples: Sequence[Sample],
    answers: Sequence[Response | None], *, mean_levels: bool = True,
) -> Heard:  # fmt: skip
    """Return the evidence of all meters.

    Parameters
    ----------
    mean_levels
        Whether what old rain and odd levels add to the dry days is taken off, so that the answer is that of
        mean levels; otherwise it is that of the dry days as they were.
    """
    count = len(flows)
    waves, sd = np.zeros((count, ORDERS), np.complex128), np.zeros((count, ORDERS))
    for place, (flow, days) in enumerate(zip(flows, dry, strict=True)):
        waves[place], sd[place] = day_waves(flow.hourly, flow.daily.days[days])
    mean, mean_sd = waves[:, 0].real.copy(), sd[:, 0].copy()
    for place, (flow, days) in enumerate(zip(flows, dry, strict=True)):
        known = flow.daily.means[days]
        if np.isnan(mean[place]) and len(known):  # read by the day: no wave; nothing believed: no mean either
            mean[place] = known.mean()
            mean_sd[place] = known.std() / np.sqrt(max(len(known) / CORRELATED, 1.0))
    for place, answer in enumerate(answers):
        if mean_levels and answer is not None and np.isfinite(answer.moved_sd):
            mean[place] -= answer.moved
            mean_sd[place] = np.hypot(mean_sd[place], answer.moved_sd)
    return Heard(mean, mean_sd, waves[:, 1:], sd[:, 1:], samples, answers, np.ones(count))
