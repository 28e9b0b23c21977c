"""Bad input: a file that cannot be read is one sentence, a row that cannot enter is told, nothing is lost."""

import json
import random

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from tests.network.formats.deliveries import codes, delivered, read, sample
from tests.network.formats.jet import write_mdb
from tests.network.formats.test_access import lines, points
from wenqu.errors import FileUnreadable, WenquError
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.registry import SUFFIXES, format_of
from wenqu.network.model import Network

FORMS = ["gpkg", "shp", "geojson", "fgb", "parquet", "xlsx", "csv", "dxf", "mdb", "inp"]
EPANET = "[JUNCTIONS]\nJ1 10 50\n[RESERVOIRS]\nR 1\n[PIPES]\nP1 J1 R 100 100 100 0 Open\n"
SIDES = (".shx", ".dbf", ".prj", ".cpg", ".fieldmap.json")
PLACES = [shapely.Point(500000 + number, 3100000) for number in range(20)]
COLUMNS = {"编号": [f"J{number}" for number in range(20)], "井深": [1.0 + number for number in range(20)]}
HEAD = "点号,东坐标,北坐标,附属物\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a folder with a sound file of each format."""
    folder = tmp_path_factory.mktemp("whole")
    network = sample()
    some = Network(network.city, {"manhole": network.tables["manhole"]})
    for ending in FORMS[:8]:
        format_of(folder / f"o.{ending}").write(folder / f"o.{ending}", some)
    write_mdb(folder / "o.mdb", {"管点": points(), "管线": lines()})
    (folder / "o.inp").write_text(EPANET)
    return folder


def attempt(path):
    """Read a file, or have it refused in a sentence of both languages; all else is a fault of ours."""
    try:
        return read(path, crs="EPSG:4549")
    except WenquError as error:
        told = [say(error.key, language, **error.facts) for language in LANGUAGES]
    assert all(told)
    assert not any("{" in sentence for sentence in told)
    return None


def copied(whole, folder, ending):
    for side in SIDES if ending == "shp" else ():
        if (whole / f"o{side}").is_file():
            (folder / f"o{side}").write_bytes((whole / f"o{side}").read_bytes())
    return (whole / f"o.{ending}").read_bytes()


@pytest.mark.parametrize("ending", FORMS)
def test_a_file_that_was_cut_is_read_or_refused_in_a_sentence(whole, tmp_path, ending):
    content = copied(whole, tmp_path, ending)
    path = tmp_path / f"o.{ending}"
    for size in (0, 1, 10, 50, len(content) // 4, len(content) // 2, len(content) - 50, len(content) - 1):
        path.write_bytes(content[: max(size, 0)])
        attempt(path)


@pytest.mark.parametrize("ending", FORMS)
def test_a_file_with_wrong_bytes_is_read_or_refused_in_a_sentence(whole, tmp_path, ending):
    content, chance = copied(whole, tmp_path, ending), random.Random(ending)
    path = tmp_path / f"o.{ending}"
    for count in (1, 1, 3, 3, 20, 20):
        broken = bytearray(content)
        for _ in range(count):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(broken)
        attempt(path)


@pytest.mark.parametrize("ending", [ending.lstrip(".") for ending in SUFFIXES])
def test_a_file_under_a_wrong_name_is_refused_in_a_sentence(whole, tmp_path, ending):
    path = tmp_path / f"o.{ending}"
    for form in FORMS:
        if form != ending:
            path.write_bytes((whole / f"o.{form}").read_bytes())
            attempt(path)


@pytest.mark.parametrize("side", [".shx", ".dbf", ".prj", ".cpg", ".fieldmap.json"])
def test_a_shapefile_with_a_broken_part_is_read_or_refused_in_a_sentence(whole, tmp_path, side):
    (tmp_path / "o.shp").write_bytes(copied(whole, tmp_path, "shp"))
    part, chance = tmp_path / f"o{side}", random.Random(side)
    content = part.read_bytes() if part.is_file() else b"UTF-8"
    for number in range(8):
        broken = bytearray(content)
        broken[chance.randrange(len(broken))] = chance.randrange(256)
        part.write_bytes(broken[: chance.randrange(len(broken))] if number % 2 else broken)
        attempt(tmp_path / "o.shp")


@pytest.mark.parametrize(
    ("part", "reason"), [(".dbf", "cut-short"), (".shp", "shp-cut"), (".shx", "gis"), ("no .shx", "no-shx")]
)
def test_half_a_shapefile_is_not_taken_for_a_whole_one(tmp_path, part, reason):
    path = delivered(tmp_path / "检查井.shp", COLUMNS, PLACES)
    half = path.with_suffix(part.split()[-1])
    if part.startswith("no"):
        half.unlink()
    else:
        half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
    with pytest.raises(FileUnreadable) as caught:
        read(path)
    assert caught.value.reason == reason


@pytest.mark.parametrize("ending", [".shp", ".dbf"])
def test_a_table_that_counts_too_many_rows_brings_those_that_it_has(tmp_path, ending):
    path = delivered(tmp_path / "检查井.shp", COLUMNS, PLACES)
    whole = read(path).tables["manhole"]
    table = path.with_suffix(".dbf")
    body = bytearray(table.read_bytes())
    body[4:8] = (len(whole) + 7).to_bytes(4, "little")
    table.write_bytes(body)
    made = read(path.with_suffix(ending), crs="EPSG:4549" if ending == ".dbf" else None)
    assert list(made.tables["manhole"].ids) == list(whole.ids)
    (told_,) = [issue for issue in made.issues if issue.code == "format.rows-lacking"]
    assert told_.facts == {"count": len(whole), "declared": len(whole) + 7}
    assert told_.place.file == path.with_suffix(ending).name


def test_bytes_that_are_no_text_cost_one_sign_and_are_told(tmp_path):
    columns = {"编号": [f"J{number}" for number in range(200)], "备注": ["东海大道"] * 200}
    path = delivered(tmp_path / "检查井.shp", columns, PLACES * 10)
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[content.index("东海大道".encode(), 1000) + 1] = 0xFF
    table.write_bytes(content)
    reading = read(path)
    notes = reading.tables["manhole"].fields["note"]
    assert sum(note == "东海大道" for note in notes) == 199
    (told,) = [issue for issue in reading.issues if issue.code == "format.broken-text"]
    assert (told.facts["count"], "\ufffd" in notes[told.place.row - 1]) == (1, True)


@pytest.mark.parametrize("quick", [True, False])
def test_a_column_s_name_that_was_cut_within_a_character_is_read_as_far_as_it_goes(tmp_path, quick):
    """A Shapefile keeps ten bytes: three letters and a third in UTF-8."""
    shapes = PLACES if quick else [*PLACES[:19], None]
    path = delivered(tmp_path / "检查井.shp", {**COLUMNS, "检查情况说明": ["好"] * 20}, shapes)
    if not quick:
        path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes()[:-1])  # no end mark
    reading = read(path)
    table = reading.tables["manhole"]
    assert list(table.ids) == COLUMNS["编号"]
    assert {name: set(values) for name, values in table.extra.items()} == {"检查情": {"好"}}


