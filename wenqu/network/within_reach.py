"""Which places have a pipe within reach? A grid of the places, walked by every pipe once."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from wenqu.network.forest import csr
from wenqu.network.geometry import Floats, Shapes

MOST_CELLS = 4_000_000
Mask = npt.NDArray[np.bool_]
Years = npt.NDArray[np.float64]


def first_year_within(places: Floats, lines: Shapes, years: Years, reach: float) -> Years:
    """Return for each place the earliest year of a line within reach; NaN where none is. (n,)

    Parameters
    ----------
    places
        Where the places lie, (n, 2), in metres; NaN has no place.
    lines
        The pipes.
    years
        Year since when each line is there; -inf: always.
    reach
        [m]
    """
    found = np.full(len(places), np.inf)
    there = np.flatnonzero(np.isfinite(places).all(axis=1))
    if len(there) and len(lines.coords):
        some = places[there]
        low = some.min(axis=0)
        span = some.max(axis=0) - low
        cell = max(reach, float(np.sqrt(max(span[0], reach) * max(span[1], reach) / MOST_CELLS)))
        shape = (int(span[0] / cell) + 1, int(span[1] / cell) + 1)
        at = ((some - low) / cell).astype(np.int64)
        starts, order = csr(at[:, 0] * shape[1] + at[:, 1], shape[0] * shape[1])
        of_line = np.searchsorted(lines.parts[lines.assets], np.arange(len(lines.coords)), side="right") - 1
        part_end = np.zeros(len(lines.coords), dtype=np.bool_)
        part_end[lines.parts[1:][np.diff(lines.parts) > 0] - 1] = True
        grid = (starts, order, shape[0], shape[1], cell)
        found[there] = _walk(some - low, lines.coords - low, years[of_line], part_end, grid, reach)
    return np.where(np.isinf(found) & (found > 0), np.nan, found)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _walk(places: Floats, coords: Floats, year: Years, part_end: Mask, grid: Any, reach: float) -> Years:
    starts, order, wide, high, cell = grid
    found = np.full(len(places), np.inf)
    for one in range(len(coords)):
        other = one if part_end[one] else one + 1
        x0, y0, x1, y1 = coords[one, 0], coords[one, 1], coords[other, 0], coords[other, 1]
        left = max(0, int(np.floor((min(x0, x1) - reach) / cell)))
        right = min(wide - 1, int(np.floor((max(x0, x1) + reach) / cell)))
        below = max(0, int(np.floor((min(y0, y1) - reach) / cell)))
        above = min(high - 1, int(np.floor((max(y0, y1) + reach) / cell)))
        if below > above:
            continue
        dx, dy = x1 - x0, y1 - y0
        long = dx * dx + dy * dy
        for column in range(left, right + 1):
            # the rows of a column of cells lie side by side: one run of places
            for at in range(starts[column * high + below], starts[column * high + above + 1]):
                place = order[at]
                if found[place] <= year[one]:
                    continue
                px, py = places[place, 0] - x0, places[place, 1] - y0
                share = min(1.0, max(0.0, (px * dx + py * dy) / long)) if long > 0 else 0.0
                if (px - share * dx) ** 2 + (py - share * dy) ** 2 <= reach * reach:
                    found[place] = year[one]
    return found


def clusters(places: Floats, gap: float) -> npt.NDArray[np.int64]:
    """Return a number for each place: the same for places in cells of ``gap`` that touch each other. (n,)"""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if not len(places):
        return np.empty(0, np.int64)
    at = np.floor((places - places.min(axis=0)) / gap).astype(np.int64)
    width = int(at[:, 1].max()) + 3
    keys, own = np.unique((at[:, 0] + 1) * width + at[:, 1] + 1, return_inverse=True)
    pairs = []
    for step in (1, width - 1, width, width + 1):
        next_to = np.searchsorted(keys, keys + step)
        next_to[next_to == len(keys)] = 0
        hit = keys[next_to] == keys + step
        pairs.append(np.column_stack([np.flatnonzero(hit), next_to[hit]]))
    ends = np.concatenate(pairs)
    matrix = csr_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(len(keys), len(keys)))
    label: npt.NDArray[np.int64] = connected_components(matrix, directed=False)[1].astype(np.int64)[own]
    return label
