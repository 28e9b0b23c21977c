"""Vector tiles decode in a second tool to what Shapely clips."""

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from wenqu.protocols.mvt import BUFFER, EXTENT, encode_layer, layer
from wenqu.protocols.tiles import HALF_WORLD, Tile, TileIndex

TILE = Tile(14, 13736, 6743)  # over Taizhou
SIDE = 2 * HALF_WORLD / 2**14


def metres(x, y, tile=TILE):
    """Return Web-Mercator metres of tile units (y down)."""
    west, _, _, north = tile.box()
    return np.column_stack([west + np.asarray(x) * SIDE / EXTENT, north - np.asarray(y) * SIDE / EXTENT])


def drawn(lines):
    """Return the shapes of one part an asset from lists of tile units."""
    coords = np.concatenate([metres(*np.array(line, float).T) for line in lines])
    starts = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    return coords, starts, np.arange(len(lines) + 1)


def decoded(data, name="x"):
    found = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    return {feature["id"]: feature for feature in found[name]["features"]} if data else {}


def encoded(kind, shapes, **attributes):
    size = len(shapes[2]) - 1
    made = layer("x", kind, shapes, np.arange(size), {k: np.array(v) for k, v in attributes.items()})
    return decoded(encode_layer(made, np.arange(size), TILE))


def test_a_line_inside_keeps_its_vertices_rounded_and_without_repeats():
    found = encoded("line", drawn([[(10.2, 20.4), (10.4, 20.3), (100, 200), (4000, 3000)]]))
    assert found[0]["geometry"]["coordinates"] == [[10, 20], [100, 200], [4000, 3000]]


def test_a_line_that_leaves_and_returns_becomes_two_parts_cut_at_the_buffer():
    found = encoded("line", drawn([[(4000, 100), (4400, 100), (4400, 300), (4000, 300)]]))
    edge = EXTENT + BUFFER
    assert found[0]["geometry"]["coordinates"] == [[[4000, 100], [edge, 100]], [[edge, 300], [4000, 300]]]


def test_a_segment_through_the_tile_with_both_ends_outside_is_seen():
    found = encoded("line", drawn([[(-1000, 2048), (9000, 2048)]]))
    assert found[0]["geometry"]["coordinates"] == [[-BUFFER, 2048], [EXTENT + BUFFER, 2048]]


def test_what_is_outside_or_shrinks_to_nothing_is_dropped():
    found = encoded("line", drawn([[(5000, 0), (5000, 4000)], [(7, 7), (7.2, 7.1)], [(0, 0), (9, 9)]]))
    assert set(found) == {2}
    assert encoded("polygon", drawn([[(0, 0), (0.2, 0), (0.2, 0.2), (0, 0)]])) == {}


def test_points_are_kept_within_the_buffer_only():
    found = encoded("point", drawn([[(0, 0)], [(4160, 4160)], [(4161, 0)], [(-64.4, -64)], [(-64.6, -64)]]))
    assert {k: v["geometry"]["coordinates"] for k, v in found.items()} == {0: [0, 0], 1: [4160, 4160]}


def test_polygons_keep_holes_and_their_rings_turn_as_the_specification_asks():
    outer = [
        (100, 100),
        (100, 1100),
        (1100, 1100),
        (1100, 100),
        (100, 100),
    ]  # y down: counter-clockwise on a map
    hole = [(300, 300), (500, 300), (500, 500), (300, 500), (300, 300)]
    coords, starts, _ = drawn([outer, hole])
    found = encoded("polygon", (coords, starts, np.array([0, 2])))
    rings = found[0]["geometry"]["coordinates"]
    assert shapely.Polygon(*[rings[0], rings[1:]]).area == 1000 * 1000 - 200 * 200
    turns = [
        shapely.is_ccw(shapely.linearrings(ring)) for ring in rings
    ]  # in y-down numbers ccw = clockwise seen
    assert turns == [True, False]


def test_a_polygon_around_the_tile_fills_it():
    found = encoded("polygon", drawn([[(-900, -900), (-900, 9000), (9000, 9000), (9000, -900)]]))
    ring = shapely.Polygon(found[0]["geometry"]["coordinates"][0])
    assert ring.equals(shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER))


def test_an_asset_without_a_shape_is_left_out():
    shapes = (metres([5], [5]), np.array([0, 1]), np.array([0, 0, 1, 1]))
    made = layer("x", "point", shapes, np.arange(3), {})
    assert set(decoded(encode_layer(made, np.arange(3), TILE))) == {1}


