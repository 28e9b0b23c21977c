"""Which options make the cheapest programme, and how near to the cheapest is it proved to be?

Prices on the rules choose an option for nearly every package by themselves; what they leave open is a few
hundred packages, few enough for whole-number programming. The same prices prove the bound (`bound_of`).
"""

import itertools
import sys
import time
from dataclasses import dataclass

import numpy as np

from wenqu.planning import jumps
from wenqu.planning.choice_search import SAME, Mixed, Progress, Search
from wenqu.planning.multipliers import restricted
from wenqu.planning.portfolio import Floats, Ints, Portfolio, check_portfolio
from wenqu.planning.pricing import bound_of, priced, warm
from wenqu.planning.sifting import learn_prices, nearly_cheapest
from wenqu.planning.whole_numbers import Found, Part, choose, dearest_cost, everything
from wenqu.solvers.linear import Status

EXACT = 5_000  # packages up to which the whole-number model is solved whole
TINY, TINY_PART = 2_000, 0.05  # options up to which the cheapest is sought however near one is; of the time
JUMPED = 40_000  # options among which exchanges are sought
JUMPS, PACKAGES = 10, 200  # rounds of exchanges, and one more for every so many packages
LATE_JUMP, LAST_JUMP = 10, 2  # times as many: where none was near enough, where one was
FEW = 60  # packages open in the first whole-number model, beside those that the continuous one splits
FINE = 800  # packages that are left open for the whole-number model
WIDE = 3.0  # options up to this many cut-offs dearer than the cheapest stay open
WHOLE = 1e-6  # shares nearer to 0 or 1 than this are whole
KEPT = 0.92  # of the time is given away: the solver looks at its clock late


@dataclass(frozen=True, slots=True)
class Proved:
    """A programme and what is proved of it."""

    status: str  # proved | infeasible | unknown (the time ran out before any programme was found)
    chosen: Ints  # options
    cost: float  # [yuan] inf without a programme
    bound: float  # [yuan] by the prices: anybody can recompute it
    prices: Floats  # (r,) [yuan/unit]
    solver_bound: float  # [yuan] by the solver's own search, -inf where it made none
    exact_bound: float  # [yuan] by the prices and the packages of small plants (`check_certificate`), or -inf
    seconds: float

    @property
    def best_bound(self) -> float:
        """The larger of both bounds, never above the cost. [yuan]"""
        return min(max(self.bound, self.solver_bound, self.exact_bound, 0.0), self.cost)

    @property
    def gap(self) -> float:
        """(cost - bound) / cost. [-]"""
        return (self.cost - self.best_bound) / self.cost if self.cost > 0 else 0.0


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
    found = Search(given, begun, begun + KEPT * seconds, gap, lambda share: progress(min(share, 1.0)))
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
        learn_prices(found, lambda mixed: _jump(found, mixed, 1))
        found.tell(0.4)
        found.prove()
        if max(found.bound, found.exact) > dearest_cost(given) * (1 + 1e-9):
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
        beyond = found.cost > max(found.bound, found.exact, solver_bound) * (1 + SAME)
        if found.there and beyond and not found.over():
            _jump(found, found.mixed, LAST_JUMP, on_and_on=True)
    if np.isfinite(found.cost):
        status = "proved"
    return Proved(
        status, found.chosen, found.cost, found.bound, found.prices, solver_bound, found.exact,
        time.monotonic() - begun,
    )  # fmt: skip


def _round(found: Search) -> None:
    """Find a programme: what the continuous model leaves whole is settled but for the nearest ties."""
    given, mixed = found.given, found.mixed
    on = found.on if mixed is None or mixed.part.on is None else mixed.part.on
    lesser, kept = restricted(given, on)
    _jump(found, mixed, LATE_JUMP)
    if mixed is None or not len(mixed.found.shares) or found.near():
        return
    price, _, ahead = priced(lesser, mixed.found.prices[kept])
    shares = _shares(given, mixed)
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


def _jump(found: Search, mixed: Mixed | None, part: int, *, on_and_on: bool = False) -> None:
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
        over=lambda: (
            (look := next(looks)) >= most
            or (look >= JUMPS and found.over())
            or (found.near() and not on_and_on)
        ),
        take=found.take,
    )  # fmt: skip


def _shares(given: Portfolio, mixed: Mixed) -> Floats:
    """Return the share of every option in the continuous model. (n,)"""
    shares = np.zeros(len(given.cost))
    shares[mixed.part.settled] = 1.0
    shares[mixed.part.options] = mixed.found.shares
    return shares


def _rounded(lesser: Portfolio, mixed: Mixed) -> Ints:
    """Return of every package the option (or none) of which the continuous model takes the largest share."""
    shares = _shares(lesser, mixed)
    first, per = lesser.start[:-1], np.diff(lesser.start)
    most = np.maximum(np.maximum.reduceat(shares, first), 1.0 - np.add.reduceat(shares, first))
    largest = np.flatnonzero((shares > 0) & (shares >= np.repeat(most, per) * (1 - WHOLE)))
    _, once = np.unique(lesser.packages_of(largest), return_index=True)
    return largest[once]


def _exact(found: Search, *, tiny: bool) -> Found:
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
