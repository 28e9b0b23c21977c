"""Begin an official document, and file its versions: by their hash, with the data behind them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import uuid4

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.official import DocumentEvent, DocumentVersion, MadeFrom, OfficialDocument
from wenqu.records.programme import Programme
from wenqu.services.attachments import LARGEST, media_of, taken
from wenqu.services.document_register import DOCUMENT, EVENT, VERSION, document_of, register
from wenqu.services.document_seats import check_seats, takes
from wenqu.services.named_files import document_of as kept_as
from wenqu.services.rights import Person, demand_account
from wenqu.services.sign_step import digest_of_last, signature_of
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.document_life import FILED, DocumentLife
from wenqu.supervision.document_tables import kinds, steps

HOME = "official/"  # documents of the store: opened through the register only
PLAIN = "application/octet-stream"
DIGITS = 32  # of the hash that name the file; the whole hash stands in the version


@dataclass(frozen=True, slots=True)
class Draft:
    """A version as it is handed in."""

    name: str
    content: bytes
    reason: str
    made_from: MadeFrom = field(default_factory=MadeFrom)
    facts: Mapping[str, str] = field(default_factory=dict)


def begin_document(store: Store, city: str, given: OfficialDocument, *, person: Person) -> OfficialDocument:
    """Begin an official document.

    Raises
    ------
    BadInput
        Its kind is not in the table, it has no title, or a seat or district is none.
    Refused
        The person may not draft documents there.
    """
    demand_account(person)
    if given.kind not in kinds() or not given.title.strip():
        raise BadInput("document-form", kind=given.kind, known=", ".join(kinds()))
    _may_file(person, city, given.district)
    with store.change(city, who=person.account, why="document begun") as change:
        network = store.network(city, types=["zone"])
        seats = check_seats(network, given.countersigners)
        if given.district and given.district not in {str(id_) for id_ in network.table("zone").ids}:
            raise BadInput("document-district", district=given.district)
        id_ = given.id or f"D-{uuid4().hex[:10]}"
        if id_ in register(store, city):
            raise Refused("official-twice", id=id_)
        made = replace(
            given, id=id_, title=" ".join(given.title.split()), subject=given.subject.strip(),
            countersigners=seats, body=given.body.strip(), by=person.account,
            at=now().isoformat(timespec="seconds"), simulated=network.city.simulated,
        )  # fmt: skip
        change.add_records(DOCUMENT, [made])
    return made


def _may_file(person: Person, city: str, district: str) -> None:
    if not takes(person, city, district, steps()[FILED]):
        raise Refused("document-rights", step=FILED, district=district or city)


def file_version(store: Store, city: str, id_: str, draft: Draft, *, person: Person) -> DocumentLife:
    """File a version of a document and return the document as it then stands; its author signs the hash.

    A version that was issued stays as it is: the new one begins as a draft beside it.

    Raises
    ------
    BadInput
        No reason is given, or the file is empty, too large or of a kind that is not taken.
    Refused
        The person may not draft documents there, or it is the same content as the last version.
    """
    demand_account(person)
    life, _ = document_of(store, city, id_, person)
    _may_file(person, city, life.document.district)
    name, media = _checked(draft)
    if not draft.reason.strip():
        raise BadInput("document-reason", document=id_)
    digest = hashlib.sha256(draft.content).hexdigest()
    with store.change(city, who=person.account, why=f"document {id_} version") as change:
        life = register(store, city)[id_]  # nobody writes beside us from here on
        last = life.last
        if last is not None and last.version.sha256 == digest:
            raise Refused("document-same", document=id_, version=last.version.number)
        at = now().isoformat(timespec="seconds")
        version = DocumentVersion(
            id_, last.version.number + 1 if last else 1, digest, name, media, len(draft.content),
            draft.reason.strip(), draft.made_from, draft.facts, person.account, at,
            life.document.simulated,
        )  # fmt: skip
        event = DocumentEvent(
            uuid4().hex, id_, version.number, FILED, at, person.account, version.reason,
            simulated=life.document.simulated,
        )  # fmt: skip
        before = digest_of_last(life.events)
        event = replace(event, signature=signature_of(store, city, life.document, version, event, before))
        change.write_document(file_name(version), draft.content, media)
        change.add_records(VERSION, [version])
        change.add_records(EVENT, [event])
    return register(store, city)[id_]


def file_name(version: DocumentVersion) -> str:
    """Return under which name the store keeps the content of a version."""
    return kept_as(f"{HOME}{version.document}", version.sha256[:DIGITS], version.name)


def _checked(draft: Draft) -> tuple[str, str]:
    """Return the plain name of a file and what it is; what the city made itself may be of any kind."""
    if not draft.content:
        raise BadInput("document-empty", name=draft.name)
    if draft.made_from.how == "uploaded":
        return taken(draft.name, draft.content)
    if len(draft.content) > LARGEST:
        raise BadInput("attachment-size", name=draft.name, size=len(draft.content), most=LARGEST)
    plain = draft.name.replace("\\", "/").rpartition("/")[2].strip()
    return plain, media_of(draft.content) or PLAIN


def stored_draft(seen: Store, store: Store, city: str, name: str, reason: str) -> Draft:
    """Return a document that the city's store has made already as a version to file.

    Parameters
    ----------
    seen
        The store as the person may see it: nobody files what they may not open.

    Raises
    ------
    Unknown
        There is no such document for the person.
    """
    content = None if name.startswith(HOME) else seen.document(city, name)
    if content is None:
        raise Unknown("document-stored", name=name)
    info = store.documents(city, name)[0]
    programme = programme_at(store, city, info.at)
    return Draft(name, content, reason, MadeFrom("stored", name, info.number, info.at, programme))


def programme_at(store: Store, city: str, at: str | None = None) -> str:
    """Return the id of the programme that was in force at a moment, "" when there was none."""
    found = store.records(city, "programme", Programme, as_of=at, last_run=True)
    return found[-1].id if found else ""
