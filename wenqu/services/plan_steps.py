"""What would one more million yuan, one more crew, one month more do: by the prices, and truly?"""

from typing import Any

from wenqu.planning.chance import Sure
from wenqu.planning.rules import Rules
from wenqu.planning.shadow import RulePrice, Shadow
from wenqu.planning.steps import (
    dates,
    limited,
    month_later,
    more_crews,
    more_district,
    more_fund,
    more_money,
    windows_later,
)
from wenqu.progress import Progress, part
from wenqu.services.describe_city import districts
from wenqu.services.planned_case import PlannedCase

MONTHS = 12.0
MOST = 4  # sources and districts whose step is solved again, those that promise most


def told_steps(
    case: PlannedCase,
    base: Sure,
    prices: Shadow | None,
    *,
    money: float,
    crew_days: float,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Return each step with what it saves by the prices, the range in which they hold, and a true answer.

    A step of what has no limit does nothing: it is told so (``limited`` is false) and not solved.
    """
    law = case.rules
    asked: list[tuple[dict[str, Any], Rules | None]] = []
    funded = [window for window, value in zip(law.windows, law.budgets, strict=True) if value < float("inf")]
    for window in funded:
        price = _price(prices, "budget", window)
        step = {"kind": "money", "window": window, "amount": money, **_guess(price, money)}
        asked.append((step, more_money(law, window, money)))
    scarce = _scarce(law, prices, money)
    zones = {one["id"]: one["name"] for one in districts(case.state)} if scarce else {}
    for step, _ in scarce:
        step["name"] = zones.get(step["scope"], step["scope"])
    asked += scarce
    if not funded and not scarce:
        asked.append(
            (
                {
                    "kind": "money",
                    "window": "",
                    "amount": money,
                    "limited": False,
                    "other": bool(law.funds or law.district_budgets),
                },
                None,
            )
        )
    crews = [_price(prices, "crew", window) for window in law.windows]
    step = {"kind": "crew", "window": "", "amount": crew_days, "limited": limited(law.crew_days)}
    if step["limited"]:
        known = [one for one in crews if one is not None]
        step |= {"guess": sum(one.worth for one in known) * crew_days if prices else None}
        step |= _shortest(known)
    else:
        step |= {"other": bool(law.method_days)}
    asked.append((step, more_crews(law, crew_days) if step["limited"] else None))
    both = limited(law.budgets) or limited(law.crew_days)
    step = {"kind": "month", "window": "", "amount": 1.0, "limited": both and bool(dates(law))}
    if step["limited"]:
        step |= {"guess": _month(law, prices)}
    asked.append((step, month_later(law) if step["limited"] else None))
    step = {"kind": "window", "window": "", "amount": 1.0, "limited": bool(dates(law)), "guess": None}
    asked.append((step, windows_later(law, 1) if step["limited"] else None))
    made = []
    for place, (told, rules) in enumerate(asked):
        step_done = part(progress, place / len(asked), (place + 1) / len(asked))
        solved = {} if rules is None else _solved(case, base, rules, step_done)
        made.append({"limited": rules is not None, **told, **solved})
        step_done(1.0)
    return made


def _scarce(rules: Rules, prices: Shadow | None, money: float) -> list[tuple[dict[str, Any], Rules | None]]:
    """Return more money from each source and for each district where that has a price, the most first."""
    known = prices.prices if prices else ()
    found: list[tuple[dict[str, Any], Rules | None]] = []
    for window in rules.windows:
        for fund in rules.funds:
            mine = [one for one in known if one.rule == "fund" and one.window == window and one.worth > 0
                    and fund.fund in one.scope.split(" + ")]  # fmt: skip
            if mine:
                step = {"kind": "fund", "scope": fund.fund, "window": window, "amount": money}
                step |= {"guess": sum(one.worth for one in mine) * money} | _shortest(mine)
                found.append((step, more_fund(rules, fund.fund, window, money)))
        for one in known:
            if one.rule == "district-budget" and one.window == window and one.worth > 0:
                step = {"kind": "district", "scope": one.scope, "window": window, "amount": money}
                more = more_district(rules, one.scope, window, money)
                found.append((step | _guess(one, money), more))
    found.sort(key=lambda pair: -float(pair[0]["guess"]))
    return found[:MOST]


def _price(prices: Shadow | None, rule: str, window: str) -> RulePrice | None:
    found = (one for one in (prices.prices if prices else ()) if (one.rule, one.window) == (rule, window))
    return next(found, None)


def _guess(price: RulePrice | None, amount: float) -> dict[str, Any]:
    """Return what the price says, and up to how much more of it the price holds."""
    if price is None:
        return {"guess": None}
    room = price.high - price.bound if price.worth > 0 else float("inf")
    return {"guess": price.worth * amount, "holds": max(room, 0.0) if room < float("inf") else None}


def _shortest(known: list[RulePrice]) -> dict[str, Any]:
    rooms = [one.high - one.bound for one in known if one.worth > 0 and one.high < float("inf")]
    return {"holds": max(min(rooms), 0.0) if rooms else None}


def _month(rules: Rules, prices: Shadow | None) -> float | None:
    """Return what a twelfth of the next window is worth before each date, by the prices."""
    if prices is None:
        return None
    total = 0.0
    for place in dates(rules):
        for rule, values in (("budget", rules.budgets), ("crew", rules.crew_days)):
            now, after = (_price(prices, rule, rules.windows[k]) for k in (place, place + 1))
            if now is not None and after is not None:
                total += (now.worth - after.worth) * values[place + 1] / MONTHS
    return total


def _solved(case: PlannedCase, base: Sure, rules: Rules, progress: Progress) -> dict[str, Any]:
    """Return the true answer: both costs are known within their bounds, and so is what is saved."""
    found = case.solved(rules, base.plan.choice, progress)
    told = {"status": found.plan.status, "cost": found.plan.cost}
    if "infeasible" in {found.plan.status, base.plan.status}:
        return {
            **told,
            "saved": None,
            "span": None,
        }  # the nearest programmes under other rules: not comparable
    saved = base.plan.cost - found.plan.cost
    return {**told, "saved": saved, "span": [base.bound - found.plan.cost, base.plan.cost - found.bound]}
