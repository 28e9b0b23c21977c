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
        return TileIndex(there[order], np.concatenate(levels), starts.astype(np.int64))

    def within(self, box: tuple[float, float, float, float]) -> Ints:
        """Return the rows whose boxes meet a box, ascending. O(log n + found)."""
        return np.sort(self.rows[_search(self.boxes, self.starts, box)])

    def of_tile(self, tile: Tile, margin: float = 64 / 4096) -> Ints:
        """Return the rows that may show in a tile or its buffer, ascending."""
        return self.within(tile.box(margin))


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
    """Return the places of the leaves that meet a box."""
    west, south, east, north = box
    top = len(starts) - 2
    stack = np.empty(FAN * (top + 2), np.int64)
    levels = np.empty(FAN * (top + 2), np.int64)
    found = np.empty(64, np.int64)
    count = depth = 0
    for place in range(starts[top], starts[top + 1]):
        stack[depth], levels[depth] = place, top
        depth += 1
    while depth > 0:
        depth -= 1
        place, level = stack[depth], levels[depth]
        if (
            boxes[place, 0] > east
            or boxes[place, 2] < west
            or boxes[place, 1] > north
            or boxes[place, 3] < south
        ):
            continue
        if level == 0:
            if count == len(found):
                wider = np.empty(2 * count, np.int64)
                wider[:count] = found
                found = wider
            found[count] = place
            count += 1
            continue
        first = starts[level - 1] + (place - starts[level]) * FAN
        for below in range(first, min(first + FAN, starts[level])):
            stack[depth], levels[depth] = below, level - 1
            depth += 1
    return found[:count]
