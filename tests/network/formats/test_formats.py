"""Deliveries come in, go out and come back field for field."""

import json
import sqlite3
import warnings

import numpy as np
import orjson
import pyarrow as pa
import pyogrio
import pytest
import shapely

from wenqu.errors import BadInput, FileMissing, FileUnreadable, Refused, UnknownType, UnknownUnit
from wenqu.messages import LANGUAGES, say, sentences
from wenqu.network.formats.fieldmap import read_fieldmap, write_fieldmap
from wenqu.network.formats.proposing import _table, aliases
from wenqu.network.formats.registry import FORMATS, format_of
from wenqu.network.formats.wkb import shapes_of_wkb
from wenqu.network.formats.writing import reprojected
from wenqu.network.geometry import Shapes, geometries_from, shapes_from
from wenqu.network.model import City, Network, assets
from wenqu.network.schema import asset_type
from wenqu.units import FACTORS

KINDS = {"Point": "point", "LineString": "line", "Polygon": "polygon"}


def delivered(path, columns, shapes, crs="EPSG:4549", **how):
    """Write what a survey firm would hand over."""
    wkb = [None if shape is None else shapely.to_wkb(shape) for shape in shapes]
    table = pa.table({**columns, "geometry": pa.array(wkb, pa.binary())})
    kind = next(shape.geom_type for shape in shapes if shape is not None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL says what is sloppy about the delivery: that is the point
        pyogrio.write_arrow(table, path, geometry_name="geometry", geometry_type=kind, crs=crs, **how)
    return path


def read(path, crs=None, fieldmap=None):
    return format_of(path).read(path, crs, fieldmap)


def codes(reading):
    return [issue.code for issue in reading.issues]


LINES = [shapely.LineString([(500000 + 10 * n, 3170000), (500010 + 10 * n, 3170005)]) for n in range(3)]
PIPES = {
    "管段编号": ["W1", "W2", "W3"],
    "起点编号": ["J1", "J2", "J3"],
    "终点编号": ["J2", "J3", "J4"],
    "管径(mm)": [300.0, 400.0, None],
    "管材": ["混凝土", "HDPE", "秸秆"],
    "类型": ["WS", "污水", "YS"],
    "甲方备注": ["一", None, "三"],
}


def test_a_chinese_delivery_is_understood_without_a_map(tmp_path):
    reading = read(delivered(tmp_path / "排水管.gpkg", PIPES, LINES))
    table = reading.tables["conduit"]
    assert reading.crs == "EPSG:4549"
    assert reading.counts == {"conduit": 3}
    assert list(table.ids) == ["W1", "W2", "W3"]
    assert list(table.fields["from_id"]) == ["J1", "J2", "J3"]
    np.testing.assert_allclose(table.fields["height"], [0.3, 0.4, np.nan])  # mm, as the column says
    assert list(table.fields["system"]) == ["sanitary", "sanitary", "storm"]  # CJJ 61 letters and labels
    assert list(table.fields["material"]) == ["concrete", "hdpe", None]
    assert list(table.extra["管材"]) == [None, None, "秸秆"]  # what could not be read is kept
    assert list(table.extra["甲方备注"]) == ["一", None, "三"]
    issue = next(issue for issue in reading.issues if issue.code == "format.unknown-code")
    assert (issue.asset, issue.place.row, issue.facts["value"]) == ("W3", 3, "秸秆")


def test_census_and_shenzhen_schemas_have_their_own_code_lists(tmp_path):
    census = {
        "PipeID": ["1"], "In_JunID": ["a"], "Out_JunID": ["b"], "Pipe_Category": ["2"], "DataSource": ["2"],
        "Shape_Data1": [0.6], "Wall_Thick": [60.0], "Material": ["2"],
    }  # fmt: skip
    shenzhen = {
        "Lno": ["1"], "S_Point": ["a"], "E_Point": ["b"], "Type": ["WS"], "DataSource": ["2"],
        "PSize": ["1000X800"], "PipeLength": [30.0],
    }  # fmt: skip
    first = read(delivered(tmp_path / "Pipe.gpkg", census, LINES[:1])).tables["conduit"]
    second = read(delivered(tmp_path / "PS_PIPE.gpkg", shenzhen, LINES[:1])).tables["conduit"]
    assert first.fields["data_source"][0] == "as_built_drawing"  # 竣工图
    assert second.fields["data_source"][0] == "construction_drawing"  # 施工图
    assert first.fields["system"][0] == second.fields["system"][0] == "sanitary"
    assert first.fields["material"][0] == "reinforced_concrete"
    assert (first.fields["height"][0], first.fields["wall_thickness"][0]) == (0.6, 0.06)
    assert (second.fields["width"][0], second.fields["height"][0]) == (
        1.0,
        0.8,
    )  # 1000X800 mm: width × height


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB18030"])
@pytest.mark.parametrize("declares", ["right", "nothing", "wrong"])
def test_the_encoding_of_a_shapefile_is_recognised_whatever_it_says(tmp_path, encoding, declares):
    columns = {"编号": ["井一", "井二"], "管材": ["混凝土", None], "备注": ["东海大道", "椒江"]}
    path = delivered(
        tmp_path / "检查井.shp", columns, [shapely.Point(1, 2), shapely.Point(3, 4)], encoding=encoding
    )
    table = path.with_suffix(".dbf")
    body = bytearray(table.read_bytes())
    body[29] = 0
    table.write_bytes(body)
    cpg = path.with_suffix(".cpg")
    cpg.unlink()
    if declares == "right":
        cpg.write_text(encoding)
    if declares == "wrong":
        cpg.write_text("ISO-8859-1" if encoding == "UTF-8" else "UTF-8")
    reading = read(path)
    assert list(reading.tables["manhole"].ids) == ["井一", "井二"]
    assert list(reading.tables["manhole"].fields["note"]) == ["东海大道", "椒江"]
    expected = {
        "right": [],
        "nothing": ["format.encoding-recognised"],
        "wrong": ["format.encoding-corrected"],
    }
    assert [code for code in codes(reading) if "encoding" in code] == expected[declares]


def test_a_shapefile_in_big5_that_does_not_say_so_is_a_question(tmp_path):
    columns = {"編號": ["井一", "井二"], "材質": ["混凝土", "鑄鐵"], "備註": ["東海大道", "椒江區"]}
    places = [shapely.Point(1, 2), shapely.Point(3, 4)]
    path = delivered(tmp_path / "檢查井.shp", columns, places, encoding="BIG5")
    table = path.with_suffix(".dbf")
    body = bytearray(table.read_bytes())
    body[29] = 0
    table.write_bytes(body)
    path.with_suffix(".cpg").unlink()
    reading = read(path)
    (asked,) = [issue for issue in reading.issues if issue.code == "format.encoding-doubtful"]
    assert (asked.facts["encoding"], asked.facts["other"]) == ("Big5", "GB18030")
    manholes = reading.tables["manhole"]
    assert list(manholes.ids) == ["井一", "井二"]
    assert list(manholes.fields["note"]) == ["東海大道", "椒江區"]
    other = format_of(path).read(path, encoding="GB18030")
    assert "format.encoding-said" in codes(other)
    assert other.fieldmap.encoding == "GB18030"


def test_a_missing_coordinate_system_is_never_guessed(tmp_path):
    path = delivered(tmp_path / "管段.shp", {"id": ["a"]}, LINES[:1], crs=None)
    with pytest.raises(BadInput) as caught:
        read(path)
    assert (caught.value.reason, caught.value.facts["west"]) == ("no-crs", 500000.0)
    assert "--crs" in say(caught.value.key, "en", **caught.value.facts)
    assert read(path, crs="EPSG:4549").crs == "EPSG:4549"
    with pytest.raises(BadInput, match="crs-unknown"):
        read(path, crs="EPSG:no")


def test_a_coordinate_system_given_against_the_file_wins_and_is_noted(tmp_path):
    reading = read(delivered(tmp_path / "管段.gpkg", {"id": ["a"]}, LINES[:1]), crs="EPSG:4528")
    assert reading.crs == "EPSG:4528"
    assert "format.crs-overridden" in codes(reading)


@pytest.mark.parametrize(("ending", "named"), [("gpkg", True), ("gpkg", False), ("geojson", True)])
def test_degrees_are_not_taken_for_metres_whatever_is_said(tmp_path, ending, named):
    place = shapely.LineString([(121.43, 28.65), (121.44, 28.66)])
    path = delivered(tmp_path / f"管段.{ending}", {"id": ["a"]}, [place], crs="EPSG:4326" if named else None)
    with pytest.raises(BadInput, match="crs-degrees") as caught:
        read(path, crs="EPSG:4549")
    for language in LANGUAGES:
        assert "121.43" in say(caught.value.key, language, **caught.value.facts)
    assert read(path, crs="EPSG:4326").crs == "EPSG:4326"
    assert read(path, crs="GCJ-02").crs == "EPSG:4490"


@pytest.mark.parametrize("column", ["管径(ell)", "管径(m³)", "height (furlong)"])
def test_an_unknown_unit_is_one_clear_sentence(tmp_path, column):
    path = delivered(tmp_path / "管段.gpkg", {"id": ["a"], column: [1.0]}, LINES[:1])
    with pytest.raises(UnknownUnit) as caught:
        read(path)
    for language in LANGUAGES:
        sentence = say(caught.value.key, language, **caught.value.facts)
        assert column in sentence
        assert path.name in sentence
        assert "[" not in sentence


def test_rows_that_cannot_enter_stay_behind_with_place_and_content(tmp_path):
    columns = {"id": ["a", "a", None, "d", "e"], "note": ["1", "2", "3", "4", "5"]}
    shapes = [LINES[0], LINES[1], LINES[2], shapely.Point(1, 1), shapely.LineString([(0, 0), (np.inf, 1)])]
    path = delivered(tmp_path / "管段.gpkg", columns, shapes)
    reading = read(path)
    assert list(reading.tables["conduit"].ids) == ["a"]
    assert [(bad.issue.code, bad.issue.place.row) for bad in reading.bad] == [
        ("format.duplicate-id", 2),
        ("format.no-id", 3),
        ("format.wrong-shape", 4),
        ("format.impossible-shape", 5),
    ]
    assert reading.bad[0].raw == {"id": "a", "note": "2"}
    assert reading.bad[0].issue.facts["first"] == 1


def test_a_wrong_unit_is_doubted(tmp_path):
    columns = {"id": ["a"], "diameter": [300.0]}  # this English name is taken as metres
    assert "format.unlikely-unit" in codes(read(delivered(tmp_path / "conduits.gpkg", columns, LINES[:1])))


def test_a_field_map_is_kept_and_used_again(tmp_path):
    path = delivered(tmp_path / "x.gpkg", {"k": ["a"], "d": [300.0], "m": ["砼"]}, LINES[:1])
    with pytest.raises(BadInput, match="no-layer"):
        read(path)
    kept = tmp_path / "map.toml"
    kept.write_text(
        '[layers.x]\ntype="conduit"\nid="k"\n[layers.x.fields]\nheight={column="d",unit="mm"}\n'
        'material={column="m",codes={"砼"="concrete"}}\n',
        encoding="utf-8",
    )
    first = read(path, fieldmap=read_fieldmap(kept))
    write_fieldmap(tmp_path / "map.json", first.fieldmap)
    second = read(path, fieldmap=read_fieldmap(tmp_path / "map.json"))
    for reading in (first, second):
        assert reading.tables["conduit"].fields["height"][0] == pytest.approx(0.3)
        assert reading.tables["conduit"].fields["material"][0] == "concrete"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", FileUnreadable),
        ("{}", BadInput),
        ('{"layers":{"x":{}}}', BadInput),
        ('{"layers":{"x":{"type":"pipe"}}}', UnknownType),
        ('{"layers":{"x":{"type":"conduit","fields":{"colour":"c"}}}}', UnknownType),
        ('{"layers":{"x":{"type":"conduit","fields":{"height":{"column":"c","unit":"ell"}}}}}', UnknownUnit),
    ],
)
def test_a_bad_field_map_is_refused(tmp_path, text, error):
    (tmp_path / "map.json").write_text(text)
    with pytest.raises(error):
        read_fieldmap(tmp_path / "map.json")


