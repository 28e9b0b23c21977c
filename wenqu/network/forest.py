"""Which way does each node drain? Loops condensed, one main link each, the forest numbered in preorder.

Only the ends of links beside the forest are searched for loops (``loops``). Everything is int32: a million
pipes take 23 MiB.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from wenqu.network.loops import looped, numbered_groups, rings

Ints = npt.NDArray[np.signedinteger]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Forest:
    """The condensed groups of a graph as a forest in preorder. N nodes, G groups, S side links."""

    group: Ints  # (N,) group of each node
    main_link: Ints  # (G,) the link by which a group drains, -1 for an end
    parent: Ints  # (G,) the group it drains to, -1 for an end
    tin: Ints  # (G,) preorder number
    tout: Ints  # (G,) one past the last number above it
    node_order: Ints  # (N,) nodes by the preorder of their group
    order_start: Ints  # (G + 1,) by preorder number: where its nodes start in node_order
    side_from: Ints  # (S,) preorder numbers, sorted by side_to
    side_to: Ints  # (S,)


def forest(start: Ints, end: Ints, nodes: int, preference: Floats | None = None) -> Forest:
    """Return the forest of a graph. O(N + L)

    Parameters
    ----------
    start, end
        Nodes of each link, -1 where unknown. (L,)
    preference
        The least preferred number wins as main link of a group, the first link on a tie. (L,)
    """
    start, end = start.astype(np.int32, copy=False), end.astype(np.int32, copy=False)
    wish = np.zeros(len(start)) if preference is None else preference
    alone = np.arange(nodes + 1, dtype=np.int32)
    group, groups = alone[:nodes], nodes
    main_link, parent, beside = _main(group, groups, start, end, wish)
    if beside:
        group, groups = looped(start, end, parent)
        if groups < nodes:
            main_link, parent, beside = _main(group, groups, start, end, wish)
    tin, tout, numbered = _number(parent)
    if numbered < groups:  # rings without any link beside them are left
        group, groups = _ringed(group, parent)
        main_link, parent, beside = _main(group, groups, start, end, wish)
        tin, tout, _ = _number(parent)
    if groups < nodes:
        node_order, order_start = _placed(tin[group], groups)
    else:
        node_order, order_start = np.empty(nodes, np.int32), alone
        node_order[tin] = group
    side_from, side_to = _sides(start, end, (group, parent, tin), beside)
    by_end = np.argsort(side_to, kind="stable")
    return Forest(
        group, main_link, parent, tin, tout, node_order, order_start, side_from[by_end], side_to[by_end]
    )


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _main(group: Ints, groups: int, start: Ints, end: Ints, wish: Floats) -> tuple[Ints, Ints, int]:
    """Return the main link and parent of every group, and how many links run beside the forest."""
    main_link = np.full(groups, -1, np.int32)
    parent = np.full(groups, -1, np.int32)
    leaving = 0
    for link in range(len(start)):
        if start[link] < 0 or end[link] < 0:
            continue
        one, other = group[start[link]], group[end[link]]
        if one == other:
            continue
        leaving += 1
        if main_link[one] < 0 or wish[link] < wish[main_link[one]]:
            main_link[one] = link
            parent[one] = other
    drained = 0
    for one in range(groups):
        drained += main_link[one] >= 0
    return main_link, parent, leaving - drained


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _number(parent: Ints) -> tuple[Ints, Ints, int]:
    """Number a forest in preorder; return first numbers, ends, and how many nodes hang on no loop."""
    count = len(parent)
    tout = np.ones(count, np.int32)  # sizes at first
    tin = np.zeros(count, np.int32)  # children still to come at first
    for group in range(count):
        if parent[group] >= 0:
            tin[parent[group]] += 1
    ready = np.empty(count, np.int32)
    tail = 0
    for leaf in range(count):
        group = leaf
        while tin[group] == 0:  # walk down from the last child: neighbours are still in the cache
            tin[group] = -1
            ready[tail] = group
            tail += 1
            above = parent[group]
            if above < 0:
                break
            tout[above] += tout[group]
            tin[above] -= 1
            group = above
    following = np.empty(count, np.int32)
    top = 0
    for place in range(tail - 1, -1, -1):  # parents first
        group = ready[place]
        above = parent[group]
        if above < 0:
            tin[group] = top
            top += tout[group]
        else:
            tin[group] = following[above]
            following[above] += tout[group]
        following[group] = tin[group] + 1
        tout[group] += tin[group]
    return tin, tout, tail


def _ringed(group: Ints, parent: Ints) -> tuple[Ints, int]:
    """Return the groups when every ring of main links is one."""
    again, groups = numbered_groups(rings(parent))
    return again[group], groups


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _placed(number: Ints, size: int) -> tuple[Ints, Ints]:
    """Return rows sorted by their number (stable), and where each number starts; -1 is left out."""
    starts = np.zeros(size + 1, np.int32)
    for row in range(len(number)):
        if number[row] >= 0:
            starts[number[row] + 1] += 1
    for place in range(size):
        starts[place + 1] += starts[place]
    cursor = starts[:-1].copy()
    order = np.empty(starts[size], np.int32)
    for row in range(len(number)):
        if number[row] >= 0:
            order[cursor[number[row]]] = row
            cursor[number[row]] += 1
    return order, starts


def csr(number: Ints, size: int) -> tuple[Ints, Ints]:
    """Return (starts, rows): the rows of each number, in order; rows numbered -1 are left out."""
    order, starts = _placed(number, size)
    return starts, order


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _sides(start: Ints, end: Ints, found: tuple[Ints, Ints, Ints], most: int) -> tuple[Ints, Ints]:
    group, parent, tin = found
    side_from = np.empty(most, np.int32)
    side_to = np.empty(most, np.int32)
    count = 0
    if most:
        for link in range(len(start)):
            if start[link] < 0 or end[link] < 0:
                continue
            one, other = group[start[link]], group[end[link]]
            if one != other and parent[one] != other:
                side_from[count], side_to[count] = tin[one], tin[other]
                count += 1
    return side_from[:count], side_to[:count]
