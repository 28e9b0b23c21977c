"""Which plant does the water of this asset reach, by which way, and where else could it go?"""

import numpy as np

from wenqu.network.topology import Ints, Topology
from wenqu.network.traces import downstream, first_below
from wenqu.network.travel import along, way_to, ways_down
from wenqu.services.asked_network import answer_of, method_told, node_of, told_node, travel_of
from wenqu.services.city_state import CityState


def plants_below(state: CityState) -> Ints:
    """Return for every node the plant that its main way reaches first, -1 for none; made once."""
    topology = state.topology
    return state.once("plants below", lambda: first_below(topology, topology.node_type == "plant"))


def main_end(topology: Topology, node: int) -> int:
    """Return the node at which the main way down from a node ends; in a loop without a way out, its own."""
    while (link := int(topology.main_link[topology.group[node]])) >= 0:
        node = int(topology.link_to[link])
    return node


def ask_plant(state: CityState, id_: str, velocity: float | None = None) -> dict[str, object]:
    """Return the plant that an asset's water reaches, the way there, and every other end it can reach.

    Returns
    -------
    dict
        plant (None when its main way ends elsewhere), end (where the main way ends if not at a plant: an
        outfall, or what lacks an outlet), length_m and time_s with low_s and high_s on the
        quickest way, others (ends beside the plant: at bifurcations, pumps and overflows, each with its own
        length and time), nodes, links and geometry of the way.
    """
    topology, node = state.topology, node_of(state, id_, "down")
    plant = int(plants_below(state)[node])
    found = travel_of(state, velocity)
    ways = ways_down(topology, node, found.seconds)
    lengths = along(ways, topology.link_length)
    low, high = along(ways, found.low), along(ways, found.high)
    place = {int(at): number for number, at in enumerate(ways.nodes)}

    def told(end: int) -> dict[str, object]:
        here = place[end]
        return {
            **told_node(state, end),
            "length_m": round(float(lengths[here]), 3),
            "time_s": round(float(ways.cost[here]), 1),
            "low_s": round(float(low[here]), 1),
            "high_s": round(float(high[here]), 1),
        }

    kinds = np.isin(topology.node_type[ways.nodes], ["plant", "outfall"])
    others = [int(end) for end in ways.nodes[kinds] if end != plant]
    if plant >= 0:  # what lies below the plant is its effluent, not this asset's water
        effluent = set(downstream(topology, plant).nodes.tolist())
        others = [end for end in others if end not in effluent or topology.node_type[end] == "plant"]
    nodes, links = way_to(ways, plant) if plant >= 0 else (np.array([node]), np.empty(0, np.int64))
    return {
        "from": id_,
        "node": told_node(state, node),
        "plant": told(plant) if plant >= 0 else None,
        "end": told_node(state, main_end(topology, node)) if plant < 0 else None,
        "others": [told(end) for end in others],
        "method": method_told(found, links, velocity),
        **answer_of(state, nodes, links),
    }
