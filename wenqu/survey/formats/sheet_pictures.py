"""Which pictures lie in which cells of a workbook (XLSX), those of WPS within cells too?"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from wenqu.survey.formats.grids import Cell
from wenqu.survey.formats.word_tables import OWN, PICTURES, Pictures, name_of, parsed_part

X = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
BOOK, WITHIN = "xl/workbook.xml", "xl/cellimages.xml"
WPS = re.compile(r'^=?(?:_xlfn\.)?DISPIMG\("(ID_\w+)"', re.IGNORECASE)
BROKEN = (zipfile.BadZipFile, KeyError, ET.ParseError, ValueError)


@dataclass(slots=True)
class SheetPictures:
    """The pictures of one workbook."""

    path: Path
    parts: dict[str, str] = field(default_factory=dict)  # name of the picture → its part of the archive
    placed: dict[str, list[tuple[int, int, str]]] = field(default_factory=dict)  # sheet → row, column, name
    within: dict[str, str] = field(default_factory=dict)  # id that WPS writes into a cell → name

    @property
    def content(self) -> Pictures:
        """Return their bytes by name, taken out when they are asked for."""
        return Pictures(self.path, self.parts)

    def named(self, part: str, said: str) -> str:
        """Return the name of a picture: that of its file where it says so, else that of its part."""
        name = name_of(said, part)
        if self.parts.get(name, part) != part:
            name = PurePosixPath(part).name
        self.parts[name] = part
        return name

    def shown(self, sheet: str, rows: list[list[Cell]]) -> list[list[Cell]]:
        """Put the pictures of a sheet into its cells; a merged cell has them wherever it stands."""
        found: dict[int, tuple[Cell, list[str]]] = {}
        for row, column, name in self.placed.get(sheet, ()):
            while len(rows) <= row:
                rows.append([])
            rows[row] += [Cell("") for _ in range(column + 1 - len(rows[row]))]
            cell = rows[row][column]
            found.setdefault(id(cell), (cell, []))[1].append(name)
        for line in rows:
            for cell in line:
                inside = WPS.match(cell.text)
                name = self.within.get(inside[1], "") if inside else ""
                if name and id(cell) not in found:
                    found[id(cell)] = (cell, [name])
        made = {
            key: Cell("" if WPS.match(cell.text) else cell.text, tuple(dict.fromkeys(names)))
            for key, (cell, names) in found.items()
        }
        return [[made.get(id(cell), cell) for cell in line] for line in rows] if made else rows


def pictures_of(path: Path) -> SheetPictures:
    """Return the pictures of a workbook; of one that is no XLSX, or whose drawings are damaged, none."""
    made = SheetPictures(path)
    if not zipfile.is_zipfile(path):
        return made
    with zipfile.ZipFile(path) as packed:
        if BOOK not in packed.namelist():
            return made
        try:
            _within(packed, made)
            for name, part in _sheets(packed):
                made.placed[name] = list(_drawn(packed, part, made))
        except BROKEN:  # the rows are what matters; they are read
            made.placed.clear()
    return made


def _sheets(packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    targets = _targets(packed, BOOK)
    for entry in parsed_part(packed, BOOK).iter(f"{X}sheet"):
        part = targets.get(entry.get(f"{R}id", ""))
        if part:
            yield entry.get("name", ""), part


def _targets(packed: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Return the parts that a part of the archive refers to, by relation."""
    folder, _, name = part.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in packed.namelist():
        return {}
    known, found = set(packed.namelist()), {}
    for entry in parsed_part(packed, relations):
        target = entry.get("Target", "")
        whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
        if entry.get("TargetMode") != "External" and whole in known:
            found[entry.get("Id", "")] = whole
    return found


def _drawn(packed: zipfile.ZipFile, sheet: str, made: SheetPictures) -> Iterator[tuple[int, int, str]]:
    for part in _targets(packed, sheet).values():
        if not part.startswith("xl/drawings/") or not part.endswith(".xml"):
            continue
        targets = _targets(packed, part)
        for anchor in parsed_part(packed, part):
            row = anchor.findtext(f"{DRAWING}from/{DRAWING}row", "")
            column = anchor.findtext(f"{DRAWING}from/{DRAWING}col", "")
            if row.isdecimal() and column.isdecimal():
                for _, name in _pictures(anchor, targets, made):
                    yield int(row), int(column), name


def _pictures(node: ET.Element, targets: dict[str, str], made: SheetPictures) -> Iterator[tuple[str, str]]:
    """Yield the own name of each drawn picture, and the name under which we know it."""
    for picture in node.iter(f"{DRAWING}pic"):
        about = picture.find(f"{DRAWING}nvPicPr/{DRAWING}cNvPr")
        own, said = (about.get("name", ""), about.get("descr", "")) if about is not None else ("", "")
        for blip in () if said.startswith(OWN) else picture.iter(f"{A}blip"):
            part = targets.get(blip.get(f"{R}embed", ""), "")
            if PurePosixPath(part).suffix.lower() in PICTURES:
                yield own, made.named(part, said)


def _within(packed: zipfile.ZipFile, made: SheetPictures) -> None:
    """Note the pictures that WPS keeps within cells, by the id that the cell names."""
    if WITHIN in packed.namelist():
        made.within.update(_pictures(parsed_part(packed, WITHIN), _targets(packed, WITHIN), made))
