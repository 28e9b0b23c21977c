"""How are shapes clipped, quantised and written into the bytes of a vector tile?

Everything here is compiled; ``wenqu.protocols.mvt`` is the door. A frame is the five numbers that lead
from Web-Mercator metres into a tile: scale, x shift, y shift, lowest and highest coordinate kept.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Frame = tuple[float, float, float, float, float]

POINT, LINE, POLYGON = 1, 2, 3  # the geometry types of the vector tile specification 2.1, 4.3.4
DIRECT, ONCE, HASHED = 0, 1, 2  # how a column numbers its values within a tile
MOVE_TO, LINE_TO, CLOSE = 1, 2, 15  # commands, 4.3.3; CLOSE with its count


@compiled
def _put(out: Bytes, at: int, value: int) -> int:
    """Write one unsigned varint; return the next free place."""
    while value >= 128:
        out[at] = (value & 127) | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@compiled
def _step(commands: Ints, at: int, x: int, y: int, cursor: Ints) -> int:
    """Write the way from the cursor to a point, zigzag, and move the cursor."""
    dx, dy = x - cursor[0], y - cursor[1]
    commands[at] = (dx << 1) ^ (dx >> 63)
    commands[at + 1] = (dy << 1) ^ (dy >> 63)
    cursor[0], cursor[1] = x, y
    return at + 2


@compiled
def _whole(value: float) -> int:
    return int(np.floor(value + 0.5))


@compiled
def _visible(ax: float, ay: float, dx: float, dy: float, span: tuple[float, float]) -> tuple[float, float]:
    """Return the shares of a segment that bound what is in the square (Liang-Barsky); first > last: none."""
    low, high = span
    if low <= ax <= high and low <= ay <= high and low <= ax + dx <= high and low <= ay + dy <= high:
        return 0.0, 1.0  # nearly every segment
    first, last = 0.0, 1.0
    for p, q in ((-dx, ax - low), (dx, high - ax), (-dy, ay - low), (dy, high - ay)):
        if p == 0.0:
            if q < 0.0:
                return 1.0, 0.0
        elif p < 0.0:
            first = max(first, q / p)
        else:
            last = min(last, q / p)
    return first, last


@compiled
def _points(coords: Floats, span: tuple[int, int], frame: Frame, commands: Ints, cursor: Ints) -> int:
    """Write the points of one asset that lie in the buffered tile."""
    scale, x0, y0, low, high = frame
    at = 1
    for row in range(span[0], span[1]):
        x, y = coords[row, 0] * scale + x0, y0 - coords[row, 1] * scale
        if low <= x <= high and low <= y <= high:
            at = _step(commands, at, _whole(x), _whole(y), cursor)
    commands[0] = ((at - 1) // 2) << 3 | MOVE_TO
    return at if at > 1 else 0


@compiled
def _vertices(coords: Floats, span: tuple[int, int], frame: Frame, kept: Floats) -> int:
    """Bring a line to whole tile units, without repeated vertices and those straight between two others.

    PostGIS does the same before it cuts: a sliver at the edge then shows in both or in neither.
    """
    scale, x0, y0 = frame[0], frame[1], frame[2]
    count = 0
    for row in range(span[0], span[1]):
        x = np.floor(coords[row, 0] * scale + x0 + 0.5)
        y = np.floor(y0 - coords[row, 1] * scale + 0.5)
        if count and kept[count - 1, 0] == x and kept[count - 1, 1] == y:
            continue
        if count > 1:
            ax, ay = kept[count - 1, 0] - kept[count - 2, 0], kept[count - 1, 1] - kept[count - 2, 1]
            bx, by = x - kept[count - 1, 0], y - kept[count - 1, 1]
            if ax * by == ay * bx and ax * bx + ay * by > 0.0:
                count -= 1
        kept[count, 0], kept[count, 1] = x, y
        count += 1
    return count


@compiled
def _within(kept: Floats, size: int, low: float, high: float) -> bool:
    inside = True
    for row in range(size):
        x, y = kept[row, 0], kept[row, 1]
        inside &= (x >= low) & (x <= high) & (y >= low) & (y <= high)
    return inside


@compiled
def _line(
    coords: Floats, span: tuple[int, int], frame: Frame, commands: Ints, at: int, cursor: Ints, kept: Floats
) -> int:
    """Write one line, cut at the edge of the buffered tile into as many parts as are seen."""
    low, high = frame[3], frame[4]
    size = _vertices(coords, span, frame, kept)
    head = -1  # place of the LineTo being counted; -1: nothing of the part is written yet
    count = x = y = 0
    opened = False
    for row in range(1, size):
        ax, ay = kept[row - 1, 0], kept[row - 1, 1]
        bx, by = kept[row, 0], kept[row, 1]
        first, last = _visible(ax, ay, bx - ax, by - ay, (low, high))
        if first > last:
            opened = False
            continue
        if not opened or first > 0.0:
            if head >= 0:
                commands[head] = count << 3 | LINE_TO
            head, count = -1, 0
            x, y = _whole(ax + first * (bx - ax)), _whole(ay + first * (by - ay))
        next_x, next_y = _whole(ax + last * (bx - ax)), _whole(ay + last * (by - ay))
        if next_x != x or next_y != y:
            if head < 0:
                commands[at] = 1 << 3 | MOVE_TO
                head = _step(commands, at + 1, x, y, cursor)
                at = head + 1
            at = _step(commands, at, next_x, next_y, cursor)
            count += 1
            x, y = next_x, next_y
        opened = last >= 1.0
    if head >= 0:
        commands[head] = count << 3 | LINE_TO
    return at


@compiled
def _cut(ring: Floats, side: int, low: float, high: float) -> Floats:
    """Return a ring cut by one side of the square (Sutherland-Hodgman)."""
    axis, limit = side % 2, low if side < 2 else high
    sign = 1.0 if side < 2 else -1.0
    kept = np.empty((2 * len(ring) + 2, 2))
    count = 0
    for row in range(len(ring)):
        before = ring[row - 1]
        here = ring[row]
        was, now = sign * (before[axis] - limit), sign * (here[axis] - limit)
        if (was < 0.0) != (now < 0.0):
            share = was / (was - now)
            kept[count, axis] = limit
            kept[count, 1 - axis] = before[1 - axis] + share * (here[1 - axis] - before[1 - axis])
            count += 1
        if now >= 0.0:
            kept[count] = here
            count += 1
    return kept[:count]


@compiled
def _ring(coords: Floats, span: tuple[int, int], frame: Frame) -> Floats:
    """Return one ring in tile coordinates without its closing point, clipped."""
    scale, x0, y0, low, high = frame
    size = span[1] - span[0]
    if size > 1 and (coords[span[0]] == coords[span[1] - 1]).all():
        size -= 1
    ring = np.empty((size, 2))
    sides = np.zeros(4, np.bool_)
    for row in range(size):
        ring[row, 0] = coords[span[0] + row, 0] * scale + x0
        ring[row, 1] = y0 - coords[span[0] + row, 1] * scale
        for axis in range(2):
            sides[axis] |= ring[row, axis] < low
            sides[2 + axis] |= ring[row, axis] > high
    for side in range(4):
        if sides[side] and len(ring):
            ring = _cut(ring, side, low, high)
    return ring


@compiled
def _polygon_ring(ring: Floats, outer: bool, commands: Ints, at: int, cursor: Ints) -> int:
    """Write one clipped ring, outer ones clockwise on the screen; nothing when it has no area left."""
    points = np.empty((len(ring), 2), np.int64)
    count = 0
    for row in range(len(ring)):
        x, y = _whole(ring[row, 0]), _whole(ring[row, 1])
        if count == 0 or x != points[count - 1, 0] or y != points[count - 1, 1]:
            points[count, 0], points[count, 1] = x, y
            count += 1
    while count > 1 and (points[0] == points[count - 1]).all():
        count -= 1
    area = 0
    for row in range(count):
        after = (row + 1) % count
        area += points[row, 0] * points[after, 1] - points[after, 0] * points[row, 1]
    if area == 0:
        return at
    forward = (area > 0) == outer
    for row in range(count):
        place = row if forward else count - 1 - row
        if row == 0:
            commands[at] = 1 << 3 | MOVE_TO
            at += 1
        elif row == 1:
            commands[at] = (count - 1) << 3 | LINE_TO
            at += 1
        at = _step(commands, at, points[place, 0], points[place, 1], cursor)
    commands[at] = CLOSE
    return at + 1


@compiled
def _is_outer(coords: Floats, span: tuple[int, int]) -> bool:
    """Tell whether a ring runs counter-clockwise."""
    area = 0.0
    x0, y0 = coords[span[0]]
    for row in range(span[0], span[1] - 1):
        area += (coords[row, 0] - x0) * (coords[row + 1, 1] - y0)
        area -= (coords[row + 1, 0] - x0) * (coords[row, 1] - y0)
    return area > 0


@compiled
def _widened(out: npt.NDArray[Any], kept: int, size: int) -> npt.NDArray[Any]:
    wider = np.empty(size, out.dtype)
    wider[:kept] = out[:kept]
    return wider


@compiled
def _polygon(coords: Floats, parts: Ints, span: tuple[int, int], frame: Frame) -> Ints:
    """Return the commands of one polygon asset (parts span[0] to span[1])."""
    commands = np.empty(64, np.int64)
    cursor = np.zeros(2, np.int64)
    at = 0
    shown = False
    for part in range(span[0], span[1]):
        ends = (parts[part], parts[part + 1])
        outer = part == span[0] or _is_outer(coords, ends)
        if not outer and not shown:
            continue  # a hole whose outer ring has vanished
        ring = _ring(coords, ends, frame)
        if at + 2 * len(ring) + 4 > len(commands):
            commands = _widened(commands, at, 2 * len(commands) + 2 * len(ring) + 4)
        before = at
        at = _polygon_ring(ring, outer, commands, at, cursor)
        if outer:
            shown = at > before
    return commands[:at]


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
def _size(value: int) -> int:
    """Return the length of a varint."""
    total = 1
    while value >= 128:
        value >>= 7
        total += 1
    return total


@compiled
def _sizes(values: Ints, count: int) -> int:
    """Return the length of some varints below 2^35, without a branch to mispredict."""
    total = count
    for place in range(count):
        value = values[place]
        total += (value > 0x7F) + (value > 0x3FFF) + (value > 0x1FFFFF) + (value > 0xFFFFFFF)
    return total


@compiled
def _shape(
    kind: int, shapes: tuple[Floats, Ints, Ints], row: int, frame: Frame, room: tuple[Ints, Ints, Floats]
) -> int:
    """Write the commands of a point or line asset; return how many numbers they are."""
    coords, parts, assets = shapes
    commands, cursor, kept = room
    first, last = assets[row], assets[row + 1]
    cursor[0] = cursor[1] = length = 0
    if kind == POINT:
        return _points(coords, (parts[first], parts[last]), frame, commands, cursor)
    for part in range(first, last):
        length = _line(coords, (parts[part], parts[part + 1]), frame, commands, length, cursor, kept)
    return length


@compiled
def features(  # noqa: C901, PLR0912, PLR0915 one loop over the features; splitting it costs a third of its speed
    kind: int,
    shapes: tuple[Floats, Ints, Ints],
    about: tuple[Ints, Ints, Ints, Ints],
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
            bare = _vertices(coords, (first, last), frame, kept)
            bare = bare if bare > 1 and _within(kept, bare, low, high) else 0
        if bare:
            length = 2 * bare + 2
        elif kind == POLYGON:
            commands = _polygon(coords, parts, (assets[row], assets[row + 1]), frame)
            length = len(commands)
        else:
            length = _shape(kind, shapes, row, frame, (commands, cursor, kept))
        if length == 0:
            continue
        size = 0
        for column in range(columns):
            value = values[row, column]
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
            out = _widened(out, at, 2 * (at + 64 + 10 * (length + size)))
        if bare:
            at = _whole_line(out, at, ids[row], (tags, size), (kept, bare))
        else:
            at = _feature(out, at, (kind, ids[row]), tags, size, commands, length)
    return out[:at], used[:count]


@compiled
def _put_short(out: Bytes, at: int, value: int) -> int:
    """Write a varint that is mostly below 2^14, without a branch to mispredict there."""
    if value >= 16384:
        return _put(out, at, value)
    more = value > 127
    out[at] = (value & 127) | (more << 7)
    out[at + 1] = value >> 7
    return at + 1 + more


@compiled
def _whole_line(out: Bytes, at: int, number: int, told: tuple[Ints, int], line: tuple[Floats, int]) -> int:
    """Write the message of a line of which every vertex is kept: geometry first, its head before it."""
    tags, size = told
    kept, count = line
    tag_bytes = _sizes(tags, size)
    head = 7 + _size(number) + (1 + _size(tag_bytes) + tag_bytes if size else 0)
    start = end = at + head
    out[end] = 1 << 3 | MOVE_TO
    x, y = int(kept[0, 0]), int(kept[0, 1])
    end = _put_short(out, end + 1, (x << 1) ^ (x >> 63))
    end = _put_short(out, end, (y << 1) ^ (y >> 63))
    end = _put_short(out, end, (count - 1) << 3 | LINE_TO)
    for row in range(1, count):
        dx, dy = int(kept[row, 0]) - x, int(kept[row, 1]) - y
        end = _put_short(out, end, (dx << 1) ^ (dx >> 63))
        end = _put_short(out, end, (dy << 1) ^ (dy >> 63))
        x, y = x + dx, y + dy
    shape_bytes = end - start
    body = head - 3 + _size(shape_bytes) + shape_bytes
    late = _size(shape_bytes) - 1 + _size(body) - 1  # by how much the two lengths are longer than a byte
    if late:
        for place in range(end - 1, start - 1, -1):
            out[place + late] = out[place]
    out[at] = 0x12
    at = _put(out, at + 1, body)
    out[at] = 0x08
    at = _put(out, at + 1, number)
    if size:
        out[at] = 0x12
        at = _put(out, at + 1, tag_bytes)
        for place in range(size):
            at = _put_short(out, at, tags[place])
    out[at], out[at + 1], out[at + 2] = 0x18, LINE, 0x22
    _put(out, at + 3, shape_bytes)
    return end + late


@compiled
def _feature(
    out: Bytes, at: int, about: tuple[int, int], tags: Ints, size: int, commands: Ints, length: int
) -> int:
    """Write one feature message (specification 2.1, 4.2): id, tags, type, geometry."""
    kind, number = about
    tag_bytes, shape_bytes = _sizes(tags, size), _sizes(commands, length)
    body = 1 + _size(number) + 2 + 1 + _size(shape_bytes) + shape_bytes
    if size:
        body += 1 + _size(tag_bytes) + tag_bytes
    out[at] = 0x12
    at = _put(out, at + 1, body)
    out[at] = 0x08
    at = _put(out, at + 1, number)
    if size:
        out[at] = 0x12
        at = _put(out, at + 1, tag_bytes)
        for place in range(size):
            at = _put(out, at, tags[place])
    out[at], out[at + 1], out[at + 2] = 0x18, kind, 0x22
    at = _put(out, at + 3, shape_bytes)
    for place in range(length):
        at = _put(out, at, commands[place])
    return at


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


@compiled
def text_messages(data: Bytes, starts: Ints) -> tuple[Bytes, Ints]:
    """Return the value messages (specification 2.1, 4.1) of texts one after another, and their sizes."""
    count = len(starts) - 1
    sizes = np.empty(count, np.int64)
    for row in range(count):
        length = starts[row + 1] - starts[row]
        inner = 1 + _size(length) + length
        sizes[row] = 1 + _size(inner) + inner
    out = np.empty(sizes.sum(), np.uint8)
    at = 0
    for row in range(count):
        length = starts[row + 1] - starts[row]
        out[at] = 0x22
        at = _put(out, at + 1, 1 + _size(length) + length)
        out[at] = 0x0A
        at = _put(out, at + 1, length)
        for place in range(starts[row], starts[row + 1]):
            out[at] = data[place]
            at += 1
    return out, sizes
