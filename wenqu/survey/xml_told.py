"""What is to be said of an XML file that breaks off, or whose bytes are no text?"""

from collections.abc import Iterator

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.survey.check_seen import issue_at
from wenqu.survey.xml_stream import XmlStream


def broken_off(stream: XmlStream) -> Iterator[Issue]:
    """Yield what was wrong with a file that was read to its end, or to its break."""
    name = stream.path.name
    if stream.break_line:
        where = Place(name, row=stream.break_line)
        yield issue_at("survey.cut-short", Weight.FAULT, where, said=stream.break_said)
    if stream.unread:
        yield issue_at("survey.broken-text", Weight.FAULT, Place(name))


def nothing_in(stream: XmlStream) -> FileUnreadable:
    """Return why a file that was read gave no inspection: it breaks off before the first, or has none."""
    name = stream.path.name
    if stream.break_line:
        return FileUnreadable("xml-torn", path=name, line=stream.break_line, said=stream.break_said)
    return FileUnreadable("no-inspection", path=name)
