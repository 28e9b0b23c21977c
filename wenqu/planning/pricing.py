"""Which option of each package is cheapest under prices on the rules, and what does that prove?

For prices λ ≥ 0 on the rows, λ·amount + Σ over packages of min(0, cheapest option at cost - λ·what it adds)
is never above the cost of any programme that keeps the rules (Lagrangian relaxation). A plant that may or may
not comply is priced both ways; which plants comply is then chosen exactly (`cheapest_cover`).
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from wenqu.planning.portfolio import SLACK, Floats, Ints, Portfolio

MOST = 40_000  # sets of plants that are kept side by side


@dataclass(frozen=True, slots=True)
class Bound:
    """What a set of prices proves."""

    value: float  # [yuan] no programme is cheaper
    on: npt.NDArray[np.bool_]  # (k,) plants that comply in the cheapest choice
    chosen: Ints  # options that the prices choose


def _cheapest(
    cost: Floats, start: Ints, quantity: Floats, cell: npt.NDArray[np.int32], table: Floats
) -> tuple[Floats, Ints]:
    """Return of every package the smallest price below 0, and its option (-1: none). (p,), (p,)"""
    packages = len(start) - 1
    least = np.zeros(packages)
    where = np.full(packages, -1, np.int64)
    for package in nb.prange(packages):
        for option in range(start[package], start[package + 1]):
            price = cost[option]
            for channel in range(len(quantity)):
                price += quantity[channel, option] * table[cell[channel, option]]
            if price < least[package]:
                least[package] = price
                where[package] = option
    return least, where


def _priced(
    cost: Floats, start: Ints, quantity: Floats, cell: npt.NDArray[np.int32], table: Floats
) -> tuple[Floats, Ints, Floats]:
    """Return every option's price, each package's cheapest (-1: none), how far ahead. (n,), (p,), (p,)"""
    packages = len(start) - 1
    prices = np.empty(len(cost))
    where = np.full(packages, -1, np.int64)
    ahead = np.empty(packages)
    for package in nb.prange(packages):
        least, second = 0.0, np.inf
        for option in range(start[package], start[package + 1]):
            price = cost[option]
            for channel in range(len(quantity)):
                price += quantity[channel, option] * table[cell[channel, option]]
            prices[option] = price
            if price < least:
                least, second = price, least
                where[package] = option
            elif price < second:
                second = price
        ahead[package] = second - least
    return prices, where, ahead


def _smoothed(
    cost: Floats,
    start: Ints,
    quantity: Floats,
    cell: npt.NDArray[np.int32],
    table: Floats,
    heat: float,
    parts: int,
) -> tuple[float, Floats]:
    """Return Σ -heat·log(1 + Σ exp(-price/heat)) over packages, and what is used in every cell."""
    packages = len(start) - 1
    used = np.zeros((parts, len(table)))
    total = np.zeros(parts)
    for part in nb.prange(parts):
        first, last = packages * part // parts, packages * (part + 1) // parts
        room = np.empty(np.diff(start).max())
        for package in range(first, last):
            low, high = start[package], start[package + 1]
            least = 0.0
            for option in range(low, high):
                price = cost[option]
                for channel in range(len(quantity)):
                    price += quantity[channel, option] * table[cell[channel, option]]
                room[option - low] = price
                least = min(least, price)
            weights = math.exp(least / heat)  # of choosing nothing
            for option in range(low, high):
                away = (room[option - low] - least) / heat
                room[option - low] = math.exp(-away) if away < 40.0 else 0.0
                weights += room[option - low]
            total[part] += least - heat * math.log(weights)
            for option in range(low, high):
                share = room[option - low] / weights
                if share > 0.0:
                    for channel in range(len(quantity)):
                        used[part, cell[channel, option]] += share * quantity[channel, option]
    return total.sum(), used.sum(axis=0)


# Threads cost more than they bring where a pass takes less than a millisecond.
MANY = 100_000  # options
_KERNELS: dict[Any, tuple[Any, Any]] = {
    kernel: (nb.njit(cache=True)(kernel), nb.njit(cache=True, parallel=True)(kernel))
    for kernel in (_cheapest, _priced, _smoothed)
}


def table_of(given: Portfolio, prices: Floats) -> Floats:
    """Return what one unit of a quantity costs more in every cell. (cells,)"""
    return -np.asarray(given.matrix.T @ prices)


def cheapest(given: Portfolio, prices: Floats) -> tuple[Floats, Ints]:
    """Return the smallest price below 0 of every package, and its option; -1 for none. (p,), (p,)"""
    kernel = _KERNELS[_cheapest][len(given.cost) > MANY]
    found: tuple[Floats, Ints] = kernel(
        given.cost, given.start, given.quantity, given.cell, table_of(given, prices)
    )
    return found


def priced(given: Portfolio, prices: Floats) -> tuple[Floats, Ints, Floats]:
    """Return every option's price, each package's cheapest option (-1: none), and how far ahead it is.

    (n,), (p,), (p,)
    """
    found: tuple[Floats, Ints, Floats] = _KERNELS[_priced][len(given.cost) > MANY](
        given.cost, given.start, given.quantity, given.cell, table_of(given, prices)
    )
    return found


def smoothed(given: Portfolio, prices: Floats, heat: float) -> tuple[float, Floats]:
    """Return the smoothed sum of smallest prices, and the left side of every row. [yuan], (r,)"""
    many = len(given.cost) > MANY
    total, used = _KERNELS[_smoothed][many](
        given.cost, given.start, given.quantity, given.cell, table_of(given, prices), heat,
        nb.get_num_threads() if many else 1,
    )  # fmt: skip
    return float(total), np.asarray(given.matrix @ used)


def bound_of(given: Portfolio, prices: Floats) -> Bound:
    """Return what prices prove. Prices below 0 count as 0.

    Parameters
    ----------
    given
        The portfolio.
    prices
        One price a row: of rows that always hold, and of each plant's rows where it complies. (r,)
    """
    prices = np.maximum(prices, 0.0)
    always = given.of_plant < 0
    free = np.where(always, prices, 0.0)
    off, chosen_off = cheapest(given, free)
    amount = given.amount
    value = math.fsum(free * amount)
    inside = given.plant >= 0
    value += math.fsum(off[~inside])
    count = len(given.weight)
    if not count:
        return Bound(value, given.able.copy(), chosen_off[chosen_off >= 0])
    on, chosen_on = cheapest(given, prices)
    owed = np.bincount(given.of_plant[~always], (prices * amount)[~always], count)
    of = given.plant[inside]
    when_off = np.bincount(of, off[inside], count).astype(np.float64)
    when_on = np.bincount(of, on[inside], count) + owed
    comply = cheapest_cover(when_on - when_off, given.weight, given.demand, given.able)
    if comply is None:
        return Bound(math.inf, given.able.copy(), np.empty(0, np.int64))
    more, complies = comply
    value += math.fsum(when_off) + more
    chosen = chosen_off.copy()
    of_on = inside.copy()
    of_on[inside] = complies[of]
    chosen[of_on] = chosen_on[of_on]
    return Bound(value, complies, chosen[chosen >= 0])


@cache
def warm() -> None:
    """Load the passes' machine code, which takes longer than many a search."""
    none, one = np.empty((0, 1)), np.ones(1)
    places, start, table = np.empty((0, 1), np.int32), np.array([0, 1]), np.empty(0)
    for pair in _KERNELS.values():
        for kernel in pair:
            more = (1.0, 1) if pair is _KERNELS[_smoothed] else ()
            kernel(one, start, none, places, table, *more)


