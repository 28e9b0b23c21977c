"""Does the drawing agree with itself and with the figures?"""

from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree

from wenqu.issues import Issue
from wenqu.network.checks.telling import Teller
from wenqu.network.checks.whole import drawn, in_metres, numbers
from wenqu.network.geometry import Floats
from wenqu.network.model import Network
from wenqu.network.topology import Topology

SAME_PLACE = 0.01  # [m]
SNAP = 0.5  # [m] a drawn end farther than this from its node misses it
DIFFERS = 0.10  # share
DIFFERS_BY = 2.0  # [m]
FAR = 10.0  # interquartile ranges from the middle
ENOUGH = 8  # nodes, to speak of far away


def check_geometry(network: Network, topology: Topology) -> Iterator[Issue]:
    """Yield assets without a shape, double points, ends that miss, odd lengths and points out of town.

    Where coordinates are degrees, only what needs no metres is looked at.
    """
    tell = Teller(topology, drawn(network))
    laid = np.isin(topology.link_type, ["conduit", "channel"])
    for link in np.flatnonzero(laid & np.isnan(tell.where.first[:, 0])):
        yield tell.link("geometry.no-shape", link)
    yield from _far(tell)
    if in_metres(network):
        yield from _same_place(topology, tell)
        yield from _ends(topology, tell)
        yield from _lengths(network, tell)


def _far(tell: Teller) -> Iterator[Issue]:
    """Yield nodes more than ten interquartile ranges away from the middle of all."""
    there = ~np.isnan(tell.where.nodes[:, 0])
    if there.sum() < ENOUGH:
        return
    low, middle, high = np.percentile(tell.where.nodes[there], [25, 50, 75], axis=0)
    span = np.max(high - low)  # a city along a river is narrow one way, not far the other
    away = np.max(np.abs(tell.where.nodes - middle), axis=1)
    if not span:
        return
    for node in np.flatnonzero(away > FAR * span):
        yield tell.node(
            "geometry.far-away",
            node,
            distance=float(away[node]),
            x=tell.where.nodes[node, 0],
            y=tell.where.nodes[node, 1],
        )


def _same_place(topology: Topology, tell: Teller) -> Iterator[Issue]:
    there = np.flatnonzero(~np.isnan(tell.where.nodes[:, 0]))
    if not len(there):
        return
    pairs = cKDTree(tell.where.nodes[there]).query_pairs(SAME_PLACE, output_type="ndarray")
    for one, other in there[pairs[np.lexsort(pairs.T)]]:
        yield tell.node(
            "geometry.duplicate-point", other, other=tell.name(one), other_type=topology.node_type[one]
        )


def _distance(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.hypot(*(one - other).T))


def _ends(topology: Topology, tell: Teller) -> Iterator[Issue]:
    """Yield lines drawn against their ends, and ends drawn away from their node."""
    nodes = np.vstack([tell.where.nodes, [[np.nan, np.nan]]])
    start, end = nodes[topology.link_from], nodes[topology.link_to]
    off_first, off_last = _distance(tell.where.first, start), _distance(tell.where.last, end)
    turned = (_distance(tell.where.first, end) <= SNAP) & (_distance(tell.where.last, start) <= SNAP)
    turned &= (off_first > SNAP) & (off_last > SNAP)
    for link in np.flatnonzero(turned):
        yield tell.link("geometry.drawn-backwards", link)
    for off, node in ((off_first, topology.link_from), (off_last, topology.link_to)):
        for link in np.flatnonzero((off > SNAP) & ~turned):
            yield tell.link(
                "geometry.end-misses", link, node=tell.name(node[link]), distance=float(off[link])
            )


def _lengths(network: Network, tell: Teller) -> Iterator[Issue]:
    surveyed = numbers(network, "link", "length")
    apart = np.abs(surveyed - tell.where.length)
    odd = (apart > DIFFERS_BY) & (apart > DIFFERS * np.maximum(surveyed, tell.where.length)) & (surveyed > 0)
    for link in np.flatnonzero(odd):
        yield tell.link(
            "geometry.length-differs",
            link,
            surveyed=float(surveyed[link]),
            drawn=float(tell.where.length[link]),
        )
