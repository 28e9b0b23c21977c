"""How large a change does a meter show when nothing was built?

The history before the works is cut into placebo windows: the model is fitted to what lies before each and the
mean residual of the next n dry days is a change that nobody made. Their spread is the null band. A history
too short for that is fitted around each window instead; that reads narrow, is widened for it, and says so.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from wenqu.diagnosis.dry_day_model import DayRecord, day_levels, solved, week_table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
SPANS = (10, 15, 20, 30, 45, 60, 90, 120, 180, 240)  # [d] dry days that a window may have
YEAR = 365  # [d] least to fit before a window that lies ahead
MARGIN = 30  # [d] left out beside a window that is fitted around
WIDER = 1.5  # of a band that is fitted around: measured on records of 400 to 600 days with drift (manual)
FEWEST = 4  # windows that do not overlap: with fewer there is no band
STEP = 5  # [d] between the starts of placebo windows
AHEAD, AROUND = "ahead", "around"


@dataclass(frozen=True, slots=True)
class NullBand:
    """What changes without works look like over one span."""

    dry_days: int  # in a window
    kind: str  # ahead (fitted before the window, as the works will be) or around
    windows: int
    apart: float  # windows that do not overlap
    sd: float  # [-] of the relative change without works
    share: float  # of the control's change that is taken off
    longest: int  # [d] from the first to the last day of the longest window

    def half(self, rate: float) -> float:
        """Return the change that is undercut by chance at this rate. [-]"""
        return float(student.ppf(1.0 - rate, self.apart)) * self.sd

    def needed(self, rate: float, power: float) -> float:
        """Return the least true change that is seen with the chance ``power``. [-]"""
        return self.half(rate) + float(student.ppf(power, self.apart)) * self.sd


@dataclass(frozen=True, slots=True, eq=False)
class Fitting:
    """A record before the works, ready to be fitted to any part of itself. u dry days with a level."""

    place: Ints  # (u,) row of the record
    level: Floats  # (u,)
    columns: Floats  # (u, k)
    gram: Floats  # (u + 1, k, k) running sums
    right: Floats  # (u + 1, k)

    def fit(self, low: Ints, high: Ints) -> Floats:
        """Return the coefficients fitted to the days low to high - 1 of the u; batches. (w, k)"""
        return solved(self.gram[high] - self.gram[low], self.right[high] - self.right[low])

    def around(self, low: Ints, high: Ints) -> Floats:
        """Return the coefficients fitted to all days but low to high - 1. (w, k)"""
        return solved(
            self.gram[-1] - self.gram[high] + self.gram[low],
            self.right[-1] - self.right[high] + self.right[low],
        )


def fitting(record: DayRecord, until: int, table: Floats | None = None) -> Fitting:
    """Return the first ``until`` days of a record ready to be fitted."""
    among = np.arange(len(record)) < until
    levels = day_levels(record, week_table(record, among) if table is None else table)
    place = np.flatnonzero(among & record.dry & np.isfinite(levels))
    columns, level = record.columns[place], levels[place]
    width = columns.shape[1]
    gram = np.zeros((len(place) + 1, width, width))
    np.cumsum(columns[:, :, None] * columns[:, None, :], axis=0, out=gram[1:])
    right = np.zeros((len(place) + 1, width))
    np.cumsum(columns * level[:, None], axis=0, out=right[1:])
    return Fitting(place, level, columns, gram, right)


def changes(fit: Fitting, low: Ints, high: Ints, coefficients: Floats) -> Floats:
    """Return the relative change of the windows low to high - 1 against the model. (w,)"""
    sums = np.zeros((len(fit.level) + 1, fit.columns.shape[1] + 1))
    np.cumsum(np.column_stack([fit.columns, fit.level]), axis=0, out=sums[1:])
    part = sums[high] - sums[low]
    expected = (part[:, :-1] * coefficients).sum(axis=1)
    return np.where(expected > 0, part[:, -1] / np.where(expected > 0, expected, 1.0) - 1.0, np.nan)


def _windows(fit: Fitting, span: int) -> tuple[str, Ints, Ints, Floats] | None:
    """Return the placebo windows of a span with the coefficients of each, fitted ahead if there is room."""
    size = len(fit.place)
    if size < 2 * span:
        return None
    low = np.arange(0, size - span + 1)
    since = fit.place - fit.place[0]
    ahead = low[since[low] >= YEAR]
    if len(ahead) / span >= FEWEST:
        kept = _spread(ahead, fit.place)
        return AHEAD, kept, kept + span, fit.fit(np.zeros_like(kept), kept)
    if size / span < FEWEST:
        return None
    kept = _spread(low, fit.place)
    first = np.searchsorted(fit.place, fit.place[kept] - MARGIN)
    last = np.searchsorted(fit.place, fit.place[kept + span - 1] + MARGIN, side="right")
    return AROUND, kept, kept + span, fit.around(first, last)


def _spread(low: Ints, place: Ints) -> Ints:
    """Return starts that lie `STEP` days apart."""
    cells, first = np.unique(place[low] // STEP, return_index=True)
    return low[first] if len(cells) else low


def null_band(record: DayRecord, until: int, span: int, control: DayRecord | None = None) -> NullBand | None:
    """Return the null band of windows of ``span`` dry days, None when the history has too few of them.

    Parameters
    ----------
    until
        Days of the record before the works.
    control
        A meter that the works do not touch, with the same days.
    """
    own = fitting(record, until)
    if control is not None:
        own, other = shared(record, control, until)
    found = _windows(own, span)
    if found is None:
        return None
    kind, low, high, coefficients = found
    change, share = changes(own, low, high, coefficients), 0.0
    if control is not None:
        again = _windows(other, span)
        beside = changes(other, low, high, again[3]) if again else np.zeros(len(low))
        share = _share(change, beside)
        change = change - share * beside
    change = change[np.isfinite(change)]
    apart = (int(high[-1]) - int(low[0])) / span
    spent = 1 if control is not None else 0  # the share of the control was found in the same windows
    longest = int((own.place[high - 1] - own.place[low]).max()) + 1
    sd = float(np.sqrt((change**2).mean() * apart / (apart - spent))) * (WIDER if kind == AROUND else 1.0)
    return NullBand(span, kind, len(change), apart - spent, sd, share, longest)


def shared(record: DayRecord, control: DayRecord, until: int) -> tuple[Fitting, Fitting]:
    """Return two meters fitted on the dry days that both have read."""
    among = np.arange(len(record)) < until
    tables = week_table(record, among), week_table(control, among)
    both = np.isfinite(day_levels(record, tables[0])) & np.isfinite(day_levels(control, tables[1]))
    one, two = (
        DayRecord(entry.days, entry.flow, record.dry & both, entry.columns) for entry in (record, control)
    )
    return fitting(one, until, tables[0]), fitting(two, until, tables[1])


def _share(change: Floats, beside: Floats) -> float:
    """Return how much of the control's change shows at the meter too, 0 to 1."""
    good = np.isfinite(change) & np.isfinite(beside)
    power = float((beside[good] ** 2).sum())
    return min(max(float((change[good] * beside[good]).sum()) / power, 0.0), 1.0) if power > 0 else 0.0


def bands(record: DayRecord, until: int, control: DayRecord | None = None) -> tuple[NullBand, ...]:
    """Return the null band of every span that the history can tell."""
    found = (null_band(record, until, span, control) for span in SPANS)
    return tuple(band for band in found if band is not None)


def days_needed(found: tuple[NullBand, ...], effect: float, rate: float, power: float) -> int:
    """Return the fewest dry days in which an effect would be seen; 0 when no span suffices."""
    return next(
        (band.dry_days for band in found if band.needed(rate, power) <= effect and math.isfinite(band.sd)), 0
    )