def feature(kind, coordinates, **about):
    return {
        "type": "Feature",
        "properties": about,
        "geometry": {"type": kind, "coordinates": coordinates} if kind else None,
    }


def test_shapes_that_no_manhole_has_wait_and_the_others_enter(tmp_path):
    path = tmp_path / "检查井.geojson"
    features = [
        feature("Point", [120, 30], 编号="a"), feature("LineString", [[0, 0], [1, 1]], 编号="line"),
        feature(None, None, 编号="b"), feature("MultiPoint", [[120, 30]], 编号="c"),
        feature("MultiPoint", [[120, 30], [121, 30]], 编号="two"), feature("Point", [120, 30, 5], 编号="d"),
        {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": []}, "properties": {}},
        feature("Point", ["x", 2], 编号="e"), {"type": "Feature", "properties": {"编号": "f"}},
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    reading = read(path)
    assert list(reading.tables["manhole"].ids) == ["a", "b", "c", "d", "e", "f"]
    assert sorted((row.issue.code, row.issue.asset) for row in reading.bad) == [
        ("format.no-id", ""), ("format.several-points", "two"), ("format.wrong-shape", "line"),
    ]  # fmt: skip


def test_coordinates_that_are_no_numbers_leave_a_row_without_a_place(tmp_path):
    path = tmp_path / "管点.csv"
    rows = ["W1,500000,3100000,检查井", "W2,abc,3100000,检查井", "W3,,,检查井", "W4,nan,inf,检查井"]
    path.write_text(HEAD + "\n".join(rows), "utf-8")
    reading = read(path, crs="EPSG:4549")
    table = reading.tables["manhole"]
    assert list(np.diff(table.shapes.assets)) == [1, 0, 0, 0]
    assert next(issue for issue in reading.issues if issue.code == "table.no-place").facts["count"] == 3


def test_a_quote_that_never_closes_swallows_no_rows(tmp_path):
    path = tmp_path / "管点.csv"
    rows = ['W1,500000,3100000,"检查井"', 'W2,500001,3100000,"检查井', "W3,500002,3100000,检查井"]
    path.write_text(HEAD + "\n".join(rows), "utf-8")
    reading = read(path, crs="EPSG:4549")
    assert list(reading.tables["manhole"].ids) == ["W1", "W2", "W3"]
    assert next(issue for issue in reading.issues if issue.code == "table.open-quote").facts == {"row": 3}
    path.write_text(HEAD + 'W1,500000,3100000,检查井\nW2,500001,3100000,"检查\n井"\n', "utf-8")
    assert "table.open-quote" not in codes(read(path, crs="EPSG:4549"))


def test_cells_are_told_whose_formula_was_never_worked_out(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "管点"
    sheet.append(["点号", "东坐标", "北坐标", "地面标高"])
    sheet.append(["W1", 500000, 3100000, 5.0])
    sheet.append(["W2", 500001, 3100000, "=D2+1"])
    book.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx", crs="EPSG:4549")
    assert len(reading.tables["manhole"]) == 2
    (told,) = [issue for issue in reading.issues if issue.code == "table.formula-empty"]
    assert (told.facts["cell"], told.place.row, told.place.sheet) == ("D3", 3, "管点")


def test_columns_of_one_name_are_both_kept(tmp_path):
    path = tmp_path / "检查井.parquet"
    table = pa.table([pa.array(["a"]), pa.array(["b"]), pa.array([1.0])], names=["编号", "甲", "甲"])
    pq.write_table(table, path)
    extra = read(path).tables["manhole"].extra
    assert {name: values[0] for name, values in extra.items()} == {"甲": "b", "甲#2": 1.0}


def test_a_cell_of_millions_of_letters_is_read(tmp_path):
    path = tmp_path / "管点.csv"
    path.write_text(f"点号,东坐标,北坐标,备注\nW1,500000,3100000,{'长' * 3_000_000}\n", "utf-8")
    assert len(read(path, crs="EPSG:4549").tables["manhole"].fields["note"][0]) == 3_000_000
