"""How does one plain list become an Excel workbook: headings, rows, a note below?"""

import io
from collections.abc import Sequence


def plain_sheet(heads: Sequence[str], rows: Sequence[Sequence[object]], note: str = "") -> bytes:
    """Return a workbook of one sheet; what begins with = is text, no formula."""
    import xlsxwriter

    out = io.BytesIO()
    plainly = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, plainly)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, heads, book.add_format({"bold": True, "bg_color": "#E0EDF5", "bottom": 1}))
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)
    if note:
        sheet.write_string(len(rows) + 2, 0, note)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 14)
    book.close()
    return out.getvalue()
