"""How strongly does each meter answer to the groundwater level, to the stage of the river and to old rain?

Daily flow is regressed on both levels beside rain memories and the weekend. A constant error of the meter
and an unknown daily pattern cancel in differences of time, so this is evidence of its own kind.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MEMORIES = (1.0, 4.0, 15.0)  # [d] of rain that still drains
LEAST_DAYS = 20
LEAST_MOVE = 0.02  # [m] a level that moves less tells nothing


@dataclass(frozen=True, slots=True)
class Response:
    """Change of a meter's flow per metre of each level."""

    groundwater: float  # [m³/s per m]
    groundwater_sd: float
    river: float
    river_sd: float
    moved: float  # [m³/s] mean of the days of interest less what it were at mean levels without old rain
    moved_sd: float


def rain_memories(rain: Floats) -> Floats:
    """Return what is left of the rain after each memory, on and before each day. (d, 3)"""
    found = np.zeros((len(rain), len(MEMORIES)))
    for place, memory in enumerate(MEMORIES):
        keep = np.exp(-1.0 / memory)
        left = 0.0
        for day, depth in enumerate(np.nan_to_num(rain)):
            left = keep * left + depth
            found[day, place] = left
    return found


def response(flow: Floats, levels: Floats, others: Floats, days: npt.NDArray[np.bool_]) -> Response | None:
    """Return the answer of one meter, None when the record is too short.

    Parameters
    ----------
    flow
        Daily means, NaN where not known. (d,) [m³/s]
    levels
        Groundwater level and river stage by day, NaN where not known, still where nobody reads. (d, 2) [m]
    others
        What else moves the flow: the weekend, then rain memories. (d, k)
    days
        The days of interest, the dry ones. (d,)

    Notes
    -----
    Errors of following days are alike; the standard errors are widened by sqrt((1 + ρ) / (1 - ρ)) with ρ
    the correlation of following residuals. The error of a level that does not move is infinite.
    """
    known = ~(np.isnan(flow) | np.isnan(levels).any(axis=1) | np.isnan(others).any(axis=1))
    if known.sum() < LEAST_DAYS or not (known & days).any():
        return None
    middle = levels[known].mean(axis=0)
    still = levels[known].std(axis=0) < LEAST_MOVE
    centred = np.where(still, 0.0, levels - middle)
    weekend = others[:, :1] - others[known, :1].mean(axis=0)
    columns = np.column_stack([centred, weekend, others[:, 1:], np.ones(len(flow))])
    design = columns[known]
    scale = np.maximum(np.abs(design).max(axis=0), 1e-12)
    inverse = np.linalg.pinv((design / scale).T @ (design / scale))
    found = inverse @ (design / scale).T @ flow[known]
    left = flow[known] - design / scale @ found
    variance = float(left @ left) / max(1, len(left) - design.shape[1])
    rho = float(np.clip((left[1:] @ left[:-1]) / max(float(left @ left), 1e-30), 0.0, 0.95))
    covariance = inverse * variance * (1 + rho) / (1 - rho) / np.outer(scale, scale)
    found = found / scale
    sd = np.where(still, np.inf, np.sqrt(np.maximum(np.diag(covariance)[:2], 0.0)))
    shift = np.append(columns[known & days, :-1].mean(axis=0), 0.0)
    moved = float(np.sqrt(max(float(shift @ covariance @ shift), 0.0)))
    return Response(float(found[0]), float(sd[0]), float(found[1]), float(sd[1]), float(shift @ found), moved)
