"""Where do some features lie? A drawing of their shapes, without a ground and without outside files."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

WIDE, HIGH, EDGE = 640.0, 320.0, 16.0  # of the drawing
Point = tuple[float, float]


def drawn(shapes: Sequence[Mapping[str, Any] | None], title: str) -> str:
    """Return an SVG of shapes in degrees; "" when none has a place."""
    parts = [part for shape in shapes if shape for part in _parts(shape)]
    places = [place for part in parts for place in part]
    if not places:
        return ""
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*places, strict=True))
    squash = math.cos(math.radians((south + north) / 2))  # a degree of longitude is shorter
    across, up = max((east - west) * squash, 1e-6), max(north - south, 1e-6)
    scale = min((WIDE - 2 * EDGE) / across, (HIGH - 2 * EDGE) / up)
    middle = (west + east) / 2, (south + north) / 2

    def at(place: Point) -> tuple[float, float]:
        x = WIDE / 2 + (place[0] - middle[0]) * squash * scale
        return round(x, 1), round(HIGH / 2 - (place[1] - middle[1]) * scale, 1)

    marks = "".join(_mark([at(place) for place in part]) for part in parts)
    return f'<svg viewBox="0 0 {WIDE:g} {HIGH:g}" role=img aria-label="{escape(title)}">{marks}</svg>'


def _mark(part: Sequence[tuple[float, float]]) -> str:
    if len(part) == 1:
        return f'<circle cx="{part[0][0]}" cy="{part[0][1]}" r="3"/>'
    return f'<polyline points="{" ".join(f"{x},{y}" for x, y in part)}"/>'


def _parts(shape: Mapping[str, Any]) -> Iterator[list[Point]]:
    """Yield points and lines of a GeoJSON shape: the rings of an area are lines."""
    kind, coords = shape["type"], shape.get("coordinates", [])
    depth = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2}.get(kind, 3)
    yield from _lines(coords, depth, single=kind in {"Point", "MultiPoint"})


def _lines(coords: Sequence[Any], depth: int, *, single: bool) -> Iterator[list[Point]]:
    if depth == 0:
        yield [(float(coords[0]), float(coords[1]))]
    elif depth == 1 and not single:
        yield [(float(one[0]), float(one[1])) for one in coords]
    else:
        for one in coords:
            yield from _lines(one, depth - 1, single=single)
