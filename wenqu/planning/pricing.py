"""Which option of each package is cheapest under prices on the rules, and what does that prove?

For prices λ ≥ 0 on the rows, λ·amount + Σ over packages of min(0, cheapest option at cost - λ·what it adds)
is never above the cost of any programme that keeps the rules (Lagrangian relaxation). A plant that may or may
not comply is priced both ways, for every share that it counts in; which plants comply is then chosen exactly
(`covers`).
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from wenqu.planning.check_rows import FEW, SHARES
from wenqu.planning.covers import cheapest_cover, cheapest_covers, cheapest_ways
from wenqu.planning.portfolio import Floats, Ints, Portfolio


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


def bound_of(given: Portfolio, prices: Floats, *, exactly: bool = False) -> Bound:
    """Return what prices prove. Prices below 0 count as 0.

    Parameters
    ----------
    given
        The portfolio. Of more than ``SHARES`` shares only the first are counted on: less is proved.
    prices
        One price a row: of rows that always hold, and of each plant's rows where it complies. (r,)
    exactly
        Where few packages lie above a plant, find the cheapest of them that bring what its prices ask: proves
        more, and takes longer.
    """
    prices = np.maximum(prices, 0.0)
    of_plant, amount = given.of_plant, given.amount
    always = of_plant < 0
    free = np.where(always, prices, 0.0)
    off, chosen_off = cheapest(given, free)
    value = math.fsum(free * amount)
    inside = given.plant >= 0
    value += math.fsum(off[~inside])
    if not len(given.weight):
        return Bound(value, given.able.copy(), chosen_off[chosen_off >= 0])
    members = _members(given)
    sites = len(members)
    of = given.plant[inside]
    costs = np.full((1 << members.shape[1], sites), -np.inf)  # of every site with some of its plants on
    picked = []
    for state in range(len(costs)):
        on = _on(members, state, len(given.weight))
        rows = always | np.append(on, False)[of_plant]
        least, chosen = (off, chosen_off) if not state else cheapest(given, np.where(rows, prices, 0.0))
        owed = np.where(rows & ~always, prices * amount, 0.0)[~always]
        site = given.site[of_plant[~always]]
        costs[state] = np.bincount(of, least[inside], sites) + np.bincount(site, owed, sites)
        picked.append(chosen)
    if exactly:
        costs = _exact_states(given, members, prices, costs)
    found = _cheapest_states(given, members, costs)
    if found is None:
        return Bound(math.inf, given.able.copy(), np.empty(0, np.int64))
    more, states, on = found
    chosen = chosen_off.copy()
    by = np.array(picked)[states[np.maximum(given.plant, 0)], np.arange(len(chosen))]
    chosen[inside] = by[inside]
    return Bound(value + more, on, chosen[chosen >= 0])


def has_few(given: Portfolio) -> bool:
    """Tell whether so few packages lie above some plant that they are chosen exactly."""
    counts = np.bincount(given.plant[given.plant >= 0])
    return bool(((counts > 0) & (counts <= FEW)).any()) and bool(given.able.any())


def _exact_states(given: Portfolio, members: Ints, prices: Floats, costs: Floats) -> Floats:
    """Return the costs of states, raised to those of options that bring what the prices ask. (states, sites)

    All rows of a plant are taken as one, weighed by their prices (a surrogate knapsack).
    """
    of_plant, amount = given.of_plant, given.amount
    always, costs = of_plant < 0, costs.copy()
    off, _, _ = priced(given, np.where(always, prices, 0.0))
    order = np.argsort(given.plant, kind="stable")
    first = np.searchsorted(given.plant[order], np.arange(len(members) + 1))
    few = [site for site in range(len(members)) if 0 < first[site + 1] - first[site] <= FEW]
    for state in range(1, len(costs)):
        on = _on(members, state, len(given.weight))
        mine = np.append(on, False)[of_plant] & ~always
        with_it, _, _ = priced(given, np.where(always | mine, prices, 0.0))
        owed = np.bincount(given.site[of_plant[mine]], (prices * amount)[mine], len(members))
        for site in few:
            if owed[site] > 0:
                spans = [slice(*given.start[one : one + 2]) for one in order[first[site] : first[site + 1]]]
                ways = [(off[span] - with_it[span], off[span]) for span in spans]
                costs[state, site] = max(costs[state, site], cheapest_ways(ways, float(owed[site])))
    return costs


def _members(given: Portfolio) -> Ints:
    """Return the plants of every site that can comply in a share that is counted on, -1 for no more."""
    sites = int(max(given.site.max(), given.plant.max(initial=-1))) + 1
    mine = np.flatnonzero(given.able & (given.share < SHARES))
    rank = np.zeros(len(mine), np.int64)
    seen = np.zeros(sites, np.int64)
    for place, row in enumerate(mine.tolist()):
        rank[place] = seen[given.site[row]]
        seen[given.site[row]] += 1
    members = np.full((sites, int(seen.max(initial=0))), -1, np.int64)
    members[given.site[mine], rank] = mine
    return members


def _on(members: Ints, state: int, count: int) -> npt.NDArray[np.bool_]:
    """Return which plants comply when every site is in the same state. (k,)"""
    on = np.zeros(count + 1, dtype=np.bool_)
    for rank in range(members.shape[1]):
        if state >> rank & 1:
            on[members[:, rank]] = True
    return on[:-1]


def _cheapest_states(
    given: Portfolio, members: Ints, costs: Floats
) -> tuple[float, Ints, npt.NDArray[np.bool_]] | None:
    """Return the least cost of all sites, each's state of least prices, and which plants comply.

    What a state costs with the prices of some of its plants alone is a bound of it too: the best is taken.
    """
    best = np.arange(len(costs))[:, None].repeat(costs.shape[1], axis=1)
    costs = costs.copy()
    for rank in range(members.shape[1]):
        for state in range(len(costs)):
            if state >> rank & 1:
                without = state & ~(1 << rank)
                more = costs[without] > costs[state]
                costs[state] = np.where(more, costs[without], costs[state])
                best[state] = np.where(more, best[without], best[state])
    every = np.arange(costs.shape[1])
    on = np.zeros(len(given.weight), dtype=np.bool_)
    if members.shape[1] <= 1 and len(given.demand) == 1:
        first = members[:, 0] if members.shape[1] else np.full(len(every), -1)
        there = np.flatnonzero(first >= 0)
        rows = first[there]
        growth = np.zeros(len(on))
        growth[rows] = (costs[-1] - costs[0])[there]
        found = cheapest_cover(growth, given.weight, float(given.demand[0]), given.able)
        if found is None:
            return None
        more, on = found
        states = np.zeros(len(every), np.int64)
        states[given.site[on]] = 1
        return math.fsum(costs[0]) + more, best[states, every], on
    counted = min(len(given.demand), SHARES)
    plants = []
    for site in every.tolist():
        mine = members[site][members[site] >= 0]
        plants.append(
            [
                (_adds(given, mine, state, counted), float(costs[state, site] - costs[0, site]))
                for state in range(1 << len(mine))
            ]
        )
    met = cheapest_covers(plants, tuple(given.demand[:counted].tolist()))
    if met is None:
        return None
    states = np.array(met[1], dtype=np.int64)
    for site, state in enumerate(states.tolist()):
        mine = members[site][members[site] >= 0]
        on[mine[[bool(state >> rank & 1) for rank in range(len(mine))]]] = True
    return math.fsum(costs[0]) + met[0], best[states, every], on


def _adds(given: Portfolio, mine: Ints, state: int, counted: int) -> tuple[float, ...]:
    """Return what a site adds to every share that is counted on."""
    adds = [0.0] * counted
    for rank, row in enumerate(mine.tolist()):
        if state >> rank & 1:
            adds[given.share[row]] += float(given.weight[row])
    return tuple(adds)


@cache
def warm() -> None:
    """Load the passes' machine code, which takes longer than many a search."""
    none, one = np.empty((0, 1)), np.ones(1)
    places, start, table = np.empty((0, 1), np.int32), np.array([0, 1]), np.empty(0)
    for pair in _KERNELS.values():
        for kernel in pair:
            more = (1.0, 1) if pair is _KERNELS[_smoothed] else ()
            kernel(one, start, none, places, table, *more)
