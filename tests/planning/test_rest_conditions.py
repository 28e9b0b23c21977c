"""What is left of further conditions when works stand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from wenqu.planning.conditions import (
    DistrictBudget,
    Fund,
    LeastWork,
    MethodDays,
    MustDo,
    Order,
)
from wenqu.planning.rest import Standing, rest_of
from wenqu.planning.rules import LengthRule, ShareRule, default_rules

BARE = replace(
    default_rules(2026),
    windows=("2026", "2027", "2028"),
    budgets=(math.inf,) * 3,
    crew_days=(math.inf,) * 3,
    shares=(),
    lengths=(),
    must_by="",
    pace=1.0,
)


@pytest.fixture(name="standing")
def _standing():
    """a, west: lining in 2026 for 100 yuan, 5 d, 10 m; b, east: digging in 2027 for 60 yuan, 8 d, 20 m."""
    return Standing(
        np.array(["p", "p"], object), np.array(["west", "east"], object), np.array([0, 1]),
        np.array([100.0, 60]),
        np.array([5.0, 8]), np.array([10.0, 20]), np.array([-0.02, -0.01]), np.array([-0.0001, -0.00005]),
        (frozenset({"a", "xa"}), frozenset({"b", "xb"})), ("lining", "digging"),
    )  # fmt: skip


def left(rules, standing, plants, first=1):
    return rest_of(rules, plants, {"": 70.0, "west": 40.0, "east": 30.0}, standing, first)


def test_limits_lose_what_standing_works_use_up(standing, some_plants):
    plants = some_plants(("p", 1.0, 0.09, 1))
    rules = replace(
        BARE,
        district_budgets=(DistrictBudget("east", {"2027": 200.0, "2028": 50.0}),),
        method_days=(MethodDays("digging", {"2027": 10.0}), MethodDays("lining", {"2027": 9.0})),
        funds=(Fund("charge", {"2027": 100.0}), Fund("bonds", {"2027": 50.0}, districts=("east",))),
        least=(LeastWork("*", 25.0, "m"), LeastWork("2026", 1.0, "m")),
    )
    made = left(rules, standing, plants).rules
    assert made.district_budgets[0].limits == {"2027": 140.0, "2028": 50.0}
    assert [rule.limits["2027"] for rule in made.method_days] == [2.0, 9.0]
    # b cost 60 in the east: the bonds, which may pay for nothing else, pay 50 of it, the charge 10
    assert [fund.limits["2027"] for fund in made.funds] == [90.0, 0.0]
    assert [(rule.window, rule.amount) for rule in made.least] == [("2027", 5.0), ("2028", 25.0)]


def test_nothing_is_asked_of_and_nothing_waits_for_what_stands(standing, some_plants):
    rules = replace(
        BARE,
        orders=(Order("xa", "c"), Order("c", "d")),
        must_do=(MustDo("b", "2027"), MustDo("c", "2026")),
    )
    made = left(rules, standing, some_plants(("p", 1.0, 0.09, 1)))
    assert made.rules.orders == (Order("c", "d"),)
    assert made.rules.must_do == (MustDo("c", "2027"),)
    assert made.overdue == ("2026",)


def test_other_pollutants_and_frozen_lengths_are_carried_over(standing, some_plants):
    plants = replace(some_plants(("p", 1.0, 0.09, 1)), loads={"cod": np.array([0.19])})
    share = ShareRule("2026", 0.5, pollutant="cod", threshold=0.2)
    made = left(
        replace(BARE, shares=(share,), lengths=(LengthRule("2028", 0.5, of=200.0),)), standing, plants
    )
    assert made.rules.shares == (replace(share, by="2027"),)
    assert made.plants.loads["cod"] == pytest.approx([0.19 - 0.025 * 0.03])
    assert made.rules.lengths[0].share == pytest.approx(0.5 - 30 / 200)
