"""On which day is work over that needs so many full days, when not every day is a full one?

Days are numbers from a first day on. A span is begin and stop: the number of its first day and that of
the day after its last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from wenqu.errors import BadInput

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
NEAR = 1e-9  # [d]
DESK = "desk"  # what is done at a desk: a working day is a full one in every season


def _ahead(worth: Floats) -> Ints:
    count = len(worth)
    own = np.where(worth > 0, np.arange(count), count)
    return np.minimum.accumulate(own[::-1])[::-1]


@dataclass(frozen=True, slots=True, eq=False)
class WorkDays:
    """What each day from a first one on is worth, for each kind of ground."""

    first: date
    worth: Mapping[str, Floats]  # DESK and every ground → (n,) [-] of a full day's work
    sums: dict[str, Floats] = field(init=False)  # (n + 1,) [d] full days before each day
    ahead: dict[str, Ints] = field(
        init=False
    )  # (n,) first day from each on that is worked at all, n for none

    def __post_init__(self) -> None:
        """Add the days up once."""
        made = {name: np.concatenate([[0.0], np.cumsum(row)]) for name, row in self.worth.items()}
        object.__setattr__(self, "sums", made)
        object.__setattr__(self, "ahead", {name: _ahead(row) for name, row in self.worth.items()})

    @property
    def count(self) -> int:
        """Return how many days are known."""
        return len(self.worth[DESK])

    def day(self, number: int) -> date:
        """Return a day by its number."""
        return self.first + timedelta(days=number)

    def number(self, day: date) -> int:
        """Return the number of a day."""
        return (day - self.first).days

    def next(self, kind: str, begin: int) -> int:
        """Return the first day from one on that is worked at all.

        Raises
        ------
        BadInput
            There is none among the days that are known.
        """
        found = int(self.ahead[kind][max(0, begin)]) if begin < self.count else self.count
        if found == self.count:
            raise BadInput("schedule-far", day=self.day(self.count).isoformat())
        return found

    def stop(self, kind: str, begin: int, need: float) -> int:
        """Return the day after the one on which so many full days from a day on are reached.

        Raises
        ------
        BadInput
            They are not reached among the days that are known.
        """
        if need <= NEAR:
            return begin
        sums = self.sums[kind]
        found = int(np.searchsorted(sums, sums[begin] + need - NEAR))
        if found > self.count:
            raise BadInput("schedule-far", day=self.day(self.count).isoformat())
        return found

    def latest(self, kind: str, stop: int, need: float) -> int:
        """Return the latest day to begin on so that so many full days are reached before a day.

        Before the first day that is known it may go back as far as it likes: each day counts as one.
        """
        if need <= NEAR:
            return stop
        sums = self.sums[kind]
        stop = min(stop, self.count)
        if stop <= 0 or sums[stop] < need - NEAR:
            return min(stop, 0) - int(np.ceil(need - (sums[max(0, stop)]) - NEAR))
        return int(np.searchsorted(sums, sums[stop] - need + NEAR, side="right")) - 1

    def between(self, kind: str, begin: int, stop: int) -> float:
        """Return the full days from one day to before another, negative when they stand the other way."""
        sums = self.sums[kind]
        one, other = (min(max(0, number), self.count) for number in (begin, stop))
        outside = (min(0, stop) - min(0, begin)) + (max(self.count, stop) - max(self.count, begin))
        return float(sums[other] - sums[one]) + outside
