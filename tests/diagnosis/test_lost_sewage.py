"""Lost sewage against what a person would say of bills and what arrives."""

import numpy as np
import pytest

from wenqu.diagnosis.lost_sewage import LOSING, MOST, lost_sewage


def said(arriving, *, sd=2.0, billed=100.0, cv=0.2):
    return lost_sewage(np.array([arriving]), np.array([sd]), np.array([billed]), np.array([cv]))


def test_what_arrives_as_billed_is_not_lost():
    found = said(100.0)
    assert found.mean[0] < 4
    assert found.low[0] == 0


def test_half_that_does_not_arrive_is_lost_and_not_an_error_of_the_bills():
    found = said(45.0)
    assert found.mean[0] == pytest.approx(45, abs=10)  # bills 55 % too high are rarer than one in a hundred
    assert found.high[0] < 95


def test_with_sure_bills_the_loss_is_the_difference():
    found = said(70.0, sd=1.0, cv=0.005)
    assert found.mean[0] == pytest.approx(30, abs=1.5)


def test_more_that_arrives_than_is_billed_is_no_loss():
    assert said(140.0).mean[0] < 2


def test_before_anything_arrives_the_loss_has_the_spread_of_the_prior():
    found = said(100.0, sd=1e6, cv=1e-3)
    mean = LOSING * MOST / 2
    square = LOSING * MOST**2 / 3
    assert found.mean[0] == pytest.approx(100 * mean, rel=0.01)
    assert found.variance[0] == pytest.approx(found.before[0])
    assert found.before[0] == pytest.approx(100**2 * (square - mean**2), rel=0.02)


def test_an_area_without_users_loses_nothing():
    found = said(3.0, billed=0.0)
    assert found.mean[0] == found.high[0] == 0


def test_nine_of_ten_intervals_hold_the_truth():
    chance = np.random.default_rng(4)
    count = 600
    loses = chance.random(count) < LOSING
    share = np.where(loses, chance.uniform(0, MOST, count), 0)
    made = 100 * (1 + 0.2 * chance.standard_normal(count)).clip(0.2)
    arriving = made * (1 - share) + 3 * chance.standard_normal(count)
    found = lost_sewage(arriving, np.full(count, 3.0), np.full(count, 100.0), np.full(count, 0.2))
    inside = (found.low - 1e-9 <= made * share) & (made * share <= found.high + 1e-9)
    assert inside.mean() >= 0.88
    assert np.mean(found.mean) == pytest.approx(np.mean(made * share), rel=0.1)
