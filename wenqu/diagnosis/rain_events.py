"""When did it rain enough to see, and until when did the sewers answer?

Rains less than ``rain_gap`` apart are one event. Its answer is looked for until the next event begins or
``rain_recession`` has passed. An event whose rain or flow was not read is left out and says so.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.defaults import default

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Times = npt.NDArray[np.datetime64]
UNREAD = 0.1  # [-] share of an event in which the rain may be unknown


@dataclass(frozen=True, slots=True)
class Storm:
    """One rain event on a regular grid, as steps of it: first ≤ step < last."""

    first: int  # the rain begins
    last: int  # the rain has ended
    end: int  # the answer is over: the next event begins or the recession has passed
    depth: float  # [m]
    peak: float  # [m/s]
    since: np.datetime64
    until: np.datetime64
    whole: bool  # the rain was read all through
    cut: bool  # the next event began before the recession had passed
    night: bool  # it only rained between 22 and 6 o'clock


def storms(times: Times, rain: Floats) -> tuple[Storm, ...]:
    """Return the rain events of a regular record, first to last.

    Parameters
    ----------
    times
        Starts of the steps. (T,)
    rain
        Intensity, NaN where unknown. (T,) [m/s]
    """
    if len(times) < 2:
        return ()
    step = float((times[1] - times[0]).astype("timedelta64[s]").astype(np.int64))
    wet = np.flatnonzero(np.nan_to_num(rain) > 0)
    if not len(wet):
        return ()
    cuts = np.flatnonzero(np.diff(wet) > default("rain_gap") / step) + 1
    spans = [(int(part[0]), int(part[-1]) + 1) for part in np.split(wet, cuts)]
    depths = [float(np.nansum(rain[first:last])) * step for first, last in spans]
    kept = [row for row, depth in enumerate(depths) if depth >= default("rain_least")]
    reach = round(default("rain_recession") / step)
    found = []
    for place, row in enumerate(kept):
        first, last = spans[row]
        following = spans[kept[place + 1]][0] if place + 1 < len(kept) else len(times)
        end = min(last + reach, following, len(times))
        hours = times[first:last].astype("datetime64[h]").astype(np.int64) % 24
        here = rain[first:last]
        found.append(
            Storm(
                first, last, end, depths[row], float(np.nanmax(here)), times[first],
                times[last - 1] + np.timedelta64(int(step), "s"), bool(np.isnan(here).mean() <= UNREAD),
                end < last + reach, bool(((hours >= 22) | (hours < 6)).all()),
            )
        )  # fmt: skip
    return tuple(found)


def after_rain(rain: Floats, step: float, hours: float) -> Mask:
    """Return the steps within some hours after rain, or after a step of which the rain is unknown. (T,)"""
    wet = (np.nan_to_num(rain, nan=1.0) > 0).astype(np.int64)
    reach = max(1, round(hours * 3600 / step))
    total = np.concatenate([[0], np.cumsum(wet)])
    low = np.maximum(np.arange(len(rain)) - reach, 0)
    found: Mask = (total[1:] - total[low]) > 0
    return found
