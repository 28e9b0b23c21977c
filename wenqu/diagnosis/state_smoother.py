"""What do noisy sums say of states that drift from month to month, and did a state jump?

State α and readings y of month t::

    α_t = φ · α_(t-1) + η_t,   η_t ~ N(0, drift_t),     y_t = H_t α_t + ε_t,   ε_t ~ N(0, diag R_t)

Forward: Kalman. Backward: the fixed-interval smoother in its score form, which gives the same means and
variances as Rauch, Tung and Striebel and, at no further cost, the evidence of a jump: ``g`` is how strongly
all later readings pull the state of a month away from what was foreseen, ``G`` how well they know it. A
jump δ of state i that enters before month t has the best size g/G with variance 1/G, and (g/√G)² is twice
the gain of the logarithm of the likelihood: exactly the generalised likelihood ratio, for all states and
months in one pass.

References
----------
De Jong and Penzer (1998), Diagnosing shocks in time series, JASA 93, 796-806; Durbin and Koopman (2012), Time
Series Analysis by State Space Methods, ch. 4.4. From memory; held by a dense solution in the tests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The readings of one month. R rows, n states; R may be 0."""

    design: csr_array  # (R, n) sparse: a meter sees only what is above it
    value: Floats  # (R,)
    noise: Floats  # (R,) variance, positive


@dataclass(frozen=True, slots=True)
class Drift:
    """What is thought of the states before the readings. T months."""

    mean: Floats  # (n,) of the first month
    covariance: Floats  # (n, n) of the first month
    keep: Floats  # (n,) φ
    added: Floats  # (T, n) variance that comes in before each month; the first counts too


@dataclass(frozen=True, slots=True)
class Forward:
    """The states foreseen month by month, and what was not foreseen."""

    rows: tuple[Rows, ...]
    drift: Drift
    mean: Floats  # (T, n) foreseen
    covariance: tuple[Floats, ...]  # T of (n, n)
    white: tuple[Floats, ...]  # T of (R,) what was not foreseen, independent and of size 1 when all is right
    gain: tuple[Floats, ...]  # T of (R, n): L⁻¹ H P with F = L Lᵀ
    seen: tuple[Floats, ...]  # T of (R, n): L⁻¹ H
    factor: tuple[Floats, ...]  # T of (R, R): L
    logs: float  # Σ log |F|


@dataclass(frozen=True, slots=True)
class Pull:
    """What the readings of a month and of all later ones say of its states."""

    score: Floats  # (T, n) g
    information: Floats  # (T, n) diagonal of G
    odd: tuple[Floats, ...]  # T of (R,) z of an error in this one reading
    odd_known: tuple[Floats, ...]  # T of (R,) how well that error would be known, 1/variance


def forward(rows: Sequence[Rows], drift: Drift) -> Forward:
    """Return the states foreseen from the months before each."""
    means, covariances = list[Floats](), list[Floats]()
    whites, gains, seens, factors = list[Floats](), list[Floats](), list[Floats](), list[Floats]()
    for row, one in zip(rows, _foreseen(rows, drift), strict=True):
        means.append(one.mean)
        covariances.append(one.covariance.copy())
        seen = _solved(one.factor, row.design.toarray())
        for kept, told in zip(
            (whites, gains, seens, factors), (one.white, one.gain, seen, one.factor), strict=True
        ):
            kept.append(told)
    return Forward(
        tuple(rows), drift, np.array(means), tuple(covariances), tuple(whites), tuple(gains), tuple(seens),
        tuple(factors), sum(_log(factor) for factor in factors),
    )  # fmt: skip


def unforeseen(rows: Sequence[Rows], drift: Drift) -> tuple[Floats, float]:
    """Return what was not foreseen, independent and of size 1 when all is right, and Σ log |F|.

    All that a likelihood needs: no month is kept.
    """
    whites, logs = list[Floats](), 0.0
    for one in _foreseen(rows, drift):
        whites.append(one.white)
        logs += _log(one.factor)
    return np.concatenate(whites), logs


class _Month(NamedTuple):
    """One month foreseen, and what its readings change."""

    mean: Floats  # (n,)
    covariance: Floats  # (n, n) changed in place by the month after
    white: Floats  # (R,)
    gain: Floats  # (R, n)
    factor: Floats  # (R, R)


def _foreseen(rows: Sequence[Rows], drift: Drift) -> Iterator[_Month]:
    mean, covariance = drift.mean.copy(), drift.covariance.copy()
    on, taken = np.diag_indices(len(mean)), np.empty_like(covariance)
    fading = np.flatnonzero(drift.keep != 1)  # most states only walk
    keep = drift.keep[fading]
    for month, row in enumerate(rows):
        if month:
            mean = drift.keep * mean
            _faded(covariance, fading, keep)
        covariance[on] += drift.added[month]
        crossed = row.design @ covariance
        factor = (
            cholesky(row.design @ crossed.T + np.diag(row.noise), lower=True, check_finite=False)
            if len(row.value)
            else np.zeros((0, 0))
        )
        white = _solved(factor, (row.value - row.design @ mean)[:, None])[:, 0]
        gain = _solved(factor, crossed)
        yield _Month(mean, covariance, white, gain, factor)
        mean = mean + gain.T @ white
        covariance -= np.matmul(gain.T, gain, out=taken)


