"""Posterior of every pipe of a city from its meters, against dense and sparse algebra."""

import platform
import time
from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse
from _joint import joint_measurements
from scipy.linalg import cho_factor, cho_solve

from wenqu.diagnosis.tree_posterior import Prior, Rows, pipe_sd, posterior


def forest(pipes: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return first and last of every subtree of a random tree in preorder, deep like a sewer."""
    rng = np.random.default_rng(seed)
    parent = np.concatenate(
        [[-1], np.maximum(0, np.arange(pipes - 1) - rng.geometric(1 / 500, pipes - 1) + 1)]
    )
    size = np.ones(pipes, dtype=np.int64)
    for pipe in range(pipes - 1, 0, -1):
        size[parent[pipe]] += size[pipe]
    first = np.zeros(pipes, dtype=np.int64)
    following = np.zeros(pipes, dtype=np.int64)
    following[0] = 1
    for pipe in range(1, pipes):
        first[pipe] = following[parent[pipe]]
        following[parent[pipe]] += size[pipe]
        following[pipe] = first[pipe] + 1
    return first, first + size


def case(pipes: int, meters: int, kinds: int = 3) -> tuple[Prior, Rows]:
    """Return a prior and flow rows."""
    rng = np.random.default_rng(2)
    first, last = forest(pipes)
    large = np.argsort(first - last, kind="stable")[: 50 * meters]  # nobody meters the last house of a street
    chosen = rng.choice(large[: pipes // 2], meters, replace=False)
    prior = Prior(rng.gamma(2, 0.5, (kinds, pipes)), rng.gamma(2, 0.5, (kinds, pipes)), np.full(kinds, 0.3))
    value = (last - first)[chosen] * 3.0 * rng.uniform(0.7, 1.3, meters)
    return prior, Rows(
        first[chosen], last[chosen], np.ones((meters, kinds)), value, (0.05 * value) ** 2 + 1e-6
    )


def sparse_mean(prior: Prior, rows: Rows) -> np.ndarray:
    """Return the posterior mean with the rows written out as a sparse matrix."""
    kinds, pipes = prior.mean.shape
    lengths = rows.last - rows.first
    index = np.arange(lengths.sum()) + np.repeat(rows.first - np.cumsum(lengths) + lengths, lengths)
    start = np.concatenate([[0], np.cumsum(lengths)])
    reach = scipy.sparse.csr_array((np.ones(len(index)), index, start), shape=(len(rows), pipes))
    total = np.diag(rows.noise)
    for kind in range(kinds):
        total += (reach * prior.variance[kind]) @ reach.T
        common = reach @ prior.mean[kind] * prior.scale[kind]
        total += np.outer(common, common)
    misfit = rows.value - reach @ prior.mean.sum(axis=0)
    duals = cho_solve(cho_factor(total), misfit)
    spread = reach.T @ duals
    common = np.array([prior.scale[k] ** 2 * (reach @ prior.mean[k]) @ duals for k in range(kinds)])
    return prior.mean + prior.variance * spread + prior.mean * common[:, None]


def dense_mean(prior: Prior, rows: Rows) -> np.ndarray:
    """Return the posterior mean by the textbook formula on all unknowns at once."""
    kinds, pipes = prior.mean.shape
    covariance = np.diag(prior.variance.ravel())
    for kind in range(kinds):
        factor = np.zeros((kinds, pipes))
        factor[kind] = prior.mean[kind] * prior.scale[kind]
        covariance += np.outer(factor, factor)
    pipe = np.arange(pipes)
    reach = ((pipe >= rows.first[:, None]) & (pipe < rows.last[:, None])).astype(float)
    reach = np.tile(reach, (1, kinds))
    gain = covariance @ reach.T @ np.linalg.inv(reach @ covariance @ reach.T + np.diag(rows.noise))
    return (prior.mean.ravel() + gain @ (rows.value - reach @ prior.mean.ravel())).reshape(kinds, pipes)


def best(question: Callable[[], object], runs: int) -> float:
    """Return the shortest of some runs. [s]"""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        question()
        taken.append(time.perf_counter() - start)
    return min(taken)


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield one row per size: seconds of the tree algebra and of its peer, and the greatest difference."""
    runs = 2 if quick else 5
    plans = [(2_000, 100, dense_mean, "dense"), (200_000, 200, sparse_mean, "sparse")]
    plans.append((1_000_000, 1_000, None if quick else sparse_mean, "sparse"))
    for pipes, meters, peer, word in plans:
        prior, rows = case(pipes, meters)
        ours = best(lambda p=prior, r=rows: posterior(p, r), runs)
        theirs = best(lambda p=prior, r=rows, f=peer: f(p, r), 1) if peer else None
        if peer:
            difference = np.abs(posterior(prior, rows).mean - peer(prior, rows)).max()
            if difference > 1e-9:
                raise ArithmeticError(f"{word} peer differs by {difference}")
        yield row(f"mean of {pipes:,} pipes, {meters} meters ({word})", ours, theirs, runs)
    both = best(lambda: pipe_sd(posterior(prior, rows)), runs)
    yield row(f"mean and sd of {pipes:,} pipes, {meters} meters", both, None, runs)
    yield from joint_measurements(forest, quick=quick)


def row(name: str, ours: float, peer: float | None, runs: int) -> dict[str, object]:
    """Return one measurement."""
    return {
        "name": name,
        "ours": ours,
        "peer": peer,
        "ratio": None if peer is None else peer / ours,
        "unit": "s",
        "runs": runs,
        "machine": platform.machine(),
    }
