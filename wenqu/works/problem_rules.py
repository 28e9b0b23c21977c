"""From when is something a problem, and what makes it worse? The table of rules, and a city's own values."""

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from wenqu.errors import BadInput
from wenqu.units import FACTORS, to_si

OWN = "city"  # status of a value that the city has set
PER_LENGTH = "m³/(d·km)"
MOST_STEPS = 2


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of ``problem_rules.csv``."""

    name: str
    group: str  # evidence: from when it is a problem | own, around: what makes it worse | most: by how much
    measure: str
    operator: str  # >= | <= | =
    value: float | str  # as written, in ``unit``
    unit: str
    adds: float  # steps of severity
    zh: str
    en: str
    source: str
    status: str

    @property
    def limit(self) -> float:
        """Return the value in SI; NaN where it is a word."""
        if isinstance(self.value, str):
            return math.nan
        if self.unit == PER_LENGTH:
            return to_si(self.value, "m³/d") / 1000.0
        return to_si(self.value, self.unit) if self.unit in FACTORS and self.unit != "d" else self.value

    def holds(self, measured: float | str | None) -> bool:
        """Tell whether what was measured (SI) fits the rule; what is not known fits none."""
        if measured is None or measured == "":
            return False
        if isinstance(measured, str) or isinstance(self.value, str):
            return measured == self.value
        return measured >= self.limit if self.operator == ">=" else measured <= self.limit


Rules = Mapping[str, Rule]


@cache
def problem_rules() -> Rules:
    """Return the rules of Wenqu by name."""
    text = (files("wenqu.works") / "problem_rules.csv").read_text(encoding="utf-8")
    return {
        row["rule"]: Rule(
            row["rule"], row["group"], row["measure"], row["operator"], _value(row["value"]), row["unit"],
            float(row["adds"] or 0), row["zh"], row["en"], row["source"], row["status"],
        )
        for row in csv.DictReader(text.splitlines())
    }  # fmt: skip


def with_own(given: Mapping[str, tuple[float | None, float | None]]) -> Rules:
    """Return the rules with a city's own values: rule → (value, steps it adds), None for those of Wenqu.

    Raises
    ------
    BadInput
        ``problem-rule``: there is no such rule, or a number is not one that it can have.
    """
    made = dict(problem_rules())
    for name, (value, adds) in given.items():
        row = made.get(name)
        if row is None or not all(one is None or 0 <= one < math.inf for one in (value, adds)):
            raise BadInput("problem-rule", rule=name, known=", ".join(made))
        if (value is not None and isinstance(row.value, str)) or (adds or 0) > MOST_STEPS:
            raise BadInput("problem-rule", rule=name, known=", ".join(made))
        made[name] = replace(
            row,
            value=row.value if value is None else value,
            adds=row.adds if adds is None else adds,
            status=OWN,
        )
    return made


def read_own(text: str) -> Rules:
    """Return the rules with the values of a city's own table (rule, value, adds; empty: that of Wenqu).

    Raises
    ------
    BadInput
        See ``with_own``.
    """
    rows = csv.DictReader(text.splitlines())
    return with_own({row["rule"]: (_number(row["value"]), _number(row["adds"])) for row in rows})


def write_own(given: Mapping[str, tuple[float | None, float | None]]) -> str:
    """Return a city's own values as the table that ``read_own`` reads."""
    rows = [f"{name},{'' if value is None else value},{'' if adds is None else adds}"
            for name, (value, adds) in given.items()]  # fmt: skip
    return "\n".join(["rule,value,adds", *rows, ""])


def _number(text: str) -> float | None:
    return float(text) if text else None


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
