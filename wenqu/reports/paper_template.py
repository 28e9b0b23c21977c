"""What does an empty paper look like in Word: page, styles, fonts, and where its parts go?

Chinese follows GB/T 9704-2012: A4, 37 mm above and 28 mm to the left of a text of 156 by 225 mm, title in
小标宋 22 pt, text in 仿宋 16 pt on lines of 28 pt, chapters in 黑体, page number between dashes. English
stands on the same page in 12 pt, lines as close as its letters ask, paragraphs apart instead of indented.
Fonts are named, not shipped: a machine without them shows its own.
"""

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

ACROSS = {False: (210, 297), True: (297, 210)}  # [mm]
TOP, LEFT, RIGHT, BOTTOM = 37, 28, 26, 35  # [mm]
LATIN = "Times New Roman"


@dataclass(frozen=True, slots=True)
class Look:
    """How a style is set."""

    font: str  # of Chinese letters; Latin ones are Times New Roman
    size: float  # [pt]
    line: float  # height of a line [pt], 0 as high as what stands in it
    bold: bool = False
    indent: bool = False  # the first line by two letters
    after: float = 0.0  # space below [pt]


SONG, HEI, KAI, FANG = "宋体", "黑体", "楷体_GB2312", "仿宋_GB2312"
LOOKS: dict[str, dict[str, Look]] = {
    "zh": {
        "PaperTitle": Look("方正小标宋简体", 22, 34),
        "PaperHead": Look(HEI, 16, 28),
        "PaperText": Look(FANG, 16, 28, indent=True),
        "PaperNotice": Look(KAI, 16, 28, indent=True),
        "PaperFacts": Look(KAI, 10.5, 16),
        "PaperCaption": Look(HEI, 12, 20),
        "PaperBelow": Look(KAI, 16, 28, after=14),
        "PaperCell": Look(SONG, 9, 12),
        "PaperNote": Look(SONG, 9, 13, after=8),
        "PaperChart": Look(SONG, 9, 0),
        "PaperUnder": Look(HEI, 12, 20, after=8),
    },
    "en": {
        "PaperTitle": Look(HEI, 20, 25, bold=True, after=4),
        "PaperHead": Look(HEI, 14, 18, bold=True, after=4),
        "PaperText": Look(SONG, 12, 16, after=6),
        "PaperNotice": Look(KAI, 12, 16, after=6),
        "PaperFacts": Look(SONG, 9, 11.5, after=3),
        "PaperCaption": Look(HEI, 11, 14, bold=True, after=3),
        "PaperBelow": Look(SONG, 12, 16, after=12),
        "PaperCell": Look(SONG, 9, 11),
        "PaperNote": Look(SONG, 9, 11.5, after=8),
        "PaperChart": Look(SONG, 9, 0),
        "PaperUnder": Look(HEI, 11, 14, bold=True, after=8),
    },
}
ABOVE = {
    "PaperHead": {"zh": 0, "en": 14},
    "PaperCaption": {"zh": 8, "en": 8},
    "PaperChart": {"zh": 8, "en": 8},
}  # [pt]
INSTEAD = {  # font of the official layout: what a machine without it has; both are tried by Word and WPS
    "方正小标宋简体": "华文中宋;宋体;SimSun;Noto Serif CJK SC",
    "仿宋_GB2312": "仿宋;FangSong;华文仿宋;Noto Serif CJK SC",
    "楷体_GB2312": "楷体;KaiTi;华文楷体;Noto Serif CJK SC",
    "黑体": "SimHei;微软雅黑;Noto Sans CJK SC",
    "宋体": "SimSun;Noto Serif CJK SC",
}
CENTRED = {"PaperTitle", "PaperBelow", "PaperCaption", "PaperChart", "PaperUnder"}
TOGETHER = {"PaperHead", "PaperCaption", "PaperChart"}  # with what follows, on one page


