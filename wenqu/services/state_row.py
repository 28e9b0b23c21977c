"""What does an edit make of a row of a register: its next statement, a conflict, or nothing that fits?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any

from wenqu.errors import BadInput, Refused, WenquError
from wenqu.issues import Issue, Weight
from wenqu.network.edit_checks import check_fields
from wenqu.network.edits import Edit
from wenqu.network.schema import Field
from wenqu.records.registry import GONE, OWN, RecordKind, every_code_list, fixed, gone, opens, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.edit_assets import FieldChange
from wenqu.services.edit_conflicts import PRESENCE, Conflict, Settled
from wenqu.services.file_works import new_id
from wenqu.services.record_checks import ENDED, check_row, ends
from wenqu.services.register_tables import plain
from wenqu.services.seen_records import key_of
from wenqu.services.wording import sentence
from wenqu.store.records import Filing

Filed = tuple[Any, Filing]
EMPTY = {"number": float("nan"), "integer": 0, "boolean": False}


@dataclass
class Stating:
    """A set of rows on its way into the store."""

    kind: RecordKind
    by: str  # account
    why: str
    rows: list[Any] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    changes: list[FieldChange] = field(default_factory=list)


def state_row(
    made: Stating,
    edit: Edit,
    past: Sequence[Filed],
    how: Settled,
    there: Mapping[str, set[str]],
    state: CityState,
) -> None:
    """Add to a set what an edit makes of a row, of which this was stated so far."""
    kind = made.kind
    before = past[-1][0] if past else None
    told = list(_conflicts(edit, past)) if past and edit.based_on is not None else []
    if told and any(how.get(one.key) not in {"mine", "theirs"} for one in told):
        made.conflicts += [one for one in told if how.get(one.key) not in {"mine", "theirs"}]
        return
    if before is not None and gone(before):
        # Kept against who took it back it is what stood; otherwise it is a new one.
        before = next((row for row, _ in reversed(past) if not gone(row)), None) if told else None
    theirs = {one.field for one in told if how[one.key] == "theirs"}
    if PRESENCE in theirs or (edit.gone and before is None):
        return
    values = {name: value for name, value in edit.fields.items() if name not in theirs}
    if past and edit.based_on and past[-1][1].number > edit.based_on:
        made.merged.append((kind.name, edit.id))
    if edit.gone:
        row = ended(kind, before)
    else:
        issues = list(misfits(kind, replace(edit, fields=values), before, there))
        if issues:
            made.issues += issues
            return
        row = row_of(kind, edit.id, before, values, simulated=state.network.city.simulated)
        refused = _refused(kind, before, row)
        if refused:
            made.issues.append(refused)
            return
    changes = list(row_changes(kind, edit.id, before, row))
    if changes:
        made.changes += changes
        made.rows.append(stamped(kind, row, by=made.by, why=made.why))


def misfits(kind: RecordKind, edit: Edit, before: Any, there: Mapping[str, set[str]]) -> Iterator[Issue]:
    """Yield what in an edit does not fit the fields of its kind."""
    old = None if before is None else {one.name: value_in(one, before) for one in kind.fields}
    taken = [
        one for one in kind.fields
        if one.name != "id" and (not fixed(kind, one) or (before is None and opens(kind, one)))
    ]  # fmt: skip
    yield from check_fields(taken, edit, old, there, every_code_list())


def _refused(kind: RecordKind, before: Any, row: Any) -> Issue | None:
    """Return why a row may not become so, as its own page would say it."""
    id_ = key_of(kind, row)
    try:
        if before is None and kind.deed:
            raise BadInput("record-deed", register=kind.name, deed=kind.deed["en"])
        check_row(kind, before, row)
    except WenquError as error:
        said = {language: sentence(error, language) for language in ("zh", "en")}
        return Issue("edit.refused", Weight.BLOCK, kind.name, id_, facts={"said": said})
    return None


def _conflicts(edit: Edit, past: Sequence[Filed]) -> Iterator[Conflict]:
    """Yield what others stated since to another end than the edit does."""
    seen = [row for row, filing in past if filing.number <= (edit.based_on or 0)]
    now, by = past[-1]
    was, is_ = bool(seen) and not gone(seen[-1]), not gone(now)
    if was != is_:
        yield _conflict(edit, PRESENCE, ("there", "there", None) if was else (None, "new", "there"), by)
    if not (was and is_):
        return
    if edit.gone and by.number > (edit.based_on or 0):
        yield _conflict(edit, PRESENCE, ("there", None, "there"), by)
    kind = record_kinds()[edit.type]
    for entry in kind.fields:
        if entry.name in edit.fields:
            old, mine, theirs = value_in(entry, seen[-1]), edit.fields[entry.name], value_in(entry, now)
            if theirs not in (old, mine):
                yield _conflict(edit, entry.name, (old, mine, theirs), by)


def _conflict(edit: Edit, name: str, values: tuple[object, object, object], by: Filing) -> Conflict:
    return Conflict(edit.type, edit.id, name, *values, by.who, by.at, by.why, by.number)


def value_in(entry: Field, row: Any) -> object:
    """Return what a statement says in a field, SI; None where it says nothing."""
    value = plain(entry, getattr(row, entry.name))
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN


def row_of(kind: RecordKind, id_: str, before: Any, values: Mapping[str, object], *, simulated: bool) -> Any:
    """Return the statement that an edit makes of the one before, or of nothing."""
    inside = {name: _inside(kind, name, value) for name, value in values.items()}
    if before is not None:
        return replace(before, **inside)
    known = {entry.name for entry in fields(kind.cls)}
    blank = {
        entry.name: _inside(kind, entry.name, None)
        for entry in fields(kind.cls)
        if entry.default is MISSING and entry.default_factory is MISSING
    }
    told: dict[str, object] = {"simulated": simulated} if "simulated" in known else {}
    if not kind.keyed:
        told["id"] = id_
    return kind.cls(**{**blank, **inside, **told})


def _inside(kind: RecordKind, name: str, value: object) -> object:
    """Return a value as the statement holds it: what is missing is "", NaN, 0, no."""
    entry = kind.field(name)
    what = entry.kind if entry else "text"
    if value is None:
        of = next(str(one.type) for one in fields(kind.cls) if one.name == name)
        return () if "tuple" in of else EMPTY.get(what, "")
    if what == "integer":
        return int(value)  # type: ignore[call-overload]
    if what == "number":
        return float(value)  # type: ignore[arg-type]
    return bool(value) if what == "boolean" else value


def stamped(kind: RecordKind, row: Any, *, by: str, why: str) -> Any:
    """Return a statement with what the machine writes into it: a name, who states it, and why."""
    known = {entry.name for entry in fields(row)}
    told = {"by": by, "reason": why} | ({"id": new_id("G")} if kind.keyed else {})
    return replace(row, **{name: value for name, value in told.items() if name in known})


def ended(kind: RecordKind, row: Any, number: int = 0) -> Any:
    """Return the statement that takes a row back.

    Raises
    ------
    Refused
        Rows of that kind cannot be taken back (``undo-new``).
    """
    if not ends(kind):
        raise Refused("undo-new", number=number, id=key_of(kind, row))
    return replace(row, **ENDED.get(kind.name, {GONE: True}))


def row_changes(kind: RecordKind, id_: str, before: Any, row: Any) -> Iterator[FieldChange]:
    """Yield what a statement says otherwise than the one before."""
    was, is_ = before is not None and not gone(before), not gone(row)
    if was != is_:
        yield FieldChange(kind.name, id_, PRESENCE, "there" if was else None, "there" if is_ else None)
    for entry in kind.fields:
        old = None if before is None else value_in(entry, before)
        new = value_in(entry, row)
        named = entry.name in kind.key or entry.name in OWN or entry.name == "id"
        if old != new and not named:
            yield FieldChange(kind.name, id_, entry.name, old, new)
