"""What does the Word report of a Chinese crew say? Annex tables of CJJ 181, as its firm lays them out."""

from pathlib import Path

from wenqu.errors import FileUnreadable
from wenqu.survey.delivery import Peek, SurveyDelivery
from wenqu.survey.formats.gathering import gathered
from wenqu.survey.formats.seen_pipes import seen_assets
from wenqu.survey.formats.table_rows import Walk
from wenqu.survey.formats.word_tables import BODY, OLE, document_of

NAME = "crew-report"
STANDARD = "CJJ 181-2012"


def recognises(peek: Peek, /) -> bool:
    """Tell whether a file is a Word document, also one that is too old or locked."""
    word = peek.name.casefold().endswith((".doc", ".docx", ".docm", ".wps"))
    return BODY in peek.members or (peek.head.startswith(OLE) and word)


def read(path: Path, /) -> SurveyDelivery:
    """Return the inspections that a report tells of.

    Raises
    ------
    FileUnreadable
        It is no Word file that can be read, or has none of the tables that we know.
    """
    document = document_of(path)
    made = gathered(path.name, Walk().events(document.blocks))
    seen, issues = seen_assets(made)
    if not seen:
        raise FileUnreadable("no-annex", path=path.name)
    return SurveyDelivery(NAME, STANDARD, "", tuple(seen), tuple(issues), document.pictures)
