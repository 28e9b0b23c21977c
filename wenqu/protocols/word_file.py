"""How is a Word file (OOXML) made of headings, tables with merged cells, and pictures?"""

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

EMU = 360_000  # of Word, in one centimetre
TWIPS = 567  # of Word, in one centimetre
WIDE, HIGH, EDGE = 29.7, 21.0, 1.5  # [cm] A4 across
FONT, LATIN = "仿宋", "Times New Roman"
KINDS = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
}
SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
RELATED = "application/vnd.openxmlformats-package.relationships+xml"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with the name under which it is known."""

    name: str
    data: bytes
    width: float = 8.0  # [cm]
    drawn: bool = False  # by us: it is no picture of the crew


@dataclass(frozen=True, slots=True)
class Box:
    """One cell of a table."""

    text: str = ""
    span: int = 1  # columns
    down: int = 1  # rows
    bold: bool = False
    pictures: tuple[Picture, ...] = ()


Line = Sequence[Box]


@dataclass(slots=True)
class WordFile:
    """A document as it is written, from top to bottom."""

    parts: list[str] = field(default_factory=list)
    pictures: list[tuple[str, bytes]] = field(default_factory=list)  # file name, content

    def heading(self, text: str) -> None:
        """Write a title in the middle."""
        self.parts.append(
            f'<w:p><w:pPr><w:keepNext/><w:jc w:val="center"/></w:pPr>{_run(text, bold=True, size=28)}</w:p>'
        )

    def note(self, text: str) -> None:
        """Write a line of small words."""
        self.parts.append(f"<w:p>{_run(text, size=18)}</w:p>")

    def page(self) -> None:
        """Begin a new page."""
        self.parts.append('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')

    def table(self, lines: Sequence[Line], *, heads: int = 0) -> None:
        """Write a table; its first ``heads`` rows are repeated on each page."""
        width = max(sum(box.span for box in line) for line in lines)
        column = int((WIDE - 2 * EDGE) * TWIPS / width)
        grid = f'<w:gridCol w:w="{column}"/>' * width
        rows, open_ = [], [0] * width  # rows that a box from above still covers
        spans = [1] * width
        for number, line in enumerate(lines):
            cells, place, boxes = [], 0, iter(line)
            while place < width:
                if open_[place]:
                    open_[place] -= 1
                    cells.append(_cell("<w:p/>", spans[place], column, '<w:vMerge w:val="continue"/>'))
                    place += spans[place]
                    continue
                box = next(boxes, Box(span=width - place))
                merge = '<w:vMerge w:val="restart"/>' if box.down > 1 else ""
                open_[place], spans[place] = box.down - 1, box.span
                cells.append(_cell(self._content(box), box.span, column, merge))
                place += box.span
            head = "<w:trPr><w:tblHeader/></w:trPr>" if number < heads else "<w:trPr><w:cantSplit/></w:trPr>"
            rows.append(f"<w:tr>{head}{''.join(cells)}</w:tr>")
        edges = "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        self.parts.append(
            f'<w:tbl><w:tblPr><w:tblW w:w="{column * width}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl><w:p/>"
        )

    def _content(self, box: Box) -> str:
        text = _run(box.text, bold=box.bold) if box.text else ""
        drawn = "".join(self._picture(one) for one in box.pictures)
        centred = '<w:pPr><w:jc w:val="center"/></w:pPr>'
        made = f"<w:p>{centred}{drawn}</w:p>" if drawn else ""
        return made + (f"<w:p>{centred}{text}</w:p>" if text or not made else "")

    def _picture(self, one: Picture) -> str:
        number = len(self.pictures) + 1
        self.pictures.append((f"image{number}.{kind_of(one.data)}", one.data))
        across, up = size_of(one.data)
        wide = int(one.width * EMU)
        high = int(wide * up / across)
        name = escape(clean(f"wenqu:{one.name}" if one.drawn else one.name))
        kind = "http://schemas.openxmlformats.org/drawingml/2006/picture"
        return (
            f'<w:r><w:drawing><wp:inline><wp:extent cx="{wide}" cy="{high}"/>'
            f'<wp:docPr id="{number}" name="{number}" descr="{name}"/><a:graphic>'
            f'<a:graphicData uri="{kind}"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name="{number}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
            f'<a:blip r:embed="rIdP{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
            f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
            "</wp:inline></w:drawing></w:r>"
        )

    def bytes(self) -> bytes:
        """Return the document as a file."""
        edge = int(EDGE * TWIPS)
        page = (
            f'<w:sectPr><w:pgSz w:w="{int(WIDE * TWIPS)}" w:h="{int(HIGH * TWIPS)}" w:orient="landscape"/>'
            f'<w:pgMar w:top="{edge}" w:right="{edge}" w:bottom="{edge}" '
            f'w:left="{edge}" w:header="400" w:footer="400" w:gutter="0"/></w:sectPr>'
        )
        body = f"{DECLARED}<w:document {SPACES}><w:body>{''.join(self.parts)}{page}</w:body></w:document>"
        images = "".join(
            f'<Relationship Id="rIdP{number}" Type="{OFFICE}/image" Target="media/{name}"/>'
            for number, (name, _) in enumerate(self.pictures, 1)
        )
        types = "".join(f'<Default Extension="{one}" ContentType="{kind}"/>' for one, kind in KINDS.items())
        main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
        files = {
            "[Content_Types].xml": f'{DECLARED}<Types xmlns="{PACKAGE}/content-types">'
            f'<Default Extension="rels" ContentType="{RELATED}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{types}'
            f'<Override PartName="/word/document.xml" ContentType="{main}.document.main+xml"/>'
            f'<Override PartName="/word/styles.xml" ContentType="{main}.styles+xml"/></Types>',
            "_rels/.rels": f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
            "</Relationships>",
            "word/document.xml": body,
            "word/styles.xml": f"{DECLARED}<w:styles {SPACES}><w:docDefaults><w:rPrDefault><w:rPr>"
            f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{FONT}"/><w:sz w:val="21"/>'
            "</w:rPr></w:rPrDefault></w:docDefaults></w:styles>",
            "word/_rels/document.xml.rels": f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rIdS" Type="{OFFICE}/styles" Target="styles.xml"/>{images}</Relationships>',
        }
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, text in files.items():
                packed.writestr(name, text)
            for name, data in self.pictures:
                packed.writestr(f"word/media/{name}", data, zipfile.ZIP_STORED)
        return out.getvalue()


def clean(text: str) -> str:
    """Return a text without the control characters that XML has no word for."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")


