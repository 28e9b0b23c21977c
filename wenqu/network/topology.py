"""What flows where: nodes and links as arrays, and traces that are intervals.

Loops are condensed: every strongly connected group of nodes is one place. Each group drains to one
main neighbour; that makes a forest, numbered in preorder, in which everything above a group is one
interval. The few links beside the forest (bifurcations, overflows) are kept aside and closed over.
"""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from wenqu.errors import UnknownAsset
from wenqu.network.model import Network, link_lengths
from wenqu.network.schema import asset_type, types_of

Ints = npt.NDArray[np.int64]
# A main way down is a gravity pipe before a pump, a pump before a gate or an overflow weir.
WAY_DOWN = {"conduit": 0, "channel": 1, "pump": 2, "gate": 3, "weir": 4}


@dataclass(frozen=True)
class Topology:
    """Nodes, links and the forest of condensed groups of one network. N nodes, L links, G groups."""

    node_type: npt.NDArray[np.object_]  # (N,) asset type
    node_row: Ints  # (N,) row in the type's table
    node_ids: npt.NDArray[np.object_]  # (N,)
    link_type: npt.NDArray[np.object_]  # (L,)
    link_row: Ints  # (L,)
    link_ids: npt.NDArray[np.object_]  # (L,)
    link_from: Ints  # (L,) node, -1 where the end is unknown
    link_to: Ints  # (L,)
    link_length: npt.NDArray[np.float64]  # (L,) [m], 0 where it has none
    out_start: Ints  # (N + 1,) CSR: links that leave a node
    out_link: Ints
    in_start: Ints  # (N + 1,) CSR: links that enter a node
    in_link: Ints
    group: Ints  # (N,) condensed group of each node
    main_link: Ints  # (G,) the link by which a group drains, -1 for an end of the network
    parent: Ints  # (G,) the group it drains to, -1 for an end
    tin: Ints  # (G,) preorder number of the group
    tout: Ints  # (G,) one past the last number above it
    node_order: Ints  # (N,) nodes sorted by the preorder of their group
    order_start: Ints  # (G + 1,) by preorder number: where its nodes start in node_order
    side_from: Ints  # (S,) preorder number of the group a side link leaves, sorted by side_to
    side_to: Ints  # (S,) preorder number of the group it enters

    @cached_property
    def tout_by_number(self) -> Ints:
        """Return tout by preorder number. (G,)"""
        by_number = np.empty(len(self.tin), np.int64)
        by_number[self.tin] = self.tout
        return by_number

    @cached_property
    def _nodes(self) -> dict[str, int]:
        return {id_: index for index, id_ in reversed(list(enumerate(self.node_ids)))}

    @cached_property
    def _links(self) -> dict[str, int]:
        return {id_: index for index, id_ in reversed(list(enumerate(self.link_ids)))}

    def node(self, id_: str) -> int:
        """Return the index of a node by id.

        Raises
        ------
        UnknownAsset
            No node has this id.
        """
        if id_ not in self._nodes:
            raise UnknownAsset("node", type="node", id=id_)
        return self._nodes[id_]

    def link(self, id_: str) -> int:
        """Return the index of a link by id.

        Raises
        ------
        UnknownAsset
            No link has this id.
        """
        if id_ not in self._links:
            raise UnknownAsset("link", type="link", id=id_)
        return self._links[id_]


def _stack(network: Network, role: str) -> tuple[npt.NDArray[np.object_], Ints, npt.NDArray[np.object_]]:
    types, rows, ids = [np.empty(0, object)], [np.empty(0, np.int64)], [np.empty(0, object)]
    for name in types_of(role):
        table = network.table(name)
        types.append(np.full(len(table), name, dtype=object))
        rows.append(np.arange(len(table)))
        ids.append(table.ids)
    return np.concatenate(types), np.concatenate(rows), np.concatenate(ids)


def _csr(ends: Ints, size: int) -> tuple[Ints, Ints]:
    there = np.flatnonzero(ends >= 0)
    order = there[np.argsort(ends[there], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(np.bincount(ends[there], minlength=size))])
    return starts.astype(np.int64), order


