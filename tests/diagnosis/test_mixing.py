"""Mixing of waters against the cases of the standards notes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.diagnosis.mixing import end_members, two_end_members
from wenqu.errors import BadInput


@pytest.mark.parametrize(
    ("sewage", "clean", "mixture", "share"),
    [(350, 5, 130, 0.6377), (260, 20, 150, 0.4583), (1000, 400, 820, 0.30)],
)
def test_the_share_of_clean_water_in_a_mixture_of_two(sewage, clean, mixture, share):
    assert two_end_members((mixture, 0), (sewage, 0), (clean, 0)).share == pytest.approx(share, abs=5e-5)


def test_three_waters_are_told_apart_by_ammonia_and_conductivity():
    found = end_members(
        np.array([27.85, 280.5]),
        np.array([0.5, 5.0]),
        np.array([[45.0, 350.0], [1.0, 150.0], [4.0, 220.0]]),
        np.zeros((3, 2)),
    )
    np.testing.assert_allclose(found.shares, [0.60, 0.25, 0.15], atol=1e-9)
    assert found.misfit < 1e-9


def test_the_error_of_a_share_is_propagated_to_first_order():
    # x = 0.3, span 600: [0.09·400 + 0.49·2500 + 100] / 360 000 → sqrt(1361 / 360000)
    found = two_end_members((820, 10), (1000, 50), (400, 20))
    assert found.sd == pytest.approx(np.sqrt(0.09 * 400 + 0.49 * 2500 + 100) / 600)
    rng = np.random.default_rng(1)
    sewage, clean, mixture = (rng.normal(m, s, 200_000) for m, s in ((1000, 50), (400, 20), (820, 10)))
    assert found.sd == pytest.approx(((sewage - mixture) / (sewage - clean)).std(), rel=0.03)


def test_a_decaying_tracer_gives_an_upper_bound():
    assert two_end_members((130, 0), (350, 0), (5, 0), tracer="cod").upper_bound
    assert not two_end_members((20, 0), (40, 0), (1, 0), tracer="nh3n").upper_bound


def test_equal_end_members_tell_nothing():
    with pytest.raises(BadInput):
        two_end_members((1, 0), (2, 0), (2, 0))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 60), min_size=2, max_size=2), st.integers(0, 10**6))
def test_shares_are_never_negative_and_are_the_best_of_a_fine_grid(reading, seed):
    rng = np.random.default_rng(seed)
    members = rng.uniform(0, 50, (3, 2))
    found = end_members(np.array(reading), np.ones(2), members, np.zeros((3, 2)), draws=2)
    assert found.shares.min() >= 0
    assert found.shares.sum() == pytest.approx(1)
    first, second = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 60))
    grid = np.stack([first, second, 1 - first - second], axis=-1)[first + second <= 1]
    least = (((grid @ members) - np.array(reading)) ** 2).sum(axis=1).min()
    ours = ((found.shares @ members - np.array(reading)) ** 2).sum()
    assert ours <= least + 1e-6


def test_draws_cover_the_truth_about_nine_times_in_ten():
    rng = np.random.default_rng(5)
    members = np.array([[45.0, 1000.0], [1.0, 600.0], [4.0, 300.0]])
    sd, truth, hits = members * 0.05, np.array([0.5, 0.3, 0.2]), 0
    for _ in range(60):
        waters = members + sd * rng.normal(size=(3, 2))
        errors = np.array([0.5, 10.0])
        reading = truth @ waters + errors * rng.normal(size=2)
        found = end_members(reading, errors, members, sd, draws=300)
        hits += np.sum((found.low <= truth) & (truth <= found.high))
    assert 0.82 <= hits / 180 <= 0.98


def test_the_same_seed_gives_the_same_interval():
    args = (np.array([20.0]), np.ones(1), np.array([[45.0], [1.0]]), np.ones((2, 1)))
    np.testing.assert_array_equal(end_members(*args).low, end_members(*args).low)
