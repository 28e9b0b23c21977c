"""How are thousands of versions of assets that entered together kept as one row: a block of columns?

A delivery of a million assets is a few hundred blocks instead of a million rows and as many entries in each
index. Within a block the assets stand in the order of their ids. A block is never changed: a version in it
that ends is written out as a row of table ``asset`` with the number that the block keeps for it, and whoever
reads the block leaves that one out. Blocks are made on SQLite; PostgreSQL takes rows by COPY as quickly as
its indexes allow, and other programs read them there.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import sqlalchemy as sa

from wenqu.store.bulk import insert_rows
from wenqu.store.digests import SIZE
from wenqu.store.packed import Packed
from wenqu.store.ragged import Bytes, Ints, Ragged, compiled
from wenqu.store.tables import asset, block

Head = Any  # a row of the database: the columns HEAD
ROWS = 8192  # versions in one block
CODEC = "lz4_raw"
CONTENT = ("ids", "fields", "extra", "geometry", "boxes")
HEAD = (block.c.id, block.c.valid_from, block.c.size, block.c.low, block.c.high)


class Version(NamedTuple):
    """One version of an asset that a block holds and that nobody ended."""

    id: int
    asset: str
    valid_from: int
    fields: str
    extra: str | None
    geometry: bytes | None
    digest: bytes


# Writing


def write_blocks(connection: sa.Connection, city: str, type_: str, number: int, rows: Packed) -> None:
    """Write rows that are in the order of their ids, valid from change ``number`` on."""
    free = next_number(connection)
    made = []
    for first in range(0, len(rows), ROWS):
        few = rows.slice(first, min(first + ROWS, len(rows)))
        content = _content(few)
        head = {"id": free, "city": city, "type": type_, "valid_from": number, "size": len(few)}
        ends = {"low": few.ids.text(0), "high": few.ids.text(len(few) - 1)}
        made.append({**head, **ends, **content, "digest": digest_of_content(content)})
        free += len(few)
    connection.execute(sa.insert(block), made)


def next_number(connection: sa.Connection) -> int:
    """Return the first number that neither a row of ``asset`` has nor a block keeps."""
    last = sa.select(block.c.id + block.c.size - 1).order_by(block.c.id.desc()).limit(1)
    row = connection.execute(sa.select(sa.func.max(asset.c.id), last.scalar_subquery())).one()
    return 1 + max(row[0] or 0, row[1] or 0)


def _content(rows: Packed) -> dict[str, bytes | None]:
    boxes = np.ascontiguousarray(rows.boxes, dtype="<f8")
    shaped = len(rows.shapes.span())
    return {
        "ids": _kept(rows.ids),
        "fields": _kept(rows.fields),
        "extra": _kept(rows.extra) if len(rows.extra.span()) else None,
        "geometry": _kept(rows.shapes) if shaped else None,
        "boxes": boxes.tobytes() if shaped else None,
    }


def digest_of_content(content: Any) -> bytes:
    """Return the digest of what a block holds."""
    made = blake2b(digest_size=SIZE)
    for name in CONTENT:
        data = content[name] or b""
        made.update(len(data).to_bytes(8, "little"))
        made.update(data)
    return made.digest()


def _kept(column: Ragged) -> bytes:
    """Return strings as bytes: how long all are together, then each one's length and the text, pressed."""
    data = column.span()
    sizes = np.diff(column.starts).astype("<i4")
    body = sizes.tobytes() + data.tobytes()
    return len(body).to_bytes(8, "little") + pa.Codec(CODEC).compress(body, asbytes=True)  # type: ignore[no-any-return]


def _unkept(kept: bytes | None, size: int) -> Ragged:
    if kept is None:
        return Ragged.none(size)
    whole = int.from_bytes(kept[:8], "little")
    body = pa.Codec(CODEC).decompress(memoryview(kept)[8:], whole)
    sizes = np.frombuffer(body, "<i4", size)
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return Ragged(np.frombuffer(body, np.uint8, offset=4 * size), starts)


# Reading many


def blocks_of(connection: sa.Connection, city: str, type_: str, number: int | None = None) -> list[Head]:
    """Return the heads of the blocks of a type, as of a change."""
    chosen = sa.select(*HEAD).where(block.c.city == city, block.c.type == type_)
    if number is not None:
        chosen = chosen.where(block.c.valid_from <= number)
    return [*connection.execute(chosen.order_by(block.c.id)).all()]


def unpacked(connection: sa.Connection, head: Head) -> Packed:
    """Return all that a block holds."""
    chosen = sa.select(*(block.c[name] for name in CONTENT)).where(block.c.id == head.id)
    return packed_from(connection.execute(chosen).one(), head.size)


def packed_from(row: Any, size: int) -> Packed:
    """Return the rows that the content of a block makes."""
    ids, fields, extra, shapes = (
        _unkept(kept, size) for kept in (row.ids, row.fields, row.extra, row.geometry)
    )
    boxes = np.frombuffer(row.boxes, "<f8").reshape(-1, 4) if row.boxes else np.full((size, 4), np.nan)
    return Packed(ids, fields, extra, shapes, boxes)


def left_in(connection: sa.Connection, head: Head) -> npt.NDArray[np.bool_]:
    """Return which versions of a block have not been written out as rows."""
    stays = np.ones(head.size, dtype=bool)
    out = sa.select(asset.c.id).where(asset.c.id >= head.id, asset.c.id < head.id + head.size)
    gone = np.array(connection.execute(out).scalars().all(), dtype=np.int64)
    stays[gone - head.id] = False
    return stays


