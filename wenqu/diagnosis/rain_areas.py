"""Which area lets how much rain in? What the meters say together, taken apart over the tree.

The response of a meter is the sum of those of the areas above it. The areas are solved for together with
their prior share (length, combined sewers, users that are not separated), never negative, large where the
meters say so (Student-t reweighting). How wrong the meters are is known from the parts left out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from wenqu.diagnosis.bounded_quadratic import bounded_minimum

Floats = npt.NDArray[np.float64]
Z90 = 1.6449
WIDTHS = (0.3, 0.5, 0.8, 1.2, 2.0)  # coefficients of variation that are tried
SWEEPS, FREEDOM = 4, 3.0
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


@dataclass(frozen=True, slots=True, eq=False)
class MeterErrors:
    """How wrong the areas of M meters are: each by itself, and all together by one factor."""

    own: Floats  # (M,) [m²] standard deviations
    shared: float  # [-] standard deviation of the factor: a gauge that reads high, storms that were few

    def __post_init__(self) -> None:
        """Keep every meter able to err."""
        object.__setattr__(self, "own", np.maximum(self.own, 1e-9))


def meter_errors(without: Floats, area: Floats, bias: Floats) -> MeterErrors:
    """Return the errors of the areas of M meters.

    What leaving out a part of the record does to all meters alike is taken apart from what it does to each:
    as a covariance it would draw every estimate towards zero (Peelle's puzzle), and it does not say where.

    Parameters
    ----------
    without
        The area of each meter without each part of the record. (n, M) [m²]
    area
        (M,) [m²]
    bias
        Systematic error of each meter. (M,) [-]
    """
    away = without - without.mean(axis=0)
    variance = np.maximum((away**2).mean(axis=0), 1e-12 * max(float((area**2).max(initial=0.0)), 1e-12))
    weight = area / variance
    alike = away @ weight / max(float(area @ weight), 1e-300)
    count = max(len(without), 2)
    rest = away - alike[:, None] * area
    own = (count - 1) * (rest**2).mean(axis=0)
    size = (bias**2 + MODEL**2) * area**2
    floor = (0.02 * max(float(area.max(initial=0.0)), 1.0) / max(len(area), 1)) ** 2
    return MeterErrors(np.sqrt(own + size + floor), float(np.sqrt((count - 1) * (alike**2).mean())))


def areas_above(
    above: Floats, seen: Floats, errors: MeterErrors, weight: Floats, width: float = 0.0
) -> Areas:
    """Return the posterior of the areas.

    Parameters
    ----------
    above
        How much of each area a meter sees: 1 where it lies above it, 0 elsewhere. (M, S)
    seen
        The area of each meter. (M,) [m²]
    errors
        How wrong these are.
    weight
        What each area is expected to let in against the others. (S,) any unit
    width
        Coefficient of variation of the prior, 0 to let the meters choose it and to leave single areas free.
    """
    error = np.diag(errors.own**2)
    factor = cho_factor(error)
    share = np.maximum(weight, 1e-6 * max(float(weight.max(initial=0.0)), 1e-12))
    unit = above @ share
    told = max(float(unit @ cho_solve(factor, unit)), 1e-300)
    size = float(unit @ cho_solve(factor, seen)) / told
    if size <= 0:  # the meters see nothing: what they could have overlooked is the prior
        size = float(np.sqrt(1.0 / told))
    mean = size * share
    sweeps = 1 if width else SWEEPS
    width = width or max(WIDTHS, key=lambda one: _evidence(above, seen - above @ mean, error, one * mean))
    start = (width * mean) ** 2
    variance = start.copy()
    inside = above.T @ cho_solve(factor, above)
    pull = above.T @ cho_solve(factor, seen)
    found, matrix = mean, inside
    for sweep in range(sweeps):
        matrix = inside + np.diag(1.0 / variance)
        found = bounded_minimum(matrix, pull + mean / variance, np.ones(len(mean), dtype=np.bool_))
        if sweep < sweeps - 1:
            variance = (FREEDOM * start + (found - mean) ** 2) / (FREEDOM + 1)
    spread = np.maximum(np.diagonal(np.linalg.inv(matrix)), 0.0)
    return Areas(found, np.sqrt(spread + (errors.shared * found) ** 2), mean, np.sqrt(variance))


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
