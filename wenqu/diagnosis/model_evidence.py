"""How probable are the readings under one model of the city, to compare it with another model?

Laplace's approximation of the marginal likelihood around the most probable unknowns, with three things that a
plain one lacks: flows at zero, where the density falls off one side only, heavy tails of what is rare, and
the mixture of the bills, whose site is exchanged for the whole of it.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, gammaln, log_ndtr

from wenqu.diagnosis.arriving_sewage import tilted
from wenqu.diagnosis.joint_inversion import Inversion, with_common_error, without_common_error
from wenqu.diagnosis.joint_unknowns import GROUND, RIVER, SEWAGE, Expected, Sizes, prior
from wenqu.diagnosis.travelled_waves import harmonics

Floats = npt.NDArray[np.float64]


def log_evidence(found: Inversion, expected: Expected, pattern: Floats, sizes: Sizes) -> float:
    """Return the logarithm of the density of the readings, but for a constant that all models share.

    Parameters
    ----------
    found
        The posterior of the model.
    expected, pattern, sizes
        What it was made of.
    """
    layout, theta, bills = found.layout, found.theta, found.bills
    thought = prior(expected, layout, sizes, harmonics(pattern))
    at = np.arange(layout.size)
    foul, river = at[layout.of(SEWAGE)], at[layout.of(RIVER)]
    mean, precision = thought.mean.copy(), thought.precision.copy()
    mean[foul] = bills.mean
    precision[foul, foul] = 1 / bills.variance
    away = theta - mean
    own = away.copy()
    own[foul] = without_common_error(bills, layout, theta) - bills.mean
    nu, spread = sizes.freedom, thought.sd[river]
    precision[river, river] = (nu + 1) / (nu * spread**2 + away[river] ** 2)
    normal = np.ones(layout.size, dtype=np.bool_)
    normal[river] = False
    plain = precision[np.ix_(normal, normal)]
    log_prior = 0.5 * float(np.linalg.slogdet(plain)[1] - own[normal] @ plain @ own[normal])
    tail = gammaln((nu + 1) / 2) - gammaln(nu / 2) + 0.5 * np.log(2 / nu)  # over the normal's 1 / sqrt(2π)
    z = away[river] / spread
    log_prior += float((tail - np.log(spread) - (nu + 1) / 2 * np.log1p(z**2 / nu)).sum())
    for kind in (GROUND, RIVER):  # what lies below zero is no flow
        flows = layout.of(kind)
        log_prior -= float(log_ndtr(thought.mean[flows] / thought.sd[flows]).sum())
    log_prior += float(_mixture(found).sum())
    precision = with_common_error(precision, bills, layout)
    rows = found.rows
    matrix = rows.design.T @ rows.design + precision
    slope = precision @ away - rows.design.T @ rows.left
    held = np.zeros(layout.size, dtype=np.bool_)
    held[: river[-1] + 1] = theta[: river[-1] + 1] <= 0
    curve = np.diag(matrix)[held]
    half = np.maximum(erfcx(slope[held] / np.sqrt(2 * curve)), 1e-300)
    log_held = float(np.log(0.5 * half).sum() - 0.5 * np.log(curve).sum())
    log_free = -0.5 * float(np.linalg.slogdet(matrix[np.ix_(~held, ~held)])[1])
    return -0.5 * (float(rows.left @ rows.left) + rows.logs) + log_prior + log_free + log_held


def _mixture(found: Inversion) -> Floats:
    """Return by area how much more probable the bills are than the sites that stand for them. (A,)"""
    bills = found.bills
    whole = bills.heard_variance + bills.variance
    stands = -0.5 * (np.log(whole) + (bills.heard - bills.mean) ** 2 / whole)
    real = tilted(bills.heard, bills.heard_variance, bills.billed, bills.scale * bills.error)[2]
    return np.asarray(real - stands)
