"""Which days are worked on? Weekends, holidays and the weekends that are worked for them, as data."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that are otherwise than their weekday says."""

    holidays: frozenset[str]
    workdays: frozenset[str]

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
        day = until
        while days > 0:
            if self.is_worked(day):
                days -= 1
                if not days:
                    return day
            day -= timedelta(days=1)
        return day


@cache
def calendar() -> Calendar:
    """Return the calendar of ``holidays.csv``."""
    text = (files("wenqu.supervision") / "holidays.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return Calendar(
        frozenset(row["date"] for row in rows if row["kind"] == "holiday"),
        frozenset(row["date"] for row in rows if row["kind"] == "workday"),
    )
