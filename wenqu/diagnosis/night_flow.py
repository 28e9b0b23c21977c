"""How much clean water runs when nearly nobody uses any: the night minimum.

Interval 5-95 %: the scatter of the night minima over the days, the systematic error of the meter, and the
error given for the sewage still expected at that hour. It does not contain mains leakage or industry at
night.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]
Z90 = 1.6448536269514722  # half width of a 5-95 % interval in standard deviations


@dataclass(frozen=True, slots=True)
class NightFlow:
    """What the small hours say about one meter."""

    minimum: float  # [m³/s] mean over the days of the least flow of the night
    sewage: float  # [m³/s] sewage still expected at that hour
    extraneous: float  # [m³/s] the rest: groundwater, river, mains leakage
    low: float  # [m³/s] 5 % bound of the rest
    high: float  # [m³/s] 95 % bound
    share: float  # [-] extraneous over the daily mean, NaN when that is not given
    days: int


def night_window(rows: Floats, width: int = 4) -> npt.NDArray[np.int64]:
    """Return the ``width`` hours on end in which this site runs least: each site has its own night.

    Parameters
    ----------
    rows
        Hourly flows of dry days, NaN where missing. (d, 24) [m³/s]

    Raises
    ------
    NotEnoughData
        Some hour of the day was never read.
    """
    read = ~np.isnan(rows)
    if not read.any(axis=0).all():
        raise NotEnoughData("night-hours", hours=int((~read.any(axis=0)).sum()))
    pattern = np.where(read, rows, 0.0).sum(axis=0) / read.sum(axis=0)
    wrapped = np.concatenate([pattern, pattern[: width - 1]])
    first = int(np.lib.stride_tricks.sliding_window_view(wrapped, width).mean(axis=1).argmin())
    return (first + np.arange(width)) % 24


def night_minima(rows: Floats, hours: npt.NDArray[np.int64]) -> Floats:
    """Return the least hourly flow of each night, NaN where an hour of the window is missing. (d,)"""
    found: Floats = rows[:, hours].min(axis=1)
    return found


def night_flow(
    minima: Floats,
    night_sewage: float = 0.0,
    *,
    night_sewage_sd: float = 0.0,
    meter_error: float = 0.0,
    daily_mean: float = np.nan,
) -> NightFlow:
    """Return the extraneous water by the night minimum: Q_g = Q_min - night sewage.

    Parameters
    ----------
    minima
        Night minima of dry days; NaN is left out. (d,) [m³/s]
    night_sewage
        Sewage still expected at that hour, see ``night_sewage``; 0 gives the raw method. [m³/s]
    night_sewage_sd
        Its standard deviation. [m³/s]
    meter_error
        Systematic error of the meter as a share. [-]
    daily_mean
        Mean dry-weather flow, for the share. [m³/s]

    Raises
    ------
    NotEnoughData
        No night was read.

    References
    ----------
    Common practice (夜间最小流量法); no clause known.

    Examples
    --------
    >>> round(night_flow(np.array([0.018]), 0.002).extraneous * 86400, 1)  # 18 and 2 L/s
    1382.4
    """
    known = minima[~np.isnan(minima)]
    if not len(known):
        raise NotEnoughData("nights")
    minimum = float(known.mean())
    scatter = float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else 0.0
    extraneous = minimum - night_sewage
    sd = float(np.sqrt(scatter**2 + (meter_error * minimum) ** 2 + night_sewage_sd**2))
    return NightFlow(
        minimum,
        night_sewage,
        extraneous,
        extraneous - Z90 * sd,
        extraneous + Z90 * sd,
        extraneous / daily_mean,
        len(known),
    )
