"""Which assets of a table does a filter choose? CQL2 (OGC 21-065r2) over columns, in three-valued logic.

A comparison with a missing value is neither true nor false, so that ``NOT height > 0.3`` does not choose
the conduits whose bore nobody knows.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.errors import BadInput
from wenqu.network.geometry import bounds, geometries_from
from wenqu.network.model import Assets
from wenqu.network.schema import asset_type

Flags = npt.NDArray[np.bool_]
Turn = Callable[[shapely.Geometry], shapely.Geometry]

COMPARISONS = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le}
COMPARISONS |= {">=": operator.ge}
ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power, "%": np.mod}
ARITHMETIC |= {"div": np.floor_divide}
SPATIAL = {
    "s_intersects": shapely.intersects,
    "s_equals": shapely.equals,
    "s_disjoint": shapely.disjoint,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
    "s_overlaps": shapely.overlaps,
    "s_crosses": shapely.crosses,
    "s_contains": shapely.contains,
}
TEMPORAL = ("t_after", "t_before", "t_during", "t_equals", "t_intersects", "t_disjoint")
OPERATORS = ("and", "or", "not", "isNull", "between", "in", "like", "casei", *COMPARISONS, *ARITHMETIC)
OPERATORS += (*SPATIAL, *TEMPORAL)
GEOMETRY = "geometry"


@dataclass(frozen=True, slots=True)
class _Truth:
    """Where a condition is true and where it is false; a row in neither is unknown."""

    true: Flags
    false: Flags


@dataclass(frozen=True, slots=True)
class _Values:
    """One value a row and where there is one; ``kind`` is number, text, boolean or date."""

    kind: str
    values: npt.NDArray[Any]
    there: Flags


def chosen(table: Assets, tree: object, turn: Turn | None = None) -> Flags:
    """Return which assets of a table a filter chooses. (n,)

    Parameters
    ----------
    tree
        CQL2 JSON. Numbers are SI, dates ISO, ``id`` is the identity, ``geometry`` the shape.
    turn
        Brings a geometry of the filter into the coordinate system of the table.

    Raises
    ------
    BadInput
        A property, an operator or a comparison does not exist for this table (``filter-property``,
        ``filter-operator``, ``filter-kinds``).
    """
    return _Question(table, turn or (lambda shape: shape)).truth(tree).true


class _Question:
    def __init__(self, table: Assets, turn: Turn) -> None:
        self.table = table
        self.turn = turn
        self.size = len(table)

    def _sure(self, flags: Flags) -> _Truth:
        return _Truth(flags, ~flags)

    def truth(self, tree: object) -> _Truth:
        if isinstance(tree, bool):
            return self._sure(np.full(self.size, tree))
        if not isinstance(tree, dict):
            raise BadInput("filter-kinds", said=str(tree)[:60])
        if "property" in tree:
            given = self.values(tree)
            if given.kind != "boolean":
                raise BadInput("filter-kinds", said=tree["property"])
            flags = given.values.astype(bool)
            return _Truth(flags & given.there, ~flags & given.there)
        name, args = tree.get("op"), tree.get("args")
        if not isinstance(name, str) or not isinstance(args, list):
            raise BadInput("filter-operator", name=str(name), known=", ".join(OPERATORS))
        return self._condition(name, args)

    def _condition(self, name: str, args: Sequence[Any]) -> _Truth:
        """Let the operator answer that takes so many arguments."""
        for names, count, answer in (
            (("and", "or"), 0, self._joined),
            (("not",), 1, self._turned),
            (("isNull",), 1, self._missing),
            (tuple(COMPARISONS), 2, self._compared),
            (("between",), 3, self._between),
            (("in",), 2, self._in),
            (("like",), 2, self._like),
            (tuple(SPATIAL), 2, self._spatial),
            (TEMPORAL, 2, self._temporal),
        ):
            if name in names and count in {0, len(args)}:
                return answer(name, args)
        raise BadInput("filter-operator", name=name, known=", ".join(OPERATORS))

    def _turned(self, _: str, args: Sequence[Any]) -> _Truth:
        inside = self.truth(args[0])
        return _Truth(inside.false, inside.true)

    def _missing(self, _: str, args: Sequence[Any]) -> _Truth:
        return self._sure(~self._there(args[0]))

    def _between(self, _: str, args: Sequence[Any]) -> _Truth:
        low, high = self._compared(">=", args[:2]), self._compared("<=", [args[0], args[2]])
        return _Truth(low.true & high.true, low.false | high.false)

    def _in(self, name: str, args: Sequence[Any]) -> _Truth:
        if not isinstance(args[1], list):
            raise BadInput("filter-kinds", said=name)
        return self._joined("or", [{"op": "=", "args": [args[0], one]} for one in args[1]])

    def _joined(self, name: str, args: Sequence[Any]) -> _Truth:
        true = np.full(self.size, name == "and")
        false = np.full(self.size, name == "or")
        for arg in args:
            one = self.truth(arg)
            if name == "and":
                true, false = true & one.true, false | one.false
            else:
                true, false = true | one.true, false & one.false
        return _Truth(true, false)

    def _there(self, tree: object) -> Flags:
        if isinstance(tree, dict) and tree.get("property") == GEOMETRY:
            return np.diff(self.table.shapes.assets) > 0
        return self.values(tree).there

    def values(self, tree: object) -> _Values:
        """Return what a property, a literal or a sum is in each row."""
        if isinstance(tree, dict) and "property" in tree:
            return self._property(str(tree["property"]))
        if isinstance(tree, dict) and tree.get("op") == "casei" and isinstance(tree.get("args"), list):
            inside = self.values(tree["args"][0])
            return _Values(
                "text", np.array([str(one).casefold() for one in inside.values], object), inside.there
            )
        if isinstance(tree, dict) and tree.get("op") in ARITHMETIC and isinstance(tree.get("args"), list):
            return self._sum(str(tree["op"]), tree["args"])
        return self._literal(tree)

    def _property(self, name: str) -> _Values:
        if name == "id":
            return _Values("text", self.table.ids, np.ones(self.size, bool))
        kinds = {entry.name: entry.kind for entry in asset_type(self.table.type).fields}
        if name not in kinds:
            known = ", ".join(("id", GEOMETRY, *kinds))
            raise BadInput("filter-property", name=name, known=known)
        column = self.table.column(name)
        if kinds[name] in {"number", "integer"}:
            return _Values("number", column, ~np.isnan(column.astype(float)))
        if kinds[name] == "boolean":
            return _Values("boolean", column > 0, column >= 0)
        there = np.array([value is not None for value in column], dtype=bool)
        kind = "date" if kinds[name] == "date" else "text"
        return _Values(
            kind, np.array(["" if value is None else str(value) for value in column], object), there
        )

    def _literal(self, tree: object) -> _Values:
        everywhere = np.ones(self.size, bool)
        if isinstance(tree, bool):
            return _Values("boolean", np.full(self.size, tree), everywhere)
        if isinstance(tree, int | float):
            return _Values("number", np.full(self.size, float(tree)), everywhere)
        if isinstance(tree, str):
            return _Values("text", np.full(self.size, tree, dtype=object), everywhere)
        if isinstance(tree, dict) and ("date" in tree or "timestamp" in tree):
            text = str(tree.get("date") or tree.get("timestamp"))[:10]
            return _Values("date", np.full(self.size, text, dtype=object), everywhere)
        raise BadInput("filter-kinds", said=str(tree)[:60])

    def _sum(self, name: str, args: Sequence[Any]) -> _Values:
        parts = [self.values(arg) for arg in args]
        if len(parts) != 2 or any(part.kind != "number" for part in parts):
            raise BadInput("filter-kinds", said=name)
        with np.errstate(all="ignore"):
            made = ARITHMETIC[name](parts[0].values.astype(float), parts[1].values.astype(float))
        return _Values("number", made, parts[0].there & parts[1].there & np.isfinite(made))

    def _compared(self, name: str, args: Sequence[Any]) -> _Truth:
        one, two = self.values(args[0]), self.values(args[1])
        if {one.kind, two.kind} == {"date", "text"}:  # an ISO date in quotes is a date
            one, two = (_Values("date", part.values, part.there) for part in (one, two))
        if one.kind != two.kind:
            raise BadInput("filter-kinds", said=f"{one.kind} {name} {two.kind}")
        both = one.there & two.there
        flags = np.zeros(self.size, bool)
        flags[both] = np.asarray(COMPARISONS[name](one.values[both], two.values[both]), dtype=bool)
        return _Truth(flags & both, ~flags & both)

    def _like(self, name: str, args: Sequence[Any]) -> _Truth:
        given, pattern = self.values(args[0]), args[1]
        folded = isinstance(pattern, dict) and pattern.get("op") == "casei"
        if folded:
            pattern = str(pattern["args"][0]).casefold()
        if given.kind != "text" or not isinstance(pattern, str):
            raise BadInput("filter-kinds", said=name)
        matches = re.compile(_like_pattern(pattern), re.DOTALL).fullmatch
        flags = np.array([matches(str(value)) is not None for value in given.values], dtype=bool)
        return _Truth(flags & given.there, ~flags & given.there)

    def _spatial(self, name: str, args: Sequence[Any]) -> _Truth:
        left, right = args
        mirrored = {"s_within": "s_contains", "s_contains": "s_within"}
        if _names_geometry(right) and not _names_geometry(left):
            left, right, name = right, left, mirrored.get(name, name)
        if not _names_geometry(left):
            raise BadInput("filter-property", name=str(left)[:40], known=GEOMETRY)
        shape = self.turn(geometry_of(right))
        there = np.diff(self.table.shapes.assets) > 0
        near = there & _touching(bounds(self.table.shapes), shapely.bounds(shape))
        flags = there if name == "s_disjoint" else np.zeros(self.size, bool)
        flags = flags.copy()
        rows = np.flatnonzero(near)
        if len(rows):
            kind = asset_type(self.table.type).geometry
            shapely.prepare(shape)
            flags[rows] = SPATIAL[name](geometries_from(self.table.shapes.take(rows), kind), shape)
        return _Truth(flags & there, ~flags & there)

    def _temporal(self, name: str, args: Sequence[Any]) -> _Truth:
        given = self.values(args[0])
        if given.kind != "date":
            raise BadInput("filter-kinds", said=name)
        first, last = _span(args[1])
        days = np.array([str(value)[:10] for value in given.values], dtype=object)
        after, before = (
            (days > last) if last else np.zeros(self.size, bool),
            (days < first) if first else np.zeros(self.size, bool),
        )
        inside = ~after & ~before
        flags = {
            "t_after": after,
            "t_before": before,
            "t_during": inside & (days != first) & (days != last),
            "t_equals": inside & (first == last),
            "t_intersects": inside,
            "t_disjoint": ~inside,
        }[name]
        return _Truth(flags & given.there, ~flags & given.there)


def _names_geometry(tree: object) -> bool:
    return isinstance(tree, dict) and tree.get("property") == GEOMETRY


def _touching(boxes: npt.NDArray[np.float64], box: Sequence[float]) -> Flags:
    west, south, east, north = box
    with np.errstate(invalid="ignore"):
        touching = (
            (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        )
    return np.asarray(touching, dtype=bool)


def geometry_of(tree: object) -> shapely.Geometry:
    """Return the geometry of a filter: GeoJSON or a box.

    Raises
    ------
    BadInput
        It is neither, or impossible (``filter-geometry``).
    """
    if isinstance(tree, dict) and ("bbox" in tree or tree.get("op") in {"BBOX", "ENVELOPE", "bbox"}):
        corners = tree.get("bbox", tree.get("args"))
        if isinstance(corners, list) and len(corners) in {4, 6}:
            half = len(corners) // 2
            return shapely.box(corners[0], corners[1], corners[half], corners[half + 1])
    try:
        shape: shapely.Geometry = shapely.geometry.shape(tree)
        if not shape.is_empty and np.isfinite(shapely.get_coordinates(shape)).all():
            return shapely.make_valid(shape)
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
        pass
    raise BadInput("filter-geometry", said=str(tree)[:80])


def _span(tree: object) -> tuple[str, str]:
    """Return first and last day of an instant or an interval; "" where it is open."""
    if isinstance(tree, Mapping) and isinstance(tree.get("interval"), list) and len(tree["interval"]) == 2:
        ends = [
            one.get("date") or one.get("timestamp") if isinstance(one, dict) else one
            for one in tree["interval"]
        ]
        first, last = ("" if end in {"..", None} else str(end)[:10] for end in ends)
        return first, last
    if isinstance(tree, Mapping) and ("date" in tree or "timestamp" in tree):
        day = str(tree.get("date") or tree.get("timestamp"))[:10]
        return day, day
    raise BadInput("filter-kinds", said=str(tree)[:60])


def _like_pattern(pattern: str) -> str:
    parts = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            parts.append(re.escape(next(letters, "\\")))
        else:
            parts.append({"%": ".*", "_": "."}.get(letter, re.escape(letter)))
    return "".join(parts)
