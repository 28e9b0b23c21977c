"""What did an inspection of a conduit, a manhole or a street see, and where?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

# Statements are kept as they were filed. Names of fields at that time: name of today → name of then.
EARLIER_NAMES: Mapping[str, str] = MappingProxyType({"asset": "conduit", "picture": "file"})
JOINED = " + "  # between the ids of runs that are one survey
OUTSIDE = ("patrol",)  # methods that do not look into the pipe: they neither grade nor count as a survey


@dataclass(frozen=True, slots=True)
class Defect:
    """One observation as the crew wrote it down: never mended, never converted."""

    EARLIER = EARLIER_NAMES

    asset: str  # "" when it is that of the inspection
    code: str  # main code of the standard inspected by: PL, CJ, BAB, …
    level: int  # 1 slight … 4 (CJJ 181) or 5 (PACP); 0 when the standard gives none
    start: float  # [m] from the start manhole; of a manhole its height as written; NaN when not written
    length: float = 0.0  # [m] along the conduit; 0 for a point
    at: str = ""  # ISO date of the inspection
    inspection: str = ""  # id of the inspection it belongs to
    clock: str = ""  # where on the ring, as written: 0309 is from three to nine o'clock
    remark: str = ""
    picture: str = ""  # name of a picture
    variant: str = ""  # hard or soft scale; of PACP structural or operation; "" when the code says enough
    characters: tuple[str, ...] = ()  # EN 13508-2: characterisations 1 and 2, "" for one left out
    quantities: tuple[float | str | None, ...] = ()  # as written, in the unit that the code asks for
    joint: bool = False  # at a joint between two pipes
    continuous: str = ""  # A1 opens, C1 changes, B1 closes continuous defect 1 (PACP: S01, F01)
    film: str = ""  # name of the film
    film_at: float | None = None  # [s] from the start of the film
    part: str = ""  # of a manhole, as written: cover, cone, wall, channel, …

    @property
    def end(self) -> float:
        """Where the defect ends. [m]"""
        return self.start + self.length

    @property
    def closes(self) -> bool:
        """Whether the row only says where a continuous defect ended: its opening row has the length."""
        return self.continuous[:1] in ("B", "C", "E", "F")


@dataclass(frozen=True, slots=True)
class Inspection:
    """One look of one crew at one asset: a run through a conduit, a manhole opened, a street walked."""

    EARLIER = EARLIER_NAMES

    id: str
    asset: str  # "" while nobody knows which it is
    method: str  # code list inspection_method: cctv, sonar, qv, visual, manhole, patrol, other
    date: str  # ISO date
    length: float  # [m] length really seen
    direction: str = ""  # code list inspection_direction: downstream, upstream
    inspector: str = ""
    file: str = ""  # film or report
    standard: str = "CJJ 181"
    edition: str = "2012"
    defects: tuple[Defect, ...] = ()
    simulated: bool = False
    asset_type: str = "conduit"
    start: str = ""  # manhole where the camera went in; distances are measured from here
    end: str = ""  # manhole that the camera went towards
    time: str = ""  # HH:MM
    reason: str = ""  # why it was looked at, as written
    weather: str = ""  # as written

    @property
    def runs(self) -> tuple[str, ...]:
        """Ids of the runs that make a survey: itself, or those from both ends."""
        return tuple(self.id.split(JOINED))

    @property
    def looked_inside(self) -> bool:
        """Whether it is a survey of a conduit: a walk along the street is none."""
        return self.asset_type == "conduit" and bool(self.asset) and self.method not in OUTSIDE


def of_asset(inspection: Inspection, asset: str, asset_type: str = "conduit") -> Inspection:
    """Return an inspection, and each of its observations, under the asset that it turned out to be of."""
    rows = tuple(replace(row, asset=asset, inspection=inspection.id) for row in inspection.defects)
    return replace(inspection, asset=asset, asset_type=asset_type, defects=rows)
