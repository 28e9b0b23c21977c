"""Further conditions of a programme: each on a case whose answer is known by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.planning.conditions import (
    DistrictBudget,
    FlowRule,
    Fund,
    LeastWork,
    MarginRule,
    MethodDays,
    Moratorium,
    MustDo,
    MustNot,
    Order,
)
from wenqu.planning.particulars import Particulars
from wenqu.planning.programme import choose_programme
from wenqu.planning.rules import LengthRule, ShareRule, default_rules
from wenqu.planning.verify import Choice, plan_verify

BARE = replace(
    default_rules(2026),
    windows=("2026", "2027"),
    budgets=(math.inf,) * 2,
    crew_days=(math.inf,) * 2,
    shares=(),
    lengths=(),
    must_by="",
    pace=1.0,
    operator=">=",
)
ALL = (LengthRule("2027", 1.0),)
YUAN = 10_000.0


def with_particulars(made, methods, days=None, streets=None, loads=None):
    """Return options that each use one method."""
    packages = [str(name) for name in made.package_ids]
    return replace(
        made,
        particulars=Particulars(
            np.array(streets or [""] * len(packages), object),
            tuple((f"pipe-{name}",) for name in packages),
            np.arange(len(made) + 1),
            np.array(list(methods), object),
            made.cost,
            made.crew_days if days is None else np.array(days, float),
            loads or {},
        ),
    )


@pytest.fixture(name="four")
def _four(some_options):
    """a and c lie in the west, b and d in the east: 10, 50, 20, 60 thousand yuan for 10 m each."""
    costs = zip("abcd", (1e4, 5e4, 2e4, 6e4), strict=True)
    return with_particulars(some_options([(name, cost, 0, 0, 10, "p", 0) for name, cost in costs]), "mmmm")


@pytest.fixture(name="plant")
def _plant(some_plants):
    return some_plants(("p", 1.0, 0.12, 1))


def chosen(made, plan):
    """Return package → year of a plan."""
    return {
        str(made.package_ids[made.package[row]]): 2026 + int(at)
        for row, at in zip(plan.choice.options, plan.choice.windows, strict=True)
    }


def solved(made, plants, rules):
    plan = choose_programme(made, plants, rules, gap=0)
    assert plan.status == "proved", plan.relaxed
    assert all(verdict.holds for verdict in plan.verdicts)
    return plan


def missed(made, plants, rules):
    plan = choose_programme(made, plants, rules, gap=0)
    assert plan.status == "infeasible"
    return plan, {(v.rule, v.scope, v.window): (v.demanded, v.reached) for v in plan.relaxed}


def test_a_district_spends_no_more_than_its_own_budget(four, plant):
    # the east (b 50, d 60) may spend 60 in 2026 and 50 in 2027: d comes first, b second
    east = DistrictBudget("east", {"2026": 6e4, "2027": 5e4})
    made = chosen(four, solved(four, plant, replace(BARE, lengths=ALL, district_budgets=(east,))))
    assert (made["d"], made["b"]) == (2026, 2027)
    less = replace(BARE, lengths=ALL, district_budgets=(replace(east, limits={"2026": 6e4, "2027": 4e4}),))
    _, told = missed(four, plant, less)
    assert told == {("district-budget", "east", "2027"): (4e4, 5e4)}


def test_crews_of_one_method_are_counted_by_themselves(some_options, plant):
    # lining is cheaper but its crew has 5 days: one of the two packages is dug up
    made = some_options([("a", 1e4, 0, 0, 10, "p", 0), ("a", 3e4, 0, 0, 10, "p", 0),
                         ("b", 1e4, 0, 0, 10, "p", 0), ("b", 4e4, 0, 0, 10, "p", 0)])  # fmt: skip
    made = with_particulars(made, ["lining", "digging"] * 2, days=[5, 9, 5, 9])
    assert solved(made, plant, replace(BARE, lengths=ALL)).cost == pytest.approx(2e4)
    days = MethodDays("lining", {"2026": 5.0, "2027": 0.0})
    assert solved(made, plant, replace(BARE, lengths=ALL, method_days=(days,))).cost == pytest.approx(4e4)


def test_a_fund_pays_only_for_what_it_is_given_for(four, plant):
    # bonds are for the east alone, the charge for anything: 140 in all, of which 110 in the east
    bonds, charge = Fund("bonds", {"2026": 1.1e5}, districts=("east",)), Fund("charge", {"2026": 3e4})
    rules = replace(BARE, lengths=ALL, funds=(bonds, charge))
    assert set(chosen(four, solved(four, plant, rules)).values()) == {2026}
    # the same sum the other way round: the west cannot use what the bonds have left
    short = replace(
        rules, funds=(replace(bonds, limits={"2026": 1.2e5}), replace(charge, limits={"2026": 2e4}))
    )
    plan, told = missed(four, plant, short)
    assert [(rule, window) for rule, _, window in told] == [("fund", "2026")]
    ((payable, spent),) = told.values()
    assert spent - payable == pytest.approx(1e4)
    assert plan.cost == pytest.approx(1.4e5)


def test_what_no_fund_may_pay_for_is_not_done(some_options, plant):
    made = some_options([("a", 1e4, 0, 0, 10, "p", 0), ("a", 3e4, 0, 0, 10, "p", 0)])
    made = with_particulars(made, ["lining", "digging"])
    only = Fund("special_fund", {"2026": 1e6, "2027": 1e6}, methods=("digging",))
    assert solved(made, plant, replace(BARE, lengths=ALL, funds=(only,))).cost == pytest.approx(3e4)


def test_a_street_under_a_moratorium_is_left_alone_until_it_ends(four, plant):
    made = replace(four, particulars=replace(four.particulars, street=np.array(["A", "B", "A", "B"], object)))
    closed = Moratorium("street", "A", until="2026", reason="repaved 2024")
    years = chosen(made, solved(made, plant, replace(BARE, lengths=ALL, moratoria=(closed,))))
    assert (years["a"], years["c"]) == (2027, 2027)


def test_a_moratorium_on_digging_lets_lining_through(some_options, plant):
    made = some_options([("a", 1e4, 0, 0, 10, "p", 0), ("a", 3e4, 0, 0, 10, "p", 0)])
    made = with_particulars(made, ["digging", "lining"])
    closed = Moratorium("package", "a", methods=("digging",))
    assert solved(made, plant, replace(BARE, lengths=ALL, moratoria=(closed,))).cost == pytest.approx(3e4)


def test_a_closed_street_and_a_due_date_that_clash_are_named(four, plant):
    closed = Moratorium("asset", "pipe-a", reason="metro works")
    plan, told = missed(four, plant, replace(BARE, must_do=(MustDo("a", "2026"),), moratoria=(closed,)))
    assert told == {("must-do", "a", "2026"): (1.0, 0.0)}
    assert plan.cost == 0.0


def test_what_comes_after_waits_for_what_comes_first(four, plant):
    budgets = replace(BARE, lengths=ALL, budgets=(9e4, 5e4))
    free = chosen(four, solved(four, plant, budgets))
    assert free["b"] == 2027  # 140 in all, 50 in the second year: b alone fits there
    # b may be last; a after b moves a there too, which 50 does not pay for
    order = Order("b", "a", reason="dewater first")
    _, told = missed(four, plant, replace(budgets, orders=(order,)))
    assert set(told) == {("budget", "", "2026")} or set(told) == {("budget", "", "2027")}
    wide = chosen(four, solved(four, plant, replace(budgets, budgets=(9e4, 6e4), orders=(order,))))
    assert wide["a"] >= wide["b"]
    strict = replace(BARE, lengths=ALL, orders=(replace(order, earlier=True),))
    years = chosen(four, solved(four, plant, strict))
    assert (years["b"], years["a"]) == (2026, 2027)


def test_what_comes_first_is_bought_when_what_comes_after_is_wanted(four, plant):
    rules = replace(BARE, must_do=(MustDo("c", "2027", "complaints", "Li"),), orders=(Order("pipe-a", "c"),))
    assert set(chosen(four, solved(four, plant, rules))) == {"a", "c"}


def test_a_package_that_must_not_be_touched_is_replaced_by_the_next(four, plant):
    half = replace(BARE, lengths=(LengthRule("2027", 0.5),))
    assert set(chosen(four, solved(four, plant, half))) == {"a", "c"}
    barred = replace(half, must_not=(MustNot("pipe-a", "listed wall", "Wang"),))
    assert set(chosen(four, solved(four, plant, barred))) == {"b", "c"}


def test_something_is_done_in_every_year(four, plant):
    half = replace(BARE, lengths=(LengthRule("2026", 0.5),))
    assert set(chosen(four, solved(four, plant, half)).values()) == {2026}
    metres = replace(half, least=(LeastWork("*", 10.0, "m"),))
    assert sorted(chosen(four, solved(four, plant, metres)).values()) == [2026, 2026, 2027]
    share = replace(half, least=(LeastWork("2027", 0.5, "share", "east"),))
    assert solved(four, plant, share).cost == pytest.approx(3e4 + 5e4)
    money = replace(
        half, least=(LeastWork("2027", 6.0, "wan_yuan"),)
    )  # 6 万元: d alone does it, or a dearer b
    assert solved(four, plant, money).cost == pytest.approx(3e4 + 6e4)
    _, told = missed(four, plant, replace(half, least=(LeastWork("*", 25.0, "m"),)))
    assert {rule for rule, _, _ in told} == {"least"}


def test_money_that_must_be_spent_may_need_the_dearer_method(some_options, plant):
    made = with_particulars(
        some_options([("a", 1e4, 0, 0, 10, "p", 0), ("a", 3e4, 0, 0, 10, "p", 0)]), ["lining", "digging"]
    )
    rules = replace(BARE, least=(LeastWork("2026", 3.0, "wan_yuan"),))
    assert solved(made, plant, rules).cost == pytest.approx(3e4)


def test_nitrogen_and_its_threshold_are_as_good_as_bod5(some_options, some_plants):
    # 1 m³/s with 18 mg/L of NH3-N, clean water has none: 20 mg/L needs 0.1 m³/s less. a takes 0.06, b 0.05
    made = some_options([("a", 3e4, 0.06, 0, 0, "p", 0), ("b", 4e4, 0.05, 0, 0, "p", 0)])
    made = with_particulars(made, "mm", loads={"nh3n": np.zeros(2)})
    plants = replace(some_plants(("p", 1.0, 0.12, 1)), loads={"nh3n": np.array([0.018])})
    rule = MarginRule("2026", "nh3n", 0.020, plant="p")
    assert solved(made, plants, replace(BARE, margins=(rule,))).cost == pytest.approx(7e4)
    share = ShareRule(
        "2026", 0.9, pollutant="nh3n", threshold=0.019
    )  # 0.018/0.95 = 18.95: b alone falls short
    assert solved(made, plants, replace(BARE, shares=(share,))).cost == pytest.approx(3e4)
    _, told = missed(made, plants, replace(BARE, margins=(replace(rule, threshold=0.021),)))
    assert told["quality", "p nh3n", "2026"] == (0.021, pytest.approx(0.018 / 0.89))
    nobody = replace(plants, loads={"nh3n": np.array([math.nan])})
    _, told = missed(made, nobody, replace(BARE, margins=(rule,)))
    assert math.isnan(told["quality", "p nh3n", "2026"][1])


@pytest.mark.parametrize(("operator", "cost"), [(">=", 3e4), (">", 7e4)])
def test_above_is_a_step_more_than_at_least(operator, cost, some_options, some_plants):
    # a alone brings exactly 0.019/0.95 = 20 mg/L
    made = some_options([("a", 3e4, 0.05, 0, 0, "p", 0), ("b", 4e4, 0.05, 0, 0, "p", 0)])
    made = with_particulars(made, "mm", loads={"tn": np.zeros(2)})
    plants = replace(some_plants(("p", 1.0, 0.12, 1)), loads={"tn": np.array([0.019])})
    rule = MarginRule("2026", "tn", 0.020, operator, 0.0001)
    assert solved(made, plants, replace(BARE, margins=(rule,))).cost == pytest.approx(cost)


def test_an_upper_bound_on_a_concentration_stops_at_what_may_come(some_options, some_plants):
    # at most 130 mg/L of BOD5 into the plant: of three that thicken 120 mg/L only one may be done
    made = with_particulars(some_options([(name, 1e4, 0.06, 0, 10, "p", 0) for name in "abc"]), "mmm")
    rules = replace(
        BARE, lengths=(LengthRule("2027", 1 / 3),), margins=(MarginRule("2026", "bod5", 0.13, "<="),)
    )
    plants = some_plants(("p", 1.0, 0.12, 1))
    assert len(solved(made, plants, rules).choice.options) == 1
    _, told = missed(made, plants, replace(rules, lengths=ALL))
    assert {rule for rule, _, _ in told} <= {"length", "quality"}


def test_a_plant_receives_no_more_than_its_capacity(some_options, some_plants):
    # 1.1 m³/s come to a plant of 1.0; bringing back 0.05 of sewage needs 0.15 less of clean water
    made = some_options(
        [("a", 3e4, 0.1, 0, 0, "p", 0), ("b", 4e4, 0, 0.05, 10, "p", 0), ("c", 2e4, 0.05, 0, 0, "p", 0)]
    )
    plants = some_plants(("p", 1.1, 0.12, 1.0))
    assert solved(made, plants, replace(BARE, flows=(FlowRule("2026"),))).cost == pytest.approx(3e4)
    assert solved(made, plants, replace(BARE, flows=(FlowRule("2026"),), lengths=ALL)).cost == pytest.approx(
        9e4
    )
    _, told = missed(made, plants, replace(BARE, flows=(FlowRule("2027", 0.9, "p"),)))
    assert told["flow", "p", "2027"] == (0.9, pytest.approx(0.95))


def test_a_frozen_denominator_does_not_move_with_what_is_left(four, plant):
    # 40 m are on the list now; the denominator was frozen at 60 m: half of it is 30 m
    frozen = replace(BARE, lengths=(LengthRule("2027", 0.5, of=60.0),))
    assert len(solved(four, plant, frozen).choice.options) == 3


def test_a_rule_about_what_is_not_there_is_not_kept(four, plant):
    _, told = missed(four, plant, replace(BARE, margins=(MarginRule("2026", "bod5", 0.1, plant="q"),)))
    assert ("quality", "q bod5", "2026") in told
    _, told = missed(four, plant, replace(BARE, must_do=(MustDo("nowhere", "2026"),)))
    assert told == {("must-do", "nowhere", "2026"): (1.0, 0.0)}
    with pytest.raises(BadInput, match="options-pollutant"):
        choose_programme(four, plant, replace(BARE, margins=(MarginRule("2026", "tp", 0.003),)))


def test_verdicts_find_each_broken_condition(four, plant):
    rules = replace(
        BARE,
        district_budgets=(DistrictBudget("east", {"2026": 1e4}),),
        method_days=(MethodDays("m", {"2026": 1.0}),),
        funds=(Fund("bonds", {"2026": 1e4}),),
        moratoria=(Moratorium("package", "b"),),
        orders=(Order("a", "b"),),
        least=(LeastWork("2027", 5.0, "m"),),
        must_do=(MustDo("c", "2027"),),
        must_not=(MustNot("d"),),
        flows=(FlowRule("2026", 0.5),),
        margins=(MarginRule("2026", "bod5", 0.2),),
    )
    choice = Choice(np.array([1, 3]), np.array([0, 0]))
    broken = {v.rule for v in plan_verify(four, plant, rules, choice, {"": 40.0}) if not v.holds}
    assert broken == {
        "district-budget", "method-crew", "fund", "closed", "order", "least", "must-do", "must-not", "flow",
        "quality",
    }  # fmt: skip
