"""By which way does water get from one asset to another, how far is it, and how long does it take?"""

from typing import Literal

import numpy as np

from wenqu.errors import NotEnoughData
from wenqu.network.topology import Ints
from wenqu.network.traces import between
from wenqu.network.travel import way_to, ways_down
from wenqu.services.asked_network import answer_of, method_told, node_of, travel_of
from wenqu.services.city_state import CityState


def way_down(state: CityState, start: str, end: str) -> tuple[Ints, Ints]:
    """Return (nodes, links) of the shortest way down between two assets, in order; links count as a whole.

    Raises
    ------
    NotEnoughData
        No water gets from the one to the other (``no-way``).
    """
    topology = state.topology
    first, last = node_of(state, start, "up"), node_of(state, end, "down")
    found = ways_down(topology, first, topology.link_length, last)
    nodes, links = way_to(found, last)
    if not len(nodes):
        raise NotEnoughData("no-way", start=start, end=end)
    return nodes, links


def way_between(state: CityState, start: str, end: str) -> tuple[Ints, Ints, bool]:
    """Return (nodes, links, turned) of the shortest way between two assets, whichever way the water runs.

    Raises
    ------
    NotEnoughData
        No water gets from one to the other, either way.
    """
    try:
        return *way_down(state, start, end), False
    except NotEnoughData:
        pass
    try:
        return *way_down(state, end, start), True
    except NotEnoughData:
        raise NotEnoughData("no-way", start=start, end=end) from None


def ask_path(
    state: CityState,
    start: str,
    end: str,
    which: Literal["shortest", "all"] = "shortest",
    velocity: float | None = None,
) -> dict[str, object]:
    """Return the shortest way down from one asset to another, or all that lies on any way.

    Parameters
    ----------
    which
        ``all`` answers with the parts of every way, in no order.

    Returns
    -------
    dict
        nodes and links (ids), length_m of what is told, shortest_m, time_s with low_s and high_s of the
        shortest way, method, geometry. Both ways round are tried: ``turned`` says that water runs from
        the second to the first.

    Raises
    ------
    NotEnoughData
        No water gets from one to the other, either way.
    """
    nodes, links, turned = way_between(state, start, end)
    topology = state.topology
    found = travel_of(state, velocity)
    shortest = {
        "shortest_m": round(float(topology.link_length[links].sum()), 3),
        "time_s": round(float(found.seconds[links].sum()), 1),
        "low_s": round(float(found.low[links].sum()), 1),
        "high_s": round(float(found.high[links].sum()), 1),
        "method": method_told(found, links, velocity),
    }
    if which == "all":
        ways = between(topology, int(nodes[0]), int(nodes[-1]))
        nodes, links = ways.nodes, ways.links
    told = {"from": start, "to": end, "turned": turned, "which": which}
    return {**told, **shortest, **answer_of(state, nodes, np.asarray(links, dtype=np.int64))}
