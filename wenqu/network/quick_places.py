"""How do a million places come to the map's coordinate system in a moment?

PROJ takes half a microsecond a place. Over a city every projection is so smooth that a polynomial of a low
degree stands for it: it is fitted to PROJ on a small lattice and held against PROJ on some of the places
themselves. Where it is off by more than ``NEAR`` (a place far astray, a grid with a step), PROJ does all.
For drawing only: what is exported goes through PROJ.
"""

from collections.abc import Callable

import numba
import numpy as np

from wenqu.network.geometry import Floats

MANY = 20_000  # places from which fitting pays
NODES = 6  # along each side of the lattice
SAMPLE = 500  # places that are held against PROJ
NEAR = 1e-5  # [m]


def quickly(turn: Callable[[Floats], Floats], coords: Floats, near: float = NEAR) -> Floats:
    """Return what ``turn`` makes of coordinates (m, 2), within ``near`` (in what ``turn`` returns)."""
    if len(coords) < MANY or not np.isfinite(coords).all():
        return turn(coords)
    low, high = coords.min(axis=0), coords.max(axis=0)
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
    nodes = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    lattice = np.stack(np.meshgrid(nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 2)
    origin = turn(middle[None])[0]
    reached = (turn(middle + half * lattice) - origin).reshape(NODES, NODES, 2)
    if not np.isfinite(reached).all():
        return turn(coords)
    powers = np.linalg.inv(np.vander(nodes, increasing=True))
    weights = np.einsum("ai,bj,ijk->abk", powers, powers, reached)
    fitted = (middle, half, np.ascontiguousarray(weights), origin)
    extremes = np.concatenate([coords[coords.argmin(axis=0)], coords[coords.argmax(axis=0)]])
    asked = np.concatenate([coords[:: max(1, len(coords) // SAMPLE)], extremes])
    off = np.abs(_polynomial(asked, *fitted) - turn(asked))
    if not (off <= near).all():
        return turn(coords)
    return _polynomial(np.ascontiguousarray(coords, np.float64), *fitted)


@numba.njit(cache=True, nogil=True)
def _polynomial(coords: Floats, middle: Floats, half: Floats, weights: Floats, origin: Floats) -> Floats:
    made = np.empty((len(coords), 2))
    for row in range(len(coords)):
        u, v = (coords[row, 0] - middle[0]) / half[0], (coords[row, 1] - middle[1]) / half[1]
        x = y = 0.0
        for power in range(NODES - 1, -1, -1):
            own = other = 0.0
            for below in range(NODES - 1, -1, -1):
                own = own * v + weights[power, below, 0]
                other = other * v + weights[power, below, 1]
            x, y = x * u + own, y * u + other
        made[row, 0], made[row, 1] = x + origin[0], y + origin[1]
    return made
