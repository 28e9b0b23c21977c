"""Which columns of a file are no plain values (lists, records, bytes, spans of time), and how are they kept?

Columns that nobody knows come out again as they came in, through any format; so what is nested goes in as
JSON text, and it is said. Bytes are no attribute: they are left out, and it is said.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.raw import SIGN, RawLayer

DIGITS = 15  # that a number of double width keeps whatever they are


def plainly(layers: Callable[..., Delivered]) -> Callable[..., Delivered]:
    """Return a reader whose columns hold texts, numbers, booleans and dates only."""

    @wraps(layers)
    def read(path: Path, *encoding: str) -> Delivered:
        delivered = layers(path, *encoding)
        made = [_plain_layer(layer) for layer in delivered.layers]
        told = [issue for _, issues in made for issue in issues]
        return replace(delivered, layers=[layer for layer, _ in made], issues=[*delivered.issues, *told])

    return read


def _plain_layer(layer: RawLayer) -> tuple[RawLayer, list[Issue]]:
    made, issues = _plain_kinds(layer)
    return made, [*_broken(layer), *issues]


def _broken(layer: RawLayer) -> Iterator[Issue]:
    """Yield an Issue for each column with bytes that were no text, at the first such row."""
    for name in (name for name in layer.broken if name in layer.columns):
        rows = [row for row, text in enumerate(layer.columns[name].to_pylist()) if text and SIGN in text]
        if rows:
            facts: dict[str, object] = {"layer": layer.name, "column": name, "count": len(rows)}
            place = Place(layer.file, layer.name, int(layer.rows[rows[0]]))
            yield Issue("format.broken-text", Weight.DOUBT, place=place, facts=facts)


def _plain_kinds(layer: RawLayer) -> tuple[RawLayer, list[Issue]]:
    odd = {name for name, column in layer.columns.items() if not _is_plain(column.type)}
    if not odd:
        return layer, []
    nested = [name for name in odd if pa.types.is_nested(layer.columns[name].type)]
    bare = [name for name in odd if _is_bytes(layer.columns[name].type)]
    columns = {
        name: plain_column(column) if name in odd else column
        for name, column in layer.columns.items()
        if name not in bare
    }
    issues = []
    for code, names in (("format.nested-as-text", nested), ("table.no-values", bare)):
        if names:
            listed = ", ".join(name for name in layer.columns if name in names)
            facts: dict[str, object] = {"layer": layer.name, "columns": listed}
            issues.append(Issue(code, Weight.NOTE, place=Place(layer.file, layer.name), facts=facts))
    return replace(layer, columns=columns), issues


def _is_plain(kind: pa.DataType) -> bool:
    types = pa.types
    number = types.is_floating(kind) or (types.is_integer(kind) and kind != pa.uint64())
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_boolean(kind)
    return bool(number or text or types.is_date(kind) or types.is_timestamp(kind) or types.is_time(kind))


def _is_bytes(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind))


def plain_column(column: pa.Array) -> pa.Array:
    """Return a column of plain values that says the same."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        held = column.cast(kind.value_type)
        return held if _is_plain(kind.value_type) else plain_column(held)
    if pa.types.is_nested(kind):
        texts = [None if value is None else _json(value) for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    if kind == pa.uint64():
        most = pc.max(column).as_py() or 0
        return column.cast(pa.int64() if most < 1 << 63 else pa.string())
    if pa.types.is_decimal(kind) and kind.precision <= DIGITS:
        return column.cast(pa.float64())
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())


def _json(value: object) -> str:
    options = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
    return orjson.dumps(value, default=str, option=options).decode()
