"""How is a Shapefile read at the speed of its bytes?

Points and lines of .shp and the texts, numbers and dates of .dbf are taken as arrays; each distinct text
is decoded once. Whatever is unusual (polygons, deleted records, values out of form, bytes that the
encoding cannot hold, files of unequal length) is left to GDAL: ``read_quickly`` then returns nothing.
A test holds both ways together.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.network.formats.wkb import compiled, without_empty
from wenqu.network.geometry import Floats, Ints, Shapes

Bytes = npt.NDArray[np.uint8]
Table = npt.NDArray[np.uint8]  # (n, width)
POINTS, LINES = (1, 11, 21), (3, 13, 23)
FEW = 8  # rows a distinct text at least, for a column to stay a dictionary
BLOCK = 4000  # records
EXACT = 2.0**52  # whole numbers up to it are exact as floats


class Unusual(Exception):
    """Something that GDAL should read."""


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
    if path.suffix != ".shp" or not all(part.is_file() for part in parts):
        return None
    try:
        shp, shx, dbf = (np.memmap(part, np.uint8, "r") for part in parts)
        shapes, kinds = _shapes(np.asarray(shp), np.asarray(shx))
        columns = _columns(np.asarray(dbf), encoding, info, len(kinds))
    except (Unusual, ValueError, LookupError, OverflowError):
        return None
    return Quick(columns, shapes, kinds)


# Shapes


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


# Table


def _columns(dbf: Bytes, encoding: str, info: dict[str, Any], rows: int) -> dict[str, pa.Array]:
    size, head, width = (int(dbf[at : at + n].view(f"<u{n}")[0]) for at, n in ((4, 4), (8, 2), (10, 2)))
    names, types = list(info["fields"]), list(info["dtypes"])
    described = (head - 33) // 32
    if (
        size != rows
        or described != len(names)
        or len(set(names)) < len(names)
        or len(dbf) < head + size * width
    ):
        raise Unusual
    records = dbf[head : head + size * width].reshape(size, width)
    if (records[:, 0] != 32).any():  # deleted ones
        raise Unusual
    cells, at = [], 1
    for number, type_ in enumerate(types):
        entry = dbf[32 + 32 * number : 64 + 32 * number]
        cells.append(_Cell(at, int(entry[16]), chr(entry[11]), str(type_)))
        at += int(entry[16])
    if at != width:
        raise Unusual
    # A block of records stays near the processor while one column after another is taken from it.
    blocks = [records[low : low + BLOCK] for low in range(0, max(size, 1), BLOCK)]
    pieces = [[_piece(block, cell) for cell in cells] for block in blocks]
    return {
        str(name): _column([piece[number] for piece in pieces], cell, encoding)
        for number, (name, cell) in enumerate(zip(names, cells, strict=True))
    }


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where one column stands in every record."""

    at: int
    width: int
    letter: str  # type in the file
    type: str  # type that GDAL gives it


def _piece(records: Table, cell: _Cell) -> Any:
    """Return what stands in one column of some records, in the form that ``_column`` puts together."""
    if cell.letter == "C" and cell.type == "object":
        return _trimmed(records.reshape(-1), cell.at, records.shape[1], cell.width)
    cells = records[:, cell.at : cell.at + cell.width]
    if cell.letter in {"N", "F"} and cell.type in {"int32", "int64", "float64"}:
        numbers, state = _numbers(cells)
        if (state > 1).any():
            numbers[state > 1] = _slowly(np.ascontiguousarray(cells[state > 1]))
        return numbers, state
    if cell.letter == "D" and cell.type.startswith("datetime64"):
        return _dates(cells)
    raise Unusual


def _column(pieces: list[Any], cell: _Cell, encoding: str) -> pa.Array:
    if cell.letter == "C":
        return _texts(pieces, encoding)
    if cell.letter == "D":
        return pa.concat_arrays(pieces)
    numbers, state = (np.concatenate([piece[side] for piece in pieces]) for side in range(2))
    whole = cell.type != "float64"
    if whole and ((np.abs(numbers) > EXACT) | (numbers != np.floor(numbers)) | (state > 1)).any():
        raise Unusual
    return pa.array(numbers.astype(cell.type), mask=state == 1)


@compiled
def _span(cells: Table, row: int) -> tuple[int, int]:
    """Return first byte and end of what stands in a cell between blanks."""
    first, last = 0, cells.shape[1]
    while first < last and cells[row, first] == 32:
        first += 1
    while last > first and (cells[row, last - 1] == 32 or cells[row, last - 1] == 0):
        last -= 1
    return first, last


@compiled
def _decimal(cells: Table, row: int, first: int, last: int) -> tuple[int, int]:
    """Return digits and how many stand behind the point; -1 when that is not enough to be exact."""
    value, digits, behind, point = 0, 0, 0, False
    if first == last:
        return -1, 0
    for place in range(first, last):
        sign = cells[row, place]
        if 48 <= sign <= 57 and digits < 18:
            value = value * 10 + int(sign) - 48
            digits += 1 if value > 0 else 0
            behind += 1 if point else 0
        elif sign == 46 and not point:
            point = True
        else:
            return -1, 0
    while behind > 0 and value % 10 == 0:
        value //= 10
        behind -= 1
    if value >= 9007199254740992 or behind > 22:
        return -1, 0
    return value, behind


