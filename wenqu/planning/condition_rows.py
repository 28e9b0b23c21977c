"""What do the further conditions of a programme demand, as rows of the linear model?

Where a slot holds several windows its rows are those of all of them together: never more than what is asked.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from wenqu.planning.conditions import EVERY, LeastWork
from wenqu.planning.demands import DAY, OVERSPENT, TEN_THOUSAND, Draft
from wenqu.planning.rules import Rules
from wenqu.planning.weighing import (
    cost_within,
    days_by,
    load_of,
    packages_at,
    packages_named,
    payers,
    tight_sets,
    uses,
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def by_window(rules: Rules) -> bool:
    """Tell whether a condition looks at single windows: slots of several then ask for less than the rules."""
    return bool(
        rules.funds or rules.district_budgets or rules.method_days or rules.moratoria or rules.orders
        or rules.least
    )  # fmt: skip


def demand_conditions(draft: Draft, lengths: Mapping[str, float]) -> None:
    """Add: every further condition of the rules."""
    _close(draft)
    _demand_limits(draft)
    _demand_funds(draft)
    _demand_quality(draft)
    _demand_flows(draft)
    _demand_orders(draft)
    _demand_named(draft)
    for rule in draft.rules.least:
        _demand_least(draft, rule, lengths)


def _mine(draft: Draft, packages: npt.NDArray[np.integer]) -> Bools:
    return np.isin(draft.options.package[draft.chosen], packages)


def _close(draft: Draft) -> None:
    """Bar what is to be left alone, and what falls into a moratorium."""
    options, rules = draft.options, draft.rules
    barred = np.zeros((draft.slots, len(draft.chosen)), dtype=np.bool_)
    for left in rules.must_not:
        barred[:, _mine(draft, packages_named(options, left.name))] = True
    for closed in rules.moratoria:
        shut = rules.windows[
            rules.windows.index(closed.since) if closed.since else 0 : rules.windows.index(closed.until) + 1
            if closed.until
            else len(rules.windows)
        ]
        inside = np.array([set(draft.span(slot)) <= set(shut) for slot in range(draft.slots)])
        mine = packages_at(options, closed)[options.package] & uses(options, closed.methods)
        barred |= np.outer(inside, mine[draft.chosen])
    draft.barred = barred.ravel()


def _demand_limits(draft: Draft) -> None:
    """Add: budgets of districts and crew-days of methods, window by window."""
    options = draft.options
    district = options.district[options.package]
    for budget in draft.rules.district_budgets:
        spent = np.where(district == budget.district, options.cost, 0.0)
        limits = {window: budget.limits.get(window, math.inf) for window in draft.rules.windows}
        _at_most(draft, ("district-budget", budget.district, "yuan"), spent, limits)
    for crews in draft.rules.method_days:
        limits = {window: crews.limits.get(window, math.inf) for window in draft.rules.windows}
        _at_most(draft, ("method-crew", crews.method, "d"), days_by(options, crews.method), limits)


def _at_most(draft: Draft, named: tuple[str, str, str], each: Floats, limits: Mapping[str, float]) -> None:
    """Add: what is used up in each slot stays within its limits."""
    rule, scope, unit = named
    size = TEN_THOUSAND if unit == "yuan" else 1.0
    mine = each[draft.chosen] != 0
    for slot in range(draft.slots):
        limit = sum(limits[window] for window in draft.span(slot))
        if math.isfinite(limit):
            columns = draft.columns(mine, np.array([slot]))
            row = draft.rows.add(columns, each[draft.chosen][mine] / size, -math.inf, limit / size)
            told = (rule, scope, draft.span(slot)[-1], limit, unit)
            draft.add(told, row, OVERSPENT if unit == "yuan" else 1.0, size)


def _demand_funds(draft: Draft) -> None:
    """Add: what only some funds may pay for fits into their money, for every set of funds that matters."""
    rules, options = draft.rules, draft.options
    if not rules.funds:
        return
    bits = payers(options, rules)
    for tight in tight_sets(bits):
        inside = [fund for place, fund in enumerate(rules.funds) if tight >> place & 1]
        spent = cost_within(options, (bits | tight) == tight)
        limits = {window: sum(fund.limits.get(window, 0.0) for fund in inside) for window in rules.windows}
        _at_most(draft, ("fund", " + ".join(fund.fund for fund in inside), "yuan"), spent, limits)


def _demand_quality(draft: Draft) -> None:
    """Add: the influent of single plants keeps to concentrations from a window on."""
    options, plants = draft.options, draft.plants
    below = options.plant[options.package[draft.chosen]]
    for rule in draft.rules.margins:
        sign = -1.0 if rule.most else 1.0
        worth = sign * (load_of(options, rule.pollutant) - rule.aim * options.flow)[draft.chosen] * DAY
        rows = plants.named(rule.plant)
        if not len(rows):
            _never(draft, ("quality", f"{rule.plant} {rule.pollutant}", rule.by, rule.aim, "kg/m³"))
        for row in rows:
            load = float(plants.load_of(rule.pollutant)[row])
            base = sign * (load - rule.aim * float(plants.flow[row])) * DAY
            named = ("quality", f"{plants.ids[row]} {rule.pollutant}", rule.by, rule.aim, "kg/m³")
            size = max(abs(load), rule.aim * abs(float(plants.flow[row]))) * DAY
            _from_then_on(draft, named, (np.asarray(below == plants.ids[row]), worth, base), size)


def _demand_flows(draft: Draft) -> None:
    """Add: plants receive no more than they may from a window on."""
    options, plants = draft.options, draft.plants
    below = options.plant[options.package[draft.chosen]]
    for rule in draft.rules.flows:
        rows = plants.named(rule.plant)
        if not len(rows):
            _never(draft, ("flow", rule.plant, rule.by, rule.limit or 0.0, "m³/s"))
        for row in rows:
            limit = float(plants.capacity[row]) if rule.limit is None else rule.limit
            spare, worth = (limit - float(plants.flow[row])) * DAY, -options.flow[draft.chosen] * DAY
            named = ("flow", str(plants.ids[row]), rule.by, limit, "m³/s")
            size = max(limit, abs(float(plants.flow[row]))) * DAY
            _from_then_on(draft, named, (np.asarray(below == plants.ids[row]), worth, spare), size)


def _never(draft: Draft, named: tuple[str, str, str, float, str]) -> None:
    """Add a row that nothing keeps: a rule about what is not there, or was never measured."""
    draft.add(named, draft.rows.add(np.empty(0, np.int64), np.empty(0), 1.0, math.inf), size=1.0)


def _from_then_on(
    draft: Draft,
    named: tuple[str, str, str, float, str],
    asked: tuple[Bools, Floats, float],
    size: float,
) -> None:
    """Add: base + Σ worth·x ≥ 0 at the end of a window, and of every later one if anything takes it away."""
    mine, worth, base = asked
    if math.isnan(base) or not size > 0:
        _never(draft, named)
        return
    rule, scope, by, demanded, unit = named
    ends = [int(last) for last in draft.slot_last if last >= draft.rules.windows.index(by)]
    for last in ends if bool((worth[mine] < 0).any()) else ends[:1]:
        until = np.flatnonzero(draft.slot_last <= last)
        values = np.tile(worth[mine], len(until))
        row = draft.rows.add(draft.columns(mine, until), values / size, -base / size, math.inf)
        draft.add((rule, scope, draft.rules.windows[last], demanded, unit), row, size=size)


def _demand_orders(draft: Draft) -> None:
    """Add: what comes after is done only once what comes first has been."""
    for order in draft.rules.orders:
        first = _mine(draft, packages_named(draft.options, order.first))
        for package in packages_named(draft.options, order.then):
            then = _mine(draft, np.array([package]))
            for slot in range(draft.slots):
                late = order.earlier and len(draft.span(slot)) == 1
                before = draft.columns(first, np.arange(slot + (0 if late else 1)))
                after = draft.columns(then, np.arange(slot + 1))
                signs = np.concatenate([np.ones(len(after)), np.full(len(before), -1.0)])
                draft.rows.add(np.concatenate([after, before]), signs, -math.inf, 0.0)


def _demand_named(draft: Draft) -> None:
    """Add: packages that must be repaired by a window."""
    for wanted in draft.rules.must_do:
        mine = _mine(draft, packages_named(draft.options, wanted.name))
        columns = draft.columns(mine, draft.until(wanted.by))
        row = draft.rows.add(columns, np.ones(len(columns)), 1.0, math.inf)
        draft.add(("must-do", wanted.name, wanted.by, 1.0, "-"), row)


def _demand_least(draft: Draft, rule: LeastWork, lengths: Mapping[str, float]) -> None:
    """Add: so much money is spent, or bad length mended, in a window or in each."""
    options = draft.options
    package = options.package[draft.chosen]
    inside = np.ones(len(package), dtype=np.bool_)
    if rule.district:
        inside &= options.district[package] == rule.district
    each = options.cost[draft.chosen] if rule.unit == "wan_yuan" else options.problem_length[package]
    whole = lengths.get(rule.district, 0.0) if rule.unit == "share" else 1.0
    unit = {"wan_yuan": "yuan", "m": "m", "share": "-"}[rule.unit]
    for slot in range(draft.slots):
        due = [window for window in draft.span(slot) if rule.window in {EVERY, window}]
        amount = rule.size * whole * len(due)
        if amount > 0:
            columns = draft.columns(inside, np.array([slot]))
            row = draft.rows.add(columns, each[inside] / amount, 1.0 - 1e-9, math.inf)
            draft.add(("least", rule.district, due[-1], rule.size, unit), row, size=amount)
