"""What rules are a step away: more money, one more crew, a later date, less money, a smaller share?"""

import math
from collections.abc import Sequence
from dataclasses import replace

from wenqu.planning.rules import Rules

MONTHS = 12.0


def more_money(rules: Rules, window: str, yuan: float) -> Rules:
    """Return the rules with more money in one window; without a budget there they stay as they are."""
    at = rules.windows.index(window)
    budgets = [value + yuan * (k == at) for k, value in enumerate(rules.budgets)]
    return replace(rules, budgets=tuple(budgets))


def more_fund(rules: Rules, fund: str, window: str, yuan: float) -> Rules:
    """Return the rules with more money from one source in one window."""
    return replace(
        rules,
        funds=tuple(
            replace(one, limits={**one.limits, window: one.limits.get(window, 0.0) + yuan})
            if one.fund == fund else one
            for one in rules.funds
        ),
    )  # fmt: skip


def more_district(rules: Rules, district: str, window: str, yuan: float) -> Rules:
    """Return the rules with more money for one district in one window; without a budget there as they are."""
    return replace(
        rules,
        district_budgets=tuple(
            replace(one, limits={**one.limits, window: one.limits[window] + yuan})
            if one.district == district and window in one.limits else one
            for one in rules.district_budgets
        ),
    )  # fmt: skip


def more_crews(rules: Rules, days: float) -> Rules:
    """Return the rules with so many more crew-days in every window."""
    return replace(rules, crew_days=tuple(value + days for value in rules.crew_days))


def dates(rules: Rules) -> list[int]:
    """Return the windows at which something is due, the last window left out: nothing comes after it."""
    due = {rule.by for rule in rules.shares} | {rule.by for rule in rules.lengths} | ({rules.must_by} - {""})
    places = sorted(rules.windows.index(by) for by in due)
    return [place for place in places if place + 1 < len(rules.windows)]


def month_later(rules: Rules, months: float = 1.0) -> Rules:
    """Return the rules with every date so many months later, in a model that counts whole windows.

    By each date that part of the next window's money and crews may be used too, and is then gone from it.
    """
    budgets, crews = list(rules.budgets), list(rules.crew_days)
    for place in dates(rules):
        for values in (budgets, crews):
            if math.isfinite(values[place]) and math.isfinite(values[place + 1]):
                moved = values[place + 1] * months / MONTHS
                values[place] += moved
                values[place + 1] -= moved
    return replace(rules, budgets=tuple(budgets), crew_days=tuple(crews))


def windows_later(rules: Rules, count: int) -> Rules:
    """Return the rules with every date so many windows later, the last window at the latest."""

    def later(by: str) -> str:
        return rules.windows[min(rules.windows.index(by) + count, len(rules.windows) - 1)]

    return replace(
        rules,
        shares=tuple(replace(rule, by=later(rule.by)) for rule in rules.shares),
        lengths=tuple(replace(rule, by=later(rule.by)) for rule in rules.lengths),
        must_by=later(rules.must_by) if rules.must_by else "",
    )


def money_cut(rules: Rules, spent: Sequence[float], share: float) -> Rules:
    """Return the rules with a share of the money: of each budget, or where none is set of what is spent.

    Parameters
    ----------
    spent
        What the programme spends in each window. [yuan]
    share
        Of it that is left. [-]
    """
    budgets = [
        share * (value if math.isfinite(value) else used)
        for value, used in zip(rules.budgets, spent, strict=True)
    ]
    return replace(rules, budgets=tuple(budgets))


def share_less(rules: Rules, less: float) -> Rules:
    """Return the rules with every share of capacity smaller by so much."""
    return replace(
        rules, shares=tuple(replace(rule, share=max(rule.share - less, 0.0)) for rule in rules.shares)
    )


def limited(values: Sequence[float]) -> bool:
    """Tell whether any window has a limit."""
    return any(math.isfinite(value) for value in values)
