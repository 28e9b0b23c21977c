"""Which lines cross without a node, and which manholes lie on a line that passes by?

Line pieces are put into the cells of a grid that they touch (hashed, so that a stray coordinate costs
nothing); only pieces of one cell are compared.
"""

from dataclasses import dataclass

import numba
import numpy as np

from wenqu.network.checks.thresholds import threshold
from wenqu.network.checks.town import out_of_town
from wenqu.network.checks.whole import Flags, Whole, is_one_of
from wenqu.network.geometry import Floats, Ints
from wenqu.network.schema import types_of

BESIDE = 0.1  # [m] a manhole nearer to a passing pipe lies on it
CELL = 60.0  # [m] about the length of a pipe
MOST_CELLS = 2000  # columns of the grid that one piece may span; longer ones are stray coordinates


@dataclass(frozen=True, slots=True)
class Pieces:
    """Every straight piece of every link that has a drawing."""

    start: Floats  # (p, 2)
    end: Floats  # (p, 2)
    link: Ints  # (p,)
    before: Floats  # (p,) [m] drawn length of the link before the piece


def pieces(whole: Whole) -> Pieces:
    """Return the straight pieces of all links, in the order of the links."""
    return whole.once("pieces", lambda: _pieces(whole))


def _pieces(whole: Whole) -> Pieces:
    starts, ends, links, first = [np.empty((0, 2))], [np.empty((0, 2))], [np.empty(0, np.int64)], 0
    for type_ in types_of("link"):
        shapes = whole.network.table(type_).shapes
        sizes = np.diff(shapes.parts)
        owner = np.repeat(np.arange(len(shapes)), np.diff(shapes.assets))
        inner = np.ones(len(shapes.coords), dtype=bool)
        inner[shapes.parts[1:][sizes > 0] - 1] = False  # the last vertex of a part starts no piece
        at = np.flatnonzero(inner)
        at = at[at + 1 < len(shapes.coords)]
        starts.append(shapes.coords[at])
        ends.append(shapes.coords[at + 1])
        links.append(first + np.repeat(owner, sizes)[at])
        first += len(shapes)
    start, end, link = np.concatenate(starts), np.concatenate(ends), np.concatenate(links)
    long = np.hypot(*(end - start).T)
    walked = np.cumsum(long) - long
    opens = np.flatnonzero(np.diff(link, prepend=-1))
    before = walked - np.repeat(walked[opens], np.diff(np.append(opens, len(link))))
    return Pieces(start, end, link, before)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _bucket(column: int, row: int, mask: int) -> int:
    return ((column * 73856093) ^ (row * 19349663)) & mask


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _rows(ax: float, ay: float, bx: float, by: float, low: float, high: float) -> tuple[float, float]:
    """Return the lowest and highest y of a piece between two x."""
    if bx == ax:
        return min(ay, by), max(ay, by)
    slope = (by - ay) / (bx - ax)
    one = ay + (min(max(low, min(ax, bx)), max(ax, bx)) - ax) * slope
    other = ay + (min(max(high, min(ax, bx)), max(ax, bx)) - ax) * slope
    return min(one, other), max(one, other)


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _fill(  # noqa: C901 two turns of one loop: count, then put
    start: Floats, end: Floats, cell: float, mask: int, most: int
) -> tuple[Ints, Ints]:
    """Return the pieces in each bucket of the grid: offsets and pieces."""
    count = len(start)
    counts = np.zeros(mask + 2, np.int64)
    items = np.empty(0, np.int64)
    for turn in range(2):
        for piece in range(count):
            ax, ay, bx, by = start[piece, 0], start[piece, 1], end[piece, 0], end[piece, 1]
            if not (np.isfinite(ax) and np.isfinite(ay) and np.isfinite(bx) and np.isfinite(by)):
                continue
            first, last = int(np.floor(min(ax, bx) / cell)), int(np.floor(max(ax, bx) / cell))
            if last - first > most or abs(by - ay) > most * cell:
                continue
            for column in range(first, last + 1):
                low, high = _rows(ax, ay, bx, by, column * cell, (column + 1) * cell)
                for row in range(int(np.floor(low / cell)), int(np.floor(high / cell)) + 1):
                    bucket = _bucket(column, row, mask)
                    if turn == 0:
                        counts[bucket + 1] += 1
                    else:
                        counts[bucket] -= 1
                        items[counts[bucket]] = piece
        if turn == 0:
            for bucket in range(mask + 1):
                counts[bucket + 1] += counts[bucket]
            items = np.empty(counts[mask + 1], np.int64)
            for bucket in range(mask + 1):
                counts[bucket] = counts[bucket + 1]  # filled from the end of each bucket
    return counts, items


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _cross(
    start: Floats, end: Floats, group: Ints, owner: Ints, offsets: Ints, items: Ints
) -> tuple[Ints, Ints, Floats]:
    """Return pairs of pieces of one group (kind of water) that cross, and where."""
    room = 1024
    one, other, at = np.empty(room, np.int64), np.empty(room, np.int64), np.empty((room, 2))
    found = 0
    for bucket in range(len(offsets) - 1):
        first, last = offsets[bucket], offsets[bucket + 1]
        for place in range(first, last):
            i = items[place]
            ax, ay = start[i, 0], start[i, 1]
            rx, ry = end[i, 0] - ax, end[i, 1] - ay
            for beside in range(place + 1, last):
                j = items[beside]
                if owner[i] == owner[j] or group[i] != group[j]:
                    continue
                cx, cy = start[j, 0] - ax, start[j, 1] - ay
                sx, sy = end[j, 0] - start[j, 0], end[j, 1] - start[j, 1]
                across = rx * sy - ry * sx
                if across == 0.0:
                    continue
                t, u = (cx * sy - cy * sx) / across, (cx * ry - cy * rx) / across
                if t <= 0.0 or t >= 1.0 or u <= 0.0 or u >= 1.0:
                    continue
                if found == room:
                    room *= 2
                    one, other = np.append(one, one), np.append(other, other)
                    at = np.concatenate((at, at))
                one[found], other[found] = min(i, j), max(i, j)
                at[found, 0], at[found, 1] = ax + t * rx, ay + t * ry
                found += 1
    return one[:found], other[:found], at[:found]


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _beside(  # noqa: PLR0913, PLR0917 a kernel
    points: Floats,
    own: Ints,
    ends: Ints,
    start: Floats,
    end: Floats,
    offsets: Ints,
    items: Ints,
    cell: float,
    reach: float,
) -> tuple[Ints, Ints]:
    """Return pairs of a node and a piece of a link, not ending there, that passes within reach of it."""
    room = 1024
    mask = len(offsets) - 2
    point_of, piece_of = np.empty(room, np.int64), np.empty(room, np.int64)
    found = 0
    for point in range(len(points)):
        x, y = points[point, 0], points[point, 1]
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        columns = int(np.floor((x - reach) / cell)), int(np.floor((x + reach) / cell))
        rows = int(np.floor((y - reach) / cell)), int(np.floor((y + reach) / cell))
        for column in range(columns[0], columns[1] + 1):
            for row in range(rows[0], rows[1] + 1):
                bucket = _bucket(column, row, mask)
                for place in range(offsets[bucket], offsets[bucket + 1]):
                    piece = items[place]
                    if ends[piece, 0] == own[point] or ends[piece, 1] == own[point]:
                        continue
                    ax, ay = start[piece, 0], start[piece, 1]
                    rx, ry = end[piece, 0] - ax, end[piece, 1] - ay
                    long = rx * rx + ry * ry
                    if long == 0.0:
                        continue
                    t = ((x - ax) * rx + (y - ay) * ry) / long
                    t = min(max(t, 0.0), 1.0)
                    dx, dy = ax + t * rx - x, ay + t * ry - y
                    if dx * dx + dy * dy > reach * reach:
                        continue
                    if found == room:
                        room *= 2
                        point_of, piece_of = np.append(point_of, point_of), np.append(piece_of, piece_of)
                    point_of[found], piece_of[found] = point, piece
                    found += 1
    return point_of[:found], piece_of[:found]


