"""Programmes with a probability against enumeration, and probabilities against independent simulation."""

import itertools
import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.planning.chance import chances_of, interval, plan_under, surely
from wenqu.planning.doubts import Drawn, drawn
from wenqu.planning.plants import margins
from wenqu.planning.programme import choose_programme
from wenqu.planning.rules import ShareRule, default_rules
from wenqu.planning.verify import Choice

RULES = replace(
    default_rules(2026), windows=("2026", "2027"), budgets=(math.inf,) * 2, crew_days=(math.inf,) * 2,
    shares=(ShareRule("2026", 0.9),), lengths=(), must_by="", pace=1.0, operator=">=",
)  # fmt: skip


def random_case(make, seed, packages=9):
    rng = np.random.default_rng(seed)
    some_options, some_plants, some_doubts = make
    rows = [
        (f"k{k:02d}", float(rng.integers(5, 60) * 1000), float(rng.uniform(0.01, 0.06)), 0, 0, "p", 0)
        for k in range(packages)
    ]
    plants = some_plants(("p", 1.0, float(rng.uniform(0.088, 0.096)), 1))
    root = rng.normal(size=(packages, 3)) * 0.25
    unsure = {"own": rng.uniform(0, 1.0, packages), "beta": (18, 6), "plant_sd": float(rng.uniform(0, 0.002))}
    return (*some_doubts(some_options(rows), plants, root @ root.T, **unsure), plants)


def enumerated(options, doubts, plants, z):
    """Return the least cost of all subsets with mean - z·sd >= 0, computed without wenqu.planning.doubts."""
    worth = margins(options, plants, RULES)
    lack = 0.1 * plants.flow[0] - plants.load[0]
    cv = math.sqrt(6 / (18 * 25))
    best = math.inf
    for picked in itertools.product((0, 1), repeat=len(options)):
        value = worth * picked
        variance = value @ doubts.covariance @ value + ((value * doubts.site_cv) ** 2).sum()
        variance += (value.sum() * cv) ** 2 + (plants.flow[0] * doubts.plant_sd[0]) ** 2
        if value.sum() - lack >= z * math.sqrt(variance) - 1e-12:
            best = min(best, float(options.cost @ np.array(picked)))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_programme_keeps_the_true_form_and_its_bound_is_below_the_cheapest(
    seed, some_options, some_plants, some_doubts
):
    options, doubts, plants = random_case((some_options, some_plants, some_doubts), seed)
    asked = 0.85
    best = enumerated(options, doubts, plants, NormalDist().inv_cdf(asked))
    found = surely(options, plants, RULES, doubts, probability=asked, gap=0)
    if math.isinf(best):
        assert found.plan.status == "infeasible" or (found.reached[0] < found.z).all()
        return
    assert found.bound <= best * (1 + 1e-9)
    assert found.plan.cost >= best * (1 - 1e-9)
    assert found.plan.cost <= best * 1.15  # nine packages are coarse
    assert (found.reached[0] >= found.z * (1 - 1e-5)).all()


def test_the_summed_form_is_safe_and_dearer(some_options, some_plants, some_doubts):
    options, doubts, plants = random_case((some_options, some_plants, some_doubts), 3)
    near = surely(options, plants, RULES, doubts, probability=0.7)
    safe = surely(options, plants, RULES, doubts, probability=0.7, form="summed")
    assert safe.plan.status != "infeasible"
    assert (safe.reached[0] >= safe.z).all()
    assert safe.plan.cost >= near.plan.cost


def test_a_half_asks_for_the_mean_alone(some_options, some_plants, some_doubts):
    options, doubts, plants = random_case((some_options, some_plants, some_doubts), 1)
    plain = choose_programme(options, plants, RULES)
    found = surely(options, plants, RULES, doubts, probability=0.5)
    assert found.plan.choice.options.tolist() == plain.choice.options.tolist()
    assert plan_under(options, plants, RULES, doubts).cost == plain.cost
    more = plan_under(options, plants, replace(RULES, probability=0.8), doubts)
    assert more.cost > plain.cost


def test_a_start_near_by_comes_to_the_same(some_options, some_plants, some_doubts):
    options, doubts, plants = random_case((some_options, some_plants, some_doubts), 2)
    first = surely(options, plants, RULES, doubts, probability=0.8)
    again = surely(options, plants, RULES, doubts, probability=0.8, start=first.plan.choice)
    assert (again.reached[0] >= again.z * (1 - 1e-5)).all()
    assert again.rounds <= first.rounds
    assert again.bound <= first.plan.cost


