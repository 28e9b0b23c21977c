"""Which repairs, by which method and when, meet every rule for the least money?

A whole-number programme (HiGHS) over x[option, window]: a plant's threshold is linear as
Σ load - aim·Σ flow ≥ 0, so the model has one row a package and a few dozen that couple them, and a
proved bound comes with every answer. While costs do not depend on the year, only the windows at
which a rule is due matter: the years between them are filled afterwards (``schedule``); should
that fail, the whole model with every year is solved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.errors import EngineFailed, Infeasible
from wenqu.planning import demands
from wenqu.planning.condition_rows import by_window, demand_conditions
from wenqu.planning.demands import Draft, problem_lengths
from wenqu.planning.options import Options, unbeaten
from wenqu.planning.plants import Plants, best_concentrations, margins, option_aims
from wenqu.planning.relaxation import granted, reachable, with_slack, within_reach
from wenqu.planning.rules import Rules, checked
from wenqu.planning.schedule import spread
from wenqu.planning.verify import Choice, Outlook, Verdict, outlook, plan_verify, present_cost
from wenqu.planning.weighing import further_respects
from wenqu.solvers.core import solve_by_core
from wenqu.solvers.linear import Model, Solution, Status, relaxed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Progress = Callable[[float, str], None]  # share done, what is being done (a message key)

MONEY = ("budget", "crew", "pace", "district-budget", "method-crew", "fund")
TARGETS = ("share", "length", "must", "quality", "flow", "must-do", "least")
PRICED = ("budget", "crew", "margin", "district-budget", "method-crew", "fund", "quality", "flow")
SLIGHT = 1e-6  # 万元 or days: less slack than this is none
GAP = 5e-3  # [-] good enough: no price is known to five thousandths
SMALL = 10_000  # options times windows up to which the nearest plan is sought among everything
EXACT = 1e-9  # [-] no closer than the solver counts


@dataclass(frozen=True, slots=True)
class Price:
    """What one more unit of a rule would save, by the duals of the relaxed model."""

    rule: str
    scope: str
    window: str
    yuan: float  # [yuan] saved by one yuan of money, one day of a crew, 1 kg/d of margin, 1 m³/d of flow


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
        Longest time the solver may take for one model. [s]
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
    draft = case.draft(grouped=grouped)
    model = demands.model_of(draft)
    found = case.solved(model, tell)
    spent = found.seconds
    choice = case.placed(draft, found)
    if choice is None and grouped and found.status is not Status.INFEASIBLE:
        near = case.placed_near(_picked(draft, found)[0], found, tell) if by_window(rules) else None
        choice = None if near is None else near.choice
        spent += 0.0 if near is None else near.seconds
        if near is None or near.gap > gap:
            draft = case.draft(grouped=False)
            model = demands.model_of(draft)
            again = case.solved(model, tell, None if choice is None else _start(draft, model, choice))
            spent += again.seconds
            found = replace(again, bound=max(again.bound, found.bound))
            choice = case.placed(draft, found)
    tell(0.8, "plan.step.verify")
    if choice is None:
        return _nearest(case, grouped, spent, tell)
    return _plan(case, choice, found, spent, _prices(draft, model, seconds))


@dataclass(frozen=True, slots=True)
class _Case:
    options: Options
    plants: Plants
    rules: Rules
    lengths: dict[str, float]
    chosen: Ints
    seconds: float
    gap: float

    def draft(self, *, grouped: bool, elastic: bool = False, free: bool = False) -> Draft:
        """Return the model's rows under construction."""
        slots = demands.slots_of(self.rules, grouped)
        made = Draft(self.options, self.plants, self.rules, self.chosen, slots, free=free)
        demands.demand_once(made)
        demands.demand_money(made)
        demands.demand_lengths(made, self.lengths)
        demands.demand_must(made, elastic=elastic)
        demands.demand_plants(made)
        demands.demand_guard(made)
        demand_conditions(made, self.lengths)
        return made

    def solved(self, model: Model, tell: Progress, start: Floats | None = None) -> Solution:
        """Solve, and say so if the time was too short for any programme."""
        found = solve_by_core(
            model,
            seconds=self.seconds,
            gap=self.gap,
            start=start,
            progress=lambda used, _best, _bound: tell(
                0.1 + 0.7 * min(used / self.seconds, 1.0), "plan.step.solve"
            ),
        )
        if found.status is Status.UNKNOWN:
            raise EngineFailed("no-programme", engine="HiGHS", said=f"{self.seconds:.0f} s")
        return found

    def dated(self, draft: Draft, found: Solution) -> Choice:
        """Return the chosen options with a year for each; -1 where the years cannot hold one."""
        rows, first, last = _picked(draft, found)
        if draft.slots == len(self.rules.windows):
            return Choice(rows, last)
        worth = margins(self.options, self.plants, self.rules)[rows]
        return Choice(rows, spread(self.options, self.rules, rows, first, last, worth))

    def placed(self, draft: Draft, found: Solution) -> Choice | None:
        """Return the choice if every rule holds once each repair has a year, else None."""
        if found.status is Status.INFEASIBLE:
            return None
        choice = self.dated(draft, found)
        if (choice.windows >= 0).all() and self.holds(choice):
            return choice
        if draft.slots == len(self.rules.windows):
            raise EngineFailed("solution", engine="HiGHS", said="rounded solution breaks a rule")
        return None

    def placed_near(self, rows: Ints, found: Solution, tell: Progress) -> "_Placed | None":
        """Return years for chosen options by a model of them alone; None where there are none.

        The slots of several windows ask for less than the rules, so their bound holds: a placing within
        the gap of it is as good as one that was chosen from everything. All options of the packages take
        part where the chosen ones alone cannot be placed near enough.
        """
        packages = self.options.package[rows]
        every = self.chosen[np.isin(self.options.package[self.chosen], packages)]
        best: _Placed | None = None
        for some in (rows, every):
            few = replace(self, chosen=np.sort(some))
            draft = few.draft(grouped=False)
            model = demands.model_of(draft)
            start = None if best is None else _start(draft, model, best.choice)
            try:
                near = few.solved(model, tell, start)
            except EngineFailed:  # no placing in the time: more is tried next
                continue
            choice = few.placed(draft, near)
            if choice is not None:
                cost = present_cost(self.options, self.rules, choice) / demands.TEN_THOUSAND
                gap = max(cost - found.bound, 0.0) / cost if cost > SLIGHT else 0.0
                spent = near.seconds + (0.0 if best is None else best.seconds)
                best = _Placed(choice, min(gap, 1.0 if best is None else best.gap), spent)
                if gap <= self.gap:
                    break
        return best

    def holds(self, choice: Choice) -> bool:
        """Tell whether a choice keeps every rule."""
        verdicts = plan_verify(self.options, self.plants, self.rules, choice, self.lengths)
        return all(entry.holds for entry in verdicts)


