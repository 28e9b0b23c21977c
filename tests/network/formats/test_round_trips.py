"""Whatever is in a table leaves in every format that is written and comes back, unknown columns included."""

import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.network.formats.deliveries import read, same
from wenqu.errors import Refused
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.registry import FORMATS, format_of
from wenqu.network.formats.writing import reprojected
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.services.unpacked_files import readable

WRITTEN = ["gpkg", "shp", "geojson", "fgb", "parquet", "xlsx", "csv", "dxf"]
ROUNDED = {"geojson"}  # degrees, to about 0.1 mm
SHOWN = st.characters(exclude_categories=["C", "Zl", "Zp"])
# What stands for nothing in a delivery ("-", "无数据") is not a text of a field; of an unknown column it is.
NOTHING = {"", "-", "--", "/", "null", "none", "nan", "无数据", "不详", "未知", "<null>"}
texts = st.text(SHOWN, min_size=1, max_size=12).filter(lambda text: text == text.strip())
words = texts.filter(lambda text: text.casefold() not in NOTHING)
figures = st.integers(-(10**6), 10**6).map(lambda number: number / 64)
places = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(
    lambda at: (500000 + at[0] / 64, 3100000 + at[1] / 64)
)
MAYBE = {
    "text": st.none() | texts,
    "number": st.none() | figures,
    "integer": st.none() | st.integers(-(2**31), 2**31 - 1),
    "boolean": st.none() | st.booleans(),
}


def column(kind, values):
    """Return an unknown column as a reader would have made it."""
    if kind == "number":
        return np.array([np.nan if value is None else value for value in values])
    return np.array([*values, None], dtype=object)[:-1]


@st.composite
def networks(draw):
    """Return a small network with odd names, odd texts, empty cells and rows without shape."""
    ids = draw(st.lists(words, min_size=1, max_size=4, unique=True))
    size = len(ids)

    def several(values):
        return draw(st.lists(values, min_size=size, max_size=size))

    names = draw(st.lists(words, max_size=4, unique_by=str.casefold))
    extra = {}
    for name in names:
        kind = draw(st.sampled_from(sorted(MAYBE)))
        extra[f"甲{name}"] = column(kind, several(MAYBE[kind]))
    at = [draw(places) for _ in ids]
    drawn = [draw(st.booleans()) for _ in ids]
    spots = [spot if there else (np.nan, np.nan) for spot, there in zip(at, drawn, strict=True)]
    points = Shapes.points(np.array(spots))
    manholes = assets(
        "manhole", ids,
        {"note": several(st.none() | words), "depth": several(st.none() | figures),
         "system": several(st.sampled_from([None, "storm", "sanitary"])),
         "visible": several(st.sampled_from([None, 0, 1])),
         "built_on": several(st.sampled_from([None, "1999-12-31", "2024-02-29"]))},
        points, extra,
    )  # fmt: skip
    ends = [[spot, (spot[0] + 12.5, spot[1] - draw(figures))] for spot in at]
    lines = Shapes.lines(np.array(ends).reshape(-1, 2), np.arange(size + 1) * 2)
    conduits = assets(
        "conduit", [f"P-{id_}" for id_ in ids],
        {"from_id": several(st.sampled_from(ids)), "to_id": several(st.none() | st.sampled_from(ids)),
         "year": several(st.none() | st.integers(1900, 2030)), "height": several(st.none() | figures)},
        lines,
    )  # fmt: skip
    return Network(City("x", crs="EPSG:4549"), {"manhole": manholes, "conduit": conduits})


def come_back(written):
    """Return the tables that the written files hold, in the city's coordinate system."""
    readings = [read(path) for path in readable(written)]
    return {
        type_: replace(table, shapes=reprojected(table.shapes, reading.crs, "EPSG:4549"))
        for reading in readings
        for type_, table in reading.tables.items()
    }


def test_every_format_that_is_written_is_tried():
    endings = {entry.suffixes[0].lstrip(".") for entry in FORMATS}
    assert endings - {"mdb", "json", "inp"} == set(WRITTEN)


@pytest.mark.parametrize("ending", WRITTEN)
@given(networks())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_field_for_field_and_column_for_column(tmp_path_factory, ending, network):
    path = tmp_path_factory.mktemp("out") / f"o.{ending}"
    tables = come_back(format_of(path).write(path, network))
    assert tables.keys() == network.tables.keys()
    for type_, table in network.tables.items():
        same(table, tables[type_], exact=ending not in ROUNDED)


