"""What does a table of many assets look like as rows of the store, column by column?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.errors import BadInput
from wenqu.network.geometry import Floats, Shapes, bounds
from wenqu.network.model import Assets
from wenqu.network.schema import asset_type
from wenqu.store.digests import digests_of
from wenqu.store.json_columns import Uneven, json_rows
from wenqu.store.ragged import Bytes, Ints, Ragged, compiled
from wenqu.store.rows import bad_shape, check_length, checked_ids, rows_of
from wenqu.store.wkb import wkb_from

CHUNK = 50_000  # rows that are packed and written at once


@dataclass(frozen=True, slots=True)
class Packed:
    """The content of rows of table ``asset``; an empty string is NULL."""

    ids: Ragged
    fields: Ragged
    extra: Ragged
    shapes: Ragged  # well-known binary
    boxes: Floats  # (n, 4) west, south, east, north; NaN where there is no shape

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    def take(self, rows: npt.NDArray[np.int64]) -> "Packed":
        """Return some of the rows."""
        ids, fields, extra, shapes = (
            _taken(column, rows) for column in (self.ids, self.fields, self.extra, self.shapes)
        )
        return Packed(ids, fields, extra, shapes, self.boxes[rows])

    def slice(self, first: int, last: int) -> "Packed":
        """Return the rows from one to before another; nothing is copied."""
        ids, fields, extra, shapes = (
            Ragged(column.data, column.starts[first : last + 1])
            for column in (self.ids, self.fields, self.extra, self.shapes)
        )
        return Packed(ids, fields, extra, shapes, self.boxes[first:last])

    @property
    def digests(self) -> list[bytes]:
        """Return the digest of each row's content."""
        return digests_of(self.fields, self.extra, self.shapes)


def sorted_by_id(table: Assets) -> Assets:
    """Return a table in the order of its ids, by code point, which is the order of the store's indexes.

    Raises
    ------
    BadInput
        An id is empty or there twice, or a column or the shapes are not as many as the assets.
    """
    for name, column in (*table.fields.items(), *table.extra.items()):
        check_length(column, table, name)
    names = pa.array(checked_ids(table), pa.large_string())
    order = pc.sort_indices(names).to_numpy().astype(np.int64)
    return table if (np.diff(order) == 1).all() else table.take(order)


def packed_of(table: Assets) -> Iterator[Packed]:
    """Yield the rows of a table in its order, a chunk at a time; ``rows_of`` gives the same one by one.

    Raises
    ------
    BadInput
        A value cannot be kept, or a shape is impossible.
    UnknownType
        A column is not a field of the type.
    """
    for first in range(0, len(table), CHUNK):
        few = table.take(np.arange(first, min(first + CHUNK, len(table))))
        try:
            yield _packed(few)
        except Uneven:
            yield _slowly(few)


def _packed(table: Assets) -> Packed:
    kind, size = asset_type(table.type), len(table)
    known = {name: (column, kind.field(name).kind) for name, column in table.fields.items()}
    fields = json_rows(known, size)
    extra = Ragged.none(size)
    if table.extra:
        extra = json_rows({name: (column, "") for name, column in table.extra.items()}, size)
        filled = np.diff(extra.starts) > 2  # "{}" is nothing
        extra = extra if filled.all() else _kept(extra, filled)
    shapes = packed_wkb(table, kind.geometry)
    boxes = bounds(table.shapes)
    ids = Ragged.of_texts(table.ids)
    return Packed(ids, fields, extra, shapes, boxes)


def _slowly(table: Assets) -> Packed:
    """Return the same from the rows one by one: for rare values, and to name what is wrong."""
    rows = list(rows_of(table))
    ids, fields, extra = (
        Ragged.of_arrow(pa.array([row[name] for row in rows], pa.large_string()))
        for name in ("asset", "fields", "extra")
    )
    shapes = Ragged.of_bytes([row["geometry"] for row in rows])
    return Packed(ids, fields, extra, shapes, bounds(table.shapes))


def packed_wkb(table: Assets, geometry: str) -> Ragged:
    """Return the well-known binary of every shape; ``wkb_from`` gives the same one by one.

    Raises
    ------
    BadInput
        A coordinate is not finite, or the coordinates make no geometry of this kind.
    """
    shapes = table.shapes
    sizes, counts = np.diff(shapes.parts), np.diff(shapes.assets)
    plain = bool(np.isfinite(shapes.coords).all())
    if geometry == "point":
        plain = plain and bool((sizes == 1).all() and (counts <= 1).all())
    else:
        plain = plain and geometry == "line" and bool((sizes >= 2).all())
    if not plain:
        try:
            return Ragged.of_bytes(wkb_from(shapes, geometry))
        except BadInput as error:
            raise bad_shape(error, table) from None
    return Ragged(*_drawn(*_whole(shapes), geometry == "point"))


def _whole(shapes: Shapes) -> tuple[Bytes, Ints, Ints]:
    coords = np.ascontiguousarray(shapes.coords, dtype="<f8").reshape(-1).view(np.uint8)
    return coords, shapes.parts.astype(np.int64), shapes.assets.astype(np.int64)


@compiled
def _number(made: Bytes, to: int, value: int) -> int:
    for step in range(4):
        made[to + step] = (value >> (8 * step)) & 255
    return to + 4


@compiled
def _drawn(coords: Bytes, parts: Ints, assets: Ints, point: bool) -> tuple[Bytes, Ints]:
    """Return points, or lines (several parts as a multi-line), as little-endian well-known binary."""
    rows = len(assets) - 1
    starts = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        low, high = assets[row], assets[row + 1]
        size = 16 * (parts[high] - parts[low])
        if high > low:
            size += 5 if point else (high - low) * 9 + (9 if high - low > 1 else 0)
        starts[row + 1] = starts[row] + size
    made = np.empty(starts[rows], np.uint8)
    for row in range(rows):
        low, high = assets[row], assets[row + 1]
        to = starts[row]
        if high - low > 1:
            made[to] = 1
            to = _number(made, _number(made, to + 1, 5), high - low)
        for part in range(low, high):
            made[to] = 1
            to = _number(made, to + 1, 1 if point else 2)
            if not point:
                to = _number(made, to, parts[part + 1] - parts[part])
            for place in range(16 * parts[part], 16 * parts[part + 1]):
                made[to] = coords[place]
                to += 1
    return made, starts


@compiled
def _picked(data: Bytes, starts: Ints, rows: Ints) -> tuple[Bytes, Ints]:
    ends = np.zeros(len(rows) + 1, np.int64)
    for place in range(len(rows)):
        ends[place + 1] = ends[place] + starts[rows[place] + 1] - starts[rows[place]]
    made = np.empty(ends[-1], np.uint8)
    for place in range(len(rows)):
        begin = starts[rows[place]]
        for step in range(ends[place + 1] - ends[place]):
            made[ends[place] + step] = data[begin + step]
    return made, ends


def _taken(column: Ragged, rows: npt.NDArray[np.int64]) -> Ragged:
    return Ragged(*_picked(column.data, column.starts, rows))


def _kept(column: Ragged, filled: npt.NDArray[np.bool_]) -> Ragged:
    """Return the strings of some rows, nothing for the others."""
    sizes = np.where(filled, np.diff(column.starts), 0)
    data = column.data[np.repeat(filled, np.diff(column.starts))]
    return Ragged(data, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))
