"""What lies above or below an asset, and which ends does its water reach?"""

from wenqu.network.traces import downstream, upstream
from wenqu.services.asked_network import answer_of, node_of
from wenqu.services.city_state import CityState


def trace_network(state: CityState, id_: str, direction: str) -> dict[str, object]:
    """Return the nodes, links and length above (``up``) or below (``down``) an asset.

    Returns
    -------
    dict
        nodes and links (ids), count, length_m [m], reaches (stations, plants and outfalls among
        them), geometry (GeoJSON in WGS 84; None when the trace has more than 20,000 links).
    """
    node = node_of(state, id_, direction)
    found = upstream(state.topology, node) if direction == "up" else downstream(state.topology, node)
    return {"from": id_, "direction": direction, **answer_of(state, found.nodes, found.links)}
