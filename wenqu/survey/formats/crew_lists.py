"""What does a list of a Chinese crew say: a workbook, a table of text or an Access file?"""

from pathlib import Path

from wenqu.errors import FileUnreadable
from wenqu.survey.delivery import Peek, SurveyDelivery
from wenqu.survey.formats.gathering import gathered
from wenqu.survey.formats.list_tables import ACCESS, OLE, WORKBOOKS, grids_of
from wenqu.survey.formats.seen_pipes import seen_assets
from wenqu.survey.formats.table_rows import Walk

NAME = "crew-lists"
STANDARD = "CJJ 181-2012"
BOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")  # of XLSX, XLSB and ODS
TEXTS = (".csv", ".txt", ".tsv")


def recognises(peek: Peek, /) -> bool:
    """Tell whether a file is a workbook, a table of text or an Access file; it is asked last."""
    ending = peek.name.casefold()
    if any(name in peek.head[:64] for name in ACCESS) or set(BOOKS) & set(peek.members):
        return True
    return ending.endswith(WORKBOOKS if peek.head.startswith(OLE) else TEXTS)


def read(path: Path, /) -> SurveyDelivery:
    """Return the inspections that the lists of a file tell of.

    Raises
    ------
    FileUnreadable
        It cannot be read, or has none of the lists that we know.
    """
    grids, encoding, pictures = grids_of(path)
    made = gathered(path.name, Walk().events(grids))
    seen, issues = seen_assets(made)
    if not seen:
        raise FileUnreadable("no-annex", path=path.name)
    return SurveyDelivery(NAME, STANDARD, encoding, tuple(seen), tuple(issues), pictures)
