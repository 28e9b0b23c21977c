"""Which rounds of consultation has a city, how do they stand, and what of them may a person see?"""

from typing import Any

from wenqu.errors import Unknown
from wenqu.records.opinion import (
    Consultation,
    ConsultationEvent,
    Opinion,
    OpinionAnswer,
    OpinionRow,
    OpinionRowDropped,
)
from wenqu.services.document_register import CONSULTATION, register
from wenqu.services.document_seats import decides, sits, works_there
from wenqu.services.past import NOW, Past
from wenqu.services.rights import Person
from wenqu.store.database import Store
from wenqu.supervision.document_life import DocumentLife
from wenqu.supervision.opinions import OPEN, Round, Voice, rounds

ROUND_EVENT, OPINION, ANSWER = "consultation_event", "opinion", "opinion_answer"
ROW, DROPPED = "opinion_row", "opinion_row_dropped"
KINDS: dict[str, Any] = {
    CONSULTATION: Consultation,
    ROUND_EVENT: ConsultationEvent,
    OPINION: Opinion,
    ANSWER: OpinionAnswer,
    ROW: OpinionRow,
    DROPPED: OpinionRowDropped,
}


def consultations(store: Store, city: str, when: Past = NOW) -> dict[str, Round]:
    """Return every round of consultation of a city as it stands or stood, by id."""
    read = {kind: store.records(city, kind, cls, as_of=when.known) for kind, cls in KINDS.items()}
    asked, events, said, answers, rows, dropped = (
        [row for row in some if when.holds(getattr(row, "date", "") or row.at)] for some in read.values()
    )
    return rounds(asked, events, said, answers, (tuple(rows), tuple(dropped)))


def unanswered(store: Store, city: str, document: str) -> int:
    """Return how many opinions on a document nobody has decided about."""
    return sum(
        voice.counts and voice.verdict == OPEN
        for one in consultations(store, city).values()
        if one.consultation.document == document
        for voice in one.voices
    )


def runs(person: Person, city: str, life: DocumentLife) -> bool:
    """Tell whether a person runs the rounds of a document: its author, or who decides there."""
    own = bool(person.account) and person.account == life.document.by and not person.token
    return own or decides(person, city, life.document.district)


def asked_of(person: Person, city: str, one: Round) -> tuple[str, ...]:
    """Return the seats of a round for which a person may speak; all of them on the command line."""
    return tuple(seat for seat in one.consultation.asked if sits(person, city, seat))


def heard(person: Person, city: str, life: DocumentLife, one: Round) -> tuple[Voice, ...]:
    """Return the opinions that a person may read.

    Who works on the document reads all; who was asked reads their own.
    """
    if runs(person, city, life) or works_there(person, city, life.document.district):
        return one.voices
    seats = set(asked_of(person, city, one))
    return tuple(
        voice
        for voice in one.voices
        if voice.opinion.seat in seats or (person.account and voice.opinion.by == person.account)
    )


def seen_rounds(
    store: Store, city: str, person: Person, when: Past = NOW
) -> dict[str, tuple[Round, DocumentLife]]:
    """Return the rounds that a person may know of, each with its document, in the order they were opened."""
    lives = register(store, city, when)
    return {
        id_: (one, lives[one.consultation.document])
        for id_, one in consultations(store, city, when).items()
        if one.consultation.document in lives and _knows(person, city, one, lives[one.consultation.document])
    }


def _knows(person: Person, city: str, one: Round, life: DocumentLife) -> bool:
    return (
        runs(person, city, life)
        or works_there(person, city, life.document.district)
        or bool(asked_of(person, city, one))
    )


def round_of(
    store: Store, city: str, id_: str, person: Person, when: Past = NOW
) -> tuple[Round, DocumentLife]:
    """Return one round and its document.

    Raises
    ------
    Unknown
        There is no such round, or the person may not know of it.
    """
    found = seen_rounds(store, city, person, when).get(id_)
    if found is None:
        raise Unknown("consultation", name=id_)
    return found
