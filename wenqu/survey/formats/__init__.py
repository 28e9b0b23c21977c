"""Which inspection format is a file written in? Told by its content, never by its ending alone."""

import zipfile
from pathlib import Path
from typing import Protocol

from wenqu.errors import FileMissing, FileUnreadable
from wenqu.survey.delivery import Peek, SurveyDelivery

HEAD = 1 << 16  # [bytes]


class InspectionFormat(Protocol):
    """A module of this folder that reads one format."""

    NAME: str

    @staticmethod
    def recognises(peek: Peek, /) -> bool:
        """Tell whether a file is written in this format."""
        ...

    @staticmethod
    def read(path: Path, /) -> SurveyDelivery:
        """Return what the file says."""
        ...


# Asked in this order; a new format is a module with these three names and a line here.
FORMATS: tuple[InspectionFormat, ...] = ()


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
    return Peek(path.name, head, members)


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
