"""Change assets: all of a set or nothing of it, and never over what somebody else wrote meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from wenqu.issues import Issue
from wenqu.network.edit_checks import check_edit, references
from wenqu.network.edits import Edit, applied, closed
from wenqu.network.model import Assets, City, Column, Network
from wenqu.services.edit_conflicts import PRESENCE, SHAPE, Conflict, Settled, conflicts_of, settled
from wenqu.services.rights import Person, demand
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store

Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value that becomes another."""

    type: str
    id: str
    field: str  # name of a field or of an unknown column; @shape, @presence
    before: object  # SI
    after: object


@dataclass(frozen=True, slots=True)
class EditReport:
    """What became of a set of edits, or what keeps it from being written."""

    written: bool
    version: int  # number of the change; that of the last one when nothing was written
    changes: tuple[FieldChange, ...] = ()
    issues: tuple[Issue, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    merged: tuple[tuple[str, str], ...] = ()  # assets whose other fields somebody changed meanwhile


@dataclass
class _Set:
    """A set of edits on its way into the store."""

    edits: list[Edit]
    issues: list[Issue] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    changes: list[FieldChange] = field(default_factory=list)


def edit_assets(  # noqa: PLR0913 what, where, by whom, why, and how
    store: Store,
    city: str,
    edits: Sequence[Edit],
    *,
    person: Person,
    why: str,
    who: str = "",
    settle: Settled | None = None,
    preview: bool = False,
    check: bool = True,
) -> EditReport:
    """Write a set of edits as one change, or say what keeps it from being written.

    An edit knows the version that its author saw (``based_on``). Where somebody else changed the asset
    since, other fields are merged; the same field changed to another end is a conflict, and nothing of
    the set is written until each conflict is settled.

    Parameters
    ----------
    who
        Author as it stands in the history; "" is the person's account.
    settle
        "mine" or "theirs" for conflicts by (type, id, field).
    preview
        Say what would change and write nothing.
    check
        Hold the values to the fields' tables; an undo gives back what was there.

    Raises
    ------
    Refused
        The person may not edit there (``rights``).
    UnknownType, UnknownAsset, UnknownCity, BadInput
        The call names what is not there, or a shape is impossible.
    """
    author = who or person.account
    with store.change(city, who=author, why=why or "-") as change:
        made = _Set(list(edits))
        versions = _standing(change, made.edits)
        _settle(change, made, versions[1], settle or {})
        network = Network(City(city), versions[0])
        if check:
            made.issues += _checked(change, network, made.edits)
        for edit in made.edits:
            _demand(person, city, edit, _fields(network, edit))
        bad = {(issue.type, issue.asset) for issue in made.issues}
        made.changes += _changes(network, [edit for edit in made.edits if (edit.type, edit.id) not in bad])
        written = not (preview or made.issues or made.conflicts or not made.changes)
        if written:
            _write(change, network, made.edits)
        number = change.number
    return EditReport(
        written,
        number if written else number - 1,
        tuple(made.changes),
        tuple(made.issues),
        tuple(made.conflicts),
        tuple(made.merged),
    )


def _standing(
    change: OpenChange, edits: Sequence[Edit]
) -> tuple[dict[str, Assets], dict[tuple[str, str], int]]:
    tables: dict[str, Assets] = {}
    numbers: dict[tuple[str, str], int] = {}
    ids: dict[str, list[str]] = {}
    for edit in edits:
        ids.setdefault(edit.type, []).append(edit.id)
    for type_, some in ids.items():
        tables[type_], since = change.standing(type_, some)
        numbers |= {(type_, id_): number for id_, number in since.items()}
    return tables, numbers


def _settle(change: OpenChange, made: _Set, since: Mapping[tuple[str, str], int], how: Settled) -> None:
    """Merge what others changed meanwhile; what is not settled is told as a conflict."""
    kept: list[Edit] = []
    for edit in made.edits:
        name = (edit.type, edit.id)
        stale = edit.based_on is not None and since.get(name, -1) != edit.based_on
        found: list[Conflict] = []
        if stale and (name not in since or since[name] > (edit.based_on or 0)):
            found = list(conflicts_of(edit, change.past(*name)))
            if name in since and edit.based_on:
                made.merged.append(name)
        made.conflicts += [entry for entry in found if how.get(entry.key) not in {"mine", "theirs"}]
        left = settled(edit, found, how)
        if left is not None:
            kept.append(left)
    made.edits = kept


def _checked(change: OpenChange, network: Network, edits: Sequence[Edit]) -> Iterator[Issue]:
    wanted = {(of, id_) for edit in edits for entry, id_ in references(edit) for of in entry.of}
    types, ids = sorted({of for of, _ in wanted}), sorted({id_ for _, id_ in wanted})
    there = change.there(types, ids) if wanted else {}
    for edit in edits:
        known = there.setdefault(edit.type, set())
        (known.discard if edit.gone else known.add)(edit.id)  # what the set itself makes or closes
    for edit in edits:
        yield from check_edit(edit, _fields(network, edit), there)


def _row(network: Network, edit: Edit) -> int | None:
    return network.known_row(edit.type, edit.id)


def _fields(network: Network, edit: Edit) -> Fields | None:
    row = _row(network, edit)
    if row is None:
        return None
    table = network.table(edit.type)
    return {name: plain_value(column, row) for name, column in {**table.fields, **table.extra}.items()}


def plain_value(column: Column, row: int) -> object:
    """Return a value of a column as Python has it, None where it is missing."""
    value = column[row]
    if column.dtype == np.int8:
        return None if value < 0 else bool(value)
    value = value.item() if isinstance(value, np.generic) else value
    return None if value is None or value != value else value  # noqa: PLR0124 - NaN


def _demand(person: Person, city: str, edit: Edit, before: Fields | None) -> None:
    known = before or {}
    places = {
        (str(values.get("district") or ""), body) for values in _both(known, edit) for body in _bodies(values)
    }
    for district, body in sorted(places):
        if edit.fields or edit.extra or edit.gone:
            demand(person, "edit_attributes", city, district, body)
        if edit.parts is not None or edit.gone or before is None:
            demand(person, "edit_geometry", city, district, body)


def _both(before: Fields, edit: Edit) -> Iterator[Fields]:
    """Yield the asset as it is and as it becomes: nobody may move it into or out of a foreign district."""
    if before:
        yield before
    yield {**before, **edit.fields}


def _bodies(values: Fields) -> tuple[str, ...]:
    return (str(values.get("keeper") or values.get("owner") or ""),)


def _changes(network: Network, edits: Sequence[Edit]) -> Iterator[FieldChange]:
    after = applied(network, edits)
    placed = {(type_, str(id_)): row for type_, table in after.items() for row, id_ in enumerate(table.ids)}
    for edit in {(edit.type, edit.id): edit for edit in edits}.values():
        type_, id_ = edit.type, edit.id
        row, before = placed.get((type_, id_)), _fields(network, edit)
        if before is None:
            yield FieldChange(type_, id_, PRESENCE, None, "there")
        if row is None:
            yield FieldChange(type_, id_, PRESENCE, "there", None)
            continue
        table = after[type_]
        for name, column in {**table.fields, **table.extra}.items():
            old, new = (before or {}).get(name), plain_value(column, row)
            if old != new:
                yield FieldChange(type_, id_, name, old, new)
        old_at = _row(network, edit)
        old_shape = None if old_at is None else network.table(type_).shapes.of(old_at).tolist()
        new_shape = table.shapes.of(row).tolist()
        if (old_shape or []) != new_shape:
            yield FieldChange(type_, id_, SHAPE, old_shape, new_shape)


def _write(change: OpenChange, network: Network, edits: Sequence[Edit]) -> None:
    for table in applied(network, edits).values():
        if len(table):
            change.put(table)
    for type_, ids in closed(edits).items():
        change.close(type_, ids)
