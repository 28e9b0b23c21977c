"""Which sewers drain most: worked out by hand."""

import numpy as np

from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology
from wenqu.network.trunks import drained_length


def made(links):
    """Return the drained length of links {id: (from, to, length)}."""
    nodes = sorted({end for begin, to, _ in links.values() for end in (begin, to)})
    begin, end, length = zip(*links.values(), strict=True)
    tables = {
        "manhole": assets("manhole", nodes, {}, Shapes.points(np.zeros((len(nodes), 2)))),
        "conduit": assets("conduit", list(links), {"from_id": begin, "to_id": end, "length": length}),
    }
    tree = topology(Network(City("x"), tables))
    return dict(zip(tree.link_ids, drained_length(tree).tolist(), strict=True))


def test_every_pipe_drains_itself_and_all_above():
    found = made({"a": ("1", "3", 10.0), "b": ("2", "3", 20.0), "c": ("3", "4", 5.0)})
    assert found == {"a": 10.0, "b": 20.0, "c": 35.0}


def test_pipes_of_a_loop_drain_all_that_enters_it():
    found = made({"a": ("1", "2", 10.0), "b": ("2", "3", 1.0), "c": ("3", "2", 2.0), "d": ("3", "4", 4.0)})
    assert found == {"a": 10.0, "b": 13.0, "c": 13.0, "d": 17.0}


def test_a_city_without_links_has_no_trunks():
    assert len(drained_length(topology(Network(City("x"), {})))) == 0
