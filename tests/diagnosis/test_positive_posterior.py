"""No water flows in backwards."""

import numpy as np
from scipy.optimize import nnls

from wenqu.diagnosis.positive_posterior import positive_mean, sparse_prior
from wenqu.diagnosis.tree_posterior import Prior, Rows, posterior


def test_the_constrained_answer_is_that_of_a_quadratic_programme():
    # minimise Σ (q - μ)²/v + (y - Aq)²/r over q ≥ 0 as non-negative least squares of stacked rows
    rng = np.random.default_rng(3)
    pinned = 0
    for _ in range(20):
        prior = Prior(rng.gamma(1, 1, (2, 8)), rng.gamma(2, 1, (2, 8)), np.zeros(2))
        first, last = np.array([0, 0, 5]), np.array([8, 4, 8])
        rows = Rows(first, last, np.ones((3, 2)), np.array([6.0, 1.0, 4.0]), np.array([0.3, 0.2, 0.2]))
        reach = np.zeros((3, 2, 8))
        for row in range(3):
            reach[row, :, first[row] : last[row]] = 1.0
        stacked = np.vstack(
            [
                np.diag(1 / np.sqrt(prior.variance.ravel())),
                reach.reshape(3, -1) / np.sqrt(rows.noise)[:, None],
            ]
        )
        right = np.concatenate(
            [prior.mean.ravel() / np.sqrt(prior.variance.ravel()), rows.value / np.sqrt(rows.noise)]
        )
        exact, _ = nnls(stacked, right)
        found = positive_mean(prior, rows).mean.ravel()
        assert (found >= 0).all()
        np.testing.assert_allclose(found, exact, atol=1e-8)
        pinned += (found == 0).sum()
    assert pinned > 20


def test_an_answer_without_negatives_is_left_as_it_is():
    prior = Prior(np.ones((1, 4)), np.ones((1, 4)) * 0.01, np.zeros(1))
    rows = Rows(np.array([0]), np.array([4]), np.ones((1, 1)), np.array([4.4]), np.array([0.01]))
    np.testing.assert_array_equal(positive_mean(prior, rows).mean, posterior(prior, rows).mean)


def test_a_place_where_much_was_found_gets_a_wider_prior_and_the_others_a_narrower_one():
    prior = Prior(np.full((1, 3), 1.0), np.array([[1.0, 1.0, 0.0]]), np.zeros(1))
    rows = Rows(np.array([0]), np.array([1]), np.ones((1, 1)), np.array([9.0]), np.array([0.1]))
    swept = sparse_prior(prior, posterior(prior, rows), 0)
    assert swept.variance[0, 0] > 1 > swept.variance[0, 1]
    assert swept.variance[0, 2] == 0
