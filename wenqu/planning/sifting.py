"""Which prices on the rules prove most, and which few options do they leave open?

A small portfolio's prices are those of its continuous model. A large one's are climbed from a sample's, then
sifted: the continuous model of the nearly cheapest options alone moves them on, wider from step to step.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wenqu.planning.choice_search import Mixed, Search
from wenqu.planning.multipliers import (
    best_between,
    climb,
    plant_prices,
    prices_that_keep,
    restricted,
    sample,
)
from wenqu.planning.portfolio import Floats, Ints, Portfolio
from wenqu.planning.pricing import bound_of, priced
from wenqu.planning.whole_numbers import Fines, Part, choose, everything, heavy_fines

SAMPLE = 600  # packages of a sample at least
A_ROW = 20  # and so many for each row
SIFTED = 12_000  # options that are left open for the continuous model at first
BOX = 3.0  # a row may be missed at this many times its price
FLOOR = 0.02  # and at no less than this part of the whole cost, if it is missed by all its size
MISSED, KEEPING = 1e-7, 16  # of a row's size; halvings of a price that keeps it
ROUNDS = 6
Early = Callable[[Mixed], None]


def learn_prices(found: Search, early: Early) -> None:
    """Learn prices, and the continuous model that is cheapest.

    Parameters
    ----------
    found
        What is known; it is told.
    early
        Hears every continuous model, so that programmes are sought early on.
    """
    if len(found.given.start) - 1 <= 1.5 * _sampled(found.given):
        _prices_whole(found, early)
    else:
        _prices_climbed(found, early)


def _prices_whole(found: Search, early: Early) -> None:
    """Learn prices from the continuous model of everything, then of the plants that it has comply."""
    given = found.given
    lp = choose(given, everything(given), seconds=found.left(), whole=False, fines=heavy_fines(given))
    if len(lp.prices):
        found.mixed = Mixed(lp, everything(given))
        found.learn(lp.prices)
        found.learn(plant_prices(given, lp.prices))

    def solved(on: npt.NDArray[np.bool_]) -> Mixed:
        part, fines = everything(given, on), heavy_fines(given)
        return Mixed(choose(given, part, seconds=max(found.left(), 0.2), whole=False, fines=fines), part)

    _settle_plants(found, solved, early)


def _settle_plants(found: Search, solved: Callable[[npt.NDArray[np.bool_]], Mixed], early: Early) -> None:
    """Alternate between prices and the plants that comply under them, until both agree."""
    seen: list[bytes] = []
    while not found.late() and found.on.tobytes() not in seen and len(seen) < ROUNDS:
        seen.append(found.on.tobytes())
        before, bound = found.prices, found.bound
        mixed = solved(found.on)
        if not len(mixed.found.prices):
            return
        mended = plant_prices(found.given, mixed.found.prices)
        learnt = found.learn(mended)
        known = found.mixed
        if not known or known.part.on is None or mixed.found.objective < known.found.objective:
            found.mixed = mixed
        early(mixed)
        if found.near():
            return
        if learnt.value < mixed.found.objective * (1 - found.gap / 4) and np.isfinite(bound):
            found.learn(best_between(found.given, before, mended))


def _sampled(given: Portfolio) -> int:
    """Return how many packages a sample has."""
    return max(SAMPLE, A_ROW * len(given.rows))


def _prices_climbed(found: Search, early: Early) -> None:
    """Learn prices from a sample of the packages, then by ascent and sifting on all of them."""
    given = found.given
    few = sample(given, _sampled(given))
    now = time.monotonic()
    lesser = Search(few, now, now + max(found.left() / 4, 1.0), found.gap, lambda _share: None)
    lesser.learn(np.zeros(len(few.rows)))
    _prices_whole(lesser, lambda _mixed: None)
    found.learn(plant_prices(given, lesser.prices))
    found.tell(0.2)
    _settle_plants(found, lambda on: _sifted(found, on), early)


def _sifted(found: Search, on: npt.NDArray[np.bool_]) -> Mixed:
    """Solve the continuous model with given plants on the nearly cheapest options, with prices in a box.

    A row may be missed at a few times its present price, so the prices move step by step; where that is not
    enough they are climbed on all packages first.
    """
    given = found.given
    lesser, kept = restricted(given, on)
    best = found.prices[kept]
    value = bound_of(lesser, best).value
    many, climbed = SIFTED, False
    while True:
        part = nearly_cheapest(lesser, best, many)
        fines = Fines(BOX * best + FLOOR * max(value, 1.0) / lesser.size)
        lp = choose(lesser, part, seconds=max(found.left(), 1.0), whole=False, fines=fines)
        if not len(lp.prices):
            break
        tried = bound_of(lesser, lp.prices).value
        between = lp.prices if tried > value else best_between(lesser, best, lp.prices)
        gained = max(tried, bound_of(lesser, between).value)
        if gained > value:
            best, value = between, gained
        if lp.objective - value <= found.gap / 2 * abs(value) or found.late():
            break
        if not climbed:
            climbed, best = True, climb(lesser, best, found.late)
            value = bound_of(lesser, best).value
        elif many >= len(given.cost):
            break
        else:
            many *= 2
    found.learn(_spread(kept, best, len(given.rows)))
    missed = np.flatnonzero(lp.slack > MISSED)
    if len(missed):  # their fines were too low: nearest ties are sought where the cheapest options keep them
        best = best.copy()
        best[missed] = prices_that_keep(lesser, best, missed, KEEPING)[1]
        part = nearly_cheapest(lesser, best, SIFTED)
        lp = choose(lesser, part, seconds=max(found.left(), 1.0), whole=False, fines=heavy_fines(lesser))
    return Mixed(replace(lp, prices=_spread(kept, best, len(given.rows))), part)


def _spread(kept: Ints, prices: Floats, rows: int) -> Floats:
    """Return the prices of some rows among those of all."""
    full = np.zeros(rows)
    full[kept] = prices
    return full


def nearly_cheapest(lesser: Portfolio, prices: Floats, many: int) -> Part:
    """Return about so many options that are nearest to the cheapest of their package as the open part.

    A package of which only the cheapest is left (or nothing, where that is cheapest) is settled.
    """
    price, cheapest, ahead = priced(lesser, prices)
    least = np.where(cheapest >= 0, price[cheapest], 0.0)
    above = price - np.repeat(least, np.diff(lesser.start))
    rivals = above.copy()
    rivals[cheapest[cheapest >= 0]] = np.inf  # the cheapest themselves do not count
    cut = float(np.partition(rivals, many - 1)[many - 1]) if many < len(above) else np.inf
    open_ = ahead <= cut
    inside = (above <= cut) & np.repeat(open_, np.diff(lesser.start))
    settled = cheapest[~open_]
    return Part(np.flatnonzero(inside), settled[settled >= 0])
