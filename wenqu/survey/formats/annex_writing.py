"""How are inspections written as the report that a crew hands in: as a Word file, as a workbook?"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.image import Image

from wenqu.messages import say
from wenqu.protocols.word_file import Box, WordFile
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.formats.annexes import Annex, annexes
from wenqu.survey.formats.word_tables import OWN

LONGEST = 31  # letters of the name of a sheet
ACROSS, UNDER, EDGE, TALLEST = 103, 24, 6, 480  # [px] column, words below a picture, around it, its height
SCREEN, INCH = 96, 2.54  # dots an inch, centimetres an inch


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
    seen: Sequence[SeenAsset],
    language: str = "zh",
    pictures: Mapping[str, bytes] | None = None,
    drawings: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the annex tables of inspections as a workbook, one sheet for each kind, with their pictures."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False}
    options |= {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        look = {"valign": "vcenter", "align": "center", "text_wrap": True, "border": 1}
        looks = _Looks(
            book.add_format(look), book.add_format(look | {"bold": True}),
            book.add_format(look | {"valign": "bottom"}),
        )  # fmt: skip
        pages: dict[str, tuple[Any, int]] = {}
        for annex in annexes(seen, language, pictures, drawings):
            name = annex.title.partition(" (")[0][:LONGEST]
            page, row = pages.get(annex.kind) or (book.add_worksheet(name), 0)
            pages[annex.kind] = (page, _write(page, row, annex, looks, language))
        if not pages:
            book.add_worksheet()
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class _Looks:
    plain: Any
    bold: Any
    under: Any  # words below a picture

    def of(self, box: Box) -> Any:
        return self.under if box.pictures else self.bold if box.bold else self.plain


def _write(page: Any, row: int, annex: Annex, looks: _Looks, language: str) -> int:
    """Write a table under its title, and return the row where the next may begin."""
    width = max(sum(box.span for box in line) for line in annex.lines)
    page.set_column_pixels(0, width - 1, ACROSS)
    _block(page, (row, 0, row, width - 1), Box(annex.title), looks.bold)
    _block(page, (row + 1, 0, row + 1, width - 1), Box(_status(annex, language)), looks.plain)
    taken: set[tuple[int, int]] = set()
    for place, line in enumerate(annex.lines, row + 2):
        column, high = 0, 0
        for box in line:
            while (place, column) in taken:
                column += 1
            last = (place + box.down - 1, column + box.span - 1)
            _block(page, (place, column, *last), box, looks.of(box))
            if box.pictures:
                high = max(high, _show(page, place, column, box))
            taken |= {
                (down, across) for down in range(place, last[0] + 1) for across in range(column, last[1] + 1)
            }
            column = last[1] + 1
        if high:
            page.set_row_pixels(place, high + UNDER)
    return row + len(annex.lines) + 3


def _block(page: Any, where: tuple[int, int, int, int], box: Box, look: Any) -> None:
    top, left, bottom, right = where
    if (top, left) != (bottom, right):
        page.merge_range(top, left, bottom, right, "", look)
    page.write_string(top, left, box.text, look)


def _show(page: Any, row: int, column: int, box: Box) -> int:
    """Lay the pictures of a box into its cell, as wide as it bears; return how high they are. [px]

    What Excel shows no picture of stays a name.
    """
    high = 0
    for one in box.pictures:
        try:
            image = Image(io.BytesIO(one.data))
        except XlsxWriterException:
            continue
        own = image.width * SCREEN / image.x_dpi, image.height * SCREEN / image.y_dpi
        scale = min(one.width / INCH * SCREEN / own[0], (box.span * ACROSS - EDGE) / own[0], TALLEST / own[1])
        name = f"{OWN}{one.name}" if one.drawn else one.name
        page.insert_image(
            row, column, one.name,
            {"image_data": io.BytesIO(one.data), "x_scale": scale, "y_scale": scale, "x_offset": EDGE // 2,
             "y_offset": EDGE // 2, "object_position": 1, "description": name},
        )  # fmt: skip
        high = max(high, int(own[1] * scale))
    return high
