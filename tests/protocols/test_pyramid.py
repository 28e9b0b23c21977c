"""Which tiles are worth making."""

import numpy as np
import pytest

from wenqu.protocols import pyramid
from wenqu.protocols.pyramid import touched
from wenqu.protocols.tiles import Tile


@pytest.mark.parametrize("cells", [pyramid.CELLS, 0])
def test_the_tiles_that_a_full_look_finds_are_touched(monkeypatch, cells):
    monkeypatch.setattr(pyramid, "CELLS", cells)  # both ways: by a grid, and where the grid is too large
    draw = np.random.default_rng(2)
    low = draw.uniform(13_500_000, 13_600_000, (200, 2))
    boxes = np.hstack([low, low + draw.exponential(3000, (200, 2))])
    boxes[7] = np.nan
    found = {(int(x), int(y)) for x, y in zip(*touched(boxes, 11), strict=True)}
    west, north = min(x for x, _ in found), min(y for _, y in found)
    seen = set()
    for x in range(west - 2, west + 12):
        for y in range(north - 2, north + 12):
            x0, y0, x1, y1 = Tile(11, x, y).box(64 / 4096)
            meet = (boxes[:, 0] <= x1) & (boxes[:, 2] >= x0) & (boxes[:, 1] <= y1) & (boxes[:, 3] >= y0)
            if meet.any():
                seen.add((x, y))
    assert found == seen


def test_nothing_touches_nothing():
    assert [len(side) for side in touched(np.full((3, 4), np.nan), 12)] == [0, 0]
