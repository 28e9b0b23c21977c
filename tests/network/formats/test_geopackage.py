"""A GeoPackage read by ourselves holds what GDAL reads, or is left to GDAL."""

import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely

from wenqu.network.formats.geopackage import read_geopackage
from wenqu.network.formats.raw import read_layers
from wenqu.network.formats.wkb import shapes_of_wkb

HOLED = shapely.Point(0, 0).buffer(3).difference(shapely.box(0, 0, 1, 1))
LINE = shapely.LineString([(0, 0), (1.5, 2)])


def write(path, shapes, kind, layer="pipes", **columns):
    shapes = np.array(shapes, dtype=object)
    table = pa.table({**columns, "geometry": pa.array(shapely.to_wkb(shapes), pa.binary())})
    pyogrio.write_arrow(
        table, path, layer=layer, geometry_name="geometry", geometry_type=kind, crs="EPSG:4549"
    )
    return path


def quick(path, layer="pipes"):
    return read_geopackage(path, layer, pyogrio.read_info(path, layer=layer))


def same(path, layer="pipes"):
    """Hold what we read beside what GDAL reads."""
    ours = quick(path, layer)
    assert ours is not None
    meta, table = pyogrio.read_arrow(path, layer=layer)
    columns = table.drop_columns([meta["geometry_name"]])
    assert list(ours.columns) == columns.column_names
    for name, column in ours.columns.items():
        wanted = columns.column(name).combine_chunks()
        plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        assert plain.type == wanted.type, name
        assert plain.to_pylist() == wanted.to_pylist(), name
    shapes, kinds = shapes_of_wkb(table.column(meta["geometry_name"]))
    assert ours.shapes.coords.tobytes() == shapes.coords.tobytes()
    assert ours.shapes.parts.tolist() == shapes.parts.tolist()
    assert ours.shapes.assets.tolist() == shapes.assets.tolist()
    assert ours.kinds.tolist() == kinds.tolist()
    return ours


VALUES = {
    "编号": ["管1", " 前后 ", "", None],
    "WHOLE": pa.array([1, -7, None, 2**31 - 1], pa.int32()),
    "BIG": pa.array([1, -(10**15), None, 0], pa.int64()),
    "SMALL": pa.array([1, -128, None, 127], pa.int16()),
    "REAL": [0.1, -1e-7, None, 5.0],
    "FLAG": pa.array([True, False, None, True]),
    "DAY": pd.to_datetime(["2024-02-29", "1999-12-31", None, "2000-01-01"])
    .to_numpy()
    .astype("datetime64[D]"),
}


@pytest.mark.parametrize(
    ("kind", "shapes"),
    [
        ("LineString", [LINE, None, shapely.LineString([(0, 0), (1, 2), (3, 4)]), LINE]),
        ("Unknown", [LINE, None, shapely.MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 6)]]), LINE]),
        ("LineString Z", [shapely.LineString([(0, 0, 5), (1, 1, 6)])] * 3 + [None]),
        ("Point", [shapely.Point(1, 2), None, shapely.Point(-3.5, 4), shapely.Point()]),
        ("Polygon", [shapely.box(0, 0, 1, 1), None, HOLED, None]),
        ("Unknown", [LINE, shapely.Point(1, 2), None, shapely.box(0, 0, 1, 1)]),
        ("Point", [None] * 4),
    ],
)  # fmt: skip
def test_shapes_texts_numbers_and_gaps_are_as_gdal_reads_them(tmp_path, kind, shapes):
    same(write(tmp_path / "a.gpkg", shapes, kind, **VALUES))


def test_many_pages_many_layers_and_rows_longer_than_a_page_are_as_gdal_reads_them(tmp_path):
    size = 30_000
    draw = np.random.default_rng(1)
    lines = shapely.linestrings(draw.uniform(0, 1e6, (size, 3, 2)))
    columns = {
        "id": [f"WS{number:07d}" for number in draw.permutation(size)],
        "system": draw.choice(["污水", "雨水", "a text of sixteen bytes", "a text of sixteen bytes."], size),
        "late": ["一样"] * (size - 3000) + [f"别的{number}" for number in range(3000)],
        "level": np.round(draw.normal(0, 50, size), 2),
    }  # fmt: skip
    path = write(tmp_path / "a.gpkg", lines, "LineString", **columns)
    long = shapely.LineString(draw.uniform(0, 1, (3000, 2)))
    write(path, [long, LINE] * 40, "LineString", "长", text=["x" * 9000, None] * 40)
    first = same(path)
    same(path, "长")
    assert pa.types.is_dictionary(first.columns["system"].type)
    assert not pa.types.is_dictionary(first.columns["id"].type)


def without_triggers(base):
    """Take away what keeps the spatial index, which needs functions that only GDAL has."""
    for trigger in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{trigger[0]}"')


def test_rows_that_were_deleted_and_changed_since_are_as_gdal_reads_them(tmp_path):
    size = 5000
    path = write(
        tmp_path / "a.gpkg", [LINE] * size, "LineString", id=[f"p{number}" for number in range(size)]
    )
    with sqlite3.connect(path) as base:
        without_triggers(base)
        base.execute("DELETE FROM pipes WHERE fid % 3 = 0")
        base.execute("UPDATE gpkg_ogr_contents SET feature_count = (SELECT count(*) FROM pipes)")
        base.execute("UPDATE pipes SET id = id || ' ' || hex(zeroblob(60)) WHERE fid % 5 = 0")
    assert len(same(path).kinds) == size - size // 3


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pipes SET id = x'00'",
        "UPDATE pipes SET n = 'five'",
        "UPDATE pipes SET n = 2.5",
        "UPDATE pipes SET id = CAST(x'ff' AS TEXT)",
        "UPDATE pipes SET id = CAST(x'4100' AS TEXT)",
        "ALTER TABLE pipes ADD COLUMN later TEXT DEFAULT 'x'",
        "PRAGMA journal_mode = WAL",
    ],
)
def test_what_is_unusual_is_left_to_gdal(tmp_path, change):
    path = write(tmp_path / "a.gpkg", [None, None], "Point", id=["a", "b"], n=pa.array([1, 2], pa.int64()))
    assert quick(path) is not None
    base = sqlite3.connect(path, isolation_level=None)
    without_triggers(base)
    base.execute(change)
    assert quick(path) is None
    base.close()
    (layer,) = read_layers(path, "none")  # and GDAL reads it
    assert len(layer) == 2


def test_no_damage_to_the_pages_leads_out_of_them(tmp_path):
    path = write(tmp_path / "a.gpkg", [LINE] * 300, "LineString", id=[f"p{number}" for number in range(300)])
    info = pyogrio.read_info(path, layer="pipes")
    whole = path.read_bytes()
    first = whole.index(b"p0" + b"GP") if b"p0GP" in whole else whole.index(b"GP\x00")
    draw = np.random.default_rng(2)
    read = 0
    for _ in range(300):
        held = bytearray(whole)
        for at in draw.integers(first // 4096 * 4096, len(held), 20):
            held[at] = draw.integers(0, 256)
        path.write_bytes(held)
        read += read_geopackage(path, "pipes", info) is not None
    assert read < 300
