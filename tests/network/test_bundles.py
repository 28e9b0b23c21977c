"""Conduits of one road become one job."""

import numpy as np

from wenqu.network.bundles import bundled

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
