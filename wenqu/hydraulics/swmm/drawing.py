"""Where do the assets of an INP file lie on the map?"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from wenqu.hydraulics.swmm.assets import Collected
from wenqu.hydraulics.swmm.layouts import DRAWN
from wenqu.hydraulics.swmm.quantities import BadTokenError, number_of
from wenqu.hydraulics.swmm.sections import InpModel
from wenqu.issues import Issue, Weight
from wenqu.network.geometry import Shapes, shapes_from
from wenqu.network.schema import asset_type

Point = tuple[float, float]


@dataclass
class Drawing:
    """The coordinates of a file, by section and then by asset."""

    points: dict[str, dict[tuple[str, str], list[Point]]] = field(default_factory=dict)
    owners: dict[int, tuple[str, str]] = field(default_factory=dict)  # line → type and id
    issues: list[Issue] = field(default_factory=list)

    def of(self, section: str, key: tuple[str, str]) -> list[Point]:
        """Return the coordinates that a section has for an asset, in the order of the file."""
        return self.points.get(section, {}).get(key, [])


def drawing(model: InpModel, found: Collected) -> Drawing:
    """Return all coordinates of a file, with the issues of rows that give none."""
    drawn = Drawing()
    for section, role in DRAWN.items():
        points = drawn.points.setdefault(section, {})
        for row in model.rows(section):
            key = found.find(role, row.tokens[0])
            place = model.place(section, row)
            if key is None:
                drawn.issues.append(Issue("inp.orphan", Weight.NOTE, asset=row.tokens[0], place=place))
                continue
            try:
                point = (number_of(row.tokens[1]), number_of(row.tokens[2]))
            except (BadTokenError, IndexError):
                facts: dict[str, object] = {"text": " ".join(row.tokens[1:]), "field": "x, y"}
                drawn.issues.append(Issue("inp.number", Weight.FAULT, *key, place, facts))
                continue
            drawn.owners[row.line] = key
            points.setdefault(key, []).append(point)
    return drawn


def shapes_of(type_: str, found: Collected, drawn: Drawing) -> Shapes:
    """Return the shapes of all assets of one type, in the order of the file."""
    ids = list(found.records.get(type_, {}))
    geometry = asset_type(type_).geometry
    if geometry == "point":
        section = "SYMBOLS" if type_ == "gauge" else "COORDINATES"
        # Of a node that is placed twice the engine's users see the last place.
        last = [(drawn.of(section, (type_, id_)) or [(np.nan, np.nan)])[-1] for id_ in ids]
        return Shapes.points(np.array(last, dtype=np.float64).reshape(-1, 2))
    if geometry == "line":
        return _lines([_line(found.record(type_, id_), (type_, id_), found, drawn) for id_ in ids])
    return shapes_from(polygons(drawn.of("POLYGONS", (type_, id_)) for id_ in ids))


def polygons(rings: Iterable[list[Point]]) -> npt.NDArray[np.object_]:
    """Return the polygons of some rings; None where a ring has fewer than three corners."""
    made = [shapely.Polygon(ring) if len(set(ring)) >= 3 else None for ring in rings]
    column = np.full(len(made), None, dtype=object)
    column[:] = made
    return column


def _line(
    record: dict[str, object], key: tuple[str, str], found: Collected, drawn: Drawing
) -> npt.NDArray[np.float64]:
    ends = [_node_point(record.get(name), found, drawn) for name in ("from_id", "to_id")]
    corners = [*ends[0], *drawn.of("VERTICES", key), *ends[1]]
    # One known end is no line.
    return np.array(corners if len(corners) > 1 else [], dtype=np.float64).reshape(-1, 2)


def _node_point(node: object, found: Collected, drawn: Drawing) -> list[Point]:
    key = found.find("node", str(node)) if node is not None else None
    return drawn.of("COORDINATES", key)[-1:] if key is not None else []


def _lines(parts: list[npt.NDArray[np.float64]]) -> Shapes:
    starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Shapes.lines(np.concatenate([np.empty((0, 2)), *parts]), starts)