@dataclass(frozen=True, slots=True)
class _Placed:
    choice: Choice
    gap: float  # [-] from the bound of the slots
    seconds: float


def _start(draft: Draft, model: Model, choice: Choice) -> Floats:
    """Return a choice as values of the columns of a model of single windows; NaN for what follows from it."""
    values = np.full(len(model.cost), np.nan)
    size = len(draft.chosen)
    values[: draft.slots * size] = 0.0
    values[choice.windows * size + np.searchsorted(draft.chosen, choice.options)] = 1.0
    return values


def _picked(draft: Draft, found: Solution) -> tuple[Ints, Ints, Ints]:
    """Return the chosen options with the earliest and latest window of their slots."""
    size = draft.slots * len(draft.chosen)
    picked = np.flatnonzero(found.values[:size] > 0.5)
    slot = picked // max(len(draft.chosen), 1)
    rows = draft.chosen[picked % max(len(draft.chosen), 1)]
    return rows, np.zeros(len(rows), dtype=np.int64), draft.slot_last[slot]


def _plan(case: _Case, choice: Choice, found: Solution, spent: float, prices: tuple[Price, ...]) -> Plan:
    order = np.lexsort((case.options.package[choice.options], choice.windows))
    choice = Choice(choice.options[order], choice.windows[order])
    cost = present_cost(case.options, case.rules, choice)
    bound = min(max(found.bound * demands.TEN_THOUSAND, 0.0), cost)
    gap = (cost - bound) / cost if cost > 0 else 0.0
    return Plan(
        "proved" if gap <= case.gap * (1 + 1e-6) + EXACT else "feasible",
        choice,
        cost,
        bound,
        gap,
        spent,
        outlook(case.options, case.plants, case.rules, choice),
        plan_verify(case.options, case.plants, case.rules, choice, case.lengths),
        (),
        best_concentrations(case.options, case.plants, case.rules),
        prices,
    )


