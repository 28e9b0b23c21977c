"""What has a plant received day by day, as its laboratory wrote it into a table?

Three layouts are read: Wenqu's own (date, flow_m3_per_d, bod5_mg_per_l …), the same in Chinese, and the table
of the public record of a Catalan plant (days as D-1/3/90, missing as ?). Rows are sorted; a day given twice
keeps its first row; what cannot be is left out and told.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.plant_record_checks import checked
from wenqu.errors import BadInput, FileMissing, FileUnreadable
from wenqu.issues import Issue

Floats = npt.NDArray[np.float64]
# heading → quantity and what turns its figure into SI (kg/m³, S/m, m³/s, °C)
HEADINGS: Mapping[str, tuple[str, float]] = {
    "flow_m3_per_d": ("flow", 1 / 86400), "flow_m3_per_h": ("flow", 1 / 3600), "Q-E": ("flow", 1 / 86400),
    "bod5_mg_per_l": ("bod5", 1e-3), "bod5_g_per_l": ("bod5", 1.0), "DBO-E": ("bod5", 1e-3),
    "cod_mg_per_l": ("cod", 1e-3), "cod_g_per_l": ("cod", 1.0), "DQO-E": ("cod", 1e-3),
    "nh3n_mg_per_l": ("nh3n", 1e-3), "tp_mg_per_l": ("tp", 1e-3),
    "ss_mg_per_l": ("ss", 1e-3), "SS-E": ("ss", 1e-3),
    "conductivity_us_per_cm": ("conductivity", 1e-4), "COND-E": ("conductivity", 1e-4),
    "conductivity_ms_per_cm": ("conductivity", 0.1), "temperature_c": ("temperature", 1.0),
    "进水量(m³/d)": ("flow", 1 / 86400), "进水量(万m³/d)": ("flow", 1e4 / 86400),
    "进水量(m³/h)": ("flow", 1 / 3600), "进水BOD5(mg/L)": ("bod5", 1e-3), "进水COD(mg/L)": ("cod", 1e-3),
    "进水氨氮(mg/L)": ("nh3n", 1e-3), "进水总磷(mg/L)": ("tp", 1e-3), "进水SS(mg/L)": ("ss", 1e-3),
    "进水电导率(µS/cm)": ("conductivity", 1e-4), "进水水温(℃)": ("temperature", 1.0),
}  # fmt: skip
SIGNS = str.maketrans({"（": "(", "）": ")", "μ": "µ", "\u3000": None, " ": None})
DATES = ("date", "日期")
MISSING = {"", "?", "NA", "nan", "-"}
CENTURY = 70  # two-digit years from here are of the last century


@dataclass(frozen=True, slots=True, eq=False)
class PlantDays:
    """Daily records of one plant. d days, sorted."""

    days: npt.NDArray[np.datetime64]  # (d,) datetime64[D]
    values: Mapping[str, Floats]  # (d,) each by quantity, SI, NaN where missing
    twice: int  # rows of a day that was there already
    unread: int  # figures that are none
    issues: tuple[Issue, ...] = ()

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
    return plant_days(path.read_bytes(), path.name)


def plant_days(content: bytes, name: str) -> PlantDays:
    """Return the daily records of the content of a CSV table.

    Raises
    ------
    FileUnreadable
        It is no text.
    BadInput
        It has no day or no known column.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable(path=name, detail="UTF-8") from None
    rows = list(csv.reader(text.splitlines()))
    head = [one.strip().translate(SIGNS) for one in rows[0]] if rows else []
    # The public table names 38 columns and writes 39: the day stands before the first name.
    shift = 1 if rows[1:] and len(rows[1]) == len(head) + 1 else 0
    known = {key.translate(SIGNS): value for key, value in HEADINGS.items()}
    place = {known[one]: at + shift for at, one in enumerate(head) if one in known}
    day_at = 0 if shift else next((head.index(one) for one in DATES if one in head), 0)
    made: dict[date, list[float]] = {}
    twice = unread = swapped = 0
    for row in rows[1:]:
        written = row[day_at] if len(row) > day_at else ""
        day = day_of(written)
        if day is None:
            unread += bool("".join(row).strip())
            swapped += month_first(written)
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
        raise BadInput("plant-table", path=name, known=", ".join(HEADINGS))
    days = sorted(made)
    table = np.array([made[day] for day in days], dtype=np.float64)
    names = [quantity for quantity, _ in place]
    found = PlantDays(
        np.array(days, dtype="datetime64[D]"),
        {quantity: table[:, at] for at, quantity in enumerate(names)},
        twice,
        unread,
    )
    values, issues = checked((found.days, found.values), twice, unread, swapped)
    return replace(found, values=values, issues=issues)


def day_of(text: str) -> date | None:
    """Return a day written as YYYY-MM-DD, d/m/yy or D-d/m/yy; None when it is none."""
    plain = text.strip().removeprefix("D-")
    try:
        if "/" not in plain:
            return date.fromisoformat(plain[:10])
        first, second, third = (int(part) for part in plain.split("/"))
        if first > 99:  # 2024/6/5
            return date(first, second, third)
        whole = third if third > 99 else third + (1900 if third >= CENTURY else 2000)
        return date(whole, second, first)
    except ValueError:
        return None


def month_first(text: str) -> bool:
    """Tell whether a day would be one if the month stood first: 6/25/24."""
    parts = text.strip().split("/")
    swapped = "/".join([parts[1], parts[0], parts[2]]) if len(parts) == 3 else ""
    return bool(swapped) and day_of(text) is None and day_of(swapped) is not None


def _number(text: str) -> float | None:
    """Return a figure, NaN for a missing one, None for what is no figure."""
    if text in MISSING:
        return float("nan")
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return None
    return value if np.isfinite(value) else None
