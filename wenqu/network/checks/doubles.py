"""Which nodes lie in the same place?"""

import numpy as np
from scipy.spatial import cKDTree

from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.whole import Whole
from wenqu.network.geometry import Ints
from wenqu.network.snapping import snap

NONE = np.empty(0, np.int64)


def doubles(whole: Whole) -> tuple[Ints, Ints]:
    """Return pairs of nodes in one place: the earlier one, the later one."""
    return whole.once("doubles", lambda: _doubles(whole))


def _doubles(whole: Whole) -> tuple[Ints, Ints]:
    there = np.flatnonzero(~np.isnan(whole.drawn.nodes[:, 0]))
    if not len(there) or not whole.in_metres:
        return NONE, NONE
    reach = threshold("same_place")
    labels = snap(whole.drawn.nodes[there], reach)
    there = there[np.bincount(labels)[labels] > 1]  # few, so that pairs cost nothing
    if not len(there):
        return NONE, NONE
    pairs = cKDTree(whole.drawn.nodes[there]).query_pairs(reach, output_type="ndarray")
    one, other = there[pairs[np.lexsort(pairs.T)]].T
    return one, other
