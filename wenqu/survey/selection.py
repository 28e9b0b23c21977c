"""How much does each inspected conduit count, when what was inspected is often what was suspected?

Each counts for those like it that nobody looked at: by the inverse of the chance that a conduit of its kind
was inspected, learnt from every conduit, inspected or not. What nobody recorded and yet made somebody look
stays hidden: weights mend what the columns show, and no more.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST = 200  # inspected, and as many that were not: below nothing can be learnt of the choice
MOST = 40_000  # conduits of each side from which the choice is learnt
LEAST_CHANCE = 0.02  # [-] below it one conduit would speak for more than fifty
LARGEST = 10.0  # [-] weight, against the mean of 1
HALVES = 2  # each is judged by what was learnt from the other


@dataclass(frozen=True, slots=True)
class Selection:
    """What each inspected conduit counts. (k,) in the order of the inspected ones."""

    weights: Floats  # mean 1
    effective: float  # so many inspections of equal weight would tell as much

    @property
    def even(self) -> bool:
        """Tell whether all count alike."""
        return bool(np.ptp(self.weights) == 0) if len(self.weights) else True


def selection(features: dict[str, Floats], inspected: Ints, *, seed: int = 1) -> Selection:
    """Return what each inspected conduit counts, so that together they speak for all.

    Parameters
    ----------
    features
        What is known of every conduit, NaN where not. (n,)
    inspected
        Rows that were inspected. (k,)

    References
    ----------
    .. [1] Horvitz, Thompson, A generalization of sampling without replacement from a finite universe,
       J. Am. Stat. Assoc. 47, 1952.
    """
    count = len(next(iter(features.values()), np.empty(0)))
    rest = np.setdiff1d(np.arange(count), inspected)
    if min(len(inspected), len(rest)) < FEWEST:
        return Selection(np.ones(len(inspected)), float(len(inspected)))
    table = np.column_stack(list(features.values()))
    chance = np.maximum(_chance(table, inspected, rest, seed), LEAST_CHANCE)
    weights = 1.0 / chance
    weights = np.minimum(weights / weights.mean(), LARGEST)
    weights /= weights.mean()
    return Selection(weights, float(weights.sum() ** 2 / (weights**2).sum()))


def _chance(table: Floats, inspected: Ints, rest: Ints, seed: int) -> Floats:
    """Return the chance that a conduit of the kind of each inspected one was inspected."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    draw = np.random.default_rng(seed)
    half = draw.permutation(len(inspected)) % HALVES
    other = draw.permutation(rest)[: HALVES * MOST]
    made = np.empty(len(inspected))
    for number in range(HALVES):
        seen = np.flatnonzero(half != number)[:MOST]
        unseen = other[number::HALVES]
        rows = np.concatenate([inspected[seen], unseen])
        known = np.arange(len(rows)) < len(seen)
        counts = np.where(known, len(inspected) / len(seen), len(rest) / len(unseen))
        model = HistGradientBoostingClassifier(
            max_iter=60, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=50, l2_regularization=1.0,
            early_stopping=False, random_state=seed,
        )  # fmt: skip
        with threadpool_limits(1, "openmp"):
            model.fit(table[rows], known, sample_weight=counts)
            out = half == number
            made[out] = model.predict_proba(table[inspected[out]])[:, 1]
    return made
