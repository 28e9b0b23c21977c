"""Which assumptions stand behind the options of a programme, and what has a city set instead?"""

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wenqu.errors import BadInput


@dataclass(frozen=True, slots=True)
class Assumption:
    """One number that no measurement gives: a row of ``assumptions.csv``."""

    name: str
    value: float  # in SI
    unit: str
    low: float  # what a city may set
    high: float
    zh: str
    en: str
    source: str
    status: str  # memory, default; "city" where a city has set it


@dataclass(frozen=True, slots=True)
class Assumed:
    """The numbers that hold in a city."""

    migration: float = 0.0  # [-] μ of the migration of clean water to unsealed neighbours
    block_length: float = 2000.0  # [m] of sewer that shares one water table
    package_from: int = 0  # conduits above which neighbours on a street become one package
    package_length: float = 1500.0  # [m] longest package
    industry_bod: float = 0.03  # [kg/m³] industrial water below it is clean


NOTHING_SET = Assumed()  # no migration: the effects are those of the price table


@cache
def assumptions() -> dict[str, Assumption]:
    """Return the assumptions as they ship, by name."""
    text = (files("wenqu.planning") / "assumptions.csv").read_text(encoding="utf-8")
    return {
        row["name"]: Assumption(
            row["name"], float(row["value"]), row["unit"], float(row["low"]), float(row["high"]), row["zh"],
            row["en"], " ".join(part for part in (row["standard"], row["clause"]) if part), row["status"],
        )
        for row in csv.DictReader(text.splitlines())
    }  # fmt: skip


def with_own(own: Mapping[str, float]) -> Assumed:
    """Return the assumptions with a city's own values.

    Raises
    ------
    BadInput
        There is no such assumption, or a value is none that it may have.
    """
    known = assumptions()
    for name, value in own.items():
        if name not in known:
            raise BadInput("assumption-name", name=name, known=", ".join(known))
        if not (math.isfinite(value) and known[name].low <= value <= known[name].high):
            raise BadInput(
                "assumption-value", name=name, value=value, low=known[name].low, high=known[name].high
            )
    numbers = {name: own.get(name, row.value) for name, row in known.items()}
    return Assumed(
        numbers["migration"], numbers["block_length"], int(numbers["package_from"]),
        numbers["package_length"], numbers["industry_bod"],
    )  # fmt: skip


def read_own(text: str) -> dict[str, float]:
    """Return a city's own values from CSV (name, value)."""
    found = {}
    for row in csv.DictReader(text.splitlines()):
        try:
            found[str(row["name"])] = float(row["value"])
        except (KeyError, TypeError, ValueError):
            raise BadInput(
                "assumption-value", name=row.get("name"), value=row.get("value"), low="", high=""
            ) from None
    return found


def write_own(own: Mapping[str, float], before: str = "") -> str:
    """Return a city's own values as CSV, with the columns that it has added to its table before.

    Parameters
    ----------
    own
        All values that are to stand, in SI. What is not among them is taken back, and its row with it.
    before
        The table as it stood.
    """
    read = csv.DictReader(before.splitlines())
    added = [column for column in read.fieldnames or () if column not in {"name", "value"}]
    rows = {str(row["name"]): row for row in read}
    out = io.StringIO()
    writer = csv.DictWriter(out, ["name", "value", *added], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**rows.get(name, {}), "name": name, "value": own[name]} for name in sorted(own))
    return out.getvalue()
