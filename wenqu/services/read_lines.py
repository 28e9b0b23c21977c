"""Which lines does a file of what was built hold, and where do they lie?

A file of lines gives each of them; one of points or of columns of coordinates gives one line through its
rows in their order, or one for each name of a pipe. Nothing is filed by it.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from wenqu.errors import BadInput
from wenqu.network.formats.proposing import plain, without_unit
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.registry import format_of
from wenqu.network.formats.values import texts_of
from wenqu.network.geometry import Floats, geometries_from
from wenqu.services.city_state import CityState
from wenqu.services.premises_files import (
    X,
    Y,
    column_of,
    in_degrees,
    numbers_of,
    runs_north,
    turned,
    x_of,
    y_of,
)
from wenqu.services.register_form import in_degrees as drawn
from wenqu.services.unpacked_files import safe_name

LARGEST = 16 << 20  # [bytes] of a file with the lines of some pipes
LISTED = 500  # lines of an answer
FAR = 20_000.0  # [m] beyond it from the city's assets a line is not the city's
PIPE = ("pipe", "conduit", "asset", "id", "name", "管段", "管段编号", "管线编号", "管线", "编号", "名称")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, as it is written there."""

    name: str
    parts: tuple[Floats, ...]


def read_lines(state: CityState, name: str, content: bytes, crs: str = "") -> dict[str, Any]:
    """Return the lines of a file in degrees, with the coordinate system that they were read in.

    Parameters
    ----------
    crs
        Coordinate system of the file when it names none; without it coordinates that can be degrees are,
        and others are in the system of the city.

    Raises
    ------
    BadInput
        It is of no known format, holds no line (``lines-none``), or lies far from the city (``lines-far``).
    """
    if len(content) > LARGEST:
        raise BadInput("delivery-large", name=name, most=LARGEST >> 20)
    with tempfile.TemporaryDirectory(prefix="wenqu-") as made:
        path = Path(made) / safe_name(name)
        path.write_bytes(content)
        layers = [layer for layer in format_of(path).layers(path).layers if len(layer)]
    found = [line for layer in layers for line in _lines(layer)]
    if not found:
        raise BadInput("lines-none", name=name)
    every = np.concatenate([part for line in found for part in line.parts])
    target = state.network.city.crs
    source = crs or next((layer.crs for layer in layers if layer.crs), "") or _likely(layers, every, target)
    swapped = runs_north(every)
    told = [
        {"name": line.name, "parts": in_place(state, line, source, swapped=swapped)}
        for line in found[:LISTED]
    ]
    return {"crs": source, "swapped": swapped, "count": len(found), "lines": told}


def in_place(state: CityState, line: Line, source: str, *, swapped: bool) -> list[list[list[float]]]:
    """Return the parts of a line in degrees.

    Raises
    ------
    BadInput
        It lies far from everything that the city has.
    """
    target = state.network.city.crs
    parts = [turned(part[:, ::-1] if swapped else part, source, target) for part in line.parts]
    _near(state, np.concatenate(parts), line.name, source)
    return drawn(state, parts)


def _likely(layers: list[RawLayer], every: Floats, target: str) -> str:
    """Return the system of coordinates that no file names: degrees where they can be, else the city's."""
    degrees = bool((np.abs(every) <= (180.0, 90.0)).all())
    return "EPSG:4326" if all(map(in_degrees, layers)) or degrees else target


def _near(state: CityState, places: Floats, name: str, source: str) -> None:
    coords = state.network.table("conduit").shapes.coords
    if not len(coords):
        return
    low, high = np.nanmin(coords, axis=0) - FAR, np.nanmax(coords, axis=0) + FAR
    if not (np.isfinite(places).all() and (places >= low).all() and (places <= high).all()):
        raise BadInput("lines-far", line=name or "-", crs=source or "-")


def _lines(layer: RawLayer) -> list[Line]:
    """Return the lines that a layer draws, or those that its points are the corners of."""
    names = _names(layer)
    rows = np.flatnonzero(layer.kinds == "line") if any(layer.kinds) else np.empty(0, np.int64)
    if len(rows):
        drawn_ = geometries_from(layer.shapes.take(rows), "line")
        return [
            Line(names[row], tuple(shapely.get_coordinates(part) for part in shapely.get_parts(one)))
            for row, one in zip(rows.tolist(), drawn_, strict=True)
        ]
    corners = _corners(layer)
    return [] if corners is None else _through(corners, names if _named(layer) else ["" for _ in names])


def _corners(layer: RawLayer) -> Floats | None:
    if any(layer.kinds):
        rows = layer.kinds == "point"
        if not rows.all():
            return None
        return np.asarray(shapely.get_coordinates(geometries_from(layer.shapes, "point")), np.float64)
    x, y = x_of(layer), y_of(layer)
    return None if not x or not y else np.column_stack([numbers_of(layer, x), numbers_of(layer, y)])


def _through(corners: Floats, names: list[str]) -> list[Line]:
    """Return one line for each name, through its corners in the order of the rows."""
    rows: dict[str, list[int]] = {}
    for row, (name, at) in enumerate(zip(names, corners, strict=True)):
        if np.isfinite(at).all():
            rows.setdefault(name, []).append(row)
    return [Line(name, (corners[some],)) for name, some in rows.items() if len(some) > 1]


def _named(layer: RawLayer) -> bool:
    """Tell whether a column names the pipe of each corner: each name that there is comes more than once."""
    names = _names(layer)
    return bool(names) and len(set(names)) * 2 <= len(names)


def _names(layer: RawLayer) -> list[str]:
    column = column_of(layer, PIPE)
    if not column or plain(without_unit(column)[0]) in map(plain, (*X, *Y)):
        return ["" for _ in range(len(layer))]
    return [str(text or "") for text in texts_of(layer.columns[column])]
