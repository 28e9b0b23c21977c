"""Into which lots do the repairs of a programme go? One year, district and trade, so many days at most."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wenqu.planning.trades import Trade, trade_of

NEAR = 1e-9  # [d]


@dataclass(frozen=True, slots=True)
class Repair:
    """One measure of the programme as work for a crew."""

    option: str
    package: str
    asset_type: str
    asset: str
    method: str
    window: str
    district: str
    plant: str
    road: str
    days: float  # [d] of one crew
    length: float  # [m]
    cost: float  # [yuan]
    flow_removed: float  # [m³/s]
    load_gained: float  # [kg/s]
    problem: float = 0.0  # [m] of it that counts in the share of length
    must: bool = False  # must be mended by the date of the rule


@dataclass(frozen=True, slots=True)
class Lot:
    """Repairs that are let, done and accepted as one."""

    id: str
    trade: str
    ground: str
    pool: str  # whose crews do it
    window: str  # the year it is planned for
    district: str
    repairs: tuple[Repair, ...]
    due: str  # ISO date by which it is to be accepted
    earliest: str = ""  # ISO date before which no work may begin in the field
    name: str = ""  # as it was let; "" where it is not let yet
    let: bool = False  # it is under contract: nothing stands before the works any more
    closed: tuple[tuple[str, str], ...] = ()  # first and last day on which its roads may not be dug

    @property
    def days(self) -> float:
        """Return what a crew still needs for it, 0 where only test and acceptance are left. [d]"""
        return sum(one.days for one in self.repairs)


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which a road may not be worked in: a row of the city's own table."""

    road: str
    ground: str  # any, or trench: only digging is forbidden
    since: str  # ISO date, the first day
    until: str  # ISO date, the last day
    source: str


def make_lots(
    repairs: Sequence[Repair], trades: Sequence[Trade], closures: Sequence[Closure] = ()
) -> list[Lot]:
    """Return the lots of what is not let yet.

    Repairs of one year, district and trade are taken by road and package and cut into lots of like length,
    none longer than the trade allows unless a single package is. A package stays whole. What lies in
    a road that is closed for a time makes lots of its own. Neither the order of the repairs nor that of the
    other lots changes a lot.
    """
    shut: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for one in closures:
        shut[one.road, one.ground].add((one.since, one.until))
    groups: dict[tuple[str, str, str, str], list[Repair]] = defaultdict(list)
    by_name = {one.trade: one for one in trades}
    for repair in repairs:
        trade = trade_of(repair.method, trades)
        road = repair.road if closed_on(repair.road, trade.ground, shut) else ""
        groups[repair.window, repair.district, trade.trade, road].append(repair)
    made = []
    counted: dict[tuple[str, str, str], int] = defaultdict(int)
    for key in sorted(groups):
        window, district, name, road = key
        trade = by_name[name]
        for part in _cut(groups[key], trade.lot_days):
            counted[window, district, name] += 1
            id_ = f"{window}-{district or '0'}-{name}-{counted[window, district, name]}"
            made.append(
                Lot(
                    id_, name, trade.ground, name, window, district, tuple(part), f"{window[:4]}-12-31",
                    f"{window[:4]}-01-01", closed=closed_on(road, trade.ground, shut),
                )
            )  # fmt: skip
    return made


def closed_on(
    road: str, ground: str, shut: Mapping[tuple[str, str], set[tuple[str, str]]]
) -> tuple[tuple[str, str], ...]:
    """Return the days on which a road may not be worked in on a kind of ground, by their begin."""
    if not road:
        return ()
    return tuple(sorted(shut.get((road, "any"), set()) | shut.get((road, ground), set())))


def _cut(repairs: Sequence[Repair], most: float) -> list[list[Repair]]:
    """Return repairs in runs of about the same days, packages whole, each run within the most if it can."""
    packages: dict[tuple[str, str], list[Repair]] = defaultdict(list)
    road: dict[str, str] = {}
    for one in sorted(repairs, key=lambda one: (one.road, one.package, one.option, one.asset, one.method)):
        packages[road.setdefault(one.package, one.road), one.package].append(one)
    days = {key: sum(one.days for one in some) for key, some in packages.items()}
    whole = sum(days.values())
    parts = max(1, math.ceil(whole / most - NEAR))
    aim = whole / parts
    made: list[list[Repair]] = [[]]
    filled = 0.0
    for key in sorted(packages):
        if made[-1] and (filled + days[key] / 2 > aim or filled + days[key] > most + NEAR):
            made.append([])
            filled = 0.0
        made[-1] += packages[key]
        filled += days[key]
    return made
