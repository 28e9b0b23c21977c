"""What do the samples say about a further source, when some have been found?

Peeling: a sample below a found source shows that source, whatever else is above, so it says nothing of
another one, until the found one has been stopped. Every other sample keeps what it said. The pipes
around a found source are taken out of the question.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.search_region import within_reach
from wenqu.diagnosis.search_state import Belief, Reading, belief
from wenqu.diagnosis.search_tree import SearchTree

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """A source that has been found."""

    place: int  # manhole around which it is
    stopped: int | None = None  # number of samples that had been taken when it was stopped; None: it runs


def shadowed(tree: SearchTree, found: Found, radius: float) -> Mask:
    """Return at which places the water of a found source may arrive. (N,)"""
    mask = np.zeros(len(tree.parent), dtype=np.bool_)
    place = found.place
    while place >= 0:
        mask[place] = True
        place = int(tree.parent[place])
    near = np.flatnonzero(within_reach(tree, found.place, radius) > 0)
    mask[near] = True
    mask[tree.parent[near][tree.parent[near] >= 0]] = True
    return mask


def barred(tree: SearchTree, found: Sequence[Found], radius: float) -> Mask:
    """Return where a sample would teach nothing now: below a found source that still runs. (N,)"""
    mask = np.zeros(len(tree.parent), dtype=np.bool_)
    for one in found:
        if one.stopped is None:
            mask |= shadowed(tree, one, radius)
    return mask


def belief_beside(
    tree: SearchTree,
    readings: Sequence[Reading],
    found: Sequence[Found],
    *,
    others: float,
    radius: float,
    prior: Floats | None = None,
) -> Belief:
    """Return where a further source is likely to be.

    Parameters
    ----------
    tree
        Places and pipes.
    readings
        All samples in the order they were taken.
    found
        Sources that have been found.
    others
        Further sources expected before any sample; exp(−others) is the chance that there is none.
    radius
        Around a found source within which no other one is looked for. [m]
    prior
        Weight of each place's pipes; their length when left out.
    """
    weight = np.array(tree.length if prior is None else prior, dtype=np.float64)
    counts = np.ones(len(readings), dtype=np.bool_)
    for one in found:
        shade = shadowed(tree, one, radius)
        ends = len(readings) if one.stopped is None else one.stopped
        for number, reading in enumerate(readings[:ends]):
            counts[number] &= not shade[reading.place]
        weight *= 1 - within_reach(tree, one.place, radius)
    kept = [reading for number, reading in enumerate(readings) if counts[number]]
    return belief(tree, kept, prior=weight, nowhere=math.exp(-others) if found else 0.0)
