"""How does a paper become pages to print and sign?"""

from wenqu.messages import say
from wenqu.reports.column_widths import column_widths
from wenqu.reports.paper import (
    Block,
    Cell,
    Chart,
    PaperContent,
    Words,
    cell_text,
    printed,
    runs,
    source_groups,
)
from wenqu.reports.paper_docx import below, group_line, heading
from wenqu.reports.typeset import text_fonts, typeset
from wenqu.reports.waterfall import waterfall_chart

ACROSS = {False: 160, True: 247}  # [mm] of the text, see templates/paper.typ
CELL = 8.5  # [pt] of the letters of a table


def paper_pdf(content: PaperContent) -> bytes:
    """Return a paper as a PDF; a figure's number leads to its line in the list of sources.

    Raises
    ------
    EngineFailed
        The typesetter refused the document.
    """
    language, width = content.language, ACROSS[content.across]
    drawings: dict[str, bytes] = {}

    def pieces(text: str) -> list[dict[str, object]]:
        return [{"text": run.text, "fact": run.fact} for run in runs(text, content.facts, language)]

    def block(one: Block) -> dict[str, object]:
        if isinstance(one, Words):
            lines = [pieces(line) for line in one.text.split("\n") if line.strip()]
            return {"kind": "words", "notice": one.notice, "lines": lines}
        if isinstance(one, Chart):
            drawings[f"{one.key}.svg"] = waterfall_chart(one.steps, one.target, language)
            return {"kind": "chart", "caption": one.caption, "file": f"{one.key}.svg"}
        shown = printed(one, language)
        return {
            "kind": "grid", "caption": one.caption, "heads": [head.label for head in one.heads],
            "widths": column_widths(one.heads, width, CELL), "numbers": [head.number for head in one.heads],
            "rows": [[pieces(_text(cell)) for cell in row] for row in shown.rows], "note": pieces(shown.note),
        }  # fmt: skip

    data = {
        "language": language, "fonts": text_fonts(), "title": content.name,
        "title_lines": list(content.title_lines), "issuer": content.issuer,
        "below": below(content),
        "across": content.across, "marks": list(content.marks), "basis": content.basis,
        "sources_title": heading(len(content.parts), say("paper.part.sources", language), language),
        "parts": [
            {"title": heading(number, part.title, language), "blocks": [block(one) for one in part.blocks]}
            for number, part in enumerate(content.parts)
        ],
        "facts": [
            {"numbers": [one.number for one in facts], "text": group_line(facts, line, language)}
            for facts, line in source_groups(content)
        ],
    }  # fmt: skip
    return typeset("paper.typ", data, drawings)


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell_text(cell)