def test_missing_empty_and_false_files_are_told_apart(tmp_path):
    with pytest.raises(FileMissing):
        read(tmp_path / "no.gpkg")
    empty, false = tmp_path / "empty.gpkg", tmp_path / "false.gpkg"
    empty.touch()
    false.write_bytes(bytes(range(256)) * 40)
    for path in (empty, false):
        with pytest.raises(FileUnreadable):
            read(path)
    with pytest.raises(BadInput, match="format"):
        format_of(tmp_path / "map.dwg")
    path = delivered(tmp_path / "a.shp", {"id": ["a"]}, LINES[:1])
    path.with_suffix(".dbf").unlink()
    with pytest.raises(FileUnreadable, match="no-dbf"):
        read(path)


def sample(crs="EPSG:4549"):
    """Return a network with every kind of field, odd extras and every kind of shape."""
    square = shapely.Polygon([(0, 0), (90, 0), (90, 90), (0, 90)], [[(10, 10), (10, 20), (20, 20), (20, 10)]])
    far = shapely.Polygon([(200, 0), (290, 0), (290, 90)])
    zone = assets(
        "zone", ["Z1", "Z2", "Z3"], {"name": ["一", "二", None], "kind": ["district", None, "block"]},
        shapes_from(np.array([square, shapely.MultiPolygon([square, far]), None], dtype=object)),
    )  # fmt: skip
    manhole = assets(
        "manhole", ["J1", "J2"],
        {"ground_level": [5.5, None], "visible": [1, None], "built_on": ["2019-05-01", None],
         "system": [None, "storm"]},
        Shapes.points(np.array([[500000.25, 3170000.5], [np.nan, np.nan]])),
        {"GROUND_LEVEL": np.array(["x", None], dtype=object),
         "甲方备注": np.array(["很长的备注", None], dtype=object),
         "score": np.array([1.5, np.nan]), "fid": np.array([7, 8])},
    )  # fmt: skip
    conduit = assets(
        "conduit", ["C1", "C2"],
        {"from_id": ["J1", "J2"], "to_id": ["J2", None], "height": [0.3, None], "year": [1998, None],
         "siphon": [0, 1], "groundwater_class": [None, None], "roughness": [0.013, 0.011]},
        Shapes.lines(
            np.array([[500000.25, 3170000.5], [500010, 3170000], [500020, 3170001.125]]), np.array([0, 3, 3])
        ),
    )  # fmt: skip
    vehicle = assets("vehicle", ["T1"], {"name": ["罐车"]})
    tables = {table.type: table for table in (zone, manhole, conduit, vehicle)}
    return Network(City("x", crs=crs), tables)


