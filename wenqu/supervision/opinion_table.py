"""Which opinions does a table hold that somebody filled in? What cannot be read is named, not lost."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from wenqu.records.opinion import VERDICTS
from wenqu.supervision.opinions import OPEN

FIELDS = ("number", "body", "date", "clause", "text", "verdict", "why", "change")
SEARCHED = 15  # rows in which the headings are looked for
NONE = "none"  # means that a body has no comment
DAY = re.compile(r"^(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?(?:[ T].*)?$")
AFTER = ("合计", "共收到", "填表", "total", "received")  # how a row begins that is no opinion


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: an opinion with what was decided, or why it cannot be taken."""

    place: int  # in the table, from 1
    cells: dict[str, str]  # by field, as they stand
    body: str = ""
    date: str = ""  # ISO date, "" when none is written
    clause: str = ""
    text: str = ""  # "" when the body has no comment
    verdict: str = OPEN
    why: str = ""
    change: str = ""
    fault: str = ""  # body | text | date | verdict


def _table(name: str) -> list[dict[str, str]]:
    text = (files("wenqu.supervision") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _plain(text: str) -> str:
    """Return a heading or word without blanks, brackets' contents and signs that people add."""
    found = unicodedata.normalize("NFKC", text)
    found = re.sub(r"[(（\[].*?[)）\]]", "", found)
    return re.sub(r"[\s:：。.、*]", "", found).casefold()


@cache
def _aliases() -> dict[str, str]:
    return {_plain(row["alias"]): row["field"] for row in _table("opinion_columns.csv")}


@cache
def _words() -> dict[str, str]:
    return {_plain(row["word"]): row["means"] for row in _table("opinion_words.csv")}


def headings(rows: Sequence[Sequence[str]]) -> tuple[int, dict[int, str]]:
    """Return the row that holds the headings (-1 when there is none) and the field of each column."""
    best: tuple[int, dict[int, str]] = (-1, {})
    for place, row in enumerate(rows[:SEARCHED]):
        found: dict[int, str] = {}
        for column, text in enumerate(row):
            field = _aliases().get(_plain(text), "")
            if field and field not in found.values():
                found[column] = field
        if "text" in found.values() and len(found) > max(1, len(best[1])):
            best = (place, found)
    return best


def read_rows(rows: Sequence[Sequence[str]], day: str) -> list[Row]:
    """Return the opinions of a table; who left a body blank is not guessed (merged cells come filled).

    Parameters
    ----------
    day
        ISO date that an opinion gets whose row has none.
    """
    at, columns = headings(rows)
    if at < 0:
        return []
    return [
        _row(place, cells, day)
        for place, cells in _filled(rows[at + 1 :], columns, at + 2)
        if _is_opinion(cells)
    ]


def _filled(
    rows: Sequence[Sequence[str]], columns: dict[int, str], first: int
) -> Iterator[tuple[int, dict[str, str]]]:
    for place, row in enumerate(rows, first):
        cells = {field: row[column].strip() for column, field in columns.items() if column < len(row)}
        if any(cells.values()):
            yield place, cells


def _is_opinion(cells: dict[str, str]) -> bool:
    """Tell whether a row speaks of an opinion: not a line of sums or signatures, not a bare number."""
    told = {name: text for name, text in cells.items() if text and name != "number"}
    head = next(iter(cells.values()), "").casefold()
    first = head or next(iter(told.values()), "").casefold()
    return bool(told) and not first.startswith(AFTER)


def _row(place: int, cells: dict[str, str], day: str) -> Row:
    text, verdict = cells.get("text", ""), cells.get("verdict", "")
    means = _words().get(_plain(verdict), "") if verdict else OPEN
    none = _words().get(_plain(text)) == NONE
    dated = _day(cells.get("date", "")) if cells.get("date") else day
    fault = next(
        (
            name
            for name, wrong in (
                ("body", not cells.get("body")),
                ("text", not text),
                ("date", not dated),
                ("verdict", means not in {*VERDICTS, OPEN, NONE}),
            )
            if wrong
        ),
        "",
    )
    return Row(
        place, cells, cells.get("body", ""), dated, cells.get("clause", ""), "" if none else text,
        OPEN if means == NONE or none else means, cells.get("why", ""), cells.get("change", ""), fault,
    )  # fmt: skip


def _day(text: str) -> str:
    found = DAY.match(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*(int(part) for part in found.groups())).isoformat() if found else ""
    except ValueError:
        return ""
