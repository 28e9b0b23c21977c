"""How is a GeoPackage read at the speed of its bytes?

A GeoPackage is an SQLite file: a table is a tree of pages whose leaves hold the rows. The leaves are read in
blocks, each row's numbers, texts and coordinates are taken as arrays while they are near the processor, and
each distinct text is taken once. GDAL says which layers and columns there are; whatever is unusual
(views, values of another type than their column, bytes that are no text, a file that is being
written) is left to it: ``read_geopackage`` then returns nothing. A test holds both ways together.
"""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wenqu.network.formats.dbase import Unusual
from wenqu.network.formats.geopackage_rows import (
    REAL,
    SHAPE,
    SKIP,
    TEXT,
    WHOLE,
    cells_of,
    holds_zero,
    known_kinds,
    local_bytes,
    records_of,
    simple_shapes,
    well_known,
)
from wenqu.network.formats.shapefile import Quick
from wenqu.network.formats.text_columns import (
    ABSENT,
    POSITIONED,
    TextColumn,
    cores,
    joined,
    one_text,
    texts,
)
from wenqu.network.formats.wkb import KINDS, shapes_of_wkb
from wenqu.network.geometry import Floats, Ints, Shapes

Bytes = npt.NDArray[np.uint8]
MAGIC = b"SQLite format 3\0"
PAGES = 256  # leaves read at once: a block stays near the processor
RUNS = 4  # of leaves, for each thread: one on a busy processor holds nobody up
SPARE = 64  # bytes behind a block, so that a damaged number is read within it; of eight
DEEPEST = 20  # levels of a tree of pages
LONG_ROWS = 5000  # rows that may go over the edge of a page
ROLES = {"object": TEXT, "datetime64[D]": TEXT, "float64": REAL, "float32": REAL, "int64": WHOLE,
         "int32": WHOLE, "int16": WHOLE, "bool": WHOLE}  # fmt: skip
LINE, POINT = 2, 1


def read_geopackage(path: Path, name: str, info: dict[str, Any]) -> Quick | None:
    """Return columns and shapes of a layer of a GeoPackage, None when GDAL should read it.

    ``info`` is what GDAL says of the layer: its fields, their types, and how identity and shape are named.
    """
    if info.get("driver") != "GPKG" or not POSITIONED:
        return None
    try:
        with path.open("rb", buffering=0) as file:
            table = _table(path, file.read(100), name, info)
            with _untouched(path):
                leaves = _leaves(file.fileno(), table)
                return _read(file.fileno(), table, leaves, info)
    except (Unusual, ValueError, OverflowError, OSError, sqlite3.Error):
        return None


@dataclass(frozen=True, slots=True)
class _Table:
    """Where a table stands in the file and what its columns are."""

    root: int  # page
    page: int  # bytes of a page
    usable: int  # bytes of it that are used
    columns: tuple[str, ...]  # in the order of the records
    roles: npt.NDArray[np.int64]  # of the columns
    places: npt.NDArray[np.int64]  # of each column among those of its role


def _table(path: Path, head: bytes, name: str, info: dict[str, Any]) -> _Table:
    page = int.from_bytes(head[16:18], "big")
    page = 65536 if page == 1 else page
    utf8 = int.from_bytes(head[56:60], "big") == 1
    if head[:16] != MAGIC or head[18:20] != b"\x01\x01" or not utf8 or page < 512:
        raise Unusual  # 2 instead of 1: what was written last may stand beside the file
    with sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True) as base:
        found = base.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)
        ).fetchone()
        held = base.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (name,)).fetchall()
    base.close()
    types = dict(zip(map(str, info["fields"]), map(str, info["dtypes"]), strict=True))
    known = {column: ROLES.get(type_) for column, type_ in types.items()}
    known |= {info["fid_column"]: SKIP, **({info["geometry_name"]: SHAPE} if info["geometry_name"] else {})}
    names = tuple(column for column, _ in held)
    if (
        found is None
        or any(hidden for _, hidden in held)
        or set(names) != set(known)
        or None in known.values()
    ):
        raise Unusual
    roles = np.array([known[column] for column in names], np.int64)
    places = np.array([(roles[:number] == role).sum() for number, role in enumerate(roles)], np.int64)
    return _Table(int(found[0]), page, page - head[20], names, roles, places)


