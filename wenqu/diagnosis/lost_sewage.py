"""How much of an area's sewage does not arrive, when the bills are not sure and most areas lose nothing?

An error of the bills and sewage that is lost look alike in what arrives. What tells them apart is that bills
err everywhere by a little, and few areas lose, but then any share of theirs.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LOSING = 0.2  # [-] of the areas, before anything is heard
MOST = 0.95  # [-] of its sewage that an area may lose
SHARES, BILLS = 48, 61
SHARE = np.concatenate([[0.0], (np.arange(SHARES) + 0.5) / SHARES * MOST])  # lost
CHANCE = np.concatenate([[1 - LOSING], np.full(SHARES, LOSING / SHARES)])  # of each
SPAN = 3.0  # standard deviations of the bills that are looked at


@dataclass(frozen=True, slots=True)
class Lost:
    """Sewage that does not arrive. U areas."""

    mean: Floats  # (U,) [m³/s]
    low: Floats  # (U,) of 90 %
    high: Floats
    variance: Floats  # (U,) [m⁶/s²]
    before: Floats  # (U,) [m⁶/s²] the variance before anything arrived
    nothing: Floats  # (U,) [-] chance that nothing is lost


def lost_sewage(arriving: Floats, sd: Floats, billed: Floats, cv: Floats) -> Lost:
    """Return what is lost by Bayes' rule over a grid of bills and shares lost.

    Parameters
    ----------
    arriving, sd
        Sewage that arrives as the readings alone have it, the bills apart, and its error. (U,) [m³/s]
    billed, cv
        Sewage expected from the bills [m³/s] and its relative error [-]. (U,)

    Notes
    -----
    Before: with the chance ``LOSING`` an area loses a share that is uniform up to ``MOST``.
    """
    found, nothing = np.zeros((5, len(arriving))), np.ones(len(arriving))
    for place in np.flatnonzero(billed > 0):
        unsure = max(float(cv[place]), 1e-3)
        made = np.linspace(max(1 - SPAN * unsure, 0.02), 1 + SPAN * unsure, BILLS)
        prior = np.exp(-0.5 * ((made - 1) / unsure) ** 2)
        prior /= prior.sum()
        weight = CHANCE[:, None] * prior
        lost = SHARE[:, None] * made
        found[4, place] = _spread(weight, lost)[1]
        error = max(float(sd[place] / billed[place]), 0.01)
        away = (made * (1 - SHARE[:, None]) - arriving[place] / billed[place]) / error
        after = weight * np.exp(-0.5 * (away**2 - (away**2).min()))
        found[:2, place] = _spread(after, lost)
        nothing[place] = after[0].sum() / after.sum()
        order = np.argsort(lost, axis=None)
        climbed = np.cumsum(after.ravel()[order]) / after.sum()
        found[2:4, place] = lost.ravel()[order][np.searchsorted(climbed, (0.05, 0.95))]
    mean, variance, low, high, before = found * np.stack([billed, billed**2, billed, billed, billed**2])
    return Lost(mean, np.minimum(low, mean), np.maximum(high, mean), variance, before, nothing)


def _spread(weight: Floats, values: Floats) -> tuple[float, float]:
    whole = float(weight.sum())
    mean = float((weight * values).sum()) / whole
    return mean, max(float((weight * values**2).sum()) / whole - mean**2, 0.0)