def test_the_drawn_probability_is_what_another_simulation_finds(some_options, some_plants, some_doubts):
    options, doubts, plants = random_case((some_options, some_plants, some_doubts), 4)
    found = surely(options, plants, RULES, doubts, probability=0.8)
    seen = drawn(options, plants, RULES, found.plan.choice, doubts, draws=6000)
    chance = chances_of(seen, plants, RULES)
    rng = np.random.default_rng(99)
    rows = found.plan.choice.options
    draws = 40_000
    log = np.log1p(doubts.covariance[np.ix_(rows, rows)])
    log += 1e-12 * np.eye(len(rows))
    area = np.exp(rng.multivariate_normal(-np.diagonal(log) / 2, log, size=draws))
    own = np.column_stack([
        rng.gamma(1 / cv**2, cv**2, draws) if cv > 0 else np.ones(draws) for cv in doubts.site_cv[rows]
    ])  # fmt: skip
    method = rng.beta(18, 6, draws) / 0.75
    clean = (area * own * method[:, None]) @ options.part_clean[rows]
    flow = plants.flow[0] - clean
    load = plants.load[0] + rng.normal(0, doubts.plant_sd[0] * plants.flow[0], draws) - 0.005 * clean
    other = float((load >= 0.1 * flow).mean())
    low, high = interval(chance.all, 6000)
    assert low - 0.01 <= other <= high + 0.01
    assert chance.meets[0, 0] == pytest.approx(chance.all)
    assert other == pytest.approx(NormalDist().cdf(found.reached[0, 0]), abs=0.05)  # the normal form is near


def test_a_target_is_met_where_enough_capacity_meets_at_once(some_plants):
    # big meets in draws 1, 2, 3, small in 2, 3, 4: 60 % of capacity needs big alone, 90 % both
    plants = some_plants(("big", 1.0, 0.1, 6), ("small", 1.0, 0.1, 4))
    meets = np.array([[1, 0], [1, 1], [1, 1], [0, 1]], bool)[:, :, None].repeat(2, axis=2)
    seen = Drawn(np.where(meets, 0.11, 0.09), meets)
    rules = replace(RULES, shares=(ShareRule("2026", 0.6), ShareRule("2027", 0.9)))
    found = chances_of(seen, plants, rules)
    assert found.targets == (("2026", 0.6, 0.75), ("2027", 0.9, 0.5))
    assert found.all == 0.5
    assert found.meets[:, 0].tolist() == [0.75, 0.75]


def test_a_plant_that_nobody_measures_has_no_chance_told(some_plants):
    plants = some_plants(("p", 1.0, 0.1, 1), ("q", 1.0, math.nan, 1))
    seen = Drawn(np.full((5, 2, 2), np.nan), np.zeros((5, 2, 2), bool))
    assert np.isnan(chances_of(seen, plants, RULES).meets[1]).all()


@pytest.mark.parametrize(
    "what", [{"probability": 0.4}, {"probability": 1.0}, {"probability": 0.9, "form": "x"}]
)
def test_nonsense_is_refused(what, some_options, some_plants, some_doubts):
    options, doubts, plants = random_case((some_options, some_plants, some_doubts), 0)
    with pytest.raises(BadInput):
        surely(options, plants, RULES, doubts, **what)


def test_what_cannot_be_had_with_that_probability_is_said(some_options, some_plants, some_doubts):
    made = some_options([("a", 1000, 0.2, 0, 0, "p", 0)])
    plants = some_plants(("p", 1.0, 0.09, 1))
    options, doubts = some_doubts(made, plants, [[1.0]])  # 19 ± 19 g/s, 10 are lacking
    assert surely(options, plants, RULES, doubts, probability=0.6).plan.status != "infeasible"
    found = surely(options, plants, RULES, doubts, probability=0.9)
    assert found.plan.status == "infeasible"
    assert isinstance(found.plan.choice, Choice)


def test_a_share_of_its_own_threshold_is_drawn_too_and_one_of_another_pollutant_is_not(some_plants):
    plants = some_plants(("p", 1.0, 0.1, 1))
    concentration = np.array([0.11, 0.09, 0.07, 0.11])[:, None, None].repeat(2, axis=2)
    seen = Drawn(concentration, concentration >= 0.1)
    shares = (
        ShareRule("2026", 1.0),
        ShareRule("2026", 1.0, threshold=0.08),
        ShareRule("2026", 1.0, "", "tn", 0.02),
    )
    found = chances_of(seen, plants, replace(RULES, shares=shares))
    assert [chance for _, _, chance in found.targets] == [0.5, 0.75]
    assert found.all == 0.5
