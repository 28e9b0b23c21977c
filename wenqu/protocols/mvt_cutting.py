"""How are shapes clipped to a tile, quantised and turned into drawing commands?

A frame is the five numbers that lead from Web-Mercator metres into a tile: scale, x shift, y shift, lowest
and highest coordinate kept.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

compiled = numba.njit(cache=True, nogil=True, error_model="numpy")
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Frame = tuple[float, float, float, float, float]

POINT, LINE, POLYGON = 1, 2, 3  # the geometry types of the vector tile specification 2.1, 4.3.4
MOVE_TO, LINE_TO, CLOSE = 1, 2, 15  # commands, 4.3.3; CLOSE with its count


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
def vertices(coords: Floats, span: tuple[int, int], frame: Frame, kept: Floats) -> int:
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
def within(kept: Floats, size: int, low: float, high: float) -> bool:
    """Tell whether the first vertices all lie in the square."""
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
    size = vertices(coords, span, frame, kept)
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
def widened(out: npt.NDArray[Any], kept: int, size: int) -> npt.NDArray[Any]:
    """Return a longer array that begins with what is kept."""
    wider = np.empty(size, out.dtype)
    wider[:kept] = out[:kept]
    return wider


@compiled
def polygon(coords: Floats, parts: Ints, span: tuple[int, int], frame: Frame) -> Ints:
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
            commands = widened(commands, at, 2 * len(commands) + 2 * len(ring) + 4)
        before = at
        at = _polygon_ring(ring, outer, commands, at, cursor)
        if outer:
            shown = at > before
    return commands[:at]


@compiled
def shape(
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
