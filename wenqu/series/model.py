"""What one gauge says about one quantity."""

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import numpy.typing as npt


class Flag(IntFlag):
    """Why a reading is doubted; 0 is a good one. Flags are a layer: readings are never changed."""

    GOOD = 0
    MISSING = 1  # no reading where one was due
    RANGE = 2  # outside the believable range of the quantity
    FLAT = 4  # the same value for too long
    JUMP = 8  # away and back faster than water moves
    DRIFT = 16
    DUPLICATE = 32  # the time was given twice; the first is kept
    MANUAL = 64  # somebody said so


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of one quantity at one asset, sorted by time."""

    asset: str  # id of the meter, gauge, station or plant
    quantity: str  # name in quantities.csv
    times: npt.NDArray[np.datetime64]  # (n,) datetime64[s], local standard time, sorted, unique
    values: npt.NDArray[np.float64]  # (n,) SI unit of the quantity, NaN where missing
    flags: npt.NDArray[np.uint8]  # (n,) sum of Flag
    simulated: bool = False

    def __len__(self) -> int:
        """Return the number of readings."""
        return len(self.times)

    def good(self) -> npt.NDArray[np.float64]:
        """Return the values with every doubted one as NaN. (n,)"""
        return np.where(self.flags == Flag.GOOD, self.values, np.nan)


def series(
    asset: str,
    quantity: str,
    times: npt.NDArray[np.datetime64],
    values: npt.NDArray[np.float64],
    *,
    simulated: bool = False,
) -> Series:
    """Return a Series of unflagged readings, sorted; of a time given twice the first reading is kept."""
    seconds = times.astype("datetime64[s]")
    order = np.argsort(seconds, kind="stable")
    kept = (
        order[np.concatenate([[True], np.diff(seconds[order]) > np.timedelta64(0, "s")])]
        if len(order)
        else order
    )
    flags = np.where(np.isnan(values[kept]), np.uint8(Flag.MISSING), np.uint8(Flag.GOOD)).astype(np.uint8)
    return Series(asset, quantity, seconds[kept], values[kept].astype(np.float64), flags, simulated)
