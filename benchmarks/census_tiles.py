"""Vector tiles of a city beside PostGIS: equal features, equal vertices, gzipped by both; a city as PMTiles.

The peer is ``ST_AsMVT`` over a clustered table with a GiST index in Web Mercator, four attributes and an id,
and the same gzip level 1 by the standard library, as a tile server of Python would send it.
"""

import shutil
import statistics
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import psycopg
import shapely
from _census_city import census_city
from _postgres import postgres
from isal import igzip

from wenqu.network.geometry import Shapes, bounds
from wenqu.network.model import City, Network, assets
from wenqu.protocols.mvt import encode_layer, layer
from wenqu.protocols.tiles import HALF_WORLD, Tile, TileIndex, along_curve
from wenqu.services.city_state import CityState
from wenqu.services.map_tiles import map_of
from wenqu.services.pack_tiles import pack_tiles
from wenqu.store.database import open_store

ASK = """
SELECT ST_AsMVT(t, 'link', 4096, 'g', 'id') FROM (
  SELECT id, system, height, material, age,
    ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64) AS g
  FROM pipes WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096)
) AS t WHERE g IS NOT NULL"""
MATERIALS = np.array(["concrete", "hdpe", "pvc", "ductile_iron", "clay"], dtype=object)
SYSTEMS = np.array(["sanitary", "storm", "combined"], dtype=object)
LOW = range(8, 14)  # zooms at which pipes are thinned
BOUND = 500.0  # [kB] that a tile may weigh there

SRID_3857 = "0102000020110F0000"  # head of a line's extended well-known binary


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    pipes, runs = (60_000, 5) if quick else (1_000_000, 15)
    state = _state(census_city(pipes))
    folder = Path(tempfile.mkdtemp(prefix="tiles-"))
    try:
        yield from _live(state, runs)
        yield from _packed(state, folder)
    finally:
        shutil.rmtree(folder)


def _state(city: object) -> CityState:
    draw = np.random.default_rng(6)
    size = len(city.start)
    starts = np.arange(0, 3 * size + 1, 3)
    conduits = assets(
        "conduit",
        city.pipe_ids,
        {
            "from_id": city.node_ids[city.start],
            "to_id": city.node_ids[city.end],
            "system": SYSTEMS[draw.integers(0, 3, size)],
            "material": MATERIALS[draw.integers(0, 5, size)],
            "height": draw.choice([0.3, 0.4, 0.5, 0.6, 0.8, 1.0], size),
            "year": draw.integers(1978, 2024, size).astype(float),
        },
        Shapes.lines(city.lines.reshape(-1, 2), starts),
    )
    manholes = assets("manhole", city.node_ids, {}, Shapes.points(city.places))
    return CityState(
        Network(City("bench", crs="EPSG:4549"), {"manhole": manholes, "conduit": conduits}, "2025-06-30")
    )


