"""Traces by intervals answer what a plain graph library answers."""

from dataclasses import fields

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.errors import UnknownAsset
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology
from wenqu.network.traces import downstream, first_below, path, upstream


def network(nodes, links, plants=()):
    ids = [f"n{node}" for node in range(nodes)]
    tables = {
        "manhole": assets("manhole", [id_ for node, id_ in enumerate(ids) if node not in plants], {}),
        "plant": assets("plant", [ids[node] for node in plants], {}),
        "conduit": assets(
            "conduit",
            [f"c{number}" for number in range(len(links))],
            {
                "from_id": [ids[a] for a, _ in links],
                "to_id": [ids[b] for _, b in links],
                "length": [10.0] * len(links),
            },
        ),
    }
    return Network(City("test"), tables)


def names(topo, trace):
    return set(topo.node_ids[trace.nodes]), set(topo.link_ids[trace.links])


graphs = st.integers(1, 14).flatmap(
    lambda nodes: st.tuples(
        st.just(nodes),
        st.lists(st.tuples(st.integers(0, nodes - 1), st.integers(0, nodes - 1)), max_size=30),
    )
)


@settings(max_examples=300, deadline=None)
@given(graphs, st.data())
def test_upstream_and_downstream_equal_networkx_on_any_graph_with_loops_and_bifurcations(graph, data):
    nodes, links = graph
    topo = topology(network(nodes, links))
    peer = nx.MultiDiGraph()
    peer.add_nodes_from(f"n{node}" for node in range(nodes))
    peer.add_edges_from((f"n{a}", f"n{b}", f"c{number}") for number, (a, b) in enumerate(links))
    start = f"n{data.draw(st.integers(0, nodes - 1))}"
    above = nx.ancestors(peer, start) | {start}
    below = nx.descendants(peer, start) | {start}
    for trace, expected in ((upstream, above), (downstream, below)):
        got_nodes, got_links = names(topo, trace(topo, topo.node(start)))
        assert got_nodes == expected
        assert got_links == {key for a, b, key in peer.edges(keys=True) if a in expected and b in expected}


@settings(max_examples=100, deadline=None)
@given(graphs, st.data())
def test_a_path_is_as_short_as_networkx_says(graph, data):
    nodes, links = graph
    topo = topology(network(nodes, links))
    peer = nx.DiGraph()
    peer.add_nodes_from(range(nodes))
    peer.add_edges_from(links)
    start, end = data.draw(st.integers(0, nodes - 1)), data.draw(st.integers(0, nodes - 1))
    found = path(topo, topo.node(f"n{start}"), topo.node(f"n{end}"))
    if nx.has_path(peer, start, end):
        assert len(found.nodes) == nx.shortest_path_length(peer, start, end) + 1
        assert topo.link_from[found.links].tolist() == found.nodes[:-1].tolist()
        assert topo.link_to[found.links].tolist() == found.nodes[1:].tolist()
    else:
        assert len(found.nodes) == 0


def test_each_manhole_finds_the_first_plant_below_it():
    # 0 → 1 → 2(plant) → 3(outfall side) ; 4 → 3 reaches no plant
    topo = topology(network(5, [(0, 1), (1, 2), (2, 3), (4, 3)], plants=(2,)))
    found = first_below(topo, topo.node_type == "plant")
    assert {str(topo.node_ids[node]): int(at) for node, at in enumerate(found)} == {
        "n0": topo.node("n2"),
        "n1": topo.node("n2"),
        "n2": topo.node("n2"),
        "n3": -1,
        "n4": -1,
    }


def test_everything_above_a_group_is_one_interval_of_the_preorder():
    topo = topology(network(6, [(0, 1), (1, 2), (3, 2), (2, 4), (5, 4)]))
    group = topo.group[topo.node("n2")]
    inside = {
        str(topo.node_ids[node])
        for node in range(6)
        if topo.tin[group] <= topo.tin[topo.group[node]] < topo.tout[group]
    }
    assert inside == {"n0", "n1", "n2", "n3"}