def _grid(whole: Whole) -> tuple[Ints, Ints]:
    drawn = pieces(whole)
    size = max(int(np.ceil(np.log2(max(2 * len(drawn.link), 2)))), 4)
    return whole.once("grid", lambda: _fill(drawn.start, drawn.end, CELL, (1 << size) - 1, MOST_CELLS))


def crossings(whole: Whole) -> tuple[Ints, Ints, Floats]:
    """Return pairs of gravity links of one kind of water that cross away from their ends, and where.

    Pipes whose levels at the crossing are known to lie one over the other are none.
    """
    return whole.once("crossings", lambda: _crossings(whole))


def _drawn_in_town(whole: Whole) -> Flags:
    """Return the gravity links that do not reach out to a node with an impossible place."""
    strange = np.append(out_of_town(whole), False)
    graph = whole.topology
    return np.asarray(whole.gravity & ~strange[graph.link_from] & ~strange[graph.link_to])


def _kinds(whole: Whole) -> Ints:
    """Return the kind of water of every link as a number, -1 - link where nobody says."""
    number = np.zeros(len(whole.system), dtype=np.int64)
    for place, name in enumerate(("storm", "sanitary", "combined"), start=1):
        number[is_one_of(whole.system, (name,))] = place
    return number


def _crossings(whole: Whole) -> tuple[Ints, Ints, Floats]:
    drawn, graph = pieces(whole), whole.topology
    kind = _kinds(whole)[drawn.link]
    i, j, at = _cross(drawn.start, drawn.end, kind, drawn.link, *_grid(whole))
    _, first = np.unique(i * max(len(drawn.link), 1) + j, return_index=True)
    i, j, at = i[first], j[first], at[first]
    one, other = drawn.link[i], drawn.link[j]
    sound = _drawn_in_town(whole)
    keep = sound[one] & sound[other]
    nodes = np.vstack([whole.drawn.nodes, [[np.nan, np.nan]]])
    reach = threshold("snap")
    for link in (one, other):  # a joint, not a crossing
        for ends in (nodes[graph.link_from[link]], nodes[graph.link_to[link]]):
            keep &= ~(np.hypot(*(ends - at).T) <= reach)
        for ends in (whole.drawn.first[link], whole.drawn.last[link]):
            keep &= ~(np.hypot(*(ends - at).T) <= reach)
    some = np.flatnonzero(keep)
    one, other, i, j, at = one[some], other[some], i[some], j[some], at[some]
    lower, upper = level_at(whole, one, i, at), level_at(whole, other, j, at)
    swapped = lower > upper
    low, high = np.where(swapped, upper, lower), np.where(swapped, lower, upper)
    under = np.where(swapped, whole.bore[other], whole.bore[one])
    keep = ~(high - low > np.nan_to_num(under) + threshold("apart"))
    first_told = np.unique(one[keep] * max(len(whole.system), 1) + other[keep], return_index=True)[1]
    some = np.flatnonzero(keep)[first_told]
    one, other, at = one[some], other[some], at[some]
    later = graph.link_ids[one].astype(str) > graph.link_ids[other].astype(str)  # the same in any order
    return np.where(later, other, one), np.where(later, one, other), at


