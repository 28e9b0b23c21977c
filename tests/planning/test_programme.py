"""Programmes against enumeration, hand calculation and their own bound."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.planning.plants import best_concentrations, margins
from wenqu.planning.programme import choose_programme
from wenqu.planning.rules import LengthRule, ShareRule, default_rules
from wenqu.planning.verify import Choice, plan_verify

BARE = replace(default_rules(2026), shares=(), lengths=(), must_by="", pace=1.0, operator=">=")


def two_years(**columns):
    base = replace(BARE, windows=("2026", "2027"), budgets=(math.inf,) * 2, crew_days=(math.inf,) * 2)
    return replace(base, **columns)


def test_a_cubic_metre_of_clean_water_is_worth_95_g_and_one_of_sewage_100_g(some_options, some_plants):
    # sewage 200 mg/L, clean water 5 mg/L, aim 100 mg/L: 0.100 - 0.005 and 0.200 - 0.100 kg
    made = some_options([("a", 1, 1.0, 0, 0, "p", 0), ("b", 1, 0, 1.0, 0, "p", 0)])
    assert margins(made, some_plants(("p", 1, 0.09, 1)), BARE) == pytest.approx([0.095, 0.100], rel=1e-12)


def test_the_cheapest_way_over_the_threshold_is_found(some_options, some_plants):
    # 1 m³/s at 90 mg/L lacks 10 g/s. a: 0.06·0.095 = 5.7 g/s for 3; b: 0.05·0.1 = 5 g/s for 2;
    # c: 0.11·0.095 = 10.45 g/s for 6. a and b together give 10.7 for 5, c alone 10.45 for 6.
    made = some_options(
        [
            ("a", 30_000, 0.06, 0, 0, "p", 0),
            ("b", 20_000, 0, 0.05, 0, "p", 0),
            ("c", 60_000, 0.11, 0, 0, "p", 0),
        ]
    )
    rules = two_years(shares=(ShareRule("2026", 0.9),))
    plan = choose_programme(made, some_plants(("p", 1.0, 0.09, 1)), rules, gap=0)
    assert plan.status == "proved"
    assert plan.cost == pytest.approx(50_000)
    assert plan.bound == pytest.approx(50_000)
    # (90 - 0.3 + 10) g/s over 0.99 m³/s
    assert plan.outlook.concentration[0, 0] == pytest.approx((0.09 - 0.0003 + 0.01) / 0.99)
    assert plan.outlook.meets.all()


def test_only_as_many_plants_as_the_share_of_capacity_asks_for_are_paid_for(some_options, some_plants):
    # capacities 6 and 4: 60 % is met by the large plant alone, whatever the small one would cost
    made = some_options([("a", 90_000, 0.2, 0, 0, "big", 0), ("b", 10_000, 0.2, 0, 0, "small", 0)])
    plants = some_plants(("big", 1.0, 0.09, 6), ("small", 1.0, 0.09, 4))
    for share, cost in ((0.4, 10_000), (0.6, 90_000), (0.61, 100_000)):
        plan = choose_programme(made, plants, two_years(shares=(ShareRule("2027", share),)), gap=0)
        assert plan.cost == pytest.approx(cost)


def random_case(make, seed, packages, per_package, windows):
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(packages):
        plant, length, must = f"p{rng.integers(2)}", float(rng.integers(0, 3) * 20), int(rng.random() < 0.15)
        for _ in range(rng.integers(1, per_package + 1)):
            sewage = rng.random() < 0.3
            water = float(rng.uniform(0.005, 0.06))
            money = float(rng.integers(5, 60) * 1000)
            rows.append(
                (f"k{k:02d}", money, 0 if sewage else water, water if sewage else 0, length, plant, must)
            )
    some_options, some_plants = make
    made = some_options(rows)
    plants = some_plants(
        ("p0", 1.0, float(rng.uniform(0.09, 0.101)), 3), ("p1", 0.6, float(rng.uniform(0.09, 0.101)), 2)
    )
    total = float(made.problem_length.sum())
    years = tuple(str(2026 + k) for k in range(windows))
    budget = float(made.cost.sum()) * float(rng.uniform(0.15, 0.8)) / windows
    rules = replace(
        BARE,
        windows=years,
        budgets=(budget,) * windows if rng.random() < 0.7 else (math.inf,) * windows,
        crew_days=(float(rng.integers(2, packages + 1)),) * windows,
        shares=(ShareRule(years[-1], float(rng.choice([0.4, 0.5, 0.9]))),),
        lengths=(LengthRule(years[0], 0.4), LengthRule(years[-1], float(rng.choice([0.7, 1.0]))))
        if total
        else (),
        must_by=years[0],
        pace=float(rng.choice([0.6, 1.0])),
    )
    return made, plants, rules


def enumerated(made, plants, rules):
    """Return the least cost over all combinations, computed without wenqu.planning; inf if there is none."""
    windows = len(rules.windows)
    groups = [np.flatnonzero(made.package == k) for k in range(len(made.package_ids))]
    choices = [[(-1, 0), *((int(o), w) for o in rows for w in range(windows))] for rows in groups]
    best = math.inf
    total = made.problem_length.sum()
    by = {window: k for k, window in enumerate(rules.windows)}
    for combination in itertools.product(*choices):
        picked = [(o, w) for o, w in combination if o >= 0]
        cost = sum(made.cost[o] for o, _ in picked)
        if cost >= best:
            continue
        spent, crew = [0.0] * windows, [0.0] * windows
        for o, w in picked:
            spent[w] += made.cost[o]
            crew[w] += made.crew_days[o]
        if any(s > b + 1e-6 for s, b in zip(spent, rules.budgets, strict=True)):
            continue
        if any(s > b + 1e-9 for s, b in zip(crew, rules.crew_days, strict=True)):
            continue
        if rules.pace < 1 and any(s > rules.pace * cost + made.cost.max() + 1e-6 for s in spent):
            continue
        if any(
            made.must[k] and not (combination[k][0] >= 0 and combination[k][1] <= by[rules.must_by])
            for k in range(len(groups))
        ):
            continue
        done = [
            sum(made.problem_length[made.package[o]] for o, w in picked if w <= by[rule.by])
            for rule in rules.lengths
        ]
        if any(d < rule.share * total - 1e-6 for d, rule in zip(done, rules.lengths, strict=True)):
            continue
        meets = 0.0
        for row, name in enumerate(plants.ids):
            mine = [o for o, _ in picked if made.plant[made.package[o]] == name]
            flow = plants.flow[row] + sum(made.flow[o] for o in mine)
            load = plants.load[row] + sum(made.load[o] for o in mine)
            meets += plants.capacity[row] * (load >= 0.1 * flow)
        if meets / plants.capacity.sum() < rules.shares[0].share:
            continue
        best = cost
    return best


@pytest.mark.parametrize(("packages", "per_package", "windows"), [(5, 2, 2), (11, 1, 1), (4, 2, 3)])
def test_programmes_equal_enumeration(packages, per_package, windows, some_options, some_plants):
    feasible = 0
    for seed in range(12):
        made, plants, rules = random_case((some_options, some_plants), seed, packages, per_package, windows)
        expected = enumerated(made, plants, rules)
        plan = choose_programme(made, plants, rules, gap=0)
        if math.isinf(expected):
            assert plan.status == "infeasible"
            assert plan.relaxed
        else:
            feasible += 1
            assert plan.status == "proved"
            assert plan.cost == pytest.approx(expected)
            assert plan.bound == pytest.approx(expected, rel=1e-6)
    assert feasible >= 2


def test_the_bound_never_exceeds_the_cost_and_verdicts_never_lie(some_options, some_plants):
    proved = 0
    for seed in range(200):
        made, plants, rules = random_case((some_options, some_plants), 1000 + seed, 10, 3, 2)
        plan = choose_programme(made, plants, rules, gap=0.02)
        assert plan.bound <= plan.cost * (1 + 1e-9)
        assert plan.gap == pytest.approx((plan.cost - plan.bound) / plan.cost if plan.cost else 0)
        verdicts = plan_verify(made, plants, rules, plan.choice, {"": float(made.problem_length.sum())})
        assert all(v.holds for v in verdicts) == (plan.status != "infeasible")
        proved += plan.status == "proved"
    assert proved > 60


def test_a_budget_that_is_too_small_is_named_with_what_is_missing(some_options, some_plants):
    made = some_options([("a", 80_000, 0.12, 0, 100, "p", 1)])
    rules = two_years(
        budgets=(50_000.0, 50_000.0), shares=(ShareRule("2026", 0.9),), must_by="2026", lengths=()
    )
    plan = choose_programme(made, some_plants(("p", 1.0, 0.09, 1)), rules)
    assert plan.status == "infeasible"
    assert [(v.rule, v.window, v.demanded, v.reached) for v in plan.relaxed] == [
        ("budget", "2026", 50_000.0, 80_000.0)
    ]
    assert plan.choice.options.tolist() == [0]


def test_no_money_at_all_says_how_much_the_targets_need(some_options, some_plants):
    made = some_options([("a", 30_000, 0.2, 0, 100, "p", 0), ("b", 20_000, 0, 0.0, 50, "p", 0)])
    rules = two_years(budgets=(0.0, 0.0), lengths=(LengthRule("2027", 1.0),))
    plan = choose_programme(made, some_plants(("p", 1.0, 0.11, 1)), rules)
    assert plan.status == "infeasible"
    assert {v.rule for v in plan.relaxed} == {"budget"}
    assert sum(v.reached for v in plan.relaxed) == pytest.approx(50_000)


def test_no_money_and_nothing_demanded_is_the_empty_programme(some_options, some_plants):
    made = some_options([("a", 30_000, 0.2, 0, 0, "p", 0)])
    plan = choose_programme(made, some_plants(("p", 1.0, 0.11, 1)), two_years(budgets=(0.0, 0.0)))
    assert (plan.status, plan.cost, plan.gap) == ("proved", 0.0, 0.0)


def test_a_threshold_out_of_reach_says_what_can_be_reached(some_options, some_plants):
    # all clean water out: (0.08 - 0.0005)/(0.9) = 88.3 mg/L: no money brings 100
    made = some_options([("a", 30_000, 0.1, 0, 0, "p", 0)])
    plants = some_plants(("p", 1.0, 0.08, 1), ("q", 1.0, 0.12, 1))
    plan = choose_programme(made, plants, two_years(shares=(ShareRule("2027", 0.9),)))
    assert plan.status == "infeasible"
    assert [(v.rule, v.demanded, v.reached) for v in plan.relaxed] == [("share", 0.9, 0.5)]
    assert plan.best[0] == pytest.approx(0.0795 / 0.9)
    assert best_concentrations(made, plants, BARE)[1] == pytest.approx(0.12)
    assert plan.cost == 0.0  # what cannot be reached is not paid for


def test_a_plant_without_measurements_never_counts_as_met(some_options, some_plants):
    made = some_options([("a", 30_000, 0.1, 0, 0, "p", 0)])
    plants = some_plants(("p", math.nan, 0.09, 1))
    plan = choose_programme(made, plants, two_years(shares=(ShareRule("2027", 0.5),)))
    assert plan.status == "infeasible"
    assert not plan.outlook.meets.any()


def test_a_bad_length_that_no_method_fits_is_said(some_options, some_plants):
    made = some_options([("a", 30_000, 0.1, 0, 75.0, "p", 0)], packages={"z": 25.0})
    plan = choose_programme(
        made, some_plants(("p", 1.0, 0.12, 1)), two_years(lengths=(LengthRule("2027", 1.0),))
    )
    assert [(v.rule, v.demanded, v.reached) for v in plan.relaxed] == [("length", 1.0, 0.75)]


def test_concentration_is_not_bought_by_throwing_sewage_away(some_options, some_plants):
    # dumping 0.3 m³/s of 60 mg/L sewage would lift 95 to 110 mg/L; the guard forbids it
    made = some_options([("a", 1_000, 0, 0, 0, "p", 0), ("b", 90_000, 0.06, 0, 0, "p", 0)])
    made = replace(
        made,
        flow=np.array([-0.3, -0.06]),
        load=np.array([-0.018, -0.0003]),
        sewage_load=np.array([-0.018, 0.0]),
    )
    plants = some_plants(("p", 1.0, 0.095, 1))
    rules = two_years(shares=(ShareRule("2027", 0.9),))
    assert choose_programme(made, plants, rules, gap=0).cost == pytest.approx(90_000)
    free = choose_programme(made, plants, replace(rules, load_guard=False), gap=0)
    assert free.cost == pytest.approx(1_000)


def test_districts_are_held_one_by_one(some_options, some_plants):
    # packages a, c lie in the west, b, d in the east (see cases): 50 % of each district is 1 of 2
    rows = [(name, cost, 0, 0, 10, "p", 0) for name, cost in zip("abcd", (1e4, 5e4, 2e4, 6e4), strict=True)]
    made, plants = some_options(rows), some_plants(("p", 1.0, 0.12, 1))
    city = choose_programme(made, plants, two_years(lengths=(LengthRule("2027", 0.5),)), gap=0)
    each = choose_programme(made, plants, two_years(lengths=(LengthRule("2027", 0.5, "*"),)), gap=0)
    assert (city.cost, each.cost) == (pytest.approx(3e4), pytest.approx(6e4))


def test_a_discount_puts_off_what_may_wait(some_options, some_plants):
    made = some_options([("a", 10_000, 0, 0, 10, "p", 0)])
    rules = two_years(lengths=(LengthRule("2027", 1.0),), discount=0.1)
    plan = choose_programme(made, some_plants(("p", 1.0, 0.12, 1)), rules, gap=0)
    assert plan.choice.windows.tolist() == [1]
    assert plan.cost == pytest.approx(10_000 / 1.1)


def test_the_price_of_a_margin_is_what_one_more_kilogram_a_day_would_cost(some_options, some_plants):
    # 1 m³/s at 99 mg/L lacks 1 g/s = 86.4 kg/d. The one way to it removes 0.02 m³/s of clean water, worth
    # 0.02·0.095 kg/s = 164.16 kg/d, for 50 000 yuan: 304.58 yuan for each kg/d.
    made = some_options([("a", 50_000, 0.02, 0, 0, "p", 0)])
    plan = choose_programme(
        made, some_plants(("p", 1.0, 0.099, 1)), two_years(shares=(ShareRule("2027", 0.9),)), gap=0
    )
    assert [(price.rule, price.scope) for price in plan.prices] == [("margin", "p")]
    assert plan.prices[0].yuan == pytest.approx(50_000 / 164.16)


def test_verdicts_find_each_broken_rule(some_options, some_plants):
    made = some_options([("a", 80_000, 0.12, 0, 100, "p", 1), ("a", 90_000, 0.2, 0, 100, "p", 1)])
    plants = some_plants(("p", 1.0, 0.09, 1))
    rules = two_years(
        budgets=(50_000.0, math.inf),
        crew_days=(0.5, math.inf),
        shares=(ShareRule("2026", 1.0),),
        lengths=(LengthRule("2026", 1.0),),
        must_by="2026",
    )

    def broken(options, windows):
        choice = Choice(np.array(options, np.int64), np.array(windows, np.int64))
        verdicts = plan_verify(made, plants, rules, choice, {"": 100.0})
        return {v.rule for v in verdicts if not v.holds}

    assert broken([0], [0]) == {"budget", "crew"}
    assert broken([], []) == {"length", "must", "share"}
    assert "once" in broken([0, 1], [1, 1])
    with pytest.raises(BadInput, match="choice"):
        broken([9], [0])
