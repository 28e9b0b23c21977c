"""What it saves to know something first."""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from wenqu.planning.chance import surely
from wenqu.planning.knowing import Unknown, Worth, guessed, moved, once_known, settled, unknowns, values_of
from wenqu.planning.rules import ShareRule, default_rules
from wenqu.planning.shadow import shadow

RULES = replace(
    default_rules(2026), windows=("2026",), budgets=(math.inf,), crew_days=(math.inf,),
    shares=(ShareRule("2026", 0.9),), lengths=(), must_by="", pace=1.0, operator=">=",
)  # fmt: skip


def many(some_options, some_plants, some_doubts):
    """Return sixty small packages in two areas of ten, and forty dearer ones that are sure."""
    rows = [(f"k{k:02d}", 100.0 if k < 20 else 1000.0 + 10 * k, 0.004, 0, 0, "p", 0) for k in range(60)]
    plants = some_plants(("p", 1.0, 0.09, 1))
    options, doubts = some_doubts(some_options(rows), plants, [[0.09, 0.0], [0.0, 0.01]])
    area = np.array([0] * 10 + [1] * 10 + [-1] * 40)
    return options, replace(doubts, site_factor=area), plants


def test_every_area_method_and_package_can_be_found_out(some_options, some_plants, some_doubts):
    options, doubts, _ = many(some_options, some_plants, some_doubts)
    found = list(unknowns(replace(doubts, site_cv=np.array([0.5] + [0.0] * 59)), options, {0: "cipp"}))
    assert [(one.kind, one.name) for one in found] == [
        ("area", "A0"), ("area", "A1"), ("method", "cipp"), ("package", "k00"),
    ]  # fmt: skip


def test_what_is_known_needs_no_reserve(some_options, some_plants, some_doubts):
    # each brings 0.38 g/s; all of both areas and some more are chosen: sd = √((3.8·0.3)² + (3.8·0.1)²) g/s
    options, doubts, plants = many(some_options, some_plants, some_doubts)
    found = surely(options, plants, RULES, doubts, probability=0.9, gap=0)
    assert set(range(20)) <= set(found.plan.choice.options.tolist())
    prices = shadow(found.options, found.plants, RULES, found.plan.choice, {})
    some = [one for one in unknowns(doubts, options, {}) if one.kind == "area"]
    told = guessed(options, plants, RULES, doubts, found, prices, some)
    assert [one.unknown.name for one in told] == ["A0", "A1"]
    both, first = math.hypot(1.14, 0.38), 0.38
    price = next(one.worth for one in prices.prices if one.rule == "margin") / 1000
    assert told[0].guess == pytest.approx(price * NormalDist().inv_cdf(0.9) * (both - first), rel=1e-6)


def test_the_true_saving_is_near_what_the_prices_say(some_options, some_plants, some_doubts):
    options, doubts, plants = many(some_options, some_plants, some_doubts)
    now = surely(options, plants, RULES, doubts, probability=0.9, gap=0)
    what = Unknown("area", "A0", (0,))
    costs = []
    for values in values_of(doubts, what, 8, seed=2):
        changed, left = moved(options, doubts, what, values)
        again = surely(changed, plants, RULES, left, probability=0.9, gap=0)
        assert again.plan.status != "infeasible"
        costs.append(again.plan.cost)
    found = settled(Worth(what, 0.0), costs, [0.0] * len(costs), now.plan.cost, 0)
    assert found.low < found.saving < found.high
    assert found.low > 0  # 1.08 g/s of reserve fewer, at 0.38 g/s a package: about three packages
    assert 1000 < found.saving < 6000


def test_means_move_with_what_is_known(some_options, some_plants, some_doubts):
    made = some_options([("a", 1, 0.1, 0, 0, "p", 0), ("b", 1, 0.2, 0, 0, "p", 0)])
    options, doubts = some_doubts(made, some_plants(("p", 1.0, 0.09, 1)), [[0.04, 0.02], [0.02, 0.09]])
    changed, left = moved(options, doubts, Unknown("area", "A0", (0,)), np.array([1.5]))
    # a has half more; b is expected to have 0.02/0.04 of that half more: a quarter
    assert changed.part_clean == pytest.approx([0.15, 0.25])
    assert changed.flow == pytest.approx([-0.15, -0.25])
    assert changed.load == pytest.approx([-0.00075, -0.00125])
    assert left.covariance == pytest.approx(np.array([[0, 0], [0, (0.09 - 0.01) / 1.25**2]]))
    method, sure = moved(options, doubts, Unknown("method", "m", method=0), np.array([0.5]))
    assert method.part_clean == pytest.approx([0.05, 0.1])
    assert sure.method_cv[0] < 1e-6
    package = once_known(replace(doubts, site_cv=np.array([0.7, 0.8])), Unknown("package", "a", sites=(0,)))
    assert package.site_cv.tolist() == [0.0, 0.8]


def test_the_interval_is_students(some_options):
    found = settled(Worth(Unknown("area", "A"), 5.0), [90.0, 100.0, 80.0], [0.0] * 3, 100.0, 1)
    # 10, 0 and 20: mean 10, sd 10, t(2) = 2.92
    assert found.saving == pytest.approx(10)
    assert found.high - found.saving == pytest.approx(2.92 * 10 / math.sqrt(3))
    assert (found.draws, found.out_of_reach) == (4, 1)
    assert math.isnan(settled(Worth(Unknown("area", "A"), 5.0), [90.0], [0.0], 100.0, 0).saving)


def test_luck_is_no_saving():
    # with luck of -20, -10, 10, 20 the costs fall by half of it from 95, and 1 beside the line by turns
    luck = [-20.0, -10.0, 10.0, 20.0]
    costs = [95 - 0.5 * one + error for one, error in zip(luck, (1, -1, -1, 1), strict=True)]
    found = settled(Worth(Unknown("area", "A"), 0.0), costs, luck, 100.0, 0)
    assert found.saving == pytest.approx(5.0)
    assert found.high - found.saving == pytest.approx(
        2.920 * math.sqrt(4 / 2 / 4)
    )  # t(2), two free, four draws