@compiled
def _numbers(cells: Table) -> tuple[Floats, npt.NDArray[np.uint8]]:
    """Return numbers and what each cell is: 0 exact, 1 nothing, 2 to be read by the slow way."""
    rows = cells.shape[0]
    numbers, state = np.zeros(rows), np.zeros(rows, np.uint8)
    tens = 10.0 ** np.arange(23)
    for row in range(rows):
        first, last = _span(cells, row)
        if first == last or cells[row, first] == 42:  # blanks or asterisks
            state[row] = 1
            continue
        minus = cells[row, first] == 45
        value, behind = _decimal(cells, row, first + 1 if minus else first, last)
        if value < 0:
            state[row] = 2
        else:
            numbers[row] = -(value / tens[behind]) if minus else value / tens[behind]
    return numbers, state


def _slowly(cells: Table) -> Floats:
    """Return numbers of more digits than can be told apart in passing."""
    data, starts, plain = _trimmed(cells.reshape(-1), 0, cells.shape[1], cells.shape[1])
    if not plain:
        raise Unusual
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(data)]
    numbers = pa.Array.from_buffers(pa.string(), len(cells), buffers).cast(pa.float64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False))


def _dates(cells: Table) -> pa.Array:
    if cells.shape[1] != 8:
        raise Unusual
    empty = (cells == 32).all(axis=1) | (cells == 48).all(axis=1)
    digits = cells.astype(np.int64) - 48
    digits[empty] = [2, 0, 0, 0, 0, 1, 0, 1]
    if ((digits < 0) | (digits > 9)).any():
        raise Unusual
    year, month, day = (
        digits[:, low:high] @ 10 ** np.arange(high - low)[::-1] for low, high in ((0, 4), (4, 6), (6, 8))
    )
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    days = months.astype("datetime64[D]") + (day - 1)
    if ((month < 1) | (month > 12) | (day < 1) | (year < 1) | (days.astype("datetime64[M]") != months)).any():
        raise Unusual
    return pa.array(days.astype("datetime64[D]"), mask=empty)


@compiled
def _end(cell: Bytes) -> int:
    """Return where the blanks begin that fill the rest of a cell; sixteen are looked at together."""
    last = len(cell)
    while last >= 16:
        block = cell[last - 16 : last]
        other = np.uint8(0)
        for place in range(16):
            other |= block[place] ^ np.uint8(32)
        if other != 0:
            break
        last -= 16
    while last > 0 and cell[last - 1] == 32:
        last -= 1
    return last


@compiled
def _trimmed(records: Bytes, begin: int, step: int, width: int) -> tuple[Bytes, npt.NDArray[np.int32], bool]:
    """Return the texts without blanks at their ends, one after another, and whether all is ASCII.

    A text stands at ``begin`` in every record of ``step`` bytes, ``width`` bytes long.
    """
    rows = len(records) // step
    starts = np.zeros(rows + 1, np.int32)
    firsts = np.zeros(rows, np.int64)
    for row in range(rows):
        at = row * step + begin
        last = _end(records[at : at + width])
        first = 0
        while first < last and records[at + first] == 32:
            first += 1
        end = first
        while end < last and records[at + end] != 0:
            end += 1
        while end > first and records[at + end - 1] == 32:
            end -= 1
        firsts[row] = at + first
        starts[row + 1] = starts[row] + end - first
    made = np.empty(starts[rows], np.uint8)
    seen = np.uint8(0)
    for row in range(rows):
        to, at = starts[row], firsts[row]
        for place in range(starts[row + 1] - to):
            sign = records[at + place]
            seen |= sign
            made[to + place] = sign
    return made, starts, bool(seen < 128)


def _texts(pieces: list[tuple[Bytes, npt.NDArray[np.int32], bool]], encoding: str) -> pa.Array:
    plain = all(piece[2] for piece in pieces)
    data = np.concatenate([piece[0] for piece in pieces])
    if len(data) >= 2**31:
        raise Unusual
    sizes = np.concatenate([np.diff(piece[1]) for piece in pieces])
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    there = np.packbits(sizes > 0, bitorder="little")
    buffers = [pa.py_buffer(there), pa.py_buffer(starts), pa.py_buffer(data)]
    raw = pa.Array.from_buffers(pa.binary(), len(sizes), buffers)
    coded = raw.dictionary_encode()
    distinct = coded.dictionary
    if plain:
        distinct = distinct.cast(pa.string())
    else:
        distinct = pa.array([value.decode(encoding) for value in distinct.to_pylist()], pa.string())
    if len(distinct) * FEW <= len(sizes):
        return pa.DictionaryArray.from_arrays(coded.indices, distinct)
    return raw.cast(pa.string()) if plain else distinct.take(coded.indices)