def same(first, second, exact=True):
    """Tell whether two tables hold the same, whatever the order of their columns."""
    assert list(first.ids) == list(second.ids)
    given = {
        name
        for name, values in first.fields.items()
        if any(v == v and v is not None and v != -1 for v in values)
    }
    for name in given | set(second.fields):
        left, right = first.column(name), second.column(name)
        assert left.dtype == right.dtype, name
        assert [None if v != v else v for v in left] == [None if v != v else v for v in right], name
    assert set(first.extra) == set(second.extra)
    for name, left in first.extra.items():
        assert [None if v != v else v for v in left] == [None if v != v else v for v in second.extra[name]], (
            name
        )
    kind = asset_type(first.type).geometry
    for left, right in zip(
        geometries_from(first.shapes, kind), geometries_from(second.shapes, kind), strict=True
    ):
        assert (left is None) == (right is None)
        assert left is None or (
            left.normalize().equals(right.normalize()) if exact else left.equals_exact(right, 1e-3)
        )


def test_a_geopackage_gives_back_what_was_written(tmp_path):
    network = sample()
    path = tmp_path / "out.gpkg"
    for _ in range(2):  # a second time over the first
        format_of(path).write(path, network)
    reading = read(path)
    assert reading.crs == "EPSG:4549"
    assert codes(reading) == []
    for name, table in network.tables.items():
        same(table, reading.tables[name])


