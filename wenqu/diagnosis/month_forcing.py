"""What moved the clean water of a city month by month: levels, old rain, the season?"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from wenqu.series.events import Daily, days_in, dry_days

Floats = npt.NDArray[np.float64]
Months = npt.NDArray[np.datetime64]
MEMORIES = {"rain_12": 12.0, "rain_60": 60.0}  # [d] of rain that still drains on dry days
SEASON_FROM = 18  # months of record from which a season can be told from a break
LEAST_KNOWN = 0.8  # share of the months in which a level must be known
LEAST_DAYS = 3
STILL = 0.02  # [m] a level that moves less tells nothing
YEAR = 365.2425


def month_forcings(
    months: Months, rain: Daily | None, levels: Mapping[str, Daily]
) -> tuple[tuple[str, ...], Floats]:
    """Return the names and the months of what is known to move the clean water, each in its own spread.

    A month without a level is put between its neighbours; a level known in too few months is left out. Where
    nobody reads the groundwater and the record is long enough, the season stands for it.

    Parameters
    ----------
    months
        (T,) datetime64[M], without a break.
    rain
        Depth of rain by day. [m]
    levels
        Daily levels by quantity, ``groundwater`` and ``river_stage``. [m]
    """
    found: dict[str, Floats] = {}
    dry = None if rain is None else rain.days[dry_days(rain)]
    for name, daily in levels.items():
        value = _by_month(months, daily, dry)
        if np.isfinite(value).mean() >= LEAST_KNOWN and np.nanstd(value) >= STILL:
            found[name] = _between(value)
    if rain is not None and dry is not None:
        fallen = np.nan_to_num(rain.means)
        for name, span in MEMORIES.items():
            value = _by_month(months, Daily(rain.days, _memory(fallen, span), rain.completeness), dry)
            if np.isfinite(value).mean() >= LEAST_KNOWN:
                found[name] = _between(value)
    if "groundwater" not in found and len(months) >= SEASON_FROM:
        turn = 2 * np.pi * (months.astype("datetime64[D]").astype(np.int64) + 15) / YEAR
        found |= {"season_cos": np.cos(turn), "season_sin": np.sin(turn)}
    names = tuple(name for name, value in found.items() if value.std() > 0)
    values = [(found[name] - found[name].mean()) / found[name].std() for name in names]
    return names, np.stack(values, axis=1) if values else np.zeros((len(months), 0))


def _by_month(months: Months, daily: Daily, dry: npt.NDArray[np.datetime64] | None) -> Floats:
    """Return the mean of the dry days of each month, of all its days where too few are dry."""
    whole = _mean(months, daily, np.isfinite(daily.means))
    if dry is None:
        return whole
    some = _mean(months, daily, np.isfinite(daily.means) & days_in(daily.days, dry))
    return np.where(np.isfinite(some), some, whole)


def _mean(months: Months, daily: Daily, chosen: npt.NDArray[np.bool_]) -> Floats:
    place = (daily.days[chosen].astype("datetime64[M]") - months[0]).astype(np.int64)
    inside = (place >= 0) & (place < len(months))
    count = np.bincount(place[inside], minlength=len(months))
    total = np.bincount(place[inside], weights=daily.means[chosen][inside], minlength=len(months))
    return np.where(count >= LEAST_DAYS, total / np.maximum(count, 1), np.nan)


def _between(value: Floats) -> Floats:
    known = np.flatnonzero(np.isfinite(value))
    return np.interp(np.arange(len(value)), known, value[known])


def _memory(values: Floats, span: float) -> Floats:
    """Return an exponential memory of daily values, that begins at their mean. [1/d]"""
    keep = float(np.exp(-1.0 / span))
    found = np.empty(len(values))
    now = float(values.mean()) if len(values) else 0.0
    for day, value in enumerate(values):
        now = keep * now + (1 - keep) * value
        found[day] = now
    return found
