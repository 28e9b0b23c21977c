"""Which rows stand in the tables that a city keeps whole, who stated each of them when, and how is one kept?

A version of such a table is one statement. What a row of it says was stated by the version that first had it
so, and a row that a version has no more is gone by that version.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from wenqu.errors import BadInput
from wenqu.records.programme_table import ProgrammeTable
from wenqu.records.registry import GONE, RecordKind, gone
from wenqu.services.programme_tables import checked_rows, file_own, own_rows, table_text
from wenqu.store.changes import OpenChange
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.supervision.own_tables import fault_of

Cells = Mapping[str, str]
Filed = tuple[Any, Filing]
READ: Mapping[object, Callable[[str], object]] = {
    int: lambda text: int(text or 0),
    float: lambda text: float(text or "nan"),
    bool: lambda text: text == "True",
}


def statements(
    store: Store, city: str, kind: RecordKind, as_of: str | None = None, *, last_run: bool = False
) -> Sequence[Any]:
    """Return what was stated of the rows of a kind, oldest first."""
    if not kind.held[0]:
        return store.records(city, kind.name, kind.cls, as_of, last_run)
    return [row for row, _ in filings(store, city, kind, as_of)]


def filings(store: Store, city: str, kind: RecordKind, as_of: str | None = None) -> list[Filed]:
    """Return what was stated of the rows of a kind with the change that filed it, oldest first."""
    holder, name = kind.held
    if not holder:
        return store.filed(city, kind.name, kind.cls, as_of)
    versions = [pair for pair in store.filed(city, holder, ProgrammeTable, as_of) if pair[0].name == name]
    return list(_stated(kind, versions))


def _stated(kind: RecordKind, versions: Iterable[Filed]) -> Iterator[Filed]:
    before: dict[tuple[str, ...], Any] = {}
    for version, filing in versions:
        made = [_row(kind, cells) for cells in own_rows(kind.held[1], version.text)]
        now = {_key(kind, row): row for row in made}
        for key, row in now.items():
            if key not in before or cells_of(row) != cells_of(before[key]):
                yield row, filing
        for key, row in before.items():
            if key not in now:
                yield replace(row, **{GONE: True}), filing
        before = now


def _key(kind: RecordKind, row: Any) -> tuple[str, ...]:
    return tuple(str(getattr(row, name)) for name in kind.key)


def _row(kind: RecordKind, cells: Cells) -> Any:
    """Return a row of a table as what it says."""
    made = {
        entry.name: READ.get(entry.type, str)(cells[entry.name])
        for entry in fields(kind.cls)
        if entry.name in cells
    }
    return kind.cls(**made)


def cells_of(row: Any) -> dict[str, str]:
    """Return what a row says as the cells of its table."""
    return {one.name: _cell(getattr(row, one.name)) for one in fields(row) if one.name != GONE}


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.12g}"
    return str(value)


def check_cells(kind: RecordKind, row: Any) -> None:
    """Refuse a row that its table would not take.

    Raises
    ------
    BadInput
        A cell does not hold (``own-cell``).
    """
    cells = cells_of(row)
    column = fault_of(kind.held[1], cells)
    if column:
        raise BadInput("own-cell", register=kind.name, column=column, value=cells[column])


def prove_rows(store: Store, city: str, kind: RecordKind, rows: Sequence[Any]) -> Sequence[Cells]:
    """Return the cells of a table in which some rows are stated anew, proved as a whole.

    Raises
    ------
    BadInput
        The rows make no whole: a circle of steps, a method of two trades, a closure that ends before its day.
    """
    stands = {_key(kind, row): row for row in statements(store, city, kind)}
    stands |= {_key(kind, row): row for row in rows}
    cells = [cells_of(row) for row in stands.values() if not gone(row)]
    checked_rows(store, city, kind.held[1], cells)
    return cells


def put_rows(
    change: OpenChange, store: Store, city: str, kind: RecordKind, rows: Sequence[Any], *, reason: str,
) -> None:  # fmt: skip
    """State rows of a kind within a change: each as a statement, or all as the next version of their table.

    Raises
    ------
    BadInput
        See ``prove_rows``.
    """
    holder, name = kind.held
    if not holder:
        change.add_records(kind.name, rows)
        return
    cells = prove_rows(store, city, kind, rows)
    file_own(change, name, table_text(name, cells), reason, simulated=store.city(city).simulated)
