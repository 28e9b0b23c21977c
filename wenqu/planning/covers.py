"""Which plants comply for the least money, so that every share of them is reached?

With prices on the rules each plant costs so much if it complies in no share, in one, in both. Choosing for
all plants at once is a covering knapsack, solved exactly while few choices stand side by side; beyond that
lighter ones are lifted to the weight of a heavier: the sum stays a bound, never above the true one.
"""

from collections.abc import Sequence
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from wenqu.planning.check_rows import WAYS, Entry, Reach, reaches, wider
from wenqu.planning.portfolio import SLACK, Floats, Ints

MOST = 40_000  # sets of plants that are kept side by side
State = tuple[Reach, float]  # what a plant adds to every share, and at which cost


def cheapest_cover(
    more: Floats, weight: Floats, demand: float, able: npt.NDArray[np.bool_]
) -> tuple[float, npt.NDArray[np.bool_]] | None:
    """Return the least Σ more over plants whose weights reach a demand, and those plants; None if none do.

    Of all sets of plants those stay that no other beats in weight and in money.
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


def cheapest_ways(packages: Sequence[tuple[Floats, Floats]], need: float) -> float:
    """Return the least cost of options, at most one of every package, that together are worth a need.

    Parameters
    ----------
    packages
        Worth and cost of the options of each; costs may be below 0, worth below 0 counts as none.
    need
        Above 0. Where too many sets of options stand side by side, worth is rounded up: still a bound.

    Returns
    -------
    float
        inf where no options suffice.
    """
    worth, cost = np.zeros(1), np.zeros(1)
    for worths, costs in packages:
        adds, more = _unbeaten(np.append(np.maximum(worths, 0.0), 0.0), np.append(costs, 0.0))
        both = np.minimum(worth[:, None] + adds, need).ravel()
        worth, cost = _unbeaten(both, (cost[:, None] + more).ravel())
        if len(worth) > WAYS:
            worth, cost = _unbeaten(np.ceil(worth / need * WAYS) / WAYS * need, cost)
    return float(np.min(cost[worth >= need * (1 - SLACK)], initial=np.inf))


def _unbeaten(worth: Floats, cost: Floats) -> tuple[Floats, Floats]:
    order = np.lexsort((cost, -worth))
    kept = order[_records(cost[order])]
    return worth[kept], cost[kept]


def _records(values: Floats) -> npt.NDArray[np.bool_]:
    """Return where a value is smaller than all before it. (n,)"""
    best = np.minimum.accumulate(values)
    return np.concatenate([[True], values[1:] < best[:-1]])


def cheapest_covers(plants: Sequence[Sequence[State]], demand: Reach) -> tuple[float, list[int]] | None:
    """Return the least sum of one state a plant whose weights reach every demand, and those states.

    Parameters
    ----------
    plants
        What each plant may do: every state with what it adds to each share, and what it costs.
    demand
        Of every share.

    Returns
    -------
    tuple or None
        None where no choice of states reaches every demand.
    """
    sets: Sequence[Entry] = [((0.0,) * len(demand), 0.0, -1, -1)]
    steps = []
    for states in plants:
        sets = wider(sets, states, demand)
        steps.append(sets)
    good = [entry for entry in sets if reaches(entry[0], demand)]
    if not good:
        return None
    least = min(good, key=itemgetter(1))
    picked, entry = [], least
    for before in reversed([[], *steps[:-1]]):
        picked.append(entry[3])
        entry = before[entry[2]] if before else entry
    return least[1], picked[::-1] if steps else []
