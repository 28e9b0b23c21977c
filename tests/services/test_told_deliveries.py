"""What a survey delivers in its own way is read, or told in one clear sentence with what is known."""

import json
from dataclasses import replace

import pytest

from wenqu.errors import BadInput
from wenqu.examples.little_city import little_city
from wenqu.messages import LANGUAGES, told
from wenqu.network.formats.fieldmap import fieldmap_from
from wenqu.network.formats.workbooks import write_workbook
from wenqu.network.formats.writing import write_shapefile
from wenqu.services.accept_import import accept_import
from wenqu.services.mend_queue import rewrite_row
from wenqu.services.premises_files import read_premises
from wenqu.services.recognise_delivery import recognise
from wenqu.services.stage_import import How, stage_import
from wenqu.services.take_in import with_firm_map
from wenqu.services.unpacked_files import readable
from wenqu.store.database import open_store
from wenqu.store.moments import now
from wenqu.store.waiting import Sought

HOW = How(crs="EPSG:4549")
PLACES = {"a": [499000.0, 3171000.0], "b": [499050.0, 3171000.0]}


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def points(path, rows):
    """Write points with some columns as GeoJSON."""
    features = [
        {"type": "Feature", "properties": about, "geometry": {"type": "Point", "coordinates": place}}
        for place, about in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_a_weir_that_is_one_point_says_what_is_missing_and_enters_when_it_is_given(store, tmp_path):
    wells = points(tmp_path / "检查井.geojson", [(place, {"编号": id_}) for id_, place in PLACES.items()])
    about = {"溢流堰标识码": "Y1", "堰顶高程": 3.1}
    weirs = points(tmp_path / "溢流堰.geojson", [(PLACES["a"], about)])
    made = stage_import(store, [wells, weirs], "S", HOW)
    accept_import(store, made, who="t", why="t")
    (row,) = store.waiting("S", Sought(inside=False))
    assert (row.rule, row.type, row.asset) == ("format.link-at-point", "weir", "Y1")
    assert row.body["proposals"] == []
    for language in LANGUAGES:
        assert "[" not in told(f"issue.{row.rule}.says", language, row.body["facts"])
    ends = {"from_id": "a", "to_id": "b"}
    rewrite_row(store, store.network("S"), row.id, ends, who="t", why="seen there")
    weir = store.network("S").table("weir")
    assert (weir.ids[0], weir.fields["from_id"][0], weir.fields["crest_level"][0]) == ("Y1", "a", 3.1)


def test_an_identity_that_another_file_uses_for_something_else_names_that_file(store, tmp_path):
    about = {"东": {"编号": "a", "地面高程": 5.0}, "西": {"编号": "a", "地面高程": 6.0}}
    files = [points(tmp_path / f"{name}检查井.geojson", [(PLACES["a"], about[name])]) for name in "东西"]
    made = stage_import(store, files, "S", HOW)
    (queued,) = made.staged.queued
    assert queued.issue.code == "format.duplicate-elsewhere"
    assert queued.issue.facts["other"] == "东检查井.geojson"
    assert [one.key for one in queued.proposals] == ["rename", "take-later"]
    assert "东检查井.geojson" in told(f"issue.{queued.issue.code}.says", "zh", queued.issue.facts)


def test_rows_that_a_second_file_repeats_are_kept_once_and_those_that_differ_wait(store, tmp_path):
    here, far = PLACES["a"], PLACES["b"]
    one = [(here, {"编号": "a", "地面高程": 5.0, "备注甲": 3}), (far, {"编号": "b", "地面高程": 6.0})]
    near = [here[0] + 0.0004, here[1]]  # as a format rounds it
    other = [
        (near, {"编号": "a", "地面高程": 5.0, "备注甲": "3", "井底高程": 2.5, "备注乙": "x"}),
        ([far[0] + 0.4, far[1]], {"编号": "b", "地面高程": 6.0}),
        ([far[0] + 9.0, far[1]], {"编号": "c", "地面高程": 7.0}),
    ]
    files = [points(tmp_path / f"{n}检查井.geojson", rows) for n, rows in ((1, one), (2, other))]
    made = stage_import(store, files, "S", HOW)
    again = [queued.issue.asset for queued in made.staged.queued]
    assert again == ["b"]  # it lies elsewhere
    (note,) = [issue for issue in made.issues if issue.code == "import.repeated"]
    assert note.facts == {"count": 1, "other": "1检查井.geojson", "added": 1}
    assert note.place.file == "2检查井.geojson"
    wells = made.staged.tables["manhole"]
    rows = {id_: row for row, id_ in enumerate(wells.ids)}
    assert wells.fields["invert_level"][rows["a"]] == 2.5  # what only the second says
    assert wells.extra["备注乙"][rows["a"]] == "x"
    assert wells.shapes.of(rows["a"]).tolist() == [here]


def test_a_folder_that_holds_a_city_as_workbook_and_as_shapefiles_leaves_nothing_waiting(store, tmp_path):
    city, kinds = little_city(), ("manhole", "conduit", "outfall")
    network = replace(city, tables={name: city.table(name) for name in kinds})
    write_shapefile(tmp_path / "管网.shp", network)
    write_workbook(tmp_path / "管网.xlsx", network)
    for own in tmp_path.glob("*.fieldmap.json"):
        own.unlink()
    files = readable(sorted(tmp_path.iterdir()))
    made = stage_import(store, files, "S", How(crs=network.city.crs))
    assert not [one for one in made.staged.queued if one.issue.code == "format.duplicate-elsewhere"]
    repeated = {one.type: one.facts["count"] for one in made.issues if one.code == "import.repeated"}
    assert repeated == {name: len(network.table(name)) for name in kinds}


def test_a_heading_that_stands_in_one_standard_alone_is_understood_in_a_small_table(store, tmp_path):
    path = points(tmp_path / "检查井.geojson", [(PLACES["a"], {"检查井标识码": "a", "检查井形式": 11})])
    made = stage_import(store, [path], "S", HOW)
    wells = made.staged.tables["manhole"]
    assert (wells.ids[0], wells.fields["style"][0]) == ("a", "other")


def test_premises_are_placed_by_every_heading_that_places_a_survey_point(tmp_path):
    pairs = ("x,y", "东坐标,北坐标", "X_Coord,Y_Coord", "坐标X,坐标Y", "easting,northing")
    for pair in pairs:
        path = tmp_path / "用户.csv"
        path.write_text(f"户号,{pair}\n1,499000,3171000\n", encoding="utf-8")
        assert read_premises(path, "EPSG:4549", "EPSG:4549").where.tolist() == [[499000.0, 3171000.0]]


def entered(store, path, firm=""):
    """Let a file in as the firm's, and return how it was read."""
    made = stage_import(store, [path], "S", replace(HOW, firm=firm))
    accept_import(store, with_firm_map(made, firm, [path]), who="t", why="t")
    return made


def test_a_file_of_another_name_takes_the_firms_map_of_the_file_with_the_same_columns(store, tmp_path):
    about = {"甲": "a", "乙": 5.0, "丙": "x"}
    first = points(tmp_path / "检查井.geojson", [(PLACES["a"], about)])
    columns = {"ground_level": {"column": "乙", "unit": "cm"}}
    map_ = fieldmap_from({"layers": {"检查井": {"type": "manhole", "id": "甲", "fields": columns}}}, "map")
    how = replace(HOW, firm="东勘", fieldmap=map_)
    made = with_firm_map(stage_import(store, [first], "S", how), "东勘", [first])
    accept_import(store, made, who="t", why="t")
    later = points(tmp_path / "第二批.geojson", [(PLACES["b"], {**about, "甲": "b"})])
    for firm in ("", "西勘"):  # another firm's map says nothing of this one's columns
        with pytest.raises(BadInput, match="no-layer"):
            stage_import(store, [later], "S", replace(HOW, firm=firm))
    (seen,) = recognise(store, store.network("S"), [later], {"firm": "东勘"}, None)
    assert (seen["remembered"], seen["alike"][0]["file"]) == (False, "检查井.geojson")
    second = entered(store, later, "东勘")
    (note,) = [issue for issue in second.issues if issue.code == "format.map-by-columns"]
    assert note.facts == {"layer": "第二批", "file": "检查井.geojson", "date": f"{now():%Y-%m-%d}"}
    wells = store.network("S").table("manhole")
    assert wells.ids.tolist() == ["a", "b"]
    assert wells.fields["ground_level"].tolist() == [0.05, 0.05]
    other = points(tmp_path / "第三批.geojson", [(PLACES["b"], {"甲": "c", "乙": 5.0})])
    with pytest.raises(BadInput, match="no-layer"):  # a column less: not the same table
        stage_import(store, [other], "S", replace(HOW, firm="东勘"))
