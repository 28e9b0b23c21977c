"""How does the geometry column of a file become coordinate arrays, without an object for each shape?"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.network.geometry import Floats, Ints, Shapes

Bytes = npt.NDArray[np.uint8]
# The kinds of well-known binary: 1 point, 2 line, 3 polygon; 4, 5, 6 several of them; 7 a mixture.
KINDS = {1: "point", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon"}

compiled = numba.njit(cache=True, nogil=True)


@compiled
def _whole(data: Bytes, at: int, big: bool) -> int:
    """Return the 32-bit whole number at a place."""
    value = 0
    for step in range(4):
        value |= int(data[at + step]) << (8 * (3 - step) if big else 8 * step)
    return value


@compiled
def _head(data: Bytes, at: int) -> tuple[int, int, int, bool]:
    """Return kind, numbers a coordinate, first byte after the head, and whether the most comes first."""
    big = data[at] == 0
    code = _whole(data, at + 1, big)
    at += 5
    numbers = 2
    if code & 0x20000000:  # extended form with the number of its coordinate system
        at += 4
    if code & 0x80000000:
        numbers += 1
    if code & 0x40000000:
        numbers += 1
    kind = code & 0x0FFFFFFF
    if kind >= 1000:  # the ISO form: 1000 with Z, 2000 with M, 3000 with both
        numbers += 2 if kind >= 3000 else 1
    return kind % 1000, numbers, at, big


@compiled
def _demand(within: bool) -> None:
    """Refuse a shape that would go on behind its own end."""
    if not within:
        raise ValueError


@compiled
def _runs(data: Bytes, span: tuple[int, int], runs: Ints, count: int) -> tuple[int, int]:
    """Note each run of one shape (byte, size, numbers, order, turn); return kind and count.

    Several shapes in one (kinds 4 to 6) are walked one after another; mixtures (7) are not.
    """
    at, end = span
    _demand(at + 5 <= end)
    kind, _, inside, big = _head(data, at)
    if kind == 7:
        return kind, count
    pieces = 1
    at_piece = at
    if 4 <= kind <= 6:
        _demand(inside + 4 <= end)
        pieces = _whole(data, inside, big)
        at_piece = inside + 4
    for _ in range(pieces):
        _demand(at_piece + 5 <= end)
        own, numbers, here, big = _head(data, at_piece)
        rings = 1
        if own == 3:
            _demand(here + 4 <= end)
            rings = _whole(data, here, big)
            here += 4
        for ring in range(rings):
            size = 1
            if own != 1:
                _demand(here + 4 <= end)
                size = _whole(data, here, big)
                here += 4
            _demand(here + 8 * numbers * size <= end)
            if count < len(runs):
                runs[count, 0], runs[count, 1], runs[count, 2] = here, size, numbers
                runs[count, 3] = 1 if big else 0
                runs[count, 4] = (1 if ring == 0 else -1) if own == 3 else 0
            count += 1
            here += 8 * numbers * size
        at_piece = here
    return kind, count


@compiled
def _scan(data: Bytes, starts: Ints, room: int) -> tuple[Ints, Ints, Ints, int]:
    """Return kinds (n,), runs (r, 5), offsets asset → runs (n + 1,), and how many runs there are."""
    size = len(starts) - 1
    kinds = np.zeros(size, np.int64)
    owners = np.zeros(size + 1, np.int64)
    runs = np.empty((room, 5), np.int64)
    count = 0
    for row in range(size):
        if starts[row + 1] > starts[row]:
            kinds[row], count = _runs(data, (starts[row], starts[row + 1]), runs, count)
            if kinds[row] == 7:
                kinds[row] = 0
        owners[row + 1] = count
    return kinds, runs, owners, count


@compiled
def _copied(data: Bytes, runs: Ints, coords: Bytes) -> None:
    """Copy the first two numbers of every coordinate of every run."""
    to = 0
    for run in range(len(runs)):
        at, size, numbers, big, _ = runs[run]
        if numbers == 2 and not big:
            coords[to : to + 16 * size] = data[at : at + 16 * size]
            to += 16 * size
            continue
        for _ in range(size):
            for step in range(16):
                coords[to + step] = data[at + (step // 8 * 8 + 7 - step % 8 if big else step)]
            to += 16
            at += 8 * numbers


@compiled
def _turned(coords: Floats, parts: Ints, turns: Ints) -> None:
    """Turn rings: outer ones (turn 1) counter-clockwise, holes (-1) clockwise; files follow no rule."""
    for part in range(len(turns)):
        if turns[part] == 0:
            continue
        low, high = parts[part], parts[part + 1]
        area = 0.0
        for place in range(low, high - 1):
            dx, dy = coords[place, 0] - coords[low, 0], coords[place, 1] - coords[low, 1]
            ex, ey = coords[place + 1, 0] - coords[low, 0], coords[place + 1, 1] - coords[low, 1]
            area += dx * ey - ex * dy
        if area * turns[part] < 0.0:
            coords[low:high] = coords[low:high][::-1].copy()


def shapes_of_wkb(column: pa.Array) -> tuple[Shapes, npt.NDArray[Any]]:
    """Return the shapes of a column of well-known binary and the kind of each ("" for none or a mixture).

    Heights and measures are left behind. A point without coordinates (NaN) is no shape.

    Raises
    ------
    ValueError
        A shape is cut short.
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    column = column.cast(pa.large_binary())
    validity, offsets, data = column.buffers()
    del validity  # an absent value has no bytes
    size = len(column)
    starts = np.frombuffer(offsets, np.int64)[column.offset : column.offset + size + 1]
    body = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    kinds, runs, owners, count = _scan(body, starts, size)
    if count > len(runs):
        kinds, runs, owners, count = _scan(body, starts, count)
    runs = runs[:count]
    parts = np.concatenate([[0], np.cumsum(runs[:, 1])]).astype(np.int64)
    coords = np.empty((parts[-1], 2))
    _copied(body, runs, coords.reshape(-1).view(np.uint8))
    _turned(coords, parts, runs[:, 4])
    names = np.array(["", *KINDS.values()], dtype=object)[np.minimum(kinds, 6)]
    return without_empty(Shapes(coords, parts, owners)), names


def without_empty(shapes: Shapes) -> Shapes:
    """Return the shapes without parts that have no coordinates, and without points that are NaN."""
    sizes = np.diff(shapes.parts)
    single = np.flatnonzero(sizes == 1)
    nowhere = single[np.isnan(shapes.coords[shapes.parts[single]]).all(axis=1)]
    kept = sizes > 0
    kept[nowhere] = False
    if kept.all():
        return shapes
    owner = np.repeat(np.arange(len(shapes)), np.diff(shapes.assets))[kept]
    counts = np.bincount(owner, minlength=len(shapes))
    return Shapes(
        shapes.coords[np.repeat(kept, sizes)],
        np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
    )
