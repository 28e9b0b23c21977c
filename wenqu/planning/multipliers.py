"""Which prices on the rules prove most? Smoothed dual ascent, and the price that makes a plant comply.

The bound is a concave function of a few dozen to a few hundred prices. Each package's cheapest option is
smoothed (log-sum-exp at a falling heat), which makes the function differentiable, and L-BFGS climbs it: every
step is one pass over the options.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from wenqu.planning.portfolio import Floats, Portfolio
from wenqu.planning.pricing import bound_of, cheapest, smoothed

HEATS = (0.03, 0.01, 0.003, 0.001)  # of the mean package's cheapest option
STEPS = 40  # of L-BFGS at each heat
HALVINGS = 40
Over = Callable[[], bool]


def restricted(given: Portfolio, on: npt.NDArray[np.bool_]) -> tuple[Portfolio, npt.NDArray[np.int64]]:
    """Return the portfolio in which just these plants must comply, and which rows of the whole it has."""
    of_plant = given.of_plant
    kept = np.flatnonzero((of_plant < 0) | np.append(on, False)[of_plant])
    return (
        replace(
            given,
            matrix=given.matrix[kept],
            rows=tuple(replace(given.rows[row], plant=-1) for row in kept),
            plant=np.full(len(given.plant), -1, dtype=np.int32),
            weight=np.empty(0),
            demand=np.empty(0),
            able=np.empty(0, dtype=np.bool_),
            site=np.empty(0, np.int64),
            share=np.empty(0, np.int64),
        ),
        kept,
    )


def sample(given: Portfolio, packages: int) -> Portfolio:
    """Return about so many packages of every kind, with the rows' amounts in proportion."""
    count = len(given.start) - 1
    if count <= packages:
        return given
    least = np.minimum.reduceat(given.cost, given.start[:-1])
    order = np.lexsort((least, given.cell[0, given.start[:-1]] if len(given.cell) else least, given.plant))
    step = count / packages
    taken = np.sort(order[np.minimum((np.arange(packages) * step + step / 2).astype(np.int64), count - 1)])
    per = np.diff(given.start)
    options = np.flatnonzero(np.repeat(np.bincount(taken, minlength=count) > 0, per))
    part = packages / count
    return replace(
        given,
        cost=given.cost[options],
        start=np.concatenate([[0], np.cumsum(per[taken])]),
        quantity=np.ascontiguousarray(given.quantity[:, options]),
        cell=np.ascontiguousarray(given.cell[:, options]),
        rows=tuple(replace(row, amount=row.amount * part, size=row.size * part) for row in given.rows),
        plant=given.plant[taken],
    )


def climb(given: Portfolio, prices: Floats, over: Over = lambda: False) -> Floats:
    """Return prices with a larger bound, for a portfolio whose rows always hold.

    Parameters
    ----------
    given
        A portfolio without plants to choose (`restricted`).
    prices
        Where to begin. (r,)
    over
        Tells that the time is up.
    """
    if not len(given.rows):
        return prices
    least = np.minimum.reduceat(given.cost, given.start[:-1])
    scale = max(float(least.sum()), 1.0)
    mean = scale / len(least)
    unit = scale / given.size  # one unit of a scaled price
    amount = given.amount
    best, best_value = prices, bound_of(given, prices).value

    def falling(scaled: Floats, heat: float) -> tuple[float, Floats]:
        total, sums = smoothed(given, scaled * unit, heat)
        value = total + float(scaled @ (amount * unit))
        return -value / scale, -(amount - sums) * unit / scale

    for heat in HEATS:
        if over():
            break
        made = minimize(
            falling, best / unit, args=(heat * mean,), jac=True, method="L-BFGS-B",
            bounds=[(0.0, None)] * len(unit), options={"maxiter": STEPS, "maxcor": 30},
        )  # fmt: skip
        found = made.x * unit
        value = bound_of(given, found).value
        if value > best_value:
            best, best_value = found, value
    return best


