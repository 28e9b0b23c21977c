"""Which conduits are probably bad? Boosted trees over what is known of them; an older one is never better.

The chance never falls with age: among conduits alike in all else the older has at least the chance of the
younger. Trained on what was inspected, which is often what was suspected: each counts for those like it that
nobody saw (``selection``), and what it says is checked by folds, never by the conduits that it has seen.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wenqu.errors import NotEnoughData

if TYPE_CHECKING:  # heavy, and only named here
    from sklearn.ensemble import HistGradientBoostingClassifier

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FEWEST = 200  # inspections
FEWEST_EACH = 25  # of good and of bad ones
FOLDS = 5
BANDS = 10  # of the calibration


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was said against what was seen, in bands of equal number. All (b,)."""

    said: Floats  # [-] mean chance of the band
    seen: Floats  # [-] share that was bad
    low: Floats  # [-] 5 % bound of that share (Wilson)
    high: Floats  # [-] 95 % bound
    count: Ints


@dataclass(frozen=True, slots=True)
class ConditionModel:
    """A trained model with what the folds say of it."""

    columns: tuple[str, ...]
    chance: Floats  # (n,) [-] of every conduit asked about; by folds for those inspected
    auc: float  # [-] by folds
    brier: float  # [-] mean squared error of the chance, by folds
    calibration: Calibration  # by folds
    inspections: int
    method: str = "histogram gradient boosting, monotone in age"


def condition_model(
    features: dict[str, Floats],
    inspected: Ints,
    bad: Bools,
    *,
    weights: Floats | None = None,
    rising: tuple[str, ...] = ("age",),
    seed: int = 1,
) -> ConditionModel:
    """Train on inspected conduits and return the chance of being bad of every conduit.

    Parameters
    ----------
    features
        Columns by name, NaN where not known; codes as numbers in an order that means something or as
        one column a code. (n,)
    inspected
        Rows that were inspected. (k,)
    bad
        Whether they were graded bad. (k,)
    weights
        What each inspected one counts. (k,)
    rising
        Features with which the chance never falls.

    Raises
    ------
    NotEnoughData
        Fewer than 200 inspections, or fewer than 25 good or bad ones.
    """
    few = min(int(bad.sum()), int((~bad).sum()))
    if len(inspected) < FEWEST or few < FEWEST_EACH:
        raise NotEnoughData("condition-model", count=len(inspected), few=few, fewest=FEWEST, each=FEWEST_EACH)
    columns = tuple(features)
    table = np.column_stack([features[name] for name in columns])
    signs = [int(name in rising) for name in columns]
    each = np.ones(len(inspected)) if weights is None else weights
    fold = _folds(bad, seed)
    held = np.empty(len(inspected))
    for number in range(FOLDS):
        out = fold == number
        model = _trained(table[inspected[~out]], bad[~out], each[~out], signs, seed)
        held[out] = model.predict_proba(table[inspected[out]])[:, 1]
    chance = np.asarray(_trained(table[inspected], bad, each, signs, seed).predict_proba(table)[:, 1])
    chance[inspected] = held
    brier = float(((held - bad) ** 2).mean())
    return ConditionModel(
        columns, chance, area_under(held, bad), brier, calibration(held, bad), len(inspected)
    )


def _folds(bad: Bools, seed: int) -> Ints:
    """Return a fold for each row, good and bad ones spread evenly."""
    draw = np.random.default_rng(seed)
    made = np.empty(len(bad), dtype=np.int64)
    for rows in (np.flatnonzero(bad), np.flatnonzero(~bad)):
        made[draw.permutation(rows)] = np.arange(len(rows)) % FOLDS
    return made


def _trained(
    table: Floats, bad: Bools, each: Floats, signs: list[int], seed: int
) -> "HistGradientBoostingClassifier":
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=30, l2_regularization=1.0,
        monotonic_cst=signs, early_stopping=False, random_state=seed,
    )  # fmt: skip
    with threadpool_limits(1, "openmp"):  # threads that wait for each other cost more than they bring
        return model.fit(table, bad, sample_weight=each)


def area_under(chance: Floats, bad: Bools) -> float:
    """Return the area under the ROC curve: how often a bad one is given the larger chance. [-]"""
    from scipy.stats import rankdata

    ranks = rankdata(chance)
    several, rest = int(bad.sum()), int((~bad).sum())
    return float((ranks[bad].sum() - several * (several + 1) / 2) / (several * rest))


def calibration(chance: Floats, bad: Bools, bands: int = BANDS) -> Calibration:
    """Return what was said against what was seen, in bands of equal number."""
    parts = np.array_split(np.argsort(chance, kind="stable"), min(bands, len(chance)))
    count = np.array([len(rows) for rows in parts], dtype=np.int64)
    said = np.array([chance[rows].mean() for rows in parts])
    seen = np.array([bad[rows].mean() for rows in parts])
    z = 1.6449  # of a 90 % interval
    centre = (seen + z * z / (2 * count)) / (1 + z * z / count)
    half = z * np.sqrt(seen * (1 - seen) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return Calibration(said, seen, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0), count)
