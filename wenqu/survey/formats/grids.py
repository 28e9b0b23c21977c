"""What stands on the pages of a report, in order: paragraphs, and tables as grids of cells?"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One cell; a merged one stands in each place that it covers, as the same object."""

    text: str
    pictures: tuple[str, ...] = ()  # names of the pictures in it


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of text outside any table."""

    text: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """One table."""

    name: str  # of the sheet, or "table 3" of a document
    rows: Sequence[Sequence[Cell]]
    first: int = 1  # number of the first row
    sheet: bool = False  # a sheet of its own, not a table that may go on from the one before

    @property
    def width(self) -> int:
        """Return how many columns the widest row has."""
        return max((len(row) for row in self.rows), default=0)


Block = Paragraph | Grid


def distinct(row: Sequence[Cell]) -> list[tuple[int, Cell]]:
    """Return each cell of a row once, with the column in which it begins."""
    return [(place, cell) for place, cell in enumerate(row) if place == 0 or row[place - 1] is not cell]
