"""Which tiles of the pyramid does anything touch?"""

import numba
import numpy as np
import numpy.typing as npt

from wenqu.protocols.tiles import HALF_WORLD, Floats, Ints

CELLS = 2**26  # of a grid that fits in memory; a city with a place gone astray may span more


def touched(boxes: Floats, z: int, margin: float = 64 / 4096) -> tuple[Ints, Ints]:
    """Return x and y of the tiles at a zoom that some box (m) meets, buffer included, each once."""
    there = boxes[~np.isnan(boxes).any(axis=1)]
    if not len(there):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    side = 2 * HALF_WORLD / 2**z
    low = np.floor((there[:, [0, 3]] * [1, -1] + HALF_WORLD) / side - margin).astype(np.int64)
    high = np.floor((there[:, [2, 1]] * [1, -1] + HALF_WORLD) / side + margin).astype(np.int64)
    low, high = np.clip(low, 0, 2**z - 1), np.clip(high, 0, 2**z - 1)
    first, size = low.min(axis=0), high.max(axis=0) - low.min(axis=0) + 1
    if int(size[0]) * int(size[1]) <= CELLS:
        grid = np.zeros((int(size[0]), int(size[1])), np.bool_)
        _mark(grid, low - first, high - first)
        x, y = np.nonzero(grid)
        return x + first[0], y + first[1]
    spans = np.unique(np.hstack([low, high]), axis=0)
    cells = [
        (np.arange(x0, x1 + 1)[:, None] << 32 | np.arange(y0, y1 + 1)).ravel() for x0, y0, x1, y1 in spans
    ]
    found = np.unique(np.concatenate(cells))
    return found >> 32, found & 0xFFFFFFFF


@numba.njit(cache=True, nogil=True)
def _mark(grid: npt.NDArray[np.bool_], low: Ints, high: Ints) -> None:
    """Mark the cells of every span."""
    for row in range(len(low)):
        for x in range(low[row, 0], high[row, 0] + 1):
            for y in range(low[row, 1], high[row, 1] + 1):
                grid[x, y] = True