def test_a_link_with_an_unknown_end_is_kept_and_not_walked():
    city = network(2, [(0, 1)])
    broken = city.table("conduit").replace(to_id=np.array(["nowhere"], dtype=object))
    topo = topology(Network(city.city, {**city.tables, "conduit": broken}))
    assert topo.link_to.tolist() == [-1]
    assert len(downstream(topo, topo.node("n0")).nodes) == 1


def drawn_network(data, ids, links):
    """Return manholes, plants, conduits and pumps, some ends unknown, each table in the order of its ids."""

    def ends():
        known = st.sampled_from([*ids, "nowhere", None])
        return [data.draw(known) for _ in links]

    split = [data.draw(st.booleans()) for _ in ids]
    pump = [data.draw(st.integers(0, 9)) == 0 for _ in links]
    columns = {"from_id": ends(), "to_id": ends()}

    def table(type_, chosen):
        rows = [row for row, taken in enumerate(chosen) if taken]
        made = {name: [values[row] for row in rows] for name, values in columns.items()}
        return assets(type_, [links[row] for row in rows], made)

    return {
        "manhole": assets("manhole", [id_ for id_, one in zip(ids, split, strict=True) if not one], {}),
        "plant": assets("plant", [id_ for id_, one in zip(ids, split, strict=True) if one], {}),
        "conduit": table("conduit", [not one for one in pump]),
        "pump": table("pump", pump),
    }


def edited(data, tables):
    """Return tables after some rows were taken out, put in or changed; others stay the same object."""
    made = dict(tables)
    for type_, table in tables.items():
        if not data.draw(st.booleans()):
            continue
        left = np.array([data.draw(st.integers(0, 5)) > 0 for _ in range(len(table))], dtype=bool)
        kept = table.take(left)
        fields = {name: column.copy() for name, column in kept.fields.items()}
        for name, column in fields.items():
            for row in range(len(kept)):
                if data.draw(st.integers(0, 5)) == 0:
                    column[row] = data.draw(st.sampled_from(["n1", "n3", "m2", "nowhere", None]))
            fields[name] = np.append(column, np.array(["n2", "m1"], dtype=object))
        mark = "n" if type_ in {"manhole", "plant"} else "c"
        new = [f"{mark}{data.draw(st.integers(0, 9))}", f"m{data.draw(st.integers(0, 3))}"]
        ids = np.append(kept.ids, np.array(new, dtype=object))
        order = np.argsort(ids.astype(str), kind="stable")
        columns = {name: column[order] for name, column in fields.items()}
        made[type_] = assets(type_, ids[order], columns)
    return made


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_after_any_edit_the_index_is_that_of_a_full_build(data):
    ids = [f"n{number}" for number in range(data.draw(st.integers(1, 9)))]
    links = [f"c{number}" for number in range(data.draw(st.integers(0, 9)))]
    was = Network(City("test"), drawn_network(data, ids, links))
    made = topology(was)
    for _ in range(2):
        now = Network(City("test"), edited(data, was.tables))
        made, whole = topology(now, (was, made)), topology(now)
        for entry in fields(whole):
            one, other = getattr(made, entry.name), getattr(whole, entry.name)
            assert one.tolist() == other.tolist(), entry.name
        was = now


def test_an_edit_that_touches_no_node_and_no_link_leaves_the_index_as_it_is():
    was = network(4, [(0, 1), (1, 2)])
    made = topology(was)
    assert topology(Network(was.city, {**was.tables, "zone": assets("zone", ["z"], {})}), (was, made)) is made


def test_after_an_edit_of_an_attribute_the_numbers_are_taken_over():
    was = network(4, [(0, 1), (1, 2), (2, 3)])
    made = topology(was)
    other = was.table("conduit").replace(length=np.array([1.0, 2.0, 3.0]))
    now = topology(Network(was.city, {**was.tables, "conduit": other}), (was, made))
    assert now.tin is made.tin
    assert now.link_length.tolist() == [1.0, 2.0, 3.0]


def test_a_network_without_anything_has_a_topology():
    assert len(topology(Network(City("empty"), {})).node_ids) == 0


def test_an_unknown_node_is_an_error_with_its_name():
    with pytest.raises(UnknownAsset) as caught:
        topology(network(1, [])).node("x")
    assert caught.value.facts["id"] == "x"
