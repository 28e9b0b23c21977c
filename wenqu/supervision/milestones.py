"""What does the programme ask for by which date? A figure where it sets one."""

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MEASURED, NO_FIGURE = "measured", "no figure"


@dataclass(frozen=True, slots=True)
class Milestone:
    """One thing that the programme asks for: a row of ``milestones.csv``."""

    date: str  # ISO date
    key: str
    zh: str
    en: str
    indicator: str  # key of targets.csv, "" where no figure is set
    target: float  # [-], NaN where no figure is set
    source: str
    status: str  # MEASURED, or NO_FIGURE: cannot be verified by a number


@cache
def milestones() -> tuple[Milestone, ...]:
    """Return every milestone by date."""
    text = (files("wenqu.supervision") / "milestones.csv").read_text(encoding="utf-8")
    return tuple(
        Milestone(**{**row, "target": float(row["target"] or math.nan)})  # type: ignore[arg-type]
        for row in csv.DictReader(text.splitlines())
    )
