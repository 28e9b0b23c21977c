"""What an inspection of a conduit saw, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect as the crew wrote it down: never mended, never converted."""

    conduit: str
    code: str  # code of the standard inspected by, PL, CJ, …
    level: int  # 1 slight … 4 major
    start: float  # [m] from the start manhole to where the defect begins
    length: float = 0.0  # [m] along the conduit; 0 for a point
    at: str = ""  # ISO date of the inspection
    inspection: str = ""  # id of the inspection it belongs to
    clock: str = ""  # where on the ring, as written: 0309 is from three to nine o'clock
    remark: str = ""
    file: str = ""  # picture or piece of film
    variant: str = ""  # hard or soft scale; "" when the code says enough

    @property
    def end(self) -> float:
        """Where the defect ends. [m]"""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Inspection:
    """One run of one crew through one conduit."""

    id: str
    conduit: str
    method: str  # code list inspection_method: cctv, sonar, qv, visual, other
    date: str  # ISO date
    length: float  # [m] length really seen
    direction: str = ""  # code list inspection_direction: downstream, upstream
    inspector: str = ""
    file: str = ""  # film or report
    standard: str = "CJJ 181"
    edition: str = "2012"
    defects: tuple[Defect, ...] = ()
    simulated: bool = False