def packed_at(
    connection: sa.Connection,
    city: str,
    type_: str,
    number: int | None = None,
    box: tuple[float, float, float, float] | None = None,
) -> Iterator[Packed]:
    """Yield what the blocks of a type hold and nobody ended, as of a change, in a box."""
    for head in blocks_of(connection, city, type_, number):
        stays = left_in(connection, head)
        rows = unpacked(connection, head)
        if box is not None:
            west, south, east, north = box
            inside = (rows.boxes[:, 0] <= east) & (rows.boxes[:, 2] >= west)
            stays &= inside & (rows.boxes[:, 1] <= north) & (rows.boxes[:, 3] >= south)
        if stays.all():
            yield rows
        elif stays.any():
            yield rows.take(np.flatnonzero(stays))


# Reading few


def versions_of(
    connection: sa.Connection, city: str, type_: str, ids: Sequence[str] | None = None
) -> Iterator[Version]:
    """Yield the open versions that the blocks of a type hold of some assets (None: of all)."""
    wanted = None if ids is None else sorted({id_.encode() for id_ in ids})
    if wanted is not None and not wanted:
        return
    for head in blocks_of(connection, city, type_):
        if wanted is None:
            rows = np.arange(head.size)
        else:
            low, high = head.low.encode(), head.high.encode()
            near = [id_ for id_ in wanted if low <= id_ <= high]
            if not near:
                continue
            kept = connection.execute(sa.select(block.c.ids).where(block.c.id == head.id)).scalar_one()
            rows = _places(_unkept(kept, head.size), near)
        rows = rows[left_in(connection, head)[rows]]
        if len(rows):
            yield from _versions(head, unpacked(connection, head).take(rows), rows)


def _versions(head: Head, some: Packed, rows: Ints) -> Iterator[Version]:
    for number, id_, field, other, shape, digest in zip(*_columns(some, head.id + rows), strict=True):
        yield Version(number, id_, head.valid_from, field, other, shape, digest)


def _columns(rows: Packed, numbers: Ints) -> tuple[list[Any], ...]:
    """Return number, asset, fields, extra, geometry and digest of every row."""
    texts = (rows.ids.texts(), rows.fields.texts(), rows.extra.texts())
    return (numbers.tolist(), *texts, rows.shapes.blobs(), rows.digests)


def _places(ids: Ragged, wanted: Sequence[bytes]) -> Ints:
    """Return the rows of those of some ids that are among sorted ones."""
    names = Ragged.of_bytes(list(wanted))
    found = _sought(ids.data, ids.starts, names.data, names.starts)
    return found[found >= 0]


@compiled
def _sought(data: Bytes, starts: Ints, names: Bytes, places: Ints) -> Ints:
    """Return the row of each name among sorted strings, -1 where it is not."""
    made = np.full(len(places) - 1, -1, np.int64)
    for name in range(len(made)):
        low, high = 0, len(starts) - 1
        while low < high:
            middle = (low + high) // 2
            if _before(data, starts[middle], starts[middle + 1], names, places[name], places[name + 1]) < 0:
                low = middle + 1
            else:
                high = middle
        if low < len(starts) - 1:
            same = _before(data, starts[low], starts[low + 1], names, places[name], places[name + 1]) == 0
            made[name] = low if same else -1
    return made


@compiled
def _before(one: Bytes, first: int, last: int, two: Bytes, begin: int, end: int) -> int:
    """Return whether a string comes before another: below 0 if so, 0 where they are the same."""
    for step in range(min(last - first, end - begin)):
        if one[first + step] != two[begin + step]:
            return -1 if one[first + step] < two[begin + step] else 1
    return (last - first) - (end - begin)


# Ending


def write_out(connection: sa.Connection, numbers: Iterable[int], ended: int) -> set[int]:
    """Write those of some versions that lie in blocks out as rows that end; return their numbers."""
    return {
        row["id"]
        for head, rows in _held(connection, numbers)
        for row in _written(connection, head, unpacked(connection, head).take(rows), head.id + rows, ended)
    }


def dissolve(connection: sa.Connection, numbers: Iterable[int]) -> None:
    """Turn the blocks of a change that is not complete, which hold some versions, into open rows."""
    for head, _ in _held(connection, numbers):
        rows = np.flatnonzero(left_in(connection, head))
        some = unpacked(connection, head).take(rows)
        _written(connection, head, some, head.id + rows, None)
        connection.execute(sa.delete(block).where(block.c.id == head.id))


def _held(connection: sa.Connection, numbers: Iterable[int]) -> Iterator[tuple[Head, Ints]]:
    """Yield the blocks that hold some versions, and which of their rows these are."""
    wanted = np.sort(np.fromiter(numbers, np.int64))
    if not len(wanted):
        return
    chosen = sa.select(*HEAD, block.c.city, block.c.type).where(
        block.c.id <= int(wanted[-1]), block.c.id + block.c.size > int(wanted[0])
    )
    for head in connection.execute(chosen.order_by(block.c.id)).all():
        first, last = np.searchsorted(wanted, [head.id, head.id + head.size])
        if first < last:
            yield head, wanted[first:last] - head.id


def _written(
    connection: sa.Connection, head: Head, rows: Packed, numbers: Ints, ended: int | None
) -> list[dict[str, Any]]:
    there = ~np.isnan(rows.boxes[:, 0])
    boxes = rows.boxes.astype(object)
    boxes[~there] = None
    names = ("id", "asset", "fields", "extra", "geometry", "digest")
    same = {"city": head.city, "type": head.type, "valid_from": head.valid_from, "valid_to": ended}
    made = [
        {**same, **dict(zip(names, values, strict=True)), **dict(zip(SIDES, box, strict=True))}
        for *values, box in zip(*_columns(rows, numbers), boxes.tolist(), strict=True)
    ]
    insert_rows(connection, asset, made)
    return made


SIDES = ("west", "south", "east", "north")
