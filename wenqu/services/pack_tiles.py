"""The whole map of a city as one file: a PMTiles archive that any map page can read from a plain server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from wenqu.progress import Progress, silent
from wenqu.protocols.pyramid import touched
from wenqu.services.city_state import CityState
from wenqu.services.map_tiles import CityMap, map_of
from wenqu.store.database import Store

LOWEST, HIGHEST = 6, 16  # the page draws deeper zooms from the tiles of zoom 16
AT_ONCE = 256  # tiles between two reports of progress


def pack_tiles(
    store: Store,
    state: CityState,
    path: Path,
    *,
    zooms: tuple[int, int] = (LOWEST, HIGHEST),
    progress: Progress = silent,
) -> dict[str, int]:
    """Write every tile of a city into a PMTiles archive.

    Returns
    -------
    dict
        How many tiles and bytes were written.
    """
    made = map_of(store, state)
    tiles = sorted((zxy_to_tileid(*tile), *tile) for tile in _tiles(made, zooms))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file, ThreadPoolExecutor(cpu_count()) as pool:
            writer: Any = Writer(file)  # type: ignore[no-untyped-call]
            count = 0
            for first in range(0, len(tiles), AT_ONCE):
                some = tiles[first : first + AT_ONCE]
                bodies = pool.map(lambda one: made.tile(*one[1:]), some)
                for (number, *_), body in zip(some, bodies, strict=True):
                    if body:
                        writer.write_tile(number, body)
                        count += 1
                progress((first + len(some)) / len(tiles))
            if not count:
                writer.write_tile(0, b"")
            writer.finalize(_header(state, zooms), _about(state, made, zooms))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return {"tiles": count, "bytes": path.stat().st_size}


def _tiles(made: CityMap, zooms: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    for z in range(zooms[0], zooms[1] + 1):
        boxes = np.concatenate([entry.boxes for entry in made.shown(z)])
        for x, y in zip(*touched(boxes, z), strict=True):
            yield z, int(x), int(y)


def _header(state: CityState, zooms: tuple[int, int]) -> dict[str, object]:
    west, south, east, north = (round(value * 1e7) for value in state.bounds)
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west, "min_lat_e7": south, "max_lon_e7": east, "max_lat_e7": north,
        "center_zoom": zooms[0], "center_lon_e7": (west + east) // 2, "center_lat_e7": (south + north) // 2,
    }  # fmt: skip


def _about(state: CityState, made: CityMap, zooms: tuple[int, int]) -> dict[str, object]:
    """Return the archive's description (TileJSON 3.0 vector_layers), the simulated mark included."""
    city = state.network.city
    layers = {entry.made.name: entry.made for z in range(zooms[0], zooms[1] + 1) for entry in made.shown(z)}
    return {
        "name": city.zh or city.code,
        "description": "simulated" if city.simulated else "",
        "version": str(state.network.version),
        "vector_layers": [
            {"id": name, "minzoom": zooms[0], "maxzoom": zooms[1], "fields": dict.fromkeys(entry.keys, "")}
            for name, entry in layers.items()
        ],
    }
