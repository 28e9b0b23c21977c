"""How is a Shapefile read at the speed of its bytes?

Points and lines of .shp are taken as arrays, as is the table beside them (``dbase``). Whatever is unusual
(polygons, files of unequal length) is left to GDAL: ``read_quickly`` then returns nothing. A test holds both
ways together.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.network.formats.dbase import Unusual, read_table
from wenqu.network.formats.text_columns import POSITIONED
from wenqu.network.formats.wkb import compiled, without_empty
from wenqu.network.geometry import Floats, Ints, Shapes

Bytes = npt.NDArray[np.uint8]
POINTS, LINES = (1, 11, 21), (3, 13, 23)


@dataclass(frozen=True, slots=True)
class Quick:
    """What stands in a Shapefile."""

    columns: dict[str, pa.Array]
    shapes: Shapes
    kinds: npt.NDArray[Any]


def read_quickly(path: Path, encoding: str, info: dict[str, Any]) -> Quick | None:
    """Return columns and shapes of a Shapefile, None when GDAL should read it.

    ``info`` is what GDAL says of its fields: their names and types.
    """
    parts = [path.with_suffix(end) for end in (".shp", ".shx", ".dbf")]
    if path.suffix != ".shp" or not POSITIONED or not all(part.is_file() for part in parts):
        return None
    try:
        shp, shx = (np.memmap(part, np.uint8, "r") for part in parts[:2])
        shapes, kinds = _shapes(np.asarray(shp), np.asarray(shx))
        columns = read_table(parts[2], encoding, info, len(kinds))
    except (Unusual, ValueError, LookupError, OverflowError):
        return None
    return Quick(columns, shapes, kinds)


def _shapes(shp: Bytes, shx: Bytes) -> tuple[Shapes, npt.NDArray[Any]]:
    if len(shp) < 100 or len(shx) < 100 or (len(shx) - 100) % 8:
        raise Unusual
    index = shx[100:].view(">i4").reshape(-1, 2).astype(np.int64)
    starts = index[:, 0] * 2 + 8
    sizes = index[:, 1] * 2
    if len(starts) and (starts.min() < 108 or (starts + sizes).max() > len(shp) or sizes.min() < 4):
        raise Unusual
    kind = int(shp[32:36].view("<i4")[0])
    if kind in POINTS:
        coords, there = _points(shp, starts, sizes, kind)
        shapes = Shapes(
            coords, np.arange(len(coords) + 1), np.concatenate([[0], np.cumsum(there)]).astype(np.int64)
        )
        name = "point"
    elif kind in LINES:
        counts, total, points = _measured(shp, starts, sizes, kind)
        coords, part_starts = _lines(shp, starts, counts, total, points)
        there = counts > 0
        shapes = Shapes(coords, part_starts, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
        name = "line"
    else:
        raise Unusual
    if len(there) and there.all():
        return without_empty(shapes), np.broadcast_to(np.array(name, object), len(there))
    return without_empty(shapes), np.where(there, name, "").astype(object)


@compiled
def _whole(data: Bytes, at: int) -> int:
    value = 0
    for step in range(4):
        value |= int(data[at + step]) << (8 * step)
    return value if value < 2**31 else value - 2**32


@compiled
def _points(shp: Bytes, starts: Ints, sizes: Ints, kind: int) -> tuple[Floats, npt.NDArray[np.bool_]]:
    there = np.zeros(len(starts), np.bool_)
    for row in range(len(starts)):
        own = _whole(shp, starts[row])
        if own == kind and sizes[row] >= 20:
            there[row] = True
        elif own != 0:
            raise ValueError
    coords = np.empty((there.sum(), 2))
    data = coords.reshape(-1).view(np.uint8)
    to = 0
    for row in range(len(starts)):
        if there[row]:
            data[to : to + 16] = shp[starts[row] + 4 : starts[row] + 20]
            to += 16
    return coords, there


@compiled
def _measured(shp: Bytes, starts: Ints, sizes: Ints, kind: int) -> tuple[Ints, int, int]:
    """Return the number of parts of each line, of all parts and of all points."""
    counts = np.zeros(len(starts), np.int64)
    total, points = 0, 0
    for row in range(len(starts)):
        at = starts[row]
        own = _whole(shp, at)
        if own == 0:
            continue
        if own != kind or sizes[row] < 44:
            raise ValueError
        parts, size = _whole(shp, at + 36), _whole(shp, at + 40)
        if parts < 1 or size < 1 or 44 + 4 * parts + 16 * size > sizes[row]:
            raise ValueError
        counts[row] = parts
        total += parts
        points += size
    return counts, total, points


@compiled
def _lines(shp: Bytes, starts: Ints, counts: Ints, total: int, points: int) -> tuple[Floats, Ints]:
    coords = np.empty((points, 2))
    data = coords.reshape(-1).view(np.uint8)
    part_starts = np.zeros(total + 1, np.int64)
    part, point = 0, 0
    for row in range(len(starts)):
        if counts[row] == 0:
            continue
        at = starts[row]
        size = _whole(shp, at + 40)
        before = -1
        for number in range(counts[row]):
            first = _whole(shp, at + 44 + 4 * number)
            if first <= before or first >= size or (number == 0 and first != 0):
                raise ValueError
            before = first
            part_starts[part] = point + first
            part += 1
        begin = at + 44 + 4 * counts[row]
        data[16 * point : 16 * (point + size)] = shp[begin : begin + 16 * size]
        point += size
    part_starts[total] = points
    return coords, part_starts
