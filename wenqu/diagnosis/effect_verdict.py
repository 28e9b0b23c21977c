"""Did the works change what the meter reads, by the terms that were sealed before they began?

The meter is judged once, at the number of dry days that was registered; before that the answer is how many
are missing. A control that broke or stopped is left out by a rule known before; the band without it holds.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from wenqu.diagnosis.dry_day_model import DayRecord, day_levels, week_table
from wenqu.diagnosis.effect_control import BROKE, NONE, USED, WILD, reading
from wenqu.diagnosis.effect_null import Fitting, NullBand, fitting, null_band

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
Rows = npt.NDArray[np.int64]
SEEN, NOT_SEEN, WAIT, BLIND = "seen", "not_seen", "wait", "blind"
SETTLE = 7  # [d] after the works that are not judged


@dataclass(frozen=True, slots=True)
class Asked:
    """What the owner wants to see, before the works."""

    begins: np.datetime64
    dry_days: int
    expected: float  # [-] share of the flow that the works take away; negative where they bring some
    rate: float = 0.025  # of a false "seen"
    least: float = 0.0  # [-] change that is asked for, where it is larger than what chance shows
    power: float = 0.8  # chance with which an effect shall be seen


@dataclass(frozen=True, slots=True)
class Terms:
    """What is registered before the works."""

    asked: Asked
    threshold: float  # [-] least change that is seen, with the control
    threshold_alone: float  # [-] without it
    share: float  # of the control's change that is taken off


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Dry days before and after: how far each lies from what the model expects. [-]"""

    days: Days
    change: Floats
    control: Floats  # NaN where it has none
    flow: Floats  # [m³/s]
    expected: Floats  # [m³/s]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the readings say."""

    verdict: str  # seen, not_seen, wait (needs more dry days), blind (the band is wider than the effect)
    change: float  # [-] of the flow; NaN while nothing is known
    low: float  # [-] 5 %
    high: float  # [-] 95 %
    sd: float  # [-]
    threshold: float  # [-] that held
    dry_days: int  # that have come
    more: int  # dry days still needed
    since: str
    until: str
    control: str  # none, used, gaps, stopped, broke
    control_change: float  # [-]
    needed: float  # [-] true change that would be seen four times in five
    flow: float  # [m³/s] expected in the window: a share of it is a flow


def judge(
    record: DayRecord, control: DayRecord | None, terms: Terms, ended: np.datetime64 | None
) -> tuple[Outcome, Chart]:
    """Return what the readings say of the works, and the days behind it.

    Parameters
    ----------
    ended
        The day the works were finished; None while they are not.
    """
    until = int(np.searchsorted(record.days, terms.asked.begins))
    start = (
        len(record)
        if ended is None
        else int(np.searchsorted(record.days, ended + np.timedelta64(SETTLE, "D")))
    )
    alone = _levelled(record, until)
    beside = None if control is None else _levelled(control, until)
    whole = alone.after(start)
    mine = whole[: terms.asked.dry_days]
    state, control_change = _control(control, beside, whole, until, terms)
    chart = _chart(record, alone, beside)
    if state == USED and beside is not None:
        mine = whole[np.isfinite(beside.level[whole])][: terms.asked.dry_days]
    band = null_band(record, until, terms.asked.dry_days, control if state == USED else None)
    threshold = terms.threshold if state == USED else terms.threshold_alone
    more = terms.asked.dry_days - len(mine)
    waiting = Outcome(
        WAIT, np.nan, np.nan, np.nan, band.sd if band else np.nan, threshold, len(mine), more, "", "", state,
        control_change, band.needed(terms.asked.rate, terms.asked.power) if band else np.nan, np.nan,
    )  # fmt: skip
    if not len(mine) or band is None:
        return waiting, chart
    change = alone.change(mine)
    if state == USED and beside is not None:
        change -= terms.share * beside.change(mine)
    spread = float(student.ppf(0.95, band.apart)) * band.sd
    told = replace(
        waiting, change=change, low=change - spread, high=change + spread,
        since=str(record.days[mine[0]]), until=str(record.days[mine[-1]]),
        flow=float(alone.expected[mine].mean()),
    )  # fmt: skip
    return (told if more > 0 else replace(told, verdict=_verdict(told, terms))), chart


def _verdict(told: Outcome, terms: Terms) -> str:
    gained = -told.change if terms.asked.expected >= 0 else told.change
    if gained >= told.threshold:
        return SEEN
    return NOT_SEEN if told.needed <= abs(terms.asked.expected) else BLIND


@dataclass(frozen=True, slots=True, eq=False)
class _Levelled:
    """A record beside what its model, fitted before the works, expects."""

    level: Floats
    expected: Floats
    dry: npt.NDArray[np.bool_]

    def change(self, rows: Rows) -> float:
        return float(self.level[rows].sum() / self.expected[rows].sum() - 1.0)

    def after(self, start: int) -> Rows:
        return np.flatnonzero(self.dry & np.isfinite(self.level) & (np.arange(len(self.level)) >= start))


def _levelled(record: DayRecord, until: int) -> _Levelled:
    table = week_table(record, np.arange(len(record)) < until)
    fit: Fitting = fitting(record, until, table)
    whole = np.array([len(fit.level)])
    coefficients = fit.fit(np.zeros_like(whole), whole)[0]
    return _Levelled(day_levels(record, table), record.columns @ coefficients, record.dry)


def _control(
    control: DayRecord | None, beside: _Levelled | None, whole: Rows, until: int, terms: Terms
) -> tuple[str, float]:
    """Return whether the control may be used, and its own change over the meter's days."""
    if control is None or beside is None:
        return NONE, np.nan
    wanted = terms.asked.dry_days
    there = np.isfinite(beside.level[whole])
    state = reading(there, wanted)
    read = whole[:wanted][there[:wanted]]
    if state != USED or not len(read):
        return state, np.nan
    change = beside.change(read)
    own = null_band(control, until, wanted)
    wild = own is not None and abs(change) > WILD * own.half(terms.asked.rate)
    return (BROKE if wild else USED), change


def _chart(record: DayRecord, alone: _Levelled, beside: _Levelled | None) -> Chart:
    shown = np.flatnonzero(record.dry & np.isfinite(alone.level) & (alone.expected > 0))
    other = np.full(len(shown), np.nan)
    if beside is not None:
        other = beside.level[shown] / beside.expected[shown] - 1.0
    change = alone.level[shown] / alone.expected[shown] - 1.0
    return Chart(record.days[shown], change, other, alone.level[shown], alone.expected[shown])


def terms_of(record: DayRecord, control: DayRecord | None, asked: Asked) -> tuple[Terms, NullBand] | None:
    """Return the terms to register from the record as it is before the works; None when it is too short."""
    until = int(np.searchsorted(record.days, asked.begins))
    alone = null_band(record, until, asked.dry_days)
    beside = alone if control is None else null_band(record, until, asked.dry_days, control)
    if alone is None or beside is None:
        return None
    with_control, without = (max(band.half(asked.rate), asked.least) for band in (beside, alone))
    return Terms(asked, with_control, without, beside.share), beside
