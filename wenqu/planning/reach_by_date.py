"""What is reached by each date of the rules when the lots are done when the schedule says?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wenqu.planning.law import LengthRule, Rules
from wenqu.planning.lots import Repair
from wenqu.records.programme import PlantOutlook

NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Reach:
    """One rule of the programme with a date: what it asks, and what is reached by then."""

    rule: str  # length, must, plant or capacity
    scope: str  # district, plant, or "" the city
    by: str  # ISO date
    demanded: float  # [-] of length or capacity, [m] of what must be mended, [kg/m³] at a plant
    reached: float  # the same; NaN where nothing was measured
    promised: float  # the same by the programme, were every lot in its year
    short: float  # [m] of length not mended by then, [kg/m³] below the threshold, [-] of capacity; 0 if kept
    kept: bool


def reach(
    repairs: Sequence[Repair],
    done: Mapping[int, str],
    rules: Rules,
    frozen: Mapping[str, float],
    outlook: Sequence[PlantOutlook],
    capacity: Mapping[str, float],
) -> list[Reach]:
    """Return what is reached by the end of each window that a rule names.

    Shares of capacity are judged for BOD5 and each plant's own threshold; a programme keeps no other outlook.

    Parameters
    ----------
    done
        By row of the repairs the ISO date of its acceptance; one that is missing is never done.
    frozen
        The bad length of the city ("") and of each district. [m]
    outlook
        What each plant receives by the end of each window when every measure is done in its year; what
        is late by then is taken off it again, as the measures' own effects are added up in it.
    capacity
        Of the plants that count in the share of capacity. [m³/s]
    """
    made = [
        _length(repairs, done, rule.by, rule.share, scope, _whole(rule, scope, frozen))
        for rule in rules.lengths
        for scope in _scopes(rule.district, frozen)
    ]
    if rules.must_by:
        made.append(_must(repairs, done, rules.must_by))
    plants = [_plant(repairs, done, one, rules) for one in outlook if math.isfinite(one.concentration)]
    made += plants
    made += [_capacity(plants, rule.by, rule.share, capacity) for rule in rules.shares if rule.usual]
    return sorted(made, key=lambda one: (one.by, one.rule, one.scope))


def end_of(window: str) -> str:
    """Return the last day of a window, which is a year."""
    return f"{window[:4]}-12-31"


def _whole(rule: LengthRule, scope: str, frozen: Mapping[str, float]) -> float:
    """Return what a share of length is a share of: as the rule states it, else as it was frozen. [m]"""
    return rule.of if rule.of is not None and rule.district == scope else frozen.get(scope, 0.0)


def _scopes(district: str, frozen: Mapping[str, float]) -> list[str]:
    return sorted(name for name in frozen if name) if district == "*" else [district]


def _by(done: Mapping[int, str], row: int, date: str) -> bool:
    return row in done and done[row] <= date


def _length(
    repairs: Sequence[Repair], done: Mapping[int, str], by: str, share: float, scope: str, whole: float
) -> Reach:
    date = end_of(by)
    mine = [(row, one) for row, one in enumerate(repairs) if scope in {"", one.district} and one.problem > 0]
    reached = sum(one.problem for row, one in mine if _by(done, row, date))
    promised = sum(one.problem for _, one in mine if one.window <= by)
    short = max(0.0, share * whole - reached)
    part = (lambda length: length / whole) if whole > 0 else (lambda _length: math.nan)
    return Reach("length", scope, date, share, part(reached), part(promised), short, short <= 1e-6 * whole)


def _must(repairs: Sequence[Repair], done: Mapping[int, str], by: str) -> Reach:
    date = end_of(by)
    must = sum(one.length for one in repairs if one.must)
    reached = sum(one.length for row, one in enumerate(repairs) if one.must and _by(done, row, date))
    promised = sum(one.length for one in repairs if one.must and one.window <= by)
    return Reach("must", "", date, must, reached, promised, must - reached, must - reached <= 1e-6 * must)


def _plant(repairs: Sequence[Repair], done: Mapping[int, str], told: PlantOutlook, rules: Rules) -> Reach:
    date = end_of(told.window)
    flow, load = told.flow, told.load
    for row, one in enumerate(repairs):
        if one.plant == told.plant:
            planned, there = one.window <= told.window, _by(done, row, date)
            flow += one.flow_removed * (planned - there)
            load -= one.load_gained * (planned - there)
    reached = load / flow if flow > 0 else math.nan
    aim = told.threshold + rules.step
    kept = reached >= aim - NEAR
    return Reach(
        "plant", told.plant, date, aim, reached, told.concentration, 0.0 if kept else aim - reached, kept
    )


def _capacity(plants: Sequence[Reach], by: str, share: float, capacity: Mapping[str, float]) -> Reach:
    date = end_of(by)
    mine = [one for one in plants if one.by == date and one.scope in capacity]
    whole = sum(capacity[one.scope] for one in mine)
    reached = sum(capacity[one.scope] for one in mine if one.kept)
    promised = sum(capacity[one.scope] for one in mine if one.promised >= one.demanded - NEAR)
    part = [value / whole if whole > 0 else math.nan for value in (reached, promised)]
    short = max(0.0, share - part[0]) if whole > 0 else math.nan
    return Reach("capacity", "", date, share, part[0], part[1], short, short <= NEAR)
