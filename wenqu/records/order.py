"""What is to be done in the street, and what was done: an order of upkeep and its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Order:
    """One order as it was issued; what happens to it are events."""

    id: str
    kind: str  # row of order_kinds.csv: patrol, dredging, repair, inspection
    assets: tuple[str, ...]  # type/id, in the order of the way
    body: str  # upkeep body that is charged with it
    crew: str = ""
    district: str = ""
    planned_on: str = ""  # ISO date
    due: str = ""  # ISO date
    length: float = 0.0  # [m] of the conduits
    what: str = ""
    source: str = ""  # problem:id, cycle:kind, or ""
    by: str = ""
    at: str = ""  # ISO time
    simulated: bool = False

    @property
    def until(self) -> str:
        """Return the last day on which it is in time: its date, else the day it is planned for."""
        return self.due or self.planned_on


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One step of an order, or what a crew noted. Its id is given where it was written: it counts once."""

    id: str
    order: str
    step: str  # row of order_steps.csv
    at: str  # ISO time it was filed
    by: str
    written_at: str = ""  # ISO time on the device that wrote it
    note: str = ""
    hours: float = 0.0  # [h] worked by the whole crew
    quantities: Mapping[str, float] = field(default_factory=dict)  # SI, by name of order_kinds.csv
    answers: Mapping[str, str] = field(default_factory=dict)  # item of the checklist → ok | fault | none
    before: tuple[str, ...] = ()  # photos
    after: tuple[str, ...] = ()
    place: tuple[float, ...] = ()  # longitude, latitude of the device
    apart: bool = False  # the order had moved on meanwhile: kept beside it, for somebody to look at
    simulated: bool = False
