"""Which options make the cheapest programme, and how near to the cheapest is it proved to be?

Prices on the rules choose an option for nearly every package by themselves; what they leave open is a few
hundred packages, few enough for whole-number programming. The same prices prove the bound (`bound_of`).
"""

import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from wenqu.planning import jumps
from wenqu.planning.multipliers import (
    best_between,
    climb,
    plant_prices,
    prices_that_keep,
    restricted,
    sample,
)
from wenqu.planning.portfolio import Floats, Ints, Portfolio, check_portfolio
from wenqu.planning.pricing import Bound, bound_of, priced, warm
from wenqu.planning.whole_numbers import Fines, Found, Part, choose, dearest_cost, everything, heavy_fines
from wenqu.solvers.linear import Status

EXACT = 5_000  # packages up to which the whole-number model is solved whole
TINY, TINY_PART = 2_000, 0.05  # options up to which the cheapest is sought however near one is; of the time
SAMPLE = 600  # packages of a sample at least
A_ROW = 20  # and so many for each row
SIFTED = 12_000  # options that are left open for the continuous model at first
BOX = 3.0  # a row may be missed at this many times its price
FLOOR = 0.02  # and at no less than this part of the whole cost, if it is missed by all its size
MISSED, KEEPING = 1e-7, 16  # of a row's size; halvings of a price that keeps it
JUMPED = 40_000  # options among which exchanges are sought
JUMPS, PACKAGES = 10, 200  # rounds of exchanges, and one more for every so many packages
LATE_JUMP, LAST_JUMP = 10, 2  # times as many: where none was near enough, where one was
LATE = 0.2  # of the time is kept for the programme
FEW = 60  # packages open in the first whole-number model, beside those that the continuous one splits
FINE = 800  # packages that are left open for the whole-number model
WIDE = 3.0  # options up to this many cut-offs dearer than the cheapest stay open
SAME = 1e-9  # [-] costs that differ by less do not differ
WHOLE = 1e-6  # shares nearer to 0 or 1 than this are whole
ROUNDS = 6
KEPT = 0.92  # of the time is given away: the solver looks at its clock late
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Proved:
    """A programme and what is proved of it."""

    status: str  # proved | infeasible | unknown (the time ran out before any programme was found)
    chosen: Ints  # options
    cost: float  # [yuan] inf without a programme
    bound: float  # [yuan] by the prices: anybody can recompute it
    prices: Floats  # (r,) [yuan/unit]
    solver_bound: float  # [yuan] by the solver's own search, -inf where it made none
    seconds: float

    @property
    def best_bound(self) -> float:
        """The larger of both bounds, never above the cost. [yuan]"""
        return min(max(self.bound, self.solver_bound, 0.0), self.cost)

    @property
    def gap(self) -> float:
        """(cost - bound) / cost. [-]"""
        return (self.cost - self.best_bound) / self.cost if self.cost > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Mixed:
    """The answer of a continuous model, and the part of the portfolio that was open in it."""

    found: Found
    part: Part


@dataclass(slots=True)
class _Search:
    """What is known while searching."""

    given: Portfolio
    begun: float
    end: float
    gap: float
    tell: Progress
    prices: Floats = field(default_factory=lambda: np.empty(0))
    bound: float = -np.inf
    on: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    chosen: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    cost: float = np.inf
    mixed: Mixed | None = None

    def left(self) -> float:
        """Return the time that is left. [s]"""
        return self.end - time.monotonic()

    @property
    def there(self) -> bool:
        """Tell whether a programme has been found."""
        return bool(np.isfinite(self.cost))

    def over(self) -> bool:
        """Tell whether the time is up."""
        return self.left() <= 0

    def late(self) -> bool:
        """Tell whether what is left of the time belongs to the programme, not to the prices."""
        return self.left() <= LATE * (self.end - self.begun)

    def learn(self, prices: Floats) -> Bound:
        """Take prices up if they prove more; return what they prove."""
        found = bound_of(self.given, prices)
        if found.value > self.bound or not len(self.prices):
            self.prices, self.bound, self.on = prices, found.value, found.on
        return found

    def take(self, chosen: Ints, *, among_equals: bool = False) -> None:
        """Take a choice up if it keeps every rule and is cheaper (or as cheap)."""
        cost = float(self.given.cost[chosen].sum())
        if cost < self.cost * (1 + SAME * among_equals) and self.given.holds(chosen):
            self.chosen, self.cost = chosen, cost

    def near(self, part: float = 1.0) -> bool:
        """Tell whether cost and bound are as near as asked."""
        return np.isfinite(self.cost) and self.cost - self.bound <= part * self.gap * self.cost


