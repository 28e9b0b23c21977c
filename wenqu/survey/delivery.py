"""What does an inspection file say, before anything of it is matched to the network?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wenqu.issues import Issue
from wenqu.records.inspection import Inspection


@dataclass(frozen=True, slots=True)
class SeenAsset:
    """One inspection as its file tells it: nothing is matched yet, nothing converted."""

    inspection: Inspection  # asset = name in the file, "" when it names none
    start: str = ""  # manhole where the camera went in, as written
    end: str = ""
    stated: Mapping[str, float | str] = field(default_factory=dict)
    """What the contractor claims: name of the figure (S, F, RI, G, MI, structural_grade, …) → value."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Every column that has no field of ours, under its own heading."""
    where: str = ""  # file, sheet or table or element, row: for Issues and for the queue
    media: tuple[str, ...] = ()  # names of pictures and films as the file refers to them


@dataclass(frozen=True, slots=True)
class SurveyDelivery:
    """All that one file holds."""

    format: str  # name of the format: a key of wenqu.survey.formats
    standard: str  # of the codes, with edition as far as the file tells it
    encoding: str
    seen: tuple[SeenAsset, ...]
    issues: tuple[Issue, ...] = ()  # bad rows with file, place, reason; the good ones are kept
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # those embedded in the file itself


@dataclass(frozen=True, slots=True)
class Peek:
    """The first bytes of a file, enough to recognise what it is by its content."""

    name: str  # of the file, with its ending: only ever a hint
    head: bytes  # the first 64 KiB
    members: tuple[str, ...] = ()  # names within, if it is a zip archive (docx and xlsx are)
    tables: tuple[str, ...] = ()  # names of tables, if it is a database (SQLite, Access)
