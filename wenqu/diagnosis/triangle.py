"""How do foul water, extraneous water and storm runoff share a year of daily flows: the triangle method.

Interval 5-95 %: the error given for the foul flow and the systematic error of the meter. It does not
contain the choice of the number of dry days, to which the method is sensitive.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput, NotEnoughData

Floats = npt.NDArray[np.float64]
Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Triangle:
    """Mean flows over all days of the record."""

    foul: float  # [m³/s]
    extraneous: float  # [m³/s]
    storm: float  # [m³/s]
    low: float  # [m³/s] 5 % bound of the extraneous water
    high: float  # [m³/s]
    share: float  # [-] extraneous over total
    days: int
    dry_days: int


def triangle(
    flows: Floats, sewage: float, dry: int, *, sewage_sd: float = 0.0, meter_error: float = 0.0
) -> Triangle:
    """Return the three waters of a record of daily flows.

    The flows are sorted. Up to rank ``dry`` the extraneous water is the flow less the foul flow; from
    there it falls along a straight line to nothing at the highest flow; the rest is storm runoff.

    Parameters
    ----------
    flows
        Daily mean flows; NaN is left out. (d,) [m³/s]
    sewage
        Mean foul flow from water use. [m³/s]
    dry
        Number of days not influenced by rain. [d]
    sewage_sd
        Standard deviation of the foul flow. [m³/s]
    meter_error
        Systematic error of the meter as a share. [-]

    Raises
    ------
    NotEnoughData
        No day was read.
    BadInput
        The number of dry days is not between 1 and the number of days.

    References
    ----------
    Weiss, Brombach, Haller, Water Sci. Technol. 45(7), 2002, 11-19; from memory.
    """
    ranked = np.sort(flows[~np.isnan(flows)])
    days = len(ranked)
    if not days:
        raise NotEnoughData("daily-flows")
    if not 1 <= dry <= days:
        raise BadInput("triangle-days", dry=dry, days=days)
    wet = 0.5 * (days - dry)  # the triangle counts the last dry day half as often as there are wet days
    metered = float(ranked[:dry].sum() + wet * ranked[dry - 1]) / days
    counted = (dry + wet) / days
    extraneous = metered - counted * sewage
    total = float(ranked.mean())
    sd = float(np.hypot(counted * sewage_sd, meter_error * metered))
    return Triangle(
        sewage,
        extraneous,
        total - sewage - extraneous,
        extraneous - Z90 * sd,
        extraneous + Z90 * sd,
        extraneous / total,
        days,
        dry,
    )
