"""How does a list of the programme become a Word document?"""

from wenqu.protocols.word_file import Box, WordFile
from wenqu.reports.official_list import Cell, OfficialList


def official_docx(made: OfficialList) -> bytes:
    """Return the list as a Word document, A4 across, the headings repeated on every page."""
    document = WordFile()
    document.heading(made.title)
    document.note("        ".join(filter(None, (made.unit, made.day, made.mark))))
    heads = [Box(text, bold=True) for text in made.heads]
    rows = [[Box(_text(value)) for value in row] for row in made.rows]
    rows += [[Box(_text(value), bold=True) for value in made.total]] if made.total else []
    document.table([heads, *rows], heads=1)
    for line in filter(None, (made.only, made.signed)):
        document.note(line)
    return document.bytes()


def _text(value: Cell) -> str:
    return "" if value is None else str(value)
