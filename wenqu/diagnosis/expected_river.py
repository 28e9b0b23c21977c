"""Where may river water get in: by which outfalls and along which banks?"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from shapely import STRtree, get_parts, points

from wenqu.diagnosis.defaults import default
from wenqu.diagnosis.pipe_columns import Pipes, upstream_inverts
from wenqu.network.geometry import Floats, geometries_from
from wenqu.network.model import Network
from wenqu.network.schema import asset_type
from wenqu.network.topology import Ints, Topology
from wenqu.network.traces import first_below

UNKNOWN_LEVEL = 0.5  # [-] weight of an inlet where river or invert level is not known


def river_levels(network: Network, measured: Mapping[str, float]) -> dict[str, float]:
    """Return the water level of each reach: the mean of its gauge, else its normal level. [m]

    Parameters
    ----------
    measured
        Mean river stage by gauge id.
    """
    reaches, gauges = network.table("reach"), network.table("gauge")
    normal = reaches.column("normal_level")
    levels = {
        str(id_): float(level) for id_, level in zip(reaches.ids, normal, strict=True) if not np.isnan(level)
    }
    for id_, on in zip(gauges.ids, gauges.column("on_id"), strict=True):
        if str(id_) in measured and on is not None:
            levels[str(on)] = measured[str(id_)]
    return levels


def river_weights(there: Pipes, levels: Mapping[str, float]) -> Floats:
    """Return how much river water each pipe may take against others; one open outfall below the water is 1.

    Three ways in: backwards through a link that leads from the sewer to an outfall (an overflow, a gate,
    an old outlet), through joints of sewers beside and below the river, and, with little weight, through
    what nobody knows of: any other sewer below the highest river level.

    Parameters
    ----------
    levels
        Water level of each reach. [m]
    """
    found = np.zeros(len(there.length))
    pipe, outfall = _back_doors(there)
    if len(pipe):
        np.maximum.at(found, pipe, _outfall_weights(there, levels)[outfall])
    found = np.maximum(found, _along_banks(there, levels))
    if levels:
        below = ~(upstream_inverts(there) >= max(levels.values()))  # unknown inverts may lie below
        hidden = default("hidden_river_weight") * there.length / 100.0
        found = np.maximum(found, np.where(below, hidden, 0.0))
    return np.where(there.counted, found, 0.0)


def _back_doors(there: Pipes) -> tuple[Ints, Ints]:
    """Return pipes that take what comes back, and the row of the outfall it comes from."""
    topology = there.topology
    to_plant = first_below(topology, topology.node_type == "plant")
    to_outfall = first_below(topology, topology.node_type == "outfall")
    known = (topology.link_from >= 0) & (topology.link_to >= 0)
    start, end = topology.link_from[known], topology.link_to[known]
    doors = (to_plant[start] >= 0) & (to_plant[end] < 0) & (to_outfall[end] >= 0)
    doors &= topology.node_type[start] != "plant"
    link = topology.main_link[topology.group[start[doors]]]
    pipe = np.where(link >= 0, there.order.place[link], -1)
    return pipe[pipe >= 0], topology.node_row[to_outfall[end[doors]]][pipe >= 0]


def _outfall_weights(there: Pipes, levels: Mapping[str, float]) -> Floats:
    table = there.network.table("outfall")
    own = table.column("normal_level")
    river = np.array([levels.get(str(reach), np.nan) for reach in table.column("receiving")])
    river = np.where(np.isnan(river), own, river)
    drowned = river - table.column("invert_level")
    weight = np.where(np.isnan(drowned), UNKNOWN_LEVEL, (drowned > 0).astype(np.float64))
    flap = (table.column("flap") == 1) | (table.column("kind") == "flap")
    return weight * np.where(flap, default("flap_share"), 1.0)


def _along_banks(there: Pipes, levels: Mapping[str, float]) -> Floats:
    found = np.zeros(len(there.length))
    reaches = there.network.table("reach")
    place = _node_places(there.network, there.topology)[there.topology.link_from[there.order.link]]
    kind = asset_type("reach").geometry
    shapes = geometries_from(reaches.shapes, kind)
    drawn = np.flatnonzero(np.array([shape is not None for shape in shapes], dtype=np.bool_))
    here = np.flatnonzero(there.counted & ~np.isnan(place).any(axis=1))
    if not len(drawn) or not len(here):
        return found
    parts, owner = get_parts(shapes[drawn], return_index=True)
    half = np.nan_to_num(reaches.column("width")) / 2  # drawn by its middle line, it reaches to its banks
    pairs, away = STRtree(parts).query_nearest(
        points(place[here]),
        max_distance=default("near_river") + float(half.max()),
        return_distance=True,
        all_matches=False,
    )
    close = away <= default("near_river") + half[drawn[owner[pairs[1]]]]
    near, reach = here[pairs[0][close]], drawn[owner[pairs[1][close]]]
    level = np.array([levels.get(str(reaches.ids[row]), np.nan) for row in reach])
    deep = level - upstream_inverts(there)[near]
    weight = np.where(np.isnan(deep), UNKNOWN_LEVEL, (deep > 0).astype(np.float64))
    found[near] = weight * default("near_river_weight") * there.length[near] / 100.0
    return found


def _node_places(network: Network, topology: Topology) -> npt.NDArray[np.float64]:
    """Return where each node lies, NaN where it has no shape. (N, 2)"""
    from wenqu.network.geometry import centres

    found = np.full((len(topology.node_ids), 2), np.nan)
    for name in set(topology.node_type.tolist()):
        mine = topology.node_type == name
        found[mine] = centres(network.table(name).shapes)[topology.node_row[mine]]
    return found
