"""Prices of rules and net prices of options, worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from wenqu.planning.conditions import DistrictBudget, Fund, LeastWork, Moratorium, MustDo, Order
from wenqu.planning.package_reasons import package_reasons
from wenqu.planning.programme import choose_programme
from wenqu.planning.rules import LengthRule, ShareRule, default_rules
from wenqu.planning.shadow import shadow
from wenqu.solvers.linear import Rows, Status
from wenqu.solvers.ranging import ranged

RULES = replace(
    default_rules(2026), windows=("2026", "2027"), budgets=(math.inf,) * 2, crew_days=(math.inf,) * 2,
    shares=(ShareRule("2026", 0.9),), lengths=(), must_by="", pace=1.0, operator=">=",
)  # fmt: skip
ABC = [
    ("a", 30_000, 0.06, 0, 0, "p", 0),
    ("b", 20_000, 0, 0.05, 0, "p", 0),
    ("c", 60_000, 0.11, 0, 0, "p", 0),
]


def shadow_of(made, plants, rules, lengths=None):
    plan = choose_programme(made, plants, rules, lengths=lengths, gap=0)
    return plan, shadow(made, plants, rules, plan.choice, lengths or {})


def test_the_price_of_a_row_holds_between_the_bounds_that_hand_calculation_gives():
    # x + 3y, x + y >= 5, x <= 3: y fills up.
    # One more of the 5 costs 3 from 3 on; one more of the 3 saves 2 up to 5
    rows = Rows()
    rows.add(np.array([0, 1]), np.ones(2), 5.0, np.inf)
    rows.add(np.array([0]), np.ones(1), -np.inf, 3.0)
    model = rows.model(np.array([1.0, 3.0]), np.zeros(2), np.full(2, np.inf), np.zeros(2, bool))
    found = ranged(model)
    assert found.solution.status is Status.OPTIMAL
    assert found.solution.row_duals == pytest.approx([3.0, -2.0])
    assert found.low.tolist() == [3.0, 0.0]
    assert found.high.tolist() == [np.inf, 5.0]


def test_net_prices_are_cost_less_kilograms_at_their_price(some_options, some_plants):
    # 10 g/s lack. b brings 5 for 20 000, a 5.7 for 30 000, c 10.45 for 60 000: b whole, then a in part.
    # A g/s is worth 30 000 / 5.7 = 5263: b saves 6316, a nothing, c costs 5000 too much.
    made, plants = some_options(ABC), some_plants(("p", 1.0, 0.09, 1))
    plan, found = shadow_of(made, plants, RULES)
    assert plan.cost == pytest.approx(50_000)
    each = 30_000 / 5.7
    assert found.net == pytest.approx([0, 20_000 - 5 * each, 60_000 - 10.45 * each], abs=1e-3)
    assert found.parts["margin"] == pytest.approx([30_000, 5 * each, 10.45 * each])
    price = next(one for one in found.prices if one.rule == "margin")
    assert price.worth == pytest.approx(each * 1000)  # [yuan per kg/s]
    assert (price.low, price.high) == pytest.approx((0.005, 0.0107))  # b alone, a and b together
    assert found.cost == pytest.approx(20_000 + 5 / 5.7 * 30_000)


def test_money_has_a_rent_where_a_budget_binds(some_options, some_plants):
    # 26 000 a year: b and 6000 of a in 2026; the rest must be late, so the plant is due in 2027
    made, plants = some_options(ABC), some_plants(("p", 1.0, 0.09, 1))
    rules = replace(RULES, shares=(ShareRule("2027", 0.9),), budgets=(30_000.0, 20_000.0))
    _, found = shadow_of(made, plants, rules)
    budgets = {one.window: one for one in found.prices if one.rule == "budget"}
    assert set(budgets) == {"2026", "2027"}
    assert all(one.worth == pytest.approx(0, abs=1e-6) for one in budgets.values())  # 46 316 in 50 000
    tight = replace(rules, budgets=(46_000.0, 0.0))
    plan, found = shadow_of(made, plants, tight)
    assert plan.status == "infeasible"
    assert found is None or all(one.rule != "budget" or one.worth >= 0 for one in found.prices)


def test_a_package_that_must_be_mended_is_worth_its_date(some_options, some_plants):
    made = some_options([("a", 30_000, 0, 0, 50, "p", 1), ("b", 20_000, 0, 0, 50, "p", 0)])
    rules = replace(RULES, shares=(), must_by="2026")
    plan, found = shadow_of(made, some_plants(("p", 1.0, 0.09, 1)), rules)
    assert plan.choice.options.tolist() == [0]
    assert found.parts["must"] == pytest.approx([30_000, 0])
    assert found.net == pytest.approx([0, 20_000])


def test_metres_have_a_price(some_options, some_plants):
    # half of 100 m: b has 60 m for 12 000, 200 a metre; a 40 m for 16 000, 400 a metre: a metre costs 200
    made = some_options([("a", 16_000, 0, 0, 40, "p", 0), ("b", 12_000, 0, 0, 60, "p", 0)])
    lengths = {"": 100.0}
    rules = replace(RULES, shares=(), lengths=(LengthRule("2026", 0.5),))
    plan, found = shadow_of(made, some_plants(("p", 1.0, 0.09, 1)), rules, lengths)
    assert plan.cost == 12_000
    assert found.net == pytest.approx([16_000 - 40 * 200, 0], abs=1)
    price = next(one for one in found.prices if one.rule == "length")
    assert price.worth == pytest.approx(20_000)  # [yuan] for the whole length
    assert price.high == pytest.approx(0.6)


def test_nothing_to_choose_has_no_prices(some_options, some_plants):
    plan = choose_programme(some_options(ABC), some_plants(("p", 1.0, 0.09, 1)), RULES)
    empty = some_options([], {"x": 10.0})
    assert shadow(empty, some_plants(("p", 1.0, 0.09, 1)), RULES, plan.choice, {}) is None


def test_a_district_budget_and_a_source_of_money_have_a_price(some_options, some_plants):
    # b alone lies in the east. 10 000 there: half of b, all of a, the rest by c at 60 000 / 10.45 a g/s.
    # A yuan more brings 5 / 20 000 g/s of b in the place of that much of c.
    made, plants = some_options(ABC), some_plants(("p", 1.0, 0.09, 1))
    each = 5 / 20_000 * 60_000 / 10.45 - 1
    east = replace(RULES, district_budgets=(DistrictBudget("east", {"2026": 10_000.0}),))
    plan, found = shadow_of(made, plants, east)
    assert plan.choice.options.tolist() == [2]
    price = next(one for one in found.prices if one.rule == "district-budget")
    assert (price.scope, price.window) == ("east", "2026")
    assert price.worth == pytest.approx(each)
    assert found.net[1] == pytest.approx(0, abs=1e-3)  # the rent of the scarce money takes what it brings
    funds = (Fund("bonds", {"2026": 10_000.0}, ("east",)), Fund("charge", {"2026": 1e6}, ("west",)))
    _, found = shadow_of(made, plants, replace(RULES, funds=funds))
    prices = {(one.scope, one.window): one.worth for one in found.prices if one.rule == "fund"}
    assert prices["bonds", "2026"] == pytest.approx(each)
    assert prices["charge", "2026"] == pytest.approx(0, abs=1e-9)


def test_what_is_closed_in_every_window_is_out_for_that(some_options, some_plants):
    made, plants = some_options(ABC), some_plants(("p", 1.0, 0.09, 1))
    rules = replace(RULES, moratoria=(Moratorium("package", "b"),))
    plan, found = shadow_of(made, plants, rules)
    assert plan.choice.options.tolist() == [2]
    assert found.net[1] == math.inf
    told = {one.package: one for one in package_reasons(made, found, plan.choice, rules.windows)}
    assert told["b"].verdict == "out-closed"
    assert told["b"].net < 0  # it would pay
    half = replace(RULES, moratoria=(Moratorium("package", "b", until="2026"),))
    _, found = shadow_of(made, plants, half)
    assert found.window[1] == 1  # next year it may be done


def test_what_comes_first_is_worth_what_may_follow_it(some_options, some_plants):
    # 5 g/s lack: b brings them for 15 000 once x is done for 10 000; a alone would cost 30 000
    made = some_options([("a", 30_000, 0.06, 0, 0, "p", 0), ("b", 15_000, 0, 0.05, 0, "p", 0),
                         ("x", 10_000, 0, 0, 0, "p", 0)])  # fmt: skip
    rules = replace(RULES, orders=(Order("x", "b"),))
    plan, found = shadow_of(made, some_plants(("p", 1.0, 0.095, 1)), rules)
    assert sorted(plan.choice.options.tolist()) == [1, 2]
    assert found.parts["order"] == pytest.approx([0, -10_000, 10_000], abs=1)
    assert found.net[2] == pytest.approx(0, abs=1)  # it pays for itself by what may follow it
    assert found.net[1] <= 1
    assert found.cost == pytest.approx(25_000)


def test_least_work_and_must_do_are_worth_something(some_options, some_plants):
    made = some_options([("a", 16_000, 0, 0, 40, "p", 0), ("b", 12_000, 0, 0, 60, "p", 0)])
    plants = some_plants(("p", 1.0, 0.09, 1))
    rules = replace(RULES, shares=(), least=(LeastWork("2026", 50.0, "m"),))
    plan, found = shadow_of(made, plants, rules)
    assert plan.choice.options.tolist() == [1]
    assert found.parts["least"] == pytest.approx([40 * 200, 60 * 200], rel=1e-3)
    rules = replace(RULES, shares=(), must_do=(MustDo("a", "2026"),))
    _, found = shadow_of(made, plants, rules)
    assert found.parts["must"] == pytest.approx([16_000, 0])


def test_a_limit_that_the_programme_oversteps_leaves_the_prices_there(some_options, some_plants):
    made, plants = some_options(ABC), some_plants(("p", 1.0, 0.09, 1))
    poor = replace(RULES, funds=(Fund("bonds", {"2026": 1_000.0}),))
    plan, found = shadow_of(made, plants, poor)
    assert plan.status == "infeasible"
    assert found is not None
