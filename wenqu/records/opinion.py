"""What is stated when a draft is sent round: who was asked, what they said, what was made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

ADOPTED, PARTLY, REFUSED, WITHDRAWN = "adopted", "partly", "not", "withdrawn"
VERDICTS = (ADOPTED, PARTLY, REFUSED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Consultation:
    """One round of consultation about one version of a document."""

    id: str
    document: str
    version: int
    due: str  # ISO date, the last day
    asked: tuple[str, ...] = ()  # seats, as in ``wenqu.services.document_seats``
    note: str = ""
    by: str = ""
    at: str = ""  # ISO time
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class ConsultationEvent:
    """A change of a round: its last day moved, or it was closed."""

    id: str
    consultation: str
    step: str  # extend | close
    at: str
    by: str
    due: str = ""
    note: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one body said; no text says that it has no comment."""

    id: str
    consultation: str
    body: str  # from whom
    date: str  # ISO date it is dated
    text: str = ""
    clause: str = ""  # of the draft
    seat: str = ""  # of those asked, for which it speaks
    late: bool = False  # came after the last day
    file: str = ""  # the paper or table it came in
    mends: str = ""  # id of the row of a table that could not be read as it stood
    by: str = ""
    at: str = ""
    simulated: bool = False

    @property
    def none(self) -> bool:
        """Tell whether the body has no comment."""
        return not self.text


@dataclass(frozen=True, slots=True)
class OpinionAnswer:
    """What was decided about an opinion; the last word stands."""

    id: str
    opinion: str
    verdict: str  # adopted | partly | not | withdrawn
    why: str = ""
    change: str = ""  # of the draft
    by: str = ""
    at: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """A row of a table that could not be taken as it stood; it waits to be mended or dropped."""

    id: str
    consultation: str
    file: str
    row: int  # in the file, from 1
    fault: str  # opinion_fault.<fault> in the messages
    cells: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    at: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class OpinionRowDropped:
    """A waiting row that nobody will mend, and why."""

    row: str
    why: str
    by: str = ""
    at: str = ""
    simulated: bool = False
