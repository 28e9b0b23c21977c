"""Does the drawing agree with itself and with the figures?"""

from collections.abc import Iterator

import numpy as np

from wenqu.network.checks.crossings import crossings, manholes_on_pipes
from wenqu.network.checks.doubles import doubles
from wenqu.network.checks.telling import Found, names, on_links, on_nodes
from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.town import check_place, out_of_town
from wenqu.network.checks.whole import Whole, numbers
from wenqu.network.geometry import Floats


def check_geometry(whole: Whole) -> Iterator[Found]:
    """Yield what is not drawn, drawn twice, beside, across, too long or out of town.

    Where coordinates are degrees, only what needs no metres is looked at.
    """
    laid = whole.are("link", "conduit", "channel")
    yield on_links("geometry.no-shape", np.flatnonzero(laid & np.isnan(whole.drawn.first[:, 0])))
    yield from check_place(whole)
    if whole.in_metres:
        yield _same_place(whole)
        yield from _ends(whole)
        yield _lengths(whole)
        yield from _unjoined(whole)


def _same_place(whole: Whole) -> Found:
    graph = whole.topology
    one, other = doubles(whole)
    ids, types = graph.node_ids[one], graph.node_type[one]
    return on_nodes("geometry.duplicate-point", other, other=ids, other_type=types)


def _distance(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.hypot(*(one - other).T))


def _ends(whole: Whole) -> Iterator[Found]:
    """Yield lines drawn against their ends, and ends drawn beside or away from their node."""
    graph, drawn, snap = whole.topology, whole.drawn, threshold("snap")
    start, end = whole.ends()
    strange = np.append(out_of_town(whole), False)
    start, end = (
        np.where(strange[node][:, None], np.nan, at)
        for node, at in ((graph.link_from, start), (graph.link_to, end))
    )
    off_first, off_last = _distance(drawn.first, start), _distance(drawn.last, end)
    turned = (_distance(drawn.first, end) <= snap) & (_distance(drawn.last, start) <= snap)
    turned &= (off_first > snap) & (off_last > snap)
    yield on_links("geometry.drawn-backwards", np.flatnonzero(turned))
    for side, off, node in (("from_id", off_first, graph.link_from), ("to_id", off_last, graph.link_to)):
        for code, wrong in (
            ("geometry.end-misses", (off > snap) & ~turned),
            ("geometry.near-miss", (off <= snap) & (off > threshold("touch"))),
        ):
            links = np.flatnonzero(wrong)
            yield on_links(code, links, side=side, node=names(whole, node[links]), distance=off[links])


def _lengths(whole: Whole) -> Found:
    surveyed, drawn = numbers(whole.network, "link", "length"), whole.drawn.length
    apart = np.abs(surveyed - drawn)
    odd = (apart > threshold("differs_by")) & (surveyed > 0)
    odd &= apart > threshold("differs") * np.maximum(surveyed, drawn)
    strange = np.append(out_of_town(whole), False)
    odd &= ~strange[whole.topology.link_from] & ~strange[whole.topology.link_to]
    links = np.flatnonzero(odd)
    return on_links("geometry.length-differs", links, surveyed=surveyed[links], drawn=drawn[links])


def _unjoined(whole: Whole) -> Iterator[Found]:
    """Yield lines that cross without a node, and manholes on a line that passes by."""
    graph = whole.topology
    one, other, at = crossings(whole)
    yield on_links("geometry.crossing", one, other=graph.link_ids[other], x=at[:, 0], y=at[:, 1])
    node, link = manholes_on_pipes(whole)
    yield on_nodes("geometry.manhole-on-pipe", node, link=graph.link_ids[link])
