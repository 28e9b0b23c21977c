"""What lies above, what lies below, and by which way: questions to a Topology."""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from wenqu.network.topology import Ints, Topology


@dataclass(frozen=True, slots=True)
class Trace:
    """An answer: nodes and links by index into the Topology, in no particular order."""

    nodes: Ints
    links: Ints


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _close(first: int, last: int, spans: tuple[Ints, Ints, Ints]) -> Ints:
    """Return disjoint preorder intervals above [first, last) through side links, as flat pairs."""
    side_from, side_to, tout_by_number = spans
    covered = [(first, last)]
    at = 0
    while at < len(covered):
        low, high = covered[at]
        at += 1
        begin = np.searchsorted(side_to, low)
        end = np.searchsorted(side_to, high)
        for side in range(begin, end):
            start = side_from[side]
            inside = False
            for one_low, one_high in covered:
                if one_low <= start < one_high:
                    inside = True
                    break
            if not inside:
                covered.append((start, tout_by_number[start]))
    flat = np.empty(2 * len(covered), np.int64)
    for index in range(len(covered)):
        flat[2 * index] = covered[index][0]
        flat[2 * index + 1] = covered[index][1]
    return flat


def _merged(pairs: Ints) -> list[tuple[int, int]]:
    spans = sorted((int(low), int(high)) for low, high in pairs.reshape(-1, 2))
    merged: list[tuple[int, int]] = []
    for low, high in spans:
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def intervals_above(topology: Topology, node: int) -> list[tuple[int, int]]:
    """Return the preorder intervals of all groups above a node, its own group included."""
    group = topology.group[node]
    spans = (topology.side_from, topology.side_to, topology.tout_by_number)
    return _merged(_close(int(topology.tin[group]), int(topology.tout[group]), spans))


def upstream(topology: Topology, node: int) -> Trace:
    """Return every node and link from which water can reach ``node``, itself included."""
    start = topology.order_start
    spans = np.array(intervals_above(topology, node), dtype=np.int64)
    nodes = np.concatenate([topology.node_order[start[low] : start[high]] for low, high in spans])
    links = _leaving(topology.out_start, topology.out_link, nodes)
    ends = topology.link_to[links]
    number = topology.tin[topology.group[ends]]
    span = np.searchsorted(spans[:, 0], number, side="right") - 1
    inside = (ends >= 0) & (span >= 0) & (number < spans[np.maximum(span, 0), 1])
    return Trace(nodes, links[inside])


def _leaving(start: Ints, links: Ints, nodes: Ints) -> Ints:
    """Return the links that leave some nodes, from their CSR rows."""
    sizes = start[nodes + 1] - start[nodes]
    offsets = np.cumsum(sizes) - sizes
    rows: Ints = links[np.arange(sizes.sum()) + np.repeat(start[nodes] - offsets, sizes)]
    return rows


def _links_between(topology: Topology, nodes: Ints) -> Ints:
    inside = np.zeros(len(topology.node_ids) + 1, dtype=np.bool_)  # the last place answers index -1: False
    inside[nodes] = True
    return np.flatnonzero(inside[topology.link_from] & inside[topology.link_to])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _walk(node: int, start: Ints, links: Ints, other: Ints, came: Ints) -> Ints:
    """Walk breadth first along CSR links; fill ``came`` with the link that reached each node."""
    seen = np.zeros(len(came), np.bool_)
    queue = np.empty(len(came), np.int64)
    queue[0] = node
    seen[node] = True
    head, tail = 0, 1
    while head < tail:
        here = queue[head]
        head += 1
        for place in range(start[here], start[here + 1]):
            there = other[links[place]]
            if there >= 0 and not seen[there]:
                seen[there] = True
                came[there] = links[place]
                queue[tail] = there
                tail += 1
    return queue[:tail].copy()


def downstream(topology: Topology, node: int) -> Trace:
    """Return every node and link that water from ``node`` can reach, itself included."""
    came = np.full(len(topology.node_ids), -1, dtype=np.int64)
    nodes = _walk(node, topology.out_start, topology.out_link, topology.link_to, came)
    return Trace(nodes, _links_between(topology, nodes))


def path(topology: Topology, start: int, end: int) -> Trace:
    """Return the way down from one node to another with the fewest links, in order; empty if none."""
    came = np.full(len(topology.node_ids), -1, dtype=np.int64)
    _walk(start, topology.out_start, topology.out_link, topology.link_to, came)
    nodes, links = [end], []
    while nodes[-1] != start:
        link = int(came[nodes[-1]])
        if link < 0:
            return Trace(np.empty(0, np.int64), np.empty(0, np.int64))
        links.append(link)
        nodes.append(int(topology.link_from[link]))
    return Trace(np.array(nodes[::-1]), np.array(links[::-1], dtype=np.int64))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _inherit(parent: Ints, order: Ints, own: Ints) -> Ints:
    for group in order:
        if own[group] < 0 and parent[group] >= 0:
            own[group] = own[parent[group]]
    return own


def first_below(topology: Topology, chosen: npt.NDArray[np.bool_]) -> Ints:
    """Return for every node the first ``chosen`` node on its main way down (itself included), else -1.

    With the plants chosen it answers "which plant does this source reach" for all nodes at once.
    """
    own = np.full(len(topology.parent), -1, dtype=np.int64)
    picks = np.flatnonzero(chosen)[::-1]
    own[topology.group[picks]] = picks
    found = _inherit(topology.parent, np.argsort(topology.tin), own)
    return found[topology.group]
