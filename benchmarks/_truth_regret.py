"""What does it cost to repair in the order of an estimate instead of the truth?"""

import numpy as np

PRICE = 1500.0  # [yuan/m] sealing a pipe; a default of this benchmark, only ratios matter
SEALED = 0.7  # [-] of an area's clean water that sealing it keeps out
GOAL = 0.4  # [-] of all clean water that is to be kept out


def yuan_until_reached(estimate: np.ndarray, real: np.ndarray, length: np.ndarray) -> float:
    """Return what is spent until the goal is truly reached. (A,) [m³/d], [m³/d], [m] → [yuan]

    Areas are sealed in the order of estimated water a yuan; of the last only the part that is needed.
    """
    cost = PRICE * length
    order = np.argsort(-estimate / cost, kind="stable")
    kept_out = np.cumsum(SEALED * real[order])
    spent = np.cumsum(cost[order])
    return float(np.interp(GOAL * real.sum(), np.r_[0.0, kept_out], np.r_[0.0, spent]))