ODD = {
    "formula": ["=1+1", "+8613800000000"], "zeros": ["0012", "7"], "flags": ["TRUE", "FALSE"],
    "dates": ["2024-01-01", "2024-01-02"], "exponents": ["1e5", "2"], "lines": ["a\nb", "c\r\nd"],
    "signs": ['a"b,c;d\t', "😀"], "nothing": ["-", "无"], "wide": ["３.５", "４"], "none": [None, None],
    "whole": [2**60, None], "digits": [2**63 - 1, 330_382_001_000_123_456], "odd": [2**53 + 1, 3],
    "times": ["2024-01-01T12:30:00+08:00", "1899-12-31"], "clock": ["07:05", "23:59:59"],
    "pi": [3.141592653589793, -1e-12], "named": ["None", "nan"],
}  # fmt: skip


def odd_network(columns):
    points = Shapes.points(np.array([[500000.0, 3100000.0], [500001.0, 3100000.0]]))
    columns = {name: np.array([*values, None], dtype=object)[:-1] for name, values in columns.items()}
    columns = {
        name: values.astype(float) if isinstance(values[0], float) else values
        for name, values in columns.items()
    }
    table = assets("manhole", ["a", "b"], {"depth": [1.0, 2.5]}, points, columns)
    return Network(City("x", crs="EPSG:4549"), {"manhole": table})


@pytest.mark.parametrize("ending", WRITTEN)
def test_what_a_program_likes_to_take_for_something_else_comes_back_as_it_was(tmp_path, ending):
    network = odd_network(ODD)
    path = tmp_path / f"o.{ending}"
    table = come_back(format_of(path).write(path, network))["manhole"]
    same(network.tables["manhole"], table, exact=ending not in ROUNDED)


@pytest.mark.parametrize(("ending", "most"), [("shp", 254), ("xlsx", 32767), ("dxf", 15000)])
def test_a_text_that_a_format_would_cut_is_not_written_there(tmp_path, ending, most):
    path = tmp_path / f"o.{ending}"
    format_of(path).write(path, odd_network({"note": ["x" * min(most, 3000), "b"]}))
    with pytest.raises(Refused) as caught:
        format_of(path).write(path, odd_network({"note": ["x" * (most + 1), "b"]}))
    assert caught.value.facts["id"] == "a"
    for language in LANGUAGES:
        assert str(most) in say(caught.value.key, language, **caught.value.facts)
    path = tmp_path / "o.gpkg"
    long = odd_network({"note": ["x" * 40_000, "b"]})
    same(long.tables["manhole"], come_back(format_of(path).write(path, long))["manhole"])


def nested(folder, ending):
    """Write a file with columns that are no plain values, and return it with what they become."""
    path = folder / f"检查井.{ending}"
    about = [{"id": "a", "tags": [1, 2], "说明": {"深": [1, None]}}, {"id": "b", "tags": None, "说明": None}]
    if ending == "parquet":
        table = pa.Table.from_pylist(about).append_column("jpg", pa.array([b"\xff", None]))
        table = table.append_column("造价", pa.array([Decimal("1.25"), None]))
        pq.write_table(table, path)
        return path, {"tags": "[1,2]", "说明": '{"深":[1,null]}', "造价": 1.25}
    features = [
        {"type": "Feature", "properties": row, "geometry": {"type": "Point", "coordinates": [120, 30]}}
        for row in about
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path, {"tags": "[1,2]"}


@pytest.mark.parametrize("ending", ["parquet", "geojson"])
def test_lists_and_records_are_kept_as_text_bytes_are_left_out_and_both_are_said(tmp_path, ending):
    path, kept = nested(tmp_path, ending)
    reading = read(path)
    table = reading.tables["manhole"]
    assert {name: table.extra[name][0] for name in kept} == kept
    told = {issue.code: issue.facts["columns"] for issue in reading.issues if "columns" in issue.facts}
    assert "tags" in told["format.nested-as-text"]
    assert told.get("table.no-values") == ("jpg" if ending == "parquet" else None)
    again = tmp_path / "again.gpkg"
    written = format_of(again).write(again, Network(City("x", crs="EPSG:4326"), {"manhole": table}))
    same(table, read(written[0]).tables["manhole"])


def test_a_colon_in_a_heading_comes_back_though_a_shapefile_cannot_hold_it(tmp_path):
    extra = {"甲:": np.array(["x"], dtype=object), "甲_": np.array(["y"], dtype=object)}
    table = assets("manhole", ["M"], {}, Shapes.points(np.array([[1.0, 2.0]])), extra)
    path = tmp_path / "manhole.shp"
    format_of(path).write(path, Network(City("x", crs="EPSG:4549"), {"manhole": table}))
    same(table, read(path).tables["manhole"])