def _faded(square: Floats, at: Ints, keep: Floats) -> None:
    """Multiply the rows and columns of some states, in place: φ · square · φ where most of φ is 1."""
    square[at] *= keep[:, None]
    square[:, at] *= keep


def _log(factor: Floats) -> float:
    return 2 * float(np.log(np.diag(factor)).sum())


def _solved(factor: Floats, right: Floats) -> Floats:
    if not len(factor):
        return np.zeros((0, right.shape[1]))
    return np.asarray(solve_triangular(factor, right, lower=True, check_finite=False), dtype=np.float64)


def pulls(found: Forward) -> Iterator[tuple[int, Floats, Floats, tuple[Floats, Floats]]]:
    """Yield month, score g, information G (n, n), both as later months alone make them; the last first."""
    size = len(found.drift.mean)
    score, information = np.zeros(size), np.zeros((size, size))
    keep = found.drift.keep
    fading = np.flatnonzero(keep != 1)
    for month in range(len(found.rows) - 1, -1, -1):
        seen, gain, white = found.seen[month], found.gain[month], found.white[month]
        later = keep * score
        known = information.copy()
        _faded(known, fading, keep[fading])
        score = later - seen.T @ (gain @ later) + seen.T @ white
        through = known @ gain.T  # (n, R)
        # known - through seen - (through seen)ᵀ + seenᵀ (gain through + 1) seen, in one product of n × n
        half = seen.T @ (through.T - 0.5 * (gain @ through + np.eye(len(white))) @ seen)
        information = known - half - half.T
        yield month, score, information, (later, known)


def pull(found: Forward) -> Pull:
    """Return score and information of every state in every month, and the oddness of every reading."""
    months, size = found.mean.shape
    scores, information = np.zeros((months, size)), np.zeros((months, size))
    odd, known = [np.zeros(0)] * months, [np.zeros(0)] * months
    for month, score, square, later in pulls(found):
        scores[month], information[month] = score, np.maximum(np.diag(square), 0.0)
        odd[month], known[month] = _odd(found, month, later)
    return Pull(scores, information, tuple(odd), tuple(known))


def _odd(found: Forward, month: int, later: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return z of an error in each single reading, all others given, and how well it is known. (R,), (R,)"""
    gain, white = found.gain[month], found.white[month]
    if not len(white):
        return np.zeros(0), np.zeros(0)
    back = _solved(found.factor[month], np.eye(len(white)))  # L⁻¹
    told = back.T @ (white - gain @ later[0])
    through = gain.T @ back
    known = (back**2).sum(axis=0) + ((later[1] @ through) * through).sum(axis=0)
    return told / np.sqrt(known), known


def smoothed(found: Forward, wanted: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return mean and variance of sums of the states in every month, from all readings.

    Parameters
    ----------
    wanted
        The sums wanted of each month. T of (W, n)

    Returns
    -------
    mean
        (T, W)
    variance
        (T, W)
    """
    months, width = len(found.rows), len(wanted[0])
    mean, variance = np.zeros((months, width)), np.zeros((months, width))
    for month, score, square, _ in pulls(found):
        crossed = wanted[month] @ found.covariance[month]  # (W, n)
        mean[month] = wanted[month] @ found.mean[month] + crossed @ score
        variance[month] = (crossed * wanted[month] - (crossed @ square) * crossed).sum(axis=1)
    return mean, variance


def jump_within(found: Forward, months: tuple[int, int], state: int) -> tuple[float, float]:
    """Return mean and variance of what came into a state before two months in a row, from all readings.

    Scores of one month and the next are correlated by all that came after: G(t, t+1) = A φ G(t+1).
    """
    one, two = min(months), max(months)
    first, second = float(found.drift.added[one, state]), float(found.drift.added[two, state])
    later = np.zeros((len(found.drift.mean),) * 2)
    mean = variance = 0.0
    for month, score, square, _ in pulls(found):
        if month == two != one:
            mean += second * float(score[state])
            variance += second - second**2 * float(square[state, state])
            later = square
        if month == one:
            mean += first * float(score[state])
            variance += first - first**2 * float(square[state, state])
            if two != one:
                down = found.drift.keep * later[:, state]
                both = down - found.seen[month].T @ (found.gain[month] @ down)
                variance -= 2 * first * second * float(both[state])
            break
    return mean, max(variance, 0.0)


def drawn_scores(found: Forward, draws: int, rng: np.random.Generator) -> Iterator[tuple[int, Floats]]:
    """Yield month and scores (n, draws) of records in which nothing happened but what the model says."""
    score = np.zeros((len(found.drift.mean), draws))
    for month in range(len(found.rows) - 1, -1, -1):
        later = found.drift.keep[:, None] * score
        seen, gain = found.seen[month], found.gain[month]
        white = rng.standard_normal((len(seen), draws))
        score = later - seen.T @ (gain @ later) + seen.T @ white
        yield month, score