def choose_proved(
    given: Portfolio,
    *,
    seconds: float = 60.0,
    gap: float = 1e-4,
    start: Ints | None = None,
    progress: Progress = lambda _share: None,
) -> Proved:
    """Return the cheapest programme that is found in the time, with the bound that is proved of it.

    Parameters
    ----------
    given
        The portfolio.
    seconds
        Longest time. [s]
    gap
        Distance from the proved bound that ends the search. [-] Up to 5,000 packages a gap of 0 is sought.
    start
        Options of a programme that may keep every rule.
    progress
        Hears of the share of the time that is used.

    Raises
    ------
    BadInput
        The portfolio's numbers cannot be used.
    EngineFailed
        HiGHS ended without a statement.
    """
    check_portfolio(given)
    tiny = len(given.cost) <= TINY
    warm()
    jumps.warm()
    begun = time.monotonic()
    found = _Search(given, begun, begun + KEPT * seconds, gap, lambda share: progress(min(share, 1.0)))
    solver_bound = -np.inf
    status = "unknown"
    if not given.suffices(given.able):
        status = "infeasible"  # the plants that could comply are too few: nothing to search
        found.learn(np.zeros(len(given.rows)))
    else:
        found.learn(np.zeros(len(given.rows)))
        found.take(np.empty(0, np.int64))
        if start is not None:
            found.take(start)
        if len(given.start) - 1 <= 1.5 * _sampled(given):
            _prices_whole(found)
        else:
            _prices_climbed(found)
        found.tell(0.4)
        if found.bound > dearest_cost(given) * (1 + 1e-9):
            status = "infeasible"
        else:
            if not found.near():
                _round(found)
            found.tell(0.7)
            if len(given.start) - 1 <= EXACT and not found.over() and (tiny or not found.near()):
                exact = _exact(found, tiny=tiny)
                solver_bound = exact.bound
                if exact.status is Status.INFEASIBLE:
                    status, solver_bound = "infeasible", np.inf
        beyond = found.cost > max(found.bound, solver_bound) * (1 + SAME)
        if found.there and beyond and not found.over():
            _jump(found, found.mixed, LAST_JUMP, on_and_on=True)
    if np.isfinite(found.cost):
        status = "proved"
    return Proved(
        status, found.chosen, found.cost, found.bound, found.prices, solver_bound, time.monotonic() - begun
    )


def _prices_whole(found: _Search, *, early: bool = True) -> None:
    """Learn prices from the continuous model of everything, then of the plants that it has comply."""
    given = found.given
    lp = choose(given, everything(given), seconds=found.left(), whole=False, fines=heavy_fines(given))
    if len(lp.prices):
        found.learn(lp.prices)
        found.learn(plant_prices(given, lp.prices))

    def solved(on: npt.NDArray[np.bool_]) -> Mixed:
        part, fines = everything(given, on), heavy_fines(given)
        return Mixed(choose(given, part, seconds=max(found.left(), 0.2), whole=False, fines=fines), part)

    _settle_plants(found, solved, early=early)


def _settle_plants(
    found: _Search, solved: Callable[[npt.NDArray[np.bool_]], Mixed], *, early: bool = True
) -> None:
    """Alternate between prices and the plants that comply under them, until both agree.

    Early on programmes with these plants are sought, too.
    """
    seen: list[bytes] = []
    while not found.late() and found.on.tobytes() not in seen and len(seen) < ROUNDS:
        seen.append(found.on.tobytes())
        before, bound = found.prices, found.bound
        mixed = solved(found.on)
        if not len(mixed.found.prices):
            return
        mended = plant_prices(found.given, mixed.found.prices)
        learnt = found.learn(mended)
        if not found.mixed or mixed.found.objective < found.mixed.found.objective:
            found.mixed = mixed
        if early:
            _jump(found, mixed, 1)
        if found.near():
            return
        if learnt.value < mixed.found.objective * (1 - found.gap / 4) and np.isfinite(bound):
            found.learn(best_between(found.given, before, mended))


def _sampled(given: Portfolio) -> int:
    """Return how many packages a sample has."""
    return max(SAMPLE, A_ROW * len(given.rows))


def _prices_climbed(found: _Search) -> None:
    """Learn prices from a sample of the packages, then by ascent and sifting on all of them."""
    given = found.given
    few = sample(given, _sampled(given))
    now = time.monotonic()
    lesser = _Search(few, now, now + max(found.left() / 4, 1.0), found.gap, lambda _share: None)
    lesser.learn(np.zeros(len(few.rows)))
    _prices_whole(lesser, early=False)
    found.learn(plant_prices(given, lesser.prices))
    found.tell(0.2)
    _settle_plants(found, lambda on: _sifted(found, on))


def _sifted(found: _Search, on: npt.NDArray[np.bool_]) -> Mixed:
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


