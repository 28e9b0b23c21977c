"""What is stated of an official document: that there is one, its versions, each step of a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OfficialDocument:
    """One official document as it was begun; what it says stands in its versions."""

    id: str
    kind: str  # row of document_kinds.csv
    title: str
    district: str = ""  # id of a zone, "" the whole city
    subject: str = ""  # what it is about: id of a plant, a month
    countersigners: tuple[str, ...] = ()  # seats that have to sign before it is approved
    body: str = ""  # that drafts it
    by: str = ""
    at: str = ""  # ISO time
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """From which state of the data a version was made, as far as it is known."""

    how: str = "uploaded"  # uploaded | stored | paper
    name: str = ""  # of the stored document, or kind of the paper
    change: int = 0  # number of the city's last change it knew; 0: nobody says
    at: str = ""  # ISO time of that state
    programme: str = ""  # id of the programme in force then, "" when there was none
    said: str = ""  # what the author says about it


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """One version: a content by its hash. It is never changed; another content is another version."""

    document: str
    number: int  # from 1
    sha256: str
    name: str  # of the file
    media: str
    size: int  # bytes
    reason: str
    made_from: MadeFrom = field(default_factory=MadeFrom)
    facts: Mapping[str, str] = field(default_factory=dict)  # what the maker of a paper tells of it
    by: str = ""
    at: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class DocumentEvent:
    """One step of one version, with the signature of who took it."""

    id: str
    document: str
    version: int
    step: str  # row of document_steps.csv
    at: str  # ISO time
    by: str  # account
    note: str = ""
    seat: str = ""  # for which a countersigner signs
    number: str = ""  # document number (文号) under which it is issued
    shelf: str = ""  # archive number (档号)
    retention: str = ""  # row of document_retentions.csv
    recipients: tuple[str, ...] = ()  # seats that an issued version is sent to
    signature: str = ""  # signed file (``wenqu.supervision.signed``), "" for a step that signs nothing
    simulated: bool = False
