"""What does an Access file (MDB, ACCDB) of a survey firm hold? Its tables, as layers without shapes.

access-parser and mdbtools read such files too. The first shifts a column against its neighbours where a
row is short, misreads packed Chinese text, money and decimals, and brings back rows of pages that a table
has given up; the second is a program that not every machine has. So the pages are read here.
"""

from pathlib import Path

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.access_pages import (
    BROKEN,
    CATALOGUE,
    AccessTable,
    Book,
    opened,
    rows_of,
    table_at,
)
from wenqu.network.formats.access_values import KNOWN, values_of
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.sheets import Sheet, layer_of_sheet

TABLE, LINKS = 1, {4, 6}  # kinds of object in the table of tables: here, and in another file
SYSTEM = 0x80000002  # flags of tables that the program keeps for itself
OWN = ("msys", "usys", "~")  # and how their names begin


def layers_of_access(path: Path) -> Delivered:
    """Return each table of an Access file as a layer without shapes.

    Raises
    ------
    FileUnreadable
        It is no Access file, too old, cut short, locked, damaged, or has no table with rows.
    """
    book = opened(path.name, path.read_bytes())
    layers, issues = [], list[Issue]()
    try:
        tables, links = _tables(book)
    except (*BROKEN, KeyError):
        raise FileUnreadable("access-damaged", path=path.name) from None
    for name, page in tables.items():
        layer, told = _layer(book, name, page)
        layers += [layer] if layer else []
        issues += told
    for name in links:
        place = Place(path.name, name)
        issues.append(Issue("table.linked", Weight.DOUBT, place=place, facts={"layer": name}))
    if not layers:
        raise FileUnreadable("no-table", path=path.name)
    return Delivered(layers, issues)


def tables_of_access(path: Path) -> tuple[str, ...]:
    """Return the names of the tables of an Access file; none where it cannot be read."""
    try:
        return tuple(_tables(opened(path.name, path.read_bytes()))[0])
    except (FileUnreadable, *BROKEN, KeyError):
        return ()


def _tables(book: Book) -> tuple[dict[str, int], list[str]]:
    """Return the page of each table's definition, and the names of tables that are in other files."""
    catalogue = table_at(book, CATALOGUE)
    names = [column.name for column in catalogue.columns]
    found: dict[str, int] = {}
    links = []
    for row in rows_of(book, catalogue):
        entry = dict(zip(names, values_of(book, catalogue, row), strict=True))
        name, kind, flags = str(entry["Name"]), entry["Type"], entry.get("Flags") or 0
        if name.casefold().startswith(OWN) or int(str(flags)) & SYSTEM:
            continue
        if kind == TABLE:
            found[name] = int(str(entry["Id"])) & 0xFFFFFF
        elif kind in LINKS:
            links.append(name)
    return found, links


def _layer(book: Book, name: str, page: int) -> tuple[RawLayer | None, list[Issue]]:
    where = Place(book.name, name)
    try:
        table = table_at(book, page)
    except BROKEN:
        return None, [Issue("table.broken", Weight.DOUBT, place=where, facts={"layer": name})]
    rows, broken = _read(book, table)
    issues = []
    if broken or table.rows > len(rows):
        facts: dict[str, object] = {"layer": name, "said": table.rows, "read": len(rows)}
        issues.append(Issue("table.rows-missing", Weight.DOUBT, place=where, facts=facts))
    left = [column.name for column in table.columns if column.kind not in KNOWN]
    if left and rows:
        facts = {"layer": name, "columns": ", ".join(left)}
        issues.append(Issue("table.no-values", Weight.NOTE, place=where, facts=facts))
    kept = [place for place, column in enumerate(table.columns) if column.kind in KNOWN]
    cells: list[list[object]] = [[table.columns[place].name for place in kept]]
    cells += [[row[place] for place in kept] for row in rows]
    layer, told = layer_of_sheet(Sheet(book.name, name, cells, first=0, headed=True))
    return layer, [*issues, *told]


def _read(book: Book, table: AccessTable) -> tuple[list[list[object]], int]:
    """Return the rows of a table, and how many could not be read."""
    rows, broken = [], 0
    for row in rows_of(book, table):
        try:
            rows.append(values_of(book, table, row))
        except ValueError:
            broken += 1
    return rows, broken
