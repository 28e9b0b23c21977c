"""Which targets does the programme set, by when, and how far is each?"""

import csv
import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

YEAR = 365.25  # [d]


@dataclass(frozen=True, slots=True)
class Target:
    """One milestone of one indicator: a row of ``targets.csv``."""

    key: str
    zh: str
    en: str
    operator: str  # ">" or ">=" between value and target
    limit_operator: (
        str  # the same inside the value: the national text counts plants above 100 mg/L, others from it
    )
    target: float  # [-]
    date: str  # ISO date
    formula_zh: str
    formula_en: str
    edition: str
    status: str  # verified | single source | memory


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one indicator stands against its next milestone."""

    target: Target
    today: float  # [-], NaN when it cannot be known
    state: str  # reached | on_time | at_risk | late | unknown
    pace_needed: float  # [1/a] share a year from now to the date; NaN when reached, late or unknown


@cache
def targets() -> tuple[Target, ...]:
    """Return every milestone in table order."""
    text = (files("wenqu.supervision") / "targets.csv").read_text(encoding="utf-8")
    return tuple(
        Target(
            row["key"],
            row["zh"],
            row["en"],
            row["operator"],
            row["limit_operator"],
            float(row["target"]),
            row["date"],
            row["formula_zh"],
            row["formula_en"],
            row["edition"],
            row["status"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def meets(value: float, target: float, operator: str) -> bool:
    """Tell whether a value meets its target under the operator that the rule names."""
    return value > target if operator == ">" else value >= target


def milestone(key: str, today: date) -> Target:
    """Return the milestone of an indicator that is due next; the last one when all dates are past."""
    rows = [row for row in targets() if row.key == key]
    ahead = [row for row in rows if row.date >= today.isoformat()]
    return ahead[0] if ahead else rows[-1]


def standing(key: str, value: float, today: date, pace: float = math.nan) -> Standing:
    """Say where an indicator stands.

    Parameters
    ----------
    key
        Key of the indicator.
    value
        Its value today. [-]
    today
        The day the question is asked for.
    pace
        Share gained a year of late, NaN when it is not known. [1/a]
    """
    target = milestone(key, today)
    if math.isnan(value):
        return Standing(target, value, "unknown", math.nan)
    if meets(value, target.target, target.operator):
        return Standing(target, value, "reached", math.nan)
    left = (date.fromisoformat(target.date) - today).days / YEAR
    if left <= 0:
        return Standing(target, value, "late", math.nan)
    needed = (target.target - value) / left
    if math.isnan(pace):
        return Standing(target, value, "at_risk", needed)
    return Standing(target, value, "on_time" if pace >= needed else "at_risk", needed)


def capacity_share(
    concentration: list[float], threshold: list[float], capacity: list[float], operator: str
) -> float:
    """Return the share of design capacity whose mean influent is above its target. [-]

    Weight is design capacity, not flow (standards §5.2); a plant whose concentration is unknown
    (NaN) counts in the denominator and not in the numerator.

    Examples
    --------
    >>> capacity_share([0.105, 0.098], [0.1, 0.1], [60_000, 40_000], ">")
    0.6
    """
    total = sum(capacity)
    if total <= 0:
        return math.nan
    above = (
        weight
        for value, limit, weight in zip(concentration, threshold, capacity, strict=True)
        if not math.isnan(value) and meets(value, limit, operator)
    )
    return sum(above) / total
