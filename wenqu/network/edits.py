"""Which assets become what? A set of changes that is applied or refused as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from wenqu.errors import BadInput, UnknownAsset
from wenqu.network.geometry import Floats, Shapes
from wenqu.network.model import Assets, Column, Network, column_of, missing_column
from wenqu.network.schema import asset_type

LEAST_COORDS = {"point": 1, "line": 2, "polygon": 4}


@dataclass(frozen=True, slots=True)
class Edit:
    """What becomes of one asset; an asset that is not there yet is made."""

    type: str
    id: str
    fields: Mapping[str, object] = field(default_factory=dict)  # SI; None takes a value away
    extra: Mapping[str, object] = field(default_factory=dict)  # the same for columns nobody knows
    parts: tuple[Floats, ...] | None = None  # new shape, (k, 2) a part; None leaves it, () takes it away
    gone: bool = False  # the asset is no longer there from now on
    based_on: int | None = None  # change that made the version which the author saw; None: any


def applied(network: Network, edits: Iterable[Edit]) -> dict[str, Assets]:
    """Return the touched assets by type as they become, ready to be put; closed ones are left out.

    Later edits of an asset come on top of earlier ones.

    Raises
    ------
    UnknownType
        A type or a field does not exist.
    UnknownAsset
        An asset that is not there is to be closed.
    BadInput
        A shape has too few points for its type (``edit-shape``), or is not finite.
    """
    by_type: dict[str, list[Edit]] = {}
    for edit in edits:
        by_type.setdefault(edit.type, []).append(edit)
    return {type_: _applied(network, type_, some) for type_, some in by_type.items()}


def closed(edits: Iterable[Edit]) -> dict[str, list[str]]:
    """Return the ids to close, by type."""
    last = {(edit.type, edit.id): edit for edit in edits}
    ids: dict[str, list[str]] = {}
    for (type_, id_), edit in last.items():
        if edit.gone:
            ids.setdefault(type_, []).append(id_)
    return ids


def plain(value: object) -> object:
    """Return a value of a column without numpy's types, None where it is missing."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and np.isnan(value) else value


def edit_of(table: Assets, row: int) -> Edit:
    """Return the edit that makes one asset as it is in a table."""
    kinds = {entry.name: entry.kind for entry in asset_type(table.type).fields}
    fields = {name: plain(column[row]) for name, column in table.fields.items()}
    for name, value in fields.items():
        if kinds[name] == "boolean":
            fields[name] = {1: True, 0: False}.get(value)  # type: ignore[call-overload]
    extra = {name: plain(column[row]) for name, column in table.extra.items()}
    return Edit(
        table.type,
        str(table.ids[row]),
        {name: value for name, value in fields.items() if value is not None},
        {name: value for name, value in extra.items() if value is not None},
        _parts(table.shapes, row),
    )


def _applied(network: Network, type_: str, edits: Sequence[Edit]) -> Assets:
    kind = asset_type(type_)
    table = network.table(type_)
    rows = {str(name): row for row, name in enumerate(table.ids)}
    last = {edit.id: edit for edit in edits}
    for edit in edits:
        if edit.gone and edit.id not in rows:
            raise UnknownAsset(type=type_, id=edit.id, nearest="")
        for name in edit.fields:
            kind.field(name)
    ids = [name for name in dict.fromkeys(edit.id for edit in edits) if not last[name].gone]
    place = {name: number for number, name in enumerate(ids)}
    kept = [edit for edit in edits if edit.id in place]
    before = np.array([rows.get(name, -1) for name in ids], dtype=np.int64)
    kinds = {entry.name: entry.kind for entry in kind.fields}
    touched = dict.fromkeys(name for edit in kept for name in edit.fields)
    fields = {name: _known(table.column(name), before, kinds[name]) for name in {**table.fields, **touched}}
    others = dict.fromkeys(name for edit in kept for name in edit.extra)
    extra = {name: _known(table.extra.get(name), before, "text") for name in {**table.extra, **others}}
    for edit in kept:
        for name, value in edit.fields.items():
            fields[name][place[edit.id]] = column_of(kinds[name], [value])[0]
        for name, value in edit.extra.items():
            extra[name][place[edit.id]] = value
    parts = [_parts(table.shapes, row) if row >= 0 else () for row in before.tolist()]
    for edit in kept:
        if edit.parts is not None:
            parts[place[edit.id]] = _fit(edit, kind.geometry)
    return Assets(type_, np.array(ids, dtype=object), fields, _shapes(parts), extra)


def _known(column: Column | None, before: np.ndarray, kind: str) -> Column:
    values = missing_column(kind, len(before))
    there = before >= 0
    if column is not None and there.any():
        if kind == "text":
            values[there] = column[before[there]].astype(object)
        else:
            values[there] = column[before[there]]
    return values


def _parts(shapes: Shapes, row: int) -> tuple[Floats, ...]:
    spans = range(shapes.assets[row], shapes.assets[row + 1])
    return tuple(shapes.coords[shapes.parts[span] : shapes.parts[span + 1]] for span in spans)


def _fit(edit: Edit, geometry: str) -> tuple[Floats, ...]:
    parts = tuple(np.asarray(part, dtype=np.float64).reshape(-1, 2) for part in edit.parts or ())
    least = LEAST_COORDS.get(geometry, 0)
    if any(len(part) < least or not np.isfinite(part).all() for part in parts) or (parts and not least):
        raise BadInput("edit-shape", type=edit.type, id=edit.id, geometry=geometry, least=least)
    return parts


def _shapes(parts: Sequence[Sequence[Floats]]) -> Shapes:
    pieces = [piece for some in parts for piece in some]
    return Shapes(
        np.concatenate(pieces) if pieces else np.empty((0, 2)),
        np.cumsum([0, *(len(piece) for piece in pieces)]).astype(np.int64),
        np.cumsum([0, *(len(some) for some in parts)]).astype(np.int64),
    )
