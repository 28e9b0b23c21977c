"""What does a reader hand on: layers as they stand in the file, and what it had to say about them."""

from dataclasses import dataclass, field

from wenqu.issues import Issue
from wenqu.network.formats.assembling import BadRow
from wenqu.network.formats.fieldmap import FieldMap
from wenqu.network.formats.raw import RawLayer


@dataclass(frozen=True, slots=True)
class Delivered:
    """The layers of one file, folder or archive."""

    layers: list[RawLayer]
    issues: list[Issue] = field(default_factory=list)  # of the file, before anybody says what columns mean
    bad: list[BadRow] = field(default_factory=list)  # rows that the format itself could not make whole
    fieldmap: FieldMap | None = None  # the map that a file of ours carries
    model: bool = False  # its format has no place for a coordinate system: what says it stands beside it
