"""How does a paper become a Word document in the official layout (GB/T 9704-2012)?

The template is made here, by code: A4, 37 mm above and 28 mm to the left of a text of 156 by 225 mm, title in
小标宋 22 pt, text in 仿宋 16 pt on lines of 28 pt, chapters in 黑体, page number between dashes. Fonts are
named, not shipped: a machine without them shows its own.
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

from wenqu.messages import say
from wenqu.protocols.word_file import clean
from wenqu.reports.drawn_png import drawn_png
from wenqu.reports.paper import (
    Cell,
    Chart,
    Fact,
    Grid,
    PaperContent,
    Words,
    cell_text,
    printed,
    runs,
    source_groups,
)
from wenqu.reports.waterfall import waterfall_chart

NUMBERS = "一二三四五六七八九十"
ACROSS = {False: (210, 297), True: (297, 210)}  # [mm]
TOP, LEFT, RIGHT, BOTTOM = 37, 28, 26, 35  # [mm]
LATIN = "Times New Roman"
LOOKS = {  # style: font, size [pt], line [pt], bold in Latin letters
    "PaperTitle": ("方正小标宋简体", 22, 34, True),
    "PaperHead": ("黑体", 16, 28, True),
    "PaperText": ("仿宋_GB2312", 16, 28, False),
    "PaperNotice": ("楷体_GB2312", 16, 28, False),
    "PaperFacts": ("楷体_GB2312", 12, 20, False),
    "PaperCaption": ("黑体", 12, 20, True),
    "PaperCell": ("宋体", 9, 12, False),
    "PaperNote": ("宋体", 9, 13, False),
    "PaperChart": ("宋体", 9, 0, False),
    "PaperUnder": ("黑体", 12, 20, True),
}
INSTEAD = {  # font of the official layout: what a machine without it has; both are tried by Word and WPS
    "方正小标宋简体": "华文中宋;宋体;SimSun;Noto Serif CJK SC",
    "仿宋_GB2312": "仿宋;FangSong;华文仿宋;Noto Serif CJK SC",
    "楷体_GB2312": "楷体;KaiTi;华文楷体;Noto Serif CJK SC",
    "黑体": "SimHei;微软雅黑;Noto Sans CJK SC",
    "宋体": "SimSun;Noto Serif CJK SC",
}
INDENTED = {"PaperText", "PaperNotice"}
CENTRED = {"PaperTitle", "PaperCaption", "PaperChart", "PaperUnder"}


@cache
def official_template(*, across: bool = False) -> bytes:
    """Return the empty template: styles, page, and where the parts of a paper go."""
    from docx import Document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    made = Document()
    for name, look in LOOKS.items():
        _style(made, name, *look)
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
        ("{{ line }}", "PaperTitle"),
        ("{%p endfor %}", ""),
        ("{{ below }}", "PaperCaption"),
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
        ("{{ line }}", "PaperFacts"),
        ("{%p endfor %}", ""),
    ):
        if text == "TABLE":
            _table(made)
        else:
            made.add_paragraph(text, style=style or None)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _style(made: Any, name: str, font: str, size: int, line: int, bold: bool) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.bold = bold and font == "黑体"
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    layout = style.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing = Pt(line) if line else 1.0  # lines of a fixed height would cut a drawing
    if name in INDENTED:
        layout.first_line_indent = Pt(2 * size)
    if name in CENTRED:
        layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if name in {"PaperHead", "PaperCaption", "PaperChart"}:
        layout.keep_with_next = True
    if name == "PaperHead":
        level = OxmlElement("w:outlineLvl")  # the chapters stand in Word's navigation
        level.set(qn("w:val"), "0")
        style.element.get_or_add_pPr().append(level)
    if name in {"PaperCaption", "PaperChart"}:
        layout.space_before = Pt(8)
    if name in {"PaperNote", "PaperUnder"}:
        layout.space_after = Pt(8)


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


def paper_docx(content: PaperContent) -> bytes:
    """Return a paper as a Word document."""
    from docxtpl import DocxTemplate

    template = DocxTemplate(io.BytesIO(official_template(across=content.across)))
    template.render(_context(content, template), autoescape=True)
    grids = [block for part in content.parts for block in part.blocks if isinstance(block, Grid)]
    width = ACROSS[content.across][0] - LEFT - RIGHT
    for table, grid in zip(template.docx.tables, grids, strict=True):
        _fit(table, grid, width)
    charts = [block for part in content.parts for block in part.blocks if isinstance(block, Chart)]
    for picture, chart in zip(template.docx.inline_shapes, charts, strict=True):
        picture._inline.docPr.set("descr", clean(chart.caption))  # noqa: SLF001 - python-docx has no word for it
    template.docx.core_properties.title = clean(content.name)
    template.docx.core_properties.author = clean(content.issuer)
    template.docx.core_properties.comments = clean(" ".join((content.basis, *content.marks)))
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def _pictures(content: PaperContent, template: Any) -> dict[str, Any]:
    """Return the drawings of a paper by their names, as wide as its text."""
    from docx.shared import Mm
    from docxtpl import InlineImage

    charts = [block for part in content.parts for block in part.blocks if isinstance(block, Chart)]
    drawn = drawn_png(
        {one.key: waterfall_chart(one.steps, one.target, content.language).decode() for one in charts}
    )
    width = Mm(min(156, ACROSS[content.across][0] - LEFT - RIGHT))
    return {key: InlineImage(template, io.BytesIO(body), width=width) for key, body in drawn.items()}


def _context(content: PaperContent, template: Any) -> dict[str, Any]:
    language, pictures = content.language, _pictures(content, template)
    parts = []
    for number, part in enumerate(content.parts):
        blocks: list[dict[str, Any]] = []
        for block in part.blocks:
            if isinstance(block, Words):
                lines = [_rich(line, content) for line in block.text.split("\n") if line.strip()]
                blocks.append({"lines": lines, "notice": block.notice})
                continue
            if isinstance(block, Chart):
                blocks.append({"picture": pictures[block.key], "caption": clean(block.caption)})
                continue
            shown = printed(block, language)
            heads = [clean(head.label) for head in block.heads]
            rows = [[_rich(_text(cell), content) for cell in row] for row in shown.rows]
            blocks.append(
                {
                    "grid": True,
                    "caption": clean(block.caption),
                    "heads": heads,
                    "rows": rows,
                    "note": _rich(shown.note, content),
                }
            )
        parts.append({"title": heading(number, part.title, language), "blocks": blocks})
    sources = [clean(group_line(facts, line, language)) for facts, line in source_groups(content)]
    return {
        "title": [clean(line) for line in content.title_lines],
        "below": clean(say("paper.below", language, issuer=content.issuer, day=content.day)),
        "mark": clean(" ".join(content.marks)),
        "parts": parts,
        "basis": clean(content.basis),
        "sources_title": heading(len(content.parts), say("paper.part.sources", language), language),
        "sources": sources,
    }


def group_line(facts: Sequence[Fact], line: str, language: str) -> str:
    """Return one line of the list of sources: its figures, then from what they were made."""
    figures = say("paper.between", language).join(
        say("paper.source.figure", language, number=one.number, label=one.label, said=one.said)
        for one in facts
    )
    return say("paper.source.line", language, figures=figures, source=line)


def heading(number: int, title: str, language: str) -> str:
    """Return the title of a chapter with its number, from 0.

    Examples
    --------
    >>> heading(1, "成因", "zh"), heading(10, "出处", "zh"), heading(1, "Causes", "en")
    ('二、成因', '十一、出处', '2. Causes')
    """
    if language != "zh":
        return f"{number + 1}. {title}"
    tens, ones = divmod(number + 1, 10)
    written = NUMBERS[number] if number < 10 else ("" if tens == 1 else NUMBERS[tens - 1]) + "十"
    return f"{written}{NUMBERS[ones - 1] if number >= 10 and ones else ''}、{title}"


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell_text(cell)


def _rich(text: str, content: PaperContent) -> Any:
    from docxtpl import RichText

    made = RichText()
    for run in runs(clean(text), content.facts, content.language):
        made.add(run.text, superscript=bool(run.fact))
    return made


def _margins(table: Any) -> None:
    """Leave 1 mm beside the text of a cell: Word's own 1.9 mm break a year in two in a narrow column."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        one = OxmlElement(f"w:{side}")
        one.set(qn("w:w"), "57")  # [1/20 pt]
        one.set(qn("w:type"), "dxa")
        margins.append(one)
    layout = table._tbl.tblPr  # noqa: SLF001 - python-docx has no word for it
    look = layout.find(qn("w:tblLook"))
    layout.append(margins) if look is None else look.addprevious(margins)


def _fit(table: Any, grid: Grid, width: float) -> None:
    """Give each column its share, numbers to the right, and repeat the heading on every page."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    table.autofit = False
    _margins(table)
    whole = sum(head.width for head in grid.heads)
    shares = [Mm(width * head.width / whole) for head in grid.heads]
    for column, share in zip(table.columns, shares, strict=True):
        column.width = share
    for place, row in enumerate(table.rows):
        for cell, share, head in zip(row.cells, shares, grid.heads, strict=True):
            cell.width = share
            side = WD_ALIGN_PARAGRAPH.RIGHT if head.number else WD_ALIGN_PARAGRAPH.LEFT
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER if place == 0 else side
            if place == 0:
                for run in cell.paragraphs[0].runs:
                    run.font.bold = True
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no word for it
        properties.append(OxmlElement("w:cantSplit"))
        if place == 0:
            properties.append(OxmlElement("w:tblHeader"))
