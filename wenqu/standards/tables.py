"""What do the published tables say: which standards there are, and which limits they set?"""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from wenqu.errors import BadInput, Unknown
from wenqu.settings import read_settings
from wenqu.units import FACTORS, to_si

# How well a number is known. Only "verified" may carry a legal conclusion without a word of warning.
STATUSES = ("verified", "single source", "memory", "disputed")
NATIONAL = "national"

# One cubic metre in 24 hours and kilometre, the unit of the closed-water test. [m²/s]
PER_DAY_AND_KM = 1 / (86_400 * 1_000)


@dataclass(frozen=True, slots=True)
class Standard:
    """One edition of one standard: a row of ``catalogue.csv``."""

    code: str
    title_zh: str
    title_en: str
    edition: str
    in_force: str  # ISO date, "" when not known
    replaced_by: str  # code and edition, "" when in force
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of one item in one grade or class: a row of ``limits.csv``."""

    item: str
    grade: str
    condition: str  # river, lake, warm, cold, built before 2006, … "" when there is none
    operator: str  # <= or >=
    value: float  # SI where the unit has a factor, else as published
    unit: str  # SI unit of value, or the published one (times, 1/L, °C, -)
    counts: bool  # takes part in the evaluation (TN and faecal coliform of GB 3838 do not)
    clause: str
    status: str
    note: str

    def met_by(self, value: float) -> bool:
        """Tell whether a value keeps the limit; the limit itself is kept."""
        tie = 1e-9 * abs(self.value)
        return value <= self.value + tie if self.operator == "<=" else value >= self.value - tie


@dataclass(frozen=True, slots=True)
class ClosedWater:
    """Leakage allowed in a closed-water test of one diameter."""

    diameter: float  # [m]
    allowed: float  # [m²/s], which is m³ per second and metre of pipe
    source: str  # table or formula
    clause: str
    status: str

    def volume(self, length: float, seconds: float) -> float:
        """Return the volume allowed to leak over a length [m] and a time [s]. [m³]"""
        return self.allowed * length * seconds


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """Return the rows of one table of this folder, as they stand, and those that a city added to it.

    A city that holds the text of a standard whose table is empty here enters it in a file of the same
    name and headings in the folder that the setting ``standards`` names.

    Raises
    ------
    BadInput
        The city's file lacks a heading.
    """
    return (*_shipped(name), *_added(name))


@cache
def _shipped(name: str) -> tuple[Mapping[str, str], ...]:
    text = (files("wenqu.standards") / name).read_text(encoding="utf-8")
    return tuple(MappingProxyType(row) for row in csv.DictReader(text.splitlines()))


@cache
def _added(name: str) -> tuple[Mapping[str, str], ...]:
    folder = read_settings().standards
    path = Path(folder) / name
    if not folder or not path.is_file():
        return ()
    table = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    headings = next(csv.reader((files("wenqu.standards") / name).read_text(encoding="utf-8").splitlines()))
    missing = [heading for heading in headings if heading not in (table.fieldnames or ())]
    if missing:
        raise BadInput("standard-table", path=path.name, missing=", ".join(missing))
    return tuple(MappingProxyType({key: row[key] or "" for key in headings}) for row in table)


def state_of(standard: str, edition: str, table: str) -> str:
    """Return how far a table of a standard is filled: filled, partial, empty, city; "" if it needs none."""
    if any(row["standard"] == standard and row["edition"] == edition for row in _added(table)):
        return "city"
    told = {(row["standard"], row["edition"], row["table"]): row["state"] for row in rows("table_sets.csv")}
    return told.get((standard, edition, table), "")


def rows_of(name: str, standard: str, edition: str, region: str = NATIONAL) -> list[Mapping[str, str]]:
    """Return the rows of one standard; rows of the region follow the national ones.

    A reader that keys the rows therefore lets a region's own row replace the national one.
    """
    mine = [row for row in rows(name) if row["standard"] == standard and row["edition"] == edition]
    national = [row for row in mine if row.get("region", NATIONAL) == NATIONAL]
    local = [row for row in mine if region != NATIONAL and row.get("region") == region]
    return national + local


@cache
def catalogue() -> tuple[Standard, ...]:
    """Return every edition of every standard that Wenqu speaks of."""
    return tuple(Standard(**row) for row in rows("catalogue.csv"))


def standard(code: str, edition: str = "") -> Standard:
    """Return one edition of a standard; the latest listed when none is named.

    Raises
    ------
    Unknown
        The catalogue has no such standard or edition.
    """
    found = [entry for entry in catalogue() if entry.code == code and edition in ("", entry.edition)]
    if not found:
        known = ", ".join(sorted({entry.code for entry in catalogue()}))
        raise Unknown("standard", name=f"{code} {edition}".strip(), known=known)
    return max(found, key=lambda entry: entry.edition)


def _limit(row: Mapping[str, str]) -> Limit:
    unit, value = row["unit"], float(row["value"])
    si = FACTORS[unit][0] if unit in FACTORS else unit
    return Limit(
        row["item"], row["grade"], row["condition"], row["operator"],
        to_si(value, unit) if unit in FACTORS else value, si,
        row["counts"] == "yes", row["clause"], row["status"], row["note"],
    )  # fmt: skip


@cache
def limits(code: str, edition: str, region: str = NATIONAL) -> tuple[Limit, ...]:
    """Return the limits of one edition, values in SI.

    Raises
    ------
    Unknown
        ``limits.csv`` has no row of this edition (the 2026 amendment of GB 18918, for one).
    """
    found = tuple(_limit(row) for row in rows_of("limits.csv", code, edition, region))
    if not found:
        known = ", ".join(sorted({f"{row['standard']} {row['edition']}" for row in rows("limits.csv")}))
        raise Unknown("standard", name=f"{code} {edition}", known=known)
    return found


def closed_water(diameter: float, *, plastic: bool = False) -> ClosedWater:
    """Return the leakage that GB 50268-2008 allows in a closed-water test.

    The table governs where it lists the diameter (its values are the lower ones); elsewhere q = 1.25·√D
    with D in mm and q in m³/(24 h·km); for plastic pipe q = 0.0046·D.

    Parameters
    ----------
    diameter
        Inner diameter. [m]
    plastic
        Whether the pipe is of plastic (HDPE, PVC, glass-reinforced).

    References
    ----------
    .. [1] GB 50268-2008, 9.3.

    Examples
    --------
    >>> round(closed_water(0.6).volume(length=50, seconds=1800) * 1000, 1)  # litres
    31.9
    """
    rules = {row["rule"]: row for row in rows("closed_water_rules.csv")}
    if not plastic:
        for row in rows("closed_water.csv"):
            if math.isclose(float(row["diameter"]), diameter, abs_tol=1e-6):
                allowed = float(row["allowed"]) * PER_DAY_AND_KM
                return ClosedWater(diameter, allowed, "table", row["clause"], row["status"])
    rule = rules["plastic_coefficient" if plastic else "coefficient"]
    size = diameter * 1_000
    allowed = float(rule["value"]) * (size if plastic else math.sqrt(size)) * PER_DAY_AND_KM
    return ClosedWater(diameter, allowed, "formula", rule["clause"], rule["status"])
