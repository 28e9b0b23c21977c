"""How far does each asset reach, compiled?"""

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True)
def boxes(coords: Floats, starts: Ints) -> Floats:
    """Return the box of every asset as (n, 4), NaN without a place; those of asset i start at starts[i]."""
    found = np.full((len(starts) - 1, 4), np.nan)
    for row in range(len(found)):
        for axis in range(2):
            for place in range(starts[row], starts[row + 1]):
                value = coords[place, axis]
                if np.isnan(value):  # a place that nobody knows has no box
                    found[row, axis] = found[row, axis + 2] = np.nan
                    break
                if place == starts[row]:
                    found[row, axis] = found[row, axis + 2] = value
                found[row, axis] = min(found[row, axis], value)
                found[row, axis + 2] = max(found[row, axis + 2], value)
    return found
