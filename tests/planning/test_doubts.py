"""The spread of what repairs bring, by hand and by closed forms."""

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from wenqu.planning.doubts import drawn, known_now, parts_of, spread_of
from wenqu.planning.rules import ShareRule, default_rules
from wenqu.planning.verify import Choice

RULES = replace(
    default_rules(2026), windows=("2026", "2027"), budgets=(math.inf,) * 2, crew_days=(math.inf,) * 2,
    shares=(ShareRule("2026", 0.9),), lengths=(), must_by="", pace=1.0, operator=">=",
)  # fmt: skip
COVARIANCE = [[0.04, 0.03], [0.03, 0.09]]


def two_areas(some_options, some_plants, some_doubts, **unsure):
    """Package a keeps 0.1 m³/s out, b 0.2: 9.5 and 19 g/s of margin."""
    made = some_options([("a", 1, 0.1, 0, 0, "p", 0), ("b", 1, 0.2, 0, 0, "p", 0)])
    plants = some_plants(("p", 1.0, 0.09, 1))
    return (*some_doubts(made, plants, COVARIANCE, **unsure), plants)


def spread(options, doubts, plants, chosen):
    parts = parts_of(options, plants, RULES, doubts)
    return spread_of(doubts, parts, plants, 0, np.ones(len(parts.option), bool), np.array(chosen))


def test_areas_vary_together_as_their_covariance_says(some_options, some_plants, some_doubts):
    options, doubts, plants = two_areas(some_options, some_plants, some_doubts)
    # 9.5²·0.04 + 19²·0.09 + 2·9.5·19·0.03 = 3.61 + 32.49 + 10.83 = 46.93 (g/s)²
    found = spread(options, doubts, plants, [True, True])
    assert found.sd == pytest.approx(math.sqrt(46.93) / 1000)
    assert found.of_option.sum() + found.base == pytest.approx(found.sd)
    assert spread(options, doubts, plants, [True, False]).sd == pytest.approx(0.0095 * 0.2)


def test_method_site_and_readings_add_their_squares(some_options, some_plants, some_doubts):
    # Beta(36, 4): mean 0.9, cv² = 4 / (36·41); the same method at both, so 28.5 g/s of it move together
    unsure = {"own": [0.5, 0.0], "beta": (36, 4), "plant_sd": 0.002}
    options, doubts, plants = two_areas(some_options, some_plants, some_doubts, **unsure)
    variance = 46.93 + (9.5 * 0.5) ** 2 + 28.5**2 * 4 / (36 * 41) + (1.0 * 2.0) ** 2
    assert spread(options, doubts, plants, [True, True]).sd == pytest.approx(math.sqrt(variance) / 1000)


def test_a_tangent_never_exceeds_the_spread_anywhere(some_options, some_plants, some_doubts):
    rng = np.random.default_rng(5)
    rows = [(f"k{k:02d}", 1, float(rng.uniform(0.01, 0.1)), 0, 0, "p", 0) for k in range(12)]
    plants = some_plants(("p", 1.0, 0.09, 1))
    root = rng.normal(size=(12, 4)) * 0.3
    unsure = {"own": rng.uniform(0, 2, 12), "beta": (15, 5), "plant_sd": 0.003}
    options, doubts = some_doubts(some_options(rows), plants, root @ root.T, **unsure)
    for _ in range(200):
        here, there = rng.random((2, 12)) < rng.random()
        tangent = spread(options, doubts, plants, here)
        told = tangent.base + tangent.of_option[there].sum()
        assert told <= spread(options, doubts, plants, there).sd * (1 + 1e-12)


def test_the_chance_of_one_area_is_that_of_its_lognormal(some_options, some_plants, some_doubts):
    # 10 g/s are lacking, 0.15 m³/s of clean water bring 14.25 expected: the area must have 10/14.25 of it
    made = some_options([("a", 1, 0.15, 0, 0, "p", 0)])
    plants = some_plants(("p", 1.0, 0.09, 1))
    options, doubts = some_doubts(made, plants, [[0.25]])
    choice = Choice(np.array([0]), np.array([1]))
    seen = drawn(options, plants, RULES, choice, doubts, draws=20_000)
    wide = math.log(1.25)
    chance = NormalDist().cdf((math.log(14.25 / 10) - wide / 2) / math.sqrt(wide))
    assert not seen.meets[:, 0, 0].any()  # nothing is done in 2026
    assert seen.meets[:, 0, 1].mean() == pytest.approx(chance, abs=4 * math.sqrt(chance / 20_000))


def test_draws_keep_the_means_and_the_covariance(some_options, some_plants, some_doubts):
    unsure = {"own": [0.2, 0.1], "beta": (90, 30), "plant_sd": 0.0005}
    made = some_options([("a", 1, 0.01, 0, 0, "p", 0), ("b", 1, 0.02, 0, 0, "p", 0)])
    plants = some_plants(("p", 1.0, 0.09, 1))
    options, doubts = some_doubts(made, plants, COVARIANCE, **unsure)
    choice = Choice(np.array([0, 1]), np.array([0, 0]))
    seen = drawn(options, plants, RULES, choice, doubts, draws=40_000)
    concentration = seen.concentration[:, 0, 0]
    flow = 1.0 - 0.03
    load = 0.09 - 0.03 * 0.005
    # to first order dC = (dL - C·dQ)/Q: the spread of load - C·flow over Q
    middle = load / flow
    weights = np.array([0.01, 0.02]) * (middle - 0.005)
    wide = weights @ np.array(COVARIANCE) @ weights + ((weights * [0.2, 0.1]) ** 2).sum()
    wide += weights.sum() ** 2 * 30 / (90 * 121) + 0.0005**2
    assert concentration.mean() == pytest.approx(middle, rel=1e-3)
    assert concentration.std() == pytest.approx(math.sqrt(wide) / flow, rel=0.03)


def test_what_is_known_leaves_the_conditional_covariance(some_options, some_plants, some_doubts):
    _, doubts, _ = two_areas(some_options, some_plants, some_doubts)
    left = known_now(doubts, np.array([0])).covariance
    assert left == pytest.approx(np.array([[0, 0], [0, 0.09 - 0.03**2 / 0.04]]))
