"""How does a paper become a Word document in the official layout (GB/T 9704-2012)?"""

import io
import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from wenqu.messages import say
from wenqu.protocols.word_file import clean
from wenqu.reports.column_widths import column_widths, heading_text
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
from wenqu.reports.paper_template import ACROSS, LEFT, RIGHT, official_template
from wenqu.reports.waterfall import waterfall_chart
from wenqu.reports.wording import written_day

NUMBERS = "一二三四五六七八九十"
SQUARE = re.compile("([“”‘’—]+)")  # in a Chinese text as wide as its letters
CELL = 9  # [pt] of the letters of a table


def paper_docx(content: PaperContent) -> bytes:
    """Return a paper as a Word document."""
    from docxtpl import DocxTemplate

    template = DocxTemplate(io.BytesIO(official_template(content.language, across=content.across)))
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
            heads = [heading_text(clean(head.label)) for head in block.heads]
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
    sources = [
        _source([one.number for one in facts], group_line(facts, line, language), language)
        for facts, line in source_groups(content)
    ]
    return {
        "title": [_rich(line, content) for line in content.title_lines],
        "below": clean(below(content)),
        "mark": clean(" ".join(content.marks)),
        "parts": parts,
        "basis": clean(content.basis),
        "sources_title": heading(len(content.parts), say("paper.part.sources", language), language),
        "sources": sources,
    }


def below(content: PaperContent) -> str:
    """Return what stands below the title: who reports, and as of which day."""
    day = written_day(content.day, content.language)
    return say("paper.below", content.language, issuer=content.issuer, day=day)


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
    """Return a text with its figures; the number of each leads to its line in the list of sources."""
    from docxtpl import RichText

    made = RichText()
    for run in runs(clean(text), content.facts, content.language):
        if not run.fact:
            made.xml += _run(run.text, content.language)
            continue
        raised = _run(run.text, content.language, '<w:vertAlign w:val="superscript"/>')
        made.xml += f'<w:hyperlink w:anchor="F{run.fact}" w:history="1">{raised}</w:hyperlink>'
    return made


def _source(numbers: Sequence[int], line: str, language: str) -> Any:
    """Return a line of the list of sources, a place that its figures lead to."""
    from docxtpl import RichText

    made = RichText()
    made.xml = "".join(
        f'<w:bookmarkStart w:id="{number}" w:name="F{number}"/><w:bookmarkEnd w:id="{number}"/>'
        for number in numbers
    ) + _run(clean(line), language)
    return made


def _run(text: str, language: str, look: str = "") -> str:
    """Return a text as it stands in the file; Chinese quotation marks have the width of a letter."""
    made = ""
    for place, piece in enumerate(SQUARE.split(text) if language == "zh" else [text]):
        hint = '<w:rFonts w:hint="eastAsia"/>' if place % 2 else ""
        asked = f"<w:rPr>{hint}{look}</w:rPr>" if hint or look else ""
        if piece:
            made += f'<w:r>{asked}<w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'
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
    shares = [Mm(one) for one in column_widths(grid.heads, width, CELL)]
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
