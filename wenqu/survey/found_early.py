"""How much would have been found after how much length, had one followed an order? (Lorenz curve)"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lorenz:
    """Share found against share inspected. Both (k + 1,), from 0 to 1."""

    inspected: Floats  # [-] share of length
    found: Floats  # [-] share of what there was to find

    def found_by(self, share: float) -> float:
        """Return the share found after a share of length. [-]"""
        return float(np.interp(share, self.inspected, self.found))

    @property
    def area(self) -> float:
        """Area under the curve: 0.5 is what chance finds. [-]"""
        return float(np.trapezoid(self.found, self.inspected))


def lorenz(score: Floats, length: Floats, found: Floats) -> Lorenz:
    """Return the curve of inspecting by falling score; equal scores are taken together.

    Parameters
    ----------
    score
        What the order follows: the largest first, NaN last. (n,)
    length
        Of each conduit. (n,) [m]
    found
        What an inspection of it finds: defects, bad length, leakage. (n,)
    """
    rank = np.where(np.isnan(score), -np.inf, score)
    order = np.argsort(-rank, kind="stable")
    last = np.append(rank[order][1:] != rank[order][:-1], True)[: len(order)]
    walked, got = np.cumsum(length[order])[last], np.cumsum(found[order])[last]
    if not len(walked) or walked[-1] <= 0 or got[-1] <= 0:
        return Lorenz(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    return Lorenz(np.append(0.0, walked / walked[-1]), np.append(0.0, got / got[-1]))
