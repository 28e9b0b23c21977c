"""What does a programme cost that is made on an estimate instead of the truth?

The programme is Wenqu's own: of each area a method or none, at the least cost that keeps a goal of clean
water out by the estimate. The goal on paper is raised until the goal is reached in truth, as it would be
once the works are verified; what that programme costs is compared with the programme made on the truth.
"""

import numpy as np
from _plan_cases import EFFECT, PRICE

from wenqu.planning.portfolio import Portfolio
from wenqu.planning.proved_choice import choose_proved
from wenqu.planning.stated_case import StatedOptions, StatedPlants, StatedRules, portfolio_of

GOAL = 0.4  # [-] of all clean water that is to be kept out
MOBILISE = 8000.0  # [yuan] of each area in which there is work
THRESHOLD = 100.0  # [mg/L]
YEAR = "2026"
HALVINGS = 7
SECONDS = 5.0
LINED = 2  # place of the method with which worst first works


def yuan_until_reached(estimate: np.ndarray, real: np.ndarray, length: np.ndarray) -> float:
    """Return what the cheapest programme by an estimate costs that truly reaches the goal. [yuan]

    Parameters
    ----------
    estimate, real
        Clean water of each area. (A,) [m³/d]
    length
        (A,) [m]
    """
    goal, most = GOAL * real.sum(), EFFECT[-1] * estimate.sum()
    low, high = 0.0, 1.0  # parts of what can be kept out by the estimate
    dearest = best = float((MOBILISE + PRICE[-1] * length).sum())
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        chosen, cost = programme(estimate, length, middle * most)
        if (EFFECT[chosen[1]] * real[chosen[0]]).sum() >= goal:
            high, best = middle, min(best, cost)
        else:
            low = middle
    return min(best, dearest)


def programme(water: np.ndarray, length: np.ndarray, goal: float) -> tuple[tuple[np.ndarray, ...], float]:
    """Return areas and methods of the cheapest programme that keeps this much water out, and its cost."""
    methods, areas = len(EFFECT), len(water)
    cost = MOBILISE + length[:, None] * PRICE
    options = StatedOptions(
        np.arange(areas + 1) * methods,
        np.zeros(areas * methods, dtype=np.int64),
        cost.ravel(), np.ones(areas * methods), (water[:, None] * EFFECT).ravel(), np.zeros(areas * methods),
        length, np.full(areas, "", dtype=object), np.full(areas, "W", dtype=object),
    )  # fmt: skip
    flow = 2.0 * float(water.sum()) + 1.0
    plants = StatedPlants(
        np.array(["W"], dtype=object), np.array([flow]), np.array([flow]),
        np.array([THRESHOLD * (flow - goal) / 1000]), np.array([THRESHOLD]),
    )  # fmt: skip
    given: Portfolio = portfolio_of(options, plants, StatedRules((YEAR,), {}, {}, {}, (), YEAR, 1.0))
    found = choose_proved(given, seconds=SECONDS)
    return np.divmod(found.chosen, methods), found.cost


def yuan_worst_first(condition: np.ndarray, real: np.ndarray, length: np.ndarray) -> float:
    """Return what lining the areas in worst condition first costs until the goal is reached. [yuan]"""
    order = np.argsort(-condition, kind="stable")
    kept_out = np.cumsum(EFFECT[LINED] * real[order])
    reached = int(np.searchsorted(kept_out, GOAL * real.sum()))
    return float((MOBILISE + PRICE[LINED] * length)[order][: reached + 1].sum())
