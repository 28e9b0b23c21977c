"""Which ends do links have after an edit? Those they had, but for the rows that changed.

Rows of two versions of a table are held side by side by their ids, runs of equal ones together; only what
is not in such a run, or says something else, is looked up by its id.
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from wenqu.network.model import Assets, Network
from wenqu.network.schema import types_of

Names = npt.NDArray[np.object_]
Ints = npt.NDArray[np.signedinteger]
Run = tuple[int, int, int]  # first old row, first new row, how many
BLOCK = 1 << 14  # rows that are compared together
AHEAD = 1000  # rows in which a row that is missing here is searched for
MOST = 2000  # breaks, or rows to be looked up, beyond which all is joined anew


class TooMuch(Exception):
    """So much has changed that the whole is cheaper."""


def edited_ends(
    was: Network, now: Network, held: tuple[Ints, Ints], index: Callable[[], Mapping[str, int]]
) -> tuple[Ints, Ints]:
    """Return the node of both ends of every link (-1 for none), from those of an earlier version.

    Parameters
    ----------
    was, now
        The network before and after.
    held
        The nodes of both ends of every link before.
    index
        Returns the node of each id before, when it is needed.

    Raises
    ------
    TooMuch
        So much has changed, or ids stand so oddly, that all ends have to be looked up.
    """
    place, fresh = _nodes(was, now, index)

    def node_of(id_: str) -> int:
        return fresh[id_] if id_ in fresh else int(place[index().get(id_, -1)])

    made = []
    for side, name in enumerate(("from_id", "to_id")):
        parts, first = [np.empty(0, np.int32)], 0
        for type_ in types_of("link"):
            old, new = was.table(type_), now.table(type_)
            own = held[side][first : first + len(old)]
            first += len(old)
            parts.append(_ends((old, new), name, place[own], node_of, gaps=bool(fresh)))
        made.append(np.concatenate(parts))
    return made[0], made[1]


def _nodes(was: Network, now: Network, index: Callable[[], Mapping[str, int]]) -> tuple[Ints, dict[str, int]]:
    """Return the present number of each former node (and -1 for the last), and the nodes that are new."""
    tables = [(was.table(type_), now.table(type_)) for type_ in types_of("node")]
    place = np.full(sum(len(old) for old, _ in tables) + 1, -1, np.int32)
    fresh: dict[str, int] = {}
    low = at = 0
    for old, new in tables:
        alone = np.ones(len(new), np.bool_)
        for first, other, count in aligned(old.ids, new.ids):
            place[low + first : low + first + count] = np.arange(
                at + other, at + other + count, dtype=np.int32
            )
            alone[other : other + count] = False
        for row in np.flatnonzero(alone):
            if fresh.setdefault(str(new.ids[row]), at + int(row)) != at + int(row):
                raise TooMuch  # an id that comes twice
        low, at = low + len(old), at + len(new)
    if not fresh and (place[:-1] >= 0).all():
        return place, fresh
    known = index()
    twice = len(known) < low or any(place[known.get(id_, -1)] >= 0 for id_ in fresh)
    if twice:  # which of two nodes of one id is meant depends on their order
        raise TooMuch
    return place, fresh


def _ends(
    tables: tuple[Assets, Assets], name: str, own: Ints, node_of: Callable[[str], int], *, gaps: bool
) -> Ints:
    """Return one end of the links of a type; ``gaps``: what had no node may have one now."""
    old, new = tables
    if old is new and not gaps:
        return own
    before, after = old.column(name), new.column(name)
    made = np.full(len(new), -1, np.int32)
    ask = np.ones(len(new), np.bool_)
    for first, other, count in aligned(old.ids, new.ids):
        same = np.asarray(before[first : first + count] == after[other : other + count], dtype=np.bool_)
        made[other : other + count] = np.where(same, own[first : first + count], -1)
        ask[other : other + count] = ~same
    if gaps:
        ask |= made < 0
    rows = np.flatnonzero(ask)
    rows = rows[after[rows] != None]  # noqa: E711 - row by row
    if len(rows) > MOST:
        raise TooMuch
    made[rows] = [node_of(str(after[row])) for row in rows]
    return made


def aligned(old: Names, new: Names) -> list[Run]:
    """Return runs of rows in which two columns of ids are equal.

    Raises
    ------
    TooMuch
        There are very many.
    """
    if old is new:
        return [(0, 0, len(old))]
    runs: list[Run] = []
    first = other = breaks = 0
    while first < len(old) and other < len(new):
        count = _equal(old[first:], new[other:])
        if count:
            runs.append((first, other, count))
        first, other = first + count, other + count
        if first >= len(old) or other >= len(new):
            break
        breaks += 1
        if breaks > MOST:
            raise TooMuch
        gone = _nearest(old[first : first + AHEAD], new[other])
        come = _nearest(new[other : other + AHEAD], old[first])
        if gone == come:  # neither stands near by: one in the place of the other
            first, other = first + 1, other + 1
        elif gone < come:
            first += gone
        else:
            other += come
    return runs


def _equal(old: Names, new: Names) -> int:
    """Return how many rows are equal from the first on."""
    size = min(len(old), len(new))
    for low in range(0, size, BLOCK):
        differ = np.flatnonzero(old[low : min(low + BLOCK, size)] != new[low : min(low + BLOCK, size)])
        if len(differ):
            return low + int(differ[0])
    return size


def _nearest(ids: Names, wanted: object) -> int:
    found = np.flatnonzero(ids == wanted)
    return int(found[0]) if len(found) else AHEAD
