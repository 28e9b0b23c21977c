"""Hand out what belongs to an official document: the file of a version, its signed sheet, lists on paper."""

from urllib.parse import quote

from wenqu.errors import Refused, Unknown
from wenqu.services.attachments import harmless
from wenqu.services.city_state import CityState
from wenqu.services.document_register import document_of
from wenqu.services.document_seats import inside
from wenqu.services.file_document import file_name
from wenqu.services.past import past_of
from wenqu.services.problem_lists import list_file
from wenqu.services.rights import Person
from wenqu.services.verify_documents import signed_sheet
from wenqu.services.view_consultations import opinion_list
from wenqu.services.view_documents import Sought, register_list
from wenqu.store.database import Store

File = tuple[bytes, dict[str, str]]
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json",
}


def _download(name: str, form: str) -> dict[str, str]:
    return {
        "Content-Type": MEDIA[form],
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{name}.{form}')}",
        "X-Content-Type-Options": "nosniff",
    }


def version_file(store: Store, state: CityState, id_: str, number: int, person: Person) -> File:
    """Return the content of one version, and the headers under which it cannot do harm.

    Raises
    ------
    Unknown
        There is no such document or version for the person.
    StoreFailed
        The content is gone or was changed.
    """
    city = state.network.city.code
    life, numbers = document_of(store, city, id_, person, past_of(state))
    one = life.version(number)
    if one is None or number not in numbers:
        raise Unknown("document-version", document=id_, name=number)
    content = store.document(city, file_name(one.version))
    if content is None:
        raise Unknown("document-version", document=id_, name=number)
    return content, harmless(one.version.name, content)


def sheet_file(store: Store, state: CityState, id_: str, person: Person) -> File:
    """Return the signed sheet of a document to who works on it.

    Raises
    ------
    Refused
        The person only reads what was issued: the sheet tells the way there.
    """
    city = state.network.city.code
    life, numbers = document_of(store, city, id_, person, past_of(state))
    if not inside(person, city, life):
        raise Refused("rights", action="export", city=city, district=life.document.district, body="")
    return signed_sheet(store, city, life, numbers), _download(f"{id_}.signed", "json")


def register_file(
    store: Store, state: CityState, person: Person, sought: Sought, form: str, language: str, on: str = ""
) -> File:
    """Return the register as a file in the official layout."""
    made = register_list(store, state, person, sought, language, on)
    return list_file(made, form, language), _download(made.title, form)


def opinions_file(
    store: Store, state: CityState, id_: str, person: Person, form: str, language: str, on: str = ""
) -> File:
    """Return the table of opinions of a round as a file in the official layout."""
    made = opinion_list(store, state, id_, person, language, on)
    return list_file(made, form, language), _download(made.title, form)
