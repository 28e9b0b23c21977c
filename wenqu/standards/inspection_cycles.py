"""How often is a conduit to be inspected, and what makes it due sooner?

The cycles that come with Wenqu stand as ``memory``: a programme may leave them blank for the city to fill
in. A city sets its own as a table of the same columns, in which ``source`` says whence the years are.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from wenqu.errors import BadInput

KINDS = ("structural", "functional")
RULES = ("ordinary", "shortened")


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle: an inspection is due after ``low`` years and overdue after ``high``."""

    kind: str  # structural | functional
    rule: str  # ordinary | shortened
    low: float  # [a]
    high: float  # [a]
    zh: str
    en: str
    standard: str
    edition: str
    clause: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that makes an inspection due sooner."""

    kind: str
    reason: str
    field: str  # soil | age | structural_grade | functional_grade | subsidence
    operator: str  # = | > | >=
    value: str
    zh: str
    en: str
    status: str
    note: str


def inspection_cycles(text: str | None = None) -> Mapping[tuple[str, str], Cycle]:
    """Return the cycles by kind and rule.

    Parameters
    ----------
    text
        The city's own table as CSV; that of Wenqu when not given. A city may leave cycles out: then those
        of Wenqu hold.

    Raises
    ------
    BadInput
        A row names no known kind or rule, or its years are no numbers, or low exceeds high.
    """
    found = {(one.kind, one.rule): one for one in _rows(_shipped("inspection_cycles.csv"))}
    if text is not None:
        found |= {(one.kind, one.rule): one for one in _rows(text)}
    return found


def inspection_reasons() -> tuple[Reason, ...]:
    """Return what makes an inspection due sooner, in table order."""
    rows = csv.DictReader(_shipped("inspection_reasons.csv").splitlines())
    names = ("kind", "reason", "field", "operator", "value", "zh", "en", "status", "note")
    return tuple(Reason(**{name: row[name] for name in names}) for row in rows)


def _shipped(name: str) -> str:
    return (files("wenqu.standards") / name).read_text(encoding="utf-8")


def _rows(text: str) -> list[Cycle]:
    made = []
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        kind, rule = row.get("kind") or "", row.get("rule") or ""
        low, high = _years(row.get("low")), _years(row.get("high"))
        if kind not in KINDS or rule not in RULES or low is None or high is None or not 0 < low <= high:
            raise BadInput("inspection-cycle", row=number, kinds=", ".join(KINDS), rules=", ".join(RULES))
        told = {name: row.get(name) or "" for name in ("zh", "en", "standard", "edition", "clause", "note")}
        told["standard"] = told["standard"] or row.get("source") or ""
        made.append(Cycle(kind, rule, low, high, **told, status=row.get("status") or "city"))
    return made


def _years(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
