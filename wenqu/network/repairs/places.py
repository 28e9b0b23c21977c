"""How is a point put right that lies out of town?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.thresholds import threshold
from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing, repair, snapped
from wenqu.network.schema import asset_type


def explained(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the point where it lies without the slip, then what any stray point may do."""
    slip = str(issue.facts.get("slip", "swapped"))
    key = {"swapped": "swap-axes", "prefix": "drop-prefix", "shifted": "unshift"}.get(slip, "change-zone")
    place = np.array([issue.facts["to_x"], issue.facts["to_y"]], dtype=np.float64)
    sure = Sure.LIKELY if slip.startswith("EPSG:45") else Sure.CERTAIN
    yield _moved(seen, issue, key, place, sure)
    yield from stray(seen, issue)


def stray(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the place where the links of a node say it is, else no place."""
    said = _said_by_links(seen, issue)
    if said is not None:
        yield _moved(seen, issue, "move-to-links", said, Sure.LIKELY)
    yield repair(issue, "no-place", [Edit(issue.type, issue.asset, parts=())], Sure.POSSIBLE)


def _moved(seen: Seeing, issue: Issue, key: str, place: Floats, sure: Sure) -> Repair:
    """Return the edits that move a point, and the ends of links that were drawn to the wrong place."""
    edits = [Edit(issue.type, issue.asset, parts=(place[None, :],))]
    if asset_type(issue.type).role == "node":
        node = seen.index(issue)
        wrong = seen.drawn.nodes[node]
        for link in seen.links_at(node):
            type_, id_ = seen.link_name(link)
            pieces = seen.parts(type_, id_)
            for first in (True, False):
                vertex = pieces[0 if first else -1][0 if first else -1] if pieces else None
                if vertex is not None and np.hypot(*(vertex - wrong)) <= threshold("snap"):
                    pieces = snapped(pieces, place, first=first)
                    edits.append(Edit(type_, id_, parts=pieces))
    return repair(issue, key, edits, sure, x=float(place[0]), y=float(place[1]))


def _said_by_links(seen: Seeing, issue: Issue) -> Floats | None:
    """Return where the drawn ends of a node's links meet, if they do and it is not where the node lies."""
    if asset_type(issue.type).role != "node":
        return None
    node, graph = seen.index(issue), seen.topology
    ends = [
        (seen.drawn.first if graph.link_from[link] == node else seen.drawn.last)[link]
        for link in seen.links_at(node)
    ]
    places = np.array([end for end in ends if np.isfinite(end).all()], dtype=np.float64).reshape(-1, 2)
    if not len(places) or np.hypot(*(places - places[0]).T).max() > threshold("snap"):
        return None
    if np.hypot(*(places[0] - seen.drawn.nodes[node])) <= threshold("snap"):
        return None
    return np.asarray(places[0])


PROPOSALS = {
    "geometry.swapped-axes": explained,
    "geometry.wrong-zone": explained,
    "geometry.shifted": explained,
    "geometry.outside": stray,
    "geometry.far-away": stray,
}
