"""What do the further conditions of a programme demand, as rows of a portfolio?

Where a slot holds several windows its rows are those of all of them together: never more than what is asked.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from wenqu.planning.conditions import EVERY, LeastWork
from wenqu.planning.demands import CITY, DAY, Draft, Term
from wenqu.planning.portfolio import Row
from wenqu.planning.rules import Rules
from wenqu.planning.weighing import cost_within, days_by, packages_named, payers, tight_sets

Floats = npt.NDArray[np.float64]
Place = tuple[str, str, str]  # rule, scope, window


def by_window(rules: Rules) -> bool:
    """Tell whether a condition looks at single windows: slots of several then ask for less than the rules."""
    return bool(
        rules.funds or rules.district_budgets or rules.method_days or rules.moratoria or rules.orders
        or rules.least
    )  # fmt: skip


def demand_conditions(draft: Draft, lengths: Mapping[str, float]) -> None:
    """Add: every further condition that is a row; what is closed or left alone is not offered."""
    _demand_limits(draft)
    _demand_funds(draft)
    _demand_quality(draft)
    _demand_flows(draft)
    _demand_orders(draft)
    _demand_named(draft)
    for rule in draft.rules.least:
        _demand_least(draft, rule, lengths)


def _demand_limits(draft: Draft) -> None:
    """Add: budgets of districts and crew-days of methods, window by window."""
    for budget in draft.rules.district_budgets:
        limits = {window: budget.limits.get(window, math.inf) for window in draft.rules.windows}
        _at_most(draft, ("district-budget", budget.district), (draft.spent(), (budget.district,)), limits)
    for crews in draft.rules.method_days:
        limits = {window: crews.limits.get(window, math.inf) for window in draft.rules.windows}
        days = draft.weigh(f"{crews.method}_days", CITY, days_by(draft.options, crews.method))
        _at_most(draft, ("method-crew", crews.method), (days, None), limits)


def _at_most(
    draft: Draft,
    named: tuple[str, str],
    what: tuple[str, tuple[str, ...] | None],
    limits: Mapping[str, float],
) -> None:
    """Add: what is used up in each slot stays within its limits."""
    quantity, scopes = what
    for slot in range(draft.slots):
        limit = sum(limits[window] for window in draft.span(slot))
        if math.isfinite(limit):
            term = Term(quantity, 1.0, (slot,), scopes)
            draft.at_most((*named, draft.span(slot)[-1]), limit, term)


def _demand_funds(draft: Draft) -> None:
    """Add: what only some funds may pay for fits into their money, for every set of funds that matters."""
    rules, options = draft.rules, draft.options
    if not rules.funds:
        return
    bits = payers(options, rules)
    for tight in tight_sets(bits):
        inside = [fund for place, fund in enumerate(rules.funds) if tight >> place & 1]
        name = " + ".join(fund.fund for fund in inside)
        spent = draft.weigh(f"{name or 'none'}_yuan", CITY, cost_within(options, (bits | tight) == tight))
        limits = {window: sum(fund.limits.get(window, 0.0) for fund in inside) for window in rules.windows}
        _at_most(draft, ("fund", name), (spent, None), limits)


def _demand_quality(draft: Draft) -> None:
    """Add: the influent of single plants keeps to concentrations from a window on."""
    plants = draft.plants
    for rule in draft.rules.margins:
        sign = -1.0 if rule.most else 1.0
        rows = plants.named(rule.plant)
        if not len(rows):
            draft.never(("quality", f"{rule.plant} {rule.pollutant}", rule.by))
            continue
        load, flow = draft.load(rule.pollutant), draft.flow()
        for row in rows:
            name, today = str(plants.ids[row]), float(plants.load_of(rule.pollutant)[row])
            base = sign * (today - rule.aim * float(plants.flow[row])) * DAY
            size = max(abs(today), rule.aim * abs(float(plants.flow[row]))) * DAY
            weighed = ((load, sign), (flow, -sign * rule.aim))
            _from_then_on(
                draft, ("quality", f"{name} {rule.pollutant}", rule.by), name, weighed, (base, size)
            )


def _demand_flows(draft: Draft) -> None:
    """Add: plants receive no more than they may from a window on."""
    plants = draft.plants
    for rule in draft.rules.flows:
        rows = plants.named(rule.plant)
        if not len(rows):
            draft.never(("flow", rule.plant, rule.by))
        for row in rows:
            limit = float(plants.capacity[row]) if rule.limit is None else rule.limit
            spare = (limit - float(plants.flow[row])) * DAY
            size = max(limit, abs(float(plants.flow[row]))) * DAY
            name = str(plants.ids[row])
            _from_then_on(draft, ("flow", name, rule.by), name, ((draft.flow(), -1.0),), (spare, size))


def _from_then_on(
    draft: Draft, place: Place, plant: str, weighed: tuple[tuple[str, float], ...], asked: tuple[float, float]
) -> None:
    """Add: base + what options bring ≥ 0 at the end of a window; of later ones too if any takes it away."""
    base, size = asked
    if math.isnan(base) or not size > 0:
        draft.never(place)
        return
    rule, scope, by = place
    worth = np.zeros(len(draft.options))
    for name, times in weighed:
        worth += times * draft.quantities[name].each
    mine = worth[draft.chosen][draft.of_plant(plant)[draft.chosen]]
    ends = [int(last) for last in draft.slot_last if last >= draft.rules.windows.index(by)]
    for last in ends if bool((mine < 0).any()) else ends[:1]:
        until = tuple(np.flatnonzero(draft.slot_last <= last).tolist())
        terms = [Term(name, times, until, (plant,)) for name, times in weighed]
        draft.add(Row(rule, scope, draft.rules.windows[last], -base, size), terms)


def _demand_orders(draft: Draft) -> None:
    """Add: what comes after is done only once what comes first has been."""
    names = draft.options.package_ids
    for order in draft.rules.orders:
        first = tuple(str(names[row]) for row in packages_named(draft.options, order.first))
        for package in packages_named(draft.options, order.then):
            then = str(names[package])
            for slot in range(draft.slots):
                late = order.earlier and len(draft.span(slot)) == 1
                before = Term(draft.done(), 1.0, tuple(range(slot + (0 if late else 1))), first)
                after = Term(draft.done(), -1.0, tuple(range(slot + 1)), (then,))
                row = Row("order", f"{order.first} {then}", draft.span(slot)[-1], 0.0, 1.0)
                draft.add(row, [before, after])


def _demand_named(draft: Draft) -> None:
    """Add: packages that must be repaired by a window."""
    names = draft.options.package_ids
    for wanted in draft.rules.must_do:
        mine = tuple(str(names[row]) for row in packages_named(draft.options, wanted.name))
        term = Term(draft.done(), 1.0, draft.until(wanted.by), mine)
        draft.add(Row("must-do", wanted.name, wanted.by, 1.0, 1.0), [term])


def _demand_least(draft: Draft, rule: LeastWork, lengths: Mapping[str, float]) -> None:
    """Add: so much money is spent, or bad length mended, in a window or in each."""
    quantity = draft.spent() if rule.unit == "wan_yuan" else draft.length()
    whole = lengths.get(rule.district, 0.0) if rule.unit == "share" else 1.0
    scopes = (rule.district,) if rule.district else None
    for slot in range(draft.slots):
        due = [window for window in draft.span(slot) if rule.window in {EVERY, window}]
        amount = rule.size * whole * len(due)
        if amount > 0:
            row = Row("least", f"{rule.district} {rule.unit}".strip(), due[-1], amount * (1 - 1e-9), amount)
            draft.add(row, [Term(quantity, 1.0, (slot,), scopes)])
