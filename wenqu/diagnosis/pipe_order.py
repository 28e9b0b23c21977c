"""Which pipes lie above a place, as one interval of their preorder?

A pipe stands with the condensed group of its upstream node, so loops are one place and everything above a
meter is an interval of pipes.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from wenqu.network.topology import Topology

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PipeOrder:
    """The n links that leave a known node, sorted by the preorder number of its group."""

    link: Ints  # (n,) index into the topology's links
    start: Ints  # (G + 1,) by preorder number: where the pipes of a group start
    place: Ints  # (L,) place of each link in this order, -1 where it has no upstream node


def pipe_order(topology: Topology) -> PipeOrder:
    """Return the links of a topology in preorder of their upstream groups. O(L log L)"""
    known = np.flatnonzero(topology.link_from >= 0)
    number = topology.tin[topology.group[topology.link_from[known]]]
    link = known[np.argsort(number, kind="stable")]
    counts = np.bincount(number, minlength=len(topology.tin))
    place = np.full(len(topology.link_ids), -1, dtype=np.int64)
    place[link] = np.arange(len(link))
    return PipeOrder(link, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), place)


def above_node(order: PipeOrder, topology: Topology, node: int) -> tuple[int, int]:
    """Return the interval of pipes above a node, those that leave it included."""
    group = topology.group[node]
    return int(order.start[topology.tin[group]]), int(order.start[topology.tout[group]])


def above_link(order: PipeOrder, topology: Topology, link: int) -> tuple[int, int] | None:
    """Return the interval of pipes above the lower end of a link, itself included.

    None when the link is no cut of the forest: it runs beside it (a bifurcation), inside a loop, or
    its upstream end is unknown.
    """
    node = int(topology.link_from[link])
    if node < 0 or topology.main_link[topology.group[node]] != link:
        return None
    return above_node(order, topology, node)


def side_flows(topology: Topology, node: int) -> int:
    """Return how many pipes and channels lead into or out of the subtree of a node beside its outlet.

    Each may carry water in dry weather that the forest does not know of; weirs, gates and pumps
    are not counted, they are overflows.
    """
    group = topology.group[node]
    low, high = topology.tin[group], topology.tout[group]
    known = np.flatnonzero((topology.link_from >= 0) & (topology.link_to >= 0))
    own = topology.group[topology.link_from[known]]
    beside = (topology.main_link[own] != known) & np.isin(topology.link_type[known], ["conduit", "channel"])
    side = known[beside]
    start = topology.tin[topology.group[topology.link_from[side]]]
    end = topology.tin[topology.group[topology.link_to[side]]]
    return int(np.count_nonzero(((start >= low) & (start < high)) != ((end >= low) & (end < high))))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _descend(parent: Ints, by_number: Ints, step: Floats) -> Floats:
    down = np.zeros(len(parent))
    for group in by_number:
        if parent[group] >= 0:
            down[group] = down[parent[group]] + step[group]
    return down


def distances_down(topology: Topology) -> Floats:
    """Return for each node the length of the main way from it to the end of its network. (N,) [m]"""
    step = np.zeros(len(topology.parent))
    drained = topology.main_link >= 0
    step[drained] = topology.link_length[topology.main_link[drained]]
    down = _descend(topology.parent, np.argsort(topology.tin), step)
    found: Floats = down[topology.group]
    return found
