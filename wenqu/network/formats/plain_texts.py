"""Are all texts of a column plain already: no blank to trim, none that means nothing? Do all differ?"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

Starts = npt.NDArray[Any]  # int32 or int64
LONGEST = 8  # bytes up to which a text may mean nothing ("<null>"; the Chinese ones are not ASCII)

compiled = numba.njit(cache=True, nogil=True)


@compiled
def _plain(data: npt.NDArray[np.uint8], starts: Starts) -> bool:
    for row in range(len(starts) - 1):
        first, last = starts[row], starts[row + 1]
        if last - first <= LONGEST or not (32 < data[first] < 127 and 32 < data[last - 1] < 127):
            return False
    return True


@compiled
def _differ(data: npt.NDArray[np.uint8], starts: Starts) -> bool:
    """Tell whether the texts have hashes that all differ: then they differ themselves."""
    size = 16
    while size < 2 * len(starts):
        size *= 2
    slots = np.full(size, -1, np.int32)
    hashes = np.empty(len(starts) - 1, np.int64)
    for row in range(len(starts) - 1):
        value = 0
        for place in range(starts[row], starts[row + 1]):
            value = (value ^ int(data[place])) * 1099511628211
        value ^= value >> 29
        hashes[row] = value
    for row in range(len(hashes)):
        at = hashes[row] & (size - 1)
        while slots[at] >= 0:
            if hashes[slots[at]] == hashes[row]:
                return False
            at = (at + 1) & (size - 1)
        slots[at] = row
    return True


def _buffers(column: pa.Array) -> tuple[npt.NDArray[np.uint8], Starts] | None:
    """Return the bytes of a column of texts and where each starts, None when one is absent."""
    large = pa.types.is_large_string(column.type)
    if column.null_count or not (large or pa.types.is_string(column.type)):
        return None
    _, offsets, data = column.buffers()
    if data is None:
        return None
    starts: Starts = np.frombuffer(offsets, np.int64 if large else np.int32)
    return np.frombuffer(data, np.uint8), starts[column.offset : column.offset + len(column) + 1]


def all_plain(column: pa.Array) -> bool:
    """Tell whether every text begins and ends with a visible ASCII sign and is too long to mean nothing.

    Such a column, as most columns of identities are, stays as it is.
    """
    held = _buffers(column)
    return held is not None and bool(_plain(*held))


def all_plain_and_different(column: pa.Array) -> bool:
    """Tell whether every text is plain and none stands twice: true is certain, false may be an accident."""
    held = _buffers(column)
    return held is not None and bool(_plain(*held)) and bool(_differ(*held))
