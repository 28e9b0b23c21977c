"""Where no programme keeps every rule: what is the smallest change of the rules that lets one be made?

Smallest is the least sum of misses, each as a part of its rule's size (a budget of a million that wants
1.1 counts 0.1; one of nothing is measured by what all packages would use). The whole-number model finds it;
where it is too large, a sample's continuous model estimates it.
"""

from dataclasses import dataclass, replace

import numpy as np

from wenqu.planning.multipliers import sample
from wenqu.planning.portfolio import Floats, Ints, Portfolio
from wenqu.planning.proved_choice import Proved, choose_proved
from wenqu.planning.whole_numbers import TEN_THOUSAND, Fines, choose, dearest_cost, everything

WHOLE = 60_000  # options up to which misses are found in whole numbers
SAMPLE = 3_000  # packages
NOTHING = 1e-6  # [-] of a row's size: less is nothing
WEIGHT = 100.0  # a whole size missed weighs as much as this many of the dearest programmes


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that gives way."""

    rule: str  # budget, crew, length, guard, share
    scope: str
    window: str
    demanded: float  # in the rule's own unit, as it is written
    needed: float  # what it must become


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The smallest change of the rules, and the programme under the changed ones."""

    changes: tuple[Change, ...]
    exact: bool  # found in whole numbers; else estimated from a sample
    programme: Proved | None  # the cheapest under the changed rules; its options are those of the portfolio


def nearest(given: Portfolio, *, seconds: float = 60.0) -> Relaxation:
    """Return the smallest change of the rules of a portfolio that nothing satisfies.

    Parameters
    ----------
    given
        The portfolio.
    seconds
        Longest time for each of two searches. [s]
    """
    reach = float(given.weight[given.able].sum())
    eased = replace(given, demand=min(given.demand, reach))
    exact = len(given.cost) <= WHOLE
    tried = eased if exact else sample(eased, SAMPLE)
    weight = WEIGHT * max(dearest_cost(tried), TEN_THOUSAND)
    fines = Fines(np.where(tried.of_plant < 0, weight / _measures(tried), np.inf), weight)
    made = choose(
        tried, everything(tried), seconds=seconds, gap=1e-6, whole=exact, fines=fines,
    )  # fmt: skip
    if not np.isfinite(made.objective):
        return Relaxation(_share(given, reach), exact=False, programme=None)
    held = float(tried.weight[tried.complying(made.chosen)].sum()) if exact else made.share
    missed = tried.missed(made.chosen) if exact else made.slack
    missed = np.where(given.of_plant < 0, missed, 0.0)
    missed = np.where(missed > 1e-8, missed * (1 + 1e-7), 0.0)
    wider = _widened(eased, missed, min(held, eased.demand))
    programme = choose_proved(wider, seconds=seconds)
    if programme.status != "proved" and exact:
        programme = _as_found(given, made.chosen)
    return Relaxation(
        (*_share(given, wider.demand), *_changes(given, missed)),
        exact,
        programme if programme.status == "proved" else None,
    )


def _measures(given: Portfolio) -> Floats:
    """Return what a miss of each row is measured by: its size; of a limit of nothing, what all would use."""
    used = abs(given.coefficients()).sum(axis=1) / max(len(given.cost), 1) * (len(given.start) - 1)
    return np.where(given.amount == 0, np.maximum(given.size, used), given.size)


def _widened(given: Portfolio, missed: Floats, demand: float) -> Portfolio:
    rows = tuple(
        replace(row, amount=row.amount - miss * row.size)
        for row, miss in zip(given.rows, missed, strict=True)
    )
    return replace(given, rows=rows, demand=demand)


def _as_found(given: Portfolio, chosen: Ints) -> Proved:
    cost = float(given.cost[chosen].sum())
    return Proved("proved", chosen, cost, 0.0, np.zeros(len(given.rows)), 0.0, 0.0)


def _share(given: Portfolio, reached: float) -> tuple[Change, ...]:
    whole = float(given.weight.sum())
    if reached >= given.demand * (1 - 1e-9) or whole <= 0:
        return ()
    return (Change("share", "", "", given.demand / whole, reached / whole),)


def _changes(given: Portfolio, missed: Floats) -> tuple[Change, ...]:
    found = []
    for row, miss in zip(given.rows, missed, strict=True):
        if miss > 0:
            sign = (
                1.0 if row.rule in {"length", "guard", "margin"} else -1.0
            )  # a limit stands as a negative sum
            needed = row.amount - miss * row.size
            if abs(needed) < NOTHING * row.size:
                needed = 0.0
            found.append(
                Change(row.rule, row.scope, row.window, sign * row.amount + 0.0, sign * needed + 0.0)
            )
    return tuple(found)
