"""A Shapefile read by ourselves holds what GDAL reads, or is left to GDAL."""

import struct

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely

from wenqu.network.formats.raw import read_layers
from wenqu.network.formats.shapefile import read_quickly
from wenqu.network.formats.values import text_of, texts_of
from wenqu.network.formats.wkb import shapes_of_wkb


def read(path, encoding):
    """Return what we and what GDAL read."""
    info = pyogrio.read_info(path, encoding=encoding)
    meta, table = pyogrio.read_arrow(path, encoding=encoding)
    return (
        read_quickly(path, encoding, info),
        table.drop_columns([meta["geometry_name"] or "wkb_geometry"]),
        table,
    )


def same(path, encoding="UTF-8"):
    quick, columns, table = read(path, encoding)
    assert quick is not None
    assert list(quick.columns) == columns.column_names
    for name, column in quick.columns.items():
        wanted = columns.column(name).combine_chunks()
        plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        assert plain.to_pylist() == wanted.to_pylist(), name
        assert plain.type == wanted.type, name
    shapes, kinds = shapes_of_wkb(table.column("wkb_geometry"))
    assert quick.shapes.coords.tobytes() == shapes.coords.tobytes()
    assert quick.shapes.parts.tolist() == shapes.parts.tolist()
    assert quick.shapes.assets.tolist() == shapes.assets.tolist()
    assert quick.kinds.tolist() == kinds.tolist()
    return quick


def write(path, shapes, encoding="UTF-8", **columns):
    table = pa.table(
        {**columns, "geometry": pa.array(shapely.to_wkb(np.array(shapes, dtype=object)), pa.binary())}
    )
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    kind = "MultiLineString" if "MultiLineString" in kinds else next(iter(kinds))
    kind += " Z" if any(shape is not None and shape.has_z for shape in shapes) else ""
    pyogrio.write_arrow(
        table, path, geometry_name="geometry", geometry_type=kind, crs="EPSG:4549", encoding=encoding
    )
    return path


LINES = [
    shapely.LineString([(0, 0), (1.5, 2)]),
    shapely.LineString([(0, 0), (1, 2), (3, 4), (5, 6)]),
    shapely.MultiLineString([[(0, 0), (1, 1)], [(5, 5), (6, 6), (7, 7)]]),
    None,
]
COLUMNS = {
    "编号": ["管1", " 前后 ", "", None],
    "WHOLE": pa.array([1, -7, None, 2**31 - 1], pa.int32()),
    "BIG": pa.array([1, -(10**15), None, 0], pa.int64()),
    "REAL": [0.1, -1e-7, None, 123456789.123456789],
    "DAY": pd.to_datetime(["2024-02-29", "1999-12-31", None, "2000-01-01"])
    .to_numpy()
    .astype("datetime64[D]"),
}


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
def test_lines_texts_numbers_dates_and_gaps_are_as_gdal_reads_them(tmp_path, encoding):
    path = write(tmp_path / "pipes.shp", LINES, encoding, **COLUMNS)
    assert len(same(path, encoding).kinds) == 4


def test_points_are_as_gdal_reads_them(tmp_path):
    path = write(
        tmp_path / "wells.shp", [shapely.Point(1, 2), None, shapely.Point(-3.5, 4)], N=[1.5, 2.0, None]
    )
    assert same(path).kinds.tolist() == ["point", "", "point"]


def test_heights_and_measures_are_left_behind(tmp_path):
    same(write(tmp_path / "z.shp", [shapely.LineString([(0, 0, 5), (1, 1, 6)])], A=["x"]))
    same(write(tmp_path / "p.shp", [shapely.Point(1, 2, 3), shapely.Point(1, 2, 4)], A=["x", "y"]))


def test_a_column_of_few_texts_stays_a_dictionary_and_one_of_many_does_not(tmp_path):
    size = 200
    lines = [shapely.LineString([(0, 0), (n, 1)]) for n in range(size)]
    path = write(
        tmp_path / "p.shp", lines, "GBK", ID=[f"井{n}" for n in range(size)], KIND=["污水", "雨水"] * 100
    )
    quick = same(path, "GBK")
    assert pa.types.is_dictionary(quick.columns["KIND"].type)
    assert not pa.types.is_dictionary(quick.columns["ID"].type)


def test_random_numbers_are_read_to_the_last_bit(tmp_path):
    draw = np.random.default_rng(5)
    values = np.concatenate([draw.normal(0, 10.0**power, 200) for power in range(-6, 9)])
    values = np.concatenate([values, np.round(values, 3)])
    shapes = [shapely.Point(0, 0)] * len(values)
    same(write(tmp_path / "n.shp", shapes, N=values))


