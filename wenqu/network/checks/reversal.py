"""Which links were entered with their ends swapped?

A link rises from a node that has another way out (or is an outlet) to one that has none: turned round
it falls, and both nodes have one way out as they should.
"""

import numpy as np

from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.whole import Whole
from wenqu.network.geometry import Ints

OUTLETS = ("outfall", "plant")
STOPS = (*OUTLETS, "station", "storage")


def reversed_links(whole: Whole) -> Ints:
    """Return the links of which levels and neighbours both say that they run the other way."""
    return whole.once("reversed", lambda: _reversed(whole))


def _reversed(whole: Whole) -> Ints:
    graph, heights = whole.topology, whole.levels
    rises = np.flatnonzero(whole.gravity & (heights.link_to - heights.link_from > threshold("rise")))
    rises = rises[(graph.link_from[rises] >= 0) & (graph.link_to[rises] >= 0)]
    ways_out = np.diff(graph.out_start)
    start, end = graph.link_from[rises], graph.link_to[rises]
    another = (ways_out[start] > 1) | whole.are("node", *OUTLETS)[start]
    none = (ways_out[end] == 0) & ~whole.are("node", *STOPS)[end]
    return np.asarray(rises[another & none])
