"""倒排工期: counted back from the date, who must begin where and when, and how much by the end of each month?

A team is bound to a district or goes where most is missing: its days are then cut into one stay after the
other. Days are worth what the calendar says: nothing on holidays, less in the flood season.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from wenqu.supervision.working_days import Calendar

NEAR = 1e-9  # [-] two amounts this close are one
FOREVER = 3660  # [d] beyond ten years nobody is told a day


@dataclass(frozen=True, slots=True)
class Crew:
    """A team and what it does a full working day."""

    id: str
    name: str
    rate: float  # [m] a full working day
    district: str = ""  # "" goes where most is missing
    begins: str = ""  # ISO date from which it is there


@dataclass(frozen=True, slots=True)
class TeamSpan:
    """What one team has to do in one district, and from when on at the latest."""

    team: str
    name: str
    begins: str
    ends: str
    days: int  # working days
    length: float  # [m] of it
    rate: float  # [m] what it does a full working day
    asked: float  # [m] what the date asks of it a full working day
    lent: bool  # it is bound to no district


@dataclass(frozen=True, slots=True)
class Mark:
    """How much must be done by the end of a month."""

    date: str
    length: float  # [m] since today


@dataclass(frozen=True, slots=True)
class Backward:
    """The backward schedule of one district."""

    district: str
    left: float  # [m] still to be done by the date
    done_by: str  # last working day in the field: after it lies the time for tests and papers
    days: int  # working days from tomorrow to then
    needed: float | None  # [m] a full working day; None when no day is left
    can: float  # [m] all teams there can do by then
    begins: str  # latest day on which all must be at work; "" where they cannot make it
    ends: str  # day on which all is done when they begin tomorrow; "" when never, or not in ten years
    slack: int | None  # working days to spare, negative too late, None without a team
    short: float  # [m] that the teams do not get done
    more: float | None  # [m] a full working day that is missing; None when no day is left
    teams: tuple[TeamSpan, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """A team in a district on consecutive days, as numbers of days from tomorrow."""

    crew: Crew
    first: int
    last: int  # the day after the last
    share: float = 1.0  # [-] of its days, for what is left after the date


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The days between tomorrow and the last day in the field, and those after it."""

    today: date
    done_by: date
    longer: npt.NDArray[np.float64]  # [-] worth of each day from tomorrow, well beyond the date
    calendar: Calendar

    @property
    def worth(self) -> npt.NDArray[np.float64]:
        """Return what each day from tomorrow to the last day in the field is worth. [-]"""
        return self.longer[: max(0, (self.done_by - self.today).days)]

    def day(self, number: int) -> date:
        """Return a day by its number from tomorrow."""
        return self.today + timedelta(days=1 + number)

    def there(self, crew: Crew) -> int:
        """Return the number of the first day on which a team is there."""
        late = (date.fromisoformat(crew.begins[:10]) - self.today).days - 1 if crew.begins else 0
        return max(0, late)

    def can(self, stay: Stay, first: int = 0) -> float:
        """Return what a team gets done in a stay, from a day on. [m]"""
        return stay.crew.rate * float(self.worth[max(first, stay.first) : stay.last].sum())


def backward(
    left: Mapping[str, float],
    crews: Sequence[Crew],
    today: date,
    milestone: date,
    calendar: Calendar,
    work: str = "",
    lead: int = 0,
) -> list[Backward]:
    """Return the backward schedule of each district with something left, most left first.

    Parameters
    ----------
    left
        What is left in each district. [m]
    today
        Work begins on the day after.
    work
        Whose seasons count: survey or repair.
    lead
        Working days needed after the last metre, for tests and papers.
    """
    done_by = calendar.back(milestone, lead + 1)
    tomorrow = today + timedelta(days=1)
    last = max(done_by, today + timedelta(days=FOREVER))
    span = Span(today, done_by, calendar.worth(tomorrow, last, work), calendar)
    there = {zone: length for zone, length in left.items() if length > 0}
    stays = _stays(there, [crew for crew in crews if crew.rate > 0], span)
    return [
        _schedule(zone, there[zone], stays[zone], span)
        for zone in sorted(there, key=lambda zone: (-there[zone], zone))
    ]


def _stays(left: Mapping[str, float], crews: Sequence[Crew], span: Span) -> dict[str, list[Stay]]:
    """Return who is where when: first those that are bound, then the others where something is missing."""
    stays: dict[str, list[Stay]] = {zone: [] for zone in left}
    missing = dict(left)
    for crew in crews:
        if crew.district in stays:
            stay = Stay(crew, span.there(crew), len(span.worth))
            stays[crew.district].append(stay)
            missing[crew.district] -= span.can(stay)
    for crew in crews:
        for zone, stay in () if crew.district else _tour(crew, missing, span):
            stays[zone].append(stay)
            missing[zone] -= span.can(stay)
    return stays


