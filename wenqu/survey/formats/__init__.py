"""Which inspection format is a file written in? Told by its content, never by its ending alone."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from wenqu.errors import FileMissing, FileUnreadable
from wenqu.network.formats.access import tables_of_access
from wenqu.survey.delivery import Peek, SurveyDelivery
from wenqu.survey.formats import crew_lists, crew_report, en_text, isybau, m150, pacp, wincan

HEAD = 1 << 16  # [bytes]
SQLITE, ACCESS = b"SQLite format 3\x00", (b"Standard Jet DB", b"Standard ACE DB")


class InspectionFormat(Protocol):
    """A module of this folder that reads one format."""

    NAME: str

    def recognises(self, peek: Peek, /) -> bool:
        """Tell whether a file is written in this format."""
        ...

    def read(self, path: Path, /) -> SurveyDelivery:
        """Return what the file says."""
        ...


# Asked in this order; a new format is a module with these three names and a line here.
FORMATS: tuple[InspectionFormat, ...] = (en_text, isybau, m150, wincan, pacp, crew_report, crew_lists)


def peek(path: Path) -> Peek:
    """Return what is needed to recognise a file.

    Raises
    ------
    FileMissing
        There is no such file.
    """
    if not path.is_file():
        raise FileMissing(path=str(path))
    with path.open("rb") as file:
        head = file.read(HEAD)
    members: tuple[str, ...] = ()
    if head.startswith(b"PK") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = tuple(archive.namelist())
    return Peek(path.name, head, members, _tables(path, head))


def _tables(path: Path, head: bytes) -> tuple[str, ...]:
    """Return the names of the tables of a database."""
    if head.startswith(SQLITE):
        try:
            with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as base:
                found = base.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
                return tuple(str(name) for (name,) in found)
        except sqlite3.Error:
            return ()
    return tables_of_access(path) if any(mark in head[:32] for mark in ACCESS) else ()


def format_of(path: Path) -> InspectionFormat | None:
    """Return the format that a file is written in, None when it is no inspection file that we know.

    Raises
    ------
    FileMissing
        There is no such file.
    """
    seen = peek(path)
    return next((one for one in FORMATS if one.recognises(seen)), None)


def read(path: Path) -> SurveyDelivery:
    """Return what an inspection file says.

    Raises
    ------
    FileMissing
        There is no such file.
    FileUnreadable
        It is in none of the formats that are read.
    """
    found = format_of(path)
    if found is None:
        known = ", ".join(one.NAME for one in FORMATS)
        raise FileUnreadable("no-inspections", path=str(path), known=known)
    return found.read(path)
