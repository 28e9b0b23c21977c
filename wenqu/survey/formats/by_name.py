"""What is a file called a report whose content nobody recognises? Damaged, most often."""

from pathlib import Path

from wenqu.survey.delivery import SurveyDelivery
from wenqu.survey.formats import crew_lists, crew_report
from wenqu.survey.formats.list_tables import WORKBOOKS
from wenqu.survey.xml_stream import XmlStream
from wenqu.survey.xml_told import nothing_in

WORD = (".docx", ".docm", ".doc", ".wps")
DATABASES = (".mdb", ".accdb")


def read_by_name(path: Path) -> SurveyDelivery | None:
    """Return what a file says that is called a report; None when it is not called one.

    Raises
    ------
    FileUnreadable
        It is damaged, cut short or something else under this name: the sentence says which.
    """
    ending = path.suffix.casefold()
    if ending in WORD:
        return crew_report.read(path)
    if ending in (*WORKBOOKS, *DATABASES):
        return crew_lists.read(path)
    if ending == ".xml":
        _demand_whole(path)
    return None


def _demand_whole(path: Path) -> None:
    """Refuse an XML file that breaks off before it says what it is."""
    stream = XmlStream(path, ())
    for _ in stream:
        pass
    if stream.break_line:
        raise nothing_in(stream)
