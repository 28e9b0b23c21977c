"""Which area lets how much rain in? What the meters say together, taken apart over the tree.

The response of a meter is the sum of those of the areas above it. The areas are solved for together with
their prior share (length, combined sewers, users that are not separated), never negative, large where the
meters say so (Student-t reweighting). How wrong the meters are together is known from the parts left out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from wenqu.diagnosis.block_sums import spread
from wenqu.diagnosis.bounded_quadratic import bounded_minimum

Floats = npt.NDArray[np.float64]
Z90 = 1.6449
WIDTHS = (0.3, 0.5, 0.8, 1.2, 2.0)  # coefficients of variation that are tried
SWEEPS, FREEDOM = 4, 3.0
OWN = 0.4  # [-] of the covariance between meters that is not believed: few parts tell it
MODEL = 0.03  # [-] error of the model that no part of the record shows


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """The posterior of S areas."""

    mean: Floats  # (S,) [m²]
    sd: Floats  # (S,) [m²]
    prior: Floats  # (S,) [m²]
    prior_sd: Floats  # (S,) [m²]

    @property
    def low(self) -> Floats:
        """Return the 5 % bound. (S,) [m²]"""
        found: Floats = np.maximum(self.mean - Z90 * self.sd, 0.0)
        return found

    @property
    def high(self) -> Floats:
        """Return the 95 % bound. (S,) [m²]"""
        found: Floats = self.mean + Z90 * self.sd
        return found

    @property
    def data_share(self) -> Floats:
        """Return the share of the prior variance that the meters took away. (S,) [-]"""
        before = np.maximum(self.prior_sd, 1e-12)
        return np.clip(1.0 - (self.sd / before) ** 2, 0.0, 1.0)


def meter_errors(without: Floats, area: Floats, bias: Floats) -> Floats:
    """Return the covariance of the areas of M meters. (M, M) [m⁴]

    Parameters
    ----------
    without
        The area of each meter without each part of the record. (n, M) [m²]
    area
        (M,) [m²]
    bias
        Systematic error of each meter. (M,) [-]
    """
    together = spread(without)
    own = np.diag(np.diagonal(together))
    size = (bias**2 + MODEL**2) * area**2
    floor = (0.02 * max(float(area.max(initial=0.0)), 1.0) / max(len(area), 1)) ** 2
    return (1 - OWN) * together + OWN * own + np.diag(size + floor)


def areas_above(above: Floats, seen: Floats, error: Floats, weight: Floats) -> Areas:
    """Return the posterior of the areas.

    Parameters
    ----------
    above
        How much of each area a meter sees: 1 where it lies above it, 0 elsewhere. (M, S)
    seen
        The area of each meter. (M,) [m²]
    error
        Their covariance. (M, M) [m⁴]
    weight
        What each area is expected to let in against the others. (S,) any unit
    """
    factor = cho_factor(error + 1e-12 * np.trace(error) * np.eye(len(seen)))
    share = np.maximum(weight, 1e-6 * max(float(weight.max(initial=0.0)), 1e-12))
    unit = above @ share
    told = max(float(unit @ cho_solve(factor, unit)), 1e-300)
    size = float(unit @ cho_solve(factor, seen)) / told
    if size <= 0:  # the meters see nothing: what they could have overlooked is the prior
        size = float(np.sqrt(1.0 / told))
    mean = size * share
    width = max(WIDTHS, key=lambda one: _evidence(above, seen - above @ mean, error, one * mean))
    start = (width * mean) ** 2
    variance = start.copy()
    inside = above.T @ cho_solve(factor, above)
    pull = above.T @ cho_solve(factor, seen)
    found, matrix = mean, inside
    for sweep in range(SWEEPS):
        matrix = inside + np.diag(1.0 / variance)
        found = bounded_minimum(matrix, pull + mean / variance, np.ones(len(mean), dtype=np.bool_))
        if sweep < SWEEPS - 1:
            variance = (FREEDOM * start + (found - mean) ** 2) / (FREEDOM + 1)
    sd = np.sqrt(np.maximum(np.diagonal(np.linalg.inv(matrix)), 0.0))
    return Areas(found, sd, mean, np.sqrt(variance))


def _evidence(above: Floats, left: Floats, error: Floats, sd: Floats) -> float:
    inside = error + (above * sd**2) @ above.T
    sign, size = np.linalg.slogdet(inside)
    return -0.5 * float(left @ np.linalg.solve(inside, left) + size) if sign > 0 else -np.inf


def differences(above: Floats, seen: Floats) -> Floats:
    """Return what is usual: each meter less the next ones above it, negative ones cut off at 0. (S,)

    Parameters
    ----------
    above
        As for `areas_above`, with area s ending at meter s. (M, M)
    """
    inside = above > 0
    count = inside.sum(axis=1)
    found = seen.astype(np.float64).copy()
    for meter in np.argsort(count):
        below = [one for one in np.flatnonzero(inside[:, meter]) if one != meter]
        if below:  # the nearest meter below has the fewest areas above it
            found[min(below, key=lambda one: count[one])] -= seen[meter]
    return np.maximum(found, 0.0)
