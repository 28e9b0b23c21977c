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
from wenqu.planning.whole_numbers import TEN_THOUSAND, Fines, Found, choose, dearest_cost, everything

WHOLE = 60_000  # options up to which misses are found in whole numbers
SAMPLE = 3_000  # packages
NOTHING = 1e-6  # [-] of a row's size: less is nothing
WEIGHT = 100.0  # a whole size missed weighs as much as this many of the dearest programmes
SMALLEST = 1e4  # the same where the smallest change is asked for: cost only tells between equal ones


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


@dataclass(frozen=True, slots=True)
class Giving:
    """In which order rules give way: rank 1 first; rank 2 only by what rank 1 cannot do; rank 0 never."""

    rank: Ints  # (r,)
    fine: Floats  # (r,) [yuan/unit] what misses of one rank are weighed by
    share: int = 1  # rank of the shares of plants


def nearest(
    given: Portfolio, *, seconds: float = 60.0, gap: float = 1e-4, giving: Giving | None = None,
    most: int = WHOLE,
) -> Relaxation:  # fmt: skip
    """Return the smallest change of the rules of a portfolio that nothing satisfies.

    Parameters
    ----------
    given
        The portfolio.
    seconds
        Longest time for each search. [s]
    gap
        Distance from the bound that ends the search under the changed rules. [-]
    giving
        Which rules give way first; when not told all are alike, and a miss counts as a part of a rule's size.
    most
        Options up to which misses are found in whole numbers.
    """
    reach = given.reached(given.able)
    eased = replace(given, demand=np.minimum(given.demand, reach))
    exact = len(given.cost) <= most
    missed = np.zeros(len(given.rows))
    told = giving is not None
    weight = (WEIGHT if told else SMALLEST) * max(dearest_cost(eased), TEN_THOUSAND)
    giving = giving or Giving(np.ones(len(given.rows), np.int64), weight / _measures(given))
    made: Found | None = None
    for rank in sorted({int(one) for one in giving.rank} | {giving.share, 1}, reverse=True):
        if rank <= 0:
            continue
        wider = _widened(eased, missed, eased.demand)
        if rank > 1:
            wider = replace(wider, cost=np.zeros(len(given.cost)))
        tried = wider if exact else sample(wider, SAMPLE)
        made = choose(
            tried, everything(tried), seconds=seconds, gap=gap if told else 1e-6, whole=exact,
            fines=_fines(giving, rank, weight, given),
            start=made.chosen if made is not None and exact else None,
        )  # fmt: skip
        if not np.isfinite(made.objective):
            return Relaxation(_share(given, np.minimum(reach, given.demand)), exact=False, programme=None)
        lack = tried.missed(made.chosen) if exact else made.slack
        lack = np.where((given.of_plant < 0) & (giving.rank == rank) & (lack > 1e-8), lack * (1 + 1e-7), 0.0)
        missed += lack
        if giving.share == rank and len(given.weight):
            held = tried.reached(tried.complying(made.chosen)) if exact else made.share
            if len(held):
                eased = replace(eased, demand=np.minimum(held, eased.demand))
    wider = _widened(eased, missed, eased.demand)
    known = made.chosen if exact and made is not None else None
    programme = choose_proved(wider, seconds=seconds, gap=gap, start=known)
    if programme.status != "proved" and known is not None:  # found within the solver's tolerance of the rows
        programme = replace(programme, status="proved", chosen=known, cost=float(given.cost[known].sum()))
    return Relaxation(
        (*_share(given, wider.demand), *_changes(given, missed)),
        exact,
        programme if programme.status == "proved" else None,
    )


def _fines(giving: Giving, rank: int, weight: float, given: Portfolio) -> Fines:
    """Return at which prices rules may be missed while those of a rank are asked to give way.

    Rules that give way before them may be missed for nothing, those after them not at all.
    """
    before = (giving.rank > 0) & (giving.rank < rank)
    rows = np.where(before, 0.0, np.where(giving.rank == rank, giving.fine, np.inf))
    share = 0.0 if 0 < giving.share < rank else weight if giving.share == rank else np.inf
    return Fines(np.where(given.of_plant < 0, rows, np.inf), share)


def _measures(given: Portfolio) -> Floats:
    """Return what a miss of each row is measured by: its size; of a limit of nothing, what all would use."""
    used = abs(given.coefficients()).sum(axis=1) / max(len(given.cost), 1) * (len(given.start) - 1)
    return np.where(given.amount == 0, np.maximum(given.size, used), given.size)


def _widened(given: Portfolio, missed: Floats, demand: Floats) -> Portfolio:
    rows = tuple(
        replace(row, amount=row.amount - miss * row.size)
        for row, miss in zip(given.rows, missed, strict=True)
    )
    return replace(given, rows=rows, demand=demand)


def _share(given: Portfolio, reached: Floats) -> tuple[Change, ...]:
    found = []
    for share, (demand, there) in enumerate(zip(given.demand, reached, strict=True)):
        whole = float(given.weight[given.share == share].sum())
        if there < demand * (1 - 1e-9) and whole > 0:
            found.append(Change("share", "", "", float(demand) / whole, float(there) / whole))
    return tuple(found)


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
