"""How is an end put right that is not named, names nobody, or is drawn beside its node?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.thresholds import threshold
from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import SIDES, Seeing, repair, snapped

NEAR = 20.0  # [m] nodes within this reach of a loose end are proposed
MOST = 3  # proposals of one kind


def _place(seen: Seeing, issue: Issue, side: str) -> tuple[Floats | None, bool]:
    """Return where one end of a link is drawn, and whether that is the first vertex of the drawing.

    Where the other end's node lies at the vertex that should be this end, the line was drawn backwards.
    """
    pieces = seen.parts(issue.type, issue.asset)
    if not pieces:
        return None, True
    first = side == "from_id"
    start, end = seen.ends_of(issue.type, issue.asset)
    known = end if first else start
    at = (pieces[0][0], pieces[-1][-1])
    if known >= 0:
        to_first, to_last = (np.hypot(*(seen.drawn.nodes[known] - place)) for place in at)
        reach = threshold("snap")
        if (to_first if first else to_last) <= reach < (to_last if first else to_first):
            first = not first
    return at[0 if first else 1], first


def _sides(seen: Seeing, issue: Issue) -> list[str]:
    """Return the ends of the link that are not known."""
    nodes = seen.ends_of(issue.type, issue.asset)
    said = issue.facts.get("side")
    loose = [side for side, node in zip(SIDES, nodes, strict=True) if node < 0]
    return [said] if isinstance(said, str) and said in SIDES else loose


def _joined(seen: Seeing, issue: Issue, side: str, node: int) -> Edit:
    """Return the edit that joins one end of a link to a node and draws it to there."""
    _, first = _place(seen, issue, side)
    pieces = seen.parts(issue.type, issue.asset)
    drawn = snapped(pieces, seen.drawn.nodes[node], first=first) if pieces else None
    return Edit(issue.type, issue.asset, {side: seen.name(node)}, parts=drawn)


def _connect(seen: Seeing, issue: Issue, side: str, within: float) -> Iterator[Repair]:
    """Yield the nodes near a drawn end, nearest first; certain when one alone is in snapping reach."""
    place, _ = _place(seen, issue, side)
    if place is None:
        return
    near = seen.near(place, within, but=seen.ends_of(issue.type, issue.asset))
    reach = threshold("snap")
    alone = len([1 for distance, _ in near if distance <= reach]) == 1
    for distance, node in near[:MOST]:
        sure = Sure.POSSIBLE if distance > reach else Sure.CERTAIN if alone else Sure.LIKELY
        facts = {"node": seen.name(node), "distance": distance, "side": side}
        yield repair(issue, "connect-end", [_joined(seen, issue, side, node)], sure, **facts)


def _new_manhole(seen: Seeing, issue: Issue, side: str) -> Iterator[Repair]:
    place, _ = _place(seen, issue, side)
    if place is None:
        return
    said = issue.facts.get("node")
    name = seen.fresh(said if isinstance(said, str) and said else f"{issue.asset}-{side[:-3]}")
    level = seen.value(issue.type, issue.asset, side.replace("_id", "_invert"))
    fields = {"system": seen.value(issue.type, issue.asset, "system"), "invert_level": level}
    made = Edit("manhole", name, {k: v for k, v in fields.items() if v is not None}, parts=(place[None, :],))
    edits = [made, Edit(issue.type, issue.asset, {side: name})]
    yield repair(issue, "insert-manhole", edits, Sure.POSSIBLE, node=name)


def loose_end(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the nodes that an end without a known node may mean, and a new one."""
    for side in _sides(seen, issue):
        yield from _connect(seen, issue, side, NEAR)
        yield from _new_manhole(seen, issue, side)
    yield repair(issue, "drop-link", [Edit(issue.type, issue.asset, gone=True)], Sure.POSSIBLE)


def same_node(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the other node that a link which returns to its own node may mean."""
    node = seen.ends_of(issue.type, issue.asset)[0]
    pieces = seen.parts(issue.type, issue.asset)
    if pieces:
        ends = (pieces[0][0], pieces[-1][-1])
        far = max(range(2), key=lambda n: float(np.hypot(*(ends[n] - seen.drawn.nodes[node]))))
        near = seen.near(ends[far], NEAR, but=(node,))
        reach = threshold("snap")
        alone = len([1 for distance, _ in near if distance <= reach]) == 1
        for distance, other in near[:MOST]:
            side = SIDES[far]
            edit = Edit(
                issue.type,
                issue.asset,
                {side: seen.name(other)},
                parts=snapped(pieces, seen.drawn.nodes[other], first=far == 0),
            )
            sure = Sure.CERTAIN if distance <= reach and alone else Sure.POSSIBLE
            facts = {"node": seen.name(other), "distance": distance, "side": side}
            yield repair(issue, "connect-end", [edit], sure, **facts)
    yield repair(issue, "drop-link", [Edit(issue.type, issue.asset, gone=True)], Sure.LIKELY)


def beside(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the node at the drawn end, if there is another one, and the drawing snapped to the named node."""
    side = str(issue.facts["side"])
    start, end = seen.ends_of(issue.type, issue.asset)
    node = start if side == "from_id" else end
    pieces = seen.parts(issue.type, issue.asset)
    place = pieces[0][0] if side == "from_id" else pieces[-1][-1]
    distance = float(np.hypot(*(seen.drawn.nodes[node] - place)))
    misses = issue.code == "geometry.end-misses"
    near = seen.near(place, threshold("snap"), but=(start, end)) if misses else []
    if len(near) == 1:
        other = near[0][1]
        edit = Edit(
            issue.type,
            issue.asset,
            {side: seen.name(other)},
            parts=snapped(pieces, seen.drawn.nodes[other], first=side == "from_id"),
        )
        facts = {"node": seen.name(other), "distance": near[0][0], "side": side}
        yield repair(issue, "connect-end", [edit], Sure.LIKELY, **facts)
    moved = snapped(pieces, seen.drawn.nodes[node], first=side == "from_id")
    if issue.code == "geometry.near-miss":  # both ends, so that one repair serves both findings
        for first, at in ((True, start), (False, end)):
            vertex = moved[0][0] if first else moved[-1][-1]
            if at >= 0 and np.hypot(*(seen.drawn.nodes[at] - vertex)) <= threshold("snap"):
                moved = snapped(moved, seen.drawn.nodes[at], first=first)
    sure = Sure.CERTAIN if distance <= threshold("snap") else Sure.LIKELY
    facts = {"node": seen.name(node), "distance": distance}
    yield repair(issue, "snap-end", [Edit(issue.type, issue.asset, parts=moved)], sure, **facts)


PROPOSALS = {
    "connectivity.no-end": loose_end,
    "connectivity.unknown-end": loose_end,
    "connectivity.same-node": same_node,
    "geometry.end-misses": beside,
    "geometry.near-miss": beside,
}
