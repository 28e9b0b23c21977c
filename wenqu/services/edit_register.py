"""Edit from a register: the rows of a form, or one value for all that a filter finds."""

from collections.abc import Mapping, Sequence

from wenqu.errors import BadInput
from wenqu.network.edits import Edit
from wenqu.network.schema import asset_type
from wenqu.services.city_state import CityState
from wenqu.services.edit_assets import EditReport
from wenqu.services.edit_conflicts import Key
from wenqu.services.edit_records import edit_found_records, edit_records, record_edits, taking_kind
from wenqu.services.file_rows import file_rows
from wenqu.services.list_register import Asked, found_rows
from wenqu.services.register_filter import YES_NO
from wenqu.services.register_form import edit_of, inside_of
from wenqu.services.register_tables import register, rows_of_register
from wenqu.services.rights import Person
from wenqu.services.settle_after_edit import edit_and_settle
from wenqu.store.database import Store


def edit_rows(  # noqa: PLR0913 what, by whom, how
    store: Store,
    state: CityState,
    name: str,
    rows: Sequence[Mapping[str, object]],
    *,
    person: Person,
    why: str,
    who: str = "",
    settle: Sequence[Mapping[str, str]] = (),
    preview: bool = False,
) -> EditReport:
    """Write the rows of a form as one change; see ``edit_assets``."""
    if register(name).of == "records":
        kind = taking_kind(name)
        if kind.filed:
            return file_rows(store, state, kind, record_edits(name, rows), person=person, preview=preview)
        told = {_key(name, one): one.get("take", "") for one in settle}
        return edit_records(
            store, state, kind, record_edits(name, rows), person=person, why=why, who=who, settle=told,
            preview=preview,
        )  # fmt: skip
    edits = [edit_of(state, name, row) for row in rows]
    how = {_key(name, one): one.get("take", "") for one in settle}
    city = state.network.city.code
    return edit_and_settle(
        store, city, state.network, edits, person=person, who=who, why=why, settle=how, preview=preview
    )


def _key(name: str, one: Mapping[str, str]) -> Key:
    return (one.get("type", name), one.get("id", ""), one.get("field", ""))


def edit_found(  # noqa: PLR0913 what, by whom, how
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
    """Give every asset that is found the same values, as one change; values in border units.

    Assets are held to the version that the register showed, so that nobody's newer edit is overwritten.

    Raises
    ------
    BadInput
        No value is given (``bulk``), or the rows come about by a deed (``record-deed``).
    """
    if register(name).of == "records":
        return edit_found_records(
            store, state, name, asked, values, person=person, why=why, who=who, preview=preview
        )
    which = rows_of_register(store, state, name)
    if not values:
        raise BadInput("bulk", register=name)
    kind = asset_type(name)
    inside = {field: inside_of(kind.field(field), value) for field, value in values.items()}
    based_on = state.network.version
    ids = which.ids[found_rows(which, asked)].tolist()
    edits = [Edit(name, id_, inside, based_on=based_on) for id_ in ids]
    city = state.network.city.code
    return edit_and_settle(
        store, city, state.network, edits, person=person, who=who, why=why, preview=preview
    )


def typed_values(name: str, texts: Sequence[str]) -> dict[str, object]:
    """Return the values that FIELD=VALUE texts name, each of its field's kind; what is no number stays text.

    Raises
    ------
    BadInput
        A text has no = (``bulk``).
    UnknownType
        A field is not in the type's table.
    """
    made: dict[str, object] = {}
    for text in texts:
        field, between, value = text.partition("=")
        if not between:
            raise BadInput("bulk", register=name)
        kind = register(name).field(field.strip()).kind
        made[field.strip()] = _typed(kind, value.strip())
    return made


def _typed(kind: str, text: str) -> object:
    if kind == "boolean":
        return {1: True, 0: False}.get(YES_NO.get(text.casefold(), -1), text or None)
    if kind in {"number", "integer"} and text:
        try:
            return float(text)
        except ValueError:
            return text
    return text or None
