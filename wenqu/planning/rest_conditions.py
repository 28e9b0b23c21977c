"""What is left of the further conditions when a part of the works stands?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from wenqu.planning.conditions import AMOUNTS, EVERY, Fund, LeastWork
from wenqu.planning.law import Rules
from wenqu.units import from_si

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Stands:
    """Works that stand, as conditions look at them. n rows."""

    names: tuple[frozenset[str], ...]  # (n) package and asset
    methods: tuple[str, ...]  # (n)
    district: Texts  # (n,)
    window: Ints  # (n,) place in the rules' windows, negative before the first
    cost: Floats  # (n,) [yuan]
    days: Floats  # (n,) [d]
    length: Floats  # (n,) [m]


def rest_conditions(rules: Rules, works: Stands, lengths: Mapping[str, float], first: int) -> Rules:
    """Return the rules with their conditions as they are for what can still be chosen.

    Parameters
    ----------
    works
        What stands: it is in no option, so that nothing may wait for it and nothing ask for it.
    lengths
        Bad length of the city ("") and of each district, the standing works counted in. [m]
    first
        Place of the first window in which works can still be finished.
    """
    windows = rules.windows
    done = {name for names in works.names for name in names}

    def open_(by: str) -> str:
        return windows[max(windows.index(by), first)]

    def left(limits: Mapping[str, float], mine: npt.NDArray[np.bool_], used: Floats) -> dict[str, float]:
        return {
            window: max(limit - float(used[mine & (works.window == windows.index(window))].sum()), 0.0)
            for window, limit in limits.items()
        }

    method = np.array(works.methods, dtype=object)
    return replace(
        rules,
        margins=tuple(replace(rule, by=open_(rule.by)) for rule in rules.margins),
        flows=tuple(replace(rule, by=open_(rule.by)) for rule in rules.flows),
        district_budgets=tuple(
            replace(rule, limits=left(rule.limits, np.asarray(works.district == rule.district), works.cost))
            for rule in rules.district_budgets
        ),
        method_days=tuple(
            replace(rule, limits=left(rule.limits, np.asarray(method == rule.method), works.days))
            for rule in rules.method_days
        ),
        funds=_funds(rules, works),
        orders=tuple(rule for rule in rules.orders if not {rule.first, rule.then} & done),
        must_do=tuple(replace(rule, by=open_(rule.by)) for rule in rules.must_do if rule.name not in done),
        least=tuple(one for rule in rules.least for one in _least(rules, rule, works, lengths, first)),
    )


def _funds(rules: Rules, works: Stands) -> tuple[Fund, ...]:
    """Return what the funds have left: each work is paid by the funds that may pay for the least else."""
    money = [dict(fund.limits) for fund in rules.funds]
    narrow = sorted(
        range(len(money)), key=lambda f: -bool(rules.funds[f].districts) - bool(rules.funds[f].methods)
    )
    for row, window in enumerate(works.window.tolist()):
        owed = float(works.cost[row])
        for place in narrow if window >= 0 else []:
            fund, name = rules.funds[place], rules.windows[window]
            may = (not fund.districts or str(works.district[row]) in fund.districts) and (
                not fund.methods or works.methods[row] in fund.methods
            )
            paid = min(owed, money[place].get(name, 0.0)) if may else 0.0
            if paid > 0:
                money[place][name] -= paid
                owed -= paid
    return tuple(replace(fund, limits=limits) for fund, limits in zip(rules.funds, money, strict=True))


def _least(
    rules: Rules, rule: LeastWork, works: Stands, lengths: Mapping[str, float], first: int
) -> list[LeastWork]:
    """Return what is still to be done at least, window by window; nothing of windows that are over."""
    inside = np.ones(len(works.window), dtype=np.bool_)
    if rule.district:
        inside = np.asarray(works.district == rule.district, dtype=np.bool_)
    each = works.cost if rule.unit == "wan_yuan" else works.length
    whole = lengths.get(rule.district, 0.0) if rule.unit == "share" else 1.0
    made = []
    for k, window in enumerate(rules.windows):
        if k < first or rule.window not in {EVERY, window}:
            continue
        there = float(each[inside & (works.window == k)].sum()) / whole if whole > 0 else 0.0
        amount = from_si(max(rule.size - there, 0.0), AMOUNTS[rule.unit])
        if amount > 0:
            made.append(replace(rule, window=window, amount=amount))
    return made
