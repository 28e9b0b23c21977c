"""What is wrong with which asset or row, and what to do about it."""

from dataclasses import dataclass, field
from enum import StrEnum


class Weight(StrEnum):
    """How heavy an Issue is."""

    BLOCK = "block"  # the row cannot enter
    FAULT = "fault"  # it entered and is certainly wrong
    DOUBT = "doubt"  # it entered and may be wrong
    NOTE = "note"  # worth knowing; nothing to mend


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the delivered material something stands."""

    file: str = ""
    sheet: str = ""  # sheet of a workbook, layer of a GeoPackage, section of an INP file
    row: int | None = None  # line of a text file or row of a table, counted from 1


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about data: what, how heavy, which asset, where, with the facts of its sentence.

    ``code`` names the rule (``elevation.adverse-slope``). Its sentence and remedy stand in both
    languages under ``issue.<code>.says`` and ``issue.<code>.remedy`` and are filled from ``facts``.
    """

    code: str
    weight: Weight
    type: str = ""  # asset type, "" when the row has none
    asset: str = ""  # asset id, "" when the row has none
    place: Place = field(default_factory=Place)
    facts: dict[str, object] = field(default_factory=dict)
    at: tuple[float, float] | None = None  # [m] or degrees, in the city's coordinate system