class _untouched:  # noqa: N801
    """Nobody else writes the file meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        beside = [Path(f"{self._path}{end}") for end in ("-journal", "-wal")]
        if any(one.is_file() and one.stat().st_size for one in beside):
            raise Unusual
        self._base = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
        )
        self._base.execute("BEGIN")
        self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()  # holds the shared lock

    def __exit__(self, *_: object) -> None:
        self._base.close()


def _page(file: int, number: int, size: int) -> Bytes:
    held = os.pread(file, size, (number - 1) * size)
    if number < 1 or len(held) < size:
        raise Unusual
    return np.frombuffer(held, np.uint8)


def _leaves(file: int, table: _Table) -> Ints:
    """Return the pages that hold the rows, in order."""
    most = os.fstat(file).st_size // table.page
    level = np.array([table.root], np.int64)
    for _ in range(DEEPEST):
        kinds = {int(_page(file, int(number), table.page)[0]) for number in level[[0, -1]]}
        if kinds == {13}:
            return level
        level = np.concatenate([_children(_page(file, int(number), table.page)) for number in level])
        if len(level) > most or level.min() < 1 or level.max() > most:
            break
    raise Unusual


def _children(page: Bytes) -> Ints:
    if page[0] != 5:
        raise Unusual
    count = int(page[3:5].view(">u2")[0])
    if 12 + 2 * count > len(page):
        raise Unusual
    cells = page[12 : 12 + 2 * count].view(">u2").astype(np.int64)
    if count and cells.max() + 4 > len(page):
        raise Unusual
    left = page[cells[:, None] + np.arange(4)].view(">u4").reshape(-1)
    return np.append(left, page[8:12].view(">u4")).astype(np.int64)


# Blocks


@dataclass(frozen=True, slots=True)
class _Block:
    """What some leaves hold beside their texts."""

    reals: Floats  # (columns, rows)
    wholes: Ints  # (columns, rows)
    absent: npt.NDArray[np.bool_]  # (all columns, rows)
    coords: Floats
    points: Ints  # of each part
    parts: Ints  # of each row
    kinds: npt.NDArray[Any]  # names, of each row


_Part = tuple[list[_Block], list[TextColumn]]


def _read(file: int, table: _Table, leaves: Ints, info: dict[str, Any]) -> Quick:
    threads = max(1, min(cores(), 4, len(leaves) // PAGES))
    names, types = [str(name) for name in info["fields"]], [str(type_) for type_ in info["dtypes"]]
    with ThreadPoolExecutor(threads) as pool:
        runs = np.array_split(leaves, max(1, min(threads * RUNS, len(leaves) // PAGES)))
        parts = list(pool.map(lambda run: _part(file, table, run), runs))
        blocks = [block for part, _ in parts for block in part]
        shapes = pool.submit(_shapes, blocks)
        columns = pool.map(lambda name, type_: _column(table, parts, name, type_), names, types)
        return Quick(dict(zip(names, columns, strict=True)), *shapes.result())


def _column(table: _Table, parts: list[_Part], name: str, type_: str) -> pa.Array:
    """Return one column of all parts."""
    number = table.columns.index(name)
    place = int(table.places[number])
    if table.roles[number] == TEXT:
        return _texts([held[place] for _, held in parts], type_)
    return _numbers([block for part, _ in parts for block in part], number, place, type_)


def _part(file: int, table: _Table, leaves: Ints) -> _Part:
    """Return what a run of leaves holds."""
    columns = [TextColumn() for _ in range((table.roles == TEXT).sum())]
    buffer = np.empty(0, np.uint8)
    blocks = []
    for low in range(0, len(leaves), PAGES):
        buffer, pages = _held(file, table.page, leaves[low : low + PAGES], buffer)
        data, begins, sizes = _rows(file, table, buffer, pages)
        blocks.append(_block(table, data, begins, sizes, columns))
    return blocks, columns


def _held(file: int, size: int, leaves: Ints, buffer: Bytes) -> tuple[Bytes, Ints]:
    """Read some pages; return the bytes and where each page begins in them."""
    low, high = int(leaves.min()), int(leaves.max())
    together = high - low + 1 <= 3 * len(leaves)
    length = (high - low + 1 if together else len(leaves)) * size
    if len(buffer) < length + SPARE:
        buffer = np.zeros(length + SPARE, np.uint8)
    if together:
        read = os.preadv(file, [buffer.data[:length]], (low - 1) * size)
        pages = (leaves - low) * size
    else:
        pages = np.arange(len(leaves)) * size
        read = sum(
            os.preadv(file, [buffer.data[at : at + size]], (leaf - 1) * size)
            for at, leaf in zip(pages.tolist(), leaves.tolist(), strict=True)
        )
    if read != length:
        raise Unusual
    return buffer, pages


def _rows(file: int, table: _Table, buffer: Bytes, pages: Ints) -> tuple[Bytes, Ints, Ints]:
    """Return the bytes that hold the rows of some pages, where each begins and how long it is."""
    counts = buffer[pages + 3].astype(np.int64) * 256 + buffer[pages + 4]
    begins, sizes, further = (np.empty(int(counts.sum()), np.int64) for _ in range(3))
    if not cells_of(buffer, pages, table.usable, (begins, sizes, further)):
        raise Unusual
    long = np.flatnonzero(further)
    if not len(long):
        return buffer, begins, sizes
    if len(long) > LONG_ROWS or sizes[long].sum() > LONG_ROWS * table.page:
        raise Unusual
    pieces, at = [buffer], len(buffer)
    for row in long:
        whole = _whole_row(file, table, buffer[begins[row] :], int(sizes[row]), int(further[row]))
        begins[row] = at
        at += len(whole)
        pieces.append(whole)
    pieces.append(np.zeros(SPARE + -at % 8, np.uint8))
    return np.concatenate(pieces), begins, sizes


def _whole_row(file: int, table: _Table, start: Bytes, size: int, further: int) -> Bytes:
    """Return a row that goes on in other pages."""
    pieces = [start[: local_bytes(size, table.usable)]]
    left = size - len(pieces[0])
    while left > 0:
        page = _page(file, further, table.page)
        pieces.append(page[4 : 4 + min(left, table.usable - 4)])
        left -= len(pieces[-1])
        further = int(page[:4].view(">u4")[0])
    return np.concatenate(pieces)


def _block(table: _Table, data: Bytes, begins: Ints, sizes: Ints, columns: list[TextColumn]) -> _Block:
    rows = len(begins)
    reals = np.full(((table.roles == REAL).sum(), rows), np.nan)
    wholes = np.zeros(((table.roles == WHOLE).sum(), rows), np.int64)
    absent = np.zeros((len(table.roles), rows), np.bool_)
    held = np.empty((len(columns) + 1, rows), np.int64), np.full((len(columns) + 1, rows), ABSENT, np.int32)
    if not records_of((data, begins, sizes), (table.roles, table.places), (reals, wholes, absent), held):
        raise Unusual
    for column, at, long in zip(columns, *held, strict=False):
        column.add(data, at, long)
    return _Block(reals, wholes, absent, *_drawn(data, held[0][-1], held[1][-1]))


def _drawn(
    data: Bytes, begins: Ints, sizes: npt.NDArray[np.int32]
) -> tuple[Floats, Ints, Ints, npt.NDArray[Any]]:
    """Return the coordinates of some rows, the points of each part, the parts and the kind of each row."""
    if not well_known(data, begins, sizes):
        raise Unusual
    kind, coords, counts = simple_shapes(data, begins, sizes)
    there = counts > 0
    if kind or not (sizes >= 0).any():
        if kind and there.all():
            return (
                coords,
                counts,
                there.astype(np.int64),
                np.broadcast_to(np.array(KINDS[kind], object), len(counts)),
            )
        return (
            coords,
            counts[there],
            there.astype(np.int64),
            np.where(there, KINDS.get(kind, ""), "").astype(object),
        )
    if not known_kinds(data, begins, sizes):
        raise Unusual
    shapes, kinds = shapes_of_wkb(one_text(data, begins, sizes))
    return shapes.coords, np.diff(shapes.parts), np.diff(shapes.assets), kinds


# Columns


def _texts(runs: list[TextColumn], type_: str) -> pa.Array:
    made = texts(joined(runs))
    held = made.dictionary if pa.types.is_dictionary(made.type) else made
    if holds_zero(np.frombuffer(held.buffers()[2] or b"", np.uint8)):
        raise Unusual
    if type_ == "object":
        return made
    days = held.cast(pa.date32())  # an error when one is no plain date
    return days.take(made.indices) if held is not made else days


def _numbers(blocks: list[_Block], number: int, place: int, type_: str) -> pa.Array:
    mask = np.concatenate([block.absent[number] for block in blocks])
    gone = mask if mask.any() else None
    if type_.startswith("float"):
        return pa.array(
            np.concatenate([block.reals[place] for block in blocks]).astype(type_, copy=False), mask=gone
        )
    values = np.concatenate([block.wholes[place] for block in blocks])
    low, high = (0, 1) if type_ == "bool" else (np.iinfo(type_).min, np.iinfo(type_).max)
    if len(values) and (values.min() < low or values.max() > high):
        raise Unusual
    return pa.array(values.astype(type_, copy=False), mask=gone)


def _shapes(blocks: list[_Block]) -> tuple[Shapes, npt.NDArray[Any]]:
    coords = np.concatenate([block.coords for block in blocks])
    parts = np.concatenate([[0], *(block.points for block in blocks)], dtype=np.int64).cumsum()
    assets = np.concatenate([[0], *(block.parts for block in blocks)], dtype=np.int64).cumsum()
    same = all(block.kinds.strides == (0,) for block in blocks)
    named = (
        {block.kinds[0] for block in blocks} if same and all(len(block.kinds) for block in blocks) else set()
    )
    if len(named) == 1:
        return Shapes(coords, parts, assets), np.broadcast_to(np.array(named.pop(), object), len(assets) - 1)
    return Shapes(coords, parts, assets), np.concatenate([block.kinds for block in blocks])
