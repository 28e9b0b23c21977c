"""Which node is meant, which sources stand where, and how is an answer told? What all questions share."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.errors import UnknownAsset
from wenqu.network.checks.whole import Levels, levels, texts
from wenqu.network.geometry import Floats, geometries_from
from wenqu.network.id_join import rows_of
from wenqu.network.topology import Ints
from wenqu.network.travel import METHODS, Travel, travel
from wenqu.services.city_state import CityState

DRAWN_AT_MOST = 20_000  # links whose lines go into the answer; the map can still colour by id
RETURNED = 0.85  # [-] default of the field return_ratio (GB 50014 practice)


def node_of(state: CityState, id_: str, direction: str, past: tuple[str, ...] = ()) -> int:
    """Return the node a question starts from: the asset itself, or the end of a link on the asked side.

    Raises
    ------
    UnknownAsset
        Neither a node nor a link with known ends, nor a place that hangs on one, has this id.
    """
    topology = state.topology
    node, link = topology.find(id_)
    if node >= 0:
        return node
    if link >= 0:
        end = int((topology.link_from if direction == "up" else topology.link_to)[link])
        if end >= 0:
            return end
    type_, row = state.network.find(id_)
    table = state.network.table(type_)
    for name in ("connects_to", "on_id"):
        if name in table.fields and table.fields[name][row] and id_ not in past:
            return node_of(state, str(table.fields[name][row]), direction, (*past, id_))
    raise UnknownAsset("unplaced", type=type_, id=id_)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the sewage of each drainage user enters. n users."""

    node: Ints  # (n,) -1 where it connects to nothing known
    link: Ints  # (n,) the link it enters on its way, -1 for those that enter at a node
    sewage: Floats  # (n,) [m³/s] water use × share that returns; 0 where unknown
    people: Floats  # (n,) 0 where unknown


def sources_of(state: CityState) -> Sources:
    """Return the drainage users of a city by the node that their water enters at."""
    return state.once("sources", lambda: _sources(state))


def _sources(state: CityState) -> Sources:
    topology, table = state.topology, state.network.table("source")
    (nodes,) = rows_of(topology.node_ids, table.column("connects_to"))
    (links,) = rows_of(topology.link_ids, table.column("connects_to"))
    ends = np.append(topology.link_to, -1)[links]  # link -1 takes the last one: -1
    share = table.column("return_ratio")
    sewage = np.nan_to_num(table.column("water_use")) * np.where(np.isnan(share), RETURNED, share)
    people = np.nan_to_num(table.column("population"))
    return Sources(np.where(nodes >= 0, nodes, ends), np.where(nodes >= 0, -1, links), sewage, people)


def travel_of(state: CityState, velocity: float | None) -> Travel:
    """Return the travel time of every link; those of the just-full pipe are made once."""
    if velocity is not None:
        return travel(state.network, state.topology, velocity)
    return state.once("travel", lambda: travel(state.network, state.topology))


def method_told(found: Travel, links: Ints, velocity: float | None) -> dict[str, object]:
    """Return how travel times were found: method by length of pipe, and the velocity that was given."""
    return {
        "velocity": velocity,
        "links": {
            name: int(np.count_nonzero(found.method[links] == number)) for number, name in enumerate(METHODS)
        },
        "notes": ["ask.time.given"] if velocity is not None else ["ask.time.full_flow", "ask.time.assumed"],
    }


def name_of(state: CityState, node: int) -> str:
    """Return the name of a node, "" when it has none."""
    type_, row = str(state.topology.node_type[node]), int(state.topology.node_row[node])
    table = state.network.table(type_)
    return str(table.fields["name"][row] or "") if "name" in table.fields else ""


def told_node(state: CityState, node: int) -> dict[str, object]:
    """Return a node as type, id and name."""
    topology = state.topology
    return {
        "type": topology.node_type[node],
        "id": topology.node_ids[node],
        "name": name_of(state, node) or None,
    }


def told_link(state: CityState, link: int) -> dict[str, object]:
    """Return a link as type, id, ends, system and bore."""
    topology = state.topology
    type_, row = str(topology.link_type[link]), int(topology.link_row[link])
    fields = state.network.table(type_).fields
    begin, end = int(topology.link_from[link]), int(topology.link_to[link])
    return {
        "type": type_,
        "id": topology.link_ids[link],
        "from": topology.node_ids[begin] if begin >= 0 else None,
        "to": topology.node_ids[end] if end >= 0 else None,
        "system": fields["system"][row] if "system" in fields else None,
        "height_m": _number(fields["height"][row]) if "height" in fields else None,
        "length_m": round(float(topology.link_length[link]), 3),
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def ends_among(state: CityState, nodes: Ints) -> list[dict[str, object]]:
    """Return the plants, outfalls and stations among some nodes, plants first."""
    kind = state.once("end kinds", lambda: _end_kinds(state))
    some = nodes[kind[nodes] > 0]
    some = some[np.lexsort((state.topology.node_ids[some].astype(str), kind[some]))]
    return [told_node(state, int(node)) for node in some]


def _end_kinds(state: CityState) -> npt.NDArray[np.int8]:
    kinds = np.zeros(len(state.topology.node_ids), np.int8)
    for number, name in enumerate(("plant", "outfall", "station"), start=1):
        kinds[state.topology.node_type == name] = number
    return kinds


def lines_of(state: CityState, links: Ints) -> dict[str, object] | None:
    """Return the lines of links as GeoJSON in WGS 84; None when there are too many to draw."""
    if len(links) > DRAWN_AT_MOST:
        return None
    lines: list[list[list[float]]] = []
    topology = state.topology
    types = topology.link_type[links]
    for type_ in dict.fromkeys(types.tolist()):
        rows = topology.link_row[links[types == type_]]
        shapes = state.placed(state.network.table(type_).shapes.take(rows), "EPSG:4326")
        lines += [
            np.round(np.asarray(line.coords), 7).tolist()
            for line in geometries_from(shapes, "line")
            if line is not None and line.geom_type == "LineString"
        ]
    return {"type": "MultiLineString", "coordinates": lines}


def answer_of(state: CityState, nodes: Ints, links: Ints) -> dict[str, object]:
    """Return what every answer about a part of the network has: ids, counts, length, ends, lines."""
    topology = state.topology
    return {
        "nodes": topology.node_ids[nodes].tolist(),
        "links": topology.link_ids[links].tolist(),
        "count": {"nodes": len(nodes), "links": len(links)},
        "length_m": round(float(topology.link_length[links].sum()), 3),
        "reaches": ends_among(state, nodes),
        "geometry": lines_of(state, links),
    }


def node_texts(state: CityState, field: str) -> npt.NDArray[np.object_]:
    """Return a text of every node, made once."""
    return state.once(f"node {field}", lambda: texts(state.network, "node", field))


def levels_of(state: CityState) -> Levels:
    """Return the levels of nodes and link ends, made once."""
    return state.once("levels", lambda: levels(state.network, state.topology))
