"""Which manhole should be measured next, and what would it tell?

Greedy A-optimal choice: the reading that takes most from the weighted sum of the variances of the blocks that
are to be decided on. For a candidate v with reading error σ_v the gain is

    Σ_b W_b Cov(block b, y_v)² / (Var(y_v) + σ_v²),

computed from subtree sums, without simulation. After each pick the covariances are brought up to date, so
that the second manhole complements the first. The greedy choice is not proved to be the best set.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.sparse import csr_array

from wenqu.diagnosis.tree_posterior import Posterior, loadings

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be decided: sums of some kinds over blocks, and what a doubt about each costs."""

    label: Ints  # (n,) block of each pipe in preorder, -1 for none
    blocks: int
    kinds: Floats  # (T,) which kinds count, e.g. 0 1 1 for extraneous water
    weight: Floats  # (B,) yuan, kg BOD or 1


@dataclass(frozen=True, slots=True)
class NextMeasurement:
    """One manhole worth opening."""

    candidate: int  # index into the candidates
    gain: float  # [-] share of the weighted block variance that the reading is expected to take away
    expected: float  # [m³/s] flow that is expected there
    expected_sd: float  # [m³/s] how unsure that is before the reading
    block: int  # the block it tells most about
    sd_before: float  # [m³/s] of that block's sum
    sd_after: float  # [m³/s]


def _before(values: Floats, first: Ints, last: Ints) -> Floats:
    walked = np.concatenate([[0.0], np.cumsum(values)])
    found: Floats = walked[last] - walked[first]
    return found


def _between(spans: tuple[Ints, Ints], others: tuple[Ints, Ints], values: Floats) -> Floats:
    """Return the sum of ``values`` over the common part of two sets of nested or disjoint intervals."""
    low = np.maximum(spans[0][:, None], others[0][None, :])
    high = np.maximum(low, np.minimum(spans[1][:, None], others[1][None, :]))
    walked = np.concatenate([[0.0], np.cumsum(values)])
    found: Floats = walked[high] - walked[low]
    return found


def _by_block(goal: Goal, values: Floats, first: Ints, last: Ints) -> Floats:
    """Return the sum of ``values`` over the part of each block inside each interval. (B, M)"""
    cuts = np.unique(np.concatenate([first, last, [0, len(values)]]))
    segment = np.repeat(np.arange(len(cuts) - 1), np.diff(cuts))
    there = goal.label >= 0
    cells = csr_array(
        (values[there], (goal.label[there], segment[there])), shape=(goal.blocks, len(cuts) - 1)
    )
    walked = np.zeros((goal.blocks, len(cuts)))
    walked[:, 1:] = np.cumsum(cells.toarray(), axis=1)
    found: Floats = walked[:, np.searchsorted(cuts, last)] - walked[:, np.searchsorted(cuts, first)]
    return found


def next_measurements(
    result: Posterior, first: Ints, last: Ints, goal: Goal, *, error: float = 0.1, top: int = 3
) -> tuple[NextMeasurement, ...]:
    """Return the ``top`` flow measurements that would teach most, best first.

    Parameters
    ----------
    result
        What is known now.
    first, last
        Interval of pipes above each candidate. (M,)
    goal
        Blocks and kinds to be decided on.
    error
        Relative error of a reading. [-]
    top
        How many to choose.
    """
    prior, rows = result.prior, result.rows
    if not len(first):
        return ()
    wanted = goal.kinds @ prior.variance
    by_block = _by_block(goal, wanted, first, last)  # (B, M)
    there = goal.label >= 0
    variance = np.bincount(goal.label[there], weights=wanted[there], minlength=goal.blocks)
    to_rows = np.zeros((len(first), len(rows)))
    own = np.zeros(len(first))
    means = np.stack([_before(mean, first, last) for mean in prior.mean])  # (T, M)
    for kind, factor in enumerate(prior.scale):
        block_mean = np.bincount(goal.label[there], weights=prior.mean[kind][there], minlength=goal.blocks)
        by_block += goal.kinds[kind] * factor**2 * np.outer(block_mean, means[kind])
        variance = variance + goal.kinds[kind] ** 2 * (factor * block_mean) ** 2
        own += _before(prior.variance[kind], first, last) + (factor * means[kind]) ** 2
        common = _between((first, last), (rows.first, rows.last), prior.variance[kind])
        to_rows += common * rows.weights[:, kind] + np.outer(means[kind], result.pull[kind])
    from_blocks = np.tensordot(loadings(result, goal.label, goal.blocks), goal.kinds, axes=(1, 0))
    half = _half(result.factor, to_rows.T)
    half_blocks = _half(result.factor, from_blocks.T)
    by_block -= half_blocks.T @ half
    variance = variance - (half_blocks**2).sum(axis=0)
    own -= (half**2).sum(axis=0)
    expected = sum(_before(mean, first, last) for mean in result.mean)
    state = _State(result, first, last, half, by_block, variance, np.maximum(own, 0.0), np.asarray(expected))
    return state.choose(goal, error, top)


def _half(factor: Floats, right: Floats) -> Floats:
    found: Floats = solve_triangular(factor, right, lower=True) if len(factor) else right
    return found


@dataclass(slots=True)
class _State:
    """Covariances while manholes are picked; changed from pick to pick."""

    result: Posterior
    first: Ints
    last: Ints
    half: Floats  # (R, M)
    by_block: Floats  # (B, M)
    variance: Floats  # (B,)
    own: Floats  # (M,)
    expected: Floats  # (M,)

    def choose(self, goal: Goal, error: float, top: int) -> tuple[NextMeasurement, ...]:
        """Pick one after the other."""
        noise = (error * np.abs(self.expected)) ** 2 + 1e-18
        total = float((goal.weight * np.maximum(self.variance, 0.0)).sum())
        columns: list[Floats] = []  # covariance of picks with all candidates over their standard deviation
        found: list[NextMeasurement] = []
        for _ in range(min(top, len(self.first))):
            gains = (goal.weight[:, None] * self.by_block**2).sum(axis=0) / (self.own + noise)
            gains[[entry.candidate for entry in found]] = -1.0
            pick = int(gains.argmax())
            if gains[pick] <= 0 or total <= 0:
                break
            column = self._column(pick, columns) / np.sqrt(self.own[pick] + noise[pick])
            told = self.by_block[:, pick] / np.sqrt(self.own[pick] + noise[pick])
            block = int((goal.weight * told**2).argmax())
            left = self.variance - told**2
            found.append(
                NextMeasurement(
                    pick,
                    float(gains[pick]) / total,
                    float(self.expected[pick]),
                    float(np.sqrt(self.own[pick])),
                    block,
                    float(np.sqrt(max(self.variance[block], 0.0))),
                    float(np.sqrt(max(left[block], 0.0))),
                )
            )
            self.by_block = self.by_block - np.outer(told, column)
            self.variance = left
            self.own = np.maximum(self.own - column**2, 0.0)
            columns.append(column)
        return tuple(found)

    def _column(self, pick: int, columns: list[Floats]) -> Floats:
        """Return the covariance of the reading at ``pick`` with that at every candidate. (M,)"""
        prior = self.result.prior
        one = (self.first[pick : pick + 1], self.last[pick : pick + 1])
        found = np.zeros(len(self.first))
        for kind, factor in enumerate(prior.scale):
            common = _between(one, (self.first, self.last), prior.variance[kind])[0]
            means = _before(prior.mean[kind], self.first, self.last)
            found += common + factor**2 * means[pick] * means
        found -= self.half[:, pick] @ self.half
        for column in columns:
            found -= column[pick] * column
        return found
