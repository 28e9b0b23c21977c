"""How is SQLite's R-tree of a million boxes filled at once, instead of box by box?

The tree is packed bottom-up: boxes in the order of a Hilbert curve fill one leaf after another, the
leaves fill the nodes above them, and the nodes are written as SQLite keeps them (the documented shadow
tables of its R*Tree module). ``rtreecheck`` of SQLite finds nothing to say about it; a test asks it.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from wenqu.network.geometry import Floats
from wenqu.store.ragged import Ints, compiled

CELL = 24  # bytes of one box with its number
FILL = 0.8  # of a node: room for boxes that come one by one
ROOT = 1
AT_ONCE = 100_000  # rows in one call of the driver
_CELL = np.dtype([("id", ">i8"), ("west", ">f4"), ("east", ">f4"), ("south", ">f4"), ("north", ">f4")])


@compiled
def _hilbert(x: npt.NDArray[np.uint32], y: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """Return the place of each point of a 65536 × 65536 grid on the Hilbert curve."""
    made = np.empty(len(x), np.uint64)
    for row in range(len(x)):
        a, b, place = int(x[row]), int(y[row]), 0
        half = 32768
        while half > 0:
            right, up = (1 if a & half else 0), (1 if b & half else 0)
            place += half * half * ((3 * right) ^ up)
            if up == 0:
                if right == 1:
                    a, b = 65535 - a, 65535 - b
                a, b = b, a
            half //= 2
        made[row] = place
    return made


def hilbert_order(boxes: Floats) -> Ints:
    """Return the rows of boxes (n, 4: west, south, east, north) along a Hilbert curve."""
    middle = np.column_stack([boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]]) / 2
    low = middle.min(axis=0)
    reach = np.maximum(middle.max(axis=0) - low, 1e-300)
    cells = ((middle - low) / reach * 65535).astype(np.uint32)
    order: Ints = np.argsort(_hilbert(cells[:, 0].copy(), cells[:, 1].copy()), kind="stable")
    return order


def fill_tree(connection: sa.Connection, ids: Ints, boxes: Floats) -> None:
    """Replace what the tree ``asset_box`` holds by these boxes (west, south, east, north)."""
    root = "SELECT length(data) FROM asset_box_node WHERE nodeno = 1"
    width = int(connection.exec_driver_sql(root).scalar_one())
    for name in ("node", "parent", "rowid"):
        connection.exec_driver_sql(f"DELETE FROM asset_box_{name}")  # noqa: S608
    size = len(ids)
    if not size:
        connection.exec_driver_sql("INSERT INTO asset_box_node VALUES (1, zeroblob(?))", (width,))
        return
    full = int((width - 4) // CELL * FILL)
    order = hilbert_order(boxes)
    cells = _cells(ids[order], boxes[order])
    levels = _levels(cells, full)
    numbers = _numbered(levels)
    leaf_of = np.empty(size, np.int64)
    leaf_of[order] = np.repeat(numbers[0], levels[0][1])
    by_id = np.argsort(ids, kind="stable")
    _insert(connection, "rowid", zip(ids[by_id].tolist(), leaf_of[by_id].tolist(), strict=True))
    for depth, (above, counts) in enumerate(levels):
        if depth:
            above["id"] = numbers[depth - 1]
            _insert(
                connection,
                "parent",
                zip(numbers[depth - 1].tolist(), np.repeat(numbers[depth], counts).tolist(), strict=True),
            )
        top = len(levels) - 1 if depth == len(levels) - 1 else 0
        _insert(
            connection, "node", zip(numbers[depth].tolist(), _nodes(above, counts, top, width), strict=True)
        )


def boxes_in(connection: sa.Connection) -> tuple[Ints, Floats]:
    """Return the numbers and boxes (west, south, east, north) that the tree ``asset_box`` holds."""
    found = connection.exec_driver_sql("SELECT id, west, south, east, north FROM asset_box").all()
    table = np.array([tuple(row) for row in found], dtype=np.float64).reshape(-1, 5)
    return table[:, 0].astype(np.int64), table[:, 1:]


def _cells(ids: Ints, boxes: Floats) -> npt.NDArray[np.void]:
    """Return boxes as the tree keeps them: 32-bit numbers that never make a box smaller."""
    cells = np.empty(len(ids), _CELL)
    cells["id"] = ids
    for name, column, outward in (
        ("west", 0, -np.inf),
        ("south", 1, -np.inf),
        ("east", 2, np.inf),
        ("north", 3, np.inf),
    ):
        near = boxes[:, column].astype(np.float32)
        inward = near > boxes[:, column] if outward < 0 else near < boxes[:, column]
        cells[name] = np.where(inward, np.nextafter(near, np.float32(outward)), near)
    return cells


def _levels(cells: npt.NDArray[np.void], full: int) -> list[tuple[npt.NDArray[np.void], Ints]]:
    """Return the cells of each level from the leaves up, with the number of cells in each of its nodes."""
    levels = []
    while True:
        nodes = -(-len(cells) // full)
        counts = np.full(nodes, full, np.int64)
        if nodes > 1:  # the last two share what is left
            left = len(cells) - full * (nodes - 2)
            counts[-2:] = left - left // 2, left // 2
        else:
            counts[:] = len(cells)
        levels.append((cells, counts))
        if nodes == 1:
            return levels
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        above = np.empty(nodes, _CELL)
        for name in ("west", "south"):
            above[name] = np.minimum.reduceat(cells[name].astype(np.float32), first)
        for name in ("east", "north"):
            above[name] = np.maximum.reduceat(cells[name].astype(np.float32), first)
        cells = above


def _numbered(levels: list[tuple[npt.NDArray[np.void], Ints]]) -> list[Ints]:
    """Return the number of every node: 1 for the root, the others as they come."""
    numbers, free = [], ROOT + 1
    for _, counts in levels:
        last = len(counts) == 1
        numbers.append(np.array([ROOT]) if last else np.arange(free, free + len(counts)))
        free += 0 if last else len(counts)
    return numbers


def _nodes(cells: npt.NDArray[np.void], counts: Ints, depth: int, width: int) -> Iterator[bytes]:
    """Yield the blob of every node: depth (of the root), number of cells, cells, zeros."""
    data = cells.tobytes()
    at = 0
    for count in counts.tolist():
        body = data[at * CELL : (at + count) * CELL]
        at += count
        head = depth.to_bytes(2, "big") + count.to_bytes(2, "big")
        yield (head + body).ljust(width, b"\0")


def _insert(connection: sa.Connection, name: str, rows: Iterator[tuple[object, ...]]) -> None:
    statement = f"INSERT INTO asset_box_{name} VALUES (?, ?)"  # noqa: S608
    while few := list(islice(rows, AT_ONCE)):
        connection.exec_driver_sql(statement, few)
