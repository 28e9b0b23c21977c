"""How are levels put right that water cannot follow?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.checks.thresholds import threshold
from wenqu.network.edits import Edit
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing, repair, swapped_ends

AGREES = 0.05  # [m] two levels that are meant to be one
SHALLOWEST = 0.3  # [m] a manhole is deeper
LEVELS = ("from_invert", "to_invert", "from_offset", "to_offset")


def adverse(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield swapped inverts, the nodes' own levels, a floor between its neighbours, swapped ends."""
    yield from _swapped_inverts(seen, issue)
    yield from _floors(seen, issue)
    yield from _between(seen, issue)
    edit = swapped_ends(seen, issue.type, issue.asset, drawing=True)
    yield repair(issue, "swap-ends", [edit], Sure.POSSIBLE, link=issue.asset)


def _swapped_inverts(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    one, other = (seen.value(issue.type, issue.asset, name) for name in LEVELS[:2])
    if not isinstance(one, float) or not isinstance(other, float) or other <= one:
        return
    floors = [_floor(seen, node) for node in seen.ends_of(issue.type, issue.asset)]
    fits = sum(abs(level - floor) for level, floor in zip((other, one), floors, strict=True))
    now = sum(abs(level - floor) for level, floor in zip((one, other), floors, strict=True))
    if np.isnan(fits) or fits < now - AGREES:
        edit = Edit(issue.type, issue.asset, {"from_invert": other, "to_invert": one})
        sure = Sure.LIKELY if fits < now else Sure.POSSIBLE
        yield repair(issue, "swap-inverts", [edit], sure, start=other, end=one)


def _floor(seen: Seeing, node: int) -> float:
    return float(seen.levels.invert[node]) if node >= 0 else np.nan


def _floors(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the link's own levels taken away, where the floors of its nodes fall."""
    start, end = (_floor(seen, node) for node in seen.ends_of(issue.type, issue.asset))
    own = {name: None for name in LEVELS if seen.value(issue.type, issue.asset, name)}
    if own and end <= start + threshold("rise"):
        facts = {"start": start, "end": end}
        yield repair(issue, "levels-of-nodes", [Edit(issue.type, issue.asset, own)], Sure.LIKELY, **facts)


def _between(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the floor of a node set between what enters and what leaves, where that lets all of it fall."""
    graph, heights = seen.topology, seen.levels
    for node in seen.ends_of(issue.type, issue.asset):
        if node < 0:
            continue
        entering = graph.in_link[graph.in_start[node] : graph.in_start[node + 1]]
        leaving = graph.out_link[graph.out_start[node] : graph.out_start[node + 1]]
        above, below = heights.link_from[entering], heights.link_to[leaving]
        if not len(above) or not len(below) or np.isnan(above).all() or np.isnan(below).all():
            continue
        low, high = float(np.nanmax(below)), float(np.nanmin(above))
        if low > high:
            continue
        type_, id_ = seen.node_name(node)
        if not seen.has(type_, "invert_level"):
            continue
        level = (low + high) / 2
        edits = [Edit(type_, id_, {"invert_level": level})]
        for links, side in ((entering, "to"), (leaving, "from")):
            for link in links.tolist():
                link_type, link_id = seen.link_name(link)
                own = {
                    name: None
                    for name in (f"{side}_invert", f"{side}_offset")
                    if seen.value(link_type, link_id, name)
                }
                edits += [Edit(link_type, link_id, own)] if own else []
        yield repair(issue, "floor-between", edits, Sure.POSSIBLE, node=id_, level=level)


def turned_round(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the link with its ends swapped, then swapped inverts."""
    edit = swapped_ends(seen, issue.type, issue.asset, drawing=_drawn_forward(seen, issue))
    yield repair(issue, "swap-ends", [edit], Sure.LIKELY, link=issue.asset)
    yield from _swapped_inverts(seen, issue)


def _drawn_forward(seen: Seeing, issue: Issue) -> bool:
    """Tell whether the drawing starts nearer to the first node than to the second."""
    pieces = seen.parts(issue.type, issue.asset)
    start, end = seen.ends_of(issue.type, issue.asset)
    if not pieces or start < 0 or end < 0:
        return False
    place, nodes = pieces[0][0], seen.drawn.nodes
    return bool(np.hypot(*(nodes[start] - place)) <= np.hypot(*(nodes[end] - place)))


def floor_above_ground(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield swapped levels, the floor by the depth, the lowest pipe end as floor, and no floor."""
    node = seen.index(issue)
    ground, invert, depth = (
        seen.value(issue.type, issue.asset, name) for name in ("ground_level", "invert_level", "depth")
    )
    lowest = _lowest_end(seen, node)
    if isinstance(depth, float) and isinstance(ground, float) and depth > 0:
        level = ground - depth
        swapped = isinstance(invert, float) and abs(invert - depth - ground) <= AGREES
        if swapped:
            edit = Edit(issue.type, issue.asset, {"ground_level": invert, "invert_level": ground})
            yield repair(issue, "swap-levels", [edit], Sure.CERTAIN, ground=invert, invert=ground)
        sure = Sure.CERTAIN if not swapped and abs(lowest - level) <= AGREES else Sure.LIKELY
        edit = Edit(issue.type, issue.asset, {"invert_level": level})
        yield repair(issue, "floor-by-depth", [edit], sure, invert=level, depth=depth)
    if not np.isnan(lowest) and isinstance(ground, float) and lowest < ground:
        edit = Edit(issue.type, issue.asset, {"invert_level": lowest})
        yield repair(issue, "floor-by-pipes", [edit], Sure.LIKELY, invert=lowest)
    if isinstance(ground, float) and isinstance(invert, float) and invert - ground > SHALLOWEST:
        edit = Edit(issue.type, issue.asset, {"ground_level": invert, "invert_level": ground})
        yield repair(issue, "swap-levels", [edit], Sure.POSSIBLE, ground=invert, invert=ground)
    gone: dict[str, object] = {"invert_level": None, "depth": None}
    own = {name: None for name in gone if seen.has(issue.type, name)}
    yield repair(issue, "no-floor", [Edit(issue.type, issue.asset, own)], Sure.POSSIBLE)


def _lowest_end(seen: Seeing, node: int) -> float:
    """Return the lowest surveyed level of the pipe ends at a node, NaN when there is none. [m]"""
    found = []
    for link in seen.links_at(node):
        type_, id_ = seen.link_name(link)
        ends = zip(("from_invert", "to_invert"), seen.ends_of(type_, id_), strict=True)
        found += [seen.value(type_, id_, side) for side, end in ends if end == node]
    levels = [level for level in found if isinstance(level, float)]
    return min(levels, default=np.nan)


def end_level(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the end of a link at the floor of its node, and the floor at the end."""
    side = str(issue.facts["side"])
    own = dict.fromkeys((side, side.replace("invert", "offset")))
    own = {name: None for name in own if seen.value(issue.type, issue.asset, name)}
    start, end = seen.ends_of(issue.type, issue.asset)
    node = start if side.startswith("from") else end
    type_, id_ = seen.node_name(node)
    yield repair(
        issue,
        "level-of-node",
        [Edit(issue.type, issue.asset, own)],
        Sure.LIKELY,
        node=id_,
        level=_floor(seen, node),
    )
    level = issue.facts["level"]
    if issue.code == "elevation.end-below-floor" and seen.has(type_, "invert_level"):
        edit = Edit(type_, id_, {"invert_level": level})
        yield repair(issue, "floor-to-pipe", [edit], Sure.POSSIBLE, node=id_, level=level)


PROPOSALS = {
    "elevation.adverse-slope": adverse,
    "elevation.reversed": turned_round,
    "elevation.invert-above-ground": floor_above_ground,
    "elevation.end-above-ground": end_level,
    "elevation.end-below-floor": end_level,
}
