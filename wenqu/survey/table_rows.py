"""What stands in the tables of a survey database (SQLite, Access) or of an archive of CSV files?"""

import csv
import sqlite3
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue
from wenqu.network.formats.access import layers_of_access
from wenqu.network.formats.encodings import text_of_bytes

Row = Mapping[str, str]  # column in small letters → text, "" where there is nothing
SQLITE = b"SQLite format 3\x00"
LONGEST = 256 << 20  # [bytes] of one CSV file when unpacked


def rows_of_tables(path: Path, wanted: Sequence[str]) -> tuple[dict[str, list[Row]], list[Issue]]:
    """Return the rows of the wanted tables, by their names in small letters; no rows where one is absent.

    Raises
    ------
    FileUnreadable
        The database is damaged, or a file in the archive is too large.
    """
    names = {name.casefold() for name in wanted}
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(SQLITE):
        return _of_sqlite(path, names), []
    if head.startswith(b"PK"):
        return _of_archive(path, names), []
    delivered = layers_of_access(path)
    found: dict[str, list[Row]] = {name: [] for name in names}
    for layer in delivered.layers:
        if layer.name.casefold() in names:
            found[layer.name.casefold()] = [_row(layer.raw(row)) for row in range(len(layer))]
    return found, [issue for issue in delivered.issues if issue.place.sheet.casefold() in names]


def _row(values: Mapping[str, object]) -> Row:
    return {name.casefold(): _text(value) for name, value in values.items()}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value).strip()


def _of_sqlite(path: Path, names: Iterable[str]) -> dict[str, list[Row]]:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as base:
            base.row_factory = sqlite3.Row
            listed = base.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            known = {str(row[0]).casefold(): str(row[0]) for row in listed}
            found: dict[str, list[Row]] = {name: [] for name in names}
            for name in found.keys() & known.keys():
                table = known[name].replace('"', '""')
                found[name] = [_row(dict(row)) for row in base.execute(f'SELECT * FROM "{table}"')]  # noqa: S608
    except sqlite3.Error as error:
        raise FileUnreadable("damaged-database", path=path.name, said=str(error)) from None
    return found


def table_of_member(member: str) -> str:
    """Return the table that a CSV file in an archive holds, by its name.

    Examples
    --------
    >>> table_of_member("out/PACP Inspections.CSV")
    'pacp_inspections'
    """
    name = member.replace("\\", "/").rpartition("/")[2]
    stem, _, ending = name.rpartition(".")
    return stem.casefold().replace(" ", "_") if ending.casefold() == "csv" else ""


def _of_archive(path: Path, names: Iterable[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in names}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                name = table_of_member(member.filename)
                if name not in found:
                    continue
                if member.file_size > LONGEST:
                    raise FileUnreadable("member-too-large", path=member.filename, most=LONGEST >> 20)
                text = text_of_bytes(archive.read(member)).text
                found[name] = [
                    _row({key: value for key, value in row.items() if key is not None})
                    for row in csv.DictReader(text.splitlines())
                ]
    except (zipfile.BadZipFile, csv.Error) as error:
        raise FileUnreadable("damaged-archive", path=path.name, said=str(error)) from None
    return found