def _tour(crew: Crew, missing: Mapping[str, float], span: Span) -> list[tuple[str, Stay]]:
    """Return the stays of a team that goes where something is missing, in shares of what is, most first."""
    wanted = sorted(
        ((gap, zone) for zone, gap in missing.items() if gap > NEAR), key=lambda row: (-row[0], row[1])
    )
    first = span.there(crew)
    reached = np.cumsum(span.worth[first:])
    whole = sum(gap for gap, _ in wanted)
    made, begin, sum_ = [], first, 0.0
    for gap, zone in wanted:
        sum_ += gap
        full = reached[-1] if len(reached) else 0.0
        ahead = int(np.searchsorted(reached, full * sum_ / whole - NEAR)) + 1
        end = min(first + ahead, len(span.worth)) if full > 0 else begin
        made.append((zone, Stay(crew, begin, end, gap / whole)))
        begin = end
    return made


def _schedule(zone: str, left: float, stays: Sequence[Stay], span: Span) -> Backward:
    can = sum(span.can(stay) for stay in stays)
    whole = float(span.worth.sum())
    enough = can >= left * (1 - NEAR)
    first = _latest(left, stays, span) if enough else 0
    short = 0.0 if enough else left - can
    ends = _ends(left, stays, span)
    return Backward(
        zone,
        left,
        span.done_by.isoformat(),
        int((span.worth > 0).sum()),
        left / whole if whole else None,
        can,
        span.day(first).isoformat() if enough else "",
        ends,
        _slack(first, ends, span) if stays else None,
        short,
        short / whole if whole else None,
        _told(left, stays, first, span) if len(span.worth) else _after(left, stays, ends, span),
        _marks(left, span),
    )


def _latest(left: float, stays: Sequence[Stay], span: Span) -> int:
    """Return the number of the latest day from which on the teams still get it done."""
    daily = np.zeros(len(span.worth))
    for stay in stays:
        daily[stay.first : stay.last] += stay.crew.rate * span.worth[stay.first : stay.last]
    behind = np.cumsum(daily[::-1])[::-1]  # [m] done from each day on
    return int(np.flatnonzero(behind >= left * (1 - NEAR))[-1])


def _ends(left: float, stays: Sequence[Stay], span: Span) -> str:
    """Return the day on which all is done when everybody begins at once, working on after the date."""
    last = len(span.worth)
    daily = np.zeros(len(span.longer))
    for stay in stays:
        rate = stay.crew.rate * span.longer
        daily[stay.first : stay.last] += rate[stay.first : stay.last]
        after = max(last, span.there(stay.crew))
        daily[after:] += stay.share * rate[after:]
    done = np.flatnonzero(np.cumsum(daily) >= left * (1 - NEAR))
    return span.day(int(done[0])).isoformat() if len(done) else ""


def _slack(first: int, ends: str, span: Span) -> int | None:
    """Return the working days by which the begin may slip, or by which the end comes too late."""
    if ends and ends <= span.done_by.isoformat():
        return span.calendar.count(span.today, span.day(first) - timedelta(days=1))
    late = max(span.done_by, span.today)
    return -span.calendar.count(late, date.fromisoformat(ends)) if ends else None


def _told(left: float, stays: Sequence[Stay], first: int, span: Span) -> tuple[TeamSpan, ...]:
    """Return what each team has to do: in shares of what it can, each at its rate or, where short, above."""
    can = [span.can(stay, first) for stay in stays]
    whole = sum(can)
    made = []
    for stay, length in zip(stays, can, strict=True):
        begin = max(first, stay.first)
        worked = np.flatnonzero(span.worth[begin : stay.last] > 0)
        if not len(worked):
            continue
        asked = stay.crew.rate * max(1.0, left / whole)
        made.append(
            TeamSpan(
                stay.crew.id, stay.crew.name, span.day(begin + int(worked[0])).isoformat(),
                span.day(begin + int(worked[-1])).isoformat(), len(worked),
                min(length, length * left / whole), stay.crew.rate, asked, not stay.crew.district,
            )
        )  # fmt: skip
    return tuple(made)


def _after(left: float, stays: Sequence[Stay], ends: str, span: Span) -> tuple[TeamSpan, ...]:
    """Return what each team still has to do when the date is past: at its rate, until all is done."""
    whole = sum(stay.crew.rate * stay.share for stay in stays)
    made = []
    for stay in stays if ends else ():
        begin = span.calendar.ahead(span.day(span.there(stay.crew)), 1)
        days = span.calendar.count(begin - timedelta(days=1), date.fromisoformat(ends))
        if days:
            rate = stay.crew.rate
            made.append(
                TeamSpan(
                    stay.crew.id, stay.crew.name, begin.isoformat(), ends, days,
                    left * rate * stay.share / whole, rate, rate, not stay.crew.district,
                )
            )  # fmt: skip
    return tuple(made)


def _marks(left: float, span: Span) -> tuple[Mark, ...]:
    """Return how much must be done by the end of each month, each full day alike, and by the last day."""
    whole = float(span.worth.sum())
    if not whole:
        return (Mark(span.done_by.isoformat(), left),)
    made, first = [], span.today.replace(day=1)
    while first <= span.done_by:
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        end = min(span.done_by, first - timedelta(days=1))
        if end > span.today:
            done = float(span.worth[: (end - span.today).days].sum())
            made.append(Mark(end.isoformat(), left * done / whole))
    return tuple(made)
