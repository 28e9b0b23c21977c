"""Which of many points are one place? Ends of lines within a distance of one another become one node.

Points go into tiles some 48 distances wide (a hashed counting sort: a stray coordinate costs nothing).
Inside a tile they are compared with one another, tiles side by side on all cores; only points that lie
within the distance of a border are compared across it. Places are joined by union-find, so that a chain
of near points is one node, as a connected component is.
"""

import numba
import numpy as np
import numpy.typing as npt

from wenqu.network.geometry import Floats, Ints

TILE = 48.0  # width of a tile in snapping distances: one node lies in it, few points near its border
MANY = 48  # points in a bucket from which on equal ones are first taken together
WORTH = 500_000  # points from which on a second core pays
Small = npt.NDArray[np.int32]


def snap(points: Floats, distance: float) -> Ints:
    """Return for every point the number of its node, counted from 0 in the order of first points.

    Parameters
    ----------
    points
        Coordinates (n, 2). [m]
    distance
        Two points not farther apart than this are one node, and so is a chain of them. [m]

    Returns
    -------
    Ints
        Node of each point (n,), -1 where a coordinate is not finite.

    Examples
    --------
    >>> snap(np.array([[0.0, 0.0], [5.0, 0.0], [0.06, 0.0], [0.13, 0.0]]), 0.1).tolist()
    [0, 1, 0, 0]
    """
    places = np.ascontiguousarray(points, dtype=np.float64).reshape(-1, 2)
    if not len(places):
        return np.empty(0, np.int64)
    bits = max(int(np.ceil(np.log2(len(places)))) - 2, 8)  # about four points a bucket
    allowed = numba.get_num_threads()
    threads = min(allowed, 8) if len(places) >= WORTH else 1
    numba.set_num_threads(threads)  # of this thread only
    try:
        offsets, order, sorted_ = _tiled(places, distance * TILE, bits, threads)
        parent = _joined(sorted_, offsets, distance, distance * TILE, bits)
    finally:
        numba.set_num_threads(allowed)
    return np.asarray(_labels(parent, order, len(places)), dtype=np.int64)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _bucket(column: np.int64, row: np.int64, bits: int) -> np.int64:
    mixed = np.uint64(column) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(row) * np.uint64(0xC2B2AE3D27D4EB4F)
    mixed ^= mixed >> np.uint64(29)
    return np.int64((mixed * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))


