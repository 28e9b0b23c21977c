"""How far may a figure be off before a rule speaks? The table of thresholds."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row of ``thresholds.csv``."""

    name: str
    value: float
    unit: str
    rules: tuple[str, ...]
    zh: str
    en: str


@cache
def thresholds() -> dict[str, Threshold]:
    """Return every threshold by name."""
    text = (files("wenqu.network.checks") / "thresholds.csv").read_text(encoding="utf-8")
    return {
        row["name"]: Threshold(
            row["name"],
            float(row["value"]),
            row["unit"],
            tuple(row["rules"].split()),
            row["zh"],
            row["en"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def threshold(name: str) -> float:
    """Return the value of one threshold."""
    return thresholds()[name].value
