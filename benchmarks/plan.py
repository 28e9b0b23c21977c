"""Proved gap of a programme, beside HiGHS on the whole model with ten times the time, and the usual ways."""

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from _plan_cases import plan_case
from _plan_usual import genetic, greedy, severity

from wenqu.planning.portfolio import Portfolio
from wenqu.planning.pricing import warm
from wenqu.planning.proved_choice import choose_proved
from wenqu.planning.stated_case import portfolio_of
from wenqu.planning.whole_numbers import choose, everything
from wenqu.solvers.linear import Status

PERCENT = 100.0
# name, packages, what the case is like, seconds, promised gap [-], whether HiGHS is tried on the whole
SIZES = (
    ("1,000 pipes (200 bundles)", 200, {}, 0.5, 0.007, True),
    ("1,000 single pipes, 3 plants", 1_000, {"plants": 3, "pipes": True}, 0.5, 0.007, True),
    ("10,000 pipes (2,000 bundles)", 2_000, {"districts": 40}, 1.0, 0.0035, True),
    ("20,000 pipes, 31 plants", 20_000, {"plants": 31, "pipes": True}, 5.0, 0.004, True),
    ("100,000 pipes (20,000 bundles)", 20_000, {"districts": 40}, 6.0, 0.001, False),
    ("200,000 single pipes, 31 plants", 200_000, {"plants": 31, "pipes": True}, 60.0, 0.001, False),
    ("1,000,000 single pipes, 31 plants", 1_000_000, {"plants": 31, "pipes": True}, 600.0, 0.001, False),
)
WINDOWS = 5
SMALL_CASES = 1_000
SAME = 1e-6  # [-]


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield the proved gap of each size, the greatest of its seeds, and what HiGHS alone proves."""
    warm()
    for name, packages, like, seconds, promised, whole in SIZES[:3] if quick else SIZES:
        seeds = range(1, 2 if quick or packages > 100_000 else 6)
        cases = (portfolio_of(*plan_case(packages, seed, **like)) for seed in seeds)
        found = [_one(given, seconds, promised, whole=whole and not quick) for given in cases]
        ours, theirs, spent = (max(part) for part in zip(*found, strict=True))
        yield {
            "name": f"gap of {name}, {seconds:g} s", "ours": PERCENT * ours,
            "peer": PERCENT * theirs if whole and not quick else None,
            "ratio": theirs / ours if whole and not quick and ours > 0 else None,
            "unit": "%", "runs": len(seeds), "target": f"≤ {PERCENT * promised:g} % ({spent:.1f} s)",
        }  # fmt: skip
    yield from _small(40 if quick else SMALL_CASES)
    yield from _usual(2_000 if quick else 20_000)
    yield _genetic(200, 5.0 if quick else 60.0)


def _one(given: Portfolio, seconds: float, promised: float, *, whole: bool) -> tuple[float, float, float]:
    """Return our gap, that of HiGHS with ten times the time, and our seconds."""
    begun = time.perf_counter()
    found = choose_proved(given, seconds=seconds, gap=promised / 4)
    spent = time.perf_counter() - begun
    if found.status == "proved" and not given.holds(found.chosen):
        raise ArithmeticError("the programme breaks a rule")
    ours = found.gap if found.status == "proved" else math.inf
    if not whole:
        return ours, math.nan, spent
    other = choose(given, everything(given), seconds=10 * seconds, gap=promised / 4)
    theirs = (other.objective - other.bound) / other.objective if np.isfinite(other.objective) else math.inf
    return ours, theirs, spent


def _small(cases: int) -> Iterator[dict[str, object]]:
    """Yield how far small cases' programmes are from the exact optimum, and how many bounds are above it."""
    drawn = np.random.default_rng(0)
    away, wrong, unproved = 0.0, 0, 0
    for seed in range(cases):
        packages, plants = int(drawn.integers(3, 17)), int(drawn.integers(0, 4))
        case = plan_case(packages, seed, windows=3, plants=plants, districts=int(drawn.integers(1, 6)))
        given = portfolio_of(*case)
        found = choose_proved(given, seconds=60.0, gap=0.0)
        exact = choose(given, everything(given), seconds=60.0, gap=0.0)
        if exact.status is Status.INFEASIBLE:
            wrong += found.status != "infeasible"
            continue
        unproved += exact.status is not Status.OPTIMAL
        wrong += found.status != "proved" or found.bound > exact.objective * (1 + SAME)
        away = max(away, abs(found.cost - exact.objective) / exact.objective)
    yield {
        "name": f"{cases} cases of 36-200 options: away from the optimum", "ours": PERCENT * away,
        "peer": None, "ratio": None, "unit": "%", "runs": cases,
        "target": f"≤ {PERCENT * SAME:g} % ({unproved} without proof)",
    }  # fmt: skip
    yield {
        "name": f"{cases} cases: bounds above the optimum, other faults", "ours": wrong, "peer": None,
        "ratio": None, "unit": "cases", "runs": cases, "target": "0",
    }  # fmt: skip


def _genetic(packages: int, seconds: float) -> dict[str, object]:
    """Return what a genetic algorithm's programme costs in a time in which ours is long made."""
    given = portfolio_of(*plan_case(packages, 1))
    ours = choose_proved(given, seconds=seconds / 10, gap=1e-3)
    theirs = genetic(given, seconds, 1)
    cost = float(given.cost[theirs].sum())
    kept = given.holds(theirs)
    return {
        "name": f"cost of a genetic algorithm, {packages} packages, {seconds:g} s", "ours": ours.cost / 1e6,
        "peer": cost / 1e6, "ratio": cost / ours.cost, "unit": "M¥", "runs": 1,
        "target": "keeps every rule" if kept else "misses rules",
    }  # fmt: skip


def _usual(packages: int) -> Iterator[dict[str, object]]:
    """Yield what common practice costs, as a multiple of our programme; inf where it misses a rule."""
    options, plants, rules = plan_case(packages, 1, plants=31, pipes=True)
    rules = replace(rules, budget={}, district_budget={}, crew_days={})  # practice knows no budget by year
    given = portfolio_of(options, plants, rules)
    ours = choose_proved(given, seconds=30.0, gap=1e-3)
    worth = (100 * options.removed + 1000 * options.gained)[options.start[:-1] + 2 * WINDOWS]
    ways = {
        "severity order, lining everywhere": severity(given, worth, WINDOWS, 1),
        "benefit per yuan, lining everywhere": greedy(given, worth, WINDOWS),
    }
    for name, chosen in ways.items():
        cost = float(given.cost[chosen].sum())
        kept = given.holds(chosen)
        yield {
            "name": f"cost of {name}", "ours": ours.cost / 1e6, "peer": cost / 1e6, "ratio": cost / ours.cost,
            "unit": "M¥", "runs": 1, "target": "keeps every rule" if kept else "misses rules",
        }  # fmt: skip
