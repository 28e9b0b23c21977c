"""Our tiles hold the features and vertices of PostGIS: lines, points, polygons, shapes of many parts."""

import mapbox_vector_tile
import numpy as np
import psycopg
import pytest
import shapely

from wenqu.network.geometry import bounds, shapes_from
from wenqu.protocols.mvt import encode_layer, layer
from wenqu.protocols.tiles import Tile, TileIndex

pytestmark = pytest.mark.postgres

TILE = Tile(14, 13736, 6743)  # over Taizhou
TOGETHER = {
    "point": shapely.MultiPoint, "line": shapely.MultiLineString, "polygon": shapely.MultiPolygon
}  # fmt: skip
ASK = """
SELECT ST_AsMVT(t, 'x', 4096, 'g', 'id') FROM (
  SELECT id, ST_AsMVTGeom(geom, ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4096, 64) AS g FROM drawn
  WHERE geom && ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) ORDER BY id
) AS t WHERE g IS NOT NULL"""


def scattered(kind, count=400):
    """Return made-up geometries in and around the tile; every third has several parts."""
    draw = np.random.default_rng(11)
    west, south, east, north = TILE.box(0.2)
    middles = np.column_stack([draw.uniform(west, east, count), draw.uniform(south, north, count)])
    made = []
    for number, middle in enumerate(middles):
        parts = [middle + np.array([900.0 * part, 0.0]) for part in range(1 + 2 * (number % 3 == 0))]
        made.append(TOGETHER[kind]([one(kind, draw, at) for at in parts]))
    return np.array(made, dtype=object)


def one(kind, draw, at):
    """Return one part about a place. [m]"""
    if kind == "point":
        return shapely.Point(at)
    if kind == "line":
        return shapely.LineString(at + np.cumsum(draw.normal(0, 40, (draw.integers(2, 8), 2)), axis=0))
    angles = np.linspace(0, 2 * np.pi, draw.integers(5, 12), endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * draw.uniform(60, 200)
    return shapely.Polygon(at + ring, [at + ring[::-1] / 3])


def theirs(server, geometries):
    with psycopg.connect(f"postgresql://{server}/postgres") as ask:
        ask.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        ask.execute("CREATE TEMP TABLE drawn (id bigint, geom geometry(Geometry, 3857))")
        rows = list(enumerate(shapely.to_wkb(geometries, hex=True)))
        ask.cursor().executemany("INSERT INTO drawn VALUES (%s, ST_SetSRID(%s::geometry, 3857))", rows)
        where = {"z": TILE.z, "x": TILE.x, "y": TILE.y}
        return bytes(ask.execute(ASK, where).fetchone()[0])


def ours(kind, geometries):
    shapes = shapes_from(geometries)
    made = layer("x", kind, (shapes.coords, shapes.parts, shapes.assets), np.arange(len(geometries)), {})
    return encode_layer(made, TileIndex.of(bounds(shapes)).of_tile(TILE), TILE)


def parts_by_id(data):
    """Return the parts of every feature, each a list of vertices, rings from their lowest vertex, sorted."""
    found = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})["x"]["features"]
    made = {}
    for feature in found:
        shape = shapely.geometry.shape(feature["geometry"])
        polygons = shape.geom_type.endswith("Polygon")
        rings = [
            part for one in shapely.get_parts(shape)
            for part in ([one.exterior, *one.interiors] if polygons else [one])
        ]  # fmt: skip
        made[feature["id"]] = sorted(_vertices(part, ring=polygons) for part in rings)
    return made


def _vertices(part, *, ring):
    coords = [tuple(map(int, at)) for at in shapely.get_coordinates(part)]
    if not ring:
        return coords
    coords = coords[:-1]
    lowest = coords.index(min(coords))
    return coords[lowest:] + coords[:lowest]


@pytest.mark.parametrize("kind", ["line", "point", "polygon"])
def test_features_and_vertices_are_those_of_postgis(postgres_server, kind):
    geometries = scattered(kind)
    mine, other = parts_by_id(ours(kind, geometries)), parts_by_id(theirs(postgres_server, geometries))
    assert mine.keys() == other.keys()
    assert len(mine) > 200
    assert any(len(parts) > 1 for parts in mine.values())
    whole = [number for number in mine if inside(other[number])]
    assert len(whole) > 150
    assert {number: mine[number] for number in whole} == {number: other[number] for number in whole}
    for number in mine.keys() - set(whole):  # what the tile's edge cuts is rounded there
        if kind == "polygon":
            mine_, other_ = (shapely.make_valid(covered(parts[number])) for parts in (mine, other))
            assert mine_.symmetric_difference(other_).area <= 2 * other_.length, number
            continue
        for part, same in zip(mine[number], other[number], strict=True):
            assert len(part) == len(same), (number, part, same)
            assert np.abs(np.array(part) - np.array(same)).max() <= 1, (number, part, same)


def covered(rings):
    """Return what some rings cover: inside an odd number of them."""
    made = shapely.Polygon()
    for ring in rings:
        made = made.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return made


def inside(parts):
    return all(-64 < value < 4160 for part in parts for vertex in part for value in vertex)