def _preference(network: Network) -> npt.NDArray[np.float64]:
    """Return how unlikely each link is the main way down: by type, then the smaller bore."""
    parts = [np.empty(0)]
    for name in types_of("link"):
        table = network.table(name)
        known = {entry.name for entry in asset_type(name).fields}
        bore = table.column("height") if "height" in known else np.zeros(len(table))
        parts.append(WAY_DOWN[name] * 1000.0 - np.nan_to_num(bore))
    return np.concatenate(parts)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _number(parent: Ints) -> tuple[Ints, Ints]:
    """Number a forest in preorder; return first number and one past the last of each subtree."""
    count = len(parent)
    size = np.ones(count, np.int64)
    pending = np.zeros(count, np.int64)
    for group in range(count):
        if parent[group] >= 0:
            pending[parent[group]] += 1
    ready = np.empty(count, np.int64)
    head = 0
    tail = 0
    for group in range(count):
        if pending[group] == 0:
            ready[tail] = group
            tail += 1
    while head < tail:  # leaves first: ready ends up in an order where children precede parents
        group = ready[head]
        head += 1
        above = parent[group]
        if above >= 0:
            size[above] += size[group]
            pending[above] -= 1
            if pending[above] == 0:
                ready[tail] = above
                tail += 1
    tin = np.empty(count, np.int64)
    following = np.zeros(count, np.int64)
    top = 0
    for place in range(count - 1, -1, -1):  # parents first
        group = ready[place]
        above = parent[group]
        if above < 0:
            tin[group] = top
            top += size[group]
        else:
            tin[group] = following[above]
            following[above] += size[group]
        following[group] = tin[group] + 1
    return tin, tin + size


def topology(network: Network) -> Topology:
    """Return the topology of a network: condensed groups, a forest, its preorder. O(N + L)."""
    node_type, node_row, node_ids = _stack(network, "node")
    link_type, link_row, link_ids = _stack(network, "link")
    place = {id_: index for index, id_ in reversed(list(enumerate(node_ids)))}
    tables = [network.table(name) for name in types_of("link")]
    ends = [
        np.array([place.get(id_, -1) for table in tables for id_ in table.column(side)], dtype=np.int64)
        for side in ("from_id", "to_id")
    ]
    link_from, link_to = ends
    nodes = len(node_ids)
    lengths = np.concatenate([np.empty(0), *(np.nan_to_num(link_lengths(table)) for table in tables)])
    known = (link_from >= 0) & (link_to >= 0)
    matrix = csr_array(
        (np.ones(int(known.sum()), np.int8), (link_from[known], link_to[known])), shape=(nodes, nodes)
    )
    groups, group = connected_components(matrix, directed=True, connection="strong")
    group = group.astype(np.int64)
    main_link, parent = _forest(group, int(groups), (link_from, link_to, known), _preference(network))
    tin, tout = _number(parent)
    node_order = np.argsort(tin[group], kind="stable") if nodes else np.empty(0, np.int64)
    sizes = np.bincount(tin[group], minlength=int(groups)) if nodes else np.empty(0, np.int64)
    side = np.flatnonzero(known)
    from_group, to_group = group[link_from[side]], group[link_to[side]]
    beside = (from_group != to_group) & (parent[from_group] != to_group)
    side_from, side_to = tin[from_group[beside]], tin[to_group[beside]]
    sorted_side = np.argsort(side_to, kind="stable")
    return Topology(
        node_type,
        node_row,
        node_ids,
        link_type,
        link_row,
        link_ids,
        link_from,
        link_to,
        lengths,
        *_csr(link_from, nodes),
        *_csr(link_to, nodes),
        group,
        main_link,
        parent,
        tin,
        tout,
        node_order,
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        side_from[sorted_side],
        side_to[sorted_side],
    )


def _forest(
    group: Ints,
    groups: int,
    links: tuple[Ints, Ints, npt.NDArray[np.bool_]],
    preference: npt.NDArray[np.float64],
) -> tuple[Ints, Ints]:
    """Return the main link and the parent of every group."""
    link_from, link_to, known = links
    leaving = np.flatnonzero(known)
    leaving = leaving[group[link_from[leaving]] != group[link_to[leaving]]]
    order = leaving[np.lexsort((leaving, preference[leaving]))]
    main_link = np.full(groups, -1, dtype=np.int64)
    owners, first = np.unique(group[link_from[order]], return_index=True)
    main_link[owners] = order[first]
    parent = np.where(main_link >= 0, group[link_to[main_link]] if len(link_to) else -1, -1)
    return main_link, parent.astype(np.int64)
