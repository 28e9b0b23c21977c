"""Which tiles of the pyramid does anything touch?"""

import numpy as np

from wenqu.protocols.tiles import HALF_WORLD, Floats, Ints


def touched(boxes: Floats, z: int, margin: float = 64 / 4096) -> tuple[Ints, Ints]:
    """Return x and y of the tiles at a zoom that some box (m) meets, buffer included, each once."""
    there = boxes[~np.isnan(boxes).any(axis=1)]
    side = 2 * HALF_WORLD / 2**z
    low = np.floor((there[:, [0, 3]] * [1, -1] + HALF_WORLD) / side - margin).astype(np.int64)
    high = np.floor((there[:, [2, 1]] * [1, -1] + HALF_WORLD) / side + margin).astype(np.int64)
    low, high = np.clip(low, 0, 2**z - 1), np.clip(high, 0, 2**z - 1)
    spans = np.unique(np.hstack([low, high]), axis=0)
    cells = [
        (np.arange(x0, x1 + 1)[:, None] << 32 | np.arange(y0, y1 + 1)).ravel() for x0, y0, x1, y1 in spans
    ]
    found = np.unique(np.concatenate([np.empty(0, np.int64), *cells]))
    return found >> 32, found & 0xFFFFFFFF
