"""Which conduits are one job? Neighbours on one road, when there are too many single ones."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


def bundled(ids: Texts, ends: tuple[Ints, Ints], sort: Texts, most: int) -> Texts:
    """Return the package of every conduit: itself while there are few, else its stretch of road.

    Conduits belong together when they share a manhole and are of one sort (road, plant, district, whether
    on the problem list). A stretch is named after its first conduit.

    Parameters
    ----------
    ids
        Conduits. (n,)
    ends
        Nodes at the upper and the lower end, -1 where unknown. (n,), (n,)
    sort
        What must agree; an empty text joins nothing. (n,)
    most
        Number of packages up to which every conduit stays a package of its own.
    """
    count = len(ids)
    if count <= most:
        return ids.copy()
    rows = np.tile(np.arange(count), 2)
    node = np.concatenate(ends)
    kind = np.tile(sort, 2)
    usable = (node >= 0) & (kind != "")
    keys = np.array([f"{place}|{name}" for place, name in zip(node[usable], kind[usable], strict=True)])
    _, meeting = np.unique(keys, return_inverse=True)
    size = count + (int(meeting.max()) + 1 if len(meeting) else 0)
    joins = coo_array((np.ones(len(meeting)), (rows[usable], count + meeting)), shape=(size, size))
    _, label = connected_components(joins, directed=False)
    _, first, inverse = np.unique(label[:count], return_index=True, return_inverse=True)
    return np.asarray(ids[first][inverse], dtype=object)
