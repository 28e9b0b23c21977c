"""Chains of grades, published and fitted; ages at which conduits turn bad."""

import numpy as np
import pytest

from wenqu.errors import NotEnoughData
from wenqu.survey.deterioration import Chain, fitted_chain, published_chains
from wenqu.survey.survival import survival

YEARS = (10, 25, 50, 75, 100)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("single", (1.418, 1.942, 2.633, 3.170, 3.593)), ("multi", (1.432, 1.813, 2.091, 2.191, 2.231))],
)
def test_chains_of_breda_give_the_published_severities(name, expected):
    chain = published_chains()[name]
    assert [chain.mean_grade(years) for years in YEARS] == pytest.approx(expected, abs=1e-3)


def test_the_worst_severity_of_breda_fills_as_published():
    chain = published_chains()["single"]
    assert (chain.after(50)[4], chain.after(100)[4]) == pytest.approx((0.0284, 0.1898), abs=1e-4)
    assert chain.after(7.5).sum() == pytest.approx(1.0)
    assert chain.mean_grade(3, np.array([0, 0, 0, 0, 1.0])) == 5.0


def drawn(chain, count, seed):
    draw = np.random.default_rng(seed)
    ages = draw.integers(1, 60, count).astype(float)
    grades = np.array([draw.choice(4, p=chain.after(age)) + 1 for age in ages])
    return ages, grades


def test_a_fitted_chain_finds_the_one_that_was_drawn_from():
    leaving = np.array([0.05, 0.03, 0.02])
    matrix = np.diag(np.append(1 - leaving, 1.0)) + np.diag(leaving, 1)
    ages, grades = drawn(Chain("truth", matrix, matrix, matrix, ""), 1500, 4)
    made = fitted_chain(np.append(ages, np.nan), np.append(grades, 2))
    assert made.inspections == 1500
    assert np.diag(made.matrix, 1) == pytest.approx(leaving, rel=0.2)
    off = np.diag_indices(3)
    low, high = made.low[:-1, 1:][off], made.high[:-1, 1:][off]
    assert (low < leaving).all()
    assert (leaving < high).all()
    assert (low < high).all()


def test_what_is_too_little_is_not_fitted():
    with pytest.raises(NotEnoughData):
        fitted_chain(np.arange(29.0), np.ones(29, dtype=int) + (np.arange(29) > 5))
    with pytest.raises(NotEnoughData):
        fitted_chain(np.arange(50.0), np.ones(50, dtype=int))
    with pytest.raises(NotEnoughData):
        survival(np.arange(1.0, 60.0), np.zeros(59, dtype=bool))


def test_the_age_of_turning_bad_is_found_again():
    draw = np.random.default_rng(9)
    ages = draw.uniform(1, 80, 4000)
    turned = 45 * draw.weibull(2.2, 4000)
    made = survival(ages, turned <= ages)
    assert (made.shape, made.scale) == (pytest.approx(2.2, rel=0.1), pytest.approx(45, rel=0.05))
    assert (np.diff(made.share) >= 0).all()
    assert float(made.bad_by(45.0)) == pytest.approx(1 - np.exp(-1), abs=0.03)
    later, sooner = made.bad_within(np.array([40.0, 10.0]), 5)
    assert 0 < sooner < later < 1


def test_the_curve_without_a_shape_is_the_pooled_one():
    # by hand: at age 20 one of two is bad, at 30 none of two: together one of four
    ages = np.repeat([10.0, 20.0, 30.0, 40.0], 10)
    bad = np.concatenate([np.zeros(10), np.tile([1, 0], 5), np.zeros(10), np.ones(10)]).astype(bool)
    assert survival(ages, bad).share.tolist() == [0.0, 0.25, 0.25, 1.0]
