"""Into which pieces of a few kilometres does a network fall, so that each can be repaired as one?"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.pipe_order import PipeOrder
from wenqu.network.topology import Topology

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Connected pieces of a forest, each with the place where it drains. B blocks."""

    of_pipe: Ints  # (n,) block of each pipe in preorder
    head: Ints  # (B,) group in which a block ends
    length: Floats  # (B,) [m]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def cut_forest(parent: Ints, by_number: Ints, own: Floats, target: float) -> Ints:
    """Return for each group the group in which its piece ends; a piece is closed once it has ``target``."""
    carried = own.copy()
    label = np.full(len(parent), -1, np.int64)
    for place in range(len(by_number) - 1, -1, -1):  # far ends first
        group = by_number[place]
        if carried[group] >= target or parent[group] < 0:
            label[group] = group
        else:
            carried[parent[group]] += carried[group]
    for group in by_number:  # from the ends of the network up
        if label[group] < 0:
            label[group] = label[parent[group]]
    return label


def blocks(topology: Topology, order: PipeOrder, length: Floats, target: float) -> Blocks:
    """Return blocks of at least ``target`` metres, cut from the far ends down; the last ones may be smaller.

    Parameters
    ----------
    length
        Length that counts of each pipe in preorder. (n,) [m]
    target
        Length at which a block is closed. [m]
    """
    group_of = np.repeat(np.argsort(topology.tin), np.diff(order.start))
    own = np.bincount(group_of, weights=length, minlength=len(topology.parent)).astype(np.float64)
    label = cut_forest(topology.parent, np.argsort(topology.tin), own, target)
    heads, of_group = np.unique(label, return_inverse=True)
    of_pipe = of_group.reshape(-1)[group_of].astype(np.int64)
    sizes = np.bincount(of_pipe, weights=length, minlength=len(heads)).astype(np.float64)
    return Blocks(of_pipe, heads.astype(np.int64), sizes)
