"""Which tiles of the pyramid does anything touch?"""

import numba
import numpy as np
import numpy.typing as npt

from wenqu.protocols.tiles import HALF_WORLD, Floats, Ints

compiled = numba.njit(cache=True, nogil=True)
CELLS = 2**26  # of a grid that fits in memory; a city with a place gone astray may span more


def touched(boxes: Floats, z: int, margin: float = 64 / 4096) -> tuple[Ints, Ints]:
    """Return x and y of the tiles at a zoom that some box (m) meets, buffer included, each once."""
    side, most = 2 * HALF_WORLD / 2**z, 2**z - 1
    whole = np.ascontiguousarray(boxes, np.float64)
    around = _around(whole)
    if np.isnan(around).any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    ends = np.array(_span(around, side, margin, most))
    first, size = ends[:2], ends[2:] - ends[:2] + 1
    if int(size[0]) * int(size[1]) <= CELLS:
        grid = np.zeros((int(size[0]), int(size[1])), np.bool_)
        _mark(grid, whole, (side, margin, most), first)
        x, y = np.nonzero(grid)
        return x + first[0], y + first[1]
    there = whole[~np.isnan(whole).any(axis=1)]
    spans = np.array([_span(box, side, margin, most) for box in there], np.int64)
    spans = np.unique(spans, axis=0)
    cells = [
        (np.arange(x0, x1 + 1)[:, None] << 32 | np.arange(y0, y1 + 1)).ravel() for x0, y0, x1, y1 in spans
    ]
    found = np.unique(np.concatenate(cells))
    return found >> 32, found & 0xFFFFFFFF


@compiled
def _cell(place: float, most: int) -> int:
    """Return the row or column of a place, however far away it lies."""
    return int(min(max(np.floor(place), 0.0), float(most)))


@compiled
def _span(box: Floats, side: float, margin: float, most: int) -> tuple[int, int, int, int]:
    """Return the tiles that a box meets: x and y of the first, x and y of the last."""
    return (
        _cell((box[0] + HALF_WORLD) / side - margin, most),
        _cell((HALF_WORLD - box[3]) / side - margin, most),
        _cell((box[2] + HALF_WORLD) / side + margin, most),
        _cell((HALF_WORLD - box[1]) / side + margin, most),
    )


@compiled
def _around(boxes: Floats) -> Floats:
    """Return the box around all boxes, NaN when there is none."""
    around, found = np.full(4, np.nan), False
    for row in range(len(boxes)):
        if not _there(boxes, row):
            continue
        for side in range(4):
            value = boxes[row, side]
            if not found or (value < around[side] if side < 2 else value > around[side]):
                around[side] = value
        found = True
    return around


@compiled
def _there(boxes: Floats, row: int) -> bool:
    """Tell whether no side of a box is NaN."""
    west, south, east, north = boxes[row, 0], boxes[row, 1], boxes[row, 2], boxes[row, 3]
    return bool(west == west and south == south and east == east and north == north)  # noqa: PLR0124


@compiled
def _mark(grid: npt.NDArray[np.bool_], boxes: Floats, about: tuple[float, float, int], first: Ints) -> None:
    """Mark the cells that boxes meet."""
    side, margin, most = about
    for row in range(len(boxes)):
        if _there(boxes, row):
            x0, y0, x1, y1 = _span(boxes[row], side, margin, most)
            for x in range(x0 - first[0], x1 - first[0] + 1):
                for y in range(y0 - first[1], y1 - first[1] + 1):
                    grid[x, y] = True
