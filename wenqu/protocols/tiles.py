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
        there = np.flatnonzero(~np.isnan(boxes).any(axis=1))
        kept = np.ascontiguousarray(boxes[there], dtype=np.float64)
        order = np.argsort(_curve(kept), kind="stable") if len(kept) else np.empty(0, np.int64)
        levels = [kept[order]]
        while len(levels[-1]) > FAN:
            below, groups = levels[-1], np.arange(0, len(levels[-1]), FAN)
            lows = np.minimum.reduceat(below[:, :2], groups)
            levels.append(np.hstack([lows, np.maximum.reduceat(below[:, 2:], groups)]))
        starts = np.concatenate([[0], np.cumsum([len(level) for level in levels])])
        rows = there[order]
        ascending = bool((np.diff(rows) > 0).all())
        return TileIndex(rows, np.concatenate(levels), starts.astype(np.int64), ascending)

    def within(self, box: tuple[float, float, float, float]) -> Ints:
        """Return the rows whose boxes meet a box, ascending. O(log n + found)."""
        found = self.rows[_search(self.boxes, self.starts, box)]
        return found if self.ascending else np.sort(found)

    def of_tile(self, tile: Tile, margin: float = 64 / 4096) -> Ints:
        """Return the rows that may show in a tile or its buffer, ascending."""
        return self.within(tile.box(margin))


def along_curve(boxes: Floats) -> Ints:
    """Return an order of all boxes in which neighbours lie near each other; those without a box come last."""
    there = ~np.isnan(boxes).any(axis=1)
    near = np.flatnonzero(there)
    order = near[np.argsort(_curve(boxes[near]), kind="stable")] if len(near) else near
    return np.concatenate([order, np.flatnonzero(~there)])


def _curve(boxes: Floats) -> npt.NDArray[np.uint64]:
    """Return the place of each box's middle on a Z curve of 2 × 16 bits."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    low = middles.min(axis=0)
    span = np.maximum(middles.max(axis=0) - low, 1e-9)
    cells = ((middles - low) / span * 65535).astype(np.uint64)
    place = np.zeros(len(boxes), np.uint64)
    for axis in (0, 1):
        bits = cells[:, axis]
        for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
            bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
        place |= bits << np.uint64(axis)
    return place


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
