"""What would a meter read on a dry day if nothing had been built?

A week-hour table gives every hour its share of the day; the level of the day follows the season (annual
harmonics) and the rain of the past weeks and months (exponential memories), by ridge regression. The residual
of this model on dry days is what works are judged by: a raw mean is wrong by the weather of two years.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.series.events import Daily, dry_days, dry_days_by_flow
from wenqu.series.model import Series
from wenqu.series.repair import day_rows, regular

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
YEAR = 365.2425
MEMORIES = (4.0, 12.0, 40.0, 120.0)  # [d] of rain, by the time in which it is forgotten
RIDGE = 40.0  # [d] dry days that a coefficient must outweigh: days in a row tell the same
NIGHT = slice(2, 5)  # hours of the night metric
METRICS = ("day", "night")
LEAST = 0.8  # share of the hours of a day that must be read


@dataclass(frozen=True, slots=True, eq=False)
class DayRecord:
    """The readings of one meter day by day. d days without a break, h readings a day."""

    days: Days  # (d,) datetime64[D]
    flow: Floats  # (d, h) [m³/s] NaN where there is no good reading
    dry: Mask  # (d,)
    columns: Floats  # (d, k) what the level of a day hangs on: one, season, memories of rain

    def __len__(self) -> int:
        """Return the number of days."""
        return len(self.days)


def day_record(flow: Series, rain: Daily | None, *, metric: str = "day") -> DayRecord:
    """Return a meter's record by days, dry days told by the rain or, without a gauge, by the flow itself.

    Parameters
    ----------
    flow
        Readings with their flags, hourly or finer; of a meter read once a day each reading is its day.
    rain
        Depth of rain by day. [m]
    metric
        day (all hours) or night (two to five o'clock).
    """
    days, rows = _rows(flow)
    if metric == "night" and rows.shape[1] == 24:
        rows = rows[:, NIGHT]
    enough = np.isfinite(rows).mean(axis=1) >= LEAST if len(days) else np.zeros(0, np.bool_)
    rows = np.where(enough[:, None], rows, np.nan)
    return with_weather(days, rows, rain)


def with_weather(days: Days, rows: Floats, rain: Daily | None) -> DayRecord:
    """Return readings by days with what is known of the weather of each day."""
    if rain is None:
        means: Floats = np.full(len(days), np.nan)
        known = np.isfinite(rows).any(axis=1)
        means[known] = np.nanmean(rows[known], axis=1)
        share: Floats = np.where(known, 1.0, 0.0)
        dry = dry_days_by_flow(Daily(days, means, share))
        return DayRecord(days, rows, dry, day_columns(days, None))
    dry = np.isin(days, rain.days[dry_days(rain)])
    return DayRecord(days, rows, dry, day_columns(days, rain))


def _rows(flow: Series) -> tuple[Days, Floats]:
    step = np.median(np.diff(flow.times).astype(np.int64)) if len(flow) > 1 else 3600
    if step <= 6 * 3600:
        return day_rows(regular(flow))
    each = regular(flow, 86400)
    return each.times.astype("datetime64[D]"), each.good()[:, None]


def day_columns(days: Days, rain: Daily | None) -> Floats:
    """Return what the level of each day hangs on. (d, k)"""
    turn = 2 * np.pi * days.astype(np.int64) / YEAR
    season = [np.ones(len(days)), np.cos(turn), np.sin(turn), np.cos(2 * turn), np.sin(2 * turn)]
    if rain is None or not len(days):
        return np.stack(season, axis=1)
    fallen = np.zeros(len(days))
    known = np.nan_to_num(rain.means)
    both, here, there = np.intersect1d(days, rain.days, return_indices=True)
    fallen[here] = known[there]
    memories = [_memory(fallen, span) for span in MEMORIES] if len(both) else []
    wet = (
        [memories[2] * season[1]] if memories else []
    )  # rain of a wet season does not act like that of a dry
    return np.stack([*season, *memories, *wet], axis=1)


def _memory(values: Floats, span: float) -> Floats:
    """Return an exponential memory of daily values, that begins at their mean. [1/d]"""
    from scipy.signal import lfilter

    keep = float(np.exp(-1.0 / span))
    start = float(values.mean()) * keep
    return np.asarray(lfilter([1 - keep], [1, -keep], values, zi=[start])[0], dtype=np.float64)


def week_table(record: DayRecord, among: Mask) -> Floats:
    """Return the share of each hour of the week in the level of its day, from some days. (7, h)"""
    used = among & record.dry & np.isfinite(record.flow).all(axis=1)
    weekday = (record.days.astype(np.int64) + 3) % 7
    hours = record.flow.shape[1]
    if not used.any():
        return np.ones((7, hours))
    means = record.flow.mean(axis=1)
    level = record.columns @ ridge(record.columns[used], means[used])
    table = np.empty((7, hours))
    whole = record.flow[used].sum(axis=0) / level[used].sum()
    for day in range(7):
        mine = used & (weekday == day)
        # Two days' worth of the common pattern keep a weekday of few days from a pattern of its own.
        two = 2.0 * float(level[used].mean())
        table[day] = (record.flow[mine].sum(axis=0) + two * whole) / (level[mine].sum() + two)
    return table


def day_levels(record: DayRecord, table: Floats) -> Floats:
    """Return the level of each day without its weekday and missing hours; NaN without readings. (d,)"""
    weekday = (record.days.astype(np.int64) + 3) % 7
    there = np.isfinite(record.flow)
    due = np.where(there, table[weekday], 0.0).sum(axis=1)
    some = there.any(axis=1) & (due > 0)
    levels = np.full(len(record), np.nan)
    levels[some] = np.where(there, record.flow, 0.0).sum(axis=1)[some] / due[some]
    return levels


def ridge(columns: Floats, values: Floats) -> Floats:
    """Return the coefficients of columns, the first (ones) free and the rest held by `RIDGE`."""
    return solved(columns.T @ columns, columns.T @ values)


def solved(gram: Floats, right: Floats) -> Floats:
    """Return ridge coefficients from sums of products; (…, k, k) and (…, k).

    Every column is held in units of its own spread, which the sums tell: n·var = Σx² - (Σx)²/n.
    """
    size = gram.shape[-1]
    count = np.maximum(gram[..., 0, 0], 1.0)
    squares = np.diagonal(gram, axis1=-2, axis2=-1)
    variance = np.maximum(squares / count[..., None] - (gram[..., 0, :] / count[..., None]) ** 2, 0.0)
    held = RIDGE * np.maximum(variance, 1e-12 * np.maximum(squares / count[..., None], 1e-300))
    held[..., 0] = 0.0
    lifted = gram + held[..., None] * np.eye(size)
    lifted[..., 0, 0] = np.maximum(lifted[..., 0, 0], 1e-9)
    # Columns of very different size: solve in units of their own root.
    root = np.sqrt(np.maximum(np.diagonal(lifted, axis1=-2, axis2=-1), 1e-300))
    made = np.linalg.solve(lifted / (root[..., :, None] * root[..., None, :]), (right / root)[..., None])
    return np.asarray(made[..., 0] / root, dtype=np.float64)
