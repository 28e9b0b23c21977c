"""What is the least of a quadratic form when some unknowns must not be negative?"""

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
PATIENCE = 10


def bounded_minimum(
    matrix: Floats, right: Floats, bounded: Mask, start: Mask | None = None, *, passes: int = 200
) -> Floats:
    """Return the minimum of ½ xᵀQx - bᵀx with x ≥ 0 where ``bounded``.

    Block principal pivoting: all unknowns on the wrong side change sides at once, and one at a time when that
    gets nowhere, so that it always ends.

    Parameters
    ----------
    matrix
        Q, positive definite. (N, N)
    right
        b. (N,)
    bounded
        Which unknowns must not be negative. (N,)
    start
        Which unknowns are likely to be 0, to begin with. (N,)
    passes
        Most solves.

    References
    ----------
    Júdice and Pires (1994), a block principal pivoting algorithm for large-scale strictly monotone linear
    complementarity problems.
    """
    pinned = np.zeros(len(right), dtype=np.bool_) if start is None else start & bounded
    fewest, patience = len(right) + 1, PATIENCE
    found = np.zeros(len(right))
    for _ in range(passes):
        free = ~pinned
        found = np.zeros(len(right))
        found[free] = cho_solve(cho_factor(matrix[np.ix_(free, free)]), right[free])
        slack = matrix @ found - right
        tiny = 1e-10 * max(1.0, float(np.abs(found).max()))
        wrong = (free & bounded & (found < -tiny)) | (pinned & (slack < -1e-10 * np.abs(right).max()))
        count = int(wrong.sum())
        if not count:
            break
        if count < fewest:
            fewest, patience = count, PATIENCE
        elif patience:
            patience -= 1
        else:
            wrong[: int(np.flatnonzero(wrong)[-1])] = False
        pinned ^= wrong
    return np.where(bounded, np.maximum(found, 0.0), found)
