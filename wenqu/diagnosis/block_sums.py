"""How are columns fitted to a record so that any part of it can be left out again?

Sums of products are kept by part of the record; a fit without a part takes its sums off. Some coefficients
must not be negative, the first ``free`` may be anything.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.bounded_quadratic import bounded_minimum

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HELD = 1e-9  # of the diagonal, so that columns that tell the same can be solved


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Weighted sums of products of c columns by n parts of a record."""

    gram: Floats  # (n, c, c)
    right: Floats  # (n, c)
    squares: Floats  # (n,)
    free: int  # columns that may have any sign, the first ones

    def chosen(self, columns: Ints) -> "Sums":
        """Return the sums of the free columns and of some of the others, given by their number."""
        kept = np.concatenate([np.arange(self.free), columns])
        return Sums(self.gram[:, kept[:, None], kept], self.right[:, kept], self.squares, self.free)


def block_sums(columns: Floats, values: Floats, weight: Floats, part: Ints, free: int) -> Sums:
    """Return the sums of columns (c, T) and values (T,); steps of weight 0 do not count.

    Parameters
    ----------
    part
        Part of the record that each step belongs to, not falling. (T,)
    """
    count = int(part[-1]) + 1 if len(part) else 0
    size = len(columns)
    gram, right, squares = np.zeros((count, size, size)), np.zeros((count, size)), np.zeros(count)
    known = np.where(weight > 0, np.nan_to_num(values), 0.0)
    edges = np.searchsorted(part, np.arange(count + 1))
    for row, (low, high) in enumerate(pairwise(edges)):
        here = columns[:, low:high] * weight[low:high]
        gram[row] = here @ columns[:, low:high].T
        right[row] = here @ known[low:high]
        squares[row] = float(weight[low:high] @ known[low:high] ** 2)
    return Sums(gram, right, squares, free)


def coefficients(gram: Floats, right: Floats, free: int) -> Floats:
    """Return the least-squares coefficients, those after the first ``free`` not negative. (c,)"""
    root = np.sqrt(np.maximum(np.diagonal(gram), 0.0))
    there = root > 1e-12 * max(float(root.max(initial=0.0)), 1e-300) * 1e-6
    found = np.zeros(len(right))
    if not there.any():
        return found
    scale = root[there]
    scaled = gram[np.ix_(there, there)] / (scale[:, None] * scale[None, :])
    scaled += HELD * np.eye(len(scale))
    bounded = (np.arange(len(right)) >= free)[there]
    found[there] = bounded_minimum(scaled, right[there] / scale, bounded) / scale
    return found


def fitted(sums: Sums) -> Floats:
    """Return the coefficients of the whole record. (c,)"""
    return coefficients(sums.gram.sum(axis=0), sums.right.sum(axis=0), sums.free)


def left_out(sums: Sums) -> Floats:
    """Return the coefficients without each part in turn. (n, c)"""
    gram, right = sums.gram.sum(axis=0), sums.right.sum(axis=0)
    rows = [
        coefficients(gram - one, right - other, sums.free)
        for one, other in zip(sums.gram, sums.right, strict=True)
    ]
    return np.array(rows).reshape(len(sums.right), len(right))


def missed(sums: Sums, without: Floats) -> float:
    """Return the sum of squares that fits without each part leave of that part."""
    inside = np.einsum("nc,ncd,nd->n", without, sums.gram, without)
    return float((sums.squares - 2.0 * (without * sums.right).sum(axis=1) + inside).sum())


def spread(without: Floats) -> Floats:
    """Return the jackknife covariance of quantities (n, q) made without each part. (q, q)"""
    count = len(without)
    if count < 2:
        return np.full((without.shape[1], without.shape[1]), np.inf)
    away = without - without.mean(axis=0)
    found: Floats = (count - 1) / count * (away.T @ away)
    return found