def plant_prices(given: Portfolio, prices: Floats) -> Floats:
    """Return the prices with that on each plant's first row set so that its own compliance costs most.

    The bound for a plant that complies is concave in the price on its row: halving finds the top, all plants
    at once, share by share. What the plants' rows had before is kept where it proves more.
    """
    found = prices.copy()
    for share in range(len(given.demand)):
        lesser, kept = one_share(given, share)
        found[kept] = _plant_prices(lesser, prices[kept])
    return found


def one_share(given: Portfolio, share: int) -> tuple[Portfolio, npt.NDArray[np.int64]]:
    """Return the portfolio with one of its shares alone, and which rows of the whole it has."""
    if len(given.demand) == 1:
        return given, np.arange(len(given.rows))
    mine = given.share == share
    place = np.append(np.cumsum(mine) - 1, -1)
    of_plant = given.of_plant
    kept = np.flatnonzero((of_plant < 0) | np.append(mine, False)[of_plant])
    rows = tuple(replace(given.rows[row], plant=int(place[of_plant[row]])) for row in kept)
    return (
        replace(
            given, matrix=given.matrix[kept], rows=rows, weight=given.weight[mine],
            demand=given.demand[share : share + 1], able=given.able[mine], site=given.site[mine],
            share=np.zeros(int(mine.sum()), dtype=np.int64),
        ),
        kept,
    )  # fmt: skip


def prices_that_keep(
    given: Portfolio, base: Floats, rows: npt.NDArray[np.int64], halvings: int = HALVINGS
) -> tuple[Floats, Floats]:
    """Return what the prices on some rows must be at least and at most for the cheapest options to keep them.

    Every row is taken by itself, all in the same passes; where none keeps a row, both are absurd.

    (len(rows),) twice
    """
    amount = given.amount[rows]
    per_unit = float(given.cost.sum()) / np.maximum(given.size[rows], 1e-300)
    tried = base.copy()

    def lacking(price: Floats) -> npt.NDArray[np.bool_]:
        tried[rows] = price
        _, chosen = cheapest(given, tried)
        return given.sums(chosen[chosen >= 0])[rows] < amount

    low, high = base[rows], np.maximum(base[rows], 1e-6 * per_unit)
    for _ in range(60):  # until each has all it lacks, or its price has become absurd
        short = lacking(high) & (high < 1e6 * per_unit)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 8 * high, high)
    for _ in range(halvings):
        middle = (low + high) / 2
        short = lacking(middle)
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    return low, high


def _plant_prices(given: Portfolio, prices: Floats) -> Floats:
    of_plant = given.of_plant
    owned = np.flatnonzero(of_plant >= 0)
    if not len(owned):
        return prices
    _, first = np.unique(of_plant[owned], return_index=True)
    rows = owned[first]
    amount = given.amount
    base = np.where(of_plant < 0, prices, 0.0)
    count = len(given.weight)
    low, _ = prices_that_keep(given, base, rows)
    found = base.copy()
    found[rows] = low
    off, _ = cheapest(given, base)
    inside = given.plant >= 0

    def complying(tried: Floats) -> Floats:
        on, _ = cheapest(given, tried)
        owed = np.bincount(of_plant[owned], (tried * amount)[owned], count)
        grown = np.bincount(given.plant[inside], on[inside] - off[inside], int(given.site.max()) + 1)
        return grown.astype(np.float64)[given.site] + owed

    keep = complying(prices) >= complying(found)
    found[owned] = np.where(keep[of_plant[owned]], prices[owned], found[owned])
    return found


def best_between(given: Portfolio, one: Floats, other: Floats, tries: int = 12) -> Floats:
    """Return the prices between two sets that prove most (the bound is concave along the way)."""
    golden = (math.sqrt(5) - 1) / 2
    low, high = 0.0, 1.0

    def value(share: float) -> float:
        return bound_of(given, one + share * (other - one)).value

    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = value(left), value(right)
    for _ in range(tries):
        if at_left >= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = value(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = value(right)
    ends = [(value(0.0), 0.0), (value(1.0), 1.0), (at_left, left), (at_right, right)]
    return one + max(ends)[1] * (other - one)
