"""Which days are worked on, and how much of a day's work? Weekends, holidays and seasons, as data."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

PUBLISHED = ("verified", "single source")  # statuses of days that an arrangement of the year names


@dataclass(frozen=True, slots=True)
class Season:
    """A part of the year in which less gets done: a row of ``seasons.csv``."""

    key: str
    zh: str
    en: str
    work: str  # survey or repair
    begins: str  # MM-DD
    ends: str  # MM-DD, the last day
    share: float  # [-] of a day's work that still gets done
    source: str = ""
    status: str = ""

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in the season, which may go over the turn of the year."""
        text = day.isoformat()[5:]
        if self.begins <= self.ends:
            return self.begins <= text <= self.ends
        return text >= self.begins or text <= self.ends


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that are otherwise than their weekday says, and the seasons."""

    holidays: frozenset[str]
    workdays: frozenset[str]
    seasons: tuple[Season, ...] = ()
    published: frozenset[int] = frozenset()  # years whose arrangement is known as it was published

    def is_worked(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        text = day.isoformat()
        return text in self.workdays or (day.weekday() < 5 and text not in self.holidays)

    def count(self, after: date, until: date) -> int:
        """Return the working days after a day, up to and with another; 0 when that lies before."""
        days = (until - after).days
        return sum(self.is_worked(after + timedelta(days=ahead)) for ahead in range(1, days + 1))

    def back(self, until: date, days: int) -> date:
        """Return the day on which work must begin to have so many working days up to and with a day.

        Examples
        --------
        >>> Calendar(frozenset(), frozenset()).back(date(2027, 12, 31), 6).isoformat()  # a Friday
        '2027-12-24'
        """
        return self._walk(until, days, -1)

    def ahead(self, begin: date, days: int) -> date:
        """Return the day on which so many working days from a day on, itself counted, are over.

        Examples
        --------
        >>> Calendar(frozenset(), frozenset()).ahead(date(2027, 12, 24), 6).isoformat()  # a Friday
        '2027-12-31'
        """
        return self._walk(begin, days, 1)

    def _walk(self, begin: date, days: int, step: int) -> date:
        day = begin
        while days > 0:
            if self.is_worked(day):
                days -= 1
                if not days:
                    return day
            day += timedelta(days=step)
        return day

    def worth(self, first: date, last: date, work: str) -> npt.NDArray[np.float64]:
        """Return how much of a full day's work each day is good for, from a first to a last day. [-]"""
        return np.array(
            [self._worth(first + timedelta(days=ahead), work) for ahead in range((last - first).days + 1)],
            dtype=np.float64,
        )

    def _worth(self, day: date, work: str) -> float:
        if not self.is_worked(day):
            return 0.0
        shares = [season.share for season in self.seasons if season.work == work and season.holds(day)]
        return min(shares, default=1.0)


def holidays() -> tuple[dict[str, str], ...]:
    """Return the days that are otherwise than their weekday says: date, kind, source, status."""
    return _rows("holidays.csv")


@cache
def calendar() -> Calendar:
    """Return the calendar of ``holidays.csv`` and ``seasons.csv``."""
    rows = holidays()
    return Calendar(
        frozenset(row["date"] for row in rows if row["kind"] == "holiday"),
        frozenset(row["date"] for row in rows if row["kind"] == "workday"),
        seasons(),
        frozenset(int(row["date"][:4]) for row in rows if row["status"] in PUBLISHED),
    )


@cache
def seasons() -> tuple[Season, ...]:
    """Return every season in table order."""
    return tuple(
        Season(**{**row, "share": float(row["share"])})  # type: ignore[arg-type]
        for row in _rows("seasons.csv")
    )


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    text = (files("wenqu.supervision") / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
