"""By which rules is money promised and paid? A table; a city sets its own values beside it."""

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from wenqu.errors import BadInput

OWN = "city"  # status of a value that the city set itself
INDEX = re.compile(r"price_index\.(19|20)\d\d")  # a city's own index of building prices, one value a year
INDEX_RANGE = (0.01, 1e4)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a row of ``rules.csv``, or the city's own value of it."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    zh: str
    en: str
    source: str
    status: str


Rules = Mapping[str, Rule]


@cache
def rules() -> Rules:
    """Return every rule by name, as Wenqu has it."""
    text = (files("wenqu.works.money") / "rules.csv").read_text(encoding="utf-8")
    return {
        row["rule"]: Rule(
            row["rule"],
            float(row["value"]),
            row["unit"],
            float(row["low"]),
            float(row["high"]),
            row["zh"],
            row["en"],
            " ".join(part for part in (row["standard"], row["clause"]) if part),
            row["status"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def check_rule(name: str, value: float) -> Rule:
    """Return a rule with a city's own value.

    Raises
    ------
    BadInput
        There is no such rule (``money-rule``), or the value is out of its range (``money-rule-range``).
    """
    known = rules().get(name)
    if known is None and INDEX.fullmatch(name):
        year = name.rpartition(".")[2]
        told = (f"{year} 年建安工程价格指数", f"index of building prices of {year}")
        known = Rule(name, 1.0, "-", *INDEX_RANGE, *told, "", OWN)
    if known is None:
        raise BadInput("money-rule", rule=name)
    if not (math.isfinite(value) and known.low <= value <= known.high):
        raise BadInput("money-rule-range", rule=name, value=value, low=known.low, high=known.high)
    if name.startswith("use.") and value not in {0.0, 1.0}:
        raise BadInput("money-rule-range", rule=name, value=value, low=known.low, high=known.high)
    return replace(known, value=value, status=OWN)


def with_own(own: Mapping[str, float]) -> Rules:
    """Return the rules with a city's own values in their place, and its price indexes beside them."""
    return {**rules(), **{name: check_rule(name, value) for name, value in own.items()}}


def may_use(table: Rules, source: str, purpose: str) -> bool:
    """Tell whether money of a source may pay for a purpose; what no row names it may not."""
    row = table.get(f"use.{source}.{purpose}")
    return row is not None and row.value == 1.0


def last_year(table: Rules, source: str, year: int) -> int:
    """Return the last year in which money of a budget year can be drawn on."""
    row = table.get(f"usable.{source}")
    return year + int(row.value) - 1 if row else year


def price_index(table: Rules) -> dict[int, float]:
    """Return the index of building prices by year, as the city has set it."""
    return {int(name.rpartition(".")[2]): one.value for name, one in table.items() if INDEX.fullmatch(name)}
