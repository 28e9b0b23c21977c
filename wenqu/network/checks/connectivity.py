"""Does everything hang together, and does it lead to an outlet?"""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from wenqu.network.checks.crossings import manholes_on_pipes
from wenqu.network.checks.doubles import doubles
from wenqu.network.checks.reversal import reversed_links
from wenqu.network.checks.telling import Found, names, on_links, on_nodes
from wenqu.network.checks.whole import Flags, Texts, Whole, flags, given, is_one_of, texts
from wenqu.network.geometry import Ints
from wenqu.network.topology import Topology

OUTLETS = ("outfall", "plant")
STOPS = (*OUTLETS, "station", "storage")  # water may come to these and rest
OUT_OF_USE = ("abandoned", "planned", "under_construction")
TOLD = 8  # members of a loop that are named


def check_connectivity(whole: Whole) -> Iterator[Found]:
    """Yield what is loose, double, unconnected, circular or joined to the wrong system."""
    yield from _ends(whole)
    yield _same_ends(whole)
    yield _orphans(whole)
    yield from check_ways(whole)
    yield from _own_loops(whole)
    yield from _systems(whole)


def check_ways(whole: Whole) -> Iterator[Found]:
    """Yield what only the whole network tells: dead ends, parts without an outlet, loops."""
    yield from _parts(whole)
    yield _loops(whole)


def _ends(whole: Whole) -> Iterator[Found]:
    """Yield links with an end that is not named, or whose name no node has."""
    graph = whole.topology
    for side, node in (("from_id", graph.link_from), ("to_id", graph.link_to)):
        loose = np.flatnonzero(node < 0)
        named = texts(whole.network, "link", side)[loose]
        has = given(named)
        yield on_links("connectivity.no-end", loose[~has], side=side)
        yield on_links("connectivity.unknown-end", loose[has], side=side, node=named[has])


def _same_ends(whole: Whole) -> Found:
    """Return links that join the same two nodes with the same bore as an earlier one of their type.

    Pumps, gates and weirs stand side by side.
    """
    graph = whole.topology
    joined = (graph.link_from >= 0) & (graph.link_to >= 0) & (graph.link_from != graph.link_to)
    known = np.flatnonzero(joined & ~whole.are("link", "pump", "gate", "weir"))
    low = np.minimum(graph.link_from[known], graph.link_to[known])
    high = np.maximum(graph.link_from[known], graph.link_to[known])
    pair = low * max(len(graph.node_ids), 1) + high
    order = np.argsort(pair, kind="stable")
    again = np.diff(pair[order], prepend=-1) == 0
    again[:-1] |= again[1:]  # the first of a pair too
    some = np.sort(known[order[again]])
    kinds = np.unique(graph.link_type[some].astype(str), return_inverse=True)[1]
    bores = np.round(np.nan_to_num(whole.bore[some], nan=-1.0), 3)
    ends = (
        np.minimum(graph.link_from[some], graph.link_to[some]),
        np.maximum(graph.link_from[some], graph.link_to[some]),
    )
    keys = np.column_stack([*ends, kinds, bores])
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    earlier = first[inverse.ravel()] if len(some) else np.empty(0, np.int64)
    later = np.flatnonzero(earlier != np.arange(len(some)))
    return on_links("connectivity.duplicate-line", some[later], other=graph.link_ids[some[earlier[later]]])


def _orphans(whole: Whole) -> Found:
    """Return manholes without a link."""
    graph = whole.topology
    degree = np.diff(graph.in_start) + np.diff(graph.out_start)
    loose = whole.are("node", "manhole") & (degree == 0)
    loose &= ~is_one_of(texts(whole.network, "node", "status"), OUT_OF_USE)
    loose[manholes_on_pipes(whole)[0]] = False  # told there, with the pipe that runs through them
    return on_nodes("connectivity.orphan-manhole", np.flatnonzero(loose))


