"""What does a meter say month by month in dry weather: its mean, its wave, its tracers?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.meter_evidence import CORRELATED, weighted_mean
from wenqu.diagnosis.night_flow import night_window
from wenqu.errors import NotEnoughData
from wenqu.series.events import Daily, daily_means, days_in, dry_days_by_flow
from wenqu.series.flags import flagged
from wenqu.series.model import Series
from wenqu.series.repair import day_rows, regular

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
LEAST_DAYS = 3  # dry days of a month
NIGHT = 4  # hours of the night
LEAST_SCATTER = 0.01  # [-] of the mean: a month of equal days is no better known


@dataclass(frozen=True, slots=True)
class MonthMeans:
    """The months of one meter. t months without a break."""

    months: npt.NDArray[np.datetime64]  # (t,) datetime64[M]
    mean: Floats  # (t,) [m³/s] of the dry days, NaN where there are too few
    mean_sd: Floats  # (t,)
    wave: Floats  # (t,) [m³/s] mean less night, NaN where it was not read by the hour
    wave_sd: Floats  # (t,)
    days: npt.NDArray[np.int64]  # (t,) dry days
    tracer: Mapping[str, tuple[Floats, Floats]]  # mean and error by tracer, (t,) each


def nothing_read() -> MonthMeans:
    """Return the months of a meter that was never read."""
    none = np.zeros(0)
    return MonthMeans(np.zeros(0, "datetime64[M]"), none, none, none, none, np.zeros(0, np.int64), {})


def month_means(flow: Series, tracers: Mapping[str, Series], dry: Days | None) -> MonthMeans:
    """Return the dry-weather months of one meter, doubtful readings left out.

    Parameters
    ----------
    flow
        Readings of flow. [m³/s]
    tracers
        Readings by quantity. [SI]
    dry
        Dry days by the rain gauges, None when there is no gauge.
    """
    hourly = regular(flagged(flow))
    daily = daily_means(hourly)
    if not len(daily.days):
        return nothing_read()
    if not np.isfinite(daily.means).any():  # read by the day
        daily = daily_means(flagged(flow))
    chosen = dry_days_by_flow(daily) if dry is None else days_in(daily.days, dry)
    chosen &= np.isfinite(daily.means)
    month = daily.days.astype("datetime64[M]")
    months = np.arange(month[0], month[-1] + 1)
    place = (month - month[0]).astype(np.int64)
    mean, mean_sd, count = _by_month(daily.means, chosen, place, len(months))
    night = _nights(hourly, daily, chosen)
    wave, wave_sd, _ = _by_month(daily.means - night, chosen & np.isfinite(night), place, len(months))
    floor = LEAST_SCATTER * np.nan_to_num(mean)
    read = {name: flagged(series) for name, series in tracers.items() if len(series)}
    found = {
        name: _tracer(series, hourly, daily, (chosen, place, len(months))) for name, series in read.items()
    }
    return MonthMeans(
        months, mean, np.maximum(mean_sd, floor), wave, np.maximum(wave_sd, floor / 2), count, found
    )  # fmt: skip


def _by_month(
    values: Floats, chosen: npt.NDArray[np.bool_], place: npt.NDArray[np.int64], size: int
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Return mean, error of the mean and number of the chosen days of each month."""
    at, value = place[chosen], values[chosen]
    count = np.bincount(at, minlength=size)
    enough = count >= LEAST_DAYS
    safe = np.maximum(count, 1)
    mean = np.bincount(at, weights=value, minlength=size) / safe
    square = np.bincount(at, weights=(value - mean[at]) ** 2, minlength=size)
    within = np.sqrt(square / np.maximum(count - 1, 1))
    usual = float(np.median(within[enough])) if enough.any() else 0.0
    # few days of a month tell their own scatter badly: as many days of the usual scatter stand beside them
    spread = np.sqrt((count * within**2 + LEAST_DAYS * usual**2) / (count + LEAST_DAYS))
    error = spread / np.sqrt(np.maximum(count / CORRELATED, 1.0))
    return np.where(enough, mean, np.nan), np.where(enough, error, np.nan), np.where(enough, count, 0)


def _nights(hourly: Series, daily: Daily, dry: npt.NDArray[np.bool_]) -> Floats:
    """Return the mean of the hours that are least in the whole record, day by day; NaN where not read."""
    days, rows = day_rows(hourly)
    found = np.full(len(daily.days), np.nan)
    here = days_in(days, daily.days[dry]) & (np.isfinite(rows).sum(axis=1) >= 20)
    if not here.any():
        return found
    try:
        hours = night_window(rows[here], NIGHT)
    except NotEnoughData:
        return found
    part = rows[:, hours]
    full = np.isfinite(part).sum(axis=1) >= NIGHT - 1
    night = np.full(len(days), np.nan)
    night[full] = np.nanmean(part[full], axis=1)
    _, one, other = np.intersect1d(daily.days, days, return_indices=True)
    found[one] = night[other]
    return found


def _tracer(
    readings: Series,
    hourly: Series,
    daily: Daily,
    when: tuple[npt.NDArray[np.bool_], npt.NDArray[np.int64], int],
) -> tuple[Floats, Floats]:
    """Return mean and error of a tracer by month; its systematic error is not in it."""
    chosen, place, size = when
    value, error = np.full(size, np.nan), np.full(size, np.nan)
    of = readings.times.astype("datetime64[M]")
    for month in np.unique(of):
        number = int((month - daily.days[0].astype("datetime64[M]")).astype(int))
        if not 0 <= number < size:
            continue
        days = daily.days[chosen & (place == number)]
        low, high = np.searchsorted(of, [month, month + 1])
        part = Series(
            readings.asset, readings.quantity, readings.times[low:high], readings.values[low:high],
            readings.flags[low:high], readings.simulated,
        )  # fmt: skip
        one = weighted_mean(part, hourly, daily, days) if len(days) >= LEAST_DAYS else None
        if one is not None and one.mean > 0:
            value[number] = one.mean
            error[number] = np.sqrt(max(one.sd**2 - (default("tracer_error") * one.mean) ** 2, 0.0))
    return value, np.maximum(error, 0.01 * value)
