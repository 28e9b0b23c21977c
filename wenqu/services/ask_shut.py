"""What loses its outlet when this pipe, manhole or station is shut, and where else could it go?"""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from wenqu.errors import UnknownAsset
from wenqu.network.topology import Ints
from wenqu.network.traces import leaving, nodes_above
from wenqu.services.ask_plant import plants_below
from wenqu.services.asked_network import answer_of, node_texts, sources_of, told_link, told_node
from wenqu.services.city_state import CityState
from wenqu.services.isolate_district import behind, node_places, sums_of, users_at

DETOURS = 5  # manholes of other ways told as places to pump to
OUTLETS = ("plant", "outfall")
Mask = npt.NDArray[np.bool_]


def ask_shut(state: CityState, id_: str) -> dict[str, object]:
    """Return what can no longer drain when an asset is shut, and the ways that remain.

    Returns
    -------
    dict
        lost (nodes, users, people, sewage that reach no plant and no outfall any more; who enters on the
        shut pipe itself is among them), spared (what lies above and still has a way), without (what lies
        above and had no outlet before either), ways_out (links by which the spared leave: bifurcations,
        weirs, gates, pumps), detours (nearest manholes on other ways, for a pump and a hose: distance in a
        straight line), and nodes, links and geometry of what is lost.

    Raises
    ------
    UnknownAsset
        There is no such asset, it has no known ends, or it is nothing that can be shut.

    Notes
    -----
    A way is counted when water may run along it; whether it is high or wide enough is not asked.
    """
    topology = state.topology
    node, link = topology.find(id_)
    if node < 0 and link < 0:
        raise UnknownAsset("not-shut", type=state.network.find(id_)[0], id=id_)
    shut = np.zeros(len(topology.link_ids), dtype=np.bool_)
    if node >= 0:
        shut[leaving(topology.out_start, topology.out_link, np.array([node]))] = True
        start = node
    else:
        shut[link] = True
        start = int(topology.link_from[link])
        if start < 0:
            raise UnknownAsset("unplaced", type=str(topology.link_type[link]), id=id_)
    above = nodes_above(topology, start)
    drained = state.once("drained", lambda: _drained(state))
    spared, exits = _spared(state, (above, shut), drained, node)
    lost = above[drained[above] & ~spared[above]]
    if node >= 0 and topology.node_type[node] in OUTLETS:
        lost = above[~spared[above]]
    links = leaving(topology.out_start, topology.out_link, lost)
    return {
        "shut": told_node(state, node) if node >= 0 else told_link(state, link),
        **_users(state, (lost, above[spared[above]]), drained, link),
        "without": behind(state, above[~drained[above]]),
        "ways_out": [_exit(state, int(one)) for one in exits],
        "detours": _detours(state, lost, above),
        **answer_of(state, lost, links[~shut[links] & (topology.link_to[links] >= 0)]),
    }


def _users(state: CityState, parts: tuple[Ints, Ints], drained: Mask, link: int) -> dict[str, object]:
    """Return what is lost and what is spared; who enters on the shut link has lost its way."""
    lost, spared = parts
    sources = sources_of(state)
    on_it = (sources.link == link) & np.append(drained, False)[sources.node]
    on_it &= link >= 0
    return {
        "lost": {"nodes": len(lost), **sums_of(state, users_at(state, lost) | on_it)},
        "spared": {"nodes": len(spared), **sums_of(state, users_at(state, spared) & ~on_it)},
    }


def _drained(state: CityState) -> Mask:
    """Return which nodes have a way to a plant or an outfall."""
    topology = state.topology
    reached = np.isin(topology.node_type, OUTLETS)
    return _spread(state, reached, np.zeros(len(topology.link_ids), dtype=np.bool_))


def _spread(state: CityState, reached: Mask, shut: Mask) -> Mask:
    """Return all nodes from which the reached ones can be reached along links that are not shut."""
    topology = state.topology
    front = np.flatnonzero(reached)
    while len(front):
        links = leaving(topology.in_start, topology.in_link, front)
        before = topology.link_from[links[~shut[links]]]
        before = np.unique(before[before >= 0])
        front = before[~reached[before]]
        reached[front] = True
    return reached


def _spared(state: CityState, cut: tuple[Ints, Mask], drained: Mask, node: int) -> tuple[Mask, Ints]:
    """Return which nodes above still reach an outlet, and the links by which they leave."""
    topology = state.topology
    above, shut = cut
    inside = np.zeros(len(topology.node_ids) + 1, dtype=np.bool_)
    inside[above] = True
    links = leaving(topology.out_start, topology.out_link, above)
    links = links[(topology.link_to[links] >= 0) & ~shut[links]]
    exits = links[~inside[topology.link_to[links]] & np.append(drained, False)[topology.link_to[links]]]
    seeds = np.zeros(len(topology.node_ids), dtype=np.bool_)
    seeds[topology.link_from[exits]] = True
    seeds[above[np.isin(topology.node_type[above], OUTLETS)]] = True
    if node >= 0:  # a shut node takes nothing either
        seeds[node] = False
        shut = shut.copy()
        shut[leaving(topology.in_start, topology.in_link, np.array([node]))] = True
    return _spread(state, seeds, shut), exits


def _exit(state: CityState, link: int) -> dict[str, object]:
    end = int(state.topology.link_to[link])
    plant = int(plants_below(state)[end])
    return {**told_link(state, link), "plant": state.topology.node_ids[plant] if plant >= 0 else None}


def _detours(state: CityState, lost: Ints, above: Ints) -> list[dict[str, object]]:
    topology = state.topology
    places = state.once("node places", lambda: node_places(state.network))
    plants, system = plants_below(state), node_texts(state, "system")
    other = (plants >= 0) & (topology.node_type == "manhole") & (system != "storm")
    other[above] = False
    other &= np.isfinite(places).all(axis=1)
    lost = lost[np.isfinite(places[lost]).all(axis=1)]
    if not len(lost) or not other.any():
        return []
    rows = np.flatnonzero(other)
    distance, nearest = cKDTree(places[lost]).query(places[rows])
    order = np.argsort(distance)[:DETOURS]
    return [
        {
            **told_node(state, int(rows[one])),
            "from": topology.node_ids[lost[nearest[one]]],
            "distance_m": round(float(distance[one]), 1),
            "plant": topology.node_ids[plants[rows[one]]],
        }
        for one in order
    ]
