"""How do the tables of a paper become an Excel workbook, and its figures a list with their rows?"""

import io
import math
import re
from typing import Any

from wenqu.messages import say
from wenqu.protocols.word_file import clean
from wenqu.reports.paper import TOKEN, Cell, Grid, PaperContent, Words, plain, source_line

FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
LONGEST = 32_767  # characters a cell can hold


def paper_xlsx(content: PaperContent) -> bytes:
    """Return a paper as a workbook: one sheet a table, one with the texts, one with the sources."""
    import xlsxwriter

    out = io.BytesIO()
    plainly = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, plainly)
    book.set_properties({"title": content.name, "author": content.issuer,
                         "comments": " ".join((content.basis, *content.marks))})  # fmt: skip
    looks = {
        "title": book.add_format({"bold": True, "font_size": 14, "align": "center", "text_wrap": True}),
        "head": book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter",
                                 "text_wrap": True}),
        "cell": book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True}),
        "number": book.add_format({"border": 1, "valign": "vcenter", "num_format": "#,##0.###"}),
        "wrapped": book.add_format({"text_wrap": True, "valign": "top"}),
    }  # fmt: skip
    names: set[str] = set()
    for part in content.parts:
        for block in part.blocks:
            if isinstance(block, Grid):
                _sheet(book, block, content, looks, names)
    _texts(book, content, looks, names)
    _sources(book, content, looks, names)
    book.close()
    return out.getvalue()


def _name(title: str, names: set[str]) -> str:
    """Return a name that a sheet may have and no other has."""
    base = FORBIDDEN.sub(" ", title).strip()[:28] or "-"
    name = base
    while name.casefold() in names:
        name = f"{base} {len(names)}"[:31]
    names.add(name.casefold())
    return name


def _sheet(book: Any, grid: Grid, content: PaperContent, looks: dict[str, Any], names: set[str]) -> None:
    page = book.add_worksheet(_name(grid.caption, names))
    last = max(len(grid.heads) - 1, 1)
    page.merge_range(0, 0, 0, last, f"{content.name} · {grid.caption}", looks["title"])
    page.set_row(0, 36)
    page.write_string(1, 0, " · ".join((content.issuer, content.day, *content.marks)))
    for column, head in enumerate(grid.heads):
        page.write_string(2, column, head.label, looks["head"])
        page.set_column(column, column, max(9, 11 * head.width))
    for number, row in enumerate(grid.rows, 3):
        for column, cell in enumerate(row):
            _cell(page, number, column, cell, content, looks)
    if grid.note:
        page.write_string(len(grid.rows) + 4, 0, plain(grid.note, content.facts, content.language))
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 2)
    page.freeze_panes(3, 0)
    page.set_footer("&C— &P —")


def _cell(page: Any, row: int, column: int, cell: Cell, content: PaperContent, looks: dict[str, Any]) -> None:
    """Write a cell: a lone figure as a number with its place in the sources as a remark."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        page.write_blank(row, column, None, looks["cell"])
        return
    if not isinstance(cell, str):
        page.write_number(row, column, cell, looks["number"])
        return
    found = TOKEN.fullmatch(cell)
    one = content.facts.get(found[1]) if found else None
    if one is not None and found is not None and found[2] != "r" and math.isfinite(one.value):
        page.write_number(row, column, one.value, looks["number"])
        page.write_comment(row, column, f"F{one.number} {one.said}")
        return
    page.write_string(
        row, column, clean(plain(cell, content.facts, content.language))[:LONGEST], looks["cell"]
    )


def _texts(book: Any, content: PaperContent, looks: dict[str, Any], names: set[str]) -> None:
    page = book.add_worksheet(_name(say("paper.part.texts", content.language), names))
    page.set_column(0, 0, 110)
    row = 0
    for part in content.parts:
        page.write_string(row, 0, part.title, looks["title"])
        row += 1
        for block in part.blocks:
            if isinstance(block, Words):
                said = clean(plain(block.text, content.facts, content.language))[:LONGEST]
                page.write_string(row, 0, said, looks["wrapped"])
                row += 1
    page.write_string(row, 0, content.basis, looks["wrapped"])


def _sources(book: Any, content: PaperContent, looks: dict[str, Any], names: set[str]) -> None:
    page = book.add_worksheet(_name(say("paper.part.sources", content.language), names))
    heads = [say(f"paper.column.{name}", content.language) for name in ("number", "figure", "value", "from")]
    for column, (head, width) in enumerate(zip(heads, (8, 40, 24, 90), strict=True)):
        page.write_string(0, column, head, looks["head"])
        page.set_column(column, column, width)
    for row, one in enumerate(content.listed, 1):
        page.write_string(row, 0, f"F{one.number}", looks["cell"])
        page.write_string(row, 1, one.label, looks["cell"])
        page.write_string(row, 2, one.said, looks["cell"])
        page.write_string(row, 3, source_line(one, content.language)[:LONGEST], looks["cell"])
    page.freeze_panes(1, 0)
