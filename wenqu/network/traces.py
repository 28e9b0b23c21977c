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
def _put(spans: Ints, count: int, low: int, high: int) -> tuple[Ints, int]:
    """Put an interval among sorted outermost ones, those inside it leave; -1 when it lies inside one."""
    place = int(np.searchsorted(spans[:count, 0], low, side="right"))
    if place and low < spans[place - 1, 1]:
        return spans, -1
    last = place
    while last < count and spans[last, 0] < high:
        last += 1
    if last == place:
        if count == len(spans):
            wider = np.empty((2 * count, 2), np.int32)
            wider[:count] = spans
            spans = wider
        for one in range(count, place, -1):
            spans[one, 0], spans[one, 1] = spans[one - 1, 0], spans[one - 1, 1]
        count += 1
    elif last > place + 1:
        for one in range(last, count):
            spans[place + 1 + one - last, 0] = spans[one, 0]
            spans[place + 1 + one - last, 1] = spans[one, 1]
        count -= last - place - 1
    spans[place, 0], spans[place, 1] = low, high
    return spans, count


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _close(first: int, last: int, side_from: Ints, side_to: Ints, tout: Ints) -> Ints:
    """Return disjoint sorted preorder intervals above [first, last) through side links. (k, 2)

    Intervals of a forest lie apart or one inside the other, so a union is the outermost ones.
    """
    spans = np.empty((64, 2), np.int32)
    spans[0, 0], spans[0, 1] = first, last
    count = 1
    ahead = [np.int32(first)]
    while len(ahead) > 0:
        low = ahead.pop()
        high = last if low == first else tout[low]
        for side in range(np.searchsorted(side_to, low), len(side_to)):
            if side_to[side] >= high:
                break
            start = side_from[side]
            if low <= start < high:
                continue
            spans, now = _put(spans, count, start, tout[start])
            if now >= 0:
                count = now
                ahead.append(start)
    return spans[:count].copy()


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _take(spans: Ints, start: Ints, order: Ints) -> Ints:
    """Return what stands in the rows of some intervals, one after the other."""
    size = 0
    for one in range(len(spans)):
        size += start[spans[one, 1]] - start[spans[one, 0]]
    found = np.empty(size, np.int32)
    place = 0
    for one in range(len(spans)):
        low, high = start[spans[one, 0]], start[spans[one, 1]]
        found[place : place + high - low] = order[low:high]
        place += high - low
    return found


def spans_above(topology: Topology, node: int) -> Ints:
    """Return the preorder intervals of all groups above a node, its own group included, sorted. (k, 2)"""
    group = topology.group[node]
    first, last = topology.tin[group], topology.tout[group]
    if not len(topology.side_to):
        return np.array([[first, last]])
    found: Ints = _close(first, last, topology.side_from, topology.side_to, topology.tout_by_number)
    return found


def nodes_above(topology: Topology, node: int) -> Ints:
    """Return every node from which water can reach ``node``, itself too; a view of one interval."""
    start, order = topology.order_start, topology.node_order
    if not len(topology.side_to):
        group = topology.group[node]
        return order[start[topology.tin[group]] : start[topology.tout[group]]]
    spans = spans_above(topology, node)
    if len(spans) == 1:
        return order[start[spans[0, 0]] : start[spans[0, 1]]]
    found: Ints = _take(spans, start, order)
    return found


def upstream(topology: Topology, node: int) -> Trace:
    """Return every node and link from which water can reach ``node``, itself included."""
    start, order = topology.order_start, topology.node_order
    begin, links = topology.links_by_end
    spans = spans_above(topology, node)
    if len(spans) == 1:
        low, high = spans[0]
        return Trace(order[start[low] : start[high]], links[begin[low] : begin[high]])
    return Trace(_take(spans, start, order), _take(spans, begin, links))


