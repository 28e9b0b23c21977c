"""Where water divides, meets again, is pumped across or stored, against sums by hand."""

import numpy as np
import pytest

from wenqu.diagnosis.cell_graph import stick_prior, tree_graph
from wenqu.diagnosis.pipe_order import pipe_order
from wenqu.diagnosis.split_cells import Spot, split_cells
from wenqu.diagnosis.travelled_waves import DAY, ORDERS, travel, ways_of, ways_on
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology

DIAMOND = {
    "a": ("n0", "n1"), "b": ("n1", "n2"), "c": ("n1", "n3"), "d": ("n2", "n4"), "e": ("n3", "n5"),
    "f": ("n4", "n6"), "g": ("n5", "n6"), "h": ("n6", "n7"),
}  # fmt: skip
TURN = -2j * np.pi / (DAY * 0.5) * np.arange(ORDERS)


def cut(links, meters, tanks=(), weight=None):
    """Return the topology, the order and the cells of conduits of 100 m."""
    ends = np.array(list(links.values()), dtype=object)
    network = Network(
        City("x"),
        {
            "manhole": assets("manhole", sorted(set(ends.ravel())), {}),
            "conduit": assets(
                "conduit", list(links),
                {"from_id": ends[:, 0], "to_id": ends[:, 1], "length": np.full(len(links), 100.0)},
            ),
        },
    )  # fmt: skip
    index = topology(network)
    order = pipe_order(index)
    spots = [Spot(index.link(name), -1) for name in meters]
    held = {index.node(name): seconds for name, seconds in dict(tanks).items()}
    weight = np.ones(len(links)) if weight is None else np.array([weight.get(name, 1.0) for name in links])
    return index, order, split_cells(index, order, spots, held, weight)


def share_of(found, order, index, name):
    """Return the share of a conduit's own water that passes each meter."""
    place = int(order.place[index.link(name)])
    return found.graph.ways()[0][:, found.cell[place]]


def test_branches_that_meet_again_before_any_meter_are_no_split():
    assert cut(DIAMOND, ["h"])[2] is None
    assert cut(DIAMOND, ["a", "h"])[2] is None


def test_a_meter_on_one_branch_sees_its_share_and_the_meter_below_sees_all():
    index, order, found = cut(DIAMOND, ["e", "h"])
    assert [split.node for split in found.splits] == ["n1"]
    np.testing.assert_allclose(share_of(found, order, index, "a"), [0.5, 1.0])
    np.testing.assert_allclose(share_of(found, order, index, "c"), [1.0, 1.0])
    np.testing.assert_allclose(share_of(found, order, index, "d"), [0.0, 1.0])


def test_water_that_leaves_for_an_outlet_without_a_meter_is_gone():
    links = {**DIAMOND, "x": ("n2", "out")}
    index, order, found = cut(links, ["h"], weight={"x": 3.0})
    np.testing.assert_allclose(share_of(found, order, index, "b"), [0.25])
    np.testing.assert_allclose(share_of(found, order, index, "g"), [1.0])


def test_a_link_that_carries_nothing_in_dry_weather_divides_nothing():
    assert cut({**DIAMOND, "x": ("n2", "out")}, ["h"], weight={"x": 0.0})[2] is None


def test_a_transfer_pumped_into_another_catchment_reaches_its_meter():
    links = {"a": ("a0", "a1"), "b": ("a1", "a2"), "p": ("a1", "c1"), "c": ("c0", "c1"), "d": ("c1", "c2")}
    index, order, found = cut(links, ["b", "d"], weight={"b": 3.0})
    np.testing.assert_allclose(share_of(found, order, index, "a"), [0.75, 0.25])
    np.testing.assert_allclose(share_of(found, order, index, "c"), [0.0, 1.0])


def test_a_loop_is_one_place_with_as_many_ways_out_as_lead_on():
    links = {
        "a": ("n0", "n1"), "b": ("n1", "n2"), "r": ("n2", "n1"), "c": ("n2", "n3"), "d": ("n1", "n4"),
        "e": ("n3", "n5"), "f": ("n4", "n6"),
    }  # fmt: skip
    index, order, found = cut(links, ["e", "f"])
    np.testing.assert_allclose(share_of(found, order, index, "r"), [0.5, 0.5])
    assert len(found.splits) == 1


def test_three_branches_share_by_what_they_can_carry_and_all_water_arrives():
    links = {"a": ("n0", "n1"), **{f"b{k}": ("n1", f"m{k}") for k in range(3)}}
    index, order, found = cut(links, ["b0", "b1", "b2"], weight={"b0": 5.0, "b1": 3.0, "b2": 2.0})
    got = share_of(found, order, index, "a")
    np.testing.assert_allclose(got, [0.5, 0.3, 0.2])
    assert got.sum() == pytest.approx(1.0)


def test_slopes_of_splits_and_tanks_are_those_of_small_steps():
    _, _, found = cut({**DIAMOND, "x": ("n3", "n6")}, ["e", "x", "h", "b"], {"n6": 7200.0, "n1": 3600.0})
    graph = found.graph
    base, slope = graph.carried(TURN, graph.mean)
    for number in range(graph.unsure):
        step = graph.mean.copy()
        step[number] += 1e-6
        by_step = (graph.carried(TURN, step)[0] - base) / 1e-6
        np.testing.assert_allclose(slope[number], by_step, atol=1e-6)
    assert graph.unsure == 4


def test_a_tank_flattens_the_wave_and_keeps_the_mean():
    index, order, found = cut(DIAMOND, ["h"], {"n1": 7200.0})
    arrived, _ = found.graph.carried(TURN, found.graph.mean)
    upper = found.cell[order.place[index.link("a")]]
    assert arrived[0, upper, 0] == pytest.approx(1.0)
    flat = np.abs(arrived[0, upper])
    np.testing.assert_allclose(flat, 1 / np.hypot(1, 2 * np.pi / DAY * 7200 * np.arange(ORDERS)))


def test_the_graph_of_a_tree_carries_what_intervals_carry():
    area, first, last = np.array([2, 2, 1, 1, 0, 0]), np.array([4, 2, 0]), np.array([6, 4, 6])
    down = np.array([1.0, 2.0, 3.0, 4.0, 3.0, 4.0]) * 500
    meter_down = np.array([1000.0, 1000.0, 0.0])
    pairs = np.array([[4, 6], [2, 4], [0, 6]])
    ways = ways_of(area, np.ones(6), down, meter_down, (first, last), pairs)
    own = np.zeros((3, 4), dtype=bool)
    own[[0, 1, 2], [0, 1, 2]] = True
    graph = tree_graph(ways.above, ways.outlet, own)
    other = ways_on(graph, (area, np.ones(6), down), meter_down, ways.outlet)
    np.testing.assert_allclose(travel(other, 0.5).kept, travel(ways, 0.5).kept, atol=1e-12)
    np.testing.assert_allclose(other.through[:3, :3], ways.through[:3, :3], atol=1e-9)


def test_the_guess_of_a_split_is_wide_and_never_certain():
    mean, sd = stick_prior(np.array([1.0, 1e-9]))
    assert 0.9 < 1 / (1 + np.exp(-mean[0])) < 1
    assert sd[0] > 1
    equal, _ = stick_prior(np.array([2.0, 2.0]))
    assert equal[0] == pytest.approx(0.0)
