"""Do the rules of a programme make sense by themselves? Every fault, with where it stands."""

import math
from collections.abc import Iterable, Iterator, Mapping

from wenqu.issues import Issue, Place, Weight
from wenqu.planning.conditions import AMOUNTS, EVERY, OPERATORS, PLACES, POLLUTANTS
from wenqu.planning.law import Rules
from wenqu.units import from_si

FILE = "rules.json"
MOST_FUNDS = 8  # every set of funds is one row of the model in each window


def faults(rules: Rules) -> Iterator[Issue]:
    """Yield what makes no sense: numbers out of range, dates that are no window, unknown words, clashes."""
    if not rules.windows or list(rules.windows) != sorted(set(rules.windows)):
        yield _issue("windows", "windows", ", ".join(rules.windows))
        return
    yield from _numbers(rules)
    yield from _dates(rules)
    yield from _words(rules)
    yield from _clashes(rules)


def _issue(kind: str, field: str, value: object, **facts: object) -> Issue:
    told = ", ".join(str(entry) for entry in facts.values())
    said = f"{field} = {value}" + (f" ({told})" if told else "")
    every = {"field": field, "value": value, **facts, "said": said}
    return Issue(f"rules.{kind}", Weight.BLOCK, "rule", field, Place(FILE), every)


Span = tuple[str, float, float, float]  # where it stands, the number, the least and the most it may be


def _numbers(rules: Rules) -> Iterator[Issue]:
    """Yield the numbers out of range, in the units that a person writes."""
    for field, value, low, high in (*_single_numbers(rules), *_row_numbers(rules)):
        if not low <= value <= high:
            yield _issue("range", field, value, low=low, high=high)


def _single_numbers(rules: Rules) -> Iterator[Span]:
    most = from_si(rules.threshold, "mg/L")
    yield "threshold_mg_per_L", most, 0.001, 1000
    yield "resolution_mg_per_L", from_si(rules.resolution, "mg/L"), 0, most
    yield "clean_bod_mg_per_L", from_si(rules.clean_bod, "mg/L"), 0, most
    yield "premises_flow_m3_per_d", from_si(rules.premises_flow, "m³/d"), 0.001, 1e6
    yield "pace", rules.pace, 0.001, 1
    yield "probability", rules.probability, 0.5, 0.999
    yield "discount", rules.discount, 0, 0.999
    yield "problem_grade", rules.problem_grade, 1, 4
    yield "must_grade", rules.must_grade, 1, 4
    yield "funds", len(rules.funds), 0, MOST_FUNDS
    for k, price in enumerate(rules.change_prices):
        yield f"change_price_yuan[{k}]", price, 0, 1e12
    for name, value in rules.clean_others.items():
        yield f"clean_others_mg_per_L.{name}", from_si(value, "mg/L"), 0, 1e4


def _row_numbers(rules: Rules) -> list[Span]:
    every = [
        *((f"capacity_share[{k}].share", row.share, 0, 1) for k, row in enumerate(rules.shares)),
        *(
            (f"capacity_share[{k}].threshold_mg_per_L", row.threshold * 1e3, 0.001, 1e4)
            for k, row in enumerate(rules.shares)
            if row.threshold is not None
        ),
        *((f"length_share[{k}].share", row.share, 0, 1) for k, row in enumerate(rules.lengths)),
        *(
            (f"length_share[{k}].denominator_m", row.of, 0.001, 1e9)
            for k, row in enumerate(rules.lengths)
            if row.of is not None
        ),
        *(
            (f"plant_margins[{k}].threshold_mg_per_L", row.threshold * 1e3, 0.001, 1e4)
            for k, row in enumerate(rules.margins)
        ),
        *(
            (f"plant_margins[{k}].resolution_mg_per_L", row.resolution * 1e3, 0, 1e3)
            for k, row in enumerate(rules.margins)
        ),
        *(
            (f"flow_limits[{k}].limit_m3_per_d", from_si(row.limit, "m³/d"), 0, 1e8)
            for k, row in enumerate(rules.flows)
            if row.limit is not None
        ),
        *(
            (f"minimum_work[{k}].amount", row.amount, 0, 1 if row.unit == "share" else 1e9)
            for k, row in enumerate(rules.least)
        ),
        *_limits("budget_wan_yuan", dict(zip(rules.windows, rules.budgets, strict=True)), 1e4),
        *_limits("crew_days", dict(zip(rules.windows, rules.crew_days, strict=True)), 1.0),
    ]
    for k, fund in enumerate(rules.funds):
        every += _limits(f"funds[{k}].limits_wan_yuan", fund.limits, 1e4)
    for k, budget in enumerate(rules.district_budgets):
        every += _limits(f"district_budgets[{k}].limits_wan_yuan", budget.limits, 1e4)
    for k, days in enumerate(rules.method_days):
        every += _limits(f"method_crew_days[{k}].limits_d", days.limits, 1.0)
    return every


def _limits(field: str, limits: Mapping[str, float], unit: float) -> list[Span]:
    return [(f"{field}.{window}", value / unit, 0, math.inf) for window, value in limits.items()]


