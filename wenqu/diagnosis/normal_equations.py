"""How are the normal equations of many readings made and solved when only some unknowns need care?

Rows of a meter see few unknowns, so that JᵀJ is a sum of small blocks. Unknowns that are bounded, or whose
prior changes, stand last in the factor: the first ones are eliminated once, and what is asked of the last
ones is answered in the small matrix that is left, their Schur complement::

    Q = [[A, 0], [B, C]] · [[A, 0], [B, C]]ᵀ,     S = C Cᵀ,     (Q⁻¹) of the last = S⁻¹
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular

from wenqu.diagnosis.bounded_quadratic import bounded_minimum

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
WRITING = 100  # products that are made in the time in which one of them is put in its place


def gram(design: Floats, group: Ints) -> Floats:
    """Return JᵀJ of rows of which those of one group see the same few unknowns.

    Parameters
    ----------
    design
        J. (R, N)
    group
        Number of the group of each row; the rows of a group stand together. (R,)

    Returns
    -------
    Floats
        (N, N)
    """
    size = design.shape[1]
    whole = np.zeros((size, size))
    starts = np.r_[0, np.flatnonzero(np.diff(group)) + 1, len(group)]
    wide = np.zeros(len(group), dtype=np.bool_)
    for start, end in pairwise(starts.tolist()):
        block = design[start:end]
        at = np.flatnonzero(block.any(axis=0))
        if WRITING * len(at) ** 2 > (end - start) * (size**2 - len(at) ** 2):
            wide[start:end] = True
            continue
        narrow = block[:, at]
        whole[np.ix_(at, at)] += narrow.T @ narrow
    if wide.all():
        return np.asarray(design.T @ design)
    if wide.any():
        rows = design[wide]
        whole += rows.T @ rows
    return whole


class Parted:
    """The factor of a positive definite matrix with some unknowns last. N unknowns, k of them last."""

    def __init__(self, matrix: Floats, last: Ints) -> None:
        """Factor Q (N, N) with the unknowns ``last`` (k,) after all others."""
        apart = np.zeros(len(matrix), dtype=np.bool_)
        apart[last] = True
        self.first, self.last = np.flatnonzero(~apart), last
        order = np.concatenate([self.first, last])
        turned = matrix.take(order, axis=0).take(order, axis=1)
        factor = cholesky(turned, lower=True, overwrite_a=True, check_finite=False)
        lead = len(self.first)
        self.head, self.between, self.tail = factor[:lead, :lead], factor[lead:, :lead], factor[lead:, lead:]
        self.rest: Floats = self.tail @ self.tail.T

    @property
    def logs(self) -> float:
        """Return log |Q|."""
        return 2 * float(np.log(np.diag(self.head)).sum() + np.log(np.diag(self.tail)).sum())

    def added(self, more: Floats) -> None:
        """Add to the diagonal of the last unknowns, as against what was factored. (k,)"""
        self.tail = cholesky(self.rest + np.diag(more), lower=True, check_finite=False)

    def variances(self, count: int) -> Floats:
        """Return the diagonal of Q⁻¹ of the very last unknowns. (count,)"""
        return self.variances_of(np.eye(count))

    def variances_of(self, sums: Floats) -> Floats:
        """Return the variance under Q⁻¹ of sums of the very last unknowns. (count, s) → (s,)"""
        count = len(sums)
        tail = self.tail[-count:, -count:]
        return np.asarray((solve_triangular(tail, sums, lower=True) ** 2).sum(axis=0))

    def minimum(self, right: Floats, pinned: Mask, bounded: Mask | None = None) -> Floats:
        """Return the minimum of ½ xᵀQx - bᵀx with bounded ones of the last unknowns not negative. (N,)

        Parameters
        ----------
        right
            b. (N,)
        pinned
            Which of the last unknowns are likely to be 0. (k,)
        bounded
            Which of them may not be negative; all where not given. (k,)
        """
        half = solve_triangular(self.head, right[self.first], lower=True, check_finite=False)
        held = np.ones(len(self.last), dtype=np.bool_) if bounded is None else bounded
        near = bounded_minimum(self.rest, right[self.last] - self.between @ half, held, pinned)
        found = np.empty(len(right))
        found[self.last] = near
        found[self.first] = solve_triangular(
            self.head, half - self.between.T @ near, lower=True, trans="T", check_finite=False
        )
        return found
