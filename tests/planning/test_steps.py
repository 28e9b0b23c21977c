"""Rules a step away, and why packages are in or out, by hand."""

import math
from dataclasses import replace

import pytest

from wenqu.planning.package_reasons import package_reasons
from wenqu.planning.programme import choose_programme
from wenqu.planning.rules import LengthRule, ShareRule, default_rules
from wenqu.planning.shadow import shadow
from wenqu.planning.steps import (
    dates,
    limited,
    money_cut,
    month_later,
    more_crews,
    more_money,
    share_less,
    windows_later,
)

LAW = replace(
    default_rules(2026), windows=("2026", "2027", "2028"), budgets=(100.0, 240.0, math.inf),
    crew_days=(10.0, 36.0, 24.0), shares=(ShareRule("2026", 0.9),), lengths=(LengthRule("2028", 1.0),),
    must_by="2027", pace=1.0, operator=">=",
)  # fmt: skip


def test_money_and_crews_grow_where_they_are_limited():
    assert more_money(LAW, "2027", 60).budgets == (100, 300, math.inf)
    assert more_money(LAW, "2028", 60).budgets == LAW.budgets
    assert more_crews(LAW, 5).crew_days == (15, 41, 29)
    assert limited(LAW.budgets)
    assert not limited((math.inf, math.inf))


def test_a_month_later_is_a_twelfth_of_the_next_year_before_each_date():
    # dates: 2026 (share) and 2027 (must); 2028 is the last. 240/12 = 20 move to 2026; 2028 has no limit
    assert dates(LAW) == [0, 1]
    later = month_later(LAW)
    assert later.budgets == (120, 220, math.inf)
    assert later.crew_days == pytest.approx((13, 36 - 3 + 2, 22))


def test_dates_move_a_year_and_the_last_stays():
    later = windows_later(LAW, 1)
    assert [rule.by for rule in later.shares] == ["2027"]
    assert [rule.by for rule in later.lengths] == ["2028"]
    assert later.must_by == "2028"


def test_a_cut_takes_from_the_budget_or_from_what_is_spent():
    assert money_cut(LAW, (50, 60, 70), 0.5).budgets == (50, 120, 35)
    assert share_less(LAW, 0.2).shares[0].share == pytest.approx(0.7)


def test_each_package_says_by_how_much_it_is_in_or_out(some_options, some_plants):
    # as in test_shadow: a g/s is worth 30 000 / 5.7; b saves 6316, a is at the edge, c costs 5000 too much
    rows = [
        ("a", 30_000, 0.06, 0, 0, "p", 0),
        ("b", 20_000, 0, 0.05, 0, "p", 0),
        ("c", 60_000, 0.11, 0, 0, "p", 0),
    ]
    made, plants = some_options(rows), some_plants(("p", 1.0, 0.09, 1))
    rules = replace(LAW, budgets=(math.inf,) * 3, crew_days=(math.inf,) * 3, lengths=(), must_by="")
    plan = choose_programme(made, plants, rules, gap=0)
    found = package_reasons(made, shadow(made, plants, rules, plan.choice, {}), plan.choice, rules.windows)
    a, b, c = found
    each = 30_000 / 5.7
    assert (a.verdict, b.verdict, c.verdict) == ("in-edge", "in", "out")
    assert b.net == pytest.approx(20_000 - 5 * each)
    assert b.cheaper == pytest.approx((5 * each - 20_000) / 20_000)  # it may cost 32 % more
    assert b.better == pytest.approx((20_000 - 5 * each) / (5 * each))  # or do 24 % less
    assert c.net == pytest.approx(60_000 - 10.45 * each)
    assert c.better == pytest.approx(60_000 / (10.45 * each) - 1)
    # cheaper by just more than that it does enter
    cheap = replace(made, cost=made.cost * [1, 1, 1 + c.cheaper * 1.01])
    again = shadow(cheap, plants, rules, choose_programme(cheap, plants, rules, gap=0).choice, {})
    assert again.net[2] <= 1e-6


def test_what_must_be_mended_says_so(some_options, some_plants):
    made = some_options([("a", 30_000, 0, 0, 50, "p", 1), ("b", 20_000, 0, 0, 50, "p", 0)])
    rules = replace(LAW, budgets=(math.inf,) * 3, crew_days=(math.inf,) * 3, lengths=(), shares=())
    plants = some_plants(("p", 1.0, 0.09, 1))
    plan = choose_programme(made, plants, rules, gap=0)
    found = package_reasons(made, shadow(made, plants, rules, plan.choice, {}), plan.choice, rules.windows)
    assert [one.verdict for one in found] == ["in-must", "out"]
    assert math.isnan(found[1].better)  # it brings no water: no effect would bring it in
