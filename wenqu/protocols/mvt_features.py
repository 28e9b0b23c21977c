"""How do the assets of a tile become its feature messages, in one pass?

Everything here is compiled; ``wenqu.protocols.mvt`` is the door.
"""

import numpy as np
import numpy.typing as npt

from wenqu.protocols.mvt_cutting import (
    LINE,
    POLYGON,
    Floats,
    Frame,
    Ints,
    compiled,
    polygon,
    shape,
    vertices,
    widened,
    within,
)
from wenqu.protocols.mvt_writing import Bytes, feature, whole_line

Numbers = npt.NDArray[np.int32]
DIRECT, ONCE, HASHED = 0, 1, 2  # how a column numbers its values within a tile


@compiled
def _local(table: Ints, numbers: Ints, used: Ints, count: int, value: int) -> tuple[int, int]:
    """Return the number of a value inside this tile and the new count of values (open addressing)."""
    mask = len(table) - 1
    slot = (value * 0x9E3779B1 >> 7) & mask
    while table[slot] >= 0:
        if table[slot] == value:
            return numbers[slot], count
        slot = (slot + 1) & mask
    table[slot], numbers[slot], used[count] = value, count, value
    return count, count + 1


@compiled
def features(  # noqa: C901, PLR0912, PLR0915 one loop over the features; splitting it costs a third of its speed
    kind: int,
    shapes: tuple[Floats, Ints, Ints],
    about: tuple[Ints, Numbers, Ints, Ints],
    rows: Ints,
    frame: Frame,
) -> tuple[Bytes, Ints]:
    """Return the feature messages of some rows and the values that they use, in local order.

    ``about`` holds the ids (n,), the value numbers (n, k), how each column finds the local number of a
    value (k,), and where the values of each column begin (k + 1,).
    """
    coords, parts, assets = shapes
    ids, values, ways, firsts = about
    low, high = frame[3], frame[4]
    columns = values.shape[1]
    most = direct = 0
    for column in range(columns):
        most += min(len(rows), firsts[column + 1] - firsts[column])
        if ways[column] == DIRECT:
            direct = max(direct, firsts[column + 1])
    capacity = 16
    while capacity < 2 * most and (ways == HASHED).any():
        capacity *= 2
    table, numbers = np.full(capacity, -1, np.int64), np.empty(capacity, np.int64)
    small = np.full(direct, -1, np.int64)
    used, count = np.empty(most, np.int64), 0
    out, at = np.empty(4096 + 40 * len(rows), np.uint8), 0
    tags, commands, cursor = np.empty(2 * columns, np.int64), np.empty(512, np.int64), np.zeros(2, np.int64)
    kept = np.empty((256, 2))
    for row in rows:
        first, last = parts[assets[row]], parts[assets[row + 1]]
        need = 6 * (last - first) + 8
        if kind != POLYGON and need > len(commands):
            commands = np.empty(2 * need, np.int64)
            kept = np.empty((need, 2))
        length = bare = 0  # bare: vertices of a line of one part that lies wholly in the tile
        if kind == LINE and assets[row + 1] == assets[row] + 1:
            bare = vertices(coords, (first, last), frame, kept)
            bare = bare if bare > 1 and within(kept, bare, low, high) else 0
        if bare:
            length = 2 * bare + 2
        elif kind == POLYGON:
            commands = polygon(coords, parts, (assets[row], assets[row + 1]), frame)
            length = len(commands)
        else:
            length = shape(kind, shapes, row, frame, (commands, cursor, kept))
        if length == 0:
            continue
        size = 0
        for column in range(columns):
            value = int(values[row, column])
            if value < 0:
                continue
            if ways[column] == DIRECT:
                local = small[value]
                if local < 0:
                    small[value] = local = count
                    used[count] = value
                    count += 1
            elif ways[column] == ONCE:
                used[count], local = value, count
                count += 1
            else:
                local, count = _local(table, numbers, used, count, value)
            tags[size], tags[size + 1] = column, local
            size += 2
        if at + 64 + 10 * (length + size) > len(out):
            out = widened(out, at, 2 * (at + 64 + 10 * (length + size)))
        if bare:
            at = whole_line(out, at, ids[row], (tags, size), (kept, bare))
        else:
            at = feature(out, at, (kind, ids[row]), (tags, size), (commands, length))
    return out[:at], used[:count]


@compiled
def numbered(columns: Numbers, firsts: Ints) -> Numbers:
    """Return codes by column (k, n) as value numbers by row (n, k); -1 stays missing."""
    out = np.empty((columns.shape[1], columns.shape[0]), np.int32)
    for row in range(columns.shape[1]):
        for column in range(columns.shape[0]):
            code = columns[column, row]
            out[row, column] = code + firsts[column] if code >= 0 else -1
    return out


@compiled
def gathered(blob: Bytes, starts: Ints, chosen: Ints) -> Bytes:
    """Return some messages of a blob one after another."""
    total = 0
    for one in chosen:
        total += starts[one + 1] - starts[one]
    out = np.empty(total, np.uint8)
    at = 0
    for one in chosen:
        for place in range(starts[one], starts[one + 1]):
            out[at] = blob[place]
            at += 1
    return out
