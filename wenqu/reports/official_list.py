"""How does a list of the programme look on paper: title, unit and day, a ruled table, a line to sign?"""

import io
from dataclasses import dataclass

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class OfficialList:
    """One list, ready to be written."""

    title: str
    unit: str  # who reports
    day: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    signed: str  # the line of signatures
    mark: str = ""  # of invented data
    only: str = ""  # what of the whole was asked for
    total: tuple[Cell, ...] = ()  # last row, over all; () where a list has none


def official_xlsx(made: OfficialList) -> bytes:
    """Return the list as an Excel workbook that prints on A4 across."""
    import xlsxwriter

    out = io.BytesIO()
    plainly = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, plainly)
    sheet = book.add_worksheet()
    last = len(made.heads) - 1
    title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    head = book.add_format(
        {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
    )
    cell = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
    bold = book.add_format({"bold": True, "border": 1, "valign": "vcenter", "text_wrap": True})
    sheet.merge_range(0, 0, 0, last, made.title, title)
    sheet.write_string(1, 0, made.unit)
    sheet.write_string(1, max(last - 1, 1), made.day)
    sheet.write_row(2, 0, made.heads, head)
    for number, row in enumerate(made.rows, 3):
        sheet.write_row(number, 0, ["" if value is None else value for value in row], cell)
    end = len(made.rows) + 3
    if made.total:
        sheet.write_row(end, 0, ["" if value is None else value for value in made.total], bold)
        end += 1
    for place, line in enumerate(filter(None, (made.only, made.signed, made.mark))):
        sheet.write_string(end + 1 + place, 0, line)
    for column in range(len(made.heads)):
        texts = [len(str(row[column] or "")) for row in made.rows[:500]]
        sheet.set_column(column, column, min(40, max(8, 2 * len(made.heads[column]), *texts, 0) + 2))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 2)
    sheet.freeze_panes(3, 0)
    sheet.set_footer(f"&L{made.mark.replace('&', '&&')}&C&P / &N")
    book.close()
    return out.getvalue()
