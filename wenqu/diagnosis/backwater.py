"""Does a river, a tide or a full sewer hold the water back at a meter, so that its flow says less?

A sewer that runs free carries more when it stands higher, follows the day of its users, and never runs
backwards. Four signs of the flow alone, two more where the level and the velocity are read too. A meter that
shows one is not thrown away: it is told and trusted less.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.series.events import days_in
from wenqu.series.model import Series
from wenqu.series.repair import day_rows, regular

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
TIDE = 12.4206  # [h] from high water to high water
REVERSE = 0.005  # [-] share of readings that run backwards
REVERSE_DAYS = 3
STAGE_T = -4.0  # of the slope of the flow on the stage, day against day
STAGE_SIZE = 0.03  # [-] of the mean flow, that a usual move of the stage must take away
TIDE_SIZE = 0.03  # [-] of the mean flow
TIDE_F = 25.0  # power of the tide over that of the periods beside it
BESIDE = (9.0, 10.0, 10.9, 11.4, 13.2, 13.9, 14.7, 16.0)  # [h] neither tide nor part of a day
UPSIDE = -0.35  # correlation
DAYLIKE = 0.05  # [-] of the mean: a day that moves less has no shape
SLOW, LATEST = 0.3, 8  # [m/s] of a wave, [h]
LEAST_DAYS, LEAST_HOURS = 15, 200
SIGNS = ("reverse", "held", "tide", "inverted", "level", "velocity")


@dataclass(frozen=True, slots=True)
class Backwater:
    """What speaks for backwater at a meter. NaN: cannot be told."""

    reverse: float  # [-] share of readings that run backwards
    held: float  # t of the flow that a rising river takes away, day against day; negative: backwater
    tide: float  # [-] amplitude of the flow at the period of the tide, over its mean
    inverted: float  # correlation of its day with that of its users, at the best delay
    level: float  # correlation of the change of flow with the change of level, hour against hour
    velocity: float  # correlation of velocity with level
    signs: tuple[str, ...]  # which of them are past their limit


def backwater(
    flow: Series, dry: Days, pattern: Floats, *, stage: Series | None = None, level: Series | None = None,
    velocity: Series | None = None, way: float = 0.0,
) -> Backwater:  # fmt: skip
    """Return the signs of backwater at one meter.

    Parameters
    ----------
    flow
        Readings as they came, negative ones included. [m³/s]
    dry
        Its dry days.
    pattern
        Day of sewage at the source, mean 1. (24,)
    stage
        River stage. [m]
    level, velocity
        Read at the meter. [m], [m/s]
    way
        Mean way of the sewage to the meter: what comes late is not upside down. [m]
    """
    hourly = regular(flow)
    reverse = reversed_share(flow)
    held = _held(hourly, dry, stage)
    tide, in_step = _tide(hourly, dry, stage)
    inverted = _inverted(hourly, dry, pattern, way)
    up = _together(_changes(hourly, dry), None if level is None else _changes(regular(level), dry))
    fast = _together(
        None if velocity is None else _values(regular(velocity), dry),
        None if level is None else _values(regular(level), dry),
    )
    signs = {
        "reverse": reverse >= REVERSE,
        "held": held <= STAGE_T,
        "tide": tide >= TIDE_SIZE and not in_step,
        "inverted": inverted <= UPSIDE,
        "level": up <= UPSIDE,
        "velocity": fast <= UPSIDE,
    }
    found = tuple(name for name in SIGNS if signs[name])
    return Backwater(reverse, held, tide, inverted, up, fast, found)


def reversed_share(flow: Series) -> float:
    """Return the share of readings that run backwards, 0 when few days have any: a fault of the wire."""
    values = flow.values
    known = ~np.isnan(values)
    if not known.any():
        return float("nan")
    usual = float(np.median(np.abs(values[known])))
    back = known & (values < -0.02 * usual) & (values > -5 * usual)
    days = np.unique(flow.times[back].astype("datetime64[D]"))
    return float(back.sum() / known.sum()) if len(days) >= REVERSE_DAYS else 0.0


def _held(hourly: Series, dry: Days, stage: Series | None) -> float:
    """Return t of the slope of flow on stage from one dry day to the next, 0 where the slope is too small."""
    if stage is None:
        return float("nan")
    days, rows = day_rows(hourly)
    other, high = day_rows(regular(stage))
    common, here, there = np.intersect1d(days, other, return_indices=True)
    with np.errstate(invalid="ignore"):
        mean = np.where((~np.isnan(rows[here])).sum(axis=1) >= 18, _mean(rows[here]), np.nan)
    level = _mean(high[there])
    follows = np.diff(common).astype(np.int64) == 1
    good = follows & days_in(common[1:], dry) & days_in(common[:-1], dry)
    move, rise = np.diff(mean)[good], np.diff(level)[good]
    known = ~(np.isnan(move) | np.isnan(rise))
    move, rise = move[known], rise[known]
    if len(move) < LEAST_DAYS or rise.std() < 1e-3:
        return float("nan")
    rise = rise - rise.mean()
    slope = float(rise @ (move - move.mean()) / (rise @ rise))
    left = move - move.mean() - slope * rise
    error = float(np.sqrt(left @ left / (len(left) - 2) / (rise @ rise)))
    size = abs(slope) * float(np.nanstd(level)) / max(float(np.nanmean(mean)), 1e-12)
    return slope / max(error, 1e-15) if size >= STAGE_SIZE else 0.0


def _tide(hourly: Series, dry: Days, stage: Series | None) -> tuple[float, bool]:
    """Return the amplitude at the period of the tide over the mean flow, and whether it rises with the river.

    Inflow through an outfall rises with the tide; backwater falls.
    """
    chosen = days_in(hourly.times.astype("datetime64[D]"), dry) & ~np.isnan(hourly.good())
    hours = hourly.times.astype("datetime64[h]").astype(np.int64)
    if chosen.sum() < LEAST_DAYS * 24:
        return float("nan"), False
    when, value = hours[chosen], hourly.good()[chosen]
    mean = float(value.mean())
    left = value - _by_hour(when, value) - _by_day(when, value)
    wave = _wave(when, left, TIDE)
    floor = float(np.median([abs(_wave(when, left, period)) ** 2 for period in BESIDE]))
    if mean <= 0 or abs(wave) ** 2 < TIDE_F * floor:
        return 0.0, False
    if stage is None:
        return float(abs(wave) / mean), False
    river = regular(stage)
    known = ~np.isnan(river.good())
    high = _wave(river.times.astype("datetime64[h]").astype(np.int64)[known], river.good()[known], TIDE)
    return float(abs(wave) / mean), bool((wave * np.conj(high)).real > 0)


def _inverted(hourly: Series, dry: Days, pattern: Floats, way: float) -> float:
    """Return the best correlation of the day with that of the users at any delay that the way allows."""
    latest = int(np.ceil(way / SLOW / 3600)) + 2
    if latest > LATEST:  # water so late may look like anything
        return float("nan")
    days, rows = day_rows(hourly)
    chosen = rows[days_in(days, dry)]
    if len(chosen) < LEAST_DAYS or np.isnan(chosen).all(axis=0).any():
        return float("nan")
    day = np.nanmean(chosen, axis=0)
    if day.std() < DAYLIKE * abs(day.mean()) or not (pattern.std() > 0 and day.std() > 0):
        return 0.0
    return float(max(np.corrcoef(day, np.roll(pattern, late))[0, 1] for late in range(latest + 1)))


def _together(one: tuple[Floats, Floats] | None, other: tuple[Floats, Floats] | None) -> float:
    if one is None or other is None:
        return float("nan")
    _, here, there = np.intersect1d(one[0], other[0], return_indices=True)
    a, b = one[1][here], other[1][there]
    known = ~(np.isnan(a) | np.isnan(b))
    if known.sum() < LEAST_HOURS or a[known].std() == 0 or b[known].std() == 0:
        return float("nan")
    return float(np.corrcoef(a[known], b[known])[0, 1])


def _values(hourly: Series, dry: Days) -> tuple[Floats, Floats]:
    chosen = days_in(hourly.times.astype("datetime64[D]"), dry)
    hours = hourly.times.astype("datetime64[h]").astype(np.int64)
    return hours[chosen].astype(np.float64), hourly.good()[chosen]


def _changes(hourly: Series, dry: Days) -> tuple[Floats, Floats]:
    """Return the change over three hours: what an hour of noise hides less."""
    hours, values = _values(hourly, dry)
    if len(hours) <= 3:
        return np.empty(0), np.empty(0)
    whole = hours[3:] - hours[:-3] == 3
    return hours[3:][whole], (values[3:] - values[:-3])[whole]


def _mean(rows: Floats) -> Floats:
    count = (~np.isnan(rows)).sum(axis=1)
    return np.where(count > 0, np.nansum(rows, axis=1) / np.maximum(count, 1), np.nan)


def _by_hour(when: npt.NDArray[np.int64], value: Floats) -> Floats:
    count = np.bincount(when % 24, minlength=24)
    return np.asarray((np.bincount(when % 24, value, 24) / np.maximum(count, 1))[when % 24])


def _by_day(when: npt.NDArray[np.int64], value: Floats) -> Floats:
    """Return how far the mean of each reading's day is from the mean."""
    _, day = np.unique(when // 24, return_inverse=True)
    return np.asarray((np.bincount(day, value) / np.bincount(day))[day] - value.mean())


def _wave(when: npt.NDArray[np.int64], value: Floats, period: float) -> complex:
    turn = np.exp(-2j * np.pi * when / period)
    return complex(2 * ((value - value.mean()) * turn).mean())
