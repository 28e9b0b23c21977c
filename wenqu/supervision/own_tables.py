"""What does a city set beside Wenqu's tables: days off, seasons, steps, milestones, crews, roads, cycles?

A row of a city takes the place of the row of Wenqu with the same key (the day, the season and its work, the
step and its work), or comes beside the others. Milestones only come beside: the programme's own stand.
"""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from wenqu.errors import BadInput
from wenqu.supervision.steps import AFTER, BEFORE, Step, steps
from wenqu.supervision.working_days import Calendar, Season, holidays, seasons

CITY = "city"  # status of a row that the city set itself
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "holidays": ("date", "kind", "source"),
    "seasons": ("key", "zh", "en", "work", "begins", "ends", "share", "source"),
    "steps": ("work", "step", "side", "days", "zh", "en", "source"),
    "milestones": ("date", "district", "indicator", "target", "zh", "en", "source"),
    "lot_steps": ("step", "after", "ground", "days", "spread", "zh", "en", "source"),
    "trades": ("trade", "methods", "ground", "crews", "lot_days", "zh", "en", "source"),
    "closures": ("road", "ground", "since", "until", "source"),
    "inspection_cycles": ("kind", "rule", "low", "high", "zh", "en", "source"),
}
WORK = ("survey", "repair")
TRENCH = "trench"  # repairs for which the road is opened: their seasons come on top of those of repairs
CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "holidays": {"kind": ("holiday", "workday", "ordinary")},  # ordinary: as its weekday says after all
    "seasons": {"work": (*WORK, TRENCH)},
    "steps": {"work": WORK, "side": (BEFORE, AFTER)},
    "milestones": {"indicator": ("surveyed", "evaluated", "repaired")},
    "lot_steps": {"ground": ("any", TRENCH, "trenchless")},
    "trades": {"ground": (TRENCH, "trenchless")},
    "closures": {"ground": ("any", TRENCH)},
    "inspection_cycles": {"kind": ("structural", "functional"), "rule": ("ordinary", "shortened")},
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "holidays": ("date", "kind", "source"),
    "seasons": ("key", "work", "begins", "ends", "share"),
    "steps": ("work", "step", "side", "days"),
    "milestones": ("date", "indicator", "target", "source"),
    "lot_steps": ("step", "ground", "days"),
    "trades": ("trade", "methods", "ground", "crews", "lot_days"),
    "closures": ("road", "ground", "since", "until", "source"),
    "inspection_cycles": ("kind", "rule", "low", "high"),
}
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class OwnMilestone:
    """What a city or one of its districts asks of itself beside the programme."""

    date: str  # ISO date
    district: str  # "" the whole city
    indicator: str
    target: float  # [-]
    zh: str
    en: str
    source: str


def read_own(name: str, text: str, further: Sequence[str] = ()) -> tuple[Row, ...]:
    """Return the rows of a city's own table, each proved, with further columns as they stand.

    Raises
    ------
    BadInput
        There is no table of that name (``own-table``), or a row does not hold (``own-row``).
    """
    if name not in COLUMNS:
        raise BadInput("own-table", name=name, known=", ".join(COLUMNS))
    made = []
    for number, raw in enumerate(csv.DictReader(text.splitlines()), 1):
        row = {column: (raw.get(column) or "").strip() for column in (*COLUMNS[name], *further)}
        column = fault_of(name, row)
        if column:
            raise BadInput("own-row", name=name, row=number, column=column, value=row[column])
        made.append(row)
    return tuple(made)


def fault_of(name: str, row: Row) -> str:
    """Return the first column of a row of a table that does not hold, "" where all do."""
    return next((column for column in COLUMNS[name] if not _holds(name, column, row[column])), "")


def _holds(name: str, column: str, value: str) -> bool:
    if not value:
        return column not in NEEDED[name]
    known = CHOICES[name].get(column)
    if known is not None:
        return value in known
    return CHECKS[column](value) if column in CHECKS else len(value) <= LONGEST


LONGEST = 200  # letters of a cell
LONGEST_CYCLE = 100  # [a] between two inspections


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_share(text: str) -> bool:
    number = _number(text)
    return 0 <= number <= 1


def _is_target(text: str) -> bool:
    return 0 < _number(text) <= 1


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "date": _is_day,
    "begins": lambda text: _is_day(f"2024-{text}"),  # MM-DD, of a leap year
    "ends": lambda text: _is_day(f"2024-{text}"),
    "share": _is_share,
    "target": _is_target,
    "days": lambda text: text.isdecimal() and int(text) <= 1000,
    "since": _is_day,
    "until": _is_day,
    "spread": lambda text: 0 <= _number(text) <= 3,
    "crews": lambda text: text.isdecimal() and 1 <= int(text) <= 1000,
    "lot_days": lambda text: text.isdecimal() and 1 <= int(text) <= 5000,
    "low": lambda text: 0 < _number(text) <= LONGEST_CYCLE,
    "high": lambda text: 0 < _number(text) <= LONGEST_CYCLE,
}


def day_rows(own: Sequence[Row]) -> tuple[Row, ...]:
    """Return the days that are otherwise than their weekday says, by date: Wenqu's and the city's."""
    found = {row["date"]: dict(row) for row in holidays()}
    found |= {row["date"]: {**row, "status": CITY} for row in own}
    return tuple(found[day] for day in sorted(found) if found[day]["kind"] != "ordinary")


def season_rows(own: Sequence[Row]) -> tuple[Season, ...]:
    """Return the seasons: a city's take the place of Wenqu's of the same key and work."""
    found = {(one.key, one.work): one for one in seasons()}
    for row in own:
        known = found.get((row["key"], row["work"]))
        names = {word: row[word] or (getattr(known, word) if known else row["key"]) for word in ("zh", "en")}
        found[row["key"], row["work"]] = Season(
            row["key"], names["zh"], names["en"], row["work"], row["begins"], row["ends"],
            float(row["share"]), row["source"], CITY,
        )  # fmt: skip
    return tuple(found.values())


def step_rows(own: Sequence[Row]) -> tuple[Step, ...]:
    """Return the steps before and after the field; a city's new ones come last on their side."""
    found = {(one.work, one.step): one for one in steps()}
    for row in own:
        key = row["work"], row["step"]
        known = found.get(key) or Step(*key, row["side"], 0, row["step"], row["step"], "", CITY)
        names = {word: row[word] or getattr(known, word) for word in ("zh", "en")}
        days, source = int(row["days"]), row["source"]
        found[key] = replace(known, side=row["side"], days=days, source=source, status=CITY, **names)
    return tuple(one for one in found.values() if one.days)


def own_calendar(days: Sequence[Row], own: Sequence[Row]) -> Calendar:
    """Return the calendar with a city's own days and seasons.

    A year is known when its arrangement was published, or when the city named a day of it that is worked.
    """
    rows = day_rows(days)
    known = {int(row["date"][:4]) for row in rows if row["status"] in {"verified", "single source"}}
    known |= {int(row["date"][:4]) for row in days if row["kind"] == "workday"}
    return Calendar(
        frozenset(row["date"] for row in rows if row["kind"] == "holiday"),
        frozenset(row["date"] for row in rows if row["kind"] == "workday"),
        season_rows(own),
        frozenset(known),
    )


def own_milestones(own: Sequence[Row]) -> tuple[OwnMilestone, ...]:
    """Return a city's own milestones by date."""
    made = [
        OwnMilestone(
            row["date"], row["district"], row["indicator"], float(row["target"]),
            row["zh"] or row["en"], row["en"] or row["zh"], row["source"],
        )
        for row in own
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda one: (one.date, one.district, one.indicator)))
