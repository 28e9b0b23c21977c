"""Which readings of a series are doubtful, and why?

Flags are a layer: nothing here changes a value or a time. The rules by quantity stand in ``flag_rules.csv``
beside this file and are defaults, no standard.
"""

import csv
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from wenqu.errors import UnknownType
from wenqu.series.model import Flag, Series
from wenqu.units import quantities

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
HOURS = 24
LEAST_DAYS = 7  # readings of one hour that show what is usual at it
MAD_TO_SD = 1.4826  # median absolute deviation → standard deviation of a normal variable


@dataclass(frozen=True, slots=True)
class Rules:
    """When a reading of one quantity is doubtful."""

    flat_after: float  # [s] the same value for longer than this is a stuck gauge
    flat_zero: bool  # whether a long run of zeros counts as stuck too
    spike_factor: float  # [-] robust standard deviations from the running median; 0 looks for none
    spike_floor: float  # [-] share of the typical size below which nothing is a spike


@cache
def flag_rules() -> dict[str, Rules]:
    """Return the default rules by quantity."""
    text = (files("wenqu.series") / "flag_rules.csv").read_text(encoding="utf-8")
    return {
        row["quantity"]: Rules(
            float(row["flat_after_h"]) * 3600.0,
            row["flat_zero"] == "yes",
            float(row["spike_factor"]),
            float(row["spike_floor"]),
        )
        for row in csv.DictReader(text.splitlines())
    }


def rules_of(quantity: str) -> Rules:
    """Return the default rules of one quantity.

    Raises
    ------
    UnknownType
        There are no rules for this quantity.
    """
    rules = flag_rules()
    if quantity not in rules:
        raise UnknownType("quantity", type=quantity, known=", ".join(rules))
    return rules[quantity]


def out_of_range(values: Floats, lowest: float, highest: float) -> Mask:
    """Return which values are not believable for their quantity; a missing one is not judged."""
    return (values < lowest) | (values > highest)


def flat(seconds: Floats, values: Floats, after: float, *, zero_too: bool = False) -> Mask:
    """Return which values belong to a run of equal readings that lasts ``after`` seconds or more.

    Parameters
    ----------
    seconds
        Times of the readings, increasing. [s]
    values
        Readings; NaN ends a run.
    after
        Shortest duration of a run that counts as stuck. [s]
    zero_too
        Whether a run of zeros counts: rain and a resting pump are zero for good reasons.
    """
    if not len(values):
        return np.zeros(0, dtype=np.bool_)
    new_run = np.concatenate([[True], values[1:] != values[:-1]])  # NaN differs from all, itself included
    run = np.cumsum(new_run) - 1
    first = np.flatnonzero(new_run)
    last = np.concatenate([first[1:], [len(values)]]) - 1
    stuck = (seconds[last] - seconds[first] >= after) & (last > first)
    if not zero_too:
        stuck &= values[first] != 0.0
    found: Mask = stuck[run]
    return found


def spikes(values: Floats, factor: float, floor: float, hour: npt.NDArray[np.int64] | None = None) -> Mask:
    """Return which values jump away from their neighbours and back (Hampel's test on five readings).

    A reading is a spike when it lies further from the median of itself and its two neighbours on each
    side than ``factor`` robust standard deviations of all such distances, and further than ``floor``
    times the median size of the readings. A step that stays is no spike.

    Parameters
    ----------
    values, hour
        Readings, and the hour of the day of each where it is known: a peak that comes at the same hour of
        most days, as that of a short evening in a small sewer does, is no spike. (n,)
    factor, floor
        As above. [-]
    """
    there = np.flatnonzero(~np.isnan(values))
    found = np.zeros(len(values), dtype=np.bool_)
    if factor <= 0 or len(there) < 7:
        return found
    known = values[there]
    padded = np.pad(known, 2, mode="edge")
    away = known - np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)
    spread = MAD_TO_SD * np.median(np.abs(away))
    limit = max(factor * spread, floor * float(np.median(np.abs(known))))
    if limit <= 0:
        return found
    far = np.abs(away) > limit
    if hour is not None and far.any():
        far &= np.abs(away - _usually_away(away, hour[there])) > limit
    found[there] = far
    return found


def _usually_away(away: Floats, hour: npt.NDArray[np.int64]) -> Floats:
    """Return the median distance at the hour of each reading, 0 at hours that are seldom read. (n,)"""
    usual = np.zeros(HOURS)
    for one in range(HOURS):
        mine = away[hour == one]
        usual[one] = float(np.median(mine)) if len(mine) >= LEAST_DAYS else 0.0
    return usual[hour]


def gaps(series: Series, step: float = 0.0) -> list[tuple[np.datetime64, np.datetime64]]:
    """Return where readings are absent: last reading before and first after each hole.

    Parameters
    ----------
    step
        Time that should lie between two readings; 0 takes the median of the series. [s]
    """
    if len(series) < 2:
        return []
    apart = np.diff(series.times).astype("timedelta64[s]").astype(np.float64)
    due = step or float(np.median(apart))
    holes = np.flatnonzero(apart > 1.5 * due)
    return [(series.times[hole], series.times[hole + 1]) for hole in holes]


def flags_of(series: Series, rules: Rules | None = None) -> npt.NDArray[np.uint8]:
    """Return the flags of a series: those it has, and what the rules of its quantity find.

    Raises
    ------
    UnknownType
        The quantity has no rules and none are given.
    """
    rules = rules or rules_of(series.quantity)
    quantity = quantities()[series.quantity]
    seconds = series.times.astype("datetime64[s]").astype(np.int64).astype(np.float64)
    flags = series.flags.copy()
    flags[np.isnan(series.values)] |= np.uint8(Flag.MISSING)
    range_ = out_of_range(series.values, quantity.lowest, quantity.highest)
    flags[range_] |= np.uint8(Flag.RANGE)
    flags[flat(seconds, series.values, rules.flat_after, zero_too=rules.flat_zero)] |= np.uint8(Flag.FLAT)
    inside = np.where(range_, np.nan, series.values)
    hour = (seconds // 3600 % HOURS).astype(np.int64)
    flags[spikes(inside, rules.spike_factor, rules.spike_floor, hour)] |= np.uint8(Flag.JUMP)
    return flags


def flagged(series: Series, rules: Rules | None = None) -> Series:
    """Return the same readings with the flags that the rules of their quantity find."""
    return replace(series, flags=flags_of(series, rules))