@numba.njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _tiled(points: Floats, tile: float, bits: int, threads: int) -> tuple[Small, Small, Floats]:
    """Return the start of every bucket, the points in the order of buckets, and their coordinates."""
    count, buckets, per = len(points), 1 << bits, 1.0 / tile
    place = np.empty(count, np.int32)
    counts = np.zeros((threads, buckets + 1), np.int32)
    for thread in numba.prange(threads):
        own = counts[thread]
        for point in range(count * thread // threads, count * (thread + 1) // threads):
            x, y = points[point, 0], points[point, 1]
            if np.isfinite(x) and np.isfinite(y):
                key = _bucket(np.int64(np.floor(x * per)), np.int64(np.floor(y * per)), bits)
                place[point] = key
                own[key] += 1
            else:
                place[point] = -1
    offsets = np.empty(buckets + 1, np.int32)
    total = 0
    for one in range(buckets):
        offsets[one] = total
        for thread in range(threads):
            here = counts[thread, one]
            counts[thread, one] = total
            total += here
    offsets[buckets] = total
    order, sorted_ = np.empty(total, np.int32), np.empty((total, 2), np.float64)
    for thread in numba.prange(threads):
        own = counts[thread]
        for point in range(count * thread // threads, count * (thread + 1) // threads):
            bucket = place[point]
            if bucket >= 0:
                at = own[bucket]
                own[bucket] = at + 1
                order[at] = point
                sorted_[at, 0], sorted_[at, 1] = points[point, 0], points[point, 1]
    return offsets, order, sorted_


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _root(parent: Small, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _unite(parent: Small, one: int, other: int) -> None:
    a, b = _root(parent, one), _root(parent, other)
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _equal_first(points: Floats, first: int, last: int, parent: Small) -> Ints:
    """Unite equal points of a full bucket and return one point of each place, by x."""
    by_x = np.argsort(points[first:last, 0], kind="mergesort")
    kept = np.empty(last - first, np.int64)
    found = 0
    for n in range(len(by_x)):
        point = first + by_x[n]
        before = found - 1
        same = False
        while before >= 0 and points[kept[before], 0] == points[point, 0]:
            if points[kept[before], 1] == points[point, 1]:
                _unite(parent, kept[before], point)
                same = True
                break
            before -= 1
        if not same:
            kept[found] = point
            found += 1
    return kept[:found]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _full(points: Floats, first: int, last: int, parent: Small, distance: float) -> None:
    """Compare the places of a full bucket, swept by x."""
    kept = _equal_first(points, first, last, parent)
    for n in range(len(kept)):
        i = kept[n]
        for m in range(n + 1, len(kept)):
            j = kept[m]
            dx, dy = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
            if dx > distance:
                break
            if dx * dx + dy * dy <= distance * distance:
                _unite(parent, i, j)


@numba.njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _joined(points: Floats, offsets: Small, distance: float, tile: float, bits: int) -> Small:
    """Return the union-find forest of the points: inside buckets on all cores, then across borders."""
    count, limit = len(points), distance * distance
    per, margin = 1.0 / tile, distance / tile * 1.001
    parent = np.empty(count, np.int32)
    near = np.empty(count, np.uint8)
    for bucket in numba.prange(len(offsets) - 1):
        first, last = offsets[bucket], offsets[bucket + 1]
        for i in range(first, last):
            x, y = points[i, 0] * per, points[i, 1] * per
            left, up = x - np.floor(x), y - np.floor(y)
            near[i] = left <= margin or left >= 1.0 - margin or up >= 1.0 - margin
            parent[i] = i
        if last - first > MANY:
            _full(points, first, last, parent, distance)
        else:
            for i in range(first, last):
                for j in range(i + 1, last):
                    dx, dy = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1]
                    if dx * dx + dy * dy <= limit:
                        _unite(parent, i, j)
    for i in range(count):
        if near[i]:
            _across(points, offsets, parent, i, distance, tile, bits)
    return parent


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _across(
    points: Floats, offsets: Small, parent: Small, i: int, distance: float, tile: float, bits: int
) -> None:
    """Join one point with those of the tiles to the right and above that lie within the distance."""
    x, y = points[i, 0], points[i, 1]
    per = 1.0 / tile
    column, row = np.int64(np.floor(x * per)), np.int64(np.floor(y * per))
    right = np.int64(np.floor((x + distance * 1.001) * per)) > column
    left = np.int64(np.floor((x - distance * 1.001) * per)) < column
    above = np.int64(np.floor((y + distance * 1.001) * per)) > row
    for step, rise, wanted in (
        (1, 0, right),
        (0, 1, above),
        (1, 1, right and above),
        (-1, 1, left and above),
    ):
        if not wanted:
            continue
        bucket = _bucket(np.int64(column + step), np.int64(row + rise), bits)
        for j in range(offsets[bucket], offsets[bucket + 1]):
            dx, dy = points[j, 0] - x, points[j, 1] - y
            if dx * dx + dy * dy <= distance * distance:
                _unite(parent, i, j)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _labels(parent: Small, order: Small, count: int) -> Small:
    """Return the node of every point, numbered in the order of the points."""
    root_of = np.full(count, -1, np.int32)
    for at in range(len(order)):
        root_of[order[at]] = _root(parent, at)
    number = np.full(len(order), -1, np.int32)
    labels = np.empty(count, np.int32)
    found = 0
    for point in range(count):
        root = root_of[point]
        if root < 0:
            labels[point] = -1
            continue
        if number[root] < 0:
            number[root] = found
            found += 1
        labels[point] = number[root]
    return labels
