"""What does the report of a city say? Everything it needs, gathered before a page is set."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.issues import Issue
from wenqu.network.model import City, Network
from wenqu.records.finding import Finding
from wenqu.records.inspection import Inspection
from wenqu.records.programme import Programme

Floats = npt.NDArray[np.float64]
PROBLEM_FROM = 3  # grade Ⅲ


@dataclass(frozen=True, slots=True)
class Label:
    """One name in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Graded:
    """What a standard says of one conduit. Grades run from 1 (Ⅰ, best) to 4 (Ⅳ); 0 is not known."""

    conduit: str
    F: float  # [-] structural defect parameter
    RI: float | None  # [-] repair index
    structural_grade: int
    repair_grade: int
    structural_density: str
    S_M: float | None
    G: float  # [-] functional defect parameter
    MI: float | None  # [-] upkeep index
    functional_grade: int
    upkeep_grade: int
    functional_density: str
    Y_M: float | None
    K: float | None
    E: float | None
    T: float | None
    standard: str
    edition: str
    region: str
    unconfirmed: tuple[str, ...]  # rules from memory, one source or disputed that took part

    @property
    def worse(self) -> int:
        """The worse of repair and upkeep grade; the grade by the defects where soil or importance lack."""
        repair, upkeep = (
            self.repair_grade or self.structural_grade,
            self.upkeep_grade or self.functional_grade,
        )
        return max(repair, upkeep)


@dataclass(frozen=True, slots=True)
class Target:
    """One indicator against its next milestone, with what it was made from."""

    key: str
    label: Label
    operator: str
    today: float  # [-], NaN when it cannot be known
    target: float  # [-]
    date: str  # ISO date
    state: str  # reached | on_time | at_risk | late | unknown
    pace_needed: float  # [1/a]
    above: float  # numerator
    below: float  # denominator
    unit: str  # SI unit of both, "" for a count
    rows: int
    formula: Label
    edition: str
    status: str  # verified | single source | memory


@dataclass(frozen=True, slots=True)
class PlantYear:
    """What one plant received over the last year of its readings."""

    id: str
    name: str
    district: str
    kind: str  # municipal or industrial, "" when it is unknown
    capacity: float  # [m³/s], 0 when it is unknown
    flow: float  # [m³/s] mean
    bod5: float  # [kg/m³] flow-weighted; NaN with too few days
    bod5_low: float  # [kg/m³] 90 % interval of that mean
    bod5_high: float
    threshold: float  # [kg/m³]
    days: int  # with both flow and BOD5
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Method:
    """One method of diagnosis, as its card says."""

    label: Label
    formula: str
    source: str
    trust: Label


@dataclass(frozen=True, slots=True)
class CityReport:
    """Everything that a report says, gathered; pages and lists add nothing to it but words."""

    city: City
    version: int  # number of the last change that is in it
    at: str  # ISO time it was made
    by: str
    network: Network
    inspections: Mapping[str, Inspection]  # the last of each conduit
    graded: Mapping[str, Graded]
    targets: tuple[Target, ...]
    plants: tuple[PlantYear, ...]
    findings: tuple[Finding, ...]
    extraneous: Floats  # [m³/s] of each conduit, in the order of the network's table; NaN: not known
    extraneous_sd: Floats  # [m³/s]
    areas: npt.NDArray[np.object_]  # meter at which the area of each conduit ends, "" none
    methods: Mapping[str, Method]
    programme: Programme | None
    repairs: Mapping[str, Label]  # methods of repair by key
    kept_short: tuple[Label, ...]  # rules that the programme cannot keep, as sentences
    issues: tuple[tuple[str, Issue], ...]  # (stage, issue): network, inspection, diagnosis
