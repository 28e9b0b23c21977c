"""What tables does a workbook, a table of text or an Access file of a crew hold?"""

import csv
import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import python_calamine as calamine

from wenqu.errors import FileUnreadable
from wenqu.network.formats.access import layers_of_access
from wenqu.network.formats.encodings import text_of_bytes
from wenqu.network.formats.sheets import text_of_cell
from wenqu.survey.formats.grids import Cell, Grid
from wenqu.survey.formats.sheet_pictures import pictures_of
from wenqu.survey.formats.web_tables import grids_of_page, is_page

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et")
ACCESS = (b"Standard Jet DB", b"Standard ACE DB")
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
UNPACKED = 4 << 30  # bytes that a workbook may unpack to
WIDEST = 400  # columns
DELIMITERS = ",\t;|"
BROKEN = (calamine.CalamineError, zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError)


def grids_of(path: Path) -> tuple[list[Grid], str, Mapping[str, bytes]]:
    """Return each table of a file that is a list, the encoding of its text or "", its pictures by name.

    Raises
    ------
    FileUnreadable
        It is empty, locked, damaged or no list.
    """
    with path.open("rb") as file:
        head = file.read(64)
    if not head.strip():
        raise FileUnreadable("empty", path=str(path))
    if any(name in head for name in ACCESS):
        return _access(path), "", {}
    if head.startswith((OLE, ZIP)):
        return _workbook(path)
    return (*_text(path), {})


def _workbook(path: Path) -> tuple[list[Grid], str, Mapping[str, bytes]]:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                size = sum(entry.file_size for entry in packed.infolist())
            if size > UNPACKED:
                raise FileUnreadable("too-large", path=str(path), size=size, most=UNPACKED)
        book = calamine.load_workbook(str(path))
        kind = calamine.SheetTypeEnum.WorkSheet
        sheets = [
            (entry.name, book.get_sheet_by_name(entry.name))
            for entry in book.sheets_metadata
            if entry.typ == kind
        ]
        grids = [(name, sheet, sheet.to_python(skip_empty_area=False)) for name, sheet in sheets]
    except BROKEN as error:
        raise FileUnreadable("workbook", path=str(path), said=str(error)) from None
    shown = pictures_of(path)
    made = [
        Grid(name, shown.shown(name, _merged(_cells(rows), sheet.merged_cell_ranges or ())), sheet=True)
        for name, sheet, rows in grids
    ]
    return made, "", shown.content


def _cells(rows: Sequence[Sequence[object]]) -> list[list[Cell]]:
    return [[Cell((text_of_cell(value) or "").strip()) for value in row[:WIDEST]] for row in rows]


def _merged(
    rows: list[list[Cell]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> list[list[Cell]]:
    """Put the cell of each merged block in all of its places."""
    for (top, left), (bottom, right) in ranges:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        cell = rows[top][left]
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = cell
    return rows


def _access(path: Path) -> list[Grid]:
    grids = []
    for layer in layers_of_access(path).layers:
        names = list(layer.columns)
        columns = [[text_of_cell(value) or "" for value in layer.columns[name].to_pylist()] for name in names]
        rows = [[Cell(name) for name in names]]
        rows += [[Cell(text.strip()) for text in row] for row in zip(*columns, strict=True)]
        grids.append(Grid(layer.name, rows, first=0, sheet=True))
    return grids


def _text(path: Path) -> tuple[list[Grid], str]:
    text = text_of_bytes(path.read_bytes())
    if "\x00" in text.text[:4096]:
        raise FileUnreadable("not-text", path=str(path))
    if is_page(text.text):
        return grids_of_page(text.text, path.stem), text.encoding.name
    lines = [line for line in text.text[:65536].splitlines()[:50] if line.strip()]
    sign = max(DELIMITERS, key=lambda one: sum(line.count(one) > 0 for line in lines))
    try:
        rows = list(csv.reader(io.StringIO(text.text, newline=""), delimiter=sign))
    except csv.Error as error:
        raise FileUnreadable("table", path=str(path), said=str(error)) from None
    return [
        Grid(path.stem, [[Cell(cell.strip()) for cell in row] for row in rows], sheet=True)
    ], text.encoding.name
