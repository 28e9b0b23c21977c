"""How much of the rain above a meter reaches it, how fast, and how sure is that?

A record is a daily pattern, a slow level of the seasons, and rain that arrives through exponential memories
of 1 to 2400 h with areas that must not be negative (NNLS). Each part of the record is left out once: that
tells the error of the areas and how well the model foretells what it has not seen.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.block_sums import Sums, block_sums, fitted, left_out, missed, spread
from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.rain_events import after_rain
from wenqu.diagnosis.rain_kernels import later, memories
from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]
DAY, YEAR = 86400.0, 365.2425 * 86400.0
PARTS = 20  # parts of the record that are left out in turn
SHORTEST = 14 * DAY  # [s] of readings, below which nothing is said
LAGS = (0.0, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)  # [h] from the rain to the meter
EARLIER = (-1.0, -2.0, -3.0, -4.0, -6.0, -8.0)  # [h] that a clock may be off
CLEARLY = 0.97  # of the squares left, below which an earlier answer is believed
HOUR = 3600.0
RELATIVE = 0.1  # [-] error of a high flow: storms must not outvote the rest of the year
SPEEDS = ("fast", "slow", "memory")  # inflow, infiltration after rain, groundwater that rain has raised


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Flow and rain of one meter on a regular grid. T steps."""

    times: Times  # (T,) datetime64[s]
    step: float  # [s]
    flow: Floats  # (T,) [m³/s] NaN where there is no good reading
    rain: Floats  # (T,) [m/s] above the meter, NaN where unknown
    part: Ints  # (T,) part of the record, the same for all meters

    @property
    def used(self) -> Mask:
        """Return the steps whose flow and whose rain of the day before are known. (T,)"""
        unknown = np.isnan(self.rain).astype(np.int64)
        reach = round(DAY / self.step)
        total = np.concatenate([[0], np.cumsum(unknown)])
        low = np.maximum(np.arange(len(unknown)) - reach, 0)
        found: Mask = np.isfinite(self.flow) & (total[1:] == total[low])
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What rain does at one meter. k memories, n parts, T steps."""

    hours: Floats  # (k,) [h] of each memory
    area: Floats  # (k,) [m²] whose whole rain arrives through it
    without: Floats  # (n, k) [m²] the same without each part of the record
    lag: int  # steps from rain to meter
    baseline: Floats  # (T,) [m³/s] the flow without rain
    answered: Floats  # (T,) [m³/s] what rain adds
    noise: float  # [m³/s] spread of the mean of a dry day about the model
    skill: float  # [-] of the squares that the pattern leaves, share foretold in parts not fitted
    plain: float  # weighted squares that the pattern leaves
    level: Floats  # (c, T) columns of the flow without fast and slow answers
    weight: Floats  # (T,) of each step in the fit, 0 where it is not used

    @property
    def speeds(self) -> Floats:
        """Return the area of each of `SPEEDS`. (3,) [m²]"""
        return self.area @ speed_of(self.hours)

    @property
    def covariance(self) -> Floats:
        """Return the covariance of the areas by `SPEEDS`. (3, 3)"""
        return spread(self.without @ speed_of(self.hours))


def speed_of(hours: Floats) -> Floats:
    """Return which of `SPEEDS` each memory is, as 0 and 1. (k, 3)"""
    seconds = hours * 3600.0
    fast, slow = seconds <= default("fast_answer"), seconds <= default("slow_answer")
    return np.stack([fast, slow & ~fast, ~slow], axis=1).astype(np.float64)


def parts_of(times: Times) -> Ints:
    """Return the part of the record that each step belongs to. (T,)"""
    size = max(1, int(np.ceil(len(times) / PARTS)))
    return np.asarray(np.arange(len(times)) // size, dtype=np.int64)


def rain_response(record: Record) -> Response:
    """Return what rain does at one meter.

    Raises
    ------
    NotEnoughData
        There are fewer than two weeks of readings, or it never rained while there were.
    """
    used = record.used
    read = float(used.sum()) * record.step
    if read < SHORTEST:
        raise NotEnoughData("rain-short", days=round(read / DAY, 1), least=SHORTEST / DAY)
    rain = np.nan_to_num(record.rain)
    if not (rain[used] > 0).any():
        raise NotEnoughData("rain-none")
    hours, arrived = memories(rain, record.step, len(rain) * record.step / 4)
    dry = used & ~after_rain(record.rain, record.step, 48.0)
    pattern = day_pattern(record, record.flow, dry if dry.sum() * record.step >= 3 * DAY else used)
    weight = used.astype(np.float64)
    lag, best = 0, np.inf
    for hour in LAGS:
        steps = round(hour * 3600 / record.step)
        left = _left(_sums(record, pattern, later(arrived, steps), weight))
        if left < best * (1 - 1e-6):
            lag, best = steps, left
    arrived = later(arrived, lag)
    sums = _sums(record, pattern, arrived, weight)
    found = fitted(sums)
    level, answered = _split(record, pattern, arrived, found)
    pattern = day_pattern(record, record.flow - answered, used)
    left = _noise(record.flow - level - answered, used)
    weight = weight / (left**2 + (RELATIVE * (level + answered)) ** 2)
    sums = _sums(record, pattern, arrived, weight)
    found, without = fitted(sums), left_out(sums)
    level, answered = _split(record, pattern, arrived, found)
    only = sums.chosen(np.empty(0, np.int64))
    plain = missed(only, left_out(only))
    noise = daily_noise(record, level + answered, dry)
    skill = 1.0 - missed(sums, without) / plain if plain > 0 else 0.0
    return Response(
        hours, found[sums.free :], without[:, sums.free :], lag, level, answered, noise, float(skill), plain,
        _level(record, pattern, found[sums.free :] * speed_of(hours)[:, 2] @ arrived), weight,
    )  # fmt: skip


def clock_ahead(record: Record, response: Response) -> float:
    """Return how many hours before the rain its answer comes, 0 when it comes after: a clock is wrong. [h]"""
    _, arrived = memories(np.nan_to_num(record.rain), record.step, len(record.rain) * record.step / 4)
    pattern = response.level[1]
    left = {
        hour: _left(_sums(record, pattern, later(arrived, round(hour * HOUR / record.step)), response.weight))
        for hour in (response.lag * record.step / HOUR, *EARLIER)
    }
    first, *rest = left
    best = min(rest, key=lambda hour: left[hour])
    return -best if left[best] < CLEARLY * left[first] else 0.0


def _level(record: Record, pattern: Floats, swell: Floats) -> Floats:
    """Return the columns of flow without rain, the groundwater that weeks of rain have raised too."""
    level = level_columns(record, pattern)
    return np.concatenate([level, swell[None]]) if swell.any() else level


def _left(sums: Sums) -> float:
    found = fitted(sums)
    gram, right = sums.gram.sum(axis=0), sums.right.sum(axis=0)
    return float(sums.squares.sum() - 2 * found @ right + found @ gram @ found)


def _sums(record: Record, pattern: Floats, arrived: Floats, weight: Floats) -> Sums:
    level = level_columns(record, pattern)
    return block_sums(np.concatenate([level, arrived]), record.flow, weight, record.part, len(level))


def _split(record: Record, pattern: Floats, arrived: Floats, found: Floats) -> tuple[Floats, Floats]:
    level = level_columns(record, pattern)
    return found[: len(level)] @ level, found[len(level) :] @ arrived


def _noise(left: Floats, used: Mask) -> float:
    here = left[used]
    return max(1.4826 * float(np.median(np.abs(here - np.median(here)))), 1e-9)


def daily_noise(record: Record, model: Floats, dry: Mask) -> float:
    """Return the spread of the mean residual of a dry day. [m³/s]"""
    chosen = dry if dry.any() else record.used
    day = record.times[chosen].astype("datetime64[D]").astype(np.int64)
    count = np.bincount(day - day.min())
    total = np.bincount(day - day.min(), weights=(record.flow - model)[chosen])
    means = total[count > 0] / count[count > 0]
    return float(np.sqrt((means**2).mean()))


def level_columns(record: Record, pattern: Floats) -> Floats:
    """Return what flow without rain is made of: one, the daily pattern, a trend or the seasons. (c, T)"""
    seconds = record.times.astype("datetime64[s]").astype(np.int64).astype(np.float64)
    length = float(np.ptp(seconds)) if len(seconds) else 0.0
    columns = [np.ones(len(seconds)), pattern]
    turn = 2 * np.pi * seconds / YEAR
    if length >= 300 * DAY:
        columns += [np.cos(turn), np.sin(turn)]
    elif length >= 60 * DAY:
        columns.append((seconds - seconds.mean()) / length)
    if length >= 540 * DAY:
        columns += [np.cos(2 * turn), np.sin(2 * turn)]
    return np.stack(columns)


def day_pattern(record: Record, flow: Floats, among: Mask) -> Floats:
    """Return how the flow of a step differs from its day's mean, by time and week-end. (T,) [m³/s]"""
    seconds = record.times.astype("datetime64[s]").astype(np.int64)
    slots = max(1, round(DAY / record.step))
    slot = (seconds % int(DAY) // int(record.step)) % slots
    resting = np.isin((seconds // int(DAY) + 3) % 7, (5, 6)).astype(np.int64)
    place = resting * slots + slot
    good = among & np.isfinite(flow)
    both = np.bincount(slot[good], weights=flow[good], minlength=slots)
    counts = np.bincount(slot[good], minlength=slots)
    mean = float(flow[good].mean()) if good.any() else 0.0
    common = np.where(counts > 0, both / np.maximum(counts, 1), mean)
    own = np.bincount(place[good], weights=flow[good], minlength=2 * slots)
    count = np.bincount(place[good], minlength=2 * slots)
    twice = np.concatenate([common, common])
    table = (own + 4.0 * twice) / (count + 4.0)  # four days of the common pattern
    for half in (slice(0, slots), slice(slots, 2 * slots)):  # the level of a day is another column
        table[half] -= table[half].mean()
    return np.asarray(table[place], dtype=np.float64)
