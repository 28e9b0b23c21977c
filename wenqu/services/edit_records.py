"""State rows of a register anew: a whole set or nothing, and never over what somebody stated meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any, cast

from wenqu.errors import BadInput, Refused, UnknownType, WenquError
from wenqu.issues import Issue, Weight
from wenqu.network.edit_checks import check_fields
from wenqu.network.edits import Edit
from wenqu.network.schema import Field
from wenqu.records.registry import RecordKind, every_code_list, fixed, gone, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.edit_assets import EditReport, FieldChange
from wenqu.services.edit_conflicts import PRESENCE, Conflict, Settled
from wenqu.services.list_register import Asked, found_rows
from wenqu.services.record_checks import CHECKS, ENDED
from wenqu.services.record_rights import demand_write
from wenqu.services.register_form import inside_of
from wenqu.services.register_tables import plain, rows_of_register
from wenqu.services.rights import Person
from wenqu.services.seen_records import key_of, reader_of
from wenqu.services.wording import sentence
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.records import Filing

Filed = tuple[Any, Filing]
NAMED = 5  # rows named in a refusal
EMPTY = {"number": float("nan"), "integer": 0, "boolean": False}


@dataclass
class _Set:
    """A set of rows on its way into the store."""

    kind: RecordKind
    rows: list[Any] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    changes: list[FieldChange] = field(default_factory=list)


def written_kind(name: str) -> RecordKind:
    """Return a kind whose rows may be stated anew in its register.

    Raises
    ------
    BadInput
        Its rows come about by a deed, which is named (``record-deed``).
    UnknownType
        There is no such kind of record; a template of assets is imported as any other file.
    """
    kind = record_kinds().get(name)
    if kind is None:
        raise UnknownType(type=name, known=", ".join(record_kinds()), nearest="")
    if not kind.written:
        raise BadInput("record-deed", register=kind.name, deed=kind.deed["en"])
    return kind


def record_edits(name: str, rows: Sequence[Mapping[str, object]]) -> list[Edit]:
    """Return the edits that a form sends: fields in border units.

    Raises
    ------
    BadInput
        A row is none (``edit-row``), or the register comes about by a deed (``record-deed``).
    """
    kind = written_kind(name)
    edits = []
    for row in rows:
        values: Any = row.get("fields") or {}
        id_, based_on = row.get("id"), cast("int | None", row.get("based_on"))
        fit = isinstance(values, Mapping) and isinstance(based_on, int | None) and not row.get("gone")
        if not (fit and isinstance(id_, str) and id_.strip()):
            raise BadInput("edit-row", type=name)
        inside = {str(key): inside_of(_field(kind, str(key)), value) for key, value in values.items()}
        edits.append(Edit(name, id_.strip(), inside, based_on=based_on))
    return edits


def _field(kind: RecordKind, name: str) -> Field:
    entry = kind.field(name)
    if entry is None or fixed(kind, entry):
        known = ", ".join(one.name for one in kind.fields if not fixed(kind, one))
        raise BadInput("record-field", field=name, known=known)
    return entry


def edit_found_records(  # noqa: PLR0913 what, by whom, how
    store: Store,
    state: CityState,
    name: str,
    asked: Asked,
    values: Mapping[str, object],
    *,
    person: Person,
    why: str,
    who: str = "",
    preview: bool = False,
) -> EditReport:
    """Give every row that is found the same values, as one change; values in border units."""
    kind = written_kind(name)
    if not values:
        raise BadInput("bulk", register=name)
    rows = rows_of_register(store, state, name)
    ids = rows.ids[found_rows(rows, asked)].tolist()
    inside = {str(key): inside_of(_field(kind, str(key)), value) for key, value in values.items()}
    edits = [Edit(name, str(id_), inside, based_on=state.network.version) for id_ in ids]
    return edit_records(store, state, kind, edits, person=person, why=why, who=who, preview=preview)


def edit_records(  # noqa: PLR0913 what, by whom, how
    store: Store,
    state: CityState,
    kind: RecordKind,
    edits: Sequence[Edit],
    *,
    person: Person,
    why: str,
    who: str = "",
    settle: Settled | None = None,
    preview: bool = False,
) -> EditReport:
    """State rows anew as one change, or say what keeps them from it.

    The statement of a row that stood when its author looked (``based_on``) is compared with the one that
    stands now: other fields are merged, the same field stated to another end is a conflict, and nothing of
    the set is written until each conflict is settled.

    Raises
    ------
    Refused
        The rights of the person do not reach a row, as it is or as it becomes.
    """
    city, whole = state.network.city.code, reader_of(store).whole
    made = _Set(kind)
    with whole.change(city, who=who or person.account, why=why or "-") as change:
        filed = _standing(whole, city, kind)
        there = _there(change, kind, edits)
        for edit in edits:
            if edit.id in filed:  # before a word is said about it
                demand_write(person, kind, city, _district(filed[edit.id][-1][0]))
            _stated(made, edit, filed.get(edit.id, []), settle or {}, there, state)
        for row in made.rows:
            demand_write(person, kind, city, _district(row))
        written = not (preview or made.issues or made.conflicts or not made.changes)
        if written:
            change.add_records(kind.name, made.rows)
        number = change.number
    return EditReport(
        written, number if written else number - 1, tuple(made.changes), tuple(made.issues),
        tuple(made.conflicts), tuple(made.merged),
    )  # fmt: skip


def _standing(whole: Store, city: str, kind: RecordKind) -> dict[str, list[Filed]]:
    """Return by name what was stated of each row, oldest first."""
    found: dict[str, list[Filed]] = {}
    for row, filing in whole.filed(city, kind.name, kind.cls):
        found.setdefault(key_of(kind, row), []).append((row, filing))
    return found


def _district(row: Any) -> str:
    return str(getattr(row, "district", ""))


def _there(change: OpenChange, kind: RecordKind, edits: Sequence[Edit]) -> dict[str, set[str]]:
    """Return which of the assets are there that the rows point to."""
    named = [entry for entry in kind.fields if entry.kind == "asset"]
    ids = sorted({str(edit.fields[one.name]) for edit in edits for one in named if edit.fields.get(one.name)})
    types = sorted({of for entry in named for of in entry.of})
    return change.there(types, ids) if ids else {}


def _stated(
    made: _Set,
    edit: Edit,
    past: Sequence[Filed],
    how: Settled,
    there: Mapping[str, set[str]],
    state: CityState,
) -> None:
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
    if PRESENCE in theirs:
        return
    values = {name: value for name, value in edit.fields.items() if name not in theirs}
    if past and edit.based_on and past[-1][1].number > edit.based_on:
        made.merged.append((kind.name, edit.id))
    old = None if before is None else {one.name: _value(one, before) for one in kind.fields}
    taken = [one for one in kind.fields if one.name != "id" and not fixed(kind, one)]
    issues = list(check_fields(taken, replace(edit, fields=values), old, there, every_code_list()))
    if issues:
        made.issues += issues
        return
    row = _row(kind, edit.id, before, values, simulated=state.network.city.simulated)
    try:
        if before is None and kind.deed:
            raise BadInput("record-deed", register=kind.name, deed=kind.deed["en"])
        CHECKS.get(kind.name, lambda _before, _row: None)(before, row)
    except WenquError as error:
        said = {language: sentence(error, language) for language in ("zh", "en")}
        made.issues.append(Issue("edit.refused", Weight.BLOCK, kind.name, edit.id, facts={"said": said}))
        return
    changes = list(_changes(kind, edit.id, before, row))
    if changes:
        made.changes += changes
        made.rows.append(row)


def _conflicts(edit: Edit, past: Sequence[Filed]) -> Iterator[Conflict]:
    """Yield what others stated since to another end than the edit does."""
    seen = [row for row, filing in past if filing.number <= (edit.based_on or 0)]
    now, by = past[-1]
    was, is_ = bool(seen) and not gone(seen[-1]), not gone(now)
    if was != is_:
        yield _conflict(edit, PRESENCE, ("there", "there", None) if was else (None, "new", "there"), by)
    if not (was and is_):
        return
    kind = record_kinds()[edit.type]
    for entry in kind.fields:
        if entry.name in edit.fields:
            old, mine, theirs = _value(entry, seen[-1]), edit.fields[entry.name], _value(entry, now)
            if theirs not in (old, mine):
                yield _conflict(edit, entry.name, (old, mine, theirs), by)


def _conflict(edit: Edit, name: str, values: tuple[object, object, object], by: Filing) -> Conflict:
    return Conflict(edit.type, edit.id, name, *values, by.who, by.at, by.why, by.number)


def _value(entry: Field, row: Any) -> object:
    value = plain(entry, getattr(row, entry.name))
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124 - NaN


def _row(kind: RecordKind, id_: str, before: Any, values: Mapping[str, object], *, simulated: bool) -> Any:
    """Return the statement that an edit makes of the one before, or of nothing."""
    inside = {name: _inside(kind, name, value) for name, value in values.items()}
    if before is not None:
        return replace(before, **inside)
    (key,) = kind.key
    known = {entry.name for entry in fields(kind.cls)}
    blank = {
        entry.name: _inside(kind, entry.name, None)
        for entry in fields(kind.cls)
        if entry.default is MISSING and entry.default_factory is MISSING
    }
    told = {"simulated": simulated} if "simulated" in known else {}
    return kind.cls(**{**blank, **told, **inside, key: id_})


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


def _changes(kind: RecordKind, id_: str, before: Any, row: Any) -> Iterator[FieldChange]:
    was, is_ = before is not None and not gone(before), not gone(row)
    if was != is_:
        yield FieldChange(kind.name, id_, PRESENCE, "there" if was else None, "there" if is_ else None)
    for entry in kind.fields:
        old = None if before is None else _value(entry, before)
        new = _value(entry, row)
        if entry.name not in kind.key and old != new:
            yield FieldChange(kind.name, id_, entry.name, old, new)


def undo_records(
    store: Store, city: str, number: int, *, person: Person, why: str, who: str = ""
) -> EditReport | None:
    """State again what stood before a change; None where it stated no row that may be stated anew.

    Raises
    ------
    Refused
        Later statements stand on it (``undo-later``), it made a row that cannot end (``undo-new``), or the
        rights of the person do not reach there.
    """
    whole = reader_of(store).whole
    for kind in record_kinds().values():
        if not kind.written:
            continue
        filed = whole.filed(city, kind.name, kind.cls)
        mine = {key_of(kind, row) for row, filing in filed if filing.number == number}
        if not mine:
            continue
        for row, _ in filed:
            if key_of(kind, row) in mine:
                demand_write(person, kind, city, _district(row))
        _demand_last(city, number, kind, [pair for pair in filed if key_of(kind, pair[0]) in mine])
        now, old = ({key_of(kind, row): row for row, filing in filed if filing.number <= to}
                    for to in (number, number - 1))  # fmt: skip
        rows = [old.get(key) or _ended(kind, now[key], number) for key in sorted(mine)]
        changes = [
            one for row in rows for one in _changes(kind, key_of(kind, row), now[key_of(kind, row)], row)
        ]
        with whole.change(city, who=who or person.account, why=why or "-") as change:
            change.add_records(kind.name, rows)
            return EditReport(True, change.number, tuple(changes))
    return None


def _demand_last(city: str, number: int, kind: RecordKind, filed: Sequence[Filed]) -> None:
    later = [(row, filing) for row, filing in filed if filing.number > number]
    if later:
        names = ", ".join(dict.fromkeys(f"{kind.name} {key_of(kind, row)}" for row, _ in later[:NAMED]))
        by = ", ".join(sorted({filing.who for _, filing in later})) or "-"
        raise Refused("undo-later", city=city, number=number, count=len(later), assets=names, who=by)


def _ended(kind: RecordKind, row: Any, number: int) -> Any:
    if kind.name not in ENDED:
        raise Refused("undo-new", number=number, id=key_of(kind, row))
    return replace(row, **ENDED[kind.name])
