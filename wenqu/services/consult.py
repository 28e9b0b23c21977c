"""Send a draft round, take opinions, and decide about each: nothing is changed, the last word stands."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.opinion import (
    VERDICTS,
    Consultation,
    ConsultationEvent,
    Opinion,
    OpinionAnswer,
    OpinionRowDropped,
)
from wenqu.services.consultation_ledger import (
    ANSWER,
    DROPPED,
    OPINION,
    ROUND_EVENT,
    asked_of,
    round_of,
    runs,
)
from wenqu.services.document_register import CONSULTATION, document_of
from wenqu.services.document_seats import check_seats
from wenqu.services.rights import Person, demand_account
from wenqu.store.database import Store
from wenqu.store.moments import now
from wenqu.supervision.document_life import DocumentLife
from wenqu.supervision.opinions import CLOSE, EXTEND, OPEN, Round, lacks


@dataclass(frozen=True, slots=True)
class Said:
    """An opinion as it is handed in."""

    body: str
    text: str = ""
    none: bool = False  # the body has no comment
    date: str = ""  # "" is today
    clause: str = ""
    seat: str = ""
    file: str = ""
    mends: str = ""


def _moment() -> str:
    return now().isoformat(timespec="seconds")


def _only_office(person: Person, city: str, life: DocumentLife) -> None:
    if not runs(person, city, life):
        raise Refused("consultation-rights", document=life.document.id)


def open_consultation(store: Store, city: str, given: Consultation, *, person: Person) -> Consultation:
    """Send one version of a document round until a day.

    Raises
    ------
    Unknown
        There is no such document or version.
    Refused
        The person does not run it, or the version was issued already.
    BadInput
        The last day is no date or over, or nobody is asked.
    """
    demand_account(person)
    life, numbers = document_of(store, city, given.document, person)
    _only_office(person, city, life)
    one = life.version(given.version)
    if one is None or given.version not in numbers:
        raise Unknown("document-version", document=given.document, name=given.version)
    if not one.open or life.replaced_by(given.version):
        raise Refused("consultation-over", document=given.document, version=given.version)
    _check_due(given.due)
    seats = check_seats(store.network(city, types=["zone"]), given.asked)
    if not seats:
        raise BadInput("consultation-nobody", document=given.document)
    made = replace(
        given, id=f"C-{uuid4().hex[:10]}", asked=seats, note=given.note.strip(), by=person.account,
        at=_moment(), simulated=life.document.simulated,
    )  # fmt: skip
    with store.change(city, who=person.account, why=f"consultation {given.document}") as change:
        change.add_records(CONSULTATION, [made])
    return made


def _check_due(due: str) -> None:
    try:
        day = date.fromisoformat(due)
    except ValueError:
        raise BadInput("works-day", day=due) from None
    if day < now().date():
        raise BadInput("consultation-due", due=due)


def step_consultation(
    store: Store, city: str, id_: str, step: str, *, person: Person, due: str = "", note: str = ""
) -> Round:
    """Move the last day of a round, or close it.

    Raises
    ------
    Refused
        The person does not run it, it is closed, or opinions or rows wait for a decision.
    """
    demand_account(person)
    if step not in {EXTEND, CLOSE}:
        raise Unknown("document-step", name=step, known=f"{EXTEND}, {CLOSE}")
    with store.change(city, who=person.account, why=f"consultation {id_} {step}") as change:
        one, life = round_of(store, city, id_, person)
        _only_office(person, city, life)
        _still_open(one)
        if step == EXTEND:
            _check_due(due)
        waits = one.totals.open + len(one.waiting)
        if step == CLOSE and waits:
            raise Refused("consultation-waits", consultation=id_, count=waits)
        event = ConsultationEvent(
            uuid4().hex, id_, step, _moment(), person.account, due, note.strip(), life.document.simulated
        )
        change.add_records(ROUND_EVENT, [event])
    return round_of(store, city, id_, person)[0]


def _still_open(one: Round) -> None:
    if one.closed:
        raise Refused("consultation-closed", consultation=one.consultation.id, at=one.closed_at[:10])


def give_opinion(store: Store, city: str, id_: str, said: Said, *, person: Person) -> Opinion:
    """Take one opinion: of who was asked for themselves, of the office for anybody.

    Raises
    ------
    Refused
        The person was not asked, the round is closed, or its last day is over for who was asked.
    BadInput
        Nobody is named, nothing is said, or the day is none.
    """
    demand_account(person)
    with store.change(city, who=person.account, why=f"opinion {id_}") as change:
        one, life = round_of(store, city, id_, person)
        opinion = opinion_of(one, life, said, city, person)
        if said.mends and said.mends not in {row.id for row in one.waiting}:
            raise Unknown("opinion-row", name=said.mends)
        change.add_records(OPINION, [opinion])
    return opinion


def opinion_of(one: Round, life: DocumentLife, said: Said, city: str, person: Person) -> Opinion:
    """Return what an opinion would be filed as; see ``give_opinion``."""
    _still_open(one)
    office, day = runs(person, city, life), now().date().isoformat()
    seats = one.consultation.asked if office else asked_of(person, city, one)
    seat = said.seat or (seats[0] if len(seats) == 1 and not office else "")
    late = one.over(day if not said.date or not office else said.date)
    if not office:
        if seat not in seats or person.token:
            raise Refused("consultation-asked", consultation=one.consultation.id)
        if late:
            raise Refused("consultation-late", consultation=one.consultation.id, due=one.due)
    elif seat and seat not in seats:
        raise BadInput("document-seat", seat=seat, known=", ".join(seats))
    if not said.body.strip() or not (said.none or said.text.strip()):
        raise BadInput("opinion-form", consultation=one.consultation.id)
    dated = said.date or day
    try:
        date.fromisoformat(dated)
    except ValueError:
        raise BadInput("works-day", day=dated) from None
    return Opinion(
        f"Y-{uuid4().hex[:10]}", one.consultation.id, said.body.strip(), dated,
        "" if said.none else said.text.strip(), said.clause.strip(), seat, late, said.file, said.mends,
        person.account, _moment(), life.document.simulated,
    )  # fmt: skip


def answer_opinion(
    store: Store, city: str, id_: str, given: OpinionAnswer, *, person: Person
) -> OpinionAnswer:
    """Decide about one opinion, or decide anew while the round is open.

    Raises
    ------
    Refused
        The person does not run the round, or it is closed.
    BadInput
        The verdict is none, or it does not say why or what it changed.
    """
    demand_account(person)
    with store.change(city, who=person.account, why=f"opinion {given.opinion}") as change:
        one, life = round_of(store, city, id_, person)
        _only_office(person, city, life)
        _still_open(one)
        voice = next((voice for voice in one.voices if voice.opinion.id == given.opinion), None)
        if voice is None:
            raise Unknown("opinion", name=given.opinion)
        made = answer_of(given, life, person)
        change.add_records(ANSWER, [made])
    return made


def answer_of(given: OpinionAnswer, life: DocumentLife, person: Person) -> OpinionAnswer:
    """Return what a decision would be filed as; see ``answer_opinion``."""
    if given.verdict not in VERDICTS:
        raise BadInput("opinion-verdict", name=given.verdict or OPEN, known=", ".join(VERDICTS))
    if missing := lacks(given):
        raise BadInput("opinion-needs", verdict=given.verdict, needs=", ".join(missing))
    return replace(
        given, id=uuid4().hex, why=given.why.strip(), change=given.change.strip(), by=person.account,
        at=_moment(), simulated=life.document.simulated,
    )  # fmt: skip


def drop_row(store: Store, city: str, id_: str, row: str, why: str, *, person: Person) -> None:
    """Drop a row of a table that nobody will mend; why stays.

    Raises
    ------
    Unknown
        No such row waits.
    BadInput
        No reason is given.
    """
    demand_account(person)
    with store.change(city, who=person.account, why=f"opinion row {row}") as change:
        one, life = round_of(store, city, id_, person)
        _only_office(person, city, life)
        if row not in {waiting.id for waiting in one.waiting}:
            raise Unknown("opinion-row", name=row)
        if not why.strip():
            raise BadInput("opinion-needs", verdict=row, needs="why")
        dropped = OpinionRowDropped(row, why.strip(), person.account, _moment(), life.document.simulated)
        change.add_records(DROPPED, [dropped])
