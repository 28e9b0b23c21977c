"""The sites of arriving sewage against the exact product of bills and one reading each."""

import numpy as np
import pytest

from wenqu.diagnosis.arriving_sewage import density, moved, sites, tilted
from wenqu.diagnosis.lost_sewage import LOSING, MOST, lost_sewage

FLOOR = 1e-12


def settled(reading, error, billed, cv, *, steps=40):
    """Return the sites when each area is read by itself: normal readings times the sites, again and again."""
    now = sites(billed, cv, FLOOR)
    for _ in range(steps):
        both = 1 / error**2 + 1 / now.variance
        now = moved(now, (reading / error**2 + now.mean / now.variance) / both, 1 / both)
    return now


def test_before_any_reading_the_site_has_the_moments_of_the_bills():
    now = sites(np.array([100.0]), np.array([0.001]), FLOOR)
    assert now.mean[0] == pytest.approx(100 * (1 - LOSING * MOST / 2), rel=1e-3)
    assert now.variance[0] == pytest.approx(
        100**2 * (LOSING * MOST**2 / 3 - (LOSING * MOST / 2) ** 2), rel=0.01
    )


def test_what_the_readings_say_is_found_apart_from_the_bills():
    reading, error = np.array([100.0, 45.0, 130.0]), np.array([5.0, 4.0, 30.0])
    now = settled(reading, error, np.full(3, 100.0), np.full(3, 0.2))
    np.testing.assert_allclose(now.heard, reading, rtol=1e-3)
    np.testing.assert_allclose(now.heard_variance, error**2, rtol=1e-3)


def test_site_times_reading_has_the_moments_of_the_exact_product():
    reading, error, billed = np.array([95.0]), np.array([6.0]), np.array([100.0])
    now = settled(reading, error, billed, np.array([0.2]))
    mean, width, _ = tilted(reading, error**2, billed, now.scale * np.array([20.0]))
    both = 1 / error**2 + 1 / now.variance
    assert ((reading / error**2 + now.mean / now.variance) / both)[0] == pytest.approx(mean[0], rel=1e-4)
    assert 1 / both[0] == pytest.approx(width[0], rel=1e-3)


def test_the_density_is_one_in_all():
    flow = np.linspace(-60, 260, 6401)[:, None]
    now = sites(np.array([100.0]), np.array([0.2]), FLOOR)
    told = np.array([density(one, now) for one in flow])
    whole = np.exp(told).sum() * 0.05 / np.sqrt(2 * np.pi)
    assert whole == pytest.approx(1, rel=1e-3)


def test_an_area_that_nobody_reads_may_lose_what_any_area_may():
    now = settled(np.array([100.0]), np.array([1e5]), np.array([100.0]), np.array([0.2]))
    found = lost_sewage(now.heard, np.sqrt(now.heard_variance), now.billed, np.array([0.2]))
    assert found.mean[0] == pytest.approx(100 * LOSING * MOST / 2, rel=0.05)


def test_bills_that_err_less_or_more_than_told_are_found_out_and_others_believed():
    chance = np.random.default_rng(3)
    billed, error = np.full(60, 100.0), np.full(60, 2.0)

    def scale(sd):
        return settled(100 + sd * chance.standard_normal(60), error, billed, np.full(60, 0.2)).scale

    assert scale(2.5) < 0.5
    assert scale(20) == pytest.approx(1, rel=0.25)
    assert scale(50) > 1.6


def test_a_few_areas_hardly_change_how_far_bills_are_believed_to_err():
    now = settled(np.full(3, 100.0), np.full(3, 2.0), np.full(3, 100.0), np.full(3, 0.2))
    assert 0.5 < now.scale < 1
    unheard = settled(np.full(3, 100.0), np.full(3, 1e5), np.full(3, 100.0), np.full(3, 0.2))
    assert unheard.scale == pytest.approx(1, rel=0.02)


def test_an_area_without_users_keeps_finite_figures():
    now = settled(np.array([0.0]), np.array([1e-3]), np.array([0.0]), np.array([0.2]))
    assert np.isfinite([now.mean[0], now.variance[0], now.heard[0]]).all()
