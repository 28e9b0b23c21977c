"""How does each version of an official document stand, who signed it, and what may follow?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from wenqu.records.counted import counted
from wenqu.records.official import DocumentEvent, DocumentVersion, OfficialDocument
from wenqu.supervision.document_tables import SAME, Step, retentions, states, steps

FIRST, FILED, COUNTERSIGN, OBJECT = "draft", "file", "countersign", "object"
REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class VersionLife:
    """A version as it stands."""

    version: DocumentVersion
    state: str = FIRST
    since: str = ""  # ISO time of the last step
    signed: tuple[str, ...] = ()  # seats that countersigned since it was last sent back
    number: str = ""  # document number, once issued
    issued_at: str = ""
    shelf: str = ""
    retention: str = ""
    recipients: tuple[str, ...] = ()
    hands: tuple[tuple[str, str], ...] = ()  # step, account: since it was last sent back
    events: tuple[DocumentEvent, ...] = field(default=())

    @property
    def open(self) -> bool:
        """Tell whether it is still on its way to being issued."""
        return states()[self.state].open

    @property
    def issued(self) -> bool:
        """Tell whether it was sent out."""
        return states()[self.state].issued

    def kept_until(self) -> str:
        """Return the ISO date on which the time of keeping ends; "" while there is none, or for ever."""
        years = retentions()[self.retention].years if self.retention in retentions() else 0
        if not years or not self.issued_at:
            return ""
        return date(int(self.issued_at[:4]) + years, 12, 31).isoformat()  # of the year it was issued in


@dataclass(frozen=True, slots=True)
class DocumentLife:
    """A document with its versions, oldest first."""

    document: OfficialDocument
    versions: tuple[VersionLife, ...]
    events: tuple[DocumentEvent, ...] = ()  # of all versions, in the order they were filed

    @property
    def last(self) -> VersionLife | None:
        """Return the newest version, None while there is none."""
        return self.versions[-1] if self.versions else None

    @property
    def in_force(self) -> VersionLife | None:
        """Return the version that is valid: the last that was issued and not revoked."""
        return next((one for one in reversed(self.versions) if one.issued and one.state != REVOKED), None)

    def version(self, number: int) -> VersionLife | None:
        """Return one version by its number, None when there is no such."""
        return next((one for one in self.versions if one.version.number == number), None)

    def replaced_by(self, number: int) -> int:
        """Return the number of the version that took the place of one, 0 when none did.

        A draft is replaced by the next version that is filed, one that was issued by the next that is issued.
        """
        one = self.version(number)
        later = [other for other in self.versions if other.version.number > number]
        if one is None or not later:
            return 0
        return next((other.version.number for other in later if not one.issued or other.issued), 0)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Return the seats that have not countersigned the newest version."""
        one = self.last
        signed = one.signed if one else ()
        return tuple(seat for seat in self.document.countersigners if seat not in signed)


def document_life(
    document: OfficialDocument, versions: Iterable[DocumentVersion], events: Iterable[DocumentEvent]
) -> DocumentLife:
    """Fold the events of a document into what stands. An event that was written twice counts once."""
    every = tuple(counted(events, steps()))
    lives = []
    for version in sorted(versions, key=lambda one: one.number):
        one = VersionLife(version, since=version.at)
        for event in every:
            if event.version == version.number:
                one = _after(one, event, document.countersigners)
        lives.append(one)
    return DocumentLife(document, tuple(lives), every)


def _after(before: VersionLife, event: DocumentEvent, countersigners: Sequence[str]) -> VersionLife:
    step = steps()[event.step]
    made = replace(before, events=(*before.events, event))
    if step.to == SAME:
        return made
    made = replace(made, since=event.at, hands=(*before.hands, (event.step, event.by)))
    if step.name == COUNTERSIGN:
        made = replace(made, signed=tuple(dict.fromkeys((*made.signed, event.seat))))
        whole = all(seat in made.signed for seat in countersigners)
        return replace(made, state=step.to if whole else made.state)
    if step.to == FIRST and step.name != FILED:  # sent back: whoever signed has to look again
        filed = tuple(hand for hand in made.hands if hand[0] == FILED)
        return replace(made, state=FIRST, signed=(), hands=filed)
    return replace(
        made, state=step.to, number=event.number or made.number, shelf=event.shelf or made.shelf,
        retention=event.retention or made.retention, recipients=event.recipients or made.recipients,
        issued_at=event.at if step.to == "issued" else made.issued_at,
    )  # fmt: skip


def open_steps(life: DocumentLife, number: int) -> tuple[Step, ...]:
    """Return the steps that lead on from where a version stands; from one that was replaced hardly any."""
    one = life.version(number)
    if one is None:
        return ()
    gone = life.replaced_by(number)
    return tuple(
        step
        for step in steps().values()
        if one.state in step.from_
        and (not gone or step.to == SAME or (one.issued and step.name == "archive"))
        and (step.name not in {COUNTERSIGN, OBJECT} or life.waits_for)
    )


def lacks(life: DocumentLife, event: DocumentEvent, unanswered: int) -> tuple[str, ...]:
    """Return what a step needs and neither the event nor what was done before brings.

    Parameters
    ----------
    unanswered
        Opinions on the document that nobody decided about.
    """
    brought = {
        "note": event.note.strip(), "seat": event.seat, "number": event.number.strip(),
        "shelf": event.shelf.strip(), "retention": event.retention,
        "countersigned": not life.waits_for, "answered": not unanswered,
    }  # fmt: skip
    return tuple(need for need in steps()[event.step].needs if not brought[need])


def own_hands(one: VersionLife, event: DocumentEvent) -> str:
    """Return the earlier step by which somebody would judge their own work, "" when there is none."""
    apart = steps()[event.step].apart
    return next((step for step, who in one.hands if step in apart and who == event.by), "")
