"""How does a list of the programme become pages to print and sign?"""

from wenqu.reports.official_list import Cell, OfficialList
from wenqu.reports.typeset import text_fonts, typeset

LONG = 14  # letters from which a column shares the width that is left
WIDE = {True: 2, False: 1}  # width of a letter: Chinese against others


def official_pdf(made: OfficialList, language: str) -> bytes:
    """Return the list as a PDF, A4 across, the headings repeated on every page.

    Raises
    ------
    EngineFailed
        The typesetter refused the document.
    """
    columns = list(zip(*made.rows, strict=True)) or [() for _ in made.heads]
    numbers = [
        place
        for place, cells in enumerate(columns)
        if cells and all(isinstance(cell, int | float) or cell is None for cell in cells)
    ]
    data = {
        "language": language,
        "fonts": text_fonts(),
        "title": made.title,
        "unit": made.unit,
        "day": made.day,
        "heads": list(made.heads),
        "rows": [[_text(cell) for cell in row] for row in made.rows],
        "total": [_text(cell) for cell in made.total],
        "widths": [_width(cells) for cells in columns],
        "numbers": numbers,
        "lines": [line for line in (made.only, made.signed) if line],
        "mark": made.mark,  # that it is simulated stands on every page
    }
    return typeset("list.typ", data)


def _width(cells: tuple[Cell, ...]) -> int:
    """Return the share of the width that a column of long texts gets, 0 for one as wide as it needs."""
    longest = max((sum(WIDE[letter > "\u2e80"] for letter in _text(cell)) for cell in cells), default=0)
    return 0 if longest <= LONG else min(longest, 4 * LONG)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    return f"{cell:.2f}".rstrip("0").rstrip(".") if isinstance(cell, float) else str(cell)
