"""倒排工期: counted back from the date, who must begin where and when, and how much each week?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from wenqu.supervision.working_days import Calendar

# Working days between the last metre mended and the last metre accepted: test, camera, papers.
LEAD = {"repair": 15, "survey": 5}


@dataclass(frozen=True, slots=True)
class Crew:
    """A team and what it does a working day."""

    id: str
    name: str
    rate: float  # [m] a working day
    district: str = ""  # "" goes where most is left


@dataclass(frozen=True, slots=True)
class TeamSpan:
    """What one team has to do in one district."""

    team: str
    name: str
    share: float  # [-] of the day's work it is there for
    length: float  # [m]
    days: int  # working days
    begins: str  # the latest day


@dataclass(frozen=True, slots=True)
class Backward:
    """The backward schedule of one district."""

    district: str
    left: float  # [m] still to be done by the date
    date: str  # the milestone
    done_by: str  # last working day in the field: before it lies the time for tests and papers
    days: int  # working days from today to then
    needed: float  # [m] a working day
    rate: float  # [m] a working day of all teams there
    days_needed: int | None  # at that rate; None without a team
    begins: str  # latest day on which all teams must begin; "" without a team
    slack: int | None  # working days to spare (negative: too late)
    short: float  # [m] a working day that is missing
    teams: tuple[TeamSpan, ...]
    marks: tuple[tuple[str, float], ...]  # day, [m] that must be done by then: the ends of the months


def backward(
    left: Mapping[str, float],
    crews: Sequence[Crew],
    today: date,
    milestone: date,
    calendar: Calendar,
    lead: int = 0,
) -> list[Backward]:
    """Return the backward schedule of each district with something left.

    Teams that are bound to no district are lent to where the day's work still missing is greatest, in
    shares of their day.

    Parameters
    ----------
    left
        What is left in each district. [m]
    lead
        Working days needed after the last metre, for tests and papers.
    """
    done_by = calendar.back(milestone, lead + 1)
    days = calendar.count(today, done_by)
    there = {zone: length for zone, length in left.items() if length > 0}
    needs = {zone: length / days if days else math.inf for zone, length in there.items()}
    given = _given(needs, crews)
    return [
        _schedule(zone, there[zone], given[zone], days, (today, done_by, milestone), calendar)
        for zone in sorted(there, key=lambda zone: (-there[zone], zone))
    ]


def _given(needs: Mapping[str, float], crews: Sequence[Crew]) -> dict[str, list[tuple[Crew, float]]]:
    """Return the teams of each district with the share of their day."""
    given: dict[str, list[tuple[Crew, float]]] = {zone: [] for zone in needs}
    missing = dict(needs)
    for crew in crews:
        if crew.rate > 0 and crew.district in given:
            given[crew.district].append((crew, 1.0))
            missing[crew.district] -= crew.rate
    for crew in crews:
        if crew.rate <= 0 or crew.district or not missing:
            continue
        wanted = {zone: gap for zone, gap in missing.items() if gap > 0} or dict.fromkeys(missing, 1.0)
        finite = {zone: gap for zone, gap in wanted.items() if math.isfinite(gap)}
        whole = sum(finite.values())
        shares = {zone: gap / whole for zone, gap in finite.items()} if finite else {}
        for zone, share in (shares or {zone: 1 / len(wanted) for zone in wanted}).items():
            given[zone].append((crew, share))
            missing[zone] -= share * crew.rate
    return given


def _schedule(
    zone: str,
    left: float,
    crews: list[tuple[Crew, float]],
    days: int,
    dates: tuple[date, date, date],
    calendar: Calendar,
) -> Backward:
    today, done_by, milestone = dates
    rate = sum(crew.rate * share for crew, share in crews)
    needed = left / days if days else math.inf
    days_needed = math.ceil(left / rate - 1e-9) if rate > 0 else None
    begins = calendar.back(done_by, days_needed).isoformat() if days_needed is not None else ""
    teams = tuple(
        TeamSpan(
            crew.id,
            crew.name,
            share,
            left * crew.rate * share / rate,
            days_needed or 0,
            begins,
        )
        for crew, share in crews
    )
    return Backward(
        zone,
        left,
        milestone.isoformat(),
        done_by.isoformat(),
        days,
        needed,
        rate,
        days_needed,
        begins,
        None if days_needed is None else days - days_needed,
        max(0.0, needed - rate),
        teams,
        _marks(left, days, today, done_by, calendar),
    )


def _marks(
    left: float, days: int, today: date, done_by: date, calendar: Calendar
) -> tuple[tuple[str, float], ...]:
    """Return how much must be done by the end of each month, day by day alike, and by the last day."""
    if days <= 0:
        return ((done_by.isoformat(), left),)
    ends, first = [], today.replace(day=1)
    while first <= done_by:
        first = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        ends.append(min(done_by, first - timedelta(days=1)))
    return tuple((end.isoformat(), left * calendar.count(today, end) / days) for end in ends if end > today)
