"""Blocks and Schur complements say what the whole matrix says."""

import numpy as np
import pytest

from wenqu.diagnosis.bounded_quadratic import bounded_minimum
from wenqu.diagnosis.normal_equations import Parted, gram

SIZE = 40
LAST = np.array([30, 31, 32, 3, 4, 5, 6])


@pytest.fixture
def matrix():
    rows = np.random.default_rng(1).normal(size=(60, SIZE))
    return rows.T @ rows + np.eye(SIZE)


@pytest.mark.parametrize("seen", [(2, 3), (2, SIZE), (SIZE, SIZE)])
def test_blocks_of_rows_add_up_whether_they_see_few_unknowns_or_all(seen):
    rng = np.random.default_rng(2)
    design, group = np.zeros((24, SIZE)), np.repeat([0, 1, 2, -1], 6)
    for number in range(4):
        at = rng.choice(SIZE, seen[number % 2], replace=False)
        design[6 * number : 6 * number + 6, at] = rng.normal(size=(6, len(at)))
    assert gram(design, group) == pytest.approx(design.T @ design, abs=1e-12)


def test_variances_and_logarithm_are_those_of_the_whole_matrix_before_and_after_the_diagonal_changes(matrix):
    parted = Parted(matrix, LAST)
    more = np.linspace(-0.5, 3.0, len(LAST))
    for added in (np.zeros(len(LAST)), more):
        parted.added(added)
        whole = matrix.copy()
        whole[LAST, LAST] += added
        wanted = np.diag(np.linalg.inv(whole))[LAST]
        assert parted.variances(len(LAST)) == pytest.approx(wanted, rel=1e-10)
        assert parted.variances(4) == pytest.approx(wanted[-4:], rel=1e-10)
        assert parted.logs == pytest.approx(np.linalg.slogdet(whole)[1], abs=1e-10)


def test_the_bounded_minimum_is_that_of_the_whole_problem(matrix):
    right = np.random.default_rng(3).normal(size=SIZE) * 20
    bounded = np.zeros(SIZE, dtype=bool)
    bounded[LAST] = True
    wanted = bounded_minimum(matrix, right, bounded)
    found = Parted(matrix, LAST).minimum(right, np.zeros(len(LAST), dtype=bool))
    assert 0 < (wanted[LAST] == 0).sum() < len(LAST)
    assert found == pytest.approx(wanted, abs=1e-10)


def test_one_of_the_last_unknowns_may_be_negative_and_enter_a_sum_whose_variance_is_asked(matrix):
    right = np.random.default_rng(3).normal(size=SIZE) * 20
    free = int(np.argmin(np.linalg.solve(matrix, right)[LAST]))  # it would rather be negative
    bounded = np.zeros(SIZE, dtype=bool)
    bounded[np.delete(LAST, free)] = True
    parted = Parted(matrix, LAST)
    found = parted.minimum(right, np.zeros(len(LAST), dtype=bool), np.arange(len(LAST)) != free)
    assert found == pytest.approx(bounded_minimum(matrix, right, bounded), abs=1e-10)
    assert found[LAST[free]] < 0
    sums = np.vstack([[-2.0, -0.5], np.eye(2)])
    covariance = np.linalg.inv(matrix)[np.ix_(LAST[-3:], LAST[-3:])]
    assert parted.variances_of(sums) == pytest.approx(np.diag(sums.T @ covariance @ sums), rel=1e-10)
