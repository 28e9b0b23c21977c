"""On which pipes can a source be, and which of them drain to each manhole?

Places are the condensed groups of the network in preorder; a pipe stands with the place it leaves. What
enters along a pipe passes the place below it, so a sample of what arrives at place v tells of the pipes
that leave the places above v: one interval.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.network.forest import csr
from wenqu.network.topology import Topology

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BLIND = 1e-9  # [m] a place whose pipe has no length can hold no source


@dataclass(frozen=True, slots=True)
class SearchTree:
    """N places in preorder, each with the pipe by which it drains."""

    parent: Ints  # (N,) place it drains to, always a smaller number; -1 for an end of the network
    last: Ints  # (N,) one past the last place above it
    step: Floats  # (N,) [m] way to the parent
    length: Floats  # (N,) [m] pipes that leave the place, where a source can be
    start: Ints  # (N + 1,) where the places that drain to each start in ``child``
    child: Ints

    def above(self, share: Floats) -> Floats:
        """Return the sum of a share of each pipe over the pipes that drain to each place. (N,)"""
        walked = np.concatenate([[0.0], np.cumsum(share)])
        found: Floats = walked[self.last] - walked[1:]
        return found


def tree_of(parent: Ints, step: Floats, length: Floats | None = None) -> SearchTree:
    """Return the search tree of places in preorder with the way from each to its parent."""
    count = len(parent)
    size = np.ones(count, dtype=np.int64)
    for place in range(count - 1, -1, -1):
        if parent[place] >= 0:
            size[parent[place]] += size[place]
    return _tree(parent, np.arange(count) + size, step, step if length is None else length)


def search_tree(topology: Topology) -> SearchTree:
    """Return the search tree of a network: places are the preorder numbers of its groups."""
    count = len(topology.tin)
    by_number = np.argsort(topology.tin)
    parent = topology.parent[by_number].astype(np.int64)
    parent[parent >= 0] = topology.tin[parent[parent >= 0]]
    step, length = np.zeros(count), np.zeros(count)
    main = topology.main_link[by_number]
    step[main >= 0] = topology.link_length[main[main >= 0]]
    pipes = np.isin(topology.link_type, ["conduit", "channel"]) & (topology.link_from >= 0)
    leaves = topology.tin[topology.group[topology.link_from[pipes]]]
    np.add.at(length, leaves, topology.link_length[pipes])
    return _tree(parent, topology.tout_by_number.astype(np.int64), step, length)


def _tree(parent: Ints, last: Ints, step: Floats, length: Floats) -> SearchTree:
    start, child = csr(parent, len(parent))
    return SearchTree(
        parent.astype(np.int64),
        last.astype(np.int64),
        step.astype(np.float64),
        length.astype(np.float64),
        start.astype(np.int64),
        child.astype(np.int64),
    )
