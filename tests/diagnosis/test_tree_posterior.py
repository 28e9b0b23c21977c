"""The tree algebra is the dense Gaussian answer, only faster."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.diagnosis.tree_posterior import (
    Prior,
    Rows,
    area_sums,
    areas,
    block_sums,
    log_evidence,
    pipe_sd,
    posterior,
)
from wenqu.errors import BadInput


def random_forest(rng, size):
    """Return tin and tout of a forest: each node hangs below an earlier one or stands alone."""
    parent = np.array(
        [-1 if rng.random() < 0.02 else rng.integers(max(0, i - 40), i) for i in range(1, size)]
    )
    parent = np.concatenate([[-1], parent])
    children = [np.flatnonzero(parent == node) for node in range(size)]
    tin, tout, clock = np.zeros(size, np.int64), np.zeros(size, np.int64), 0
    stack = [(node, False) for node in np.flatnonzero(parent < 0)[::-1]]
    while stack:
        node, done = stack.pop()
        if done:
            tout[node] = clock
            continue
        tin[node] = clock
        clock += 1
        stack.append((node, True))
        stack.extend((child, False) for child in children[node])
    return tin, tout


def random_case(seed, size, meters, tracers, kinds=3):
    rng = np.random.default_rng(seed)
    tin, tout = random_forest(rng, size)
    nodes = rng.choice(size, meters, replace=False)
    per_meter = 1 + tracers
    first, last = np.repeat(tin[nodes], per_meter), np.repeat(tout[nodes], per_meter)
    weights = rng.normal(size=(meters * per_meter, kinds))
    weights[::per_meter] = 1.0
    count = meters * per_meter
    prior = Prior(
        rng.gamma(1.0, 1.0, (kinds, size)),
        rng.gamma(1.0, 1.0, (kinds, size)) * (rng.random((kinds, size)) < 0.8),
        rng.uniform(0, 0.5, kinds),
    )
    rows = Rows(
        first,
        last,
        weights,
        rng.normal(size=count) * 20,
        rng.uniform(0.1, 4, count),
        rng.normal(size=(count, 2)),
    )
    return prior, rows


def dense(prior, rows):
    """Return mean (T·n,) and covariance of the flat unknowns by the textbook formula."""
    kinds, size = prior.mean.shape
    flat_mean = prior.mean.ravel()
    covariance = np.diag(prior.variance.ravel())
    for kind in range(kinds):
        factor = np.zeros(kinds * size)
        factor[kind * size : (kind + 1) * size] = prior.mean[kind] * prior.scale[kind]
        covariance += np.outer(factor, factor)
    reach = np.zeros((len(rows), kinds, size))
    for row in range(len(rows)):
        reach[row, :, rows.first[row] : rows.last[row]] = rows.weights[row][:, None]
    reach = reach.reshape(len(rows), -1)
    total = reach @ covariance @ reach.T + np.diag(rows.noise)
    if rows.shared.size:
        total += rows.shared @ rows.shared.T
    gain = covariance @ reach.T @ np.linalg.inv(total)
    return flat_mean + gain @ (rows.value - reach @ flat_mean), covariance - gain @ reach @ covariance


def check_against_dense(prior, rows, blocks, rng):
    kinds, size = prior.mean.shape
    mean, covariance = dense(prior, rows)
    result = posterior(prior, rows)
    np.testing.assert_allclose(result.mean.ravel(), mean, rtol=0, atol=1e-9 * np.abs(mean).max())
    variance = np.diag(covariance)
    np.testing.assert_allclose(pipe_sd(result).ravel() ** 2, variance, rtol=0, atol=1e-9 * variance.max())
    label = rng.integers(-1, blocks, size)
    pick = np.zeros((blocks * kinds, kinds * size))
    for pipe, block in enumerate(label):
        for kind in range(kinds):
            if block >= 0:
                pick[block * kinds + kind, kind * size + pipe] = 1
    sums = block_sums(result, label, blocks)
    exact = pick @ covariance @ pick.T
    np.testing.assert_allclose(sums.covariance, exact, rtol=0, atol=1e-9 * np.abs(exact).max())
    np.testing.assert_allclose(sums.mean.ravel(), pick @ mean, rtol=0, atol=1e-8)


def test_300_pipes_15_meters_3_tracers_equal_the_dense_solution_to_1e_9():
    check_against_dense(*random_case(1, 300, 15, 3), 12, np.random.default_rng(2))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(2, 60), share=st.floats(0, 1), tracers=st.integers(0, 2))
def test_any_forest_and_any_meters_equal_the_dense_solution(seed, size, share, tracers):
    meters = max(1, int(share * size))
    check_against_dense(*random_case(seed, size, meters, tracers), 4, np.random.default_rng(seed))


def test_one_pipe_one_meter_by_hand():
    # prior 10 ± 2, reading 14 ± 1: gain 4/5, mean 10 + 0.8 · 4 = 13.2, variance 4 · (1 - 0.8) = 0.8
    prior = Prior(np.array([[10.0]]), np.array([[4.0]]), np.zeros(1))
    rows = Rows(np.array([0]), np.array([1]), np.ones((1, 1)), np.array([14.0]), np.array([1.0]))
    result = posterior(prior, rows)
    assert result.mean[0, 0] == pytest.approx(13.2)
    assert pipe_sd(result)[0, 0] ** 2 == pytest.approx(0.8)
    assert area_sums(result).data_share[0, 0] == pytest.approx(0.8)


def test_a_common_factor_carries_a_reading_to_pipes_that_no_meter_sees():
    # q = 10(1 + 0.5 s) on both pipes; a good reading of 15 on the first says s = 1, so the second is 15 too
    prior = Prior(np.array([[10.0, 10.0]]), np.zeros((1, 2)), np.array([0.5]))
    rows = Rows(np.array([0]), np.array([1]), np.ones((1, 1)), np.array([15.0]), np.array([1e-12]))
    np.testing.assert_allclose(posterior(prior, rows).mean, [[15.0, 15.0]], rtol=1e-9)


def test_a_mixing_row_splits_a_known_flow_in_the_known_ratio():
    # conductivities 1000 and 400, mixture 820: 30 % of the second (T7)
    prior = Prior(np.full((2, 1), 50.0), np.full((2, 1), 1e6), np.zeros(2))
    rows = Rows(
        np.zeros(2, np.int64),
        np.ones(2, np.int64),
        np.array([[1.0, 1.0], [1000.0 - 820.0, 400.0 - 820.0]]),
        np.array([100.0, 0.0]),
        np.array([1e-6, 1e-6]),
    )
    np.testing.assert_allclose(posterior(prior, rows).mean[:, 0], [70.0, 30.0], rtol=1e-6)


def test_no_meter_leaves_the_prior():
    prior, _ = random_case(3, 20, 1, 0)
    none = Rows(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 3)), np.empty(0), np.empty(0))
    result = posterior(prior, none)
    np.testing.assert_array_equal(result.mean, prior.mean)
    expected = np.sqrt(prior.variance + (prior.mean * prior.scale[:, None]) ** 2)
    np.testing.assert_allclose(pipe_sd(result), expected)
    np.testing.assert_allclose(area_sums(result).data_share, 0, atol=1e-12)


def test_the_area_of_a_pipe_is_the_innermost_meter_below_it():
    first, last = np.array([1, 2, 6, 3]), np.array([9, 5, 8, 3])  # the last one is empty
    assert areas(first, last, 10).tolist() == [4, 0, 1, 1, 1, 0, 2, 2, 0, 4]


def test_intervals_that_cross_are_no_subtrees():
    with pytest.raises(BadInput) as caught:
        areas(np.array([0, 3]), np.array([5, 8]), 10)
    assert caught.value.reason == "posterior-crossing"


def test_a_reading_without_error_is_refused():
    prior, rows = random_case(3, 20, 2, 0)
    faultless = Rows(rows.first, rows.last, rows.weights, rows.value, np.zeros(2))
    with pytest.raises(BadInput) as caught:
        posterior(prior, faultless)
    assert caught.value.reason == "posterior-variance"


def test_the_evidence_is_the_density_of_the_readings():
    from scipy.stats import multivariate_normal

    prior, rows = random_case(5, 30, 3, 1)
    reach = np.zeros((len(rows), 3, 30))
    for row in range(len(rows)):
        reach[row, :, rows.first[row] : rows.last[row]] = rows.weights[row][:, None]
    reach = reach.reshape(len(rows), -1)
    covariance = np.diag(prior.variance.ravel())
    for kind in range(3):
        factor = np.zeros((3, 30))
        factor[kind] = prior.mean[kind] * prior.scale[kind]
        covariance += np.outer(factor, factor)
    total = reach @ covariance @ reach.T + np.diag(rows.noise) + rows.shared @ rows.shared.T
    expected = multivariate_normal(reach @ prior.mean.ravel(), total).logpdf(rows.value)
    assert log_evidence(posterior(prior, rows)) == pytest.approx(expected, rel=1e-9)


def test_a_hundred_thousand_pipes_and_two_hundred_meters_take_less_than_two_seconds():
    rng = np.random.default_rng(7)
    size, meters = 100_000, 200
    cuts = np.sort(rng.choice(size, meters, replace=False))
    prior = Prior(np.ones((3, size)), np.ones((3, size)), np.full(3, 0.3))
    rows = Rows(cuts, np.full(meters, size), np.ones((meters, 3)), 3.0 * (size - cuts), np.full(meters, 1e4))
    start = time.perf_counter()
    result = posterior(prior, rows)
    pipe_sd(result)
    assert time.perf_counter() - start < 2
    np.testing.assert_allclose(result.mean, 1.0, rtol=1e-6)
