"""Take a version of an official document one step further: who may, what it needs, what is signed."""

from dataclasses import dataclass, replace
from uuid import uuid4

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.official import DocumentEvent
from wenqu.services.consultation_ledger import unanswered
from wenqu.services.document_register import EVENT, document_of, register
from wenqu.services.document_seats import check_seats, may_step, sits
from wenqu.services.rights import Person, demand_account
from wenqu.services.sign_step import digest_of_last, signature_of
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.document_life import (
    COUNTERSIGN,
    FILED,
    OBJECT,
    DocumentLife,
    lacks,
    open_steps,
    own_hands,
)
from wenqu.supervision.document_tables import retentions, steps

NOTE = "note"


@dataclass(frozen=True, slots=True)
class Asked:
    """A step as it is asked for."""

    step: str
    version: int
    note: str = ""
    seat: str = ""
    number: str = ""
    shelf: str = ""
    retention: str = ""
    recipients: tuple[str, ...] = ()
    id: str = ""  # of the event: the same again counts once
    seen: int = -1  # events of the document that the asker had seen; -1 does not say


def step_document(store: Store, city: str, id_: str, asked: Asked, *, person: Person) -> DocumentLife:
    """Take one step with one version and return the document as it then stands.

    Raises
    ------
    Unknown
        There is no such document, version or step, or the person may not know of it.
    Refused
        The step does not lead on from where the version stands (``document-step``), the person may not take
        it (``document-rights``) or would judge their own work (``document-own``), a number was given before
        (``document-number``), or somebody was there before (``document-moved``).
    BadInput
        The step needs something that was not given (``document-needs``).
    """
    demand_account(person)
    if asked.step not in steps() or asked.step == FILED:
        known = ", ".join(name for name in steps() if name != FILED)
        raise Unknown("document-step", name=asked.step, known=known)
    with store.change(city, who=person.account, why=f"document {id_} {asked.step}") as change:
        life, numbers = document_of(store, city, id_, person)
        one = life.version(asked.version)
        if one is None or asked.version not in numbers:
            raise Unknown("document-version", document=id_, name=asked.version)
        if asked.id and any(event.id == asked.id for event in life.events):
            return life
        if 0 <= asked.seen < len(life.events) and asked.step != NOTE:
            last = life.events[-1]
            raise Refused("document-moved", document=id_, who=last.by, did=last.step, at=last.at)
        event = _event(life, asked, person, city)
        _check(store, city, life, event, person)
        if steps()[event.step].signs:
            before = digest_of_last(life.events)
            made = signature_of(store, city, life.document, one.version, event, before)
            event = replace(event, signature=made)
        change.add_records(EVENT, [event])
    return register(store, city)[id_]


def _event(life: DocumentLife, asked: Asked, person: Person, city: str) -> DocumentEvent:
    seat = asked.seat.strip()
    if asked.step in {COUNTERSIGN, OBJECT} and not seat:  # who sits on one seat only need not name it
        own = [one for one in life.waits_for if sits(person, city, one)]
        seat = own[0] if len(own) == 1 else ""
    return DocumentEvent(
        asked.id or uuid4().hex, life.document.id, asked.version, asked.step,
        now().isoformat(timespec="seconds"), person.account, asked.note.strip(), seat,
        "".join(asked.number.split()), asked.shelf.strip(), asked.retention,
        tuple(asked.recipients), simulated=life.document.simulated,
    )  # fmt: skip


def _check(store: Store, city: str, life: DocumentLife, event: DocumentEvent, person: Person) -> None:
    one = life.version(event.version)
    assert one is not None
    step = steps()[event.step]
    open_ = [known.name for known in open_steps(life, event.version)]
    if step.name not in open_:
        facts = {"document": life.document.id, "step": step.name, "state": one.state}
        raise Refused("document-step", **facts, open=", ".join(open_))
    if not may_step(person, city, life, step.name, event.seat):
        raise Refused("document-rights", step=step.name, district=life.document.district or city)
    own = own_hands(one, event)
    if own and not person.local:
        raise Refused("document-own", step=step.name, own=own)
    if missing := lacks(life, event, unanswered(store, city, life.document.id)):
        raise BadInput("document-needs", step=step.name, needs=", ".join(missing))
    if event.retention and event.retention not in retentions():
        raise BadInput("document-retention", name=event.retention, known=", ".join(retentions()))
    check_seats(store.network(city, types=["zone"]), event.recipients)
    _alone(store, city, event)


def _alone(store: Store, city: str, event: DocumentEvent) -> None:
    """Refuse a document number or archive number that another version bears."""
    for other in register(store, city).values():
        for version in other.versions:
            if version.version.number == event.version and other.document.id == event.document:
                continue
            for given, held in ((event.number, version.number), (event.shelf, version.shelf)):
                if given and given == held:
                    raise Refused("document-number", number=given, document=other.document.id)
