"""Are all texts of a column plain already: no blank to trim, none that means nothing?"""

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

LONGEST = 8  # bytes up to which a text may mean nothing ("<null>"; the Chinese ones are not ASCII)

compiled = numba.njit(cache=True, nogil=True)


@compiled
def _plain(data: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> bool:
    for row in range(len(starts) - 1):
        first, last = starts[row], starts[row + 1]
        if first == last:
            continue  # absent; an empty text is asked for by the caller
        if last - first <= LONGEST or not (32 < data[first] < 127 and 32 < data[last - 1] < 127):
            return False
    return True


def all_plain(column: pa.Array) -> bool:
    """Tell whether every text begins and ends with a visible ASCII sign and is too long to mean nothing.

    Such a column, as most columns of identities are, stays as it is.
    """
    if column.null_count:
        return False
    wide = column.cast(pa.large_string())
    _, offsets, data = wide.buffers()
    if data is None:
        return False
    starts = np.frombuffer(offsets, np.int64)[wide.offset : wide.offset + len(wide) + 1]
    return bool((np.diff(starts) > 0).all() and _plain(np.frombuffer(data, np.uint8), starts))
