"""Where only what is suspected is filmed, weights bring the curves nearer to the truth of the whole city."""

import numpy as np
import pytest

from wenqu.survey.condition_model import condition_model
from wenqu.survey.deterioration import fitted_chain
from wenqu.survey.selection import selection
from wenqu.survey.survival import survival

AGES = np.arange(5.0, 60.0, 5.0)


@pytest.fixture(scope="module")
def city():
    """Return a city whose poor pipes turn bad at 35 years and are filmed ten times as often as the others."""
    draw = np.random.default_rng(7)
    age = draw.uniform(1, 60, 8000)
    poor = draw.random(8000) < 0.25
    turned = np.where(poor, 35.0, 110.0) * draw.weibull(2.0, 8000)
    bad = turned <= age
    filmed = np.flatnonzero(draw.random(8000) < np.where(poor, 0.7, 0.07))
    truth = 0.25 * _bad_by(35.0) + 0.75 * _bad_by(110.0)
    return {"age": age, "poor": poor.astype(np.float64)}, bad, filmed, truth


def _bad_by(scale):
    return 1 - np.exp(-((AGES / scale) ** 2))


def error(share, truth):
    return float(np.abs(share - truth).mean())


def test_weights_speak_for_the_whole_city(city):
    features, _, filmed, _ = city
    weights = selection(features, filmed).weights
    poor = features["poor"][filmed] > 0
    assert poor.mean() > 0.7, "among the filmed"
    assert abs(np.average(poor, weights=weights) - 0.25) < 0.04, "among all"
    assert weights.mean() == pytest.approx(1)


def test_the_survival_curve_is_nearer_to_the_truth(city):
    features, bad, filmed, truth = city
    weights = selection(features, filmed).weights
    ages = features["age"][filmed]
    plain = error(survival(ages, bad[filmed]).bad_by(AGES), truth)
    weighted = error(survival(ages, bad[filmed], weights).bad_by(AGES), truth)
    assert plain > 0.15, "poor pipes make the whole city look poor"
    assert weighted < plain / 3


def test_the_chain_is_nearer_to_the_truth_and_says_how_little_it_rests_on(city):
    features, bad, filmed, truth = city
    chosen = selection(features, filmed)
    ages, grade = features["age"][filmed], np.where(bad[filmed], 3, 1)
    plain = fitted_chain(ages, grade)
    weighted = fitted_chain(ages, grade, weights=chosen.weights)
    shares = [np.array([chain.after(age)[2:].sum() for age in AGES]) for chain in (plain, weighted)]
    assert error(shares[1], truth) < error(shares[0], truth) / 2
    assert chosen.effective < 0.6 * len(filmed)


def test_trees_without_the_column_that_was_chosen_by_are_nearer_to_the_share_of_the_city(city):
    features, bad, filmed, _ = city
    weights = selection(features, filmed).weights
    blind = {"age": features["age"]}
    plain = condition_model(blind, filmed, bad[filmed]).chance.mean()
    weighted = condition_model(blind, filmed, bad[filmed], weights=weights).chance.mean()
    assert abs(weighted - bad.mean()) < abs(plain - bad.mean()) / 3


def test_where_chance_chose_the_weights_are_nearly_even_and_too_few_are_left_alone(city):
    features, _, _, _ = city
    draw = np.random.default_rng(3)
    some = np.sort(draw.choice(8000, 2000, replace=False))
    assert selection(features, some).effective > 0.9 * 2000
    assert selection(features, some[:50]).even