@cache
def official_template(language: str = "zh", *, across: bool = False) -> bytes:
    """Return the empty template of a language: styles, page, and where the parts of a paper go."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    made = Document()
    for name, look in LOOKS[language].items():
        _style(made, name, look, ABOVE.get(name, {}).get(language, 0))
    _languages(made)
    section = made.sections[0]
    section.page_width, section.page_height = (Mm(one) for one in ACROSS[across])
    section.orientation = WD_ORIENT.LANDSCAPE if across else WD_ORIENT.PORTRAIT
    section.top_margin, section.left_margin = Mm(TOP), Mm(LEFT)
    section.right_margin, section.bottom_margin = Mm(RIGHT), Mm(BOTTOM)
    section.header_distance, section.footer_distance = Mm(18), Mm(26)
    head = section.header.paragraphs[0]
    head.text, head.style = "{{ mark }}", "PaperNote"
    _page_number(section.footer.paragraphs[0])
    _instead(made)
    for text, style in (
        ("{%p for line in title %}", ""),
        ("{{r line }}", "PaperTitle"),
        ("{%p endfor %}", ""),
        ("{{ below }}", "PaperBelow"),
        ("{%p for part in parts %}", ""),
        ("{{ part.title }}", "PaperHead"),
        ("{%p for block in part.blocks %}", ""),
        ("{%p if block.grid %}", ""),
        ("{{ block.caption }}", "PaperCaption"),
        ("TABLE", ""),
        ("{{r block.note }}", "PaperNote"),
        ("{%p elif block.picture %}", ""),
        ("{{ block.picture }}", "PaperChart"),
        ("{{ block.caption }}", "PaperUnder"),
        ("{%p else %}", ""),
        ("{%p for line in block.lines %}", ""),
        ("{%p if block.notice %}", ""),
        ("{{r line }}", "PaperNotice"),
        ("{%p else %}", ""),
        ("{{r line }}", "PaperText"),
        ("{%p endif %}", ""),
        ("{%p endfor %}", ""),
        ("{%p endif %}", ""),
        ("{%p endfor %}", ""),
        ("{%p endfor %}", ""),
        ("{{ sources_title }}", "PaperHead"),
        ("{{ basis }}", "PaperFacts"),
        ("{%p for line in sources %}", ""),
        ("{{r line }}", "PaperFacts"),
        ("{%p endfor %}", ""),
    ):
        if text == "TABLE":
            _table(made)
        else:
            made.add_paragraph(text, style=style or None)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _style(made: Any, name: str, look: Look, above: float) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.name, style.font.size = LATIN, Pt(look.size)
    style.font.bold = look.bold
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), look.font)
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(above), Pt(look.after)
    layout.line_spacing = Pt(look.line) if look.line else 1.0  # lines of a fixed height would cut a drawing
    if look.indent:
        layout.first_line_indent = Pt(2 * look.size)
    if name in CENTRED:
        layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
    layout.keep_with_next = name in TOGETHER or None
    if name == "PaperHead":
        level = OxmlElement("w:outlineLvl")  # the chapters stand in Word's navigation
        level.set(qn("w:val"), "0")
        style.element.get_or_add_pPr().append(level)


def _languages(made: Any) -> None:
    """Say that Chinese is the mainland's: else a comma may stand in the middle of its square."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    basis = made.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    told = basis.find(qn("w:lang"))
    if told is None:
        told = OxmlElement("w:lang")
        basis.append(told)
    told.set(qn("w:val"), "en-GB")
    told.set(qn("w:eastAsia"), "zh-CN")


def _instead(made: Any) -> None:
    """Name the font that stands in for each one that is missing on a machine."""
    from xml.sax.saxutils import quoteattr

    known = "".join(
        f"<w:font w:name={quoteattr(name)}><w:altName w:val={quoteattr(other)}/>"
        '<w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, other in INSTEAD.items()
    )
    for part in made.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = part.blob.replace(b"</w:fonts>", known.encode() + b"</w:fonts>")  # noqa: SLF001


def _page_number(paragraph: Any) -> None:
    """Write — 1 — into the foot of the page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text in ("— ", "PAGE", " —"):
        run = paragraph.add_run("" if text == "PAGE" else text)
        run.font.size, run.font.name = Pt(14), LATIN
        if text == "PAGE":
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), "PAGE")
            inner = OxmlElement("w:r")
            inner.append(OxmlElement("w:t"))
            inner[0].text = "1"
            field.append(inner)
            run._r.addnext(field)  # noqa: SLF001 - python-docx has no page field


def _table(made: Any) -> None:
    """Add the table whose rows and columns the paper brings."""
    table = made.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    cells = [
        ("{%tc for head in block.heads %}", "{{ head }}", "{%tc endfor %}"),
        ("{%tr for row in block.rows %}", "", ""),
        ("{%tc for cell in row %}", "{{r cell }}", "{%tc endfor %}"),
        ("{%tr endfor %}", "", ""),
    ]
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.paragraphs[0].text = text
            cell.paragraphs[0].style = "PaperCell"