def cheapest_cover(
    more: Floats, weight: Floats, demand: float, able: npt.NDArray[np.bool_]
) -> tuple[float, npt.NDArray[np.bool_]] | None:
    """Return the least Σ more over plants whose weights reach a demand, and those plants; None if none do.

    Of all sets of plants those stay that no other beats in weight and in money. Should they be too many, the
    lighter ones are lifted to the weight of a heavier: the sum stays a bound, never above the true one.
    """
    weights, totals = np.zeros(1), np.zeros(1)
    steps: list[tuple[int, Ints, npt.NDArray[np.bool_]]] = []  # plant, state before, whether it was taken
    enough = demand * (1 - SLACK)
    for row in np.flatnonzero(able).tolist():
        count = len(weights)
        both = np.concatenate([weights, np.minimum(weights + weight[row], max(enough, 0.0))])
        sums = np.concatenate([totals, totals + more[row]])
        order = np.lexsort((sums, -both))
        kept = order[_records(sums[order])]
        heavier = both[kept]
        if len(kept) > MOST:  # of neighbours the cheaper stays, with the weight of the heavier
            last = kept[-1:] if len(kept) % 2 else kept[:0]
            kept, heavier = np.append(kept[1::2], last), np.append(heavier[:-1:2], heavier[-1:][: len(last)])
        steps.append((row, kept % count, kept >= count))
        weights, totals = heavier, sums[kept]
    good = np.flatnonzero(weights >= enough * (1 - 1e-12))
    if not len(good):
        return None
    state = int(good[np.argmin(totals[good])])
    least, comply = float(totals[state]), np.zeros(len(more), dtype=np.bool_)
    for row, before, taken in reversed(steps):
        comply[row] = taken[state]
        state = int(before[state])
    return least, comply


def _records(values: Floats) -> npt.NDArray[np.bool_]:
    """Return where a value is smaller than all before it. (n,)"""
    best = np.minimum.accumulate(values)
    return np.concatenate([[True], values[1:] < best[:-1]])
