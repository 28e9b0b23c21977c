"""What lies above a meter is one interval of pipes."""

import numpy as np

from wenqu.diagnosis.pipe_order import above_link, above_node, distances_down, pipe_order, side_flows
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology

#   a --1--> c --3--> d --4--> p        e --5--> d        d --6--> c makes the loop c, d
#   b --2--> c                          e --7--> b is a side pipe
LINKS = {
    "1": ("a", "c"),
    "2": ("b", "c"),
    "3": ("c", "d"),
    "4": ("d", "p"),
    "5": ("e", "d"),
    "6": ("d", "c"),
    "7": ("e", "b"),
    "8": (None, "a"),
}


def net(links=LINKS):
    heights = [0.2 if id_ == "7" else 0.5 for id_ in links]
    return Network(
        City("x"),
        {
            "manhole": assets("manhole", "abcde", {}),
            "plant": assets("plant", ["p"], {}),
            "conduit": assets(
                "conduit",
                links,
                {
                    "from_id": [a for a, _ in links.values()],
                    "to_id": [b for _, b in links.values()],
                    "height": heights,
                    "length": [100.0] * len(links),
                },
            ),
        },
    )


def ids(order, topo, span):
    return sorted(topo.link_ids[order.link[span[0] : span[1]]])


def test_pipes_above_a_node_are_those_whose_water_comes_to_it():
    topo = topology(net())
    order = pipe_order(topo)
    assert ids(order, topo, above_node(order, topo, topo.node("a"))) == ["1"]
    assert ids(order, topo, above_node(order, topo, topo.node("p"))) == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_loop_is_one_place_and_only_the_pipe_that_drains_it_cuts_the_forest():
    topo = topology(net())
    order = pipe_order(topo)
    assert len(ids(order, topo, above_link(order, topo, topo.link("4")))) == 7
    assert above_link(order, topo, topo.link("3")) is None
    assert above_link(order, topo, topo.link("7")) is None
    assert above_link(order, topo, topo.link("8")) is None


def test_a_pipe_with_no_upstream_end_has_no_place():
    topo = topology(net())
    order = pipe_order(topo)
    assert order.place[topo.link("8")] == -1
    assert sorted(order.place[order.link].tolist()) == list(range(7))


def test_a_side_pipe_is_counted_where_it_crosses_the_boundary():
    topo = topology(net())
    assert side_flows(topo, topo.node("b")) == 1
    assert side_flows(topo, topo.node("a")) == 0
    assert side_flows(topo, topo.node("p")) == 0


def test_the_way_down_adds_up_along_the_main_links():
    straight = {name: ends for name, ends in LINKS.items() if name in "12345"}
    topo = topology(net(straight))
    down = distances_down(topo)
    assert [down[topo.node(node)] for node in "acdpe"] == [300, 200, 100, 0, 200]
    assert np.isfinite(down).all()
