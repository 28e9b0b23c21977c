"""State rows of a register anew: a whole set or nothing, and never over what somebody stated meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from wenqu.errors import BadInput, UnknownType
from wenqu.network.edits import Edit
from wenqu.network.schema import Field
from wenqu.records.registry import RecordKind, called, fixed, opens, record_kinds
from wenqu.services.city_state import CityState
from wenqu.services.edit_assets import EditReport
from wenqu.services.edit_conflicts import Settled
from wenqu.services.file_rows import id_of
from wenqu.services.held_rows import filings, prove_rows, put_rows
from wenqu.services.list_register import Asked, found_rows
from wenqu.services.record_checks import ends, reasoned
from wenqu.services.record_rights import demand_write
from wenqu.services.register_form import inside_of
from wenqu.services.register_tables import rows_of_register
from wenqu.services.rights import Person
from wenqu.services.seen_records import key_of, reader_of
from wenqu.services.state_row import Stating, state_row
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.records import Filing

Filed = tuple[Any, Filing]


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


def taking_kind(name: str) -> RecordKind:
    """Return a kind whose register takes new rows: stated there, or filed as its page files them.

    Raises
    ------
    BadInput
        Its rows come about elsewhere (``record-deed``).
    """
    kind = record_kinds().get(name)
    return kind if kind is not None and kind.filed else written_kind(name)


def record_edits(name: str, rows: Sequence[Mapping[str, object]]) -> list[Edit]:
    """Return the edits that a form sends: fields in border units.

    Raises
    ------
    BadInput
        A row is none (``edit-row``), or the register comes about by a deed (``record-deed``).
    """
    kind = taking_kind(name)
    edits = []
    for row in rows:
        values: Any = row.get("fields") or {}
        id_: Any = row.get("id") or ""
        based_on = cast("int | None", row.get("based_on"))
        fit = isinstance(values, Mapping) and isinstance(based_on, int | None) and isinstance(id_, str)
        if not fit or (row.get("gone") and not ends(kind)):
            raise BadInput("edit-row", type=name)
        new = kind.keyed and not id_.strip()  # called by what it says
        inside = {str(key): inside_of(_field(kind, str(key), new), value) for key, value in values.items()}
        id_ = called(kind, inside) if new else id_.strip()
        if kind.filed:
            id_ = id_ or id_of(kind, inside)
        if not id_:
            raise BadInput("edit-row", type=name)
        edits.append(Edit(name, id_, inside, gone=bool(row.get("gone")), based_on=based_on))
    return edits


def _field(kind: RecordKind, name: str, new: bool = False) -> Field:
    entry = kind.field(name)
    new = new or bool(kind.filed)
    if entry is None or not (opens(kind, entry) if new else not fixed(kind, entry)):
        known = ", ".join(
            one.name for one in kind.fields if (opens(kind, one) if new else not fixed(kind, one))
        )
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
    BadInput
        No reason is given where one is kept, or the rows of a table make no whole.
    Refused
        The rights of the person do not reach a row, as it is or as it becomes.
    """
    city, whole = state.network.city.code, reader_of(store).whole
    if reasoned(kind) and not why.strip():
        raise BadInput("own-reason", name=kind.name)
    made = Stating(kind, who or person.account, why.strip())
    with whole.change(city, who=who or person.account, why=why or "-") as change:
        filed = _standing(whole, city, kind)
        there = _there(change, kind, edits)
        for edit in edits:
            if edit.id in filed:  # before a word is said about it
                demand_write(person, kind, city, district_of(filed[edit.id][-1][0]))
            state_row(made, edit, filed.get(edit.id, []), settle or {}, there, state)
        for row in made.rows:
            demand_write(person, kind, city, district_of(row))
        whole_set = not (made.issues or made.conflicts or not made.changes)
        if whole_set and kind.held[0]:
            prove_rows(whole, city, kind, made.rows)  # told before it is written, too
        written = whole_set and not preview
        if written:
            put_rows(change, whole, city, kind, made.rows, reason=why)
        number = change.number
    return EditReport(
        written, number if written else number - 1, tuple(made.changes), tuple(made.issues),
        tuple(made.conflicts), tuple(made.merged),
    )  # fmt: skip


def _standing(whole: Store, city: str, kind: RecordKind) -> dict[str, list[Filed]]:
    """Return by name what was stated of each row, oldest first."""
    found: dict[str, list[Filed]] = {}
    for row, filing in filings(whole, city, kind):
        found.setdefault(key_of(kind, row), []).append((row, filing))
    return found


def district_of(row: Any) -> str:
    """Return the district of a statement, "" where it has none."""
    return str(getattr(row, "district", ""))


def _there(change: OpenChange, kind: RecordKind, edits: Sequence[Edit]) -> dict[str, set[str]]:
    """Return which of the assets are there that the rows point to."""
    named = [entry for entry in kind.fields if entry.kind == "asset"]
    ids = sorted({str(edit.fields[one.name]) for edit in edits for one in named if edit.fields.get(one.name)})
    types = sorted({of for entry in named for of in entry.of})
    return change.there(types, ids) if ids else {}
