"""Where in the forest do sewage, groundwater and river water enter, given a few meters?

Unknowns ``q[k, j]``: flow of source kind ``k`` (sewage, groundwater, river, …) that enters at pipe ``j``.
Pipes stand in preorder, so everything above a meter is one interval ``[first, last)``::

    prior        q[k, j] = mean[k, j] · (1 + scale[k] · s_k) + sqrt(variance[k, j]) · e,   s_k, e ~ N(0, 1)
    row r        value[r] = Σ_k weights[r, k] Σ_{j in interval r} q[k, j] + shared[r] · g + sqrt(noise[r]) · e

``s_k`` is one unknown factor for the whole city (all groundwater twice as much as thought), ``g`` are
unknowns that several rows share (an end member that is off is off at every meter). A flow row has weights 1;
a mixing row ``Σ_k (c_k - C) Q_k = 0`` has weights ``c_k - C`` and value 0, so the error of the flow meter
stays out of the chemistry. Because intervals on a forest are nested or disjoint, the covariance of two rows
is the variance of the deeper one's pipes: the R × R matrix comes from cumulative sums, and the posterior of
every pipe from one solve. Cost O(n·T + R³); no n × n or R × n matrix is made.

The intervals 5-95 % made from these results contain the prior, the errors of meters and tracers and those
of the end members as given in ``noise`` and ``shared``; they do not contain a wrong network.

References
----------
Gaussian conditioning on sums over a tree ("kriging by Euler tour"); derived for this project and tested
against the dense solution.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.linalg import cholesky, solve_triangular

from wenqu.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Prior:
    """What is expected of each pipe before any reading. T kinds, n pipes in preorder."""

    mean: Floats  # (T, n) [m³/s]
    variance: Floats  # (T, n) [m⁶/s²] of each pipe by itself
    scale: Floats  # (T,) [-] sd of a factor common to all pipes of a kind


@dataclass(frozen=True, slots=True)
class Rows:
    """What was measured: R weighted sums over intervals of pipes."""

    first: Ints  # (R,) first pipe of the interval
    last: Ints  # (R,) one past its last
    weights: Floats  # (R, T) by kind
    value: Floats  # (R,)
    noise: Floats  # (R,) variance of the error of this row alone, > 0
    shared: Floats = field(default_factory=lambda: np.empty((0, 0)))  # (R, P) loadings of shared unknowns

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.value)


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is known of each pipe after the readings. A areas: the last one lies above no meter."""

    prior: Prior
    rows: Rows
    mean: Floats  # (T, n) [m³/s]
    area: Ints  # (n,) innermost interval around each pipe; the last area is outside all of them
    area_first: Ints  # (A - 1,) intervals of the areas, before deeper ones are taken out
    area_last: Ints  # (A - 1,)
    row_area: Ints  # (R,) the area whose interval the row has
    inside: npt.NDArray[np.bool_]  # (R, A) whether the row contains the area
    factor: Floats  # (R, R) lower Cholesky factor of the rows' covariance
    duals: Floats  # (R,) weights of the misfits
    pull: Floats  # (T, R) covariance of each kind's common factor with the rows, over its mean

    @property
    def kinds(self) -> int:
        """Return the number of source kinds."""
        return len(self.prior.mean)


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over B blocks of pipes for T kinds; covariances are of index ``block · T + kind``."""

    mean: Floats  # (B, T) [m³/s]
    covariance: Floats  # (B·T, B·T) [m⁶/s²]
    prior_mean: Floats  # (B, T)
    prior_variance: Floats  # (B, T)

    @property
    def sd(self) -> Floats:
        """Return the standard deviation of each sum. (B, T) [m³/s]"""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0)).reshape(self.mean.shape)

    @property
    def data_share(self) -> Floats:
        """Return how much of the prior variance the readings took away; the rest is prior. (B, T) [-]"""
        with np.errstate(divide="ignore", invalid="ignore"):
            left = self.sd**2 / self.prior_variance
        return np.where(self.prior_variance > 0, 1.0 - np.minimum(left, 1.0), 0.0)


def _check(prior: Prior, rows: Rows) -> None:
    kinds, pipes = prior.mean.shape
    fits = (
        prior.variance.shape == (kinds, pipes)
        and prior.scale.shape == (kinds,)
        and rows.weights.shape == (len(rows), kinds)
        and len(rows.first) == len(rows.last) == len(rows.noise) == len(rows)
    )
    if not fits:
        raise BadInput("posterior-shapes", kinds=kinds, pipes=pipes, rows=len(rows))
    if (rows.noise <= 0).any() or (prior.variance < 0).any():
        raise BadInput("posterior-variance", rows=int((rows.noise <= 0).sum()))
    if len(rows) and (rows.first.min() < 0 or rows.last.max() > pipes or (rows.first > rows.last).any()):
        raise BadInput("posterior-interval", pipes=pipes)


def areas(first: Ints, last: Ints, pipes: int) -> Ints:
    """Return for each pipe the innermost of the distinct intervals around it, else their number.

    Raises
    ------
    BadInput
        Two intervals cross: they are no subtrees of one forest.
    """
    filled = np.flatnonzero(last > first)
    opening = filled[np.lexsort((-last[filled], first[filled]))]
    stack: list[int] = []
    cuts: list[int] = [0]
    labels: list[int] = []

    def paint(until: int) -> None:
        labels.append(stack[-1] if stack else len(first))
        cuts.append(until)

    for index in opening:
        while stack and last[stack[-1]] <= first[index]:
            paint(int(last[stack[-1]]))
            stack.pop()
        if stack and last[index] > last[stack[-1]]:
            raise BadInput("posterior-crossing", first=int(first[index]), last=int(last[index]))
        paint(int(first[index]))
        stack.append(int(index))
    while stack:
        paint(int(last[stack[-1]]))
        stack.pop()
    paint(pipes)
    return np.repeat(np.array(labels, dtype=np.int64), np.diff(cuts))


def _subtree(values: Floats, first: Ints, last: Ints) -> Floats:
    """Return sums over intervals for each kind. (T, n) → (T, I)"""
    walked = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    found: Floats = walked[:, last] - walked[:, first]
    return found


def posterior(prior: Prior, rows: Rows) -> Posterior:
    """Return the posterior of every pipe and kind: exact Gaussian conditioning in O(n·T + R³).

    Parameters
    ----------
    prior
        Mean and variance of each pipe (T, n), common factors (T,). [m³/s]
    rows
        Measured sums; a flow row has its value in m³/s, a mixing row in kg/s or A·m²/s.

    Raises
    ------
    BadInput
        Shapes do not fit, a noise is not positive, an interval is outside or crosses another.
    """
    _check(prior, rows)
    pairs, row_area = np.unique(np.column_stack([rows.first, rows.last]), axis=0, return_inverse=True)
    first, last = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    row_area = row_area.reshape(-1).astype(np.int64)
    area = areas(first, last, prior.mean.shape[1])
    contains = (first[:, None] <= first[None, :]) & (last[None, :] <= last[:, None])
    inside = np.concatenate([contains, np.zeros((len(first), 1), np.bool_)], axis=1)[row_area]
    above_variance = _subtree(prior.variance, first, last)  # (T, I)
    above_mean = _subtree(prior.mean, first, last)[:, row_area]  # (T, R)
    pull = prior.scale[:, None] ** 2 * rows.weights.T * above_mean
    covariance = np.diag(rows.noise)
    if rows.shared.size:
        covariance = covariance + rows.shared @ rows.shared.T
    both = np.ix_(row_area, row_area)
    for kind, weight in enumerate(rows.weights.T):
        deeper = np.where(contains, above_variance[kind][None, :], 0.0)
        deeper = np.where(contains.T & ~contains, above_variance[kind][:, None], deeper)
        covariance = covariance + np.outer(weight, weight) * deeper[both]
        covariance = covariance + np.outer(pull[kind], weight * above_mean[kind])
    factor = cholesky(covariance, lower=True) if len(rows) else np.empty((0, 0))
    misfit = rows.value - (rows.weights.T * above_mean).sum(axis=0)
    duals = _solve(factor, misfit)
    spread = (rows.weights.T * duals) @ inside  # (T, A)
    common = pull @ duals  # (T,)
    mean = prior.mean + prior.variance * spread[:, area] + prior.mean * common[:, None]
    return Posterior(prior, rows, mean, area, first, last, row_area, inside, factor, duals, pull)


def _solve(factor: Floats, right: Floats) -> Floats:
    """Return K⁻¹ right from the lower factor of K."""
    half = _half(factor, right)
    found: Floats = solve_triangular(factor, half, lower=True, trans="T") if len(factor) else half
    return found


def _half(factor: Floats, right: Floats) -> Floats:
    """Return L⁻¹ right."""
    found: Floats = solve_triangular(factor, right, lower=True) if len(factor) else right
    return found


def pipe_sd(result: Posterior) -> Floats:
    """Return the marginal standard deviation of every pipe and kind. (T, n) [m³/s]

    It depends on a pipe only through its area, its mean and its variance: three numbers by area and
    kind, then one pass over the pipes.
    """
    prior, found = result.prior, np.empty_like(result.mean)
    common = _half(result.factor, result.pull.T)  # (R, T)
    for kind, (mean, variance) in enumerate(zip(prior.mean, prior.variance, strict=True)):
        reach = _half(result.factor, result.rows.weights[:, kind, None] * result.inside)  # (R, A)
        own = (reach**2).sum(axis=0)[result.area]
        mixed = (common[:, kind] @ reach)[result.area]
        shared = prior.scale[kind] ** 2 - float(common[:, kind] @ common[:, kind])
        left = variance * (1.0 - variance * own) + mean * (mean * shared - 2.0 * variance * mixed)
        found[kind] = np.sqrt(np.maximum(left, 0.0))
    return found


def loadings(result: Posterior, label: Ints, blocks: int) -> Floats:
    """Return the prior covariance of each block's sums with the rows. (B, T, R)

    Parameters
    ----------
    label
        Block of each pipe, (n,), -1 for none.
    """
    there = label >= 0
    areas_ = result.inside.shape[1]
    cell = label[there] * areas_ + result.area[there]
    found = np.empty((blocks, result.kinds, len(result.rows)))
    for kind in range(result.kinds):
        variance = np.bincount(
            cell, weights=result.prior.variance[kind][there], minlength=blocks * areas_
        ).reshape(blocks, areas_)
        mean = np.bincount(label[there], weights=result.prior.mean[kind][there], minlength=blocks)
        by_row = (variance @ result.inside.T.astype(np.float64)) * result.rows.weights[:, kind]
        found[:, kind] = by_row + np.outer(mean, result.pull[kind])
    return found


def block_sums(result: Posterior, label: Ints, blocks: int) -> Sums:
    """Return posterior sums over blocks with their full covariance.

    Parameters
    ----------
    result
        A posterior.
    label
        Block of each pipe, (n,), -1 for none; ``result.area`` gives the areas between meters.
    blocks
        Number of blocks B.
    """
    there, kinds = label >= 0, result.kinds

    def summed(values: Floats) -> Floats:
        return np.stack(
            [np.bincount(label[there], weights=row[there], minlength=blocks) for row in values], axis=1
        )

    mean, prior_mean = summed(result.mean), summed(result.prior.mean)
    own = summed(result.prior.variance)
    covariance = np.zeros((blocks, kinds, blocks, kinds))
    for kind in range(kinds):
        factor = prior_mean[:, kind] * result.prior.scale[kind]
        covariance[:, kind, :, kind] = np.diag(own[:, kind]) + np.outer(factor, factor)
    flat = covariance.reshape(blocks * kinds, blocks * kinds)
    prior_variance = np.diag(flat).copy().reshape(blocks, kinds)
    reach = _half(result.factor, loadings(result, label, blocks).reshape(blocks * kinds, -1).T)
    return Sums(mean, flat - reach.T @ reach, prior_mean, prior_variance)


def area_sums(result: Posterior) -> Sums:
    """Return the sums of each area between meters; the last area lies above no meter."""
    return block_sums(result, result.area, len(result.area_first) + 1)


def log_evidence(result: Posterior) -> float:
    """Return the log density of the readings under the prior: which of two priors, or networks, fits."""
    prior, rows = result.prior, result.rows
    above = _subtree(prior.mean, rows.first, rows.last)
    half = _half(result.factor, rows.value - (rows.weights.T * above).sum(axis=0))
    logs = np.log(np.diag(result.factor)).sum()
    return float(-0.5 * half @ half - logs - 0.5 * len(rows) * np.log(2 * np.pi))
