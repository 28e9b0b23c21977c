"""Of what is a workbook of lists built: sheets of typed columns, filled from what a report gathered?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wenqu.messages import say
from wenqu.reports.content import CityReport

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Field:
    """One column: what it is called, its unit, and how its cells are written."""

    label: str
    unit: str = ""
    kind: str = "text"  # text, number, count, percent, date
    width: float = 12  # characters

    @property
    def header(self) -> str:
        """The header cell: the name with its unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list."""

    key: str
    title: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]


Builder = Callable[[CityReport, str], Sheet]


def field(language: str, name: str, unit: str = "", kind: str = "text", width: float = 12) -> Field:
    """Return a column whose name is in the message tables."""
    return Field(say(f"report.column.{name}", language), unit, kind, width)


def sheet(
    report: CityReport, language: str, key: str, fields: tuple[Field, ...], rows: Iterable[tuple[Cell, ...]]
) -> Sheet:
    """Return a list; of a simulated city every row says that it is simulated."""
    title = say(f"report.sheet.{key}", language)
    if not report.city.simulated:
        return Sheet(key, title, fields, tuple(rows))
    mark = say("report.simulated", language)
    marked = (*fields, field(language, "simulated", width=22))
    return Sheet(key, title, marked, tuple((*row, mark) for row in rows))


def origin(language: str) -> tuple[Field, Field, Field]:
    """Return the columns that say from what a row was made."""
    return (
        field(language, "method", width=26),
        field(language, "inputs", width=34),
        field(language, "edition", width=26),
    )
