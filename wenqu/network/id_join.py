"""Which row has which id? A join of id columns by their hashes."""

import numba
import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int32]
Ids = npt.NDArray[np.object_]


def id_hashes(ids: Ids) -> npt.NDArray[np.int64]:
    """Return the hash of every id; Python keeps it with the text, so a second look costs nothing."""
    return np.fromiter(map(hash, ids.tolist()), np.int64, len(ids))


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _slots(known: npt.NDArray[np.int64]) -> Rows:
    size = 16
    while size < 2 * len(known):
        size *= 2
    slots = np.full(size, -1, np.int32)
    for row in range(len(known)):
        at = known[row] & (size - 1)
        while slots[at] >= 0 and known[slots[at]] != known[row]:
            at = (at + 1) & (size - 1)
        if slots[at] < 0:
            slots[at] = row
    return slots


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _find(slots: Rows, known: npt.NDArray[np.int64], asked: npt.NDArray[np.int64]) -> Rows:
    size = len(slots)
    found = np.empty(len(asked), np.int32)
    for row in range(len(asked)):
        at = asked[row] & (size - 1)
        while slots[at] >= 0 and known[slots[at]] != asked[row]:
            at = (at + 1) & (size - 1)
        found[row] = slots[at]
    return found


def rows_of(known: Ids, *asked: Ids) -> list[Rows]:
    """Return for each column of ids the row of each id in ``known`` (the first that has it), -1 for none.

    Texts are compared by Python's 64-bit keyed hash: with three million ids, the odds that any two that
    differ share one are below one in a million.
    """
    hashes = id_hashes(known)
    slots = _slots(hashes)
    return [_find(slots, hashes, id_hashes(column)) for column in asked]
