"""How many opinions came on a draft, and how many were adopted? Folded from what was filed, oldest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from wenqu.records.opinion import (
    ADOPTED,
    PARTLY,
    REFUSED,
    WITHDRAWN,
    Consultation,
    ConsultationEvent,
    Opinion,
    OpinionAnswer,
    OpinionRow,
    OpinionRowDropped,
)

OPEN = "open"  # of an opinion that nobody has decided about
EXTEND, CLOSE = "extend", "close"


@dataclass(frozen=True, slots=True)
class Voice:
    """An opinion as it stands."""

    opinion: Opinion
    number: int  # in the order they came, from 1
    answer: OpinionAnswer | None = None

    @property
    def verdict(self) -> str:
        """Return what was decided, ``open`` while nothing is."""
        return self.answer.verdict if self.answer else OPEN

    @property
    def counts(self) -> bool:
        """Tell whether it is an opinion: not withdrawn, and not the word that there is none."""
        return self.verdict != WITHDRAWN and not self.opinion.none


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of a round: what a document says of it."""

    asked: int  # seats that were asked
    replied: int  # bodies that answered, those without a comment too
    none: int  # bodies that have no comment
    opinions: int
    adopted: int
    partly: int
    refused: int
    open: int
    late: int
    unsaid: int  # adopted or partly, and nobody says what it changed


@dataclass(frozen=True, slots=True)
class Round:
    """A round of consultation as it stands."""

    consultation: Consultation
    due: str  # ISO date
    voices: tuple[Voice, ...] = ()
    waiting: tuple[OpinionRow, ...] = ()  # rows of tables that wait to be mended
    closed_at: str = ""
    events: tuple[ConsultationEvent, ...] = ()

    @property
    def closed(self) -> bool:
        """Tell whether nothing more is taken."""
        return bool(self.closed_at)

    def over(self, day: str) -> bool:
        """Tell whether its last day is over while it is not closed."""
        return not self.closed and bool(self.due) and day[:10] > self.due

    def days_left(self, day: str) -> int:
        """Return the days until its last one; below zero when that is over."""
        return (date.fromisoformat(self.due) - date.fromisoformat(day[:10])).days

    def silent(self) -> tuple[str, ...]:
        """Return the seats that were asked and for which nobody has spoken."""
        spoke = {voice.opinion.seat for voice in self.voices if voice.verdict != WITHDRAWN}
        return tuple(seat for seat in self.consultation.asked if seat not in spoke)

    @property
    def totals(self) -> Totals:
        """Return the figures."""
        said = [voice for voice in self.voices if voice.verdict != WITHDRAWN]
        real = [voice for voice in said if voice.counts]
        verdicts = [voice.verdict for voice in real]
        spoke = {voice.opinion.body for voice in real}
        return Totals(
            len(self.consultation.asked),
            len({voice.opinion.body for voice in said}),
            len({voice.opinion.body for voice in said if voice.opinion.none} - spoke),
            len(real),
            verdicts.count(ADOPTED),
            verdicts.count(PARTLY),
            verdicts.count(REFUSED),
            verdicts.count(OPEN),
            sum(voice.opinion.late for voice in real),
            sum(
                voice.verdict in {ADOPTED, PARTLY} and not (voice.answer and voice.answer.change)
                for voice in real
            ),
        )


def rounds(
    consultations: Iterable[Consultation],
    events: Iterable[ConsultationEvent],
    opinions: Iterable[Opinion],
    answers: Iterable[OpinionAnswer],
    waiting: Sequence[tuple[OpinionRow | OpinionRowDropped, ...]] = ((), ()),
) -> dict[str, Round]:
    """Fold what was filed into rounds, by id.

    Parameters
    ----------
    waiting
        The rows of tables that could not be read, and those of them that were dropped.
    """
    last = {one.opinion: one for one in answers}
    made = {one.id: Round(one, one.due) for one in consultations}
    mended: set[str] = set()
    for opinion in opinions:
        one = made.get(opinion.consultation)
        if one is None or any(voice.opinion.id == opinion.id for voice in one.voices):
            continue
        mended.add(opinion.mends)
        voice = Voice(opinion, len(one.voices) + 1, last.get(opinion.id))
        made[opinion.consultation] = replace(one, voices=(*one.voices, voice))
    for event in events:
        one = made.get(event.consultation)
        if one is None or any(past.id == event.id for past in one.events):
            continue
        due = event.due if event.step == EXTEND and event.due else one.due
        closed = event.at if event.step == CLOSE else one.closed_at
        made[event.consultation] = replace(one, due=due, closed_at=closed, events=(*one.events, event))
    dropped = {row.row for row in waiting[1] if isinstance(row, OpinionRowDropped)}
    for row in waiting[0]:
        if isinstance(row, OpinionRow) and row.consultation in made and row.id not in dropped | mended:
            one = made[row.consultation]
            made[row.consultation] = replace(one, waiting=(*one.waiting, row))
    return made


def lacks(answer: OpinionAnswer) -> tuple[str, ...]:
    """Return what an answer has to say and does not: why an opinion is not adopted in full."""
    return () if answer.verdict == ADOPTED or answer.why.strip() else ("why",)
