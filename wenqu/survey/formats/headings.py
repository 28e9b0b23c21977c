"""Which field of ours does a heading of a crew's table mean?"""

import csv
import re
from functools import cache, lru_cache
from importlib.resources import files

from wenqu.network.formats.proposing import plain, without_unit

STRUCTURAL, FUNCTIONAL = "structural", "functional"
# Figures that a contractor states about a pipe, and what a row of a list of defects has.
FIGURES = (
    "S", "S_max", "F", "structural_grade", "S_M", "RI", "repair_grade", "structural_says",
    "Y", "Y_max", "G", "functional_grade", "Y_M", "MI", "upkeep_grade", "functional_says", "K", "E", "T",
)  # fmt: skip
OF_DEFECT = (
    "distance", "distance_end", "defect_length", "defect", "level", "score", "clock", "description",
    "picture", "film_at",
)  # fmt: skip
IDENTITY = ("asset", "start", "end", "manhole", "point")
NOTHING = re.compile(r"^[\s:：()（）]*$")


@cache
def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of this folder."""
    text = (files("wenqu.survey.formats") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _aliases() -> dict[tuple[str, str], str]:
    return {(row["group"], plain(row["alias"])): row["field"] for row in table("headings.csv")}


@cache
def manhole_items() -> dict[str, dict[str, str]]:
    """Return what may be found at a manhole: any of its names → its row."""
    found: dict[str, dict[str, str]] = {}
    for row in table("manhole_items.csv"):
        for alias in (row["code"], row["zh"], row["en"], *row["aliases"].split("|")):
            found.setdefault(plain(alias), row)
    return found


def group_of(text: str) -> str:
    """Return the family that a heading over several columns speaks of."""
    if "结构" in text or "structural" in text.casefold():
        return STRUCTURAL
    return FUNCTIONAL if "功能" in text or "functional" in text.casefold() else ""


@lru_cache(maxsize=65536)
def heading_of(text: str, above: str = "") -> tuple[str, str]:
    """Return the field that a heading means ("" when none) and the unit it names.

    Parameters
    ----------
    above
        The heading over it, where a table has two rows of them.
    """
    name, unit = without_unit(re.sub(r"\s+", "", text).rstrip(":：*"))
    over, unit_above = without_unit(re.sub(r"\s+", "", above))
    bare, group = plain(name), group_of(over)
    names = _aliases()
    for key in ((group, bare), ("", plain(over + name)), ("", bare)):
        if key in names and bare:
            field = "distance" if names[key] == "clock" and (unit or unit_above) else names[key]
            return field, unit or unit_above
    if bare in manhole_items():
        return f"item:{manhole_items()[bare]['code']}", ""
    return "", unit or unit_above


def is_label(text: str) -> bool:
    """Tell whether a cell is the name of something and not a value."""
    return len(text) <= 24 and bool(heading_of(text)[0])


def parted(text: str) -> tuple[str, str]:
    """Return the label and the value of a text like 备注：…; two empty texts when it is none."""
    label, colon, value = text.replace("：", ":", 1).partition(":")
    if colon and is_label(label.strip()) and not heading_of(label)[0].startswith("item:"):
        return label.strip(), value.strip()
    return "", ""
