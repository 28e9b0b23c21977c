"""Which rows does a city set in tables of its own: days off, seasons, steps, crews, roads, cycles?

A table is kept whole, each version beside the others (``programme_table``); here is what
one of its rows says. A row that a later version has no more is gone.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day that is otherwise than its weekday says."""

    date: str  # ISO date
    kind: str  # holiday, workday, ordinary
    source: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OwnSeason:
    """How much of a day's work is done in a part of the year."""

    key: str
    work: str  # survey, repair, trench
    begins: str  # MM-DD
    ends: str  # MM-DD
    share: float  # [-]
    zh: str = ""
    en: str = ""
    source: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OwnStep:
    """A step before or after the works in the field."""

    work: str  # survey, repair
    step: str
    side: str  # before, after
    days: int  # working days; 0 takes a step of Wenqu out
    zh: str = ""
    en: str = ""
    source: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Milestone:
    """What a city or one of its districts asks of itself beside the programme."""

    date: str  # ISO date
    indicator: str  # surveyed, evaluated, repaired
    target: float  # [-]
    source: str
    district: str = ""  # "" the whole city
    zh: str = ""
    en: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OwnLotStep:
    """One step of a lot."""

    step: str
    ground: str  # any, trench, trenchless
    days: int  # working days
    after: str = ""  # steps that must be over before it begins, a|b
    spread: float = float("nan")  # [-] of its days by which it may well be late
    zh: str = ""
    en: str = ""
    source: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OwnTrade:
    """One kind of crews."""

    trade: str
    methods: str  # rows of the price catalogue, a|b
    ground: str  # trench, trenchless
    crews: int  # how many there are
    lot_days: int  # [d] crew-days that a lot has at the most
    zh: str = ""
    en: str = ""
    source: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class RoadClosure:
    """When a road may not be worked in, or not be opened."""

    road: str
    ground: str  # any, trench
    since: str  # ISO date
    until: str  # ISO date
    source: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OwnCycle:
    """How often a kind of inspection is due."""

    kind: str  # structural, functional
    rule: str  # ordinary, shortened
    low: float  # [a] due from then on
    high: float  # [a] overdue from then on
    zh: str = ""
    en: str = ""
    source: str = ""
    gone: bool = False