def hand_written(path, fields, records, deleted=b" "):
    """Write a .dbf by hand beside points, for what GDAL would never write."""
    write(path, [shapely.Point(number, 0) for number in range(len(records))], A=["x"] * len(records))
    head = b"".join(
        name.encode().ljust(11, b"\0") + letter.encode() + bytes(4) + bytes([size, decimals]) + bytes(14)
        for name, letter, size, decimals in fields
    )
    width = 1 + sum(size for _, _, size, _ in fields)
    start = struct.pack("<BBBBIHH20x", 3, 124, 1, 1, len(records), 33 + len(head), width)
    body = b"".join(deleted + b"".join(record) for record in records)
    path.with_suffix(".dbf").write_bytes(start + head + b"\r" + body + b"\x1a")
    return path


ODD = [("N", "N", 8, 2), ("I", "N", 5, 0), ("C", "C", 6, 0), ("D", "D", 8, 0)]


def test_cells_out_of_form_are_as_gdal_reads_them(tmp_path):
    records = [
        [b"    1.50", b"   12", b"abc   ", b"20240131"],
        [b"1.5     ", b"12   ", b"   abc", b"        "],
        [b"********", b"*****", b"      ", b"00000000"],
        [b"        ", b"     ", b"a\0bcde", b"19000101"],
        [b"-0.00   ", b"-0   ", b"a b c ", b"20000229"],
        [b"1.5e+03 ", b"00012", b"\0     ", b"20240131"],
        [b"+1.5    ", b"    7", b"x     ", b"20240131"],
        [b".5      ", b"    7", b"x     ", b"20240131"],
        [b"5.      ", b"    7", b"x     ", b"20240131"],
    ]
    same(hand_written(tmp_path / "odd.shp", ODD, records))


@pytest.mark.parametrize(
    ("record", "deleted"),
    [
        ([b"    1.50", b"  1.5", b"abc   ", b"20240131"], b" "),
        ([b"    1.50", b"   12", b"abc   ", b"20240231"], b" "),
        ([b"    1.50", b"   12", b"abc   ", b"2024-1-1"], b" "),
        ([b"    1.50", b"   12", b"abc\xff  ", b"20240131"], b" "),
        ([b"    1.50", b"   12", b"abc   ", b"20240131"], b"*"),
        ([b"   a.50 ", b"   12", b"abc   ", b"20240131"], b" "),
    ],
)
def test_what_is_unusual_is_left_to_gdal(tmp_path, record, deleted):
    path = hand_written(tmp_path / "odd.shp", ODD, [record], deleted)
    assert read_quickly(path, "UTF-8", pyogrio.read_info(path, encoding="UTF-8")) is None
    (layer,) = read_layers(path, "none")  # and GDAL reads it
    assert len(layer) == (0 if deleted == b"*" else 1)


def test_polygons_cut_files_and_missing_parts_are_left_to_gdal(tmp_path):
    path = write(tmp_path / "zones.shp", [shapely.box(0, 0, 1, 1)], A=["x"])
    info = pyogrio.read_info(path)
    assert read_quickly(path, "UTF-8", info) is None
    path = write(tmp_path / "p.shp", [shapely.Point(0, 0), shapely.Point(1, 0)], A=["x", "y"])
    info = pyogrio.read_info(path)
    assert read_quickly(path, "no such encoding", info) is not None  # nothing but ASCII is in it
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    assert read_quickly(path, "UTF-8", info) is None
    path.write_bytes(whole)
    dbf = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(dbf[:-60])
    assert read_quickly(path, "UTF-8", info) is None
    path.with_suffix(".dbf").unlink()
    assert read_quickly(path, "UTF-8", info) is None


@pytest.mark.parametrize(
    "values",
    [
        [f"WS{number:07}" for number in range(3000)],
        ["污水 ", " 雨水", "", None, "无", "-", "NULL", "<null>", "x"] * 400,
        [f" {number}" for number in range(3000)],
        [f"管{number}" for number in range(2999)] + ["无数据"],
        ["N/A-longer-than-eight", "nothing here"] * 5,
        [""] * 3,
        [None, "abcdefghijk"],
        ["abcdefghij\u3000", "\u00a0abcdefghij"],
    ],
)
def test_texts_are_trimmed_the_same_whichever_way_is_quickest(values):
    wanted = [text_of(value) for value in values]
    for type_ in (pa.string(), pa.large_string()):
        column = pa.array(values, type_)
        assert texts_of(column).tolist() == wanted
        assert texts_of(column.dictionary_encode()).tolist() == wanted
        assert texts_of(pa.concat_arrays([column, column])[len(values) :]).tolist() == wanted
