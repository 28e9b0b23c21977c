"""Which numbers does diagnosis assume when a city has not measured them?"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.units import FACTORS, to_si


@dataclass(frozen=True, slots=True)
class Default:
    """One assumed number with its standing."""

    value: float  # SI
    unit: str
    zh: str
    en: str
    standard: str
    clause: str
    status: str  # verified | single source | memory | default


@cache
def defaults() -> dict[str, Default]:
    """Return the assumed numbers by name, in SI (``1/h`` becomes 1/s)."""
    text = (files("wenqu.diagnosis") / "defaults.csv").read_text(encoding="utf-8")
    return {
        row["name"]: Default(
            _si(float(row["value"]), row["unit"]),
            row["unit"],
            row["zh"],
            row["en"],
            row["standard"],
            row["clause"],
            row["status"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def _si(value: float, unit: str) -> float:
    return to_si(value, unit) if unit in FACTORS else value / to_si(1.0, unit.removeprefix("1/"))


def default(name: str) -> float:
    """Return one assumed number. [SI]"""
    return defaults()[name].value
