"""What does a Word file hold: its paragraphs, tables and pictures, in the order of its pages?"""

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from xml.etree import ElementTree as ET

from wenqu.errors import FileUnreadable
from wenqu.survey.formats.grids import Block, Cell, Grid, Paragraph

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
V = "{urn:schemas-microsoft-com:vml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
BODY, RELATIONS = "word/document.xml", "word/_rels/document.xml.rels"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
UNPACKED = 4 << 30  # bytes that a document may unpack to
LONGEST = 1 << 29  # bytes of its text
WIDEST = 200  # columns of a table
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".emf", ".wmf", ".svg", ".webp"}
OWN = "wenqu:"  # how the description of a drawing of ours begins: it is no picture of the crew
BROKEN = (zipfile.BadZipFile, zlib.error, OSError, KeyError, ET.ParseError, NotImplementedError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Pictures(Mapping[str, bytes]):
    """The pictures within a document, taken out when they are asked for."""

    path: Path
    parts: Mapping[str, str]  # name of the picture → its part of the archive

    def __getitem__(self, name: str) -> bytes:
        """Return one picture."""
        with zipfile.ZipFile(self.path) as packed:
            return packed.read(self.parts[name])

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self.parts)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.parts)


@dataclass(frozen=True, slots=True)
class Document:
    """What a Word file holds."""

    blocks: tuple[Block, ...]
    pictures: Pictures


def document_of(path: Path) -> Document:
    """Return the paragraphs, tables and pictures of a Word file.

    Raises
    ------
    FileUnreadable
        It is empty, locked by a password, of Word 97 (.doc), cut short, or no Word file.
    """
    with path.open("rb") as file:
        head = file.read(len(OLE))
    if not head:
        raise FileUnreadable("empty", path=str(path))
    if head == OLE:
        locked = "EncryptedPackage".encode("utf-16-le") in path.read_bytes()
        raise FileUnreadable("word-locked" if locked else "word-old", path=str(path))
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED:
                raise FileUnreadable("too-large", path=str(path), size=path.stat().st_size, most=UNPACKED)
            reader = _Reader(_targets(packed))
            body = parsed_part(packed, BODY).find(f"{W}body")
            blocks = tuple(reader.blocks(body if body is not None else ET.Element("none")))
    except BROKEN as error:
        raise FileUnreadable("word-damaged", path=str(path), said=str(error)) from None
    return Document(blocks, Pictures(path, reader.named))


def parsed_part(packed: zipfile.ZipFile, part: str) -> ET.Element:
    """Return the XML of one part of an Office file; one that defines entities is damaged."""
    entry = packed.getinfo(part)
    data = packed.read(part) if entry.file_size <= LONGEST else b""
    if not data or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise zipfile.BadZipFile(part)
    return ET.fromstring(data)  # noqa: S314 - without a document type it can name no entity


def _targets(packed: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that each picture is kept in, by its relation."""
    if RELATIONS not in packed.namelist():
        return {}
    found = {}
    for entry in parsed_part(packed, RELATIONS):
        target = entry.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"word/{target}"
        if entry.get("TargetMode") != "External" and PurePosixPath(part).suffix.lower() in PICTURES:
            found[entry.get("Id", "")] = part
    return {relation: part for relation, part in found.items() if part in set(packed.namelist())}


class _Reader:
    """Walk through a document and name its pictures."""

    def __init__(self, targets: Mapping[str, str]) -> None:
        self.targets = targets
        self.named: dict[str, str] = {}
        self.tables = 0

    def blocks(self, parent: ET.Element) -> Iterator[Block]:
        """Yield what stands in a body, a cell or a block of content."""
        for child in parent:
            if child.tag == f"{W}p":
                text, pictures = self._paragraph(child)
                if text.strip() or pictures:
                    yield Paragraph(text.strip(), pictures)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml", f"{W}smartTag"}:
                yield from self.blocks(child)

    def _table(self, node: ET.Element) -> Iterator[Grid]:
        self.tables += 1
        number, rows, inner = self.tables, list[list[Cell]](), list[Grid]()
        for line in _below(node, f"{W}tr"):
            row: list[Cell] = [Cell("")] * _size(line.find(f"{W}trPr/{W}gridBefore"), least=0)
            for entry in _below(line, f"{W}tc"):
                span = _size(entry.find(f"{W}tcPr/{W}gridSpan"))
                merge = entry.find(f"{W}tcPr/{W}vMerge")
                above = rows[-1][len(row)] if rows and len(row) < len(rows[-1]) else None
                goes_on = merge is not None and merge.get(f"{W}val", "continue") == "continue"
                cell, within = (above, []) if goes_on and above else self._cell(entry)
                row += [cell] * min(span, WIDEST)
                inner += within
            rows.append(row[:WIDEST])
        if rows:
            yield Grid(f"#{number}", rows)
        yield from inner

    def _cell(self, node: ET.Element) -> tuple[Cell, list[Grid]]:
        texts, pictures, inner = list[str](), list[str](), list[Grid]()
        for block in self.blocks(node):
            if isinstance(block, Grid):
                inner.append(block)
            else:
                texts += [block.text] if block.text else []
                pictures += block.pictures
        return Cell("\n".join(texts), tuple(pictures)), inner

    def _paragraph(self, node: ET.Element) -> tuple[str, tuple[str, ...]]:
        texts, pictures = list[str](), list[str]()
        self._walk(node, texts, pictures)
        return "".join(texts), tuple(pictures)

    def _walk(self, node: ET.Element, texts: list[str], pictures: list[str]) -> None:
        for child in node:
            if child.tag in {f"{MC}Fallback", f"{W}del", f"{W}moveFrom"}:
                continue
            if child.tag == f"{W}t":
                texts.append(child.text or "")
            elif child.tag in {f"{W}br", f"{W}cr"}:
                texts.append("\n")
            elif child.tag == f"{W}tab":
                texts.append(" ")
            elif child.tag in {f"{WP}inline", f"{WP}anchor"}:
                self._drawing(child, pictures)
                self._walk(child, texts, pictures)
            elif child.tag == f"{V}imagedata":
                pictures += self._named(child.get(f"{R}id", ""), child.get("title", ""))
            else:
                self._walk(child, texts, pictures)

    def _drawing(self, node: ET.Element, pictures: list[str]) -> None:
        about = node.find(f"{WP}docPr")
        said = about.get("descr", "") if about is not None else ""
        if not said.startswith(OWN):
            for blip in node.iter(f"{A}blip"):
                pictures += self._named(blip.get(f"{R}embed", ""), said)

    def _named(self, relation: str, said: str) -> list[str]:
        """Return the name of a picture: that of the file it was made from, else that of its part."""
        part = self.targets.get(relation)
        if part is None:
            return []
        name = name_of(said, part)
        if self.named.get(name, part) != part:
            name = PurePosixPath(part).name
        self.named[name] = part
        return [name]


def name_of(said: str, part: str) -> str:
    """Return the name of a picture: that of the file it was made from, else that of its part."""
    own = PureWindowsPath(said.strip()).name
    return own if PurePosixPath(own).suffix.lower() in PICTURES else PurePosixPath(part).name


def _below(node: ET.Element, tag: str) -> Iterator[ET.Element]:
    """Yield the rows of a table or the cells of a row, also those within blocks of content."""
    for child in node:
        if child.tag == tag:
            yield child
        elif child.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"}:
            yield from _below(child, tag)


def _size(node: ET.Element | None, least: int = 1) -> int:
    text = node.get(f"{W}val", "") if node is not None else ""
    return max(int(text), least) if text.isdecimal() else least
