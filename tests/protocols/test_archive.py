"""A PMTiles file written in one pass is read by the reference reader."""

import random

import pytest
from pmtiles.reader import Reader, all_tiles
from pmtiles.tile import Compression, TileType, tileid_to_zxy

from wenqu.protocols.archive import ROOM, Archive

HEADER = {"min_zoom": 0, "max_zoom": 9, "tile_type": TileType.MVT, "tile_compression": Compression.NONE}


def written(path, tiles):
    with path.open("wb") as file:
        archive = Archive(file)
        for number, body in tiles:
            archive.put(number, body)
        archive.finish(HEADER, {"name": "城"})
    held = path.read_bytes()
    return lambda offset, length: held[offset : offset + length]


@pytest.mark.parametrize("count", [0, 1, 9000])
def test_every_tile_comes_back(tmp_path, count):
    draw = random.Random(1)
    numbers = sorted(draw.sample(range(4**8), count))
    tiles = [(number, f"tile {number}".encode() * draw.randint(1, 300)) for number in numbers]
    source = written(tmp_path / "a.pmtiles", tiles)
    assert dict(all_tiles(source)) == {tileid_to_zxy(number): body for number, body in tiles}
    assert Reader(source).metadata() == {"name": "城"}
    header = Reader(source).header()
    lengths = ("metadata_length", "leaf_directory_length", "tile_data_length")
    assert (tmp_path / "a.pmtiles").stat().st_size == ROOM + sum(header[name] for name in lengths)
    assert header["addressed_tiles_count"] == header["tile_entries_count"] == count
    assert (header["leaf_directory_length"] > 0) == (count == 9000)


def test_equal_tiles_are_kept_once(tmp_path):
    tiles = [(0, b"sea"), (1, b"sea"), (2, b"land"), (3, b"sea"), (7, b"sea")]
    source = written(tmp_path / "a.pmtiles", tiles)
    assert dict(all_tiles(source)) == {tileid_to_zxy(number): body for number, body in tiles}
    header = Reader(source).header()
    assert (header["tile_contents_count"], header["tile_entries_count"]) == (2, 4)
    assert header["tile_data_length"] == len(b"sealand")
