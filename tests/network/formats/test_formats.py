"""Deliveries come in, go out and come back field for field."""

import json

import numpy as np
import pytest
import shapely

from tests.network.formats.deliveries import codes, delivered, read
from wenqu.errors import BadInput, FileMissing, FileUnreadable, UnknownType, UnknownUnit
from wenqu.messages import LANGUAGES, say, sentences
from wenqu.network.formats.fieldmap import read_fieldmap, write_fieldmap
from wenqu.network.formats.proposing import _table, aliases
from wenqu.network.formats.registry import FORMATS, format_of
from wenqu.network.schema import asset_type
from wenqu.units import FACTORS

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
