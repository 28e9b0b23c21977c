"""How does a ragged record become a regular one without hiding what is doubtful?"""

import numpy as np
import numpy.typing as npt

from wenqu.series.model import Flag, Series

HOUR = 3600


def regular(series: Series, step: int = HOUR) -> Series:
    """Return a series on a regular grid: each step is the mean of its good readings.

    A step without a good reading is NaN and carries the flags of its doubtful readings, or MISSING
    when there was none: nothing is invented. A step with some good readings is good.

    Parameters
    ----------
    series
        Readings with their flags.
    step
        Width of the grid, counted from midnight. [s]

    Returns
    -------
    Series
        From the step of the first reading to that of the last; times are the starts of the steps.
    """
    if not len(series):
        return series
    slots = series.times.astype("datetime64[s]").astype(np.int64) // step
    place = slots - slots[0]
    size = int(place[-1]) + 1
    good = (series.flags == Flag.GOOD) & ~np.isnan(series.values)
    count = np.bincount(place[good], minlength=size)
    total = np.bincount(place[good], weights=series.values[good], minlength=size)
    values = np.full(size, np.nan)
    values[count > 0] = total[count > 0] / count[count > 0]
    flags = np.zeros(size, dtype=np.uint8)
    np.bitwise_or.at(flags, place[~good], series.flags[~good])
    flags[count > 0] = Flag.GOOD
    flags[(count == 0) & (flags == 0)] = Flag.MISSING
    times = ((np.arange(size) + slots[0]) * step).astype("datetime64[s]")
    return Series(series.asset, series.quantity, times, values, flags, series.simulated)


def day_rows(hourly: Series) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]]:
    """Return an hourly series as whole days.

    Returns
    -------
    days
        (d,) datetime64[D].
    values
        (d, 24) good values, NaN where there is none.
    """
    hours = hourly.times.astype("datetime64[s]").astype(np.int64) // HOUR
    if not len(hours):
        return np.empty(0, "datetime64[D]"), np.empty((0, 24))
    day = hours // 24
    rows = np.full((int(day[-1] - day[0]) + 1, 24), np.nan)
    rows[day - day[0], hours % 24] = hourly.good()
    return (np.arange(len(rows)) + day[0]).astype("datetime64[D]"), rows
