"""A city's map in one file, read back by a second tool."""

import gzip

import mapbox_vector_tile
from pmtiles.reader import MmapSource, Reader, all_tiles

from wenqu.services.map_tiles import map_of
from wenqu.services.pack_tiles import pack_tiles


def test_the_archive_holds_the_very_tiles_that_the_map_draws(small, tmp_path):
    told = []
    made = pack_tiles(small.store, small.state, tmp_path / "a" / "city.pmtiles", progress=told.append)
    with (tmp_path / "a" / "city.pmtiles").open("rb") as file:
        tiles = dict(all_tiles(MmapSource(file)))
        archive = Reader(MmapSource(file))
        header, about = archive.header(), archive.metadata()
    assert len(tiles) == made["tiles"] > 0
    assert all(map_of(small.store, small.state).tile(*place) == body for place, body in tiles.items())
    deepest = [mapbox_vector_tile.decode(gzip.decompress(tiles[place])) for place in tiles if place[0] == 16]
    links = [row for tile in deepest for row in tile.get("link", {"features": []})["features"]]
    pipes = {row["properties"]["id"] for row in links}
    assert pipes == {"cA1", "cA2", "cB1", "cB2", "cS"}
    assert {layer["id"] for layer in about["vector_layers"]} == {
        "area",
        "area-name",
        "river",
        "link",
        "node",
        "place",
    }
    assert header["max_zoom"] == 16
    assert told[-1] == 1.0
    assert [file.name for file in (tmp_path / "a").iterdir()] == ["city.pmtiles"]


def test_a_city_of_nothing_is_an_archive_too(bare, tmp_path):
    assert pack_tiles(bare.store, bare.state, tmp_path / "b.pmtiles")["tiles"] == 0