def _run(text: str, *, bold: bool = False, size: int = 0) -> str:
    look = ("<w:b/>" if bold else "") + (f'<w:sz w:val="{size}"/>' if size else "")
    lines = clean(text).split("\n")
    words = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line, quote=False)}</w:t>' for line in lines)
    return f"<w:r><w:rPr>{look}</w:rPr>{words}</w:r>"


def _cell(content: str, span: int, width: int, merge: str) -> str:
    across = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width * span}" w:type="dxa"/>{across}{merge}<w:vAlign w:val="center"/>'
        f"</w:tcPr>{content}</w:tc>"
    )


def kind_of(data: bytes) -> str:
    """Return the ending of a picture by its first bytes; jpeg when nothing says otherwise."""
    for head, kind in ((b"\x89PNG", "png"), (b"GIF8", "gif"), (b"BM", "bmp")):
        if data.startswith(head):
            return kind
    return "jpeg"


def size_of(data: bytes) -> tuple[int, int]:
    """Return how many dots a picture has across and up; 4 by 3 when it does not say."""
    if data.startswith(b"\x89PNG") and len(data) >= 24:
        across, up = struct.unpack(">II", data[16:24])
        return (across, up) if across and up else (4, 3)
    place = 2
    while data.startswith(b"\xff\xd8") and place + 9 < len(data) and data[place] == 0xFF:
        if 0xC0 <= data[place + 1] <= 0xCF and data[place + 1] not in {0xC4, 0xC8, 0xCC}:
            up, across = struct.unpack(">HH", data[place + 5 : place + 9])
            return (across, up) if across and up else (4, 3)
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return 4, 3
