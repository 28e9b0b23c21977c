"""How is a drawing put right that is missing, backwards, or passes a manhole or another pipe?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.edits import Edit
from wenqu.network.repairs.heights import turned_round
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing, repair, turned
from wenqu.network.repairs.splitting import split


def straight(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the straight line between the two nodes."""
    start, end = seen.ends_of(issue.type, issue.asset)
    if start >= 0 and end >= 0 and start != end:
        line = seen.drawn.nodes[[start, end]]
        if np.isfinite(line).all():
            edit = Edit(issue.type, issue.asset, parts=(line,))
            yield repair(issue, "draw-straight", [edit], Sure.CERTAIN)


def backwards(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the drawing turned round; where the levels rise, the ends swapped instead."""
    link = seen.index(issue)
    rises = bool(seen.levels.link_to[link] > seen.levels.link_from[link])
    parts = turned(seen.parts(issue.type, issue.asset))
    drawing = Edit(issue.type, issue.asset, parts=parts)
    sure = Sure.POSSIBLE if rises else Sure.CERTAIN
    ways = [repair(issue, "turn-drawing", [drawing], sure), *turned_round(seen, issue)]
    if rises:
        ways[:2] = ways[1::-1]
    yield from ways[:2]


def crossing(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield a new manhole at the crossing, through which both lines lead."""
    place = np.array([issue.facts["x"], issue.facts["y"]], dtype=np.float64)
    other = _other(seen, issue)
    name = seen.fresh(f"{issue.asset}-{other[1]}")
    node = ("manhole", name)
    water = seen.value(issue.type, issue.asset, "system")
    made = Edit("manhole", name, {"system": water} if water else {}, parts=(place[None, :],))
    edits = [made]
    for link in ((issue.type, issue.asset), other):
        edits += split(seen, link, node, place)
    yield repair(issue, "insert-crossing", edits, Sure.POSSIBLE, node=name, other=other[1])


def _other(seen: Seeing, issue: Issue) -> tuple[str, str]:
    """Return type and id of the line that is crossed."""
    return seen.link_name(seen.topology.link(str(issue.facts["other"])))


def through(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the line split at the manhole that lies on it."""
    link = seen.link_name(seen.topology.link(str(issue.facts["link"])))
    edits = split(seen, link, (issue.type, issue.asset))
    if edits:
        yield repair(issue, "split-at-manhole", edits, Sure.LIKELY, link=link[1], distance=0.0)


PROPOSALS = {
    "geometry.no-shape": straight,
    "geometry.drawn-backwards": backwards,
    "geometry.crossing": crossing,
    "geometry.manhole-on-pipe": through,
}
