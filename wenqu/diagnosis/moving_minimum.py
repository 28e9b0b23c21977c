"""How does the extraneous water change over the year: the moving minimum of 21 days.

Interval 5-95 %: the error given for the foul flow and the systematic error of the meter. The least of 21
readings is biased low by the scatter of single days; that is not contained.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]
Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class MovingMinimum:
    """Extraneous water day by day and in the mean."""

    minimum: Floats  # (d,) [m³/s] least daily flow of the window, NaN where the window is too empty
    extraneous_by_day: Floats  # (d,) [m³/s] that less the foul flow
    extraneous: float  # [m³/s] mean over the days
    low: float  # [m³/s]
    high: float  # [m³/s]
    share: float  # [-] of the mean flow
    days: int


def moving_minimum(
    flows: Floats,
    sewage: float,
    *,
    sewage_sd: float = 0.0,
    meter_error: float = 0.0,
    window: int = 21,
    least: int = 11,
) -> MovingMinimum:
    """Return the extraneous water by the moving minimum: Q_f,i = min(Q in 21 days) - Q_s.

    Parameters
    ----------
    flows
        Daily mean flows, every day of the record, NaN where unknown. (d,) [m³/s]
    sewage
        Mean foul flow. [m³/s]
    window
        Days of the window, the day in its middle.
    least
        Days of a window that must be known.

    Raises
    ------
    NotEnoughData
        No window holds enough days.

    References
    ----------
    Bayerisches Landesamt für Umwelt, Fremdwasser: Gleitendes Minimum; single source.
    """
    half = window // 2
    padded = np.pad(flows, half, constant_values=np.nan)
    if len(flows) == 0:
        raise NotEnoughData("daily-flows")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    known = (~np.isnan(windows)).sum(axis=1) >= least
    if not known.any():
        raise NotEnoughData("window-days", least=least, window=window)
    minimum = np.where(known, np.where(np.isnan(windows), np.inf, windows).min(axis=1), np.nan)
    by_day = minimum - sewage
    extraneous = float(by_day[known].mean())
    sd = float(np.hypot(sewage_sd, meter_error * float(minimum[known].mean())))
    return MovingMinimum(
        minimum,
        by_day,
        extraneous,
        extraneous - Z90 * sd,
        extraneous + Z90 * sd,
        extraneous / float(np.nanmean(flows)),
        int(known.sum()),
    )
