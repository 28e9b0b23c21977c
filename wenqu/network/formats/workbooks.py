"""How is a workbook (XLSX, XLS, ODS) of a survey firm read, and a network written as one?"""

import html
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import python_calamine as calamine
import xlsxwriter
from pyproj import CRS

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.comma_tables import cells
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.fieldmap import FieldMap, LayerMap, fieldmap_from, fieldmap_text
from wenqu.network.formats.raw import named_crs
from wenqu.network.formats.sheets import Rows, Sheet, layer_of_sheet
from wenqu.network.formats.writing import demand_short, outgoing, used
from wenqu.network.model import Network

OWN = "_wenqu"  # the hidden sheet that keeps the field map and the coordinate system
LISTS = "wenqu_codes"  # sheet of our templates that holds the words of the code lists
PIECE = 30_000  # characters of the field map in one cell; a cell holds 32,767
MOST_LETTERS = 32_767  # of one cell
MOST_ROWS = 1_048_575  # below the headings of one sheet
UNPACKED = 4 << 30  # bytes that a workbook may unpack to
FAULTY = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*\bt="e"[^>]*>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)
EMPTY = re.compile(rb'<c r="([A-Z]+\d+)"[^>]*>\s*<f[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
TOLD = 50  # cells with a formula error that are told one by one
BROKEN = (calamine.CalamineError, zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError)
RELATION, SHEET = re.compile(r"<Relationship [^>]*>"), re.compile(r"<sheet [^>]*>")
ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')


def layers_of_workbook(path: Path) -> Delivered:
    """Return each sheet that holds a table as a layer without shapes.

    Raises
    ------
    FileUnreadable
        It is empty, no workbook, locked by a password, or unpacks to more than a workbook may.
    """
    if not path.stat().st_size:
        raise FileUnreadable("empty", path=str(path))
    try:
        _measure(path)
        book = calamine.load_workbook(str(path))
        grids = [(name, book.get_sheet_by_name(name)) for name in _with_cells(book)]
        rows = [(name, grid, grid.to_python(skip_empty_area=False)) for name, grid in grids]
        issues = list(_formula_errors(path))
    except BROKEN as error:
        raise FileUnreadable("workbook", path=str(path), said=str(error)) from None
    own = next((sheet for name, _, sheet in rows if name == OWN), None)
    map_, crs = _own(own, path) if own else (None, "")
    layers = []
    for name, grid, content in rows:
        if name == OWN:
            continue
        merged = tuple(grid.merged_cell_ranges or ())
        sheet = Sheet(path.name, name, content, merged, crs=crs, ours=map_ is not None)
        layer, noticed = layer_of_sheet(sheet)
        layers += [layer] if layer else []
        issues += noticed
    if not layers:
        raise FileUnreadable("no-table", path=str(path))
    return Delivered(layers, issues, fieldmap=map_)


def _with_cells(book: calamine.CalamineWorkbook) -> list[str]:
    """Return the sheets with cells; charts and macros hold none, and our lists of codes no data."""
    kind = calamine.SheetTypeEnum.WorkSheet
    return [entry.name for entry in book.sheets_metadata if entry.typ == kind and entry.name != LISTS]


def _measure(path: Path) -> None:
    """Refuse a workbook that would unpack to more than memory should hold."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        size = sum(entry.file_size for entry in packed.infolist())
    if size > UNPACKED:
        raise FileUnreadable("too-large", path=str(path), size=size, most=UNPACKED)


def _own(sheet: Rows, path: Path) -> tuple[FieldMap | None, str]:
    crs = str(sheet[0][1]) if sheet and len(sheet[0]) > 1 else ""
    text = "".join(str(row[1]) for row in sheet[1:] if len(row) > 1)
    try:
        return fieldmap_from(orjson.loads(text), path.name), named_crs(crs) if crs else ""
    except orjson.JSONDecodeError:
        return None, ""


def _formula_errors(path: Path) -> Iterator[Issue]:
    """Yield an Issue for each formula that failed (#REF!) or was never worked out; its cell is empty."""
    if not zipfile.is_zipfile(path):
        return
    told = 0
    with zipfile.ZipFile(path) as packed:
        for part, name in _parts(packed):
            data = packed.read(part)
            faulty = FAULTY.finditer(data) if b't="e"' in data else ()
            empty = EMPTY.finditer(data) if b"<f" in data else ()
            for code, found in chain(zip(repeat("error"), faulty), zip(repeat("empty"), empty)):
                cell = found[1].decode()
                value = found[2].decode(errors="replace") if code == "error" else ""
                place = Place(path.name, name, int(re.sub(r"\D", "", cell)))
                facts: dict[str, object] = {"cell": cell, "value": value}
                yield Issue(f"table.formula-{code}", Weight.DOUBT, place=place, facts=facts)
                told += 1
                if told >= TOLD:
                    return


def _parts(packed: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Return the part of an XLSX file in which each sheet stands, with the sheet's name."""
    known = set(packed.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= known:
        return []
    relations = map(_attributes, RELATION.findall(packed.read("xl/_rels/workbook.xml.rels").decode()))
    targets = {entry.get("Id", ""): entry.get("Target", "") for entry in relations}
    made = []
    for entry in map(_attributes, SHEET.findall(packed.read("xl/workbook.xml").decode())):
        target = targets.get(entry.get("r:id", ""), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        made += [(part, entry.get("name", ""))] if part in known else []
    return made


def _attributes(tag: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}


def write_workbook(path: Path, network: Network) -> list[Path]:
    """Write one sheet for each asset type, shapes as WKT; a hidden sheet keeps field map and system.

    Any ending becomes .xlsx: older kinds of workbook are only read.
    """
    path = path.with_suffix(".xlsx")
    maps: list[LayerMap] = []
    options = {"constant_memory": True, "strings_to_numbers": False}
    options |= {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        for table in used(network):
            for number, low in enumerate(range(0, len(table), MOST_ROWS)):
                rows = slice(low, low + MOST_ROWS)
                name = table.type if not number else f"{table.type}-{number + 1}"
                part = table if len(table) <= MOST_ROWS else table.take(_rows(len(table), rows))
                entry = outgoing(part, limit=0, layer=name)
                demand_short(part, entry.table, MOST_LETTERS, "XLSX", letters=True)
                maps.append(entry.as_text())
                sheet = book.add_worksheet(name)
                sheet.freeze_panes(1, 0)
                sheet.write_row(0, 0, entry.table.column_names)
                columns = [cells(entry.table.column(column)) for column in entry.table.column_names]
                for row, values in enumerate(zip(*columns, strict=True), 1):
                    sheet.write_row(row, 0, [_cell(value) for value in values])
        hidden = book.add_worksheet(OWN)
        hidden.hide()
        text = fieldmap_text(FieldMap(tuple(maps)))
        hidden.write_row(0, 0, ["crs", CRS(network.city.crs).to_string() if network.city.crs else ""])
        for row, low in enumerate(range(0, len(text), PIECE), 1):
            hidden.write_row(row, 0, ["fieldmap", text[low : low + PIECE]])
    return [path]


def _rows(size: int, rows: slice) -> npt.NDArray[np.int64]:
    return np.arange(size)[rows]


def _cell(value: object) -> object:
    """Return a value that a cell holds; whole numbers beyond its 15 digits, and endless ones, are text."""
    whole = isinstance(value, int) and abs(value) > 10**15
    return str(value) if whole or (isinstance(value, float) and math.isinf(value)) else value
