"""Money as tables: which columns has each, for people, for finance and for a file that comes back?"""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wenqu.errors import BadInput
from wenqu.messages import say

# Columns of each table as they are told; those of the money are summed.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "funds": ("id", "source", "name", "year", "district", "amount", "promised", "paid", "left", "last",
              "document", "date", "uses", "void", "void_why"),
    "contracts": ("id", "number", "project", "lot", "district", "contractor", "purpose", "price", "now",
                  "accepted_m", "whole_m", "share", "value", "limit", "paid", "room", "over", "signed",
                  "begins", "ends", "schedule_index", "money_index"),
    "variations": ("id", "contract", "number", "kind", "amount", "date", "reason", "document", "state",
                   "decided_document", "decided_body", "void", "void_why"),
    "payments": ("id", "contract", "number", "contractor", "fund", "fund_name", "source", "kind", "amount",
                 "date", "pipes", "document", "void", "void_why"),
    "budget": ("year", "source", "district", "funds", "promised", "paid", "left"),
}  # fmt: skip
SUMMED: Mapping[str, tuple[str, ...]] = {
    "funds": ("amount", "promised", "paid", "left"),
    "contracts": ("price", "now", "accepted_m", "whole_m", "value", "limit", "paid", "room", "over"),
    "variations": ("amount",),
    "payments": ("amount",),
    "budget": ("funds", "promised", "paid", "left"),
}
# Columns of the files that money is brought in with: name, and whether a row needs it.
GIVEN: Mapping[str, tuple[tuple[str, bool], ...]] = {
    "funds": (("id", False), ("source", True), ("name", True), ("year", True), ("amount", True),
              ("document", True), ("date", True), ("district", False), ("uses", False), ("note", False)),
    "contracts": (("id", False), ("number", True), ("project", True), ("lot", True), ("contractor", True),
                  ("purpose", True), ("price", True), ("signed", True), ("begins", True), ("ends", True),
                  ("prices", False), ("advance", False), ("recovered", False), ("progress", False),
                  ("retention", False), ("defect_days", False), ("funding", False), ("note", False)),
    "variations": (("id", False), ("contract", True), ("kind", False), ("amount", True), ("date", True),
                   ("reason", True), ("document", False)),
    "payments": (("id", False), ("contract", True), ("fund", True), ("kind", False), ("amount", True),
                 ("date", True), ("document", True), ("pipes", False), ("note", False)),
}  # fmt: skip
WORDS: Mapping[str, str] = {"source": "money.source", "purpose": "money.purpose", "kind": "money.kind",
                            "uses": "money.purpose", "state": "money.state"}  # fmt: skip
Cell = str | float | None


@dataclass(frozen=True, slots=True)
class Table:
    """One table with its heading in a language."""

    name: str
    columns: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def summed(self) -> tuple[int, ...]:
        """Return the places of the columns that are summed."""
        return tuple(at for at, name in enumerate(self.columns) if name in SUMMED[self.name])


def head(column: str, language: str) -> str:
    """Return the heading of a column."""
    return say(f"money.column.{column}", language)


def table_of(
    view: Mapping[str, Any], name: str, language: str, names: Mapping[str, str] | None = None
) -> Table:
    """Return one table of what ``view_money`` told.

    Parameters
    ----------
    names
        Name of each district by id.

    Raises
    ------
    BadInput
        There is no such table.
    """
    if name not in COLUMNS:
        raise BadInput("money-table", table=name, known=", ".join(COLUMNS))
    rows = tuple(
        tuple(_cell(column, row.get(column), language, names or {}) for column in COLUMNS[name])
        for row in view[name]
    )
    return Table(name, COLUMNS[name], tuple(head(one, language) for one in COLUMNS[name]), rows)


def _cell(column: str, value: Any, language: str, names: Mapping[str, str]) -> Cell:
    if isinstance(value, list | tuple):
        return "; ".join(str(_cell(column, one, language, names)) for one in value)
    if column in WORDS and value:
        return say(f"{WORDS[column]}.{value}", language)
    if column == "district":
        return names.get(str(value), str(value or ""))
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, int) else str(value)


def table_csv(table: Table) -> bytes:
    """Return a table as CSV that Excel opens with Chinese intact; no cell of it is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.heads)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def template(name: str, language: str) -> tuple[tuple[str, ...], Sequence[Sequence[str]]]:
    """Return the headings of a file that money is brought in with, those a row needs marked, and no rows.

    Raises
    ------
    BadInput
        There is no such table.
    """
    if name not in GIVEN:
        raise BadInput("money-table", table=name, known=", ".join(GIVEN))
    return tuple(head(one, language) + (" *" if needed else "") for one, needed in GIVEN[name]), ()