def test_shapefiles_give_back_names_of_more_than_ten_bytes(tmp_path):
    network = sample()
    written = format_of(tmp_path / "out.shp").write(tmp_path / "out.shp", network)
    for name, table in network.tables.items():
        path = tmp_path / f"out-{name}.{'dbf' if name == 'vehicle' else 'shp'}"
        assert path in written
        reading = read(path)
        assert codes(reading) == []
        same(table, reading.tables[name])


def test_a_column_added_to_an_export_is_understood_when_it_comes_back(tmp_path):
    path = tmp_path / "out.gpkg"
    format_of(path).write(path, Network(City("x", crs="EPSG:4549"), {"conduit": sample().tables["conduit"]}))
    with sqlite3.connect(path) as base:
        base.execute("ALTER TABLE conduit ADD COLUMN material TEXT")
        for name in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):  # the triggers of the R-tree ask for these
            base.create_function(f"ST_{name}", 1, lambda _: 0)
        base.execute("UPDATE conduit SET material = '钢' WHERE id = 'C1'")
    base.close()
    assert list(read(path).tables["conduit"].fields["material"]) == ["steel", None]


def test_geojson_is_in_wgs84_and_comes_back(tmp_path):
    network, path = sample(), tmp_path / "out.geojson"
    format_of(path).write(path, network)
    features = orjson.loads(path.read_bytes())["features"]
    lon, lat = next(f for f in features if f["properties"].get("id") == "J1")["geometry"]["coordinates"]
    assert (lon, lat) == (
        pytest.approx(120.0, abs=1e-4),
        pytest.approx(28.64, abs=0.01),
    )  # CM 120°E, 3170 km north
    reading = read(path)
    assert codes(reading) == []
    for name, table in network.tables.items():
        back = reading.tables[name]
        same(
            table,
            back.__class__(
                back.type,
                back.ids,
                back.fields,
                reprojected(back.shapes, reading.crs, "EPSG:4549"),
                back.extra,
            ),
            exact=False,
        )
    with pytest.raises(Refused):
        format_of(path).write(path, sample(crs=""))


