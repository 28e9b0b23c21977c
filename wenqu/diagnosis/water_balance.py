"""How much of the dry-weather flow is not explained by the water that was sold?

Interval 5-95 %: the error of the mean dry flow, of the water use and of the return ratio, taken as
independent. It does not contain sewage that is lost on the way: lost sewage makes this method read too
little clean water.
"""

from dataclasses import dataclass

import numpy as np

from wenqu.errors import BadInput

Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class WaterBalance:
    """Dry flow less returned water."""

    dry_flow: float  # [m³/s]
    sewage: float  # [m³/s] water use × return ratio
    extraneous: float  # [m³/s]
    low: float  # [m³/s]
    high: float  # [m³/s]
    share: float  # [-] of the dry flow


def water_balance(
    dry_flow: float,
    water_use: float,
    return_ratio: float,
    *,
    dry_flow_sd: float = 0.0,
    water_use_sd: float = 0.0,
    return_ratio_sd: float = 0.0,
) -> WaterBalance:
    """Return the extraneous water by the water balance (用水量折算法): Q_g = Q_dry - W·k.

    Parameters
    ----------
    dry_flow
        Mean dry-weather flow Q_dry. [m³/s]
    water_use
        Metered water use W above the meter. [m³/s]
    return_ratio
        Share k that returns as sewage, 0.8 to 0.9 by custom. [-]

    Raises
    ------
    BadInput
        The dry flow is not positive, or the return ratio is not between 0 and 1.

    References
    ----------
    Practice with the return ratio of GB 50014; from memory.
    """
    if not dry_flow > 0 or not 0 <= return_ratio <= 1:
        raise BadInput("water-balance", dry_flow=dry_flow, return_ratio=return_ratio)
    sewage = water_use * return_ratio
    sewage_sd = np.hypot(return_ratio * water_use_sd, water_use * return_ratio_sd)
    sd = float(np.hypot(dry_flow_sd, sewage_sd))
    extraneous = dry_flow - sewage
    return WaterBalance(
        dry_flow, sewage, extraneous, extraneous - Z90 * sd, extraneous + Z90 * sd, extraneous / dry_flow
    )