def _dates(rules: Rules) -> Iterator[Issue]:
    """Yield the dates that are no window, and spans that end before they begin."""
    named: list[tuple[str, Iterable[str]]] = [
        ("must_by", [rules.must_by] if rules.must_by else []),
        *((f"capacity_share[{k}].by", [row.by]) for k, row in enumerate(rules.shares)),
        *((f"length_share[{k}].by", [row.by]) for k, row in enumerate(rules.lengths)),
        *((f"plant_margins[{k}].by", [row.by]) for k, row in enumerate(rules.margins)),
        *((f"flow_limits[{k}].by", [row.by]) for k, row in enumerate(rules.flows)),
        *((f"must_do[{k}].by", [row.by]) for k, row in enumerate(rules.must_do)),
        *((f"funds[{k}].limits_wan_yuan", row.limits) for k, row in enumerate(rules.funds)),
        *(
            (f"district_budgets[{k}].limits_wan_yuan", row.limits)
            for k, row in enumerate(rules.district_budgets)
        ),
        *((f"method_crew_days[{k}].limits_d", row.limits) for k, row in enumerate(rules.method_days)),
        *((f"minimum_work[{k}].window", {row.window} - {EVERY}) for k, row in enumerate(rules.least)),
        *((f"moratoria[{k}].from", {row.since} - {""}) for k, row in enumerate(rules.moratoria)),
        *((f"moratoria[{k}].until", {row.until} - {""}) for k, row in enumerate(rules.moratoria)),
    ]
    for field, windows in named:
        for window in windows:
            if window not in rules.windows:
                yield _issue("window", field, window or '""', known=", ".join(rules.windows))
    for k, row in enumerate(rules.moratoria):
        if row.since and row.until and row.since > row.until:
            yield _issue("span", f"moratoria[{k}]", f"{row.since} > {row.until}")


def _words(rules: Rules) -> Iterator[Issue]:
    """Yield the words that are none of those that are known, and names that are missing."""
    chosen: list[tuple[str, str, Iterable[str]]] = [
        ("operator", rules.operator, (">", ">=")),
        *(
            (f"capacity_share[{k}].pollutant", row.pollutant, POLLUTANTS)
            for k, row in enumerate(rules.shares)
        ),
        *((f"plant_margins[{k}].pollutant", r.pollutant, POLLUTANTS) for k, r in enumerate(rules.margins)),
        *((f"plant_margins[{k}].operator", r.operator, OPERATORS) for k, r in enumerate(rules.margins)),
        *((f"moratoria[{k}].of", row.of, PLACES) for k, row in enumerate(rules.moratoria)),
        *((f"minimum_work[{k}].unit", row.unit, AMOUNTS) for k, row in enumerate(rules.least)),
        *(("clean_others_mg_per_L", name, POLLUTANTS[1:]) for name in rules.clean_others),
    ]
    for field, word, known in chosen:
        if word not in known:
            yield _issue("word", field, word or '""', known=", ".join(known))
    for k, share in enumerate(rules.shares):
        if share.pollutant != "bod5" and share.threshold is None:
            yield _issue("missing", f"capacity_share[{k}].threshold_mg_per_L", '""')
    for pollutant in rules.pollutants:
        if pollutant in POLLUTANTS and pollutant not in rules.clean_others:
            yield _issue("missing", f"clean_others_mg_per_L.{pollutant}", '""')
    for field, name in _names(rules):
        if not name.strip():
            yield _issue("missing", field, '""')


def _names(rules: Rules) -> Iterator[tuple[str, str]]:
    for k, fund in enumerate(rules.funds):
        yield f"funds[{k}].fund", fund.fund
    for k, budget in enumerate(rules.district_budgets):
        yield f"district_budgets[{k}].district", budget.district
    for k, days in enumerate(rules.method_days):
        yield f"method_crew_days[{k}].method", days.method
    for k, closed in enumerate(rules.moratoria):
        yield f"moratoria[{k}].name", closed.name if closed.of != "city" else "-"
    for k, order in enumerate(rules.orders):
        yield f"precedence[{k}].first", order.first
        yield f"precedence[{k}].then", order.then
    for k, wanted in enumerate(rules.must_do):
        yield f"must_do[{k}].name", wanted.name
    for k, barred in enumerate(rules.must_not):
        yield f"must_not[{k}].name", barred.name


def _clashes(rules: Rules) -> Iterator[Issue]:
    """Yield what contradicts itself: named both to be done and to be left, a circle, the same thing twice."""
    left = {row.name for row in rules.must_not}
    for k, row in enumerate(rules.must_do):
        if row.name in left:
            yield _issue("clash", f"must_do[{k}].name", row.name)
    after: dict[str, set[str]] = {}
    for order in rules.orders:
        after.setdefault(order.first, set()).add(order.then)
    for k, order in enumerate(rules.orders):
        if order.first == order.then or _leads(after, order.then, order.first):
            yield _issue("circle", f"precedence[{k}]", f"{order.first} → {order.then}")
    for kind, names in (
        ("funds", [row.fund for row in rules.funds]),
        ("district_budgets", [row.district for row in rules.district_budgets]),
        ("method_crew_days", [row.method for row in rules.method_days]),
    ):
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield _issue("twice", kind, name)


def _leads(after: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Tell whether one package comes, over others, before another."""
    seen, open_ = {start}, [start]
    while open_:
        for then in after.get(open_.pop(), set()) - seen:
            if then == goal:
                return True
            seen.add(then)
            open_.append(then)
    return False
