"""What does a proposal look at? One network with its topology, its places, and edits of its assets."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from wenqu.issues import Issue
from wenqu.network.checks.telling import rule
from wenqu.network.checks.whole import Whole
from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats
from wenqu.network.model import Assets
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.schema import asset_type

Point = tuple[float, float]
SIDES = ("from_id", "to_id")
PAIRED = ("invert", "offset", "crown", "cover", "id")  # fields that a link has at both ends


class Seeing(Whole):
    """A network as proposals ask of it."""

    @cached_property
    def firsts(self) -> dict[str, int]:
        """Return where each type begins in the topology's nodes or links."""
        starts: dict[str, int] = {}
        for types in (self.topology.node_type, self.topology.link_type):
            if len(types):
                changes = np.flatnonzero(types[1:] != types[:-1]) + 1
                starts |= {str(types[at]): int(at) for at in (0, *changes)}
        return starts

    @cached_property
    def _placed(self) -> tuple[cKDTree, np.ndarray]:
        there = np.flatnonzero(~np.isnan(self.drawn.nodes[:, 0]))
        return cKDTree(self.drawn.nodes[there]), there

    def near(self, place: Floats, within: float, but: tuple[int, ...] = ()) -> list[tuple[float, int]]:
        """Return the nodes near a place with their distance, nearest first."""
        tree, there = self._placed
        if not len(there) or not np.isfinite(place).all():
            return []
        found = [int(there[n]) for n in tree.query_ball_point(place, within)]
        return sorted((float(np.hypot(*(self.drawn.nodes[n] - place))), n) for n in found if n not in but)

    def table(self, type_: str) -> Assets:
        """Return the table of a type."""
        return self.network.table(type_)

    def index(self, issue: Issue) -> int:
        """Return the number of the issue's node or link in the topology."""
        return self.firsts[issue.type] + self.network.row(issue.type, issue.asset)

    def name(self, node: int) -> str:
        """Return the id of a node."""
        return str(self.topology.node_ids[node])

    def has(self, type_: str, field: str) -> bool:
        """Tell whether a type has a field."""
        return any(entry.name == field for entry in asset_type(type_).fields)

    def value(self, type_: str, id_: str, field: str) -> object:
        """Return a value of an asset, None where it is missing."""
        if not self.has(type_, field):
            return None
        value = self.table(type_).column(field)[self.network.row(type_, id_)]
        value = value.item() if isinstance(value, np.generic) else value
        return None if isinstance(value, float) and np.isnan(value) else value

    def parts(self, type_: str, id_: str) -> tuple[Floats, ...]:
        """Return the drawing of an asset."""
        shapes, row = self.table(type_).shapes, self.network.row(type_, id_)
        spans = range(shapes.assets[row], shapes.assets[row + 1])
        return tuple(shapes.coords[shapes.parts[n] : shapes.parts[n + 1]] for n in spans)

    def fields(self, type_: str, id_: str) -> dict[str, object]:
        """Return all known values of an asset."""
        row = self.network.row(type_, id_)
        found: dict[str, object] = {}
        for entry in asset_type(type_).fields:
            if entry.name not in self.table(type_).fields:
                continue
            value = self.table(type_).fields[entry.name][row]
            value = value.item() if isinstance(value, np.generic) else value
            if entry.kind == "boolean":
                value = {1: True, 0: False}.get(value)
            if value is not None and not (isinstance(value, float) and np.isnan(value)):
                found[entry.name] = value
        return found

    def ends_of(self, type_: str, id_: str) -> tuple[int, int]:
        """Return the nodes of a link, -1 where not known."""
        link = self.firsts[type_] + self.network.row(type_, id_)
        return int(self.topology.link_from[link]), int(self.topology.link_to[link])

    def links_at(self, node: int) -> list[int]:
        """Return the links that leave or enter a node."""
        graph = self.topology
        leaving = graph.out_link[graph.out_start[node] : graph.out_start[node + 1]]
        entering = graph.in_link[graph.in_start[node] : graph.in_start[node + 1]]
        return list(dict.fromkeys([*leaving.tolist(), *entering.tolist()]))

    def link_name(self, link: int) -> tuple[str, str]:
        """Return type and id of a link."""
        return str(self.topology.link_type[link]), str(self.topology.link_ids[link])

    def node_name(self, node: int) -> tuple[str, str]:
        """Return type and id of a node."""
        return str(self.topology.node_type[node]), str(self.topology.node_ids[node])

    def fresh(self, name: str) -> str:
        """Return an id that no asset has: the name, else the name with a number."""
        taken = self.once("names", lambda: {str(id_) for t in self.network.tables.values() for id_ in t.ids})
        if name not in taken:
            return name
        return next(f"{name}-{n}" for n in range(2, len(taken) + 3) if f"{name}-{n}" not in taken)


def repair(
    issue: Issue, key: str, edits: list[Edit] | tuple[Edit, ...], sure: Sure, **facts: object
) -> Repair:
    """Return a proposal for an issue."""
    return Repair(issue.code, key, issue.type, issue.asset, tuple(edits), sure, facts)


def kept(issue: Issue) -> Iterator[Repair]:
    """Yield the proposal to leave everything as it is, where the rule allows it."""
    if issue.asset and rule(issue.code).confirmable:
        yield repair(issue, "keep", (), Sure.POSSIBLE)


def snapped(parts: tuple[Floats, ...], place: Floats | Point, *, first: bool) -> tuple[Floats, ...]:
    """Return a drawing whose first or last vertex lies at a place."""
    made = [np.array(part, dtype=np.float64) for part in parts]
    made[0 if first else -1][0 if first else -1] = place
    return tuple(made)


def turned(parts: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """Return a drawing from its end to its start."""
    return tuple(part[::-1].copy() for part in reversed(parts))


def swapped_ends(seen: Seeing, type_: str, id_: str, *, drawing: bool) -> Edit:
    """Return the edit that swaps the ends of a link and everything said of either end."""
    names = [(f"from_{name}", f"to_{name}") for name in PAIRED if seen.has(type_, f"from_{name}")]
    fields: dict[str, object] = {}
    for one, other in names:
        a, b = seen.value(type_, id_, one), seen.value(type_, id_, other)
        if a is not None or b is not None:
            fields |= {one: b, other: a}
    parts = seen.parts(type_, id_)
    return Edit(type_, id_, fields, parts=turned(parts) if drawing and parts else None)
