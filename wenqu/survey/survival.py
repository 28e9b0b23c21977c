"""How old are conduits when they turn bad? One look each: the grade at the age of the inspection.

An inspection tells only whether a conduit was bad at its age (current-status data): not when it turned. The
curve without a shape is the most likely one that never falls; the Weibull curve goes on beyond the oldest.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression, minimize

from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FEWEST = 30  # inspections


@dataclass(frozen=True, slots=True)
class Survival:
    """Share of length that has turned bad by an age."""

    ages: Floats  # (k,) [a] rising
    share: Floats  # (k,) [-] the most likely curve that never falls
    shape: float  # [-] of the Weibull curve
    scale: float  # [a] age by which 63 % have turned bad
    inspections: int

    def bad_by(self, age: Floats | float) -> Floats:
        """Return the share that is bad at an age by the Weibull curve. [-]"""
        return np.asarray(1.0 - np.exp(-((np.asarray(age, dtype=np.float64) / self.scale) ** self.shape)))

    def bad_within(self, age: Floats, years: float) -> Floats:
        """Return the chance that what is sound at an age turns bad within some years. [-]"""
        sound = 1.0 - self.bad_by(age)
        return np.asarray((self.bad_by(age + years) - self.bad_by(age)) / np.maximum(sound, 1e-12))


def survival(ages: Floats, bad: Bools, weights: Floats | None = None) -> Survival:
    """Return the curve of one look at each conduit.

    Parameters
    ----------
    ages
        Age at the inspection. (k,) [a]
    bad
        Whether it was graded bad. (k,)
    weights
        What each counts, as its length. (k,)

    Raises
    ------
    NotEnoughData
        Fewer than 30 inspections with an age, or all good, or all bad.

    References
    ----------
    .. [1] Ayer, Brunk, Ewing, Reid, Silverman, An empirical distribution function for sampling with
       incomplete information, Ann. Math. Statist. 26, 1955.
    """
    known = np.isfinite(ages) & (ages > 0)
    years, seen = ages[known], bad[known]
    count = np.ones(len(years)) if weights is None else weights[known]
    if len(years) < FEWEST or seen.all() or not seen.any():
        raise NotEnoughData("survival", count=len(years), fewest=FEWEST)
    each, place = np.unique(years, return_inverse=True)
    total = np.bincount(place, count)
    share = isotonic_regression(np.bincount(place, count * seen) / total, weights=total).x

    def misfit(logs: Floats) -> float:
        hazard = (years / np.exp(logs[1])) ** np.exp(logs[0])
        return float(count @ np.where(seen, -np.log(np.maximum(-np.expm1(-hazard), 1e-12)), hazard))

    start = np.array([np.log(1.5), np.log(np.median(years) * 1.5)])
    # Far from the data a hazard may be infinite: it fits no better than any other that is too large.
    with np.errstate(over="ignore", divide="ignore"):
        found = minimize(misfit, start, method="Nelder-Mead", options={"maxiter": 2000}).x
    return Survival(each, np.asarray(share), float(np.exp(found[0])), float(np.exp(found[1])), len(years))
