"""How are inspections written as the report that a crew hands in: as a Word file, as a workbook?"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from wenqu.messages import say
from wenqu.protocols.word_file import Box, WordFile
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.formats.annexes import Annex, annexes

LONGEST = 31  # letters of the name of a sheet


def write_report(
    seen: Sequence[SeenAsset],
    language: str = "zh",
    pictures: Mapping[str, bytes] | None = None,
    drawings: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the annex tables of inspections as a Word file that reads back as what it was made from."""
    made = WordFile()
    before = ""
    for annex in annexes(seen, language, pictures, drawings):
        if before and (annex.kind == "sheet" or annex.kind != before):
            made.page()
        made.heading(annex.title)
        made.note(_status(annex, language))
        made.table(annex.lines, heads=annex.heads)
        before = annex.kind
    return made.bytes()


def _status(annex: Annex, language: str) -> str:
    return say(f"annex.status.{annex.status.replace(' ', '-')}", language)


def write_lists(
    seen: Sequence[SeenAsset], language: str = "zh", pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Return the annex tables of inspections as a workbook, one sheet for each kind."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False}
    options |= {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        look = {"valign": "vcenter", "align": "center", "text_wrap": True, "border": 1}
        formats = {False: book.add_format(look), True: book.add_format(look | {"bold": True})}
        pages: dict[str, tuple[Any, int]] = {}
        for annex in annexes(seen, language, pictures):
            name = annex.title.partition(" (")[0][:LONGEST]
            page, row = pages.get(annex.kind) or (book.add_worksheet(name), 0)
            pages[annex.kind] = (page, _write(page, row, annex, formats, language))
        if not pages:
            book.add_worksheet()
    return out.getvalue()


def _write(page: Any, row: int, annex: Annex, formats: Mapping[bool, Any], language: str) -> int:
    """Write a table under its title, and return the row where the next may begin."""
    width = max(sum(box.span for box in line) for line in annex.lines)
    page.set_column(0, width - 1, 14)
    _block(page, (row, 0, row, width - 1), Box(annex.title), formats[True])
    _block(page, (row + 1, 0, row + 1, width - 1), Box(_status(annex, language)), formats[False])
    taken: set[tuple[int, int]] = set()
    for place, line in enumerate(annex.lines, row + 2):
        column = 0
        for box in line:
            while (place, column) in taken:
                column += 1
            last = (place + box.down - 1, column + box.span - 1)
            if not (box.pictures and not box.text):
                _block(page, (place, column, *last), box, formats[box.bold])
            taken |= {
                (down, across) for down in range(place, last[0] + 1) for across in range(column, last[1] + 1)
            }
            column = last[1] + 1
    return row + len(annex.lines) + 3


def _block(page: Any, where: tuple[int, int, int, int], box: Box, look: Any) -> None:
    top, left, bottom, right = where
    if (top, left) != (bottom, right):
        page.merge_range(top, left, bottom, right, "", look)
    page.write_string(top, left, box.text, look)
