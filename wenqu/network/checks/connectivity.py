"""Does everything hang together, and does it lead to an outlet?"""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from wenqu.issues import Issue
from wenqu.network.checks.telling import Teller
from wenqu.network.checks.whole import Flags, Texts, drawn, given, numbers, texts
from wenqu.network.geometry import Ints
from wenqu.network.model import Network
from wenqu.network.topology import Topology

OUTLETS = ("outfall", "plant")
STOPS = (*OUTLETS, "station", "storage")  # water may come to these and rest


def check_connectivity(network: Network, topology: Topology) -> Iterator[Issue]:
    """Yield what is loose, double, unconnected, circular or joined to the wrong system."""
    tell = Teller(topology, drawn(network))
    yield from _ends(network, topology, tell)
    yield from _same_ends(network, topology, tell)
    yield from _parts(topology, tell)
    yield from _loops(topology, tell)
    yield from _systems(network, topology, tell)


def _ends(network: Network, topology: Topology, tell: Teller) -> Iterator[Issue]:
    """Yield links with an end that is not named, or whose name no node has."""
    for side, node in (("from_id", topology.link_from), ("to_id", topology.link_to)):
        names = texts(network, "link", side)
        for link in np.flatnonzero(node < 0):
            if names[link] is None:
                yield tell.link("connectivity.no-end", link, side=side)
            else:
                yield tell.link("connectivity.unknown-end", link, side=side, node=names[link])


def _same_ends(network: Network, topology: Topology, tell: Teller) -> Iterator[Issue]:
    """Yield links that join the same two nodes with the same bore as an earlier one of their type."""
    known = np.flatnonzero((topology.link_from >= 0) & (topology.link_to >= 0))
    low = np.minimum(topology.link_from[known], topology.link_to[known])
    high = np.maximum(topology.link_from[known], topology.link_to[known])
    kind = np.unique(topology.link_type[known].astype(str), return_inverse=True)[1]
    bore = np.round(np.nan_to_num(numbers(network, "link", "height")[known], nan=-1.0), 3)
    keys = np.column_stack([low, high, kind, bore])
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    earlier = first[inverse.ravel()]
    for place in np.flatnonzero(earlier != np.arange(len(known))):
        yield tell.link(
            "connectivity.duplicate-line", known[place], other=topology.link_ids[known[earlier[place]]]
        )


def _parts(topology: Topology, tell: Teller) -> Iterator[Issue]:
    """Yield parts without an outlet, manholes without a link, and manholes that water cannot leave."""
    nodes = len(topology.node_ids)
    degree = np.diff(topology.in_start) + np.diff(topology.out_start)
    manhole = topology.node_type == "manhole"
    for node in np.flatnonzero(manhole & (degree == 0)):
        yield tell.node("connectivity.orphan-manhole", node)
    part = _weak(topology, nodes)
    outlet = np.isin(topology.node_type, OUTLETS)
    drained = np.zeros(int(part.max(initial=-1)) + 1, dtype=bool)
    drained[part[outlet]] = True
    leave = np.diff(topology.out_start) > 0
    stuck = (degree > 0) & ~leave & drained[part] & ~np.isin(topology.node_type, STOPS)
    for node in np.flatnonzero(stuck):
        yield tell.node("connectivity.dead-end", node)
    lost = np.flatnonzero((degree > 0) & ~drained[part])
    numbers_, first, counts = np.unique(part[lost], return_index=True, return_counts=True)
    of_link = np.append(part, -1)[np.maximum(topology.link_from, topology.link_to)]
    lengths = np.bincount(of_link + 1, weights=topology.link_length, minlength=len(drained) + 1)[1:]
    for number, place, count in zip(numbers_, first, counts, strict=True):
        yield tell.node(
            "connectivity.isolated",
            lost[place],
            nodes=count,
            length=lengths[number],
        )


def _weak(topology: Topology, nodes: int) -> Ints:
    known = (topology.link_from >= 0) & (topology.link_to >= 0)
    ends = (topology.link_from[known], topology.link_to[known])
    matrix = csr_array((np.ones(int(known.sum()), np.int8), ends), shape=(nodes, nodes))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def _loops(topology: Topology, tell: Teller) -> Iterator[Issue]:
    """Yield groups of nodes in which water runs in a circle, and links that return to their own node."""
    sizes = np.bincount(topology.group, minlength=len(topology.parent))
    for group in np.flatnonzero(sizes > 1):
        start = topology.order_start[topology.tin[group]]
        members = np.sort(topology.node_order[start : start + sizes[group]])
        yield tell.node(
            "connectivity.loop",
            members[0],
            nodes=sizes[group],
            members=", ".join(tell.name(node) for node in members[:8]),
        )
    for link in np.flatnonzero((topology.link_from == topology.link_to) & (topology.link_from >= 0)):
        yield tell.link("connectivity.same-node", link, node=tell.name(topology.link_from[link]))


def _systems(network: Network, topology: Topology, tell: Teller) -> Iterator[Issue]:
    """Yield sewage that enters the storm system and the other way round: candidates of mis-connection."""
    system = texts(network, "link", "system")
    place = texts(network, "node", "system")
    receives = {name: _receiver(topology, system, place, name) for name in ("storm", "sanitary")}
    for own, other in (("sanitary", "storm"), ("storm", "sanitary")):
        code = "connectivity.sewage-into-storm" if own == "sanitary" else "connectivity.storm-into-sanitary"
        wrong = (system == own) & (topology.link_to >= 0)
        wrong &= np.append(receives[other], False)[topology.link_to]
        for link in np.flatnonzero(wrong):
            yield tell.link(code, link, node=tell.name(topology.link_to[link]))


def _receiver(topology: Topology, system: Texts, place: Texts, name: str) -> Flags:
    """Return the nodes that lead on only into one system: by the links that leave, or as an outlet."""
    nodes = len(place)
    known = (topology.link_from >= 0) & given(system)
    all_, own = (
        np.bincount(topology.link_from[known & chosen], minlength=nodes)
        for chosen in (np.ones(len(system), dtype=bool), system == name)
    )
    outlet = (topology.node_type == "outfall") & (place == name)
    if name == "sanitary":
        outlet |= topology.node_type == "plant"
    return np.asarray(outlet | ((own > 0) & (own == all_) & ~np.isin(topology.node_type, OUTLETS)))
