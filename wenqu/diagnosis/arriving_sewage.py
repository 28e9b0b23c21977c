"""How much of the billed sewage arrives, when bills err everywhere and few areas lose, but then much?

Two beliefs of the sewage of an area meet: that of the bills, a mixture that no normal density comes near, and
that of all readings, which depends on every other area. Expectation propagation stands a normal density, the
site, in the place of the first, so that with the second it has the mean and the variance of the product.

References
----------
Minka (2001), Expectation propagation for approximate Bayesian inference, UAI.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.lost_sewage import CHANCE, SHARE

Floats = npt.NDArray[np.float64]
NOTHING = 1e6  # standard deviations of the bills that say as much as no reading at all
STEP = 0.5  # of the way to the new site: whole steps swing
LEAST = 1e-3  # [-] of the bills' precision that a site keeps
SCALES = np.geomspace(0.125, 4.0, 11)  # of the error of all bills, as it was told
DOUBTED = 0.5  # sd of the logarithm of that scale before anything was heard
SURE = 1e-3  # [-] no bill is surer than that


@dataclass(frozen=True, slots=True)
class Sites:
    """What stands for the bills. A areas."""

    billed: Floats  # (A,) [m³/s]
    error: Floats  # (A,) [m³/s] sd of the bills, as it was told
    mean: Floats  # (A,) [m³/s] of the site
    variance: Floats  # (A,) [m⁶/s²] of the site
    heard: Floats  # (A,) [m³/s] what all readings say of an area, its bills apart
    heard_variance: Floats  # (A,) [m⁶/s²]
    scale: float  # [-] by which the error of the bills differs from what was told, its mean


def sites(billed: Floats, cv: Floats, floor: float) -> Sites:
    """Return the sites before anything was read. ``floor``: least variance of a flow. [m⁶/s²]"""
    error = np.sqrt((np.maximum(cv, SURE) * billed) ** 2 + floor)
    none = (NOTHING * error) ** 2
    mean, variance, _ = tilted(billed, none, billed, error)
    return Sites(billed, error, mean, variance, billed, none, 1.0)


def moved(now: Sites, mean: Floats, variance: Floats) -> Sites:
    """Return the sites after one step, given what bills and readings say together with the sites of before.

    Parameters
    ----------
    mean, variance
        Of the sewage that arrives by area. (A,) [m³/s], [m⁶/s²]
    """
    known = 1 / variance - 1 / now.variance
    heard_at = known > 1 / (NOTHING * now.error) ** 2
    spread = np.where(heard_at, 1 / np.where(heard_at, known, 1.0), (NOTHING * now.error) ** 2)
    heard = np.where(heard_at, spread * (mean / variance - now.mean / now.variance), now.billed)
    scale = _scale(heard, spread, now)
    after, width, _ = tilted(heard, spread, now.billed, scale * now.error)
    sure = np.maximum(1 / width - 1 / spread, LEAST / now.error**2)
    pull = after / width - heard / spread
    sure, pull = (
        STEP * sure + (1 - STEP) / now.variance,
        STEP * pull + (1 - STEP) * now.mean / now.variance,
    )
    return Sites(now.billed, now.error, pull / sure, 1 / sure, heard, spread, scale)


def density(sewage: Floats, now: Sites) -> float:
    """Return the log density of the sewage that arrives by the bills alone."""
    narrow = (1e-3 * now.error) ** 2
    return float(tilted(sewage, narrow, now.billed, now.scale * now.error)[2].sum())


def tilted(heard: Floats, variance: Floats, billed: Floats, error: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, variance and log evidence of what is heard times what is billed. (A,) each."""
    keep = (1 - SHARE)[:, None]
    before, spread = keep * billed, (keep * error) ** 2
    whole = spread + variance
    logs = np.log(CHANCE)[:, None] - 0.5 * (np.log(whole) + (heard - before) ** 2 / whole)
    top = logs.max(axis=0)
    weight = np.exp(logs - top)
    sum_ = weight.sum(axis=0)
    weight /= sum_
    middle = (before * variance + heard * spread) / whole
    mean = (weight * middle).sum(axis=0)
    width = (weight * (spread * variance / whole + (middle - mean) ** 2)).sum(axis=0)
    return mean, width, top + np.log(sum_)


def _scale(heard: Floats, variance: Floats, now: Sites) -> float:
    """Return by how much all bills err more than was told.

    What is told of one bill may be its own error, which an area averages out, or one that all bills of the
    area have in common: no table says which, the areas together do. Few areas hardly move it from 1.
    """
    used = now.billed > 0
    at = heard[used], variance[used], now.billed[used]
    logs = np.array([float(tilted(*at, scale * now.error[used])[2].sum()) for scale in SCALES])
    logs -= 0.5 * (np.log(SCALES) / DOUBTED) ** 2
    weight = np.exp(logs - logs.max())
    return float(np.exp(weight @ np.log(SCALES) / weight.sum()))
