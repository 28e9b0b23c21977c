"""How is a part put right that leads nowhere, twice, in a circle, or into the wrong system?"""

from collections.abc import Iterator

import numpy as np

from wenqu.issues import Issue
from wenqu.network.edits import Edit
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.repairs.seeing import Seeing, repair, swapped_ends
from wenqu.network.repairs.splitting import split
from wenqu.network.schema import asset_type

REACH = 100.0  # [m] how far a missing pipe may bridge
BESIDE = 5.0  # [m] how far an unconnected manhole may lie from the pipe it belongs to
MOST = 2


def duplicate_line(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the removal of the later of two equal links; what only it knows goes to the other."""
    other = str(issue.facts["other"])
    own, kept = seen.fields(issue.type, issue.asset), seen.fields(issue.type, other)
    told = {name: value for name, value in own.items() if name not in kept and name[-3:] != "_id"}
    edits = [Edit(issue.type, issue.asset, gone=True)]
    if told:
        edits.insert(0, Edit(issue.type, other, told))
    yield repair(issue, "drop-duplicate", edits, Sure.LIKELY, other=other, merged=", ".join(told) or "-")


def duplicate_point(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the merging of two nodes in one place; links of the later one go to the earlier one."""
    other, type_ = str(issue.facts["other"]), str(issue.facts["other_type"])
    node = seen.index(issue)
    edits: list[Edit] = []
    for link in seen.links_at(node):
        link_type, link_id = seen.link_name(link)
        ends = [seen.name(end) if end >= 0 else None for end in seen.ends_of(link_type, link_id)]
        if other in ends:
            edits.append(Edit(link_type, link_id, gone=True))
            continue
        sides = {
            side: other for side, end in zip(("from_id", "to_id"), ends, strict=True) if end == issue.asset
        }
        edits.append(Edit(link_type, link_id, sides))
    if type_ == issue.type:
        own, kept = seen.fields(issue.type, issue.asset), seen.fields(type_, other)
        told = {name: value for name, value in own.items() if name not in kept}
        edits += [Edit(type_, other, told)] if told else []
    edits.append(Edit(issue.type, issue.asset, gone=True))
    sure = Sure.LIKELY if type_ == issue.type else Sure.POSSIBLE
    yield repair(issue, "merge-nodes", edits, sure, other=other, links=len(seen.links_at(node)))


def orphan(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the loose end or the pipe beside an unconnected manhole, and its closing."""
    node = seen.index(issue)
    place = seen.drawn.nodes[node]
    if np.isfinite(place).all():
        for distance, link, side in _loose_ends(seen, place)[:MOST]:
            type_, id_ = seen.link_name(link)
            edit = Edit(type_, id_, {side: issue.asset})
            yield repair(issue, "connect-orphan", [edit], Sure.LIKELY, link=id_, distance=distance)
        for distance, link in _beside(seen, place)[:MOST]:
            type_, id_ = seen.link_name(link)
            edits = split(seen, (type_, id_), (issue.type, issue.asset))
            if edits:
                yield repair(issue, "split-at-manhole", edits, Sure.POSSIBLE, link=id_, distance=distance)
    gone = Edit(issue.type, issue.asset, gone=True)
    yield repair(issue, "close-orphan", [gone], Sure.POSSIBLE)
    yield repair(issue, "abandon", [Edit(issue.type, issue.asset, {"status": "abandoned"})], Sure.POSSIBLE)


def _loose_ends(seen: Seeing, place: np.ndarray) -> list[tuple[float, int, str]]:
    graph, found = seen.topology, []
    for side, ends, at in (
        ("from_id", graph.link_from, seen.drawn.first),
        ("to_id", graph.link_to, seen.drawn.last),
    ):
        links = np.flatnonzero(ends < 0)
        away = np.hypot(*(at[links] - place).T)
        found += [(float(away[n]), int(links[n]), side) for n in np.flatnonzero(away <= BESIDE)]
    return sorted(found)


def _beside(seen: Seeing, place: np.ndarray) -> list[tuple[float, int]]:
    """Return the pipes that pass within a few metres of a place, nearest first."""
    box = np.hypot(*(seen.drawn.middle - place).T) <= np.nan_to_num(seen.drawn.length) + BESIDE
    found = []
    for link in np.flatnonzero(box & seen.gravity):
        lines = seen.parts(*seen.link_name(int(link)))
        away = min((_distance(line, place) for line in lines), default=np.inf)
        if away <= BESIDE:
            found.append((away, int(link)))
    return sorted(found)


def _distance(line: np.ndarray, place: np.ndarray) -> float:
    start, along = line[:-1], np.diff(line, axis=0)
    share = ((place - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12)
    nearest = start + np.clip(share, 0.0, 1.0)[:, None] * along
    return float(np.hypot(*(nearest - place).T).min())


def _outfall(seen: Seeing, node: int) -> list[Edit]:
    """Return the edits that make an outfall of a manhole."""
    type_, id_ = seen.node_name(node)
    known = {entry.name for entry in asset_type("outfall").fields}
    fields = {k: v for k, v in seen.fields(type_, id_).items() if k in known and k != "kind"}
    return [Edit(type_, id_, gone=True), Edit("outfall", id_, fields, parts=seen.parts(type_, id_))]


def _bridge(seen: Seeing, node: int, but: set[int]) -> Iterator[tuple[float, int, list[Edit]]]:
    """Yield a new pipe from a node to each of the nearest nodes that lie no higher."""
    place, floor = seen.drawn.nodes[node], seen.levels.invert
    graph = seen.topology
    entering = graph.in_link[graph.in_start[node] : graph.in_start[node + 1]]
    bores = seen.bore[entering]
    height = float(np.nanmax(bores)) if len(bores) and not np.isnan(bores).all() else None
    found = 0
    for distance, other in seen.near(place, REACH, but=(node, *but)):
        type_ = str(graph.node_type[other])
        if floor[other] > floor[node] or type_ == "gully" or found == MOST:
            continue
        found += 1
        fields = {"from_id": seen.name(node), "to_id": seen.name(other), "height": height}
        system = seen.system[entering[0]] if len(entering) else None
        fields |= {"system": system, "data_source": "inferred"}
        known = {name: value for name, value in fields.items() if value is not None}
        line = np.vstack([place, seen.drawn.nodes[other]])
        name = seen.fresh(f"{seen.name(node)}-{seen.name(other)}")
        yield distance, other, [Edit("conduit", name, known, parts=(line,))]


def dead_end(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield a link entered against its flow, an outfall, and a missing pipe."""
    node, graph = seen.index(issue), seen.topology
    ways = np.diff(graph.out_start)
    entering = graph.in_link[graph.in_start[node] : graph.in_start[node + 1]]
    for link in entering.tolist():
        start = graph.link_from[link]
        if start >= 0 and ways[start] > 1 and not seen.levels.link_from[link] > seen.levels.link_to[link]:
            type_, id_ = seen.link_name(link)
            edit = swapped_ends(seen, type_, id_, drawing=True)
            yield repair(issue, "swap-ends", [edit], Sure.LIKELY, link=id_)
    above = {int(end) for end in graph.link_from[entering] if end >= 0}
    for distance, other, edits in _bridge(seen, node, above):
        facts = {"node": seen.name(other), "distance": distance}
        yield repair(issue, "new-pipe", edits, Sure.POSSIBLE, **facts)
    yield repair(issue, "make-outfall", _outfall(seen, node), Sure.POSSIBLE)


def isolated(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield a pipe from the lowest node of a lost part to the drained network, and an outfall there."""
    part = _part(seen, seen.index(issue))
    graph = seen.topology
    ends = [n for n in part if graph.out_start[n + 1] == graph.out_start[n]] or part
    lowest = min(ends, key=lambda n: (np.nan_to_num(seen.levels.invert[n], nan=np.inf), n))
    for distance, other, edits in _bridge(seen, lowest, set(part)):
        facts = {"start": seen.name(lowest), "node": seen.name(other), "distance": distance}
        yield repair(issue, "new-pipe", edits, Sure.POSSIBLE, **facts)
    yield repair(issue, "make-outfall", _outfall(seen, lowest), Sure.POSSIBLE)


def _part(seen: Seeing, node: int) -> list[int]:
    graph, reached, left = seen.topology, {node}, [node]
    while left:
        here = left.pop()
        for link in seen.links_at(here):
            for end in (int(graph.link_from[link]), int(graph.link_to[link])):
                if end >= 0 and end not in reached:
                    reached.add(end)
                    left.append(end)
    return sorted(reached)


def loop(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the turning, then the removal, of the link of a loop that rises most."""
    graph, node = seen.topology, seen.index(issue)
    group = graph.group[node]
    inside = np.flatnonzero((graph.link_from >= 0) & (graph.link_to >= 0))
    inside = inside[
        (graph.group[graph.link_from[inside]] == group) & (graph.group[graph.link_to[inside]] == group)
    ]
    floor = seen.levels.invert
    rise = np.nan_to_num(floor[graph.link_to[inside]] - floor[graph.link_from[inside]])
    link = int(inside[np.argmax(rise)])
    type_, id_ = seen.link_name(link)
    sure = Sure.LIKELY if rise.max() > 0 and type_ in {"conduit", "channel"} else Sure.POSSIBLE
    yield repair(issue, "swap-ends", [swapped_ends(seen, type_, id_, drawing=True)], sure, link=id_)
    yield repair(issue, "drop-loop-link", [Edit(type_, id_, gone=True)], Sure.POSSIBLE, link=id_)


def mixed(seen: Seeing, issue: Issue) -> Iterator[Repair]:
    """Yield the other kind of water for a link that was coded wrongly, and the record of a misconnection."""
    other = "storm" if issue.code.endswith("into-storm") else "sanitary"
    graph, start = seen.topology, seen.ends_of(issue.type, issue.asset)[0]
    above = (
        graph.in_link[graph.in_start[start] : graph.in_start[start + 1]]
        if start >= 0
        else np.empty(0, np.int64)
    )
    waters = {seen.system[link] for link in above} - {None}
    recoded = repair(
        issue,
        "set-system",
        [Edit(issue.type, issue.asset, {"system": other})],
        Sure.LIKELY if waters == {other} else Sure.POSSIBLE,
        value=other,
    )
    if not seen.has(issue.type, "misconnected"):
        yield recoded
        return
    marked = repair(
        issue, "mark-misconnected", [Edit(issue.type, issue.asset, {"misconnected": True})], Sure.POSSIBLE
    )
    yield from (recoded, marked) if waters <= {other} and waters else (marked, recoded)


PROPOSALS = {
    "connectivity.duplicate-line": duplicate_line,
    "geometry.duplicate-point": duplicate_point,
    "connectivity.orphan-manhole": orphan,
    "connectivity.dead-end": dead_end,
    "connectivity.isolated": isolated,
    "connectivity.loop": loop,
    "connectivity.sewage-into-storm": mixed,
    "connectivity.storm-into-sanitary": mixed,
}
