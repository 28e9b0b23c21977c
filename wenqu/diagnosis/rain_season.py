"""Does the same rain bring more water in the wet season, after wet weeks, or when it is small?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.event_volumes import EventVolume

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
FEWEST = 4  # events on either side
Z90 = 1.6449
SCATTER = 0.15  # [-] error of the rain of one event
WARM = (5, 6, 7, 8, 9, 10)  # months


@dataclass(frozen=True, slots=True)
class Against:
    """The response of some events over that of the others."""

    ratio: float  # [-] NaN when there are too few events
    low: float  # 5 %
    high: float  # 95 %
    here: int  # events
    there: int

    @property
    def verdict(self) -> str:
        """Return more, less, same (no difference is seen) or unknown (too few events)."""
        if np.isnan(self.ratio):
            return "unknown"
        return "more" if self.low > 1 else "less" if self.high < 1 else "same"


def against(events: Sequence[EventVolume], chosen: Mask) -> Against:
    """Return how the chosen events answered against the others, each weighted by its error."""
    ratio = np.array([one.ratio for one in events])
    sd = np.hypot(np.array([one.ratio_sd for one in events]), SCATTER)
    good = (
        np.isfinite(ratio) & np.isfinite(sd) & np.array([not one.left_out for one in events], dtype=np.bool_)
    )
    means, errors, counts = [], [], []
    for side in (good & chosen, good & ~chosen):
        counts.append(int(side.sum()))
        if counts[-1] < FEWEST:
            continue
        weight = 1 / sd[side] ** 2
        mean = float((weight * ratio[side]).sum() / weight.sum())
        # What the events scatter beyond their errors is the error of a mean of events.
        wide = float((weight * (ratio[side] - mean) ** 2).sum() / weight.sum()) / (counts[-1] - 1)
        means.append(mean)
        errors.append(np.sqrt(max(wide, 1 / weight.sum())))
    if len(means) < 2 or means[1] <= 0 or means[0] <= 0:
        return Against(np.nan, np.nan, np.nan, *counts)
    found = means[0] / means[1]
    wide = Z90 * float(np.hypot(errors[0] / means[0], errors[1] / means[1]))
    return Against(found, found * float(np.exp(-wide)), found * float(np.exp(wide)), *counts)


def by_season(events: Sequence[EventVolume]) -> Against:
    """Return the warm half of the year (May to October) against the cold one."""
    months = np.array([one.storm.since.astype("datetime64[M]").astype(np.int64) % 12 + 1 for one in events])
    return against(events, np.isin(months, WARM))


def by_wetness(events: Sequence[EventVolume], rain: Floats, step: float) -> Against:
    """Return the events after a wet month against those after a dry one, parted at their median.

    Parameters
    ----------
    rain
        The rain of the record. (T,) [m/s]
    """
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(rain))])
    reach = round(30 * 86400 / step)
    before = np.array([total[one.storm.first] - total[max(0, one.storm.first - reach)] for one in events])
    full = np.array([one.storm.first >= reach and not one.left_out for one in events], dtype=np.bool_)
    if not full.any():
        return Against(np.nan, np.nan, np.nan, 0, 0)
    kept = [one for one, there in zip(events, full, strict=True) if there]
    return against(kept, before[full] > np.median(before[full]))


def by_size(events: Sequence[EventVolume]) -> Against:
    """Return the large rains against the small ones: below 1 where overflows or full pipes cut peaks off."""
    kept = [one for one in events if not one.left_out]
    if not kept:
        return Against(np.nan, np.nan, np.nan, 0, 0)
    depth = np.array([one.storm.depth for one in kept])
    return against(kept, depth > np.median(depth))
