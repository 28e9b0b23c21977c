"""Which repairs, by which method and when, meet every rule for the least money?

The rules become rows of a portfolio (``demands``, ``condition_rows``), from which `choose_proved` chooses.
While costs do not depend on the year, only the windows at which a rule is due matter: the years between them
are filled afterwards (``schedule``); should that fail, every year is chosen from. The prices on the rows
prove the bound, and with them anybody can recompute it (`Grounds`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.errors import EngineFailed, Infeasible
from wenqu.planning.condition_rows import by_window, demand_conditions
from wenqu.planning.demands import (
    Draft,
    demand_guard,
    demand_lengths,
    demand_money,
    demand_must,
    demand_shares,
    portfolio_of,
    problem_lengths,
    slots_of,
)
from wenqu.planning.nearest import Giving, nearest
from wenqu.planning.options import Options, unbeaten
from wenqu.planning.plants import Plants, best_concentrations, margins, option_aims
from wenqu.planning.portfolio import Portfolio
from wenqu.planning.pricing import bound_of
from wenqu.planning.proved_choice import Proved, choose_proved
from wenqu.planning.rules import Rules, checked
from wenqu.planning.schedule import spread
from wenqu.planning.verify import Choice, Outlook, Verdict, outlook, plan_verify, present_cost
from wenqu.planning.weighing import further_respects
from wenqu.planning.whole_numbers import dearest_cost

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[float, str], None]  # share done, what is being done (a message key)

MONEY = ("budget", "crew", "pace", "district-budget", "method-crew", "fund")
TARGETS = ("length", "must", "quality", "flow", "must-do", "least")
PRICED = ("budget", "crew", "margin", "district-budget", "method-crew", "fund", "quality", "flow")
OVERSPENT = {"crew": 1e4, "method-crew": 1e4, "pace": 10.0}  # [yuan] one unit over is worth avoiding
OVER = 100.0  # [yuan] the same for each yuan over a budget
MISSED = 1e4  # a target that is missed whole weighs as much as this many of the dearest programmes
MONEY_ROWS = frozenset(("least", *MONEY))  # rows of single windows: those of a slot are their sums
GAP = 5e-3  # [-] good enough: no price is known to five thousandths
MOST = 1_000_000  # options times windows up to which the nearest programme is sought in whole numbers
EXACT = 1e-9  # [-] no closer than the solver counts


@dataclass(frozen=True, slots=True)
class Price:
    """What one more unit of a rule would save, by the prices that prove the bound."""

    rule: str
    scope: str
    window: str
    yuan: float  # [yuan] saved by one yuan of money, one day of a crew, 1 kg/d of margin, 1 m³/d of flow


@dataclass(frozen=True, slots=True)
class Grounds:
    """From what the bound of a programme was proved, by which prices: all that is needed to check it."""

    options: Options  # with margins lowered where a probability was asked
    plants: Plants
    rules: Rules
    lengths: Mapping[str, float]
    prices: Floats  # (r,) on the rows of `rows_of`
    bound: float  # [yuan] what the prices prove


@dataclass(frozen=True, slots=True)
class Plan:
    """The cheapest programme that was found, and what was proved of it."""

    status: str  # proved | feasible | infeasible (then the nearest plan under relaxed rules)
    choice: Choice
    cost: float  # [yuan] present cost of the choice
    bound: float  # [yuan] no programme under the same rules is cheaper
    gap: float  # [-] (cost - bound) / cost
    seconds: float  # [s]
    outlook: Outlook
    verdicts: tuple[Verdict, ...]  # every rule, recomputed without the solver
    relaxed: tuple[Verdict, ...]  # rules that cannot be kept, with what can be reached; empty otherwise
    best: Floats  # (n,) [kg/m³] concentration each plant could reach if money were no object
    prices: tuple[Price, ...]
    grounds: Grounds | None = None  # None of a programme that keeps not every rule


def rows_of(
    options: Options, plants: Plants, rules: Rules, lengths: Mapping[str, float], chosen: Ints | None = None,
    *, grouped: bool = False,
) -> Draft:  # fmt: skip
    """Return every rule as a row, over all options or the chosen ones, in every window or only those due."""
    rows = np.arange(len(options)) if chosen is None else chosen
    draft = Draft(options, plants, rules, rows, slots_of(rules, grouped))
    demand_money(draft)
    demand_lengths(draft, lengths)
    demand_must(draft)
    demand_shares(draft)
    demand_guard(draft)
    demand_conditions(draft, lengths)
    return draft


def choose_programme(
    options: Options,
    plants: Plants,
    rules: Rules,
    *,
    lengths: Mapping[str, float] | None = None,
    seconds: float = 60.0,
    gap: float = GAP,
    progress: Progress | None = None,
) -> Plan:
    """Return the cheapest programme under the rules, or the nearest one when none keeps them all.

    Parameters
    ----------
    options
        What may be chosen (`options.options`).
    plants
        What each plant receives today.
    rules
        What must be kept.
    lengths
        Frozen denominators of the length milestones, [m]; the packages' own when not given.
    seconds
        Longest time one search may take. [s]
    gap
        Distance from the proved bound that will do. [-]
    progress
        Hears of the share done.

    Raises
    ------
    BadInput
        The rules are nonsense.
    EngineFailed
        The time ran out before any programme was found.
    """
    checked(rules)
    frozen = problem_lengths(options) if lengths is None else dict(lengths)
    tell = progress or (lambda _share, _what: None)
    chosen = unbeaten(options, option_aims(options, plants, rules), further_respects(options, plants, rules))
    case = _Case(options, plants, rules, frozen, chosen, seconds, gap)
    falling = bool((margins(options, plants, rules)[chosen] < 0).any())
    tell(0.1, "plan.step.model")
    grouped = rules.discount == 0 and not falling and not bool((options.sewage_load[chosen] < 0).any())
    found = case.solved(case.draft(grouped=grouped), tell)
    choice = found.choice
    if choice is None and grouped and found.proved.status == "proved":
        again = case.solved(case.draft(grouped=False), tell)
        found, choice = replace(again, before=found), again.choice
    tell(0.8, "plan.step.verify")
    if choice is None:
        return _nearest(case, grouped, found.seconds, tell)
    return _plan(case, choice, found)


@dataclass(frozen=True, slots=True)
class _Solved:
    """What a search found."""

    draft: Draft
    given: Portfolio
    proved: Proved
    choice: Choice | None  # None where nothing keeps every rule, or the years cannot hold it
    before: "_Solved | None" = None  # the same with slots of several windows: its bound holds too

    @property
    def bound(self) -> float:
        """The largest bound. [yuan]"""
        return max(self.proved.best_bound, -np.inf if self.before is None else self.before.bound)

    @property
    def seconds(self) -> float:
        """The time of all searches. [s]"""
        return self.proved.seconds + (0.0 if self.before is None else self.before.seconds)


@dataclass(frozen=True, slots=True)
class _Case:
    options: Options
    plants: Plants
    rules: Rules
    lengths: dict[str, float]
    chosen: Ints
    seconds: float
    gap: float

    def draft(self, *, grouped: bool) -> Draft:
        """Return the rows over the options that no other beats."""
        made = (self.options, self.plants, self.rules, self.lengths, self.chosen)
        return rows_of(*made, grouped=grouped)

    def solved(self, draft: Draft, tell: Progress) -> _Solved:
        """Search, and say so if the time was too short for any programme."""
        given = portfolio_of(draft)
        proved = choose_proved(
            given, seconds=self.seconds, gap=self.gap,
            progress=lambda share: tell(0.1 + 0.7 * share, "plan.step.solve"),
        )  # fmt: skip
        if proved.status == "unknown":
            raise EngineFailed("no-programme", engine="HiGHS", said=f"{self.seconds:.0f} s")
        choice = None
        if proved.status == "proved":
            option, slot = draft.placed
            choice = self.dated(draft, option[proved.chosen], slot[proved.chosen])
        return _Solved(draft, given, proved, choice)

    def dated(self, draft: Draft, rows: Ints, slot: Ints) -> Choice | None:
        """Return chosen options with a year for each that keeps every rule; None where there is none.

        Within slots of several windows the early years are tried first.
        """
        last = draft.slot_last[slot]
        ways = [last]
        if draft.slots < len(self.rules.windows):
            worth = margins(self.options, self.plants, self.rules)[rows]
            first = np.zeros(len(rows), dtype=np.int64)
            ways.insert(0, spread(self.options, self.rules, rows, first, last, worth))
        for windows in ways:
            choice = Choice(rows, windows)
            if (windows >= 0).all() and self.holds(choice):
                return choice
        if draft.slots == len(self.rules.windows):
            raise EngineFailed("solution", engine="HiGHS", said="rounded solution breaks a rule")
        return None

    def holds(self, choice: Choice) -> bool:
        """Tell whether a choice keeps every rule."""
        verdicts = plan_verify(self.options, self.plants, self.rules, choice, self.lengths)
        return all(entry.holds for entry in verdicts)

    def grounds(self, found: _Solved) -> Grounds:
        """Return what proves the bound, over all options and every window.

        An option that another beats in every respect that a row weighs is never the cheaper under prices, and
        rows of a slot are the sums of those of its windows: the prices prove the same there.
        """
        draft = rows_of(self.options, self.plants, self.rules, self.lengths)
        prices = np.zeros(len(draft.rows))
        best: tuple[float, Floats] = (-np.inf, prices)
        some: _Solved | None = found
        given = portfolio_of(draft)
        while some is not None:
            prices = _lifted(some, draft)
            best = max(best, (bound_of(given, prices).value, prices), key=lambda pair: pair[0])
            some = some.before
        return Grounds(self.options, self.plants, self.rules, self.lengths, best[1], best[0])


def _lifted(found: _Solved, draft: Draft) -> Floats:
    """Return prices on the rows of every window from those on rows of slots."""
    known: dict[tuple[str, str, str], list[float]] = {}
    for row, price in zip(found.given.rows, found.proved.prices, strict=True):
        slot = _slot_of(found.draft, row.window)
        for window in found.draft.span(slot) if row.rule in MONEY_ROWS else (row.window,):
            known.setdefault((row.rule, row.scope, window), []).append(float(price))
    prices = [known.get((row.rule, row.scope, row.window), [0.0]) for row in draft.rows]
    return np.array([entry.pop(0) if len(entry) > 1 else entry[0] for entry in prices])


def _slot_of(draft: Draft, window: str) -> int:
    return int(np.searchsorted(draft.slot_last, draft.rules.windows.index(window)))


def _plan(case: _Case, choice: Choice, found: _Solved) -> Plan:
    order = np.lexsort((case.options.package[choice.options], choice.windows))
    choice = Choice(choice.options[order], choice.windows[order])
    cost = present_cost(case.options, case.rules, choice)
    bound = min(max(found.bound, 0.0), cost)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    return Plan(
        "proved" if gap <= case.gap * (1 + 1e-6) + EXACT else "feasible",
        choice,
        cost,
        bound,
        gap,
        found.seconds,
        outlook(case.options, case.plants, case.rules, choice),
        plan_verify(case.options, case.plants, case.rules, choice, case.lengths),
        (),
        best_concentrations(case.options, case.plants, case.rules),
        tuple(
            Price(row.rule, row.scope, row.window, float(price))
            for row, price in zip(found.given.rows, found.proved.prices, strict=True)
            if row.rule in PRICED and price > EXACT
        ),
        case.grounds(found),
    )


def _nearest(case: _Case, grouped: bool, spent: float, tell: Progress) -> Plan:
    """Return the nearest plan when no plan keeps the rules, and which rules it misses by how much.

    Targets come before money: they are lowered by as little as will do if money were no object; then budgets,
    crew-days and pace are overstepped by as little as possible.
    """
    tell(0.85, "plan.step.relax")
    draft = case.draft(grouped=grouped and not by_window(case.rules))
    given = portfolio_of(draft)
    weight = MISSED * max(dearest_cost(given), 1e4)
    giving = Giving(
        np.array([1 if row.rule in MONEY else 2 if row.rule in TARGETS else 0 for row in given.rows]),
        np.array([
            OVERSPENT.get(row.rule, OVER) if row.rule in MONEY else weight / row.size for row in given.rows
        ]),
        share=2,
    )  # fmt: skip
    made = nearest(given, seconds=case.seconds, gap=case.gap, giving=giving, most=MOST)
    if made.programme is None:
        raise Infeasible("targets", detail="guard")
    option, slot = draft.placed
    rows, last = option[made.programme.chosen], draft.slot_last[slot[made.programme.chosen]]
    worth = margins(case.options, case.plants, case.rules)[rows]
    years = spread(case.options, case.rules, rows, np.zeros(len(rows), np.int64), last, worth)
    if draft.slots == len(case.rules.windows):
        years = last
    # the year of the due date bears what no year has room for
    choice = Choice(rows, np.where(years < 0, last, years))
    plan = _plan_near(case, choice, made.programme, spent)
    return replace(plan, relaxed=tuple(v for v in plan.verdicts if not v.holds))


def _plan_near(case: _Case, choice: Choice, proved: Proved, spent: float) -> Plan:
    order = np.lexsort((case.options.package[choice.options], choice.windows))
    choice = Choice(choice.options[order], choice.windows[order])
    cost = present_cost(case.options, case.rules, choice)
    bound = min(proved.best_bound, cost)
    return Plan(
        "infeasible", choice, cost, bound, (cost - bound) / cost if cost > 0 else 0.0,
        spent + proved.seconds, outlook(case.options, case.plants, case.rules, choice),
        plan_verify(case.options, case.plants, case.rules, choice, case.lengths), (),
        best_concentrations(case.options, case.plants, case.rules), (),
    )  # fmt: skip
