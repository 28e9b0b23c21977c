"""The whole map of a city as one file: a PMTiles archive that any map page can read from a plain server."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from os import cpu_count
from pathlib import Path

from pmtiles.tile import Compression, TileType, zxy_to_tileid

from wenqu.progress import Progress, silent
from wenqu.protocols.archive import Archive
from wenqu.protocols.pyramid import touched
from wenqu.services.city_state import CityState
from wenqu.services.map_tiles import CityMap, map_of
from wenqu.store.database import Store

LOWEST, HIGHEST = 6, 16  # the page draws deeper zooms from the tiles of zoom 16
AHEAD = 64  # tiles that are under way or wait to be written
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
    with ThreadPoolExecutor(cpu_count()) as pool:  # the two large layers beside each other
        list(pool.map(lambda layer: layer(), [lambda: made.links, lambda: made.nodes]))
    tiles = sorted((zxy_to_tileid(*tile), *tile) for tile in _tiles(made, zooms))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file, ThreadPoolExecutor(cpu_count()) as pool:
            archive = Archive(file)
            count = 0
            for done, (number, body) in enumerate(_made(made, tiles, pool), 1):
                if body:
                    archive.put(number, body)
                    count += 1
                if done % AT_ONCE == 0 or done == len(tiles):
                    progress(done / len(tiles))
            archive.finish(_header(state, zooms), _about(state, made, zooms))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return {"tiles": count, "bytes": path.stat().st_size}


def _made(
    made: CityMap, tiles: list[tuple[int, int, int, int]], pool: ThreadPoolExecutor
) -> Iterator[tuple[int, bytes]]:
    """Yield number and body of every tile in order; some are always under way."""
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    for number, z, x, y in tiles:
        waiting.append((number, pool.submit(made.tile, z, x, y)))
        if len(waiting) >= AHEAD:
            first, body = waiting.popleft()
            yield first, body.result()
    for first, body in waiting:
        yield first, body.result()


def _tiles(made: CityMap, zooms: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    for z in range(zooms[0], zooms[1] + 1):
        met = [touched(entry.boxes, z) for entry in made.shown(z)]
        for x, y in {place for xs, ys in met for place in zip(xs.tolist(), ys.tolist(), strict=True)}:
            yield z, x, y


def _header(state: CityState, zooms: tuple[int, int]) -> dict[str, object]:
    west, south, east, north = (round(value * 1e7) for value in state.bounds)
    return {
        "min_zoom": zooms[0], "max_zoom": zooms[1],
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
