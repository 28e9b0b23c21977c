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

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The readings of one month. R rows, n states; R may be 0."""

    design: Floats  # (R, n)
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
    mean, covariance = drift.mean.copy(), drift.covariance.copy()
    means, covariances = list[Floats](), list[Floats]()
    whites, gains, seens, factors = list[Floats](), list[Floats](), list[Floats](), list[Floats]()
    logs = 0.0
    for month, row in enumerate(rows):
        if month:
            mean = drift.keep * mean
            covariance = drift.keep[:, None] * covariance * drift.keep
        covariance = covariance + np.diag(drift.added[month])
        means.append(mean)
        covariances.append(covariance)
        crossed = row.design @ covariance
        factor = (
            cholesky(crossed @ row.design.T + np.diag(row.noise), lower=True)
            if len(row.value)
            else np.zeros((0, 0))
        )
        left = (row.value - row.design @ mean)[:, None]
        solved = _solved(factor, np.concatenate([left, crossed, row.design], axis=1))
        white, gain, seen = solved[:, 0], solved[:, 1 : 1 + len(mean)], solved[:, 1 + len(mean) :]
        logs += 2 * float(np.log(np.diag(factor)).sum())
        mean = mean + gain.T @ white
        covariance = covariance - gain.T @ gain
        for kept, one in zip((whites, gains, seens, factors), (white, gain, seen, factor), strict=True):
            kept.append(one)
    return Forward(
        tuple(rows), drift, np.array(means), tuple(covariances), tuple(whites), tuple(gains), tuple(seens),
        tuple(factors), logs,
    )  # fmt: skip


def _solved(factor: Floats, right: Floats) -> Floats:
    if not len(factor):
        return np.zeros((0, right.shape[1]))
    return np.asarray(solve_triangular(factor, right, lower=True, check_finite=False), dtype=np.float64)


def pulls(found: Forward) -> Iterator[tuple[int, Floats, Floats, tuple[Floats, Floats]]]:
    """Yield month, score g, information G (n, n), both as later months alone make them; the last first."""
    size = len(found.drift.mean)
    score, information = np.zeros(size), np.zeros((size, size))
    keep = found.drift.keep
    for month in range(len(found.rows) - 1, -1, -1):
        seen, gain, white = found.seen[month], found.gain[month], found.white[month]
        later = keep * score
        known = keep[:, None] * information * keep
        score = later - seen.T @ (gain @ later) + seen.T @ white
        through = known @ gain.T  # (n, R)
        cross = through @ seen
        information = known - cross - cross.T + seen.T @ (gain @ through + np.eye(len(white))) @ seen
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
    """Return mean and covariance of sums of the states in every month, from all readings.

    Parameters
    ----------
    wanted
        The sums wanted of each month. T of (W, n)

    Returns
    -------
    mean
        (T, W)
    covariance
        (T, W, W)
    """
    months, width = len(found.rows), len(wanted[0])
    mean, covariance = np.zeros((months, width)), np.zeros((months, width, width))
    for month, score, square, _ in pulls(found):
        crossed = wanted[month] @ found.covariance[month]  # (W, n)
        mean[month] = wanted[month] @ found.mean[month] + crossed @ score
        covariance[month] = crossed @ wanted[month].T - crossed @ square @ crossed.T
    return mean, covariance


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
