"""How do the rows of many assets become columns again, without a dictionary for each row?

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
import pyarrow.json as paj

from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, Column
from wenqu.network.schema import AssetType, asset_type
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
    kind = asset_type(type_)
    ids, fields, extra, wkb = ([row[place] for row in rows] for place in range(4))
    columns = _fields(kind, fields)
    if columns is None:
        return table_of(type_, rows)
    others = delivered_of(extra) if any(extra) else {}
    return Assets(type_, np.fromiter(ids, object, len(ids)), columns, _shapes(kind, wkb), others)


def _shapes(kind: AssetType, wkb: Sequence[bytes | None]) -> Shapes:
    if kind.geometry in {"point", "line"}:
        return shapes_of_wkb(pa.array(wkb, pa.large_binary()))[0]
    return shapes_of(np.fromiter(wkb, object, len(wkb)))


def _fields(kind: AssetType, texts: Sequence[str]) -> dict[str, Column] | None:
    """Return the columns of the fields that any row fills, None when Arrow cannot read them as such."""
    if max(map(len, texts)) * 4 > BLOCK:
        return None
    content = "\n".join(texts).encode()
    sample = {name for text in texts[:: max(len(texts) // SAMPLE, 1)] for name in orjson.loads(text)}
    table = _read(kind, content, sample) or _read(kind, content, {entry.name for entry in kind.fields})
    if table is None or table.num_rows != len(texts):
        return None
    filled = {name: table.column(name).combine_chunks() for name in table.column_names}
    return {
        entry.name: _column(filled[entry.name])
        for entry in kind.fields
        if entry.name in filled and filled[entry.name].null_count < len(texts)
    }


def _read(kind: AssetType, content: bytes, names: Collection[str]) -> pa.Table | None:
    """Read rows that have no other fields than these: a column that nobody fills costs as much as another."""
    types = [(entry.name, KINDS.get(entry.kind, pa.string())) for entry in kind.fields if entry.name in names]
    if not types:
        return None
    options = paj.ParseOptions(explicit_schema=pa.schema(types), unexpected_field_behavior="error")
    try:
        return paj.read_json(pa.BufferReader(content), paj.ReadOptions(block_size=BLOCK), options)
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
