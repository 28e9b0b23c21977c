"""A core of the columns against the whole model."""

import numpy as np
import pytest

from wenqu.solvers.core import solve_by_core
from wenqu.solvers.linear import Rows, Status, solve


def knapsack(costs, weights, need):
    n = len(costs)
    rows = Rows()
    rows.add(np.arange(n), np.asarray(weights, float), need, np.inf)
    return rows.model(np.asarray(costs, float), np.zeros(n), np.ones(n), np.ones(n, bool))


def test_a_core_of_the_columns_finds_the_same_value_with_a_true_bound():
    rng = np.random.default_rng(11)
    for n in (60, 200):
        costs, weights = rng.uniform(5, 40, n), rng.uniform(1, 20, n)
        model = knapsack(costs, weights, float(weights.sum() * 0.4))
        exact = solve(model, gap=0)
        near = solve_by_core(model, gap=1e-3, core=10)
        assert near.status is Status.OPTIMAL
        assert near.bound <= exact.objective + 1e-9
        assert exact.objective - 1e-9 <= near.objective <= exact.objective * (1 + 1e-3)
        assert near.gap == pytest.approx((near.objective - near.bound) / near.objective)


def test_a_core_that_cannot_hold_the_answer_leaves_it_to_the_whole_model():
    # pairs must be chosen together in one of two ways; the cheap half alone breaks the parity row
    n = 40
    rows = Rows()
    rows.add(np.arange(n), np.where(np.arange(n) % 2, 2.0, 3.0), 61.0, 61.0)
    model = rows.model(np.linspace(1, 9, n), np.zeros(n), np.ones(n), np.ones(n, bool))
    assert solve_by_core(model, gap=0, core=3).objective == pytest.approx(solve(model, gap=0).objective)


def test_rules_that_exclude_each_other_stay_infeasible_by_the_core():
    assert solve_by_core(knapsack(np.ones(30), np.ones(30), 31), core=5).status is Status.INFEASIBLE
