"""How near does a new programme stay to the one that was announced, and what does leaving it cost?

Every package that is moved to another year, done by another method, dropped or added has a price (the
rules' ``change_price_yuan``). The new programme is the cheapest that was found by cost plus these prices;
its bound is that of the programme made as if nothing had been announced, so the gap it states is true for
both and also says what keeping to the announcement costs at most.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.planning.chance import plan_under
from wenqu.planning.doubts import Doubts
from wenqu.planning.kept_years import Years, kept_years
from wenqu.planning.options import Options
from wenqu.planning.plants import margins
from wenqu.planning.programme import GAP, Plan, Progress, choose_programme
from wenqu.planning.rest import Rest
from wenqu.planning.rules import CHANGES, Rules
from wenqu.planning.verify import Choice, Verdict, outlook, plan_verify, present_cost

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NONE = -1
PIECE = 8  # packages that go back to their year at once
TRIES = 3000  # recomputations that bringing a programme nearer may take
NOT_WORSE = 1e-9  # [-] a rule that is missed already may be missed by no more than this part on top


@dataclass(frozen=True, slots=True)
class Announced:
    """What was announced, in terms of the options there are now. p packages."""

    was: Bools  # (p,) the package was in the programme
    option: Ints  # (p,) row of the announced option, NONE where it is no longer to be had
    window: Ints  # (p,) place of the announced window, NONE where none was
    reach: Ints  # (p,) the window it can still have: the announced one, or the first that is open


@dataclass(frozen=True, slots=True)
class Replanned:
    """A programme for the rest that stays near what was announced."""

    plan: Plan
    change_price: float  # [yuan] that leaving what was announced costs
    changes: dict[str, int]  # packages moved, method, dropped, added
    keeping: tuple[Verdict, ...]  # rules that the announced programme would miss now; empty: it still holds
    keeping_cost: float  # [yuan] of the announced programme at today's prices


def changes_of(announced: Announced, picked: tuple[Ints, Ints]) -> dict[str, Bools]:
    """Return by kind which packages leave what was announced. (p,) each

    Parameters
    ----------
    picked
        Option and window of every package, NONE where it is not in the programme. (p,), (p,)
    """
    option, window = picked
    there = option >= 0
    return {
        "moved": announced.was & there & (window != announced.window),
        "method": announced.was & there & (option != announced.option),
        "dropped": announced.was & ~there,
        "added": ~announced.was & there,
    }


def change_price(rules: Rules, announced: Announced, picked: tuple[Ints, Ints]) -> float:
    """Return the price of leaving what was announced. [yuan]"""
    counts = {name: int(mask.sum()) for name, mask in changes_of(announced, picked).items()}
    return sum(price * counts[name] for name, price in zip(CHANGES, rules.change_prices, strict=True))


def replan(
    options: Options,
    rest: Rest,
    announced: Announced,
    *,
    doubts: Doubts | None = None,
    seconds: float,
    progress: Progress | None = None,
) -> Replanned:
    """Return a programme for what is left that changes little of what was announced.

    Candidates are the announced programme itself where it still keeps every rule, the cheapest programme,
    and the cheapest when every option that was not announced is dearer by its price; each is brought back
    to what was announced package by package as long as no rule is broken and it pays. The one of least cost
    and change prices is taken.

    Parameters
    ----------
    options
        Of the packages that are not standing.
    rest
        What is left to plan.
    announced
        What was announced of them.
    doubts
        What is unsure, where the rules ask for a probability: the programme that keeps it is taken as it is.
    seconds
        Longest time of the solver for one model. [s]
    """
    near = _Near(options, rest, announced)
    tell = progress or (lambda _share, _what: None)
    free = plan_under(
        options, rest.plants, rest.rules, doubts, lengths=rest.lengths, seconds=seconds,
        progress=lambda share: tell(0.5 * share, "plan.step.solve"),
    )  # fmt: skip
    kept = near.announced_choice()
    missed = tuple(one for one in near.verdicts(kept) if not one.holds)
    found = near.ways(free.choice) or [near.picked(free.choice)]  # rules that nobody can keep
    if doubts is not None:  # the means would tell too little when packages go back
        found = [near.picked(free.choice)]
    elif free.status != "infeasible":
        if any(rest.rules.change_prices) and len(options):
            dear = choose_programme(
                near.dearer(), rest.plants, rest.rules, lengths=rest.lengths, seconds=seconds,
                progress=lambda share, what: tell(0.5 + 0.4 * share, what),
            )  # fmt: skip
            found += near.ways(dear.choice)
        if not missed:
            found += near.ways(kept)
    best = min(found, key=near.price)
    return Replanned(
        _as_plan(near, free, near.choice(best)),
        change_price(rest.rules, announced, best),
        {name: int(mask.sum()) for name, mask in changes_of(announced, best).items()},
        missed,
        present_cost(options, rest.rules, kept),
    )


def _as_plan(near: "_Near", free: Plan, choice: Choice) -> Plan:
    """Return the chosen programme with what was proved of the free one."""
    options, rules, plants = near.options, near.rest.rules, near.rest.plants
    order = np.lexsort((options.package[choice.options], choice.windows))
    choice = Choice(choice.options[order], choice.windows[order])
    cost = present_cost(options, rules, choice)
    bound = min(free.bound, cost)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    verdicts = near.verdicts(choice)
    missed = tuple(one for one in verdicts if not one.holds)
    status = "infeasible" if missed else "proved" if gap <= GAP * (1 + 1e-6) else "feasible"
    return replace(
        free, status=status, choice=choice, cost=cost, bound=bound, gap=gap,
        outlook=outlook(options, plants, rules, choice), verdicts=verdicts, relaxed=missed,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Near:
    """Bringing a programme of the rest nearer to what was announced."""

    options: Options
    rest: Rest
    announced: Announced

    @property
    def first_open(self) -> int:
        """Return the first window in which works can still be finished."""
        return self.rest.first_open

    def announced_choice(self) -> Choice:
        """Return what was announced, as far as it can still be had."""
        rows = np.flatnonzero(self.announced.option >= 0)
        return Choice(self.announced.option[rows], self.announced.reach[rows])

    def picked(self, choice: Choice) -> tuple[Ints, Ints]:
        """Return option and window of every package."""
        size = len(self.options.package_ids)
        option, window = np.full(size, NONE, np.int64), np.full(size, NONE, np.int64)
        rows = self.options.package[choice.options]
        option[rows], window[rows] = choice.options, choice.windows
        return option, window

    def choice(self, picked: tuple[Ints, Ints]) -> Choice:
        """Return options and windows of the packages that are in the programme."""
        rows = np.flatnonzero(picked[0] >= 0)
        return Choice(picked[0][rows], picked[1][rows])

    def verdicts(self, choice: Choice) -> tuple[Verdict, ...]:
        """Return how every rule of the rest fares."""
        rest = self.rest
        return plan_verify(self.options, rest.plants, rest.rules, choice, rest.lengths)

    def price(self, picked: tuple[Ints, Ints]) -> float:
        """Return cost and price of the changes. [yuan]"""
        cost = present_cost(self.options, self.rest.rules, self.choice(picked))
        return cost + change_price(self.rest.rules, self.announced, picked)

    def dearer(self) -> Options:
        """Return the options with the price of what was not announced on top."""
        prices = dict(zip(CHANGES, self.rest.rules.change_prices, strict=True))
        package = self.options.package
        new = ~self.announced.was[package]
        other = ~new & (self.announced.option[package] != np.arange(len(self.options)))
        more = np.where(new, prices["added"], np.where(other, prices["method"], 0.0))
        return replace(self.options, cost=self.options.cost + more)

    def ways(self, choice: Choice) -> list[tuple[Ints, Ints]]:
        """Return a programme brought back to what was announced: from its own years, and from those."""
        own = self.picked(choice)
        rest = self.rest
        years = Years(
            self.options, rest.rules.windows, self.first_open,
            margins(self.options, rest.plants, rest.rules), self.announced.reach, self.announced.was,
        )  # fmt: skip
        kept = kept_years(years, own, lambda option, window: self.verdicts(self.choice((option, window))))
        kept_all = all(one.holds for one in self.verdicts(choice))
        return [self.nearer(one) for one in (own if kept_all else None, kept) if one is not None]

    def nearer(self, picked: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
        """Return the programme with packages back where they were announced, if rules and price allow."""
        option, window = picked[0].copy(), picked[1].copy()
        base = _shortfalls(self.verdicts(self.choice(picked)))
        tries = [TRIES]

        def allowed() -> bool:
            tries[0] -= 1
            return _no_worse(_shortfalls(self.verdicts(self.choice((option, window)))), base)

        def restore(rows: Ints, to: tuple[Ints, Ints]) -> None:
            """Put packages back, all at once or half by half."""
            if not len(rows) or tries[0] <= 0:
                return
            was = option[rows].copy(), window[rows].copy()
            option[rows], window[rows] = to[0][rows], to[1][rows]
            if allowed():
                return
            option[rows], window[rows] = was
            if len(rows) > 1:
                half = len(rows) // 2
                restore(rows[:half], to)
                restore(rows[half:], to)

        goal = (self.announced.option, self.announced.reach)
        for rows, to in self._steps(option, goal):
            restore(rows, to)
        while tries[0] > 0:  # a year that is full makes room when others have gone back to theirs
            late = self._late((option, window))
            before = tries[0]
            for rows in np.array_split(late, max(len(late) // PIECE, 1)):
                restore(rows, (option, self.announced.reach))
            if before == tries[0] or len(self._late((option, window))) == len(late):
                break
        return option, window

    def _late(self, picked: tuple[Ints, Ints]) -> Ints:
        """Return the packages that are not in their announced year, by turns from each year to each other."""
        option, window = picked
        reach = self.announced.reach
        rows = np.flatnonzero((option >= 0) & self.announced.was & (window != reach))
        way = window[rows] * (len(self.rest.rules.windows) + 1) + reach[rows]
        order = np.argsort(way, kind="stable")
        _, first = np.unique(way[order], return_index=True)
        turn = np.empty(len(rows), np.int64)
        for group in np.split(order, first[1:]):
            turn[group] = np.arange(len(group))
        return rows[np.argsort(turn, kind="stable")]

    def _steps(self, option: Ints, goal: tuple[Ints, Ints]) -> "list[tuple[Ints, _To]]":
        """Return the packages that may go back, the surest gain first; read anew when its turn comes."""
        prices = dict(zip(CHANGES, self.rest.rules.change_prices, strict=True))
        cost, was = self.options.cost, self.announced.was
        there, offered = option >= 0, goal[0] >= 0
        own = np.where(there, cost[option], 0.0) if len(cost) else np.zeros(len(option))
        other = np.where(offered, cost[goal[0]], 0.0) if len(cost) else np.zeros(len(option))
        none = (np.full(len(option), NONE), np.full(len(option), NONE))
        added = np.flatnonzero(there & ~was)
        switched = there & offered & (option != goal[0])
        back = np.flatnonzero(switched & (other - own < prices["method"]))
        gone = np.flatnonzero(~there & was & offered & (other < prices["dropped"]))
        return [
            (added[np.argsort(-own[added], kind="stable")], none),
            (back, goal),
            (gone, goal),
        ]


_To = tuple[Ints, Ints]


def _shortfalls(verdicts: tuple[Verdict, ...]) -> dict[tuple[str, str, str], float]:
    """Return by how much each missed rule is missed, in its own unit."""
    return {
        (one.rule, one.scope, one.window): abs(one.reached - one.demanded)
        for one in verdicts
        if not one.holds
    }


def _no_worse(new: dict[tuple[str, str, str], float], old: dict[tuple[str, str, str], float]) -> bool:
    return all(name in old and miss <= old[name] * (1 + NOT_WORSE) + 1e-12 for name, miss in new.items())
