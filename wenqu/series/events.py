"""When did it rain, and which days were dry?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.series.model import Flag, Series
from wenqu.series.repair import HOUR, regular

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class RainEvent:
    """One rain between two dry gaps."""

    since: np.datetime64
    until: np.datetime64
    depth: float  # [m]
    peak: float  # [m/s] greatest intensity of one hour


@dataclass(frozen=True, slots=True)
class Daily:
    """Means of whole days."""

    days: Days  # (d,) datetime64[D], every day from the first to the last
    means: Floats  # (d,) NaN where the day is not complete enough
    completeness: Floats  # (d,) [-] good readings over readings due


def daily_means(series: Series, least: float = 0.8) -> Daily:
    """Return the mean of each day, where at least the share ``least`` of its readings is good.

    How many readings are due is told by the median time between two: a gauge that reads once a
    day needs one.
    """
    if not len(series):
        return Daily(np.empty(0, "datetime64[D]"), np.empty(0), np.empty(0))
    day = series.times.astype("datetime64[D]").astype(np.int64)
    place = day - day[0]
    size = int(place[-1]) + 1
    step = float(np.median(np.diff(series.times).astype(np.int64))) if len(series) > 1 else DAY
    due = max(1, round(DAY / step))
    good = (series.flags == Flag.GOOD) & ~np.isnan(series.values)
    count = np.bincount(place[good], minlength=size)
    total = np.bincount(place[good], weights=series.values[good], minlength=size)
    completeness = np.minimum(count / due, 1.0)
    enough = (count > 0) & (completeness >= least)
    means = np.full(size, np.nan)
    means[enough] = total[enough] / count[enough]
    return Daily((np.arange(size) + day[0]).astype("datetime64[D]"), means, completeness)


def daily_rain(rain: Series, least: float = 0.8) -> Daily:
    """Return the depth of rain of each day as ``means`` [m]; NaN where the gauge was not heard enough."""
    daily = daily_means(rain, least)
    return Daily(daily.days, daily.means * DAY, daily.completeness)


def dry_days(rain: Daily, before: int = 2, wet: float = 0.001) -> Mask:
    """Return which days are dry: no rain on the day and on ``before`` days before it.

    Parameters
    ----------
    rain
        Depth of rain by day. [m]
    before
        Days that must have been dry too, so that slow drainage is over.
    wet
        Depth from which a day counts as rainy. [m]

    Notes
    -----
    A day without a rain record is not known to be dry and makes the following ``before`` days unknown,
    therefore not dry; so are the first days of the record.
    """
    rainless = np.nan_to_num(rain.means, nan=np.inf) < wet
    if len(rainless) <= before:
        return np.zeros(len(rainless), dtype=np.bool_)
    dry = np.zeros(len(rainless), dtype=np.bool_)
    dry[before:] = np.lib.stride_tricks.sliding_window_view(rainless, before + 1).all(axis=1)
    return dry


def dry_days_by_flow(flow: Daily, window: int = 21, above: float = 1.2) -> Mask:
    """Return which days are dry by the flow alone: at most ``above`` × the least day of ``window`` days.

    For cities without a rain gauge. It takes high, rainless days for wet and so reads low.

    References
    ----------
    DWA-A 198 (2003), dry-weather days by the moving minimum; from memory.
    """
    half = window // 2
    padded = np.pad(np.where(np.isnan(flow.means), np.inf, flow.means), half, constant_values=np.inf)
    if not len(flow.means):
        return np.zeros(0, dtype=np.bool_)
    least = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1).min(axis=1)
    return np.nan_to_num(flow.means, nan=np.inf) <= above * np.where(np.isinf(least), -1.0, least)


def days_in(days: Days, chosen: Days) -> Mask:
    """Return which of ``days`` stand in ``chosen``."""
    return np.isin(days.astype("datetime64[D]"), chosen.astype("datetime64[D]"))


def rain_events(rain: Series, gap_hours: int = 6, least: float = 0.002) -> tuple[RainEvent, ...]:
    """Return the rains of a record: wet hours less than ``gap_hours`` dry hours apart.

    Parameters
    ----------
    rain
        Rain intensity. [m/s]
    gap_hours
        Dry hours that end an event.
    least
        Depth below which it is no event. [m]
    """
    hourly = regular(rain, HOUR)
    intensity = np.nan_to_num(hourly.good())
    wet = np.flatnonzero(intensity > 0)
    if not len(wet):
        return ()
    cuts = np.flatnonzero(np.diff(wet) > gap_hours) + 1
    events = []
    for hours in np.split(wet, cuts):
        depth = float(intensity[hours].sum() * HOUR)
        if depth >= least:
            since, until = hourly.times[hours[0]], hourly.times[hours[-1]] + np.timedelta64(HOUR, "s")
            events.append(RainEvent(since, until, depth, float(intensity[hours].max())))
    return tuple(events)
