"""Does a programme keep its further conditions? Recomputed from the options, without a solver."""

import math
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from wenqu.planning.conditions import EVERY
from wenqu.planning.options import Options
from wenqu.planning.plants import Plants
from wenqu.planning.rules import Rules
from wenqu.planning.weighing import (
    cost_within,
    days_by,
    load_of,
    packages_at,
    packages_named,
    payers,
    uses,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
TOLERANCE = 1e-6  # a rule is kept when it is overstepped by less than this part of its size
Told = tuple[str, str, str, float, float, str, bool]  # rule, scope, window, demanded, reached, unit, holds


def tell_conditions(
    options: Options,
    plants: Plants,
    rules: Rules,
    choice: tuple[Ints, Ints],
    lengths: Mapping[str, float],
) -> Iterator[Told]:
    """Yield what each further condition demands and what a choice of (options, windows) reaches."""
    yield from _limits(options, rules, choice)
    yield from _funds(options, rules, choice)
    yield from _plants(options, plants, rules, choice)
    yield from _places(options, rules, choice)
    yield from _orders(options, rules, choice)
    yield from _least(options, rules, choice, lengths)


def _kept(reached: float, demanded: float, *, most: bool) -> bool:
    room = TOLERANCE * max(abs(demanded), 1e-9)
    return reached <= demanded + room if most else reached >= demanded - room


def _limits(options: Options, rules: Rules, choice: tuple[Ints, Ints]) -> Iterator[Told]:
    rows, at = choice
    windows = len(rules.windows)
    district = options.district[options.package[rows]]
    for budget in rules.district_budgets:
        mine = np.asarray(district == budget.district, dtype=np.bool_)
        spent = np.bincount(at[mine], options.cost[rows[mine]], windows)
        for window, limit in budget.limits.items():
            reached = float(spent[rules.windows.index(window)])
            kept = _kept(reached, limit, most=True)
            yield ("district-budget", budget.district, window, limit, reached, "yuan", kept)
    for crews in rules.method_days:
        worked = np.bincount(at, days_by(options, crews.method)[rows], windows)
        for window, limit in crews.limits.items():
            reached = float(worked[rules.windows.index(window)])
            yield ("method-crew", crews.method, window, limit, reached, "d", _kept(reached, limit, most=True))


def _funds(options: Options, rules: Rules, choice: tuple[Ints, Ints]) -> Iterator[Told]:
    """Yield for each window what the works cost, and all money, or how much of them it can pay if not all.

    What can be paid is a flow from funds to works; by max-flow min-cut it is the least, over all sets of
    funds, of their money and of all works that some fund outside the set may pay for, and so cannot be less.
    """
    rows, at = choice
    if not rules.funds:
        return
    bits, every = payers(options, rules), range(1 << len(rules.funds))
    only = {tight: cost_within(options, (bits | tight) == tight) for tight in every}
    for k, window in enumerate(rules.windows):
        mine = rows[at == k]
        spent = float(options.cost[mine].sum())
        money = [fund.limits.get(window, 0.0) for fund in rules.funds]
        payable = min(
            sum(m for f, m in enumerate(money) if tight >> f & 1) + spent - float(only[tight][mine].sum())
            for tight in every
        )
        kept = _kept(spent, payable, most=True)
        yield ("fund", "", window, sum(money) if kept else payable, spent, "yuan", kept)


def _plants(options: Options, plants: Plants, rules: Rules, choice: tuple[Ints, Ints]) -> Iterator[Told]:
    rows, at = choice
    windows, below = len(rules.windows), options.plant[options.package[rows]]

    def after(start: float, each: Floats, row: int) -> Floats:
        mine = np.asarray(below == plants.ids[row], dtype=np.bool_)
        gained: Floats = np.cumsum(np.bincount(at[mine], each[rows[mine]], windows)).astype(np.float64)
        return start + gained

    for rule in rules.margins:
        due, found = rules.windows.index(rule.by), plants.named(rule.plant)
        if not len(found):
            yield ("quality", f"{rule.plant} {rule.pollutant}", rule.by, rule.aim, math.nan, "kg/m³", False)
        for row in found:
            start = float(plants.load_of(rule.pollutant)[row])
            load = after(start, load_of(options, rule.pollutant), row)[due:]
            flow = after(float(plants.flow[row]), options.flow, row)[due:]
            size = TOLERANCE * abs(start)
            margin = (rule.aim * flow - load) if rule.most else (load - rule.aim * flow)
            worst = int(np.argmin(margin)) if not np.isnan(margin).any() else 0
            reached = float(load[worst] / flow[worst]) if flow[worst] > 0 else math.nan
            scope = f"{plants.ids[row]} {rule.pollutant}"
            kept = bool(margin[worst] >= -size)
            yield ("quality", scope, rules.windows[due + worst], rule.aim, reached, "kg/m³", kept)
    for limit in rules.flows:
        due, found = rules.windows.index(limit.by), plants.named(limit.plant)
        if not len(found):
            yield ("flow", limit.plant, limit.by, limit.limit or 0.0, math.nan, "m³/s", False)
        for row in found:
            flow = after(float(plants.flow[row]), options.flow, row)[due:]
            most = float(plants.capacity[row]) if limit.limit is None else limit.limit
            worst = int(np.argmax(flow)) if not np.isnan(flow).any() else 0
            reached, window = float(flow[worst]), rules.windows[due + worst]
            yield (
                "flow",
                str(plants.ids[row]),
                window,
                most,
                reached,
                "m³/s",
                _kept(reached, most, most=True),
            )


def _places(options: Options, rules: Rules, choice: tuple[Ints, Ints]) -> Iterator[Told]:
    rows, at = choice
    package = options.package[rows]
    for closed in rules.moratoria:
        first = rules.windows.index(closed.since) if closed.since else 0
        last = rules.windows.index(closed.until) if closed.until else len(rules.windows) - 1
        inside = packages_at(options, closed)[package] & uses(options, closed.methods)[rows]
        count = int((inside & (at >= first) & (at <= last)).sum())
        span = f"{rules.windows[first]}–{rules.windows[last]}"
        yield ("closed", closed.name, span, 0.0, float(count), "-", count == 0)
    for left in rules.must_not:
        count = int(np.isin(package, packages_named(options, left.name)).sum())
        yield ("must-not", left.name, "", 0.0, float(count), "-", count == 0)
    for wanted in rules.must_do:
        mine = np.isin(package, packages_named(options, wanted.name))
        done = bool((mine & (at <= rules.windows.index(wanted.by))).any())
        yield ("must-do", wanted.name, wanted.by, 1.0, float(done), "-", done)


def _orders(options: Options, rules: Rules, choice: tuple[Ints, Ints]) -> Iterator[Told]:
    rows, at = choice
    package = options.package[rows]
    for order in rules.orders:
        then = at[np.isin(package, packages_named(options, order.then))]
        first = at[np.isin(package, packages_named(options, order.first))]
        soonest, begun = (
            int(first.min(initial=len(rules.windows) + 1)),
            int(then.min(initial=len(rules.windows))),
        )
        kept = not len(then) or (soonest < begun if order.earlier else soonest <= begun)
        window = rules.windows[begun] if len(then) else ""
        yield ("order", f"{order.first} → {order.then}", window, 1.0, float(kept), "-", kept)


def _least(
    options: Options, rules: Rules, choice: tuple[Ints, Ints], lengths: Mapping[str, float]
) -> Iterator[Told]:
    rows, at = choice
    package = options.package[rows]
    for rule in rules.least:
        inside = np.ones(len(rows), dtype=np.bool_)
        if rule.district:
            inside = np.asarray(options.district[package] == rule.district, dtype=np.bool_)
        each = options.cost[rows] if rule.unit == "wan_yuan" else options.problem_length[package]
        done = np.bincount(at[inside], each[inside], len(rules.windows))
        whole = lengths.get(rule.district, 0.0) if rule.unit == "share" else 1.0
        unit = {"wan_yuan": "yuan", "m": "m", "share": "-"}[rule.unit]
        for k, window in enumerate(rules.windows):
            if rule.window in {EVERY, window} and whole > 0:
                reached = float(done[k]) / whole
                yield ("least", rule.district, window, rule.size, reached, unit,
                       _kept(reached, rule.size, most=False))  # fmt: skip
