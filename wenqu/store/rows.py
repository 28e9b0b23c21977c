"""How a table of assets becomes rows of the store, and rows a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from wenqu.errors import BadInput
from wenqu.network.geometry import bounds
from wenqu.network.model import Assets, Column, missing_column
from wenqu.network.schema import asset_type
from wenqu.store.wkb import shapes_of, wkb_from

Row = dict[str, Any]
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NAIVE_UTC


def rows_of(table: Assets) -> Iterator[Row]:
    """Yield the columns of table ``asset`` that hold the content of each asset, in the table's order.

    Raises
    ------
    BadInput
        An id is empty or there twice, a value cannot be kept (infinite, no JSON), a shape is impossible.
    UnknownType
        A column is not a field of the type.
    """
    ids = checked_ids(table)
    kind = asset_type(table.type)
    names = sorted(table.fields)
    columns = [_plain(table.fields[name], kind.field(name).kind, table, name) for name in names]
    fields = _texts(names, columns, table)
    extra_names = sorted(table.extra)
    extras = [_plain(table.extra[name], "", table, name) for name in extra_names]
    extra: Iterable[str | None] = (
        (None if text == "{}" else text for text in _texts(extra_names, extras, table))
        if extra_names
        else (None for _ in ids)
    )
    try:
        shapes = wkb_from(table.shapes, kind.geometry)
    except BadInput as error:
        raise bad_shape(error, table) from None
    boxes = bounds(table.shapes).tolist()
    for id_, field, other, wkb, box in zip(ids, fields, extra, shapes, boxes, strict=True):
        west, south, east, north = box if wkb is not None else (None, None, None, None)
        content = f"{field}\n{other or ''}\n".encode() + (wkb or b"")
        yield {
            "asset": id_,
            "fields": field,
            "extra": other,
            "geometry": wkb,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "digest": blake2b(content, digest_size=16).digest(),
        }


def bad_shape(error: BadInput, table: Assets) -> BadInput:
    """Return the error of an impossible shape with the asset that has it."""
    row = error.facts["row"]
    id_ = table.ids[row] if isinstance(row, int) and row < len(table) else ""
    return BadInput("shape", type=table.type, id=id_, geometry=error.facts["geometry"])


def checked_ids(table: Assets) -> list[str]:
    """Return the ids as texts.

    Raises
    ------
    BadInput
        An id is empty or there twice, or the shapes are not as many as the assets.
    """
    ids = [str(name) for name in table.ids.tolist()]
    if len(table.shapes) != len(ids):
        raise BadInput("shapes-count", type=table.type, shapes=len(table.shapes), assets=len(ids))
    unfit = [name for name in ids if not name.strip() or "\0" in name]
    if unfit:
        raise BadInput("asset-id", type=table.type, id=unfit[0])
    if len(set(ids)) < len(ids):
        seen: set[str] = set()
        twice = next(name for name in ids if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise BadInput("asset-twice", type=table.type, id=twice)
    return ids


def _plain(column: Column, kind: str, table: Assets, name: str) -> list[Any]:
    """Return a column as Python values, None where one is missing."""
    check_length(column, table, name)
    if kind in {"number", "integer"}:
        column = _as_numbers(column, table, name)
    elif kind == "boolean" and column.dtype.kind in "iuf":
        return [None if value != value or value < 0 else value > 0 for value in column.tolist()]  # noqa: PLR0124
    if column.dtype.kind == "f":
        if np.isinf(column).any():
            row = int(np.flatnonzero(np.isinf(column))[0])
            raise BadInput("asset-value", type=table.type, id=table.ids[row], field=name, value=column[row])
        if kind == "integer":
            return [None if value != value else int(value) for value in column.tolist()]  # noqa: PLR0124
        return [None if value != value else value for value in column.tolist()]  # noqa: PLR0124
    if column.dtype.kind == "M":
        return [None if np.isnat(value) else str(value) for value in column]
    return [None if value != value else value for value in column.tolist()]  # noqa: PLR0124


def check_length(column: Column, table: Assets, name: str) -> None:
    """Refuse a column that has more or fewer values than the table has assets.

    Raises
    ------
    BadInput
        It has.
    """
    if len(column) != len(table):
        raise BadInput("column-length", type=table.type, field=name, rows=len(column), assets=len(table))


def _as_numbers(column: Column, table: Assets, name: str) -> npt.NDArray[np.float64]:
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError):
        for row, value in enumerate(column):
            if value is not None and not isinstance(value, int | float | np.number):
                raise BadInput(
                    "asset-value", type=table.type, id=table.ids[row], field=name, value=value
                ) from None
        return np.array([np.nan if value is None else float(value) for value in column])


def _texts(names: Sequence[str], columns: Sequence[list[Any]], table: Assets) -> Iterator[str]:
    """Yield the JSON object of each asset, its keys in the order of the alphabet, missing ones left out."""
    if not names:
        yield from ("{}" for _ in range(len(table)))
        return
    for row, values in enumerate(zip(*columns, strict=True)):
        there = {name: value for name, value in zip(names, values, strict=True) if value is not None}
        try:
            yield orjson.dumps(there, option=_OPTIONS).decode()
        except TypeError as error:
            raise BadInput(
                "asset-value", type=table.type, id=table.ids[row], field=", ".join(there), value=error
            ) from None


def table_of(type_: str, rows: Sequence[Sequence[Any]]) -> Assets:
    """Return the assets that rows of (asset, fields, extra, geometry) hold, in their order."""
    kind = asset_type(type_)
    known = {entry.name: entry.kind for entry in kind.fields}
    ids, fields, extra, wkb = zip(*rows, strict=True) if rows else ((), (), (), ())
    objects = orjson.loads("[" + ",".join(fields) + "]")
    there = set().union(*objects) if objects else set()
    columns = {
        name: _typed(known[name], [entry.get(name) for entry in objects]) for name in known if name in there
    }
    strangers = sorted(there - known.keys())  # the tables of an older Wenqu had them
    delivered = delivered_of(extra)
    for name in strangers:
        delivered.setdefault(name, _guessed([entry.get(name) for entry in objects]))
    shapes = shapes_of(_objects(wkb))
    return Assets(type_, _objects(ids), columns, shapes, delivered)


def delivered_of(extra: Sequence[str | None]) -> dict[str, Column]:
    """Return the columns nobody knows that the JSON of each row holds."""
    others = [orjson.loads(text) if text else {} for text in extra]
    return {name: _guessed([entry.get(name) for entry in others]) for name in sorted(set().union(*others))}


def _objects(values: Sequence[Any]) -> npt.NDArray[np.object_]:
    return np.fromiter(values, dtype=object, count=len(values))  # lists stay lists


def _typed(kind: str, values: list[Any]) -> Column:
    if kind in {"number", "integer"}:
        return np.array(values, dtype=np.float64)  # None becomes NaN
    if kind == "boolean":
        column = missing_column(kind, len(values))
        column[:] = [-1 if value is None else int(value) for value in values]
        return column
    return _objects(values)


def _guessed(values: list[Any]) -> Column:
    """Return a column nobody knows the kind of: floats as floats, whole integers as such, else objects."""
    kinds = {type(value) for value in values}
    if kinds <= {float, type(None)}:
        return np.array(values, dtype=np.float64)
    if kinds == {int} and all(abs(value) < 2**63 for value in values):
        return np.array(values, dtype=np.int64)
    if kinds == {bool}:
        return np.array(values, dtype=np.bool_)
    return _objects(values)


def fields_of(text: str) -> Mapping[str, Any]:
    """Return the fields of one version as a mapping."""
    values: dict[str, Any] = orjson.loads(text)
    return values
