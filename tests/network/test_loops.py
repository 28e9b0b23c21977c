"""Loops are the strongly connected groups that SciPy finds, on any graph."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from wenqu.network.forest import forest


def same_groups(start, end, nodes, group):
    known = (start >= 0) & (end >= 0)
    pairs = (np.ones(known.sum()), (start[known], end[known]))
    count, label = connected_components(csr_array(pairs, shape=(nodes, nodes)), True, "strong")
    assert len(np.unique(np.column_stack([label, group]), axis=0)) == count == group.max() + 1


@pytest.mark.parametrize("density", [0.5, 1.0, 1.3, 2.0])
def test_loops_are_those_of_scipy(density):
    draw = np.random.default_rng(4)
    for nodes in draw.integers(1, 60, 150):
        links = int(nodes * density)
        start, end = draw.integers(-1, nodes, (2, links))
        wish = draw.integers(0, 3, links).astype(float)
        found = forest(start, end, int(nodes), wish)
        same_groups(start, end, nodes, found.group)
        drained = found.parent >= 0
        assert (found.tin[found.parent[drained]] < found.tin[drained]).all()
        assert (found.tout[found.parent[drained]] >= found.tout[drained]).all()


def test_a_ring_without_any_other_link_is_one_group():
    start = np.array([0, 1, 2, 4, 5])
    end = np.array([1, 2, 0, 1, 4])
    assert len(set(forest(start, end, 6).group.tolist())) == 4
