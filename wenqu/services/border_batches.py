"""Which meters are asked together whether a pipe of one batch drains into another, when a city has too many?

Meters solved in batches never hear of one another's areas. Where manholes of areas in different batches lie
near each other, both meters, with those next above and below them, are solved once more together, only to
doubt the map. Any choice of meters is a fair question: what lies between them is then one area.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from wenqu.diagnosis.meter_batches import Batch
from wenqu.diagnosis.moved_parts import REACH

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MOST = 40  # meters asked together: a second's work


def border_batches(
    at: Floats, meter: Ints, spans: tuple[Ints, Ints], batches: Sequence[Batch], *, reach: float = REACH
) -> list[Ints]:
    """Return choices of meters whose areas lie beside each other, those with the most manholes there first.

    Parameters
    ----------
    at
        Where each node lies, NaN where nobody knows. (N, 2) [m]
    meter
        At the lower end of each node's area, -1 for none. (N,)
    spans
        First and last pipe (excluded) above each meter. (M,) each
    batches
        How the meters were solved.
    reach
        How far apart manholes may be connected though nobody drew it. [m]

    Returns
    -------
    list of arrays
        No more choices than there are batches.
    """
    of = np.full(len(spans[0]), -1, dtype=np.int64)
    for number, batch in enumerate(batches):
        of[batch.own] = number
    known = np.flatnonzero(np.isfinite(at).all(axis=1) & (meter >= 0))
    if len(known) < 2:
        return []
    pairs = meter[known[cKDTree(at[known]).query_pairs(reach, output_type="ndarray")]]
    pairs = np.sort(pairs[of[pairs[:, 0]] != of[pairs[:, 1]]], axis=1)
    below = _below(*spans)
    found: list[set[int]] = []
    for (one, other), _ in Counter(map(tuple, pairs.tolist())).most_common():
        needed = {one, other}
        for place in (one, other):
            needed |= {int(above) for above in np.flatnonzero(below == place)} | {int(below[place])}
        needed.discard(-1)
        fits = next((chosen for chosen in found if len(chosen | needed) <= MOST), None)
        if fits is not None:
            fits |= needed
        elif len(found) < len(batches):
            found.append(needed)
    return [np.array(sorted(chosen), dtype=np.int64) for chosen in found]


def _below(first: Ints, last: Ints) -> Ints:
    """Return the next meter below each, -1 for none. (M,)"""
    found = np.full(len(first), -1, dtype=np.int64)
    size = last - first
    for place in range(len(first)):
        holds = (first <= first[place]) & (last[place] <= last) & (size > size[place])
        inside = np.flatnonzero(holds)
        if len(inside):
            found[place] = inside[size[inside].argmin()]
    return found