def _live(state: CityState, runs: int) -> Iterator[dict[str, object]]:
    table = state.network.table("conduit")
    shapes = state.placed(table.shapes, "EPSG:3857")
    facts = {name: table.column(name) for name in ("system", "height", "material")}
    facts["age"] = 2025 - table.column("year")
    order = along_curve(bounds(shapes))  # as the map keeps its layers
    shapes = shapes.take(order)
    facts = {name: values[order] for name, values in facts.items()}
    made = layer("link", "line", (shapes.coords, shapes.parts, shapes.assets), np.arange(len(table)), facts)
    index = TileIndex.of(bounds(shapes))
    encode_layer(made, index.of_tile(Tile(14, 0, 0)), Tile(14, 0, 0))  # compiles
    with _postgis() as ask:
        _fill(ask, shapes, facts)
        for z in (14, 16):
            tiles = _fullest(shapes, z)
            heaviest = tiles[0]
            _same(ask, made, index, heaviest)

            def ours(tiles: list[Tile]) -> None:
                for tile in tiles:
                    igzip.compress(encode_layer(made, index.of_tile(tile), tile), 1)

            def theirs(tiles: list[Tile]) -> None:
                for tile in tiles:
                    zlib.compress(_theirs(ask, tile), 1)

            yield _pair(f"heaviest z{z} tile, gzipped", ours, theirs, [heaviest], runs)
            yield _pair(f"50 live z{z} tiles, gzipped", ours, theirs, tiles[:50], max(3, runs // 3))


def _pair(
    name: str, ours: Callable[..., None], peer: Callable[..., None], tiles: list[Tile], runs: int
) -> dict[str, object]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for side, question in enumerate((ours, peer)):
            start = time.perf_counter()
            question(tiles)
            taken[side].append((time.perf_counter() - start) * 1e3)
    mine, other = (statistics.median(times) for times in taken)
    return {"name": name, "ours": mine, "peer": other, "ratio": other / mine, "unit": "ms", "runs": runs}


def _fullest(shapes: Shapes, z: int) -> list[Tile]:
    side = 2 * HALF_WORLD / 2**z
    middle = shapes.coords[shapes.parts[:-1] + 1]
    cells = np.column_stack([middle[:, 0] + HALF_WORLD, HALF_WORLD - middle[:, 1]]) // side
    names, counts = np.unique(cells.astype(np.int64), axis=0, return_counts=True)
    return [Tile(z, int(x), int(y)) for x, y in names[np.argsort(-counts, kind="stable")]]


def _packed(state: CityState, folder: Path) -> Iterator[dict[str, object]]:
    store = open_store(str(folder / "store"))
    with store.change("bench", who="benchmark", why="tiles") as change:
        change.put_city(state.network.city)
    pack_tiles(store, _state(census_city(2000)), folder / "small.pmtiles")  # loads the kernels
    start = time.perf_counter()
    told = pack_tiles(store, state, folder / "city.pmtiles", zooms=(10, 16))
    cold = time.perf_counter() - start
    start = time.perf_counter()
    pack_tiles(store, state, folder / "city.pmtiles", zooms=(10, 16))
    warm = time.perf_counter() - start
    made = map_of(store, state)
    shapes = state.placed(state.network.table("conduit").shapes, "EPSG:3857")
    largest = max(len(made.tile(t.z, t.x, t.y)) for z in LOW for t in _fullest(shapes, z)[:6]) / 1000
    store.close()
    size = f"{len(state.network.table('conduit')):,} pipes"
    yield {
        "name": f"largest tile z{LOW[0]}-{LOW[-1]} of {size}, gzipped, against the bound", "ours": largest,
        "peer": BOUND, "ratio": BOUND / largest, "unit": "kB", "runs": 1, "target": "≤ 500",
    }  # fmt: skip
    told = f"PMTiles z10-16 of {size}, {told['tiles']} tiles"
    for name, taken, target in (("from the network on", cold, "≤ 5"), ("layers at hand", warm, "")):
        yield {
            "name": f"{told}, {name}", "ours": taken, "peer": None, "ratio": None, "unit": "s", "runs": 1,
            "target": target,
        }  # fmt: skip


# The peer


def _theirs(ask: psycopg.Connection, tile: Tile) -> bytes:
    row = ask.execute(ASK, {"z": tile.z, "x": tile.x, "y": tile.y}, prepare=True, binary=True).fetchone()
    return bytes(row[0])


def _fill(ask: psycopg.Connection, shapes: Shapes, facts: dict[str, np.ndarray]) -> None:
    lines = shapely.to_wkb(shapely.linestrings(shapes.coords.reshape(-1, 3, 2)), hex=True, include_srid=False)
    ask.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    ask.execute(
        "CREATE TABLE pipes (id bigint, system text, height float8, material text, age float8,"
        " geom geometry(LineString, 3857))"
    )
    with ask.cursor().copy("COPY pipes FROM STDIN") as copy:
        rows = zip(facts["system"], facts["height"], facts["material"], facts["age"], lines, strict=True)
        for start, row in enumerate(rows):
            copy.write_row((start, row[0], row[1], row[2], row[3], SRID_3857 + row[4][10:]))
    ask.execute("CREATE INDEX place ON pipes USING gist (geom)")
    ask.execute("CLUSTER pipes USING place")
    ask.execute("ANALYZE pipes")


def _same(ask: psycopg.Connection, made: object, index: TileIndex, tile: Tile) -> None:
    """Refuse to compare when the two tiles differ in a feature, a value or a vertex by more than a unit."""
    ours, theirs = (
        {row["id"]: row for row in mapbox_vector_tile.decode(data)["link"]["features"]}
        for data in (encode_layer(made, index.of_tile(tile), tile), _theirs(ask, tile))
    )
    if ours.keys() != theirs.keys():
        raise ArithmeticError(f"the two sides differ in {len(ours.keys() ^ theirs.keys())} features")
    for number, row in ours.items():
        mine, other = (np.array(_flat(side["geometry"]["coordinates"])) for side in (row, theirs[number]))
        if row["properties"] != theirs[number]["properties"]:
            raise ArithmeticError(f"the two sides differ in the values of {number}")
        if mine.shape != other.shape or np.abs(mine - other).max() > 1:
            raise ArithmeticError(f"the two sides differ in the vertices of {number}")


def _flat(nested: list) -> list:
    return nested if isinstance(nested[0][0], int) else [point for part in nested for point in part]


@contextmanager
def _postgis() -> Iterator[psycopg.Connection]:
    with (
        postgres("fsync = off\nshared_buffers = '512MB'\n") as address,
        psycopg.connect(address, autocommit=True) as ask,
    ):
        yield ask
