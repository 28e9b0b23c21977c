"""Where is the source, after all the samples so far?

Bayes on a tree. Each pipe starts with its share of the length (or of any other prior); a sample at place v
multiplies the pipes above v by its likelihood ratio. The product is exact whatever the order of the
samples, so a sample can be taken back by leaving it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.search_tree import BLIND, SearchTree
from wenqu.errors import NotEnoughData

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """One sample: where it was taken and what it says."""

    place: int  # of the search tree
    log_ratio: float  # ln P(reading | source above) − ln P(reading | not above)


@dataclass(frozen=True, slots=True)
class Belief:
    """How likely the source is on each pipe."""

    mass: Floats  # (N,) share of each place's pipes; sums to 1 − nowhere
    above: Floats  # (N,) share of the pipes that drain to each place
    nowhere: float = 0.0  # [-] that there is no source (any more)


def belief(
    tree: SearchTree,
    readings: Sequence[Reading],
    *,
    prior: Floats | None = None,
    nowhere: float = 0.0,
) -> Belief:
    """Return where the source is likely to be. O(N + readings).

    Parameters
    ----------
    tree
        Places and pipes.
    readings
        Samples that count.
    prior
        Weight of each place's pipes; their length when left out. (N,)
    nowhere
        Chance that there is no source, before any sample.

    Raises
    ------
    NotEnoughData
        No pipe can hold a source.
    """
    weight = np.where(tree.length > BLIND, tree.length if prior is None else prior, 0.0)
    total = float(weight.sum())
    if not total > 0:
        raise NotEnoughData("search-no-pipes")
    change = np.zeros(len(weight) + 1)
    for one in readings:
        change[one.place + 1] += one.log_ratio
        change[tree.last[one.place]] -= one.log_ratio
    log = np.cumsum(change)[:-1]
    top = max(float(log[weight > 0].max()), 0.0 if nowhere > 0 else -np.inf)
    mass = weight / total * (1 - nowhere) * np.exp(log - top)
    none = nowhere * np.exp(-top)
    whole = float(mass.sum()) + none
    mass = mass / whole
    return Belief(mass, tree.above(mass), float(none / whole))
