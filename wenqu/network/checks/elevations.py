"""Can water run the way the levels say?"""

from collections.abc import Iterator

import numpy as np

from wenqu.network.checks.reversal import reversed_links
from wenqu.network.checks.telling import Found, names, on_links, on_nodes
from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.whole import Whole


def check_elevations(whole: Whole) -> Iterator[Found]:
    """Yield adverse slopes, swapped ends, floors above the ground and pipe ends under their manhole."""
    yield from _slopes(whole)
    heights = whole.levels
    high = np.flatnonzero(heights.invert > heights.ground)
    yield on_nodes(
        "elevation.invert-above-ground", high, invert=heights.invert[high], ground=heights.ground[high]
    )
    yield from _ends(whole)


def _slopes(whole: Whole) -> Iterator[Found]:
    graph = whole.topology
    rise = whole.levels.link_to - whole.levels.link_from
    turned = reversed_links(whole)
    adverse = whole.gravity & (rise > threshold("rise"))
    adverse[turned] = False
    for code, links in (
        ("elevation.adverse-slope", np.flatnonzero(adverse)),
        ("elevation.reversed", turned),
    ):
        start, end = names(whole, graph.link_from[links]), names(whole, graph.link_to[links])
        yield on_links(code, links, rise=rise[links], start=start, end=end)


def _ends(whole: Whole) -> Iterator[Found]:
    """Yield ends of links above the ground or under the floor of their node."""
    graph, heights = whole.topology, whole.levels
    sides = (
        ("from_invert", graph.link_from, heights.link_from),
        ("to_invert", graph.link_to, heights.link_to),
    )
    for side, nodes, level in sides:
        ground, floor = np.append(heights.ground, np.nan)[nodes], np.append(heights.invert, np.nan)[nodes]
        above = np.flatnonzero((level > ground) & ~(floor > ground))
        yield on_links(
            "elevation.end-above-ground",
            above,
            side=side,
            node=names(whole, nodes[above]),
            level=level[above],
            ground=ground[above],
        )
        under = np.flatnonzero((level < floor - threshold("below")) & ~(floor > ground))
        yield on_links(
            "elevation.end-below-floor",
            under,
            side=side,
            node=names(whole, nodes[under]),
            level=level[under],
            floor=floor[under],
        )
