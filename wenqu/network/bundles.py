"""Which conduits are one job? Neighbours on one road, cut where a job would be too long."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
SLACK = 1e-9  # relative: lengths that add up to the longest are no longer than it


def bundled(
    ids: Texts,
    ends: tuple[Ints, Ints],
    sort: Texts,
    most: int,
    lengths: Floats | None = None,
    longest: float = np.inf,
) -> Texts:
    """Return the package of every conduit: itself while there are few, else its stretch of road.

    Conduits belong together when they share a manhole and are of one sort (road, plant, district, whether
    on the problem list). A stretch is named after its least id.

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
    lengths
        Of the conduits; needed where there is a longest. [m] (n,)
    longest
        Longest stretch; a conduit that is longer by itself is one all the same. [m]
    """
    if len(ids) <= most:
        return ids.copy()
    label = stretches(ids, ends, sort, np.zeros(len(ids)) if lengths is None else lengths, longest)
    named: Texts = ids[np.argsort(ids.astype(str), kind="stable")][label]
    return named


def stretches(ids: Texts, ends: tuple[Ints, Ints], sort: Texts, lengths: Floats, longest: float) -> Ints:
    """Return the stretch of every conduit: the place of its least id among all ids in order. (n,)

    Each stretch hangs together through manholes and is of one sort. What is longer than ``longest`` is cut
    along a spanning tree into the fewest pieces that are not (Kundu and Misra 1977: from the leaves inwards,
    the longest branches are cut off while the sum is too long); a sewer network without loops is that tree
    itself. The order of the rows does not matter.
    """
    if not len(ids):
        return np.empty(0, np.int64)
    order = np.argsort(ids.astype(str), kind="stable")
    graph, meetings = _meeting((ends[0][order], ends[1][order]), sort[order])
    _, label = connected_components(graph, directed=False)
    whole = np.bincount(label[: len(ids)], lengths[order])
    long = whole > longest * (1 + SLACK)
    piece = label[: len(ids)].astype(np.int64)
    if long.any():
        weight = np.concatenate([lengths[order], np.zeros(meetings)])
        piece = _cut(graph, (label, long), weight, longest)[: len(ids)]
    _, first, inverse = np.unique(piece, return_index=True, return_inverse=True)
    found = np.empty(len(ids), np.int64)
    found[order] = first[inverse]
    return found


def _meeting(ends: tuple[Ints, Ints], sort: Texts) -> tuple[csr_array, int]:
    """Return the graph of conduits (first) and of the manholes where conduits of one sort meet."""
    count = len(sort)
    rows, node, kind = np.tile(np.arange(count), 2), np.concatenate(ends), np.tile(sort, 2)
    usable = (node >= 0) & (kind != "")
    keys = np.array([f"{place}|{name}" for place, name in zip(node[usable], kind[usable], strict=True)])
    _, meeting = np.unique(keys, return_inverse=True)
    meetings = int(meeting.max()) + 1 if len(meeting) else 0
    size = count + meetings
    one, other = rows[usable], count + meeting
    both = (np.concatenate([one, other]), np.concatenate([other, one]))
    return csr_array(coo_array((np.ones(2 * len(one), np.int8), both), shape=(size, size))), meetings


def _cut(graph: csr_array, parts: tuple[Ints, npt.NDArray[np.bool_]], weight: Floats, longest: float) -> Ints:
    """Return the piece of every vertex, the long components cut along a spanning tree from their first."""
    label, long = parts
    size = graph.shape[0]
    _, firsts = np.unique(label, return_index=True)  # conduits stand before manholes
    roots = firsts[long]
    top = coo_array((np.ones(len(roots), np.int8), (np.full(len(roots), size), roots)), shape=(size + 1,) * 2)
    wide = graph.copy()
    wide.resize((size + 1, size + 1))
    order, before = breadth_first_order(csr_array(wide + top), size, directed=True)
    rest = weight.copy()
    inside: list[list[int]] = [[] for _ in range(size + 1)]  # children that still hang on
    most = longest * (1 + SLACK)
    for vertex in order[:0:-1].tolist():
        mine = inside[vertex]
        total = rest[vertex] + sum(rest[child] for child in mine)
        if total > most:
            mine.sort(key=lambda child: (-rest[child], child))
            while mine and total > most:
                total -= rest[mine.pop(0)]
        rest[vertex] = total
        inside[before[vertex]].append(vertex)
    owner = np.arange(size)
    for vertex in order[1:].tolist():  # from the root outwards: what hangs on is of the piece above
        for child in inside[vertex]:
            owner[child] = owner[vertex]
    return np.where(long[label], size + owner, label)