def _parts(whole: Whole) -> Iterator[Found]:
    """Yield parts without an outlet, and manholes that water cannot leave."""
    graph = whole.topology
    degree = np.diff(graph.in_start) + np.diff(graph.out_start)
    part = _weak(graph)
    outlet = whole.are("node", *OUTLETS)
    drained = np.zeros(int(part.max(initial=-1)) + 1, dtype=bool)
    drained[part[outlet]] = True
    stuck = (degree > 0) & (np.diff(graph.out_start) == 0) & drained[part]
    stuck &= ~whole.are("node", *STOPS)
    stuck[graph.link_to[reversed_links(whole)]] = False  # told as the pipe that runs the wrong way
    twice = np.concatenate(doubles(whole))
    stuck[twice] = False  # told as two nodes in one place, and so are the parts that this cuts off
    yield on_nodes("connectivity.dead-end", np.flatnonzero(stuck))
    reason = (graph.link_from < 0) | (graph.link_to < 0) | (graph.link_from == graph.link_to)
    known = np.maximum(graph.link_from, graph.link_to)[reason]
    drained[part[known[known >= 0]]] = True  # told as the end that is loose: joined, it drains the part
    drained[part[twice]] = True
    lost = np.flatnonzero((degree > 0) & ~drained[part])
    numbers, first, counts = np.unique(part[lost], return_index=True, return_counts=True)
    of_link = np.append(part, -1)[np.maximum(graph.link_from, graph.link_to)]
    lengths = np.bincount(of_link + 1, weights=graph.link_length, minlength=len(drained) + 1)[1:]
    yield on_nodes("connectivity.isolated", lost[first], nodes=counts, length=lengths[numbers])


def _weak(graph: Topology) -> Ints:
    nodes = len(graph.node_ids)
    known = (graph.link_from >= 0) & (graph.link_to >= 0)
    ends = (graph.link_from[known], graph.link_to[known])
    matrix = csr_array((np.ones(int(known.sum()), np.int8), ends), shape=(nodes, nodes))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def _loops(whole: Whole) -> Found:
    """Return groups of nodes in which water runs in a circle."""
    graph = whole.topology
    sizes = np.bincount(graph.group, minlength=len(graph.parent))
    groups = np.flatnonzero(sizes > 1)
    members = []
    for group in groups:
        start = graph.order_start[graph.tin[group]]
        members.append(np.sort(graph.node_order[start : start + sizes[group]]))
    told = [", ".join(graph.node_ids[some[:TOLD]].astype(str)) for some in members]
    first = np.array([some[0] for some in members], dtype=np.int64)
    return on_nodes("connectivity.loop", first, nodes=sizes[groups], members=np.array(told, dtype=object))


def _own_loops(whole: Whole) -> Iterator[Found]:
    """Yield links that return to their own node."""
    graph = whole.topology
    own = np.flatnonzero((graph.link_from == graph.link_to) & (graph.link_from >= 0))
    yield on_links("connectivity.same-node", own, node=names(whole, graph.link_from[own]))


def _systems(whole: Whole) -> Iterator[Found]:
    """Yield sewage that enters the storm system and the other way round: candidates of mis-connection."""
    graph, system = whole.topology, whole.system
    receives = {name: _receiver(whole, system, name) for name in ("storm", "sanitary")}
    for own, other in (("sanitary", "storm"), ("storm", "sanitary")):
        code = "connectivity.sewage-into-storm" if own == "sanitary" else "connectivity.storm-into-sanitary"
        wrong = (system == own) & (graph.link_to >= 0)
        wrong &= np.append(receives[other], False)[graph.link_to]
        wrong &= ~flags(whole.network, "link", "misconnected")  # known, and to be rebuilt
        links = np.flatnonzero(wrong)
        yield on_links(code, links, node=names(whole, graph.link_to[links]))


def _receiver(whole: Whole, system: Texts, name: str) -> Flags:
    """Return the nodes that lead on only into one system: by the links that leave, or as an outlet."""
    graph, place = whole.topology, whole.node_system
    known = (graph.link_from >= 0) & given(system)
    all_, own = (
        np.bincount(graph.link_from[known & chosen], minlength=len(place))
        for chosen in (np.ones(len(system), dtype=bool), system == name)
    )
    outlet = whole.are("node", "outfall") & (place == name)
    if name == "sanitary":
        outlet |= whole.are("node", "plant")
    return np.asarray(outlet | ((own > 0) & (own == all_) & ~whole.are("node", *OUTLETS)))