def leaving(start: Ints, links: Ints, nodes: Ints) -> Ints:
    """Return the links of some nodes from CSR rows."""
    sizes = start[nodes + 1] - start[nodes]
    offsets = np.cumsum(sizes) - sizes
    rows: Ints = links[np.arange(sizes.sum()) + np.repeat(start[nodes] - offsets, sizes)]
    return rows


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _walk(node: int, start: Ints, links: Ints, other: Ints, end: int) -> tuple[Ints, Ints]:
    """Walk breadth first along links until ``end`` or all is seen; return nodes and what reached them."""
    seen = {np.int32(node)}
    queue = [np.int32(node)]
    came = [np.int32(-1)]
    head = 0
    while head < len(queue):
        here = queue[head]
        head += 1
        for place in range(start[here], start[here + 1]):
            there = other[links[place]]
            if there >= 0 and there not in seen:
                seen.add(there)
                queue.append(there)
                came.append(links[place])
                if there == end:
                    return np.array(queue), np.array(came)
    return np.array(queue), np.array(came)


def downstream(topology: Topology, node: int) -> Trace:
    """Return every node and link that water from ``node`` can reach, itself included."""
    nodes, _ = _walk(node, topology.out_start, topology.out_link, topology.link_to, -1)
    links = leaving(topology.out_start, topology.out_link, nodes)
    return Trace(nodes, links[topology.link_to[links] >= 0])


def path(topology: Topology, start: int, end: int) -> Trace:
    """Return the way down from one node to another with the fewest links, in order; empty if none."""
    if start == end:
        return Trace(np.array([start]), np.empty(0, np.int64))
    nodes, came = _walk(start, topology.out_start, topology.out_link, topology.link_to, end)
    if nodes[-1] != end:
        return Trace(np.empty(0, np.int64), np.empty(0, np.int64))
    by = dict(zip(nodes.tolist(), came.tolist(), strict=True))
    way, links = [end], []
    while way[-1] != start:
        links.append(by[way[-1]])
        way.append(int(topology.link_from[links[-1]]))
    return Trace(np.array(way[::-1]), np.array(links[::-1], dtype=np.int64))


def between(topology: Topology, start: int, end: int) -> Trace:
    """Return every node and link that lies on some way from one node down to another; empty if none."""
    above, below = nodes_above(topology, end), downstream(topology, start)
    inside = np.zeros(len(topology.node_ids) + 1, dtype=np.bool_)  # the last place answers -1: False
    inside[above] = True
    links = below.links[inside[topology.link_to[below.links]] & inside[topology.link_from[below.links]]]
    nodes = below.nodes[inside[below.nodes]]
    return Trace(nodes, links) if inside[start] else Trace(nodes[:0], links[:0])


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _inherit(tout: Ints, order: Ints, order_start: Ints, pick: Ints) -> Ints:
    """Give every node of the preorder the pick of the innermost picked interval that it lies in."""
    found = np.empty(len(order), np.int32)
    ends = np.empty(len(tout) + 1, np.int32)
    own = np.empty(len(tout) + 1, np.int32)
    depth = 0
    ends[0], own[0] = len(tout) + 1, -1
    for number in range(len(tout)):
        while number >= ends[depth]:
            depth -= 1
        if pick[number] >= 0:
            depth += 1
            ends[depth], own[depth] = tout[number], pick[number]
        for place in range(order_start[number], order_start[number + 1]):
            found[order[place]] = own[depth]
    return found


def first_below(topology: Topology, chosen: npt.NDArray[np.bool_]) -> Ints:
    """Return for every node the first ``chosen`` node on its main way down (itself included), else -1.

    With the plants chosen it answers "which plant does this source reach" for all nodes at once.
    """
    pick = np.full(len(topology.parent), -1, dtype=np.int32)
    picks = np.flatnonzero(chosen)[::-1]
    pick[topology.tin[topology.group[picks]]] = picks
    return _inherit(topology.tout_by_number, topology.node_order, topology.order_start, pick)
