"""What crosses the border of a district, in and out?"""

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.errors import NotEnoughData
from wenqu.network.geometry import centres, geometries_from
from wenqu.network.model import Network
from wenqu.network.schema import types_of
from wenqu.network.topology import Ints
from wenqu.network.traces import nodes_above
from wenqu.services.ask_plant import plants_below
from wenqu.services.asked_network import lines_of, node_texts, sources_of, told_link
from wenqu.services.city_state import CityState


def nodes_inside(state: CityState, zone: str) -> npt.NDArray[np.bool_]:
    """Return which nodes lie in a zone: by its polygon, else by the district that they name.

    Raises
    ------
    UnknownAsset
        There is no such zone.
    NotEnoughData
        The zone has no polygon and no node names it.
    """
    table = state.network.table("zone")
    row = state.network.row("zone", zone)
    named = np.asarray(node_texts(state, "district") == zone)
    shape = geometries_from(table.shapes.take(np.array([row])), "polygon")[0]
    if shape is None:
        if not named.any():
            raise NotEnoughData("no-border", zone=zone)
        return np.asarray(named)
    places = state.once("node places", lambda: node_places(state.network))
    shapely.prepare(shape)
    drawn = np.isfinite(places).all(axis=1)
    inside: npt.NDArray[np.bool_] = np.where(drawn, shapely.contains_xy(shape, *places.T), named)
    return inside


def node_places(network: Network) -> npt.NDArray[np.float64]:
    """Return where every node lies, (N, 2); NaN for those that have no place."""
    return np.concatenate(
        [np.empty((0, 2)), *(centres(network.table(name).shapes) for name in types_of("node"))]
    )


def isolate_district(state: CityState, zone: str) -> dict[str, object]:
    """Return every link that crosses the border of a zone, with what lies behind it.

    Returns
    -------
    dict
        into and out_of (links with ends, system, bore, nodes, users, people and sewage above), inside
        (nodes, links, length, users, people, sewage), plants that the inside drains to, geometry of the
        crossings.
    """
    topology, sources = state.topology, sources_of(state)
    inside = np.append(nodes_inside(state, zone), False)
    known = (topology.link_from >= 0) & (topology.link_to >= 0)
    start, end = inside[topology.link_from], inside[topology.link_to]
    into, out_of = np.flatnonzero(known & ~start & end), np.flatnonzero(known & start & ~end)
    within = np.flatnonzero(known & start & end)
    mine = sources.node[(sources.node >= 0) & inside[sources.node]]
    users = np.isin(sources.node, mine) & (sources.node >= 0)
    plants = plants_below(state)
    reached = plants[inside[:-1]]
    ids, counts = np.unique(reached[reached >= 0], return_counts=True)
    return {
        "zone": zone,
        "into": [_crossing(state, int(link)) for link in into],
        "out_of": [_crossing(state, int(link)) for link in out_of],
        "inside": {
            "nodes": int(inside.sum()),
            "links": len(within),
            "length_m": round(float(topology.link_length[within].sum()), 3),
            "sources": int(users.sum()),
            "people": float(sources.people[users].sum()),
            "sewage_m3_s": round(float(sources.sewage[users].sum()), 9),
        },
        "plants": [
            {"id": topology.node_ids[plant], "nodes": int(count)}
            for plant, count in zip(ids, counts, strict=True)
        ],
        "links": topology.link_ids[np.concatenate([into, out_of])].tolist(),
        "geometry": lines_of(state, np.concatenate([into, out_of])),
    }


def _crossing(state: CityState, link: int) -> dict[str, object]:
    above = nodes_above(state.topology, int(state.topology.link_from[link]))
    return {**told_link(state, link), "above": behind(state, above)}


def behind(state: CityState, nodes: Ints) -> dict[str, object]:
    """Return what drains from some nodes: nodes, users, people, sewage."""
    return {"nodes": len(nodes), **sums_of(state, users_at(state, nodes))}


def users_at(state: CityState, nodes: Ints) -> npt.NDArray[np.bool_]:
    """Return which drainage users enter at some nodes."""
    mask = np.zeros(len(state.topology.node_ids) + 1, dtype=np.bool_)
    mask[nodes] = True
    found: npt.NDArray[np.bool_] = mask[sources_of(state).node]
    return found


def sums_of(state: CityState, users: npt.NDArray[np.bool_]) -> dict[str, object]:
    """Return how many some drainage users are, with their people and sewage."""
    sources = sources_of(state)
    return {
        "sources": int(users.sum()),
        "people": float(sources.people[users].sum()),
        "sewage_m3_s": round(float(sources.sewage[users].sum()), 9),
    }
