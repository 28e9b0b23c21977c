"""What a tile of the map holds."""

import gzip
from dataclasses import replace

import mapbox_vector_tile
import numpy as np
import pytest

from wenqu.network.model import City, Network
from wenqu.services.city_state import CityState
from wenqu.services.map_tiles import map_of


def cell(lon, lat, z):
    n = 2**z
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * n
    return z, int((lon + 180) / 360 * n), int(y)


def layers(city, z):
    """Return every feature of the tiles of one zoom that the city touches, by layer and id."""
    west, south, east, north = city.state.bounds
    _, x0, y0 = cell(west, north, z)
    _, x1, y1 = cell(east, south, z)
    found = {}
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            body = map_of(city.store, city.state).tile(z, x, y)
            decoded = mapbox_vector_tile.decode(gzip.decompress(body)) if body else {}
            for name, made in decoded.items():
                for feature in made["features"]:
                    row = feature["properties"]
                    found.setdefault(name, {})[row["type"], row["id"]] = row
    return found


def test_from_near_everything_is_drawn_with_what_the_map_colours_by(small):
    made = layers(small, 16)
    assert {id_ for _, id_ in made["link"]} == {"cA1", "cA2", "cB1", "cB2", "cS"}
    assert {id_ for _, id_ in made["node"]} == {"A1", "A2", "B1", "B2", "S1", "O1", "PL", "QL", "IN"}
    pipe = made["link"]["conduit", "cA1"]
    assert pipe["grade"] == 3
    assert pipe["system"] == "sanitary"
    assert pipe["extraneous_per_km"] == pytest.approx(1296.0, rel=1e-6)
    assert pipe["plan_year"] == 2026
    assert pipe["height"] == pytest.approx(0.3)
    assert "age" not in made["link"]["conduit", "cB2"], "what is unknown is left out"
    assert {id_ for _, id_ in made["area"]} == {"A", "B", "M"}
    assert made["node"]["manhole", "A1"]["name"] == "甲一"


def test_from_far_only_plants_stations_and_outfalls_stand_for_the_nodes(small):
    made = layers(small, 13)
    assert {id_ for _, id_ in made["node"]} == {"PL", "QL", "IN", "O1"}
    assert len(made["link"]) == 5


def test_a_district_is_named_once_however_many_tiles_it_spans(small):
    body = map_of(small.store, small.state)
    named = []
    west, south, east, north = small.state.bounds
    (_, x0, y0), (_, x1, y1) = cell(west, north, 16), cell(east, south, 16)
    for x in range(x0, x1 + 1):
        for y in range(y0, y1 + 1):
            made = body.tile(16, x, y)
            tile = mapbox_vector_tile.decode(gzip.decompress(made)) if made else {}
            inside = tile.get("area-name", {"features": []})["features"]
            named += [
                f["properties"]["id"]
                for f in inside
                if all(0 <= v < 4096 for v in f["geometry"]["coordinates"])
            ]
    assert sorted(named) == sorted(set(named))
    assert "A" in named


def test_an_empty_place_is_an_empty_tile(small, bare):
    assert map_of(small.store, small.state).tile(16, 0, 0) == b""
    for z, x, y in ((0, 0, 0), (14, 8192, 8192)):
        assert map_of(bare.store, bare.state).tile(z, x, y) == b"", "nothing of it is drawn"


def test_a_city_of_nothing_has_empty_tiles(small):
    nothing = CityState(Network(City("small"), {}))
    assert [map_of(small.store, nothing).tile(z, 0, 0) for z in (0, 12, 14)] == [b"", b"", b""]


def test_the_ages_of_a_past_map_are_those_of_its_day(small):
    past = CityState(replace(small.state.network, as_of="2015-07-01T23:59:59.999999"))
    assert map_of(small.store, past).facts.age[:2].tolist() == [15.0, 5.0]
