"""Which shapes does a map tile meet?"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALF_WORLD = 20037508.342789244  # [m] half the side of the Web-Mercator square
FAN = 16  # boxes under one box of the index


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of the Web-Mercator pyramid (x to the east, y to the south)."""

    z: int
    x: int
    y: int

    def box(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """Return x lowest, y lowest, x highest, y highest [m]; ``margin`` is a share of the side."""
        side = 2 * HALF_WORLD / 2**self.z
        west, north = self.x * side - HALF_WORLD, HALF_WORLD - self.y * side
        more = margin * side
        return west - more, north - side - more, west + side + more, north + more


@dataclass(frozen=True, slots=True)
class TileIndex:
    """Boxes packed into a tree of groups of 16 along a Z curve: built once, read by many threads."""

    rows: Ints  # (n,) rows that have a box, in the order of the curve
    boxes: Floats  # (b, 4) the boxes of all levels, leaves first
    starts: Ints  # (levels + 1,) where each level starts in boxes
    ascending: bool  # the rows lie along the curve already

    @staticmethod
    def of(boxes: Floats) -> "TileIndex":
        """Return the index of (n, 4) boxes (x lowest, y lowest, x highest, y highest); NaN has none."""
        there = _boxed(boxes)
        kept = np.ascontiguousarray(boxes if len(there) == len(boxes) else boxes[there], dtype=np.float64)
        order = _by_curve(kept)
        along = bool((np.diff(order) > 0).all())
        levels = [kept if along else kept[order]]
        while len(levels[-1]) > FAN:
            below, groups = levels[-1], np.arange(0, len(levels[-1]), FAN)
            lows = np.minimum.reduceat(below[:, :2], groups)
            levels.append(np.hstack([lows, np.maximum.reduceat(below[:, 2:], groups)]))
        starts = np.concatenate([[0], np.cumsum([len(level) for level in levels])])
        rows = there if along else there[order]
        return TileIndex(rows, np.concatenate(levels), starts.astype(np.int64), along)

    def within(self, box: tuple[float, float, float, float]) -> Ints:
        """Return the rows whose boxes meet a box, ascending. O(log n + found)."""
        found = self.rows[_search(self.boxes, self.starts, box)]
        return found if self.ascending else np.sort(found)

    def of_tile(self, tile: Tile, margin: float = 64 / 4096) -> Ints:
        """Return the rows that may show in a tile or its buffer, ascending."""
        return self.within(tile.box(margin))


def along_curve(boxes: Floats) -> Ints:
    """Return an order of all boxes in which neighbours lie near each other; those without a box come last."""
    near = _boxed(boxes)
    if len(near) == len(boxes):
        return _by_curve(boxes)
    return np.concatenate([near[_by_curve(boxes[near])], np.setdiff1d(np.arange(len(boxes)), near)])


def _boxed(boxes: Floats) -> Ints:
    """Return which boxes there are: NaN is none."""
    return np.flatnonzero(~np.isnan(boxes.sum(axis=1)))


def _by_curve(boxes: Floats) -> Ints:
    """Return the order of boxes along the curve; of equal places the first comes first."""
    if not len(boxes):
        return np.empty(0, np.int64)
    keys = _curve(np.ascontiguousarray(boxes, np.float64))
    if not (keys[1:] >= keys[:-1]).all():
        keys.sort()
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


@numba.njit(cache=True, nogil=True)
def _curve(boxes: Floats) -> npt.NDArray[np.uint64]:
    """Return the place of each box's middle on a Z curve of 2 × 16 bits, its row behind it."""
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for row in range(len(boxes)):
        for axis in range(2):
            middle = (boxes[row, axis] + boxes[row, axis + 2]) / 2
            low[axis], high[axis] = min(low[axis], middle), max(high[axis], middle)
    keys = np.empty(len(boxes), np.uint64)
    for row in range(len(boxes)):
        place = np.uint64(0)
        for axis in range(2):
            middle = (boxes[row, axis] + boxes[row, axis + 2]) / 2
            share = (middle - low[axis]) / max(high[axis] - low[axis], 1e-9)
            bits = np.uint64(share * 65535 if 0 <= share <= 1 else 0)  # endless: no share of anything
            bits = (bits | (bits << np.uint64(8))) & np.uint64(0x00FF00FF)
            bits = (bits | (bits << np.uint64(4))) & np.uint64(0x0F0F0F0F)
            bits = (bits | (bits << np.uint64(2))) & np.uint64(0x33333333)
            bits = (bits | (bits << np.uint64(1))) & np.uint64(0x55555555)
            place |= bits << np.uint64(axis)
        keys[row] = place << np.uint64(32) | np.uint64(row)
    return keys


@numba.njit(cache=True, nogil=True)
def _search(boxes: Floats, starts: Ints, box: tuple[float, float, float, float]) -> Ints:
    """Return the places of the leaves that meet a box, ascending; below a box inside it nothing is asked."""
    west, south, east, north = box
    top = len(starts) - 2
    stack = np.empty(FAN * (top + 2), np.int64)
    levels = np.empty(FAN * (top + 2), np.int64)
    found = np.empty(1024, np.int64)
    count = depth = 0
    for place in range(starts[top + 1] - 1, starts[top] - 1, -1):
        stack[depth], levels[depth] = place, top
        depth += 1
    while depth > 0:
        depth -= 1
        place, level = stack[depth], levels[depth]
        x0, y0, x1, y1 = boxes[place, 0], boxes[place, 1], boxes[place, 2], boxes[place, 3]
        if x0 > east or x1 < west or y0 > north or y1 < south:
            continue
        inside = x0 >= west and x1 <= east and y0 >= south and y1 <= north
        first = last = place - starts[level]  # of the leaves below
        if inside or level == 0:
            for _ in range(level):
                first *= FAN
                last = last * FAN + FAN - 1
            last = min(last, starts[1] - 1) + 1
            if count + last - first > len(found):
                wider = np.empty(2 * (count + last - first), np.int64)
                wider[:count] = found[:count]
                found = wider
            for leaf in range(first, last):
                found[count] = leaf
                count += 1
            continue
        first = starts[level - 1] + first * FAN
        for below in range(min(first + FAN, starts[level]) - 1, first - 1, -1):
            stack[depth], levels[depth] = below, level - 1
            depth += 1
    return found[:count]
