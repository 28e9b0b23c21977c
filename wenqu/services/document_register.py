"""Which official documents has a city, and how do they stand?"""

from wenqu.errors import Unknown
from wenqu.records.official import DocumentEvent, DocumentVersion, OfficialDocument
from wenqu.records.opinion import Consultation
from wenqu.services.document_seats import may_see, seen_versions, sits
from wenqu.services.past import NOW, Past
from wenqu.services.rights import Person
from wenqu.store.database import Store
from wenqu.supervision.document_life import DocumentLife, document_life

DOCUMENT, VERSION, EVENT = "official_document", "document_version", "document_event"
CONSULTATION = "consultation"


def register(store: Store, city: str, when: Past = NOW) -> dict[str, DocumentLife]:
    """Return every official document of a city as it stands or stood, by id, in the order they were begun."""
    versions: dict[str, list[DocumentVersion]] = {}
    for version in store.records(city, VERSION, DocumentVersion, as_of=when.known):
        if when.holds(version.at):
            versions.setdefault(version.document, []).append(version)
    events: dict[str, list[DocumentEvent]] = {}
    for event in store.records(city, EVENT, DocumentEvent, as_of=when.known):
        if when.holds(event.at):
            events.setdefault(event.document, []).append(event)
    return {
        row.id: document_life(row, versions.get(row.id, ()), events.get(row.id, ()))
        for row in store.records(city, DOCUMENT, OfficialDocument, as_of=when.known)
        if when.holds(row.at)
    }


def asked_versions(store: Store, city: str, person: Person, when: Past = NOW) -> dict[str, set[int]]:
    """Return by document the versions about which a person was consulted."""
    found: dict[str, set[int]] = {}
    for one in store.records(city, CONSULTATION, Consultation, as_of=when.known):
        if when.holds(one.at) and any(sits(person, city, seat) for seat in one.asked):
            found.setdefault(one.document, set()).add(one.version)
    return found


def seen_documents(
    store: Store, city: str, person: Person, when: Past = NOW
) -> dict[str, tuple[DocumentLife, set[int]]]:
    """Return the documents that a person may know of, each with the numbers of the versions that are seen."""
    asked = asked_versions(store, city, person, when)
    return {
        id_: (life, seen_versions(person, city, life, asked.get(id_, ())))
        for id_, life in register(store, city, when).items()
        if may_see(person, city, life, asked.get(id_, ()))
    }


def document_of(
    store: Store, city: str, id_: str, person: Person, when: Past = NOW
) -> tuple[DocumentLife, set[int]]:
    """Return one document and the numbers of the versions that a person may see.

    Raises
    ------
    Unknown
        There is no such document, or the person may not know of it.
    """
    found = seen_documents(store, city, person, when).get(id_)
    if found is None:
        raise Unknown("document", name=id_)
    return found
