"""Velocities, times and cheapest ways: by hand, and as networkx finds them."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology
from wenqu.network.travel import along, travel, way_to, ways_down, ways_up


def network(links, **columns):
    nodes = sorted({end for link in links for end in link})
    return Network(
        City("test"),
        {
            "manhole": assets("manhole", nodes, {}),
            "conduit": assets(
                "conduit",
                [f"c{number}" for number in range(len(links))],
                {"from_id": [a for a, _ in links], "to_id": [b for _, b in links], **columns},
            ),
        },
    )


def test_a_pipe_just_full_runs_as_manning_says():
    # v = (0.4/4)^(2/3) · √0.004 / 0.013 = 0.21544 · 0.063246 / 0.013 = 1.0481 m/s; 100 m take 95.41 s
    made = network([("a", "b")], length=[100.0], height=[0.4], from_invert=[10.4], to_invert=[10.0])
    found = travel(made, topology(made))
    assert found.velocity[0] == pytest.approx(1.0481, abs=1e-4)
    assert found.seconds[0] == pytest.approx(95.41, abs=0.01)
    assert found.low[0] == pytest.approx(95.41 / 1.14, abs=0.01)
    assert found.high[0] == pytest.approx(95.41 / 0.4, abs=0.03)


def test_a_pipe_that_rises_or_is_pressed_is_taken_at_the_assumed_velocity():
    made = network(
        [("a", "b"), ("b", "c")],
        length=[70.0, 70.0],
        height=[0.4, 0.4],
        from_invert=[10.0, 10.4],
        to_invert=[10.4, 10.0],
        pressure=[None, "pressure"],
    )
    assert travel(made, topology(made)).seconds.tolist() == [100.0, 100.0]


def test_a_velocity_given_counts_for_all_and_has_no_interval():
    made = network([("a", "b")], length=[100.0])
    found = travel(made, topology(made), 2.0)
    assert (found.seconds[0], found.low[0], found.high[0]) == (50.0, 50.0, 50.0)


graphs = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 20)), min_size=1, max_size=30
)


@settings(max_examples=150, deadline=None)
@given(graphs, st.data())
def test_cheapest_ways_cost_what_networkx_says(links, data):
    made = network([(f"n{a}", f"n{b}") for a, b, _ in links], length=[float(cost) for *_, cost in links])
    topo = topology(made)
    peer = nx.MultiDiGraph()
    peer.add_weighted_edges_from((f"n{a}", f"n{b}", cost) for a, b, cost in links)
    start = data.draw(st.sampled_from(sorted(peer.nodes)))
    down = ways_down(topo, topo.node(start), topo.link_length)
    expected = nx.single_source_dijkstra_path_length(peer, start)
    assert {
        str(topo.node_ids[node]): cost for node, cost in zip(down.nodes, down.cost, strict=True)
    } == expected
    up = ways_up(topo, topo.node(start), topo.link_length)
    expected = nx.single_source_dijkstra_path_length(peer.reverse(), start)
    assert {str(topo.node_ids[node]): cost for node, cost in zip(up.nodes, up.cost, strict=True)} == expected
    assert np.allclose(along(down, topo.link_length), down.cost)
    nodes, way = way_to(down, int(down.nodes[-1]))
    assert topo.link_from[way].tolist() == nodes[:-1].tolist()
    assert topo.link_to[way].tolist() == nodes[1:].tolist()
