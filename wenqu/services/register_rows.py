"""One row of a register, whichever it is of: an asset by its versions, a statement by its filings."""

from wenqu.errors import Unknown
from wenqu.records.registry import gone
from wenqu.services.attachments import attach, attached, folder_of, taken
from wenqu.services.city_state import CityState
from wenqu.services.edit_records import written_kind
from wenqu.services.record_form import read_record, record_history
from wenqu.services.record_rights import demand_write
from wenqu.services.register_form import read_form, read_history
from wenqu.services.register_tables import register
from wenqu.services.rights import Person, demand
from wenqu.services.seen_records import key_of, reader_of, seen_filings
from wenqu.store.database import Store


def form_of(store: Store, state: CityState, name: str, id_: str) -> dict[str, object]:
    """Return the form of one row; an id that is not there gives an empty one.

    Raises
    ------
    UnknownType
        There is no such register.
    Refused
        The reader may not see it.
    """
    if register(name).of == "assets":
        return read_form(store, state, name, id_)
    return read_record(store, state, name, id_)


def history_of(store: Store, state: CityState, name: str, id_: str) -> list[dict[str, object]]:
    """Return every version of one row, newest first, with what it changed.

    Raises
    ------
    UnknownType
        There is no such register.
    Refused
        The reader may not see it.
    """
    if register(name).of == "assets":
        return read_history(store, state, name, id_)
    return record_history(store, state, name, id_)


def keep_file(
    store: Store, state: CityState, name: str, id_: str, file: tuple[str, bytes], *, person: Person
) -> str:
    """Keep a file, by name and content, with a row and return the document's name.

    Raises
    ------
    BadInput
        The file is not taken, or the rows of the register come about by a deed (``record-deed``).
    Unknown
        There is no such row.
    Refused
        The rights of the person do not reach the row.
    """
    city = state.network.city.code
    if register(name).of == "assets":
        return attach(store, city, name, id_, *file, person=person)
    kind = written_kind(name)
    rows = [row for row, _ in seen_filings(store, state, kind) if key_of(kind, row) == id_]
    if not rows or gone(rows[-1]):
        raise Unknown(name=id_, nearest="")
    demand_write(person, kind, city, getattr(rows[-1], "district", ""))
    plain, media = taken(*file)
    document = f"{folder_of(name, id_)}{plain}"
    with reader_of(store).whole.change(city, who=person.account, why=f"{name} {id_}: {plain}") as change:
        change.write_document(document, file[1], media)
    return document


def file_of(
    store: Store, state: CityState, name: str, id_: str, file: str, *, person: Person
) -> tuple[bytes, dict[str, str]]:
    """Return one file of a row and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        The row has no such file, or is none that the reader may see.
    Refused
        The reader may not see the register.
    """
    city = state.network.city.code
    if register(name).of == "assets":
        demand(person, "read_attributes", city)
        return attached(store, city, name, id_, file)
    if not read_record(store, state, name, id_)["there"]:
        raise Unknown(name=id_, nearest="")
    return attached(reader_of(store).whole, city, name, id_, file)
