"""Ends that lie together become one node, as connected components do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from wenqu.network.snapping import snap


def components(points, distance):
    pairs = cKDTree(points).query_pairs(distance, output_type="ndarray")
    matrix = coo_array((np.ones(len(pairs), np.int8), pairs.T), shape=(len(points), len(points)))
    return connected_components(matrix, directed=False)[1]


def same_partition(one, other):
    pairs = np.unique(np.column_stack([one, other]), axis=0)
    return len(pairs) == len(np.unique(one)) == len(np.unique(other))


def test_a_chain_of_near_points_is_one_node():
    assert snap(np.array([[0.0, 0.0], [5.0, 0.0], [0.06, 0.0], [0.13, 0.0]]), 0.1).tolist() == [0, 1, 0, 0]


def test_points_at_exactly_the_distance_are_one():
    assert snap(np.array([[0.0, 0.0], [0.5, 0.0]]), 0.5).tolist() == [0, 0]


def test_nothing_and_what_is_not_finite():
    assert snap(np.empty((0, 2)), 0.1).tolist() == []
    assert snap(np.array([[np.nan, 0.0], [1.0, 1.0], [np.inf, 1.0]]), 0.1).tolist() == [-1, 0, -1]


def test_a_stray_coordinate_and_a_heap_of_zeros_cost_nothing():
    points = np.vstack([np.zeros((20000, 2)), [[4e7, 3e6]], [[0.05, 0.0]]])
    labels = snap(points, 0.1)
    assert labels.max() == 1
    assert labels[-1] == 0


@pytest.mark.parametrize("corner", [0.0, 5e5, -3.3e6])
@pytest.mark.parametrize("spread", [2.0, 30.0, 3000.0])
def test_nodes_are_the_connected_components_of_a_kd_tree(corner, spread):
    points = np.random.default_rng(7).uniform(0, spread, (4000, 2)) + corner
    assert same_partition(snap(points, 0.1), components(points, 0.1))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), min_size=1, max_size=80))
def test_nodes_are_the_connected_components_on_a_lattice_too(cells):
    points = np.array(cells, dtype=np.float64) * 0.25
    assert same_partition(snap(points, 0.3), components(points, 0.3))
