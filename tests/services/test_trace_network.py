"""What lies above or below an asset, and what cannot be traced."""

import numpy as np
import pytest

from wenqu.errors import UnknownAsset
from wenqu.network.model import City, Network, assets
from wenqu.services.asked_network import node_of
from wenqu.services.city_state import CityState
from wenqu.services.trace_network import trace_network


def test_below_a_manhole_lie_two_pipes_and_a_plant(small):
    made = trace_network(small.state, "A1", "down")
    assert sorted(made["links"]) == ["cA1", "cA2"]
    assert made["length_m"] == 400.0
    assert made["count"] == {"nodes": len(made["nodes"]), "links": 2}
    assert made["reaches"] == [{"type": "plant", "id": "PL", "name": "甲厂"}]
    assert made["geometry"]["type"] == "MultiLineString"
    assert sorted(len(line) for line in made["geometry"]["coordinates"]) == [2, 2]


def test_above_a_plant_lies_its_own_branch_only(small):
    assert sorted(trace_network(small.state, "QL", "up")["links"]) == ["cB1", "cB2"]
    assert trace_network(small.state, "A1", "up")["links"] == []


def test_a_link_is_traced_from_its_end_on_the_asked_side(small):
    topology = small.state.topology
    assert topology.node_ids[node_of(small.state, "cA2", "up")] == "A2"
    assert topology.node_ids[node_of(small.state, "cA2", "down")] == "PL"


def test_a_meter_is_traced_from_the_pipe_it_sits_on(small):
    assert trace_network(small.state, "Q1", "down")["links"] == ["cA2"]


def test_an_unknown_id_comes_with_the_nearest(small):
    with pytest.raises(UnknownAsset) as caught:
        trace_network(small.state, "cA9", "down")
    assert caught.value.facts["nearest"] in {"cA1", "cA2"}


def test_what_hangs_on_nothing_says_so_and_a_ring_of_references_ends():
    network = Network(
        City("x"),
        {
            "manhole": assets("manhole", ["M"], {}),
            "source": assets("source", ["U", "V", "W"], {"connects_to": ["V", "U", None]}),
            "conduit": assets("conduit", ["c"], {"from_id": ["M"], "to_id": ["NOWHERE"]}),
        },
    )
    state = CityState(network)
    for id_ in ("U", "V", "W"):
        with pytest.raises(UnknownAsset, match="unplaced"):
            trace_network(state, id_, "down")
    with pytest.raises(UnknownAsset, match="unplaced"):
        trace_network(state, "c", "down")
    assert trace_network(state, "c", "up")["nodes"] == ["M"]


def test_a_trace_of_a_bare_city_draws_nothing_where_nothing_is_drawn(bare):
    made = trace_network(bare.state, "M1", "down")
    assert made["links"] == ["c"]
    assert np.isfinite(made["length_m"])
    assert made["geometry"] == {"type": "MultiLineString", "coordinates": []}
