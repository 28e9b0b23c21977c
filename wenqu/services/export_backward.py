"""The backward schedule as an Excel workbook: districts, teams, months, calendar, assumptions."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wenqu.messages import say

KM = 1000.0  # [m]
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: its name, its headings, its rows."""

    name: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[object]]


def backward_workbook(told: Mapping[str, Any], names: Mapping[str, str], language: str) -> bytes:
    """Return the answer of ``view_backward`` as a workbook.

    Parameters
    ----------
    names
        Name of each district by id.
    """
    pages = [build(told, names, language) for build in (_districts, _teams, _marks, _steps, _days, _assumed)]
    return workbook(pages, say("profile.simulated", language) if told["simulated"] else "")


def workbook(pages: Sequence[Page], note: str) -> bytes:
    """Return sheets as a workbook; what begins with = is text, no formula."""
    import xlsxwriter

    out = io.BytesIO()
    plainly = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, plainly)
    head = book.add_format({"bold": True, "bg_color": "#E0EDF5", "bottom": 1, "text_wrap": True})
    for page in pages:
        sheet = book.add_worksheet(page.name)
        sheet.write_row(0, 0, page.heads, head)
        for number, row in enumerate(page.rows, start=1):
            sheet.write_row(number, 0, ["" if value is None else value for value in row])
        if note:
            sheet.write_string(len(page.rows) + 2, 0, note)
            sheet.set_tab_color("#C98A00")
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(page.heads) - 1, 15)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    book.close()
    return out.getvalue()


def _heads(language: str, *keys: str) -> tuple[str, ...]:
    return tuple(say(f"backward.column.{key}", language) for key in keys)


def _zone(names: Mapping[str, str], zone: str, language: str) -> str:
    return names.get(zone, zone) or say("backward.nowhere", language)


def _rows(told: Mapping[str, Any], language: str) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    return [
        (say(f"backward.work.{work}", language), one, row)
        for work, one in told["works"].items()
        for row in one["districts"]
    ]


def _km(metres: float) -> float:
    return round(metres / KM, 3)


def _districts(told: Mapping[str, Any], names: Mapping[str, str], language: str) -> Page:
    keys = ("work", "district", "date", "of", "done", "left", "unlet", "done_by", "days", "needed", "can",
            "begins", "ends", "slack", "short", "more")  # fmt: skip
    rows = [
        [
            work, _zone(names, row["district"], language), one["date"], _km(row["of"]), _km(row["done"]),
            _km(row["left"]), _km(row["unlet"]), row["done_by"], row["days"],
            None if row["needed"] is None else round(row["needed"], 1), _km(row["can"]), row["begins"],
            row["ends"], row["slack"], _km(row["short"]),
            None if row["more"] is None else round(row["more"], 1),
        ]
        for work, one, row in _rows(told, language)
    ]  # fmt: skip
    return Page(say("backward.sheet.districts", language), _heads(language, *keys), rows)


def _teams(told: Mapping[str, Any], names: Mapping[str, str], language: str) -> Page:
    keys = ("work", "district", "team", "begins", "ends", "days", "length", "rate", "asked", "lent")
    rows = [
        [
            work, _zone(names, row["district"], language), span["name"] or span["team"], span["begins"],
            span["ends"], span["days"], _km(span["length"]), round(span["rate"], 1), round(span["asked"], 1),
            say("backward.lent", language) if span["lent"] else "",
        ]
        for work, _, row in _rows(told, language)
        for span in row["teams"]
    ]  # fmt: skip
    return Page(say("backward.sheet.teams", language), _heads(language, *keys), rows)


def _marks(told: Mapping[str, Any], names: Mapping[str, str], language: str) -> Page:
    rows = [
        [work, _zone(names, row["district"], language), mark["date"], _km(mark["length"])]
        for work, _, row in _rows(told, language)
        for mark in row["marks"]
    ]
    return Page(
        say("backward.sheet.marks", language), _heads(language, "work", "district", "until", "length"), rows
    )


def _steps(told: Mapping[str, Any], names: Mapping[str, str], language: str) -> Page:
    called = {
        (work, step["step"]): step[language] for work, one in told["works"].items() for step in one["steps"]
    }
    rows = [
        [say(f"backward.work.{work}", language), _zone(names, row["district"], language),
         called[work, step["step"]], step["begins"], step["ends"]]
        for work, one in told["works"].items()
        for row in one["districts"]
        for step in [*row["before"], *row["after"]]
    ]  # fmt: skip
    return Page(
        say("backward.sheet.steps", language),
        _heads(language, "work", "district", "step", "begins", "ends"),
        rows,
    )


def _days(told: Mapping[str, Any], _names: Mapping[str, str], language: str) -> Page:
    rows = [
        [day["date"], say(f"backward.kind.{day['kind']}", language), day["source"],
         say(f"backward.status.{day['status'].replace(' ', '_')}", language)]
        for day in told["calendar"]["days"]
    ]  # fmt: skip
    rows += [
        [str(year), say("backward.unpublished", language, years=str(year)), "", ""]
        for year in told["calendar"]["unpublished"]
    ]
    return Page(
        say("backward.sheet.days", language), _heads(language, "date", "kind", "source", "status"), rows
    )


def _assumed(told: Mapping[str, Any], _names: Mapping[str, str], language: str) -> Page:
    rows: list[list[object]] = [
        [say(f"backward.work.{one['work']}", language), one[language], f"{one['begins']} – {one['ends']}",
         round(one["share"] * 100), "%", one["source"], one["status"]]
        for one in told["calendar"]["seasons"]
    ]  # fmt: skip
    rows += [
        [say(f"backward.work.{work}", language), step[language], "", step["days"],
         say("backward.days", language), step["source"], step["status"]]
        for work, one in told["works"].items()
        for step in one["steps"]
    ]  # fmt: skip
    rows += [
        [say(f"backward.work.{work}", language), one["target"]["label"][language], one["date"],
         round(one["target"]["target"] * 100), "%", one["target"]["edition"], one["target"]["status"]]
        for work, one in told["works"].items()
    ]  # fmt: skip
    return Page(
        say("backward.sheet.assumed", language),
        _heads(language, "work", "what", "until", "value", "unit", "source", "status"),
        rows,
    )
