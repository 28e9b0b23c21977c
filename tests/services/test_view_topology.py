"""What the page shows of a map that may be wrong."""

from dataclasses import replace

import numpy as np
import pytest

from tests.services.test_city_topology import told, wrong_map
from tests.services.test_diagnose_city import CODE, network, readings
from wenqu.services.city_state import CityState
from wenqu.services.view_topology import view_topology
from wenqu.store.database import open_store


@pytest.fixture(scope="module")
def doubted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("doubted")
    told(folder, wrong_map(drawn=True), readings(np.random.default_rng(8)))
    store = open_store(str(folder / "store"))
    yield store, CityState(store.network(CODE))
    store.close()


def test_a_doubt_is_shown_with_its_places_in_degrees_and_words_in_both_languages(doubted):
    shown = view_topology(*doubted)
    first = shown["doubts"][0]
    assert shown["diagnosed"]
    assert not shown["too_little"]
    assert (first["now"]["id"], first["other"]["id"]) == ("MB", "MA")
    assert first["evidence"]["en"] == "very strong evidence"
    assert first["evidence"]["zh"] == "证据非常强"
    assert first["chance"] > 30
    assert first["node"]["id"] == first["conduit"]["id"][1:]


def test_a_city_without_meters_is_not_said_to_have_a_right_map(tmp_path):
    net = network()
    told(tmp_path, replace(net, tables={k: v for k, v in net.tables.items() if k != "meter"}), [])
    store = open_store(str(tmp_path / "store"))
    shown = view_topology(store, CityState(store.network(CODE)))
    store.close()
    assert shown["diagnosed"]
    assert shown["too_little"]


def test_a_doubt_about_a_meter_that_is_not_seen_is_not_told(doubted):
    store, _ = doubted
    whole = store.network(CODE)
    without = whole.table("meter").take(np.array([1, 2]))
    shown = view_topology(store, CityState(replace(whole, tables={**whole.tables, "meter": without})))
    assert shown["doubts"] == []


def test_a_city_that_nobody_diagnosed_says_so(tmp_path):
    store = open_store(str(tmp_path / "store"))
    with store.change(CODE, who="test", why="survey") as change:
        change.put_city(network().city)
    shown = view_topology(store, CityState(store.network(CODE)))
    store.close()
    assert not shown["diagnosed"]
    assert shown["doubts"] == shown["backwater"] == []
