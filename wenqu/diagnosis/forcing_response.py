"""How strongly does each meter answer to the groundwater level and to the stage of the river?

Daily flow is regressed on both levels beside rain memories and the weekend. A constant error of the meter
and an unknown daily pattern cancel in differences of time, so this is evidence of its own kind.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MEMORIES = (1.0, 4.0, 15.0)  # [d] of rain that still drains
LEAST_DAYS = 30
LEAST_MOVE = 0.02  # [m] a level that moves less tells nothing


@dataclass(frozen=True, slots=True)
class Response:
    """Change of a meter's flow per metre of each level."""

    groundwater: float  # [m³/s per m]
    groundwater_sd: float
    river: float
    river_sd: float
    correlation: float  # [-] between the two errors


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


def response(flow: Floats, groundwater: Floats, river: Floats, others: Floats) -> Response | None:
    """Return the answer of one meter, None when the record is too short or the levels hardly move.

    Parameters
    ----------
    flow
        Daily means, NaN where not known. (d,) [m³/s]
    groundwater, river
        Daily levels, NaN where not known. (d,) [m]
    others
        What else moves the flow: rain memories, the weekend. (d, k)

    Notes
    -----
    Errors of following days are alike; the standard errors are widened by sqrt((1 + ρ) / (1 - ρ)) with ρ
    the correlation of following residuals.
    """
    known = ~(np.isnan(flow) | np.isnan(groundwater) | np.isnan(river) | np.isnan(others).any(axis=1))
    moving = [
        level for level in (groundwater, river) if known.any() and float(np.std(level[known])) >= LEAST_MOVE
    ]
    if known.sum() < LEAST_DAYS or not moving:
        return None
    levels = np.column_stack([groundwater[known], river[known]])
    still = levels.std(axis=0) < LEAST_MOVE
    centred = np.where(still, 0.0, levels - levels.mean(axis=0))
    rest = others[known] - others[known].mean(axis=0)
    rest = rest[:, rest.std(axis=0) > 1e-12]
    design = np.column_stack([centred, np.ones(len(centred)), rest])
    scale = np.maximum(np.abs(design).max(axis=0), 1e-12)
    inverse = np.linalg.pinv((design / scale).T @ (design / scale))
    found = inverse @ (design / scale).T @ flow[known]
    left = flow[known] - design / scale @ found
    freedom = max(1, len(left) - design.shape[1])
    variance = float(left @ left) / freedom
    rho = float(np.clip((left[1:] @ left[:-1]) / max(float(left @ left), 1e-30), 0.0, 0.95))
    covariance = inverse * variance * (1 + rho) / (1 - rho) / np.outer(scale, scale)
    found = found / scale
    sd = np.sqrt(np.diag(covariance)[:2])
    sd = np.where(still, np.inf, sd)
    mixed = covariance[0, 1] / (sd[0] * sd[1]) if np.isfinite(sd).all() and sd.min() > 0 else 0.0
    return Response(float(found[0]), float(sd[0]), float(found[1]), float(sd[1]), float(np.clip(mixed, -0.98, 0.98)))
