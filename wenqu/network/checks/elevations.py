"""Can water run the way the levels say?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.telling import Teller
from wenqu.network.checks.whole import Levels, drawn, gravity, levels
from wenqu.network.model import Network
from wenqu.network.topology import Topology

RISE = 0.005  # [m] a rise within the precision of a levelling is none
BELOW = 0.02  # [m] a pipe end this much under the floor of its manhole is none


def check_elevations(network: Network, topology: Topology) -> Iterator[Issue]:
    """Yield adverse slopes, floors above the ground and pipe ends under their manhole."""
    tell, heights = Teller(topology, drawn(network)), levels(network, topology)
    yield from _slopes(network, topology, tell, heights)
    for node in np.flatnonzero(heights.invert > heights.ground):
        yield tell.node(
            "elevation.invert-above-ground",
            node,
            invert=heights.invert[node],
            ground=heights.ground[node],
        )
    yield from _ends(topology, tell, heights)


def _slopes(network: Network, topology: Topology, tell: Teller, heights: Levels) -> Iterator[Issue]:
    rise = heights.link_to - heights.link_from
    for link in np.flatnonzero(gravity(network, topology) & (rise > RISE)):
        start, end = tell.name(topology.link_from[link]), tell.name(topology.link_to[link])
        yield tell.link("elevation.adverse-slope", link, rise=rise[link], start=start, end=end)


def _ends(topology: Topology, tell: Teller, heights: Levels) -> Iterator[Issue]:
    """Yield ends of links above the ground or under the floor of their node."""
    sides = ((topology.link_from, heights.link_from), (topology.link_to, heights.link_to))
    for nodes, level in sides:
        ground, floor = np.append(heights.ground, np.nan)[nodes], np.append(heights.invert, np.nan)[nodes]
        for link in np.flatnonzero((level > ground) & (floor <= ground)):
            yield tell.link(
                "elevation.end-above-ground",
                link,
                node=tell.name(nodes[link]),
                level=level[link],
                ground=ground[link],
            )
        for link in np.flatnonzero(level < floor - BELOW):
            yield tell.link(
                "elevation.end-below-floor",
                link,
                node=tell.name(nodes[link]),
                level=level[link],
                floor=floor[link],
            )
