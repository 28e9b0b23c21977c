"""What do the readings of one place say about dry weather?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.night_flow import night_minima, night_window
from wenqu.errors import NotEnoughData
from wenqu.series.events import Daily, daily_means, days_in, dry_days_by_flow
from wenqu.series.flags import flagged
from wenqu.series.model import Flag, Series
from wenqu.series.repair import day_rows, regular

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
SHORT = 7200.0  # [s] readings closer than this follow the day's wave
CORRELATED = 3.0  # days: successive daily means are not independent, so many count as one


@dataclass(frozen=True, slots=True)
class Tracer:
    """One tracer in dry weather, weighted by flow."""

    mean: float  # SI
    sd: float  # of the mean: reading error and scatter over the days
    days: int


@dataclass(frozen=True, slots=True)
class MeterEvidence:
    """Dry weather at one place."""

    daily: Daily  # mean flow of every day of the record [m³/s]
    dry: npt.NDArray[np.bool_]  # (d,) which of them were dry
    by_flow: bool  # dry days were told by the flow, for want of a rain gauge
    flow: float  # [m³/s] mean of the dry days
    scatter: float  # [m³/s] standard error of that mean over the days, without the meter's own errors
    dry_days: int
    minima: Floats  # (d,) [m³/s] night minimum of every day, NaN where not read
    tracers: Mapping[str, Tracer]
    doubted: float  # [-] share of flow readings that are flagged


def meter_evidence(
    flow: Series, tracers: Mapping[str, Series], dry: Days | None, *, least_days: int = 7
) -> MeterEvidence:
    """Return dry-weather means of one place from its readings, doubtful ones left out.

    Parameters
    ----------
    flow
        Flow readings. [m³/s]
    tracers
        Readings by quantity. [SI]
    dry
        Dry days by the rain gauges, None when there is no gauge.
    least_days
        Fewest complete dry days.

    Raises
    ------
    NotEnoughData
        There are fewer dry days with readings.
    """
    checked = flagged(flow)
    doubted = float((checked.flags != Flag.GOOD).mean()) if len(checked) else 1.0
    hourly = regular(checked)
    daily = daily_means(hourly) if _often(flow) else daily_means(hourly, 1 / 24)
    chosen = dry_days_by_flow(daily) if dry is None else days_in(daily.days, dry)
    chosen &= ~np.isnan(daily.means)
    count = int(chosen.sum())
    if count < least_days:
        raise NotEnoughData("dry-days", days=count, least=least_days)
    means = daily.means[chosen]
    scatter = float(means.std(ddof=1) / np.sqrt(max(1.0, count / CORRELATED)))
    found = {
        name: value
        for name, series in tracers.items()
        if (value := weighted_mean(flagged(series), hourly, daily, daily.days[chosen])) is not None
    }
    minima = _minima(hourly, daily, chosen)
    return MeterEvidence(
        daily, chosen, dry is None, float(means.mean()), scatter, count, minima, found, doubted
    )


def _often(flow: Series) -> bool:
    """Return whether a flow is read often; readings farther apart are means of a day or so."""
    return len(flow) < 2 or float(np.median(np.diff(flow.times).astype(np.int64))) <= SHORT


def _minima(hourly: Series, daily: Daily, dry: npt.NDArray[np.bool_]) -> Floats:
    days, rows = day_rows(hourly)
    try:
        hours = night_window(rows[days_in(days, daily.days[dry])])
    except NotEnoughData:
        return np.full(len(daily.days), np.nan)
    found = np.full(len(daily.days), np.nan)
    here = days_in(daily.days, days)
    found[here] = night_minima(rows, hours)[days_in(days, daily.days)]
    return found


def weighted_mean(readings: Series, hourly: Series, daily: Daily, chosen: Days) -> Tracer | None:
    """Return the flow-weighted mean of a tracer on some days: by the hour where read often, else by the day.

    Parameters
    ----------
    readings
        Flagged readings of the tracer. [SI]
    hourly, daily
        Flow on the regular grid and by day. [m³/s]
    chosen
        Days to take.
    """
    if len(readings) < 2:
        return None
    step = float(np.median(np.diff(readings.times).astype("timedelta64[s]").astype(np.float64)))
    if step <= SHORT:
        other = regular(readings)
        times, rows, places = np.intersect1d(hourly.times, other.times, return_indices=True)
        weight, value = hourly.good()[rows], other.good()[places]
        days = times.astype("datetime64[D]")
    else:
        means = daily_means(readings, 0.5)
        days, rows, places = np.intersect1d(daily.days, means.days, return_indices=True)
        weight, value = daily.means[rows], means.means[places]
    good = ~np.isnan(weight) & ~np.isnan(value) & days_in(days, chosen) & (weight > 0)
    if not good.any():
        return None
    unique, place = np.unique(days[good], return_inverse=True)
    load = np.bincount(place, weights=(weight * value)[good])
    water = np.bincount(place, weights=weight[good])
    mean = float(load.sum() / water.sum())
    per_day = load / water
    scatter = float(per_day.std(ddof=1)) if len(unique) > 1 else 0.3 * mean
    error = scatter / np.sqrt(max(1.0, len(unique) / CORRELATED))
    return Tracer(mean, float(np.hypot(error, default("tracer_error") * mean)), len(unique))
