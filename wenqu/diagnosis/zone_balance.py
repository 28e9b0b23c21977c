"""What came into a zone, what left it, and what of it does nobody explain? By day, month, year or in all.

Every column is a mean flow of the period with its interval 5-95 %. The random error of a meter shrinks with
the days it was read, its bias and the doubt of the return ratio do not. Unread days are put in between those
around them, with their error; a period of which less than half the days were read has no figure. What runs
beyond the dry days of the same month stands apart as rain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Span = tuple[float, float, float]  # value, 5 %, 95 % [m³/s]
NOTHING: Span = (float("nan"),) * 3
Z90 = 1.6448536269514722
LONG, LONG_NAME = ("year", "all"), "/"  # periods of several seasons; what the name of a record holds
PERIODS = {"day": "D", "month": "M", "year": "Y"}
GAP = 0.5  # [-] of the change of a record over a gap: error of the gap's mean when put in by its ends
LEAST = 0.5  # share of the days of a period that must be read
SUPPLY, ARRIVING, PUMPED, TREATED = "supply", "arriving", "pumped", "treated"
ENDS = (TREATED, PUMPED, ARRIVING)  # the last of the chain that was read closes the balance


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """One column of the balance day by day: one meter, or several of which each adds its own mean."""

    daily: Floats  # (d,) or (p, d) [m³/s] NaN where it was not read
    random: float | Floats = 0.1  # [-] 1 sd of one day; one for all meters, or (p,)
    bias: float | Floats = 0.05  # [-] 1 sd of the whole record, likewise


@dataclass(frozen=True, slots=True)
class ZonePeriod:
    """The balance of one period."""

    period: str  # YYYY, YYYY-MM or YYYY-MM-DD; since/until for the whole record
    days: int
    columns: Mapping[str, Span]  # supply (already as sewage), arriving, pumped, treated
    unexplained: Span  # [m³/s] last column less returned supply; below 0: lost on the way
    closed_by: str  # the column that closes the balance, "" when none can
    supplied: Span = NOTHING  # [m³/s] metered water, before the return ratio
    rain: Span = NOTHING  # [m³/s] last column of all days less that of the dry days, month by month
    dry: Span = NOTHING  # [m³/s] unexplained on dry days
    wet_days: int = 0  # days with rain or within two days of it
    read: Mapping[str, int] | None = None  # days read, by column: of the worst of its meters


@dataclass(frozen=True, slots=True, eq=False)
class _Means:
    """Mean, random and systematic error of one column by period. (P,) each"""

    mean: Floats
    random: Floats
    bias: Floats
    read: Ints

    @property
    def sd(self) -> Floats:
        return np.hypot(self.random, self.bias)

    def span(self, at: int) -> Span:
        return _span(float(self.mean[at]), float(self.sd[at]))


def zone_balance(
    days: Days,
    flows: Mapping[str, Flow],
    return_ratio: tuple[float, float],
    *,
    by: str = "month",
    dry: Mask | None = None,
    ends: tuple[str, ...] = ENDS,
) -> tuple[ZonePeriod, ...]:
    """Return the balance of a zone period by period.

    Parameters
    ----------
    days
        Days of the columns, without a break. (d,) datetime64[D]
    flows
        Columns by name; supply is metered water before the return ratio.
    return_ratio
        Share of the supply that returns as sewage and its standard deviation. [-]
    by
        day, month, year, or all for the whole record as one period.
    dry
        Which days are dry, None where no rain gauge is heard. (d,)
    ends
        Columns that hold all of the zone's water, the last of the chain first: one of them closes.
    """
    names, starts = _periods(days, by)
    known = {name: _means(flow, starts, len(days), None) for name, flow in flows.items()}
    fair = {} if dry is None else {name: _means(flow, starts, len(days), dry) for name, flow in flows.items()}
    count = np.diff(np.append(starts, len(days)))
    wet = np.zeros(len(starts), np.int64) if dry is None else np.add.reduceat(~dry, starts, dtype=np.int64)
    made = tuple(
        _period((str(name), at, int(count[at]), int(wet[at])), (known, fair), return_ratio, ends)
        for at, name in enumerate(names)
    )
    if dry is None or by not in LONG:
        return made
    months = zone_balance(days, flows, return_ratio, by="month", dry=dry, ends=ends)
    return tuple(_by_season(one, months) for one in made)


def _by_season(one: ZonePeriod, months: tuple[ZonePeriod, ...]) -> ZonePeriod:
    """Return a long period with the rain of its months: wet days gather when groundwater is high."""
    mine = [
        month
        for month in months
        if (LONG_NAME in one.period or month.period.startswith(one.period)) and np.isfinite(month.rain[0])
    ]
    whole = sum(month.days for month in mine)
    if not whole or not np.isfinite(one.rain[0]):
        return one
    share = np.array([month.days / whole for month in mine])
    value = float(share @ np.array([month.rain[0] for month in mine]))
    half = np.array([month.rain[2] - month.rain[0] for month in mine])
    sd = float(np.sqrt(((share * half) ** 2).sum())) / Z90
    rest = one.unexplained
    dried = _span(rest[0] - value, float(np.hypot((rest[2] - rest[0]) / Z90, sd)))
    return replace(one, rain=_span(value, sd), dry=dried)


def _periods(days: Days, by: str) -> tuple[list[str], Ints]:
    if not len(days):
        return [], np.empty(0, np.int64)
    if by == "all":
        return [f"{days[0]}/{days[-1]}"], np.zeros(1, np.int64)
    owner = days.astype(f"datetime64[{PERIODS[by]}]")
    names, starts = np.unique(owner, return_index=True)
    return [str(name) for name in names], starts.astype(np.int64)


def _means(flow: Flow, starts: Ints, size: int, only: Mask | None) -> _Means:
    """Return the means over the periods that begin at ``starts``, over chosen days where given."""
    values = np.atleast_2d(flow.daily)
    random, bias = (
        np.broadcast_to(np.asarray(one, float), (len(values),)) for one in (flow.random, flow.bias)
    )
    wanted = np.ones(size, dtype=np.bool_) if only is None else only
    due = np.add.reduceat(wanted, starts, dtype=np.int64)
    good = np.isfinite(values) & wanted
    plain = np.where(good, values, 0.0)
    read = np.add.reduceat(good, starts, axis=1, dtype=np.int64)
    enough = (read > 0) & (read >= LEAST * due)
    whole, gaps = np.zeros((2, *read.shape))
    for row, known in enumerate(good):
        filled, error = _filled(values[row], known, wanted)
        whole[row] = np.add.reduceat(np.where(wanted, filled, 0.0), starts)
        gaps[row] = _gap_error(error, starts)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(enough, whole / due, np.nan)
        noise = random[:, None] * np.sqrt(np.add.reduceat(plain**2, starts, axis=1)) / read
        noise = np.hypot(noise, gaps / due)
    return _Means(
        mean.sum(axis=0),
        np.sqrt((noise**2).sum(axis=0)),
        np.sqrt(((bias[:, None] * mean) ** 2).sum(axis=0)),
        read.min(axis=0, initial=size),
    )


def _filled(values: Floats, known: Mask, wanted: Mask) -> tuple[Floats, tuple[Ints, Floats]]:
    """Return the days of one meter, unread ones put in between the days around them. (d,)

    Beside it, by day: the number of the gap it lies in, -1 for none, and the error of the gap's mean: half of
    what the record usually changes over as many days. [m³/s]
    """
    at = np.flatnonzero(known)
    absent = wanted & ~known
    gap = np.full(len(values), -1, dtype=np.int64)
    error = np.zeros(len(values))
    if not len(at) or not absent.any():
        return np.where(known, values, 0.0), (gap, error)
    filled = np.interp(np.arange(len(values)), at, values[at])
    gap[absent] = np.searchsorted(at, np.flatnonzero(absent))
    for number in np.unique(gap[absent]).tolist():
        mine = gap == number
        error[mine] = GAP * _change(values, known, int(mine.sum()))
    return filled, (gap, error)


def _change(values: Floats, known: Mask, apart: int) -> float:
    """Return how much a record usually changes over some days; over fewer, when it has no such two."""
    for lag in range(min(apart, len(values) - 1), 0, -1):
        both = known[lag:] & known[:-lag]
        if both.any():
            return float(np.sqrt(((values[lag:] - values[:-lag])[both] ** 2).mean()))
    return 0.0


def _gap_error(by_day: tuple[Ints, Floats], starts: Ints) -> Floats:
    """Return the error of the sum of each period that its gaps leave; days of one gap err together. (P,)"""
    gap, error = by_day
    inside = np.flatnonzero(gap >= 0)
    owner = np.searchsorted(starts, inside, side="right") - 1
    found = np.zeros(len(starts))
    if len(inside):
        key = owner * (int(gap.max()) + 1) + gap[inside]
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
        np.add.at(found, owner[first], np.bincount(place.reshape(-1), error[inside]) ** 2)
    return np.sqrt(found)


def _period(
    which: tuple[str, int, int, int],
    means: tuple[Mapping[str, _Means], Mapping[str, _Means]],
    ratio: tuple[float, float],
    ends: tuple[str, ...],
) -> ZonePeriod:
    (name, at, count, wet), (known, fair) = which, means
    columns = {key: one.span(at) for key, one in known.items()}
    read = {key: int(one.read[at]) for key, one in known.items()}
    supplied = columns.get(SUPPLY, NOTHING)
    if SUPPLY in known:
        columns[SUPPLY] = _span(*_returned(known[SUPPLY], at, ratio))
    closed = next((key for key in ends if key in known and np.isfinite(known[key].mean[at])), "")
    rain = dried = NOTHING
    if closed in fair:
        end, less = known[closed], fair[closed]
        beyond = float(end.mean[at] - less.mean[at])
        share = float(end.bias[at] / end.mean[at]) if end.mean[at] else 0.0
        rain = _span(beyond, float(np.hypot(np.hypot(end.random[at], less.random[at]), share * beyond)))
        dried = _rest(less, fair.get(SUPPLY), at, ratio)
    rest = _rest(known[closed], known.get(SUPPLY), at, ratio) if closed else NOTHING
    closing = closed if np.isfinite(rest[0]) else ""
    return ZonePeriod(name, count, columns, rest, closing, supplied, rain, dried, wet, read)


def _returned(supply: _Means, at: int, ratio: tuple[float, float]) -> tuple[float, float]:
    mean, sd = float(supply.mean[at]), float(supply.sd[at])
    return mean * ratio[0], float(np.hypot(sd * ratio[0], mean * ratio[1]))


def _rest(end: _Means, supply: _Means | None, at: int, ratio: tuple[float, float]) -> Span:
    """Return what the last column holds beyond the returned supply."""
    if supply is None or not np.isfinite(supply.mean[at]) or not np.isfinite(end.mean[at]):
        return NOTHING
    start = _returned(supply, at, ratio)
    return _span(float(end.mean[at]) - start[0], float(np.hypot(end.sd[at], start[1])))


def _span(mean: float, sd: float) -> Span:
    return (mean, mean - Z90 * sd, mean + Z90 * sd)
