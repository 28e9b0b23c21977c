"""What stands before and after the work in the field, and how many working days does it take?"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from wenqu.supervision.working_days import Calendar

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the works that is not done in the field: a row of ``steps.csv``."""

    work: str  # survey or repair
    step: str
    side: str  # BEFORE or AFTER the field
    days: int  # working days
    zh: str
    en: str
    source: str
    status: str  # verified, single source, default …


@dataclass(frozen=True, slots=True)
class StepSpan:
    """When a step has to be done at the latest."""

    step: str
    begins: str
    ends: str


@cache
def steps() -> tuple[Step, ...]:
    """Return every step in the order in which they are taken."""
    text = (files("wenqu.supervision") / "steps.csv").read_text(encoding="utf-8")
    return tuple(
        Step(**{**row, "days": int(row["days"])})  # type: ignore[arg-type]
        for row in csv.DictReader(text.splitlines())
    )


def lead(work: str, some: Sequence[Step] | None = None) -> int:
    """Return the working days between the last metre in the field and the milestone."""
    return sum(one.days for one in _all(some) if one.work == work and one.side == AFTER)


def _all(some: Sequence[Step] | None) -> Sequence[Step]:
    """Return the steps that a city goes by, those of the table where it has none of its own."""
    return steps() if some is None else some


def steps_before(
    work: str, begins: date, calendar: Calendar, some: Sequence[Step] | None = None
) -> tuple[StepSpan, ...]:
    """Return when each step before the field must be done so that the field begins on a day."""
    spans: list[StepSpan] = []
    end = begins - timedelta(days=1)
    for one in reversed([step for step in _all(some) if step.work == work and step.side == BEFORE]):
        first, last = calendar.back(end, one.days), calendar.back(end, 1)
        spans.insert(0, StepSpan(one.step, first.isoformat(), last.isoformat()))
        end = first - timedelta(days=1)
    return tuple(spans)


def steps_after(
    work: str, done: date, calendar: Calendar, some: Sequence[Step] | None = None
) -> tuple[StepSpan, ...]:
    """Return when each step after the field is due, one after the other from its last day on."""
    spans: list[StepSpan] = []
    day = done + timedelta(days=1)
    for one in [step for step in _all(some) if step.work == work and step.side == AFTER]:
        first, last = calendar.ahead(day, 1), calendar.ahead(day, one.days)
        spans.append(StepSpan(one.step, first.isoformat(), last.isoformat()))
        day = last + timedelta(days=1)
    return tuple(spans)
