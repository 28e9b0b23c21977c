"""How do the lists of a city become an Excel workbook?"""

import io
import math
from typing import Any

from wenqu.messages import say
from wenqu.reports.asset_sheets import conduits_sheet, defects_sheet, issues_sheet, problems_sheet
from wenqu.reports.content import CityReport
from wenqu.reports.finding_sheets import (
    areas_sheet,
    measures_sheet,
    meters_sheet,
    plants_sheet,
    steps_sheet,
    summary_sheet,
    years_sheet,
)
from wenqu.reports.sheets import Builder, Cell, Sheet
from wenqu.reports.wording import city_name

SHEETS: tuple[Builder, ...] = (
    summary_sheet, conduits_sheet, defects_sheet, problems_sheet, meters_sheet, areas_sheet, plants_sheet,
    steps_sheet, measures_sheet, years_sheet, issues_sheet,
)  # fmt: skip
LAST_ROW = 1_048_575  # rows below the header that Excel has
FORMATS = {
    "text": {},
    "number": {"num_format": "#,##0.00"},
    "count": {"num_format": "#,##0"},
    "year": {"num_format": "0"},
    "percent": {"num_format": "0.0%"},
    "date": {},  # ISO text: sorts as it reads, in every locale
}
LONGEST = 32_767  # characters a cell can hold


def lists_xlsx(report: CityReport, language: str) -> bytes:
    """Return the lists of a city as an Excel workbook: one sheet a list, each row with what it is from."""
    import xlsxwriter

    out = io.BytesIO()
    # A name that begins with = is a name, not a formula.
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    title = say("report.title", language, city=city_name(report, language))
    mark = say("report.simulated", language) if report.city.simulated else ""
    book.set_properties({"title": title, "author": report.by, "comments": mark})
    formats = {kind: book.add_format({"valign": "top", **look}) for kind, look in FORMATS.items()}
    formats["wrapped"] = book.add_format({"valign": "top", "text_wrap": True})
    formats["header"] = book.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E0EDF5", "bottom": 1}
    )
    for build in SHEETS:
        made = build(report, language)
        for part in range(max(1, math.ceil(len(made.rows) / LAST_ROW))):
            name = made.title if part == 0 else f"{made.title} ({part + 1})"
            page = book.add_worksheet(name)
            rows = made.rows[part * LAST_ROW : (part + 1) * LAST_ROW]
            _write(page, made, rows, formats)
            page.set_header(f"&L{title.replace('&', '&&')}&R{mark}")
            page.set_footer("&L&A&R&P / &N")
            if mark:
                page.set_tab_color("#C98A00")
    book.close()
    return out.getvalue()


def _write(page: Any, made: Sheet, rows: tuple[tuple[Cell, ...], ...], formats: dict[str, Any]) -> None:
    last = len(made.fields) - 1
    for column, entry in enumerate(made.fields):
        wide = entry.kind == "text" and made.key == "summary" and column == 3
        page.set_column(column, column, entry.width, formats["wrapped" if wide else entry.kind])
        page.write_string(0, column, entry.header, formats["header"])
    for place, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
                continue
            if isinstance(value, str):
                page.write_string(place, column, value[:LONGEST])
            else:
                page.write_number(place, column, value)
    page.freeze_panes(1, 1 if made.key != "problems" else 2)
    page.autofilter(0, 0, max(1, len(rows)), last)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
