"""What lies above or below an asset, and which ends does its water reach?"""

import numpy as np

from wenqu.errors import UnknownAsset
from wenqu.network.geometry import geometries_from
from wenqu.network.traces import Trace, downstream, upstream
from wenqu.services.city_state import CityState

DRAWN_AT_MOST = 20_000  # links whose lines go into the answer; the map can still colour by id


def start_node(state: CityState, id_: str, direction: str, past: tuple[str, ...] = ()) -> int:
    """Return the node a trace starts from: the asset itself, or the end of a link on the asked side.

    Raises
    ------
    UnknownAsset
        Neither a node nor a link with known ends, nor a place that hangs on one, has this id.
    """
    topology = state.topology
    nodes = np.flatnonzero(topology.node_ids == id_)
    if len(nodes):
        return int(nodes[0])
    links = np.flatnonzero(topology.link_ids == id_)
    if len(links):
        ends = topology.link_from if direction == "up" else topology.link_to
        if ends[links[0]] >= 0:
            return int(ends[links[0]])
    type_, row = state.network.find(id_)
    table = state.network.table(type_)
    for name in ("connects_to", "on_id"):
        if name in table.fields and table.fields[name][row] and id_ not in past:
            return start_node(state, str(table.fields[name][row]), direction, (*past, id_))
    raise UnknownAsset("unplaced", type=type_, id=id_)


def trace_network(state: CityState, id_: str, direction: str) -> dict[str, object]:
    """Return the nodes, links and length above (``up``) or below (``down``) an asset.

    Returns
    -------
    dict
        nodes and links (ids), count, length_m [m], reaches (stations, plants and outfalls among
        them), geometry (GeoJSON in WGS 84; None when the trace has more than 20,000 links).
    """
    node = start_node(state, id_, direction)
    topology = state.topology
    found = upstream(topology, node) if direction == "up" else downstream(topology, node)
    ends = [at for at in found.nodes if topology.node_type[at] in {"plant", "outfall", "station"}]
    reaches = []
    for at in ends:
        type_, row = str(topology.node_type[at]), int(topology.node_row[at])
        name = state.network.table(type_).column("name")[row]
        reaches.append({"type": type_, "id": topology.node_ids[at], "name": name})
    order = {"plant": 0, "outfall": 1, "station": 2}
    return {
        "from": id_,
        "direction": direction,
        "nodes": topology.node_ids[found.nodes].tolist(),
        "links": topology.link_ids[found.links].tolist(),
        "count": {"nodes": len(found.nodes), "links": len(found.links)},
        "length_m": round(float(topology.link_length[found.links].sum()), 3),
        "reaches": sorted(reaches, key=lambda entry: (order[str(entry["type"])], str(entry["id"]))),
        "geometry": _geometry(state, found),
    }


def _geometry(state: CityState, found: Trace) -> dict[str, object] | None:
    if len(found.links) > DRAWN_AT_MOST:
        return None
    lines: list[list[list[float]]] = []
    topology = state.topology
    for type_ in np.unique(topology.link_type[found.links].astype(str)):
        rows = topology.link_row[found.links[topology.link_type[found.links] == type_]]
        shapes = state.placed(state.network.table(type_).shapes.take(rows), "EPSG:4326")
        lines += [
            np.round(np.asarray(line.coords), 7).tolist()
            for line in geometries_from(shapes, "line")
            if line is not None and line.geom_type == "LineString"
        ]
    return {"type": "MultiLineString", "coordinates": lines}
