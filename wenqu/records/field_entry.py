"""What somebody wrote in the street, as it was sent, what became of it, and how a conflict was decided."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFile:
    """A photo or a voice note of an entry; its bytes are a document of their own."""

    sha256: str
    name: str
    media_type: str = ""
    role: str = ""  # before | after | picture | voice


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One thing that a device wrote. Its id is made there: the same again counts once."""

    id: str
    kind: str  # report | inspection | edit | note
    by: str
    at: str  # ISO time it arrived
    written_at: str  # ISO time on the device
    order: str = ""
    asset_type: str = ""
    asset: str = ""
    base: int = 0  # change of the city that the device had seen
    body: str = ""  # JSON, as it was sent
    files: tuple[FieldFile, ...] = ()
    place: tuple[float, ...] = ()  # longitude, latitude [degrees], accuracy [m]
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that two people changed to different ends; values as JSON, in SI."""

    name: str
    yours: str
    theirs: str
    base: str
    theirs_by: str
    theirs_at: str


@dataclass(frozen=True, slots=True)
class FieldOutcome:
    """What became of an entry. A later one takes the place of an earlier."""

    entry: str
    state: str  # entered | conflict | waits
    at: str
    said: tuple[str, ...] = ()  # keys of sentences, each followed by its facts as JSON
    clashes: tuple[Clash, ...] = ()
    theirs: int = 0  # newest change that the clashes are with
    made: tuple[str, ...] = ()  # inspection:id, problem:id, order:id, change:number
    asset_type: str = ""
    asset: str = ""
    by: str = ""  # who decided a conflict, "" the machine
    took: tuple[str, ...] = ()  # field=yours or field=theirs, of a conflict that was decided
    note: str = ""
    simulated: bool = False
