"""What did one rain add at a meter, and was that what the meter's own response foretells?

The dry-day flow and what still runs off from rain before are taken away; the rest, over the window of the
event, is its volume. An event that cannot be used is kept with the reason.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.rain_events import Storm, after_rain
from wenqu.diagnosis.rain_kernels import memories
from wenqu.diagnosis.rain_response import Record, Response

Floats = npt.NDArray[np.float64]
CORRELATED = 3 * 86400.0  # [s] over which the error of the dry-day flow is one
CARRY_ERROR = 0.2  # [-] of what runs off from rain before
UNREAD = 0.2  # [-] share of a window in which the flow may be missing
SEEN = 2.0  # standard deviations from which a volume counts as seen
RISE = 6.0  # [h] that a rise without rain must last


@dataclass(frozen=True, slots=True)
class EventVolume:
    """One event at one meter."""

    storm: Storm
    volume: float  # [m³] NaN when it cannot be told
    sd: float  # [m³]
    foretold: float  # [m³] by the response of the meter over the same window
    peak: float  # [m³/s] that rain added at most
    left_out: str = ""  # why: rain_unread, flow_unread, unseen, unanswered

    @property
    def ratio(self) -> float:
        """Return the measured over the foretold volume. [-]"""
        return self.volume / self.foretold if self.foretold > 0 else float("nan")

    @property
    def ratio_sd(self) -> float:
        """Return the error of the ratio. [-]"""
        return self.sd / self.foretold if self.foretold > 0 else float("nan")


def event_volumes(record: Record, response: Response, found: tuple[Storm, ...]) -> tuple[EventVolume, ...]:
    """Return the volume of every event at a meter.

    Parameters
    ----------
    found
        The events of the rain above the meter, on the same grid.
    """
    hours, arrived = memories(np.nan_to_num(record.rain), record.step, len(record.rain) * record.step / 4)
    keep = np.exp(-record.step / (hours * 3600.0))
    above = record.flow - response.baseline
    made = []
    for storm in found:
        first = min(storm.first + response.lag, len(above))
        last = min(storm.end + response.lag, len(above))
        here = above[first:last]
        known = np.isfinite(here)
        state = arrived[:, storm.first - 1] if storm.first else np.zeros(len(hours))
        ahead = np.arange(1, last - first + 1)
        carried = (response.area * state) @ keep[:, None] ** ahead
        own = np.maximum(response.answered[first:last] - carried, 0.0)
        foretold = float(own.sum()) * record.step
        if not known.size or known.mean() < 1 - UNREAD:
            made.append(EventVolume(storm, np.nan, np.nan, foretold, np.nan, "flow_unread"))
            continue
        # Where the flow was not read the foretold one stands in, scaled by what was read around it.
        volume = float((here - carried)[known].sum()) * record.step
        read = float(own[known].sum()) * record.step
        volume += (foretold - read) * (volume / read if read > 0 else 1.0)
        span = len(here) * record.step
        error = response.noise * span * np.sqrt(min(1.0, CORRELATED / span))
        sd = float(np.hypot(error, CARRY_ERROR * carried.sum() * record.step))
        peak = float(np.max((here - carried)[known]))
        made.append(EventVolume(storm, volume, sd, foretold, peak, _why(storm, volume, sd, foretold)))
    return tuple(made)


def _why(storm: Storm, volume: float, sd: float, foretold: float) -> str:
    if not storm.whole:
        return "rain_unread"
    if foretold > 2 * SEEN * sd and volume < 0.1 * foretold:
        return "unanswered"  # snow, a rain beside the area, or a meter asleep
    return "unseen" if foretold < SEEN * sd else ""


def rises_without_rain(record: Record, response: Response) -> int:
    """Return how often the flow rose far above the model without rain: melt, pumping, a gauge missed."""
    used = record.used
    left = np.where(used, record.flow - response.baseline - response.answered, 0.0)
    width = max(1, round(RISE * 3600 / record.step))
    if len(left) < 2 * width:
        return 0
    total = np.concatenate([[0.0], np.cumsum(left)])
    mean = (total[width:] - total[:-width]) / width
    calm = ~after_rain(record.rain, record.step, 72.0)[width - 1 :]
    spread = 1.4826 * float(np.median(np.abs(mean - np.median(mean))))
    level = float(np.median(response.baseline))
    high = calm & (mean > max(6 * spread, 0.3 * level))
    return int((np.diff(np.concatenate([[0], high.astype(np.int64)])) == 1).sum())