def _round(found: _Search) -> None:
    """Find a programme: what the continuous model leaves whole is settled but for the nearest ties."""
    given, mixed = found.given, found.mixed
    on = found.on if mixed is None or mixed.part.on is None else mixed.part.on
    lesser, kept = restricted(given, on)
    _jump(found, mixed, LATE_JUMP)
    if mixed is None or not len(mixed.found.shares) or found.near():
        return
    price, _, ahead = priced(lesser, mixed.found.prices[kept])
    shares = np.zeros(len(given.cost))
    shares[mixed.part.settled] = 1.0
    shares[mixed.part.options] = mixed.found.shares
    split = np.zeros(len(ahead), dtype=np.bool_)
    split[given.packages_of(np.flatnonzero((shares > WHOLE) & (shares < 1 - WHOLE)))] = True
    ahead = np.where(split, -1.0, ahead)
    order = np.argsort(ahead, kind="stable")
    above = price - np.repeat(
        np.minimum(np.minimum.reduceat(price, given.start[:-1]), 0.0), np.diff(given.start)
    )
    small = len(ahead) <= EXACT  # what is left of the time then goes to the model of everything
    few = 2 * int(split.sum()) + FEW
    counts = (few, 3 * few, FINE, 3 * FINE, 9 * FINE, 27 * FINE)
    steps = sorted({min(count, len(ahead)) for count in counts})
    for count in steps[:3] if small else steps:
        open_ = np.zeros(len(ahead), dtype=np.bool_)
        open_[order[:count]] = True
        cut = max(float(ahead[order[min(max(count, FINE), len(ahead)) - 1]]), 0.0) * WIDE + 1e-9
        of_open = np.repeat(open_, np.diff(given.start))
        inside = of_open & ((above <= cut) | (shares > WHOLE))
        part = Part(np.flatnonzero(inside), np.flatnonzero(~of_open & (shares > 0.5)))
        settled = float(given.cost[part.settled].sum())
        room = max(found.bound - settled, 1e-6 * max(found.bound, 1.0))
        made = choose(
            lesser, part, seconds=max(found.left() * (0.25 if small else 0.7), 0.1),
            start=found.chosen if found.there else None,
            gap=min(found.gap / 2 * max(found.bound, 0.0) / room, 0.5),
        )  # fmt: skip
        if np.isfinite(made.objective):
            found.take(made.chosen)
        if found.near() or found.over():
            return
    if not small and not found.there:  # what is left of the time goes to exchanges
        _jump(found, mixed, sys.maxsize)


def _jump(found: _Search, mixed: Mixed | None, part: int, *, on_and_on: bool = False) -> None:
    """Round what the continuous model splits, and exchange options until every rule holds, and cheaper.

    So many exchanges are made, not for so long, that a machine's load does not change the programme. They end
    where the programme is near the bound, unless they are to go on and on.
    """
    on = found.on if mixed is None or mixed.part.on is None else mixed.part.on
    lesser, kept = restricted(found.given, on)
    prices = (found.prices if mixed is None else mixed.found.prices)[kept]
    rounded = mixed is not None and len(mixed.found.shares)
    chosen = _rounded(lesser, mixed) if mixed and rounded else bound_of(lesser, prices).chosen
    few = len(lesser.cost) <= JUMPED
    options = np.arange(len(lesser.cost)) if few else nearly_cheapest(lesser, prices, JUMPED).options
    most = part * (JUMPS + (len(lesser.start) - 1) // PACKAGES)
    looks = itertools.count()
    jumps.jump(
        lesser, options, chosen, prices,
        over=lambda: next(looks) >= most or found.over() or (found.near() and not on_and_on),
        take=found.take,
    )  # fmt: skip


def _rounded(lesser: Portfolio, mixed: Mixed) -> Ints:
    """Return of every package the option (or none) of which the continuous model takes the largest share."""
    shares = np.zeros(len(lesser.cost))
    shares[mixed.part.settled] = 1.0
    shares[mixed.part.options] = mixed.found.shares
    first, per = lesser.start[:-1], np.diff(lesser.start)
    most = np.maximum(np.maximum.reduceat(shares, first), 1.0 - np.add.reduceat(shares, first))
    largest = np.flatnonzero((shares > 0) & (shares >= np.repeat(most, per) * (1 - WHOLE)))
    _, once = np.unique(lesser.packages_of(largest), return_index=True)
    return largest[once]


def _exact(found: _Search, *, tiny: bool) -> Found:
    """Solve the whole-number model of everything; of a tiny one its own programme is taken among equals."""
    given = found.given
    made = choose(
        given, everything(given), start=found.chosen if found.there and not tiny else None,
        seconds=max(found.left() * (TINY_PART if tiny and found.near() else 1.0), 0.1),
        gap=0.0 if tiny or found.gap < 1e-3 else found.gap,
    )  # fmt: skip
    if np.isfinite(made.objective):
        found.take(made.chosen, among_equals=tiny)
    return made
