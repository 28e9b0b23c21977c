"""What flows where: nodes and links as arrays, and traces that are intervals.

Loops are condensed: every strongly connected group of nodes is one place. Each group drains to one
main neighbour; that makes a forest, numbered in preorder, in which everything above a group is one
interval. The few links beside the forest (bifurcations, overflows) are kept aside and closed over.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from wenqu.errors import UnknownAsset
from wenqu.network.edited_ends import TooMuch, edited_ends
from wenqu.network.forest import Floats, Forest, csr, forest
from wenqu.network.id_join import rows_of
from wenqu.network.model import Network, link_lengths
from wenqu.network.schema import asset_type, types_of

Names = npt.NDArray[np.object_]
Ints = npt.NDArray[np.signedinteger]  # int32 here
# A main way down is a gravity pipe before a pump, a pump before a gate or an overflow weir.
WAY_DOWN = {"conduit": 0, "channel": 1, "pump": 2, "gate": 3, "weir": 4}


@dataclass(frozen=True)
class Topology:
    """Nodes, links and the forest of condensed groups of one network. N nodes, L links, G groups."""

    node_type: Names  # (N,) asset type
    node_row: Ints  # (N,) row in the type's table
    node_ids: Names  # (N,)
    link_type: Names  # (L,)
    link_row: Ints  # (L,)
    link_ids: Names  # (L,)
    link_from: Ints  # (L,) node, -1 where the end is unknown
    link_to: Ints  # (L,)
    link_length: Floats  # (L,) [m], 0 where it has none
    preference: Floats  # (L,) the least is the main way down
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
        by_number = np.empty(len(self.tin), np.int32)
        by_number[self.tin] = self.tout
        return by_number

    @cached_property
    def _out(self) -> tuple[Ints, Ints]:
        return csr(self.link_from, len(self.node_ids))

    @cached_property
    def _in(self) -> tuple[Ints, Ints]:
        return csr(self.link_to, len(self.node_ids))

    @property
    def out_start(self) -> Ints:
        """Where the links that leave a node start in ``out_link``. (N + 1,)"""
        return self._out[0]

    @property
    def out_link(self) -> Ints:
        """Links by the node they leave."""
        return self._out[1]

    @property
    def in_start(self) -> Ints:
        """Where the links that enter a node start in ``in_link``. (N + 1,)"""
        return self._in[0]

    @property
    def in_link(self) -> Ints:
        """Links by the node they enter."""
        return self._in[1]

    @cached_property
    def links_by_end(self) -> tuple[Ints, Ints]:
        """Return (starts, links): links with both ends known by the preorder number they enter."""
        known = (self.link_from >= 0) & (self.link_to >= 0)
        if not len(self.group):
            return csr(np.empty(0, np.int32), len(self.tin))
        return csr(np.where(known, self.tin[self.group[self.link_to]], -1), len(self.tin))

    @cached_property
    def _nodes(self) -> dict[str, int]:
        return _first_rows(self.node_ids)

    @cached_property
    def _links(self) -> dict[str, int]:
        return _first_rows(self.link_ids)

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

    def find(self, id_: str) -> tuple[int, int]:
        """Return (node, link) with this id, -1 for what it is not."""
        return self._nodes.get(id_, -1), self._links.get(id_, -1)


def topology(network: Network, earlier: tuple[Network, Topology] | None = None) -> Topology:
    """Return the topology of a network: condensed groups, a forest, its preorder. O(N + L).

    Parameters
    ----------
    earlier
        An earlier version with its topology. Edits of other tables cost nothing; of the others, only links
        and nodes that are new or say something else are looked up, and when no end and no bore has
        changed, the index is taken over. Else it is numbered anew, the cheapest part of all.
    """
    before = earlier[1] if earlier else None
    if earlier and before and _untouched(earlier[0], network):
        return before
    node_type, node_row, node_ids = _stack(network, "node", earlier)
    link_type, link_row, link_ids = _stack(network, "link", earlier)
    tables = [network.table(name) for name in types_of("link")]
    start, end = _ends(network, node_ids, earlier)
    lengths = np.concatenate([np.empty(0), *(np.nan_to_num(link_lengths(table)) for table in tables)])
    wish = _preference(network)
    if before is not None and _same(before, start, end, wish) and len(before.group) == len(node_ids):
        found: Forest | Topology = before
    else:
        found = forest(start, end, len(node_ids), wish)
    return Topology(
        node_type,
        node_row,
        node_ids,
        link_type,
        link_row,
        link_ids,
        start,
        end,
        lengths,
        wish,
        found.group,
        found.main_link,
        found.parent,
        found.tin,
        found.tout,
        found.node_order,
        found.order_start,
        found.side_from,
        found.side_to,
    )


def _untouched(was: Network, now: Network) -> bool:
    """Tell whether all nodes and links are the very same tables."""
    types = [*types_of("node"), *types_of("link")]
    return all(was.tables.get(type_) is now.tables.get(type_) for type_ in types)


def _ends(network: Network, node_ids: Names, earlier: tuple[Network, Topology] | None) -> tuple[Ints, Ints]:
    """Return the node of both ends of every link, -1 for none."""
    if earlier:
        was, before = earlier
        held = (before.link_from, before.link_to)
        try:
            return edited_ends(was, network, held, lambda: before._nodes)  # noqa: SLF001 - its own class
        except TooMuch:
            pass
    tables = [network.table(name) for name in types_of("link")]
    texts = [
        np.concatenate([np.empty(0, object), *(table.column(side) for table in tables)])
        for side in ("from_id", "to_id")
    ]
    start, end = rows_of(node_ids, *texts)
    return start, end


def _same(before: Topology, start: Ints, end: Ints, wish: Floats) -> bool:
    """Tell whether the graph is the same, link for link."""
    pairs = ((before.link_from, start), (before.link_to, end), (before.preference, wish))
    return all(np.array_equal(one, other) for one, other in pairs)


def _first_rows(ids: Names) -> dict[str, int]:
    """Return the row of each id; of an id that comes twice, the first."""
    return dict(zip(ids[::-1].tolist(), range(len(ids) - 1, -1, -1), strict=True))


def _stack(
    network: Network, role: str, earlier: tuple[Network, Topology] | None
) -> tuple[Names, Ints, Names]:
    """Return type, row and id of all nodes or links."""
    names = types_of(role)
    tables = [network.table(name) for name in names]
    ids = np.concatenate([table.ids for table in tables])
    if earlier and [len(table) for table in tables] == [len(earlier[0].table(name)) for name in names]:
        was = earlier[1]
        kept = (was.node_type, was.node_row) if role == "node" else (was.link_type, was.link_row)
        return *kept, ids
    types = np.repeat(np.array(names, dtype=object), [len(table) for table in tables])
    rows = [np.arange(len(table), dtype=np.int32) for table in tables]
    return types, np.concatenate(rows), ids


def _preference(network: Network) -> Floats:
    """Return how unlikely each link is the main way down: by type, then the smaller bore."""
    parts = [np.empty(0)]
    for name in types_of("link"):
        table = network.table(name)
        known = {entry.name for entry in asset_type(name).fields}
        bore = table.column("height") if "height" in known else np.zeros(len(table))
        parts.append(WAY_DOWN[name] * 1000.0 - np.nan_to_num(bore))
    return np.concatenate(parts)
