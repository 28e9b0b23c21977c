"""How do the rows and blocks of many assets become columns again, without a dictionary for each row?

The JSON of all rows is read at once by Arrow against the fields of the type. What Arrow cannot read so
(fields of an older table, a value of another kind) goes the way of ``rows.table_of``; a test holds the
two together to the last bit.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as paj

from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, Column
from wenqu.network.schema import AssetType, asset_type
from wenqu.store.packed import Packed
from wenqu.store.ragged import Bytes, Ints, Ragged, compiled
from wenqu.store.rows import delivered_of, table_of
from wenqu.store.wkb import shapes_of

MANY = 2_000  # rows from which on reading at once pays
SAMPLE = 200  # rows that are looked at for the fields that are filled
BLOCK = 16 << 20  # bytes of JSON read at once by one core; no row is longer
KINDS = {"number": pa.float64(), "integer": pa.float64(), "boolean": pa.bool_()}


def columns_of(type_: str, rows: Sequence[Sequence[Any]]) -> Assets:
    """Return the assets that rows of (asset, fields, extra, geometry) hold, in their order."""
    if len(rows) < MANY:
        return table_of(type_, rows)
    return assets_of(type_, [_packed(rows)])


def assets_of(type_: str, blocks: Sequence[Packed], rows: Sequence[Sequence[Any]] = ()) -> Assets:
    """Return the assets of blocks and of rows (asset, fields, extra, geometry), in the order of ids."""
    if not blocks:
        return columns_of(type_, rows)
    whole = _ordered([*blocks, _packed(rows)] if rows else blocks)
    kind = asset_type(type_)
    columns = _fields(kind, whole.fields) if len(whole) >= MANY else None
    ids, extra = whole.ids.texts(), whole.extra.texts() if len(whole.extra.span()) else []
    if columns is None:
        others = extra or [None] * len(whole)
        four = zip(ids, whole.fields.texts(), others, whole.shapes.blobs(), strict=True)
        return table_of(type_, list(four))
    return Assets(
        type_,
        np.fromiter(ids, object, len(ids)),
        columns,
        _shapes(kind, whole.shapes),
        delivered_of(extra) if extra else {},
    )


def _packed(rows: Sequence[Sequence[Any]]) -> Packed:
    ids, fields, extra = (
        Ragged.of_arrow(pa.array([row[place] for row in rows], pa.large_string())) for place in range(3)
    )
    shapes = Ragged.of_bytes([row[3] for row in rows])
    return Packed(ids, fields, extra, shapes, np.empty((len(rows), 4)))


def _ordered(parts: Sequence[Packed]) -> Packed:
    """Return the rows of several as one, in the order of their ids."""
    whole = parts[0]
    if len(parts) > 1:
        ids, fields, extra, shapes = (
            Ragged.joined([getattr(part, name) for part in parts])
            for name in ("ids", "fields", "extra", "shapes")
        )
        whole = Packed(ids, fields, extra, shapes, np.concatenate([part.boxes for part in parts]))
        names = ids.arrow(pa.large_string())
        if not pc.all(pc.less(names[:-1], names[1:])).as_py():
            whole = whole.take(pc.sort_indices(names).to_numpy().astype(np.int64))
    return whole


def _shapes(kind: AssetType, wkb: Ragged) -> Shapes:
    if kind.geometry in {"point", "line"}:
        return shapes_of_wkb(wkb.arrow(pa.large_binary()))[0]
    return shapes_of(np.fromiter(wkb.blobs(), object, len(wkb)))


@compiled
def _lines(data: Bytes, starts: Ints) -> Bytes:
    """Return strings with a line feed behind each."""
    rows = len(starts) - 1
    made = np.empty(starts[rows] - starts[0] + rows, np.uint8)
    to = 0
    for row in range(rows):
        for place in range(starts[row], starts[row + 1]):
            made[to] = data[place]
            to += 1
        made[to] = 10
        to += 1
    return made


def _fields(kind: AssetType, texts: Ragged) -> dict[str, Column] | None:
    """Return the columns of the fields that any row fills, None when Arrow cannot read them as such."""
    if np.diff(texts.starts).max() * 4 > BLOCK:
        return None
    content = _lines(texts.data, texts.starts)
    step = max(len(texts) // SAMPLE, 1)
    sample = {name for row in range(0, len(texts), step) for name in orjson.loads(texts.text(row))}
    table = _read(kind, content, sample) or _read(kind, content, {entry.name for entry in kind.fields})
    if table is None or table.num_rows != len(texts):
        return None
    filled = {name: table.column(name).combine_chunks() for name in table.column_names}
    return {
        entry.name: _column(filled[entry.name])
        for entry in kind.fields
        if entry.name in filled and filled[entry.name].null_count < len(texts)
    }


def _read(kind: AssetType, content: Bytes, names: Collection[str]) -> pa.Table | None:
    """Read rows that have no other fields than these: a column that nobody fills costs as much as another."""
    types = [(entry.name, KINDS.get(entry.kind, pa.string())) for entry in kind.fields if entry.name in names]
    if not types:
        return None
    options = paj.ParseOptions(explicit_schema=pa.schema(types), unexpected_field_behavior="error")
    try:
        return paj.read_json(
            pa.BufferReader(pa.py_buffer(content)), paj.ReadOptions(block_size=BLOCK), options
        )
    except pa.ArrowInvalid:
        return None


def _column(column: pa.Array) -> Column:
    if pa.types.is_floating(column.type):
        return column.to_numpy(zero_copy_only=False).copy()  # type: ignore[no-any-return]
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8()).fill_null(-1).to_numpy(zero_copy_only=False).copy()  # type: ignore[no-any-return]
    return _texts(column)


def _texts(column: pa.Array) -> npt.NDArray[np.object_]:
    """Return texts as objects; rows that say the same share one."""
    coded = column.dictionary_encode()
    if len(coded.dictionary) * 4 > len(column):
        return np.asarray(column.to_numpy(zero_copy_only=False))
    distinct = np.array([*coded.dictionary.to_pylist(), None], dtype=object)
    return distinct[coded.indices.fill_null(len(distinct) - 1).to_numpy(zero_copy_only=False)]  # type: ignore[no-any-return]