def test_attributes_come_back_typed_and_missing_ones_stay_away():
    found = encoded(
        "point",
        drawn([[(1, 1)], [(2, 2)], [(3, 3)]]),
        material=np.array(["混凝土", None, "混凝土"], dtype=object),
        height=[0.3, np.nan, -1.25],
        barrels=[1, 2, -300],
        flap=[True, False, True],
    )
    assert found[0]["properties"] == {"material": "混凝土", "height": 0.3, "barrels": 1, "flap": True}
    assert found[1]["properties"] == {"barrels": 2, "flap": False}
    assert found[2]["properties"] == {"material": "混凝土", "height": -1.25, "barrels": -300, "flap": True}


def test_a_value_used_twice_is_written_once():
    shapes = drawn([[(n, n)] for n in range(500)])
    made = layer("x", "point", shapes, np.arange(500), {"k": np.array(["abcdefghijkl"] * 500, dtype=object)})
    assert encode_layer(made, np.arange(500), TILE).count(b"abcdefghijkl") == 1


def test_layers_join_by_concatenation():
    made = [layer(name, "point", drawn([[(1, 1)]]), np.arange(1), {}) for name in ("a", "b")]
    joined = b"".join(encode_layer(one, np.arange(1), TILE) for one in made)
    assert set(mapbox_vector_tile.decode(joined)) == {"a", "b"}


def test_large_ids_survive():
    made = layer("x", "point", drawn([[(1, 1)]]), np.array([2**52 + 3]), {})
    assert set(decoded(encode_layer(made, np.arange(1), TILE))) == {2**52 + 3}


@pytest.mark.parametrize("seed", range(5))
def test_random_lines_lie_where_shapely_clips_them(seed):
    rng = np.random.default_rng(seed)
    lines = [
        np.cumsum(rng.normal(0, 900, (rng.integers(2, 9), 2)), axis=0) + rng.uniform(0, 4096, 2)
        for _ in range(300)
    ]
    found = encoded("line", drawn(lines))
    frame = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    lines = [np.floor(line + 0.5) for line in lines]  # whole units first, then the cut, as PostGIS does
    clipped = {n: shapely.LineString(line).intersection(frame) for n, line in enumerate(lines)}
    assert {n for n, part in clipped.items() if part.length > 2.5} <= set(found)
    assert all(shapely.LineString(lines[n]).distance(frame) < 0.75 for n in found)
    for number, feature in found.items():
        ours = shapely.geometry.shape(feature["geometry"])
        assert (
            shapely.hausdorff_distance(ours, clipped[number], densify=0.05) < 0.75
        )  # half a unit on each axis


@pytest.mark.parametrize("seed", range(3))
def test_random_polygons_have_the_area_that_shapely_leaves(seed):
    rng = np.random.default_rng(seed)
    rings = []
    for _ in range(100):
        angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 12)))
        radius = rng.uniform(200, 1500, len(angles))
        middle = rng.uniform(-500, 4600, 2)
        rings.append(middle + np.column_stack([np.cos(angles), -np.sin(angles)]) * radius[:, None])
    found = encoded("polygon", drawn(rings))
    frame = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    for number, ring in enumerate(rings):
        polygon = shapely.Polygon(ring)
        if not polygon.is_valid:
            continue
        expected = polygon.intersection(frame)
        area = shapely.geometry.shape(found[number]["geometry"]).area if number in found else 0.0
        assert area == pytest.approx(expected.area, abs=0.75 * expected.length + 3)


def test_the_index_finds_what_a_full_look_finds():
    rng = np.random.default_rng(1)
    low = rng.uniform(-1000, 1000, (5000, 2))
    boxes = np.hstack([low, low + rng.exponential(20, (5000, 2))])
    boxes[::50] = np.nan
    index = TileIndex.of(boxes)
    for west, south in rng.uniform(-1100, 1000, (50, 2)):
        east, north = west + 80, south + 30
        meet = (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        assert np.array_equal(index.within((west, south, east, north)), np.flatnonzero(meet))


@pytest.mark.parametrize("size", [0, 1, 16, 17, 257])
def test_the_index_of_any_size_finds_everything_in_the_world(size):
    boxes = np.zeros((size, 4))
    assert len(TileIndex.of(boxes).of_tile(Tile(0, 0, 0))) == size


def test_the_tile_box_is_the_one_of_the_pyramid():
    assert Tile(1, 0, 0).box() == (-HALF_WORLD, 0.0, 0.0, HALF_WORLD)
    assert Tile(1, 1, 1).box() == (0.0, -HALF_WORLD, HALF_WORLD, 0.0)
