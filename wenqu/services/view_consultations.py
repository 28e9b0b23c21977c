"""What does the page show of a round of consultation, and how does its table look on paper?"""

from dataclasses import asdict
from typing import Any

from wenqu.messages import say
from wenqu.records.opinion import VERDICTS
from wenqu.reports.official_list import OfficialList
from wenqu.services.city_state import CityState
from wenqu.services.consultation_ledger import asked_of, heard, round_of, runs, seen_rounds
from wenqu.services.document_seats import seat_told
from wenqu.services.past import Past, past_of
from wenqu.services.rights import Person
from wenqu.services.view_figures import day_of
from wenqu.store.database import Store
from wenqu.supervision.document_life import DocumentLife
from wenqu.supervision.opinions import Round, Voice

COLUMNS = ("order", "body", "date", "clause", "text", "verdict", "why", "change")


def view_consultations(store: Store, state: CityState, person: Person, on: str = "") -> dict[str, Any]:
    """Return the rounds that a person may know of, those that are open first, then by their last day."""
    city, when = state.network.city.code, past_of(state, on)
    found = seen_rounds(store, city, person, when).values()
    rows = [_row(one, life, person, state, when) for one, life in found]
    rows.sort(key=lambda row: (row["closed"], row["due"], row["id"]))
    return {
        "day": when.day or day_of(state),
        "known": day_of(state),
        "rows": rows,
        "count": len(rows),
        "open": sum(not row["closed"] for row in rows),
        "over": sum(row["over"] for row in rows),
        "simulated": state.network.city.simulated,
    }


def _row(one: Round, life: DocumentLife, person: Person, state: CityState, when: Past) -> dict[str, Any]:
    city, asked = state.network.city.code, one.consultation
    office, day = runs(person, city, life), when.day or day_of(state)
    everything = len(heard(person, city, life, one)) == len(one.voices)
    return {
        "id": asked.id,
        "document": asked.document,
        "title": life.document.title,
        "version": asked.version,
        "district": life.document.district,
        "opened": asked.at[:10],
        "by": asked.by,
        "note": asked.note,
        "due": one.due,
        "days_left": one.days_left(day),
        "over": one.over(day),
        "closed": one.closed,
        "closed_at": one.closed_at[:10],
        "totals": asdict(one.totals) if everything else None,  # of what others said a body learns nothing
        "waiting": len(one.waiting) if office else 0,
        "asked": [
            {**seat_told(seat, state.network), "spoke": seat not in one.silent()}
            for seat in (asked.asked if office else asked_of(person, city, one))
        ],
        "runs": office and not when.back,
    }


def view_consultation(
    store: Store, state: CityState, id_: str, person: Person, on: str = ""
) -> dict[str, Any]:
    """Return one round: who was asked, the opinions that the person may read, what was decided or waits."""
    city, when = state.network.city.code, past_of(state, on)
    one, life = round_of(store, city, id_, person, when)
    office = runs(person, city, life)
    seats = one.consultation.asked if office else asked_of(person, city, one)
    return {
        **_row(one, life, person, state, when),
        "opinions": [_told(voice) for voice in heard(person, city, life, one)],
        "rows": [asdict(row) for row in one.waiting] if office else [],
        "seats": [seat_told(seat, state.network) for seat in seats],
        "may": not when.back and not one.closed and bool(person.account) and (office or bool(seats)),
        "events": [asdict(event) for event in one.events],
        "verdicts": VERDICTS,
        "simulated": one.consultation.simulated,
    }


def _told(voice: Voice) -> dict[str, Any]:
    said, answer = voice.opinion, voice.answer
    return {
        "number": voice.number,
        "id": said.id,
        "body": said.body,
        "date": said.date,
        "clause": said.clause,
        "text": said.text,
        "none": said.none,
        "seat": said.seat,
        "late": said.late,
        "file": said.file,
        "by": said.by,
        "at": said.at,
        "verdict": voice.verdict,
        "why": answer.why if answer else "",
        "change": answer.change if answer else "",
        "decided_by": answer.by if answer else "",
        "decided_at": answer.at[:10] if answer else "",
    }


def totals_told(one: Round, language: str) -> str:
    """Return the sentence that a document says of a round: so many opinions, so many adopted."""
    facts = asdict(one.totals)
    parts = [say("opinion.totals", language, **facts)]
    parts += [say(f"opinion.totals_{name}", language, **facts) for name in ("none", "open") if facts[name]]
    return "".join(parts) if language == "zh" else " ".join(parts)


def opinion_list(
    store: Store, state: CityState, id_: str, person: Person, language: str, on: str = ""
) -> OfficialList:
    """Return the table of opinions and what became of them in the official layout (意见采纳情况表)."""
    city, when = state.network.city, past_of(state, on)
    one, life = round_of(store, city.code, id_, person, when)
    voices = [voice for voice in heard(person, city.code, life, one) if voice.verdict != "withdrawn"]
    rows = [
        (
            number, voice.opinion.body, voice.opinion.date, voice.opinion.clause,
            voice.opinion.text or say("opinion.none", language),
            "" if voice.opinion.none else say(f"opinion.verdict.{voice.verdict}", language),
            voice.answer.why if voice.answer else "", voice.answer.change if voice.answer else "",
        )
        for number, voice in enumerate(voices, 1)
    ]  # fmt: skip
    whole = len(heard(person, city.code, life, one)) == len(one.voices)
    return OfficialList(
        say("opinion.list.title", language, title=life.document.title),
        say("problem.list.unit", language, city=life.document.body or city.zh or city.code),
        say("problem.list.day", language, day=when.day or day_of(state)),
        tuple(say(f"opinion.column.{column}", language) for column in COLUMNS),
        tuple(rows),
        say("problem.list.signed", language),
        say("profile.simulated", language) if one.consultation.simulated else "",
        totals_told(one, language) if whole else say("opinion.list.own", language),
    )
