"""What must be there before a mended pipe counts, and by which rule?"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ANY = "*"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that has to be proved: a row of ``requirements.csv``."""

    key: str
    methods: tuple[str, ...]  # ("*",) for all
    systems: tuple[str, ...]
    standard: str
    edition: str
    clause: str
    status: str  # verified | memory | default …
    zh: str
    en: str

    @property
    def rule(self) -> str:
        """Return standard, edition and clause as one text."""
        return " ".join(part for part in (f"{self.standard}-{self.edition}", self.clause) if part)

    def asked_of(self, method: str, system: str) -> bool:
        """Tell whether works of this method on a pipe of this system have to prove it."""
        known = self.methods == (ANY,) or method in self.methods or method not in known_methods()
        return known and (self.systems == (ANY,) or not system or system in self.systems)


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return every requirement in table order."""
    return tuple(
        Requirement(
            row["requirement"],
            tuple(row["methods"].split("|")),
            tuple(row["systems"].split("|")),
            row["standard"],
            row["edition"],
            row["clause"],
            row["status"],
            row["zh"],
            row["en"],
        )
        for row in _rows("requirements.csv")
    )


@cache
def known_methods() -> frozenset[str]:
    """Return the methods that the table tells apart; of any other everything is asked."""
    return frozenset(name for row in _rows("requirements.csv") for name in row["methods"].split("|"))


@cache
def limit(name: str) -> float:
    """Return one limit of ``limits.csv``."""
    return next(float(row["value"]) for row in _rows("limits.csv") if row["limit"] == name)


@cache
def is_plastic(material: str, method: str) -> bool:
    """Tell whether a closed-water test goes by the rule for plastic: by the pipe, or by what lines it."""
    kinds = {(row["kind"], row["name"]) for row in _rows("plastics.csv")}
    return ("material", material) in kinds or ("method", method) in kinds


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = (files("wenqu.works") / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
