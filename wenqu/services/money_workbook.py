"""The money of a city as a workbook for finance: sums are formulas, each held against the service."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from wenqu.messages import say
from wenqu.services.money_tables import COLUMNS, Table, head, table_of

NEAR = 0.005  # [yuan], [m] two sums this close are one
TOTALS = (  # what the service says of the sum of a column, as a key of its totals
    ("funds", "amount", "funds"), ("funds", "left", "left"), ("contracts", "price", "signed"),
    ("contracts", "now", "contracted"), ("contracts", "value", "value"), ("contracts", "paid", "paid"),
    ("contracts", "over", "over"), ("contracts", "accepted_m", "accepted_m"),
    ("contracts", "whole_m", "whole_m"), ("payments", "amount", "paid"), ("budget", "funds", "funds"),
)  # fmt: skip
COSTS = ("method", "size", "count", "metres", "median", "quarter", "three_quarters", "low", "high", "years")
STRUCK = "void"  # rows with a counter-entry stay in the list and out of the sums


def column_letters(at: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    text, rest = "", at + 1
    while rest:
        rest, low = divmod(rest - 1, 26)
        text = chr(65 + low) + text
    return text


def sum_formula(table: Table, at: int) -> str:
    """Return the formula of the sum of a column: without the rows that were struck."""
    letters, last = column_letters(at), len(table.rows) + 1
    if not table.rows:
        return "=0"
    cells = f"{letters}2:{letters}{last}"
    if STRUCK not in table.columns:
        return f"=SUM({cells})"
    struck = column_letters(table.columns.index(STRUCK))
    return f'=SUMPRODUCT(--({struck}2:{struck}{last}=""),{cells})'


def sum_of(table: Table, at: int) -> float:
    """Return the sum that the formula gives."""
    struck = table.columns.index(STRUCK) if STRUCK in table.columns else -1
    return round(sum(float(row[at] or 0) for row in table.rows if struck < 0 or not row[struck]), 6)


def money_workbook(
    view: Mapping[str, Any], costs: Mapping[str, Any], names: Mapping[str, str], language: str
) -> bytes:
    """Return what ``view_money`` and ``view_unit_costs`` told as a workbook.

    Parameters
    ----------
    names
        Name of each district by id.
    """
    import xlsxwriter

    out = io.BytesIO()
    plainly = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, plainly)
    looks = {
        "head": book.add_format({"bold": True, "bg_color": "#E0EDF5", "bottom": 1, "text_wrap": True}),
        "money": book.add_format({"num_format": "#,##0.00"}),
        "sum": book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1}),
        "bold": book.add_format({"bold": True, "top": 1}),
    }
    note = say("profile.simulated", language) if view["simulated"] else ""
    tables = {name: table_of(view, name, language, names) for name in COLUMNS}
    overview = _sheet(book, "overview", language)
    for name in ("budget", "contracts", "payments", "funds", "variations"):
        _write_table(_sheet(book, name, language), tables[name], looks, note, language)
    _checks(overview, tables, view, looks, language)
    _costs(_sheet(book, "costs", language), costs, looks, language)
    for sheet in book.worksheets():
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        if note:
            sheet.set_tab_color("#C98A00")
            sheet.set_header(f"&R{note}")
    book.close()
    return out.getvalue()


def _sheet(book: Any, name: str, language: str) -> Any:
    return book.add_worksheet(say(f"money.sheet.{name}", language))


def _write_table(sheet: Any, table: Table, looks: Mapping[str, Any], note: str, language: str) -> None:
    sheet.write_row(0, 0, table.heads, looks["head"])
    for number, row in enumerate(table.rows, start=1):
        for at, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, str):
                sheet.write_string(number, at, cell[:32_000])
            else:
                sheet.write_number(number, at, cell, looks["money"] if at in table.summed else None)
    last = len(table.rows) + 1
    sheet.write_string(last, 0, say("money.column.total", language), looks["bold"])
    for at in table.summed:
        sheet.write_formula(last, at, sum_formula(table, at), looks["sum"], sum_of(table, at))
    if note:
        sheet.write_string(last + 2, 0, note)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(table.heads) - 1, 14)
    sheet.repeat_rows(0)


def _checks(
    sheet: Any, tables: Mapping[str, Table], view: Mapping[str, Any], looks: Mapping[str, Any], language: str
) -> None:
    """Write the sums of the sheets beside those of the service, and whether they are the same."""
    heads = [head(name, language) for name in ("check", "formula", "service", "same")]
    sheet.write_row(0, 0, heads, looks["head"])
    yes, no = (say(f"money.column.{word}", language) for word in ("yes", "no"))
    for number, (name, column, key) in enumerate(TOTALS, start=1):
        table = tables[name]
        at = table.columns.index(column)
        there, service = sum_of(table, at), float(view["totals"][key])
        title = say(f"money.sheet.{name}", language)
        sheet.write_string(number, 0, f"{title} · {head(column, language)}")
        cell = f"'{title}'!{column_letters(at)}{len(table.rows) + 2}"
        sheet.write_formula(number, 1, f"={cell}", looks["money"], there)
        sheet.write_number(number, 2, service, looks["money"])
        same = yes if abs(there - service) < NEAR else no
        test = f'=IF(ABS(B{number + 1}-C{number + 1})<{NEAR},"{yes}","{no}")'
        sheet.write_formula(number, 3, test, None, same)
    row = len(TOTALS) + 2
    for key in ("schedule_index", "money_index"):
        sheet.write_string(row, 0, head(key, language))
        if view["totals"][key] is not None:
            sheet.write_number(row, 1, round(view["totals"][key], 4))
        row += 1
    for key in ("value_told", "spi_told", "mpi_told"):
        row += 1
        sheet.write_string(row, 0, say(f"money.column.{key}", language))
    if view["simulated"]:
        sheet.write_string(row + 2, 0, say("money.cli.simulated", language), looks["bold"])
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 20)


def _costs(sheet: Any, costs: Mapping[str, Any], looks: Mapping[str, Any], language: str) -> None:
    sheet.write_row(0, 0, [head(name, language) for name in COSTS], looks["head"])
    called: Mapping[str, Mapping[str, str]] = costs["methods"]
    rows: Sequence[Mapping[str, Any]] = costs["by_size"]
    for number, row in enumerate(rows, start=1):
        since, until = row["years"]
        told = {
            **row,
            "method": called.get(row["method"], {}).get(language, row["method"]),
            "years": str(since) if since == until else f"{since}–{until}",
        }
        sheet.write_row(number, 0, ["" if told[name] is None else told[name] for name in COSTS])
    year = costs["deflated_to"]
    key = "money.cli.deflated" if year else "money.cli.as_signed"
    sheet.write_string(len(rows) + 2, 0, say(key, language, year=year))
    sheet.set_column(0, len(COSTS) - 1, 15)
