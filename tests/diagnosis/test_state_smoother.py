"""The smoother says what the dense solution says, and its scores are likelihood ratios."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import multivariate_normal

from wenqu.diagnosis.state_smoother import (
    Drift,
    Rows,
    drawn_scores,
    forward,
    jump_within,
    pull,
    smoothed,
    unforeseen,
)

MONTHS, SIZE = 6, 3
KEEP = np.array([1.0, 1.0, 0.6])


def problem(seed=3):
    """Three states over six months; the second month has no reading and others have one to three."""
    rng = np.random.default_rng(seed)
    counts = (2, 0, 3, 1, 2, 2)
    rows = []
    for count in counts:
        noise = rng.uniform(0.2, 1.5, count)
        rows.append(Rows(csr_array(rng.normal(size=(count, SIZE))), rng.normal(size=count), noise))
    added = np.abs(rng.normal(size=(MONTHS, SIZE))) * 0.3
    added[0] = 0
    start = rng.normal(size=(SIZE, SIZE))
    return rows, Drift(rng.normal(size=SIZE), start @ start.T + np.eye(SIZE), KEEP, added)


def dense(rows, drift):
    """Return mean and covariance of all states, design, readings and noise, one matrix each."""
    total = MONTHS * SIZE
    move, spread, mean = np.eye(total), np.zeros((total, total)), np.zeros(total)
    for month in range(MONTHS):
        here = slice(month * SIZE, (month + 1) * SIZE)
        spread[here, here] = np.diag(drift.added[month]) + (drift.covariance if month == 0 else 0)
        for before in range(month):
            move[here, before * SIZE : (before + 1) * SIZE] = np.diag(KEEP ** (month - before))
        mean[here] = KEEP**month * drift.mean
    design = np.zeros((sum(len(row.value) for row in rows), total))
    noise = np.zeros((len(design), len(design)))
    start = 0
    for month, row in enumerate(rows):
        there = slice(start, start + len(row.value))
        design[there, month * SIZE : (month + 1) * SIZE] = row.design.toarray()
        noise[there, there] = np.diag(row.noise)
        start += len(row.value)
    return mean, move @ spread @ move.T, design, np.concatenate([row.value for row in rows]), noise, move


def test_means_and_variances_of_all_months_are_those_of_the_dense_solution():
    rows, drift = problem()
    mean, covariance, design, value, noise, _ = dense(rows, drift)
    gain = covariance @ design.T @ np.linalg.inv(design @ covariance @ design.T + noise)
    wanted = mean + gain @ (value - design @ mean)
    left = covariance - gain @ design @ covariance
    told, spread = smoothed(forward(rows, drift), [np.eye(SIZE)] * MONTHS)
    assert told.ravel() == pytest.approx(wanted, abs=1e-9)
    for month in range(MONTHS):
        here = slice(month * SIZE, (month + 1) * SIZE)
        assert spread[month] == pytest.approx(np.diag(left[here, here]), abs=1e-9)


def test_the_likelihood_is_that_of_all_readings_together():
    rows, drift = problem()
    mean, covariance, design, value, noise, _ = dense(rows, drift)
    found = forward(rows, drift)
    white = np.concatenate(found.white)
    told = -0.5 * (found.logs + white @ white + len(white) * np.log(2 * np.pi))
    wanted = multivariate_normal.logpdf(value, design @ mean, design @ covariance @ design.T + noise)
    assert told == pytest.approx(wanted, abs=1e-9)
    alone, logs = unforeseen(rows, drift)
    assert alone == pytest.approx(white, abs=1e-12)
    assert logs == pytest.approx(found.logs, abs=1e-12)


def test_the_score_of_a_jump_is_its_likelihood_ratio():
    rows, drift = problem()
    mean, covariance, design, value, noise, move = dense(rows, drift)
    whole = design @ covariance @ design.T + noise
    found = pull(forward(rows, drift))
    for month in range(MONTHS):
        for state in range(SIZE):
            shape = design @ move[:, month * SIZE + state]  # what a jump of 1 does to every reading
            known = shape @ np.linalg.solve(whole, shape)
            score = shape @ np.linalg.solve(whole, value - design @ mean)
            assert found.information[month, state] == pytest.approx(known, abs=1e-9)
            assert found.score[month, state] == pytest.approx(score, abs=1e-9)


def test_what_came_in_within_two_months_is_that_of_the_dense_solution():
    rows, drift = problem()
    mean, covariance, design, value, noise, move = dense(rows, drift)
    whole = np.linalg.inv(design @ covariance @ design.T + noise)
    found = forward(rows, drift)
    for months in ((2, 3), (4, 4)):
        for state in range(SIZE):
            came = {month: drift.added[month, state] for month in months}
            shape = sum(size * (design @ move[:, month * SIZE + state]) for month, size in came.items())
            wanted = (
                shape @ whole @ (value - design @ mean),
                sum(came.values()) - shape @ whole @ shape,
            )
            assert jump_within(found, months, state) == pytest.approx(wanted, abs=1e-9)


def test_a_reading_is_as_odd_as_all_others_make_it():
    rows, drift = problem()
    mean, covariance, design, value, noise, _ = dense(rows, drift)
    whole = np.linalg.inv(design @ covariance @ design.T + noise)
    found = pull(forward(rows, drift))
    assert np.concatenate(found.odd_known) == pytest.approx(np.diag(whole), abs=1e-9)
    odd = (whole @ (value - design @ mean)) / np.sqrt(np.diag(whole))
    assert np.concatenate(found.odd) == pytest.approx(odd, abs=1e-9)


def test_drawn_scores_have_the_spread_of_a_record_in_which_nothing_happened():
    rows, drift = problem()
    found = forward(rows, drift)
    known = pull(found).information
    for month, score in drawn_scores(found, 4000, np.random.default_rng(1)):
        assert score.var(axis=1) == pytest.approx(known[month], rel=0.12)