def _prices(draft: Draft, model: Model, seconds: float) -> tuple[Price, ...]:
    """Return what one more unit of each rule is worth, from the relaxed model's duals."""
    answer = relaxed(model, seconds=seconds)
    if answer.status is not Status.OPTIMAL:
        return ()
    made = []
    for entry in draft.demands:
        worth = abs(float(answer.row_duals[entry.row]))
        if entry.rule in PRICED and worth > 1e-9:
            yuan = worth * demands.TEN_THOUSAND / entry.size
            made.append(Price(entry.rule, entry.scope, entry.window, yuan))
    return tuple(made)


def _nearest(case: _Case, grouped: bool, spent: float, tell: Progress) -> Plan:
    """Return the nearest plan when no plan keeps the rules, and which rules it misses by how much.

    Targets come before money: what no amount of money reaches is lowered to what can be reached
    (plain arithmetic); then budgets, crew-days and pace are overstepped by as little as possible.
    """
    tell(0.85, "plan.step.relax")
    if grouped and by_window(case.rules):  # what slots of several windows hold shows which packages matter
        if len(case.chosen) * len(case.rules.windows) <= SMALL:
            return _nearest_under(case, False, spent, tell)
        first = _nearest_under(case, True, spent, tell)
        packages = case.options.package[first.choice.options]
        few = case.chosen[np.isin(case.options.package[case.chosen], packages)]
        plan = _nearest_under(replace(case, chosen=few), False, first.seconds, tell)
        return replace(plan, bound=0.0, gap=1.0)  # nothing was proved of the packages left out
    return _nearest_under(case, grouped, spent, tell)


def _nearest_under(case: _Case, grouped: bool, spent: float, tell: Progress) -> Plan:
    near = replace(case, rules=reachable(case.options, case.plants, case.rules, case.lengths))
    draft = near.draft(grouped=grouped, elastic=True)
    rigid = demands.model_of(draft)
    soft = [entry for entry in draft.demands if entry.rule in MONEY]
    first = near.solved(with_slack(rigid, soft), tell)
    if first.status is Status.INFEASIBLE:  # not money alone: rules stand in each other's way
        draft = case.draft(grouped=grouped, free=True)
        soft = [entry for entry in draft.demands if entry.rule in MONEY]
        wanted = [entry for entry in draft.demands if entry.rule in TARGETS]
        rigid = within_reach(demands.model_of(draft), wanted, soft, lambda model: near.solved(model, tell))
        first = near.solved(with_slack(rigid, soft), tell)
    if first.status is Status.INFEASIBLE:
        raise Infeasible("targets", detail="guard")
    slack = np.maximum(first.values[len(rigid.cost) :], 0.0)
    best = first
    if slack.max(initial=0.0) > SLIGHT:
        wider = granted(rigid, soft, slack * (1 + 1e-6) + 1e-9)
        again = near.solved(wider, tell, first.values[: len(rigid.cost)])
        best = first if again.status is Status.INFEASIBLE else again
    choice = near.dated(draft, best)
    late = choice.windows < 0  # the year of the due date bears what no year has room for
    choice = Choice(choice.options, np.where(late, _picked(draft, best)[2], choice.windows))
    plan = _plan(case, choice, best, spent + first.seconds + (best.seconds if best is not first else 0.0), ())
    return replace(plan, status="infeasible", relaxed=tuple(v for v in plan.verdicts if not v.holds))
