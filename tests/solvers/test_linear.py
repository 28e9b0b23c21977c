"""Linear and whole-number programmes against answers known by hand."""

import itertools

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.solvers.linear import Rows, Status, relaxed, solve


def knapsack(costs, weights, need):
    n = len(costs)
    rows = Rows()
    rows.add(np.arange(n), np.asarray(weights, float), need, np.inf)
    return rows.model(np.asarray(costs, float), np.zeros(n), np.ones(n), np.ones(n, bool))


def test_the_cheapest_cover_of_ten_units_is_found():
    # need 10: {6,4} costs 5+4=9, {7,4} 6+4=10, {6,7} 11: the first wins
    found = solve(knapsack([5, 4, 6], [6, 4, 7], 10), gap=0)
    assert found.status is Status.OPTIMAL
    assert found.objective == pytest.approx(9)
    assert found.values.round().tolist() == [1, 1, 0]
    assert found.bound <= found.objective + 1e-9


def test_duals_of_the_relaxation_are_the_price_of_one_more_unit():
    # cheapest units first: 6 at 5/6 a unit, then 4 of the 7 at 6/7: 5 + 24/7; one more unit costs 6/7
    bound = relaxed(knapsack([5, 4, 6], [6, 4, 7], 10))
    assert bound.objective == pytest.approx(5 + 24 / 7)
    assert bound.row_duals[0] == pytest.approx(6 / 7)


def test_whole_number_answers_equal_enumeration():
    rng = np.random.default_rng(7)
    for _ in range(40):
        n = int(rng.integers(3, 9))
        costs, weights = rng.integers(1, 40, n), rng.integers(1, 20, n)
        need = int(weights.sum() * rng.uniform(0.1, 0.95))
        best = min(
            float(np.dot(costs, pick))
            for pick in itertools.product((0, 1), repeat=n)
            if np.dot(weights, pick) >= need
        )
        assert solve(knapsack(costs, weights, need), gap=0).objective == pytest.approx(best)


def test_rules_that_exclude_each_other_are_called_infeasible():
    found = solve(knapsack([1, 1], [1, 1], 3))
    assert found.status is Status.INFEASIBLE
    assert np.isnan(found.values).all()
    assert found.gap == np.inf


def test_a_cost_that_falls_for_ever_is_called_unbounded():
    rows = Rows()
    rows.add(np.array([0]), np.array([1.0]), 0.0, np.inf)
    model = rows.model(np.array([-1.0]), np.zeros(1), np.full(1, np.inf), np.zeros(1, bool))
    assert solve(model).status is Status.UNBOUNDED


def test_a_model_without_columns_is_decided_by_its_rows():
    none, no = np.empty(0), np.empty(0, bool)
    rows = Rows()
    rows.add(np.empty(0, np.int64), none, -1.0, 1.0)
    assert solve(rows.model(none, none, none, no)).objective == 0.0
    rows.add(np.empty(0, np.int64), none, 1.0, np.inf)
    assert solve(rows.model(none, none, none, no)).status is Status.INFEASIBLE


def test_the_same_model_gives_the_same_answer():
    rng = np.random.default_rng(3)
    model = knapsack(rng.uniform(1, 9, 60), rng.uniform(1, 5, 60), 70.0)
    first, second = solve(model, gap=0), solve(model, gap=0)
    assert (first.values == second.values).all()


def test_progress_hears_of_value_and_bound():
    rng = np.random.default_rng(5)
    heard = []
    n = 400
    rows = Rows()
    for _ in range(15):
        rows.add(np.arange(n), rng.uniform(1, 9, n), 700.0, np.inf)
    model = rows.model(rng.uniform(5, 9, n), np.zeros(n), np.ones(n), np.ones(n, bool))
    found = solve(model, gap=5e-3, seconds=10, progress=lambda *news: heard.append(news))
    assert heard
    assert all(bound <= found.objective + 1e-6 for _, _, bound in heard)


def test_numbers_that_are_none_are_refused():
    model = knapsack([1, np.nan], [1, 1], 1)
    with pytest.raises(BadInput, match="model-number"):
        solve(model)