def level_at(whole: Whole, links: Ints, piece: Ints, at: Floats) -> Floats:
    """Return the invert of links at places on one of their pieces, NaN where not known. [m]"""
    drawn = pieces(whole)
    along = drawn.before[piece] + np.hypot(*(at - drawn.start[piece]).T)
    start, end = whole.levels.link_from[links], whole.levels.link_to[links]
    share = along / np.maximum(whole.drawn.length[links], 1e-9)
    return np.asarray(start + (end - start) * np.clip(share, 0.0, 1.0))


def manholes_on_pipes(whole: Whole) -> tuple[Ints, Ints]:
    """Return manholes on the inside of a pipe that does not end there, and the pipe.

    Only where both carry the same water and the manhole's floor is not well above or below the pipe's.
    """
    return whole.once("on-pipes", lambda: _on_pipes(whole))


def _on_pipes(whole: Whole) -> tuple[Ints, Ints]:
    if not whole.in_metres:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    drawn, graph = pieces(whole), whole.topology
    manhole = np.flatnonzero(whole.are("node", "manhole"))
    joins = np.column_stack([graph.link_from[drawn.link], graph.link_to[drawn.link]]).astype(np.int64)
    reach = threshold("snap")
    point, piece = _beside(
        whole.drawn.nodes[manhole],
        manhole,
        joins,
        drawn.start,
        drawn.end,
        *_grid(whole),
        CELL,
        min(reach, BESIDE),
    )
    node, link = manhole[point], drawn.link[piece]
    keep = _drawn_in_town(whole)[link]
    here = whole.drawn.nodes[node]
    for ends in (*whole.ends(), whole.drawn.first, whole.drawn.last):
        at = ends[link]
        keep &= ~(np.hypot(*(at - here).T) <= reach)
    water, own = whole.system[link], whole.node_system[node]
    keep &= np.array([a is None or b is None or a == b for a, b in zip(water, own, strict=True)], dtype=bool)
    level, floor = level_at(whole, link, piece, here), whole.levels.invert[node]
    keep &= ~(np.abs(level - floor) > threshold("apart"))
    some = np.flatnonzero(keep)
    some = some[np.unique(node[some], return_index=True)[1]]  # one pipe a manhole
    return node[some], link[some]
