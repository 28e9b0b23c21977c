"""How does a standard score the defects of a conduit and grade it?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from wenqu.errors import NotEnoughData, Unknown
from wenqu.standards.tables import NATIONAL, rows_of, state_of

FAMILIES = ("structural", "functional")
# Two indices closer than this are equal: a sum of decimal scores is not exact in binary.
TIE = 1e-9


@dataclass(frozen=True, slots=True)
class DefectKind:
    """One inspection code with its scores, one for each level it has."""

    code: str
    family: str  # one of FAMILIES
    zh: str
    en: str
    scores: tuple[float, ...]  # level 1 first
    counts: bool  # scum is recorded and takes no part
    extent: str  # continuous, local, either (along or round the pipe), none
    extent_status: str
    clause: str
    status: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """What makes one level of one defect: a measure above one bound and up to another, or words."""

    code: str
    variant: str  # hard or soft scale; "" otherwise
    level: int
    measure_zh: str
    measure_en: str
    above: float  # excluded; NaN when the level is in words
    up_to: float  # included; infinite for the highest level
    unit: str  # unit of the measure, SI
    zh: str  # words, "" when the level is a measure
    en: str


@dataclass(frozen=True, slots=True)
class Band:
    """One class of an index, with what it means."""

    rank: int
    code: str
    low: float
    low_included: bool
    high: float
    high_included: bool
    zh: str
    en: str
    clause: str
    status: str

    def holds(self, value: float) -> bool:
        """Tell whether a value lies in this band; values within 1e-9 of a bound lie on it."""
        low = value >= self.low - TIE if self.low_included else value > self.low + TIE
        high = value <= self.high + TIE if self.high_included else value < self.high - TIE
        return low and high


@dataclass(frozen=True, slots=True)
class Weighting:
    """One value of K, E or T: for a code, or for a range of diameters [m]."""

    code: str
    value: float
    band: Band


@dataclass(frozen=True, slots=True)
class Rule:
    """One number of the method."""

    name: str
    value: float
    unit: str
    clause: str
    status: str


@dataclass(frozen=True, slots=True)
class ConditionRules:
    """Everything that one edition of one standard says about scoring and grading."""

    standard: str
    edition: str
    region: str
    kinds: Mapping[str, DefectKind]
    criteria: tuple[Criterion, ...]
    grades: Mapping[str, tuple[Band, ...]]  # by index: F, G, RI, MI
    densities: Mapping[str, tuple[Band, ...]]  # by index: S_M, Y_M
    factors: Mapping[str, Mapping[str, Weighting]]  # K, E, T
    rules: Mapping[str, Rule]

    def value(self, rule: str) -> float:
        """Return the number of one rule."""
        return self.rules[rule].value

    def grade(self, index: str, value: float) -> int:
        """Return the grade (1 best to 4 worst) of F, G, RI or MI; 0 when the value is not a number."""
        return next((band.rank for band in self.grades[index] if band.holds(value)), 0)

    def density(self, index: str, value: float) -> str:
        """Return the kind of defect density of S_M or Y_M; "" when the value is not a number."""
        return next((band.code for band in self.densities[index] if band.holds(value)), "")

    def size_factor(self, diameter: float) -> float:
        """Return E, the importance of the conduit by its diameter [m]; NaN without a diameter."""
        bands = self.factors["E"].values()
        return next((entry.value for entry in bands if entry.band.holds(diameter)), math.nan)

    def level(self, code: str, measure: float, variant: str = "") -> int:
        """Return the level that a measured size makes; 0 below the lowest, upper bounds included.

        Raises
        ------
        Unknown
            The code has no measured levels under this variant.
        """
        mine = [entry for entry in self.criteria if entry.code == code and entry.variant == variant]
        measured = [entry for entry in mine if not math.isnan(entry.above)]
        if not measured:
            raise Unknown("defect", name=f"{code} {variant}".strip(), known=", ".join(self.kinds))
        reached = [entry.level for entry in measured if measure > entry.above + TIE]
        return max(reached, default=0)


def _number(text: str, absent: float) -> float:
    return float(text) if text else absent


def _band(row: Mapping[str, str], rank: int, code: str, low: str, high: str) -> Band:
    return Band(
        rank, code, _number(row[low], -math.inf), row.get("low_included", "no") == "yes",
        _number(row[high], math.inf), row.get("high_included", "yes") != "no",
        row["zh"], row["en"], row["clause"], row["status"],
    )  # fmt: skip


def _kinds(defects: list[Mapping[str, str]], extents: list[Mapping[str, str]]) -> dict[str, DefectKind]:
    extent = {row["code"]: row for row in extents}
    levels: dict[str, dict[int, Mapping[str, str]]] = {}
    for row in defects:
        levels.setdefault(row["code"], {})[int(row["level"])] = row
    kinds = {}
    for code, by_level in levels.items():
        first = by_level[1]
        scores = tuple(float(by_level[level]["score"]) for level in sorted(by_level))
        kinds[code] = DefectKind(
            code, first["family"], first["zh"], first["en"], scores, first["counts"] == "yes",
            extent[code]["extent"], extent[code]["status"], first["clause"], first["status"],
        )  # fmt: skip
    return kinds


def _criterion(row: Mapping[str, str]) -> Criterion:
    in_words = not row["above"]
    return Criterion(
        row["code"], row["variant"], int(row["level"]), row["measure_zh"], row["measure_en"],
        math.nan if in_words else float(row["above"]),
        math.nan if in_words else _number(row["up_to"], math.inf), row["unit"], row["zh"], row["en"],
    )  # fmt: skip


def _by_index(
    table: list[Mapping[str, str]], rank: str, code: str, bounds: tuple[str, str]
) -> dict[str, tuple[Band, ...]]:
    bands: dict[str, dict[int, Band]] = {}
    for row in table:
        entry = _band(row, int(row[rank]), row[code], *bounds)
        bands.setdefault(row["index"], {})[entry.rank] = entry
    return {index: tuple(found[rank] for rank in sorted(found)) for index, found in bands.items()}


def _factors(table: list[Mapping[str, str]]) -> dict[str, Mapping[str, Weighting]]:
    found: dict[str, dict[str, Weighting]] = {}
    for place, row in enumerate(table):
        band = _band(row, place, row["code"], "low", "high")
        found.setdefault(row["factor"], {})[row["code"]] = Weighting(row["code"], float(row["value"]), band)
    return {factor: MappingProxyType(entries) for factor, entries in found.items()}


@cache
def condition_rules(
    standard: str = "CJJ 181", edition: str = "2012", region: str = NATIONAL
) -> ConditionRules:
    """Return how one edition of one standard grades; a region's own rows replace the national ones.

    Raises
    ------
    Unknown
        No table of this edition is here. Editions are never converted into each other.
    NotEnoughData
        There is a slot for this edition, and nobody has filled it yet.
    """

    def table(name: str) -> list[Mapping[str, str]]:
        return rows_of(name, standard, edition, region)

    defects = table("defects.csv")
    if not defects and state_of(standard, edition, "defects.csv") == "empty":
        raise NotEnoughData("empty-tables", standard=f"{standard} {edition}", table="defects.csv")
    if not defects:
        raise Unknown("standard", name=f"{standard} {edition}", known="CJJ 181 2012")
    rules = {
        row["rule"]: Rule(row["rule"], float(row["value"]), row["unit"], row["clause"], row["status"])
        for row in table("rules.csv")
    }
    return ConditionRules(
        standard, edition, region,
        MappingProxyType(_kinds(defects, table("defect_extent.csv"))),
        tuple(_criterion(row) for row in table("defect_criteria.csv")),
        MappingProxyType(_by_index(table("grades.csv"), "grade", "roman", ("above", "up_to"))),
        MappingProxyType(_by_index(table("densities.csv"), "rank", "code", ("low", "high"))),
        MappingProxyType(_factors(table("factors.csv"))),
        MappingProxyType(rules),
    )  # fmt: skip
