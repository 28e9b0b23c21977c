"""Which rows do the further conditions add to the linear programme that prices rules?

Limits of districts, methods and funds, the order of packages, what must be done, and least work. Where
nothing may be done an option has no column (`open_in`). Each row says what every option weighs in every
window: `shadow` alone knows how columns are counted.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.planning.conditions import EVERY
from wenqu.planning.options import Options
from wenqu.planning.rules import Rules
from wenqu.planning.weighing import cost_within, days_by, packages_named, payers, tight_sets

Floats = npt.NDArray[np.float64]
LIMITS = ("district-budget", "method-crew", "fund")  # what is used up of them is a rent
ASKED = ("order", "must", "least")  # what is brought towards them is a worth


@dataclass(frozen=True, slots=True)
class Wanted:
    """One row: what each option weighs in each window, and what the sum must keep to."""

    rule: str
    scope: str
    window: str
    weight: Floats  # (windows, o)
    low: float = -math.inf
    high: float = math.inf


def wanted_rows(options: Options, rules: Rules, lengths: Mapping[str, float]) -> Iterator[Wanted]:
    """Yield every row of the further conditions.

    Parameters
    ----------
    lengths
        Frozen denominators. [m]
    """
    yield from _limits(options, rules)
    yield from _orders(options, rules)
    for must in rules.must_do:
        done = np.isin(options.package, packages_named(options, must.name)).astype(np.float64)
        until = np.arange(len(rules.windows)) <= rules.windows.index(must.by)
        yield Wanted("must", must.name, must.by, np.outer(until, done), low=1.0)
    yield from _least(options, rules, lengths)


def _limits(options: Options, rules: Rules) -> Iterator[Wanted]:
    district = options.district[options.package]
    for budget in rules.district_budgets:
        cost = options.cost * (district == budget.district)
        yield from _each(("district-budget", budget.district), cost, rules, budget.limits, math.inf)
    for crews in rules.method_days:
        days = days_by(options, crews.method)
        yield from _each(("method-crew", crews.method), days, rules, crews.limits, math.inf)
    if rules.funds:
        bits = payers(options, rules)
        for tight in tight_sets(bits):
            inside = [fund for place, fund in enumerate(rules.funds) if tight >> place & 1]
            cost = cost_within(options, (bits | tight) == tight)
            limits = {one: sum(fund.limits.get(one, 0.0) for fund in inside) for one in rules.windows}
            name = " + ".join(fund.fund for fund in inside)
            yield from _each(("fund", name), cost, rules, limits, 0.0)


def _each(
    name: tuple[str, str], weight: Floats, rules: Rules, limits: Mapping[str, float], missing: float
) -> Iterator[Wanted]:
    for k, window in enumerate(rules.windows):
        limit = limits.get(window, missing)
        if math.isfinite(limit) and (weight != 0).any():
            yield Wanted(*name, window, _only(k, weight, rules), high=limit)


def _only(k: int, weight: Floats, rules: Rules) -> Floats:
    found = np.zeros((len(rules.windows), len(weight)))
    found[k] = weight
    return found


def _orders(options: Options, rules: Rules) -> Iterator[Wanted]:
    """Yield: what comes after is done only as far as what comes first has been."""
    windows = np.arange(len(rules.windows))
    for order in rules.orders:
        first = np.isin(options.package, packages_named(options, order.first)).astype(np.float64)
        for package in packages_named(options, order.then):
            then = (options.package == package).astype(np.float64)
            for k, window in enumerate(rules.windows):
                before = windows < k if order.earlier else windows <= k
                weight = np.outer(before, first) - np.outer(windows <= k, then)
                yield Wanted("order", f"{order.first} → {order.then}", window, weight, low=0.0)


def _least(options: Options, rules: Rules, lengths: Mapping[str, float]) -> Iterator[Wanted]:
    district = options.district[options.package]
    for rule in rules.least:
        whole = lengths.get(rule.district, 0.0) if rule.unit == "share" else 1.0
        each = options.cost if rule.unit == "wan_yuan" else options.problem_length[options.package]
        weight = each * (district == rule.district) if rule.district else each
        amount = rule.size * whole
        for k, window in enumerate(rules.windows):
            if rule.window in {EVERY, window} and amount > 0:
                yield Wanted("least", rule.district, window, _only(k, weight, rules), low=amount * (1 - 1e-9))