@pytest.mark.parametrize("flavour", ["iso", "extended"])
@pytest.mark.parametrize("order", [0, 1])
def test_well_known_binary_of_every_kind_becomes_the_shapes_shapely_sees(flavour, order):
    texts = [
        "POINT (1 2)", "LINESTRING Z (0 0 5, 1 1 5, 2 0 5)", "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3, 4 4))",
        None, "POLYGON ((0 0, 0 9, 9 9, 9 0, 0 0), (1 1, 2 1, 2 2, 1 1))", "MULTIPOINT (1 1, 2 2)",
        "LINESTRING EMPTY",
        "MULTIPOLYGON (((0 0, 4 0, 4 4, 0 0)), ((10 10, 14 10, 14 14, 10 10), (12 11, 13 11, 13 12, 12 11)))",
        "POINT EMPTY",
    ]  # fmt: skip
    made = np.array([None if text is None else shapely.from_wkt(text) for text in texts], dtype=object)
    wkb = [
        None if shape is None else shapely.to_wkb(shape, byte_order=order, flavor=flavour) for shape in made
    ]
    shapes, kinds = shapes_of_wkb(pa.array(wkb, pa.binary()))
    expected = shapes_from(made)
    np.testing.assert_array_equal(shapes.assets, expected.assets)
    assert list(kinds[[0, 1, 2, 4, 5, 7]]) == ["point", "line", "line", "polygon", "point", "polygon"]
    for row in (4, 7):
        drawn = [geometries_from(one.take(np.array([row])), "polygon")[0] for one in (shapes, expected)]
        assert drawn[0].equals(drawn[1])
        assert drawn[0].equals(made[row])
    np.testing.assert_array_equal(shapes.of(1), expected.of(1))


def test_a_sliced_column_is_read_from_its_own_rows():
    wkb = pa.array([shapely.to_wkb(shapely.Point(n, n)) for n in range(9)], pa.binary())
    shapes, _ = shapes_of_wkb(wkb.slice(3, 2))
    np.testing.assert_array_equal(shapes.coords, [[3, 3], [4, 4]])


def test_every_known_name_leads_to_a_field_and_a_unit_that_fits():
    for row in _table("aliases.csv"):
        if row["type"] != "*" and row["field"] != "id":
            field = asset_type(row["type"]).field(row["field"])
            assert not row["unit"] or FACTORS[row["unit"]][0] == field.unit, row
    assert aliases("conduit")["psize"][0].unit == "mm"


def test_every_format_issue_has_its_sentences():
    told = {key for key in sentences("zh") if key.startswith("issue.format.")}
    said = {key for key in told if not key.endswith(".name")}
    rules = {key.rsplit(".", 1)[0] for key in said}
    assert said == {f"{rule}.{part}" for rule in rules for part in ("says", "remedy")}


def test_real_shapefiles_are_read(shared_data):
    reading = read(shared_data / "aalto-gistoswmm5" / "conduits.shp")
    assert (reading.crs, reading.counts) == ("EPSG:3879", {"conduit": 13})
    assert list(reading.tables["conduit"].ids[:2]) == ["c1", "c2"]
    nodes = read(shared_data / "aalto-gistoswmm5" / "junctions.shp")
    assert set(reading.tables["conduit"].fields["from_id"]) <= set(nodes.tables["manhole"].ids)


def test_each_format_names_its_files_apart():
    suffixes = [suffix for entry in FORMATS if entry.holds is None for suffix in entry.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert json.dumps(suffixes)
