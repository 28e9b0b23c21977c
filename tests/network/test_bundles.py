"""Conduits become packages: contiguous, of one sort, no longer than asked, in the fewest pieces."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.network.bundles import bundled, stretches

IDS = np.array(["a", "b", "c", "d", "e"], object)
# a 0→1, b 1→2, c 2→3 in one line; d 3→4 on another road; e apart
ENDS = (np.array([0, 1, 2, 3, 8]), np.array([1, 2, 3, 4, 9]))
ROADS = np.array(["x", "x", "x", "y", "x"], object)


def test_few_conduits_stay_single():
    assert bundled(IDS, ENDS, ROADS, 5).tolist() == ["a", "b", "c", "d", "e"]


def test_neighbours_on_one_road_are_one_job():
    assert bundled(IDS, ENDS, ROADS, 4).tolist() == ["a", "a", "a", "d", "e"]


def test_an_unknown_road_or_end_joins_nothing():
    roads = np.array(["x", "", "x", "y", "x"], object)
    assert bundled(IDS, ENDS, roads, 1).tolist() == ["a", "b", "c", "d", "e"]
    lost = (np.array([0, -1, -1, 3, 8]), np.array([1, 2, 3, 4, 9]))
    assert bundled(IDS, lost, ROADS, 1).tolist() == ["a", "b", "c", "d", "e"]


def line(lengths, road="R"):
    """Conduits one after another: c0 from node 0 to node 1, and so on."""
    n = len(lengths)
    ids = np.array([f"c{k:02d}" for k in range(n)], object)
    return ids, (np.arange(n), np.arange(1, n + 1)), np.full(n, road, object), np.array(lengths, float)


def pieces(label):
    return [frozenset(np.flatnonzero(label == one).tolist()) for one in np.unique(label)]


def test_a_street_is_cut_where_a_package_would_be_too_long():
    ids, ends, sort, length = line([400.0, 400.0, 400.0, 400.0])
    label = stretches(ids, ends, sort, length, 1000.0)
    assert sorted(len(one) for one in pieces(label)) == [2, 2]


def test_a_conduit_longer_than_a_package_is_one_by_itself():
    ids, ends, sort, length = line([100.0, 5000.0, 100.0])
    assert len(pieces(stretches(ids, ends, sort, length, 1000.0))) == 3


@st.composite
def networks(draw):
    """Random trees with a loop now and then, roads of two names, lengths of whole metres."""
    n = draw(st.integers(1, 9))
    upper, lower, sort, length = [], [], [], []
    for k in range(n):
        upper.append(k + 1)
        lower.append(draw(st.integers(0, k)))
        sort.append(draw(st.sampled_from(["R", "R", "S"])))
        length.append(float(draw(st.integers(1, 60))))
    if draw(st.booleans()) and n > 2:
        upper[-1] = draw(st.integers(0, n - 1))
    ids = np.array([f"c{k:02d}" for k in range(n)], object)
    ends = (np.array(upper), np.array(lower))
    return ids, ends, np.array(sort, object), np.array(length), float(draw(st.integers(30, 120)))


def hang_together(rows, ends, sort):
    """Tell whether conduits are of one sort and connected through shared nodes."""
    rows = set(rows)
    if len({sort[row] for row in rows}) > 1:
        return False
    reached, todo = set(), [min(rows)]
    while todo:
        row = todo.pop()
        reached.add(row)
        mine = {ends[0][row], ends[1][row]}
        todo += [one for one in rows - reached if mine & {ends[0][one], ends[1][one]}]
    return reached == rows


@settings(max_examples=200, deadline=None)
@given(networks(), st.randoms(use_true_random=False))
def test_packages_hang_together_are_short_enough_and_do_not_depend_on_the_order_of_rows(city, chance):
    ids, ends, sort, length, longest = city
    label = stretches(ids, ends, sort, length, longest)
    for rows in pieces(label):
        assert hang_together(rows, ends, sort)
        assert len(rows) == 1 or length[list(rows)].sum() <= longest + 1e-6
    order = list(range(len(ids)))
    chance.shuffle(order)
    turned = stretches(ids[order], (ends[0][order], ends[1][order]), sort[order], length[order], longest)
    named = {frozenset(ids[list(rows)]) for rows in pieces(label)}
    assert {frozenset(ids[order][list(rows)]) for rows in pieces(turned)} == named


def fewest(ids, ends, sort, length, longest):
    """Return by trying every partition how few pieces there can be."""
    best = len(ids)
    for labels in product(range(len(ids)), repeat=len(ids)):
        if labels[0] or any(labels[k] > max(labels[:k]) + 1 for k in range(1, len(labels))):
            continue
        groups = [[k for k, one in enumerate(labels) if one == name] for name in range(max(labels) + 1)]
        if len(groups) < best and all(
            hang_together(rows, ends, sort) and (len(rows) == 1 or length[rows].sum() <= longest)
            for rows in groups
        ):
            best = len(groups)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_no_partition_of_a_sewer_without_loops_has_fewer_pieces(seed):
    rng = np.random.default_rng(seed)
    n = 6
    ids = np.array([f"c{k}" for k in range(n)], object)
    ends = (np.arange(1, n + 1), np.array([rng.integers(0, k + 1) for k in range(n)]))
    length = rng.integers(5, 50, n).astype(float)
    sort = np.full(n, "R", object)
    label = stretches(ids, ends, sort, length, 80.0)
    assert len(pieces(label)) == fewest(ids, ends, sort, length, 80.0)
