"""What has a plant received day by day, as its laboratory wrote it into a table?

Two layouts are read: Wenqu's own (date, flow_m3_per_d, bod5_mg_per_l …) and the table of the public record of
a Catalan plant (days as D-1/3/90, missing as ?). Rows are sorted; a day given twice keeps its first row.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput, FileMissing, FileUnreadable

Floats = npt.NDArray[np.float64]
# heading → quantity and what turns its figure into SI (kg/m³, S/m, m³/s)
HEADINGS: Mapping[str, tuple[str, float]] = {
    "flow_m3_per_d": ("flow", 1 / 86400), "Q-E": ("flow", 1 / 86400),
    "bod5_mg_per_l": ("bod5", 1e-3), "DBO-E": ("bod5", 1e-3),
    "cod_mg_per_l": ("cod", 1e-3), "DQO-E": ("cod", 1e-3),
    "nh3n_mg_per_l": ("nh3n", 1e-3), "tp_mg_per_l": ("tp", 1e-3),
    "ss_mg_per_l": ("ss", 1e-3), "SS-E": ("ss", 1e-3),
    "conductivity_us_per_cm": ("conductivity", 1e-4), "COND-E": ("conductivity", 1e-4),
}  # fmt: skip
MISSING = {"", "?", "NA", "nan", "-"}
CENTURY = 70  # two-digit years from here are of the last century


@dataclass(frozen=True, slots=True, eq=False)
class PlantDays:
    """Daily records of one plant. d days, sorted."""

    days: npt.NDArray[np.datetime64]  # (d,) datetime64[D]
    values: Mapping[str, Floats]  # (d,) each by quantity, SI, NaN where missing
    twice: int  # rows of a day that was there already
    unread: int  # figures that are none

    def of(self, quantity: str) -> Floats:
        """Return the values of one quantity, NaN where it was never measured."""
        return self.values.get(quantity, np.full(len(self.days), np.nan))


def read_plant_days(path: Path) -> PlantDays:
    """Return the daily records of a CSV table.

    Raises
    ------
    FileMissing, FileUnreadable
        There is no such file, or it is no text.
    BadInput
        It has no day or no known column.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except UnicodeDecodeError:
        raise FileUnreadable(path=str(path), detail="UTF-8") from None
    head = [name.strip() for name in rows[0]] if rows else []
    # The public table names 38 columns and writes 39: the day stands before the first name.
    shift = 1 if rows[1:] and len(rows[1]) == len(head) + 1 else 0
    place = {HEADINGS[name]: at + shift for at, name in enumerate(head) if name in HEADINGS}
    day_at = 0 if shift else (head.index("date") if "date" in head else 0)
    made: dict[date, list[float]] = {}
    twice = unread = 0
    for row in rows[1:]:
        day = day_of(row[day_at]) if len(row) > day_at else None
        if day is None:
            unread += 1
            continue
        if day in made:
            twice += 1
            continue
        figures = []
        for (_, scale), at in place.items():
            text = row[at].strip() if at < len(row) else ""
            value = _number(text)
            unread += value is None
            figures.append(np.nan if value is None else value * scale)
        made[day] = figures
    if not made or not place:
        raise BadInput("plant-table", path=path.name, known=", ".join(HEADINGS))
    days = sorted(made)
    table = np.array([made[day] for day in days], dtype=np.float64)
    names = [quantity for quantity, _ in place]
    return PlantDays(
        np.array(days, dtype="datetime64[D]"),
        {name: table[:, at] for at, name in enumerate(names)},
        twice,
        unread,
    )


def day_of(text: str) -> date | None:
    """Return a day written as YYYY-MM-DD, d/m/yy or D-d/m/yy; None when it is none."""
    plain = text.strip().removeprefix("D-")
    try:
        if "/" not in plain:
            return date.fromisoformat(plain[:10])
        day, month, year = (int(part) for part in plain.split("/"))
        whole = year if year > 99 else year + (1900 if year >= CENTURY else 2000)
        return date(whole, month, day)
    except ValueError:
        return None


def _number(text: str) -> float | None:
    """Return a figure, NaN for a missing one, None for what is no figure."""
    if text in MISSING:
        return float("nan")
    try:
        return float(text)
    except ValueError:
        return None
