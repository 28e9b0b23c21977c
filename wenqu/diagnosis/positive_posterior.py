"""What is known of each pipe when no water can flow in backwards?

The exact Gaussian posterior may give an area a negative inflow where the readings leave it little. Here
such pipes are pinned to nothing and the rest is solved again, until no inflow is negative: the usual active
set, at the price of a few more solves. Standard deviations are those of the unpinned posterior, so that a
pinned pipe does not look certain.
"""

from dataclasses import replace

import numpy as np

from wenqu.diagnosis.tree_posterior import Floats, Posterior, Prior, Rows, posterior


def positive_mean(prior: Prior, rows: Rows, *, passes: int = 30) -> Posterior:
    """Return the posterior whose means are not negative.

    Each pass pins every inflow that comes out negative and frees every pinned one that would now come out
    positive (block principal pivoting); it ends when nothing changes, which is the exact bounded optimum when
    the prior has no common factor.

    Parameters
    ----------
    prior, rows
        As for ``posterior``; the prior means must not be negative.
    passes
        Most solves; what is still negative then is cut off at 0.
    """
    result = posterior(prior, rows)
    pinned = result.mean < 0
    for _ in range(passes):
        if not pinned.any():
            break
        free = Prior(np.where(pinned, 0.0, prior.mean), np.where(pinned, 0.0, prior.variance), prior.scale)
        result = posterior(free, rows)
        following = freed_mean(prior, result) < 0
        if (following == pinned).all():
            break
        pinned = following
    return replace(result, mean=np.maximum(result.mean, 0.0))


def freed_mean(prior: Prior, result: Posterior) -> Floats:
    """Return what each inflow would be under ``prior`` with the misfits of ``result``. (T, n) [m³/s]"""
    spread = (result.rows.weights.T * result.duals) @ result.inside
    common = result.pull @ result.duals
    found: Floats = prior.mean + prior.variance * spread[:, result.area] + prior.mean * common[:, None]
    return found


def sparse_prior(prior: Prior, result: Posterior, kind: int, freedom: float = 3.0) -> Prior:
    """Return the prior with one kind reweighted as a Student-t: large where the readings found much.

    v ← (ν v₀ + (q - μ)²) / (ν + 1), one sweep; v₀ is the variance in ``prior``.

    Parameters
    ----------
    freedom
        Degrees of freedom ν; the smaller, the sparser.
    """
    variance: Floats = prior.variance.copy()
    moved = (result.mean[kind] - prior.mean[kind]) ** 2
    there = variance[kind] > 0
    variance[kind] = np.where(there, (freedom * variance[kind] + moved) / (freedom + 1), 0.0)
    return Prior(prior.mean, variance, prior.scale)
