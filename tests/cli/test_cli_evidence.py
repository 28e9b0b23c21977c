"""Import, summary, check, trace and export, as a user meets them."""

import json
import re
import zipfile

import pytest

from tests.network.formats.jet import Table, write_mdb

INP = """[TITLE]
A model, EPSG:4549
[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
J1 3.0 2.0 0 0 0
J2 2.9 2.0 0 0 0
J2 2.8 2.0 0 0 0
[OUTFALLS]
O1 2.5 FREE NO
[CONDUITS]
C1 J1 J2 100 0.013 0 0 0 0
C2 J2 O1 100 0.013 0 0 0 0
C3 J1 NOWHERE 100 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR 0.3 0 0 0 1
C2 CIRCULAR 0.3 0 0 0 1
C3 CIRCULAR 0.3 0 0 0 1
[COORDINATES]
J1 499000 3171000
J2 499100 3171000
O1 499200 3171000
"""
EPANET = "[JUNCTIONS]\nJ1 10 50\n[RESERVOIRS]\nR 1\n[PIPES]\nP1 J1 R 100 100 100 0 Open\n"


def chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.inp"
    path.write_text(INP, encoding="utf-8")
    return path


def test_bellinge_is_in_after_one_command_and_counted_by_the_next(wenqu, shared_data):
    path = shared_data / "bellinge-swmm" / "BellingeSWMM_v021_nopervious.inp"
    came = wenqu("import", path, "--city", "bellinge")
    assert came.code == 0
    assert "BellingeSWMM_v021_nopervious.inp is in, as city bellinge." in came.out
    assert came.err == ""
    said = wenqu("summary", "--city", "bellinge", "--json")
    assert said.code == 0
    assert said.err == ""
    assert said.json == {
        "city": "bellinge",
        "counts": {
            "catchment": 713,
            "manhole": 995,
            "conduit": 1015,
            "weir": 13,
            "gate": 10,
            "pump": 6,
            "storage": 16,
            "outfall": 9,
            "gauge": 2,
        },
        "length_m": {"conduit": 51247.801, "weir": 80.25, "gate": 56.048, "pump": 1284.668},
        "crs": "EPSG:25832",
        "simulated": False,
    }
    again = wenqu("import", path, "--city", "bellinge", "--json")
    assert again.json["changed"]["conduit"] == {"new": 0, "changed": 0, "same": 1015}


@pytest.mark.parametrize(("language", "words"), [("en", "coordinate system"), ("zh", "坐标系")])
def test_a_summary_speaks_the_users_language(wenqu, little, language, words):
    said = wenqu("summary", "--city", "little", store=little, language=language)
    assert said.code == 0
    assert f"little · {words} EPSG:4549" in said.out
    assert chinese(said.out) == (language == "zh")
    assert ("Simulated data" if language == "en" else "模拟数据") in said.out
    # 7 conduits of 50 m
    line = next(line for line in said.out.splitlines() if " conduit " in line)
    assert line.split()[-2:] == ["7", "0.35"]


def test_a_check_of_a_sound_city_says_so_in_both_languages(wenqu, little):
    for language, words in (("en", "✓ Nothing odd was found."), ("zh", "✓ 未发现问题。")):
        assert wenqu("check", "--city", "little", store=little, language=language).out.strip() == words
    assert wenqu("check", "--city", "little", "--json", store=little).json == {
        "city": "little",
        "count": 0,
        "issues": [],
    }


def test_a_duplicate_and_a_dangling_row_are_named_with_their_line_and_the_rest_enters(wenqu, model):
    said = wenqu("import", model, "--city", "new", "--json")
    assert said.code == 0
    by_asset = {
        issue["asset"]: issue for issue in said.json["issues"] if issue["weight"] in {"block", "fault"}
    }
    lines = INP.splitlines()
    # the first J2 is kept, the second waits; so does C3, whose end is nowhere
    assert lines[by_asset["J2"]["place"]["row"] - 1].split() == ["J2", "2.8", "2.0", "0", "0", "0"]
    assert by_asset["C3"]["place"]["file"] == "model.inp"
    assert lines[by_asset["C3"]["place"]["row"] - 1].startswith("C3 J1 NOWHERE")
    assert "NOWHERE" in by_asset["C3"]["says"]
    assert said.json["counts"]["conduit"] == 2
    people = wenqu("import", model, "--city", "other")
    assert "model.inp · CONDUITS · line 14 · conduit C3" in people.out
    chinese_ = wenqu("import", model, "--city", "third", language="zh")
    assert "model.inp · CONDUITS · 第 14 行 · 管段 C3" in chinese_.out


def test_ids_that_look_like_markup_are_shown_as_they_are(wenqu, model):
    model.write_text(INP.replace("C3", "C[/3]:star:"), encoding="utf-8")
    path = model.rename(model.with_name("[bold]model[red].inp"))
    said = wenqu("import", path, "--city", "new")
    assert said.code == 0
    assert "[bold]model[red].inp is in" in said.out
    assert "conduit C[/3]:star:" in said.out


@pytest.mark.parametrize("word", ["up", "down"])
def test_a_trace_is_the_same_for_people_and_programs(wenqu, little, word):
    said = wenqu("trace", "M3", "--city", "little", f"--{word}", "--json", store=little)
    # above M3: M1, M2 by C1, C2; below it: station, M4, plant, outfall by C3, the pump, C4, C5
    links = {"up": ["C1", "C2"], "down": ["C3", "C4", "C5", "PU1"]}[word]
    assert sorted(said.json["links"]) == links
    people = wenqu("trace", "M3", "--city", "little", f"--{word}", store=little)
    count = said.json["count"]
    assert f"{count['nodes']} nodes, {len(links)} links" in people.out
    other = wenqu("trace", "M3", "--city", "little", f"--{word}", store=little, language="zh")
    assert f"节点 {count['nodes']} 个，管段 {len(links)} 条" in other.out


def test_a_trace_starts_from_a_meter_and_from_a_drainage_user(wenqu, little):
    assert wenqu("trace", "Q1", "--city", "little", "--up", "--json", store=little).json["links"]
    down = wenqu("trace", "U1", "--city", "little", "--json", store=little).json
    assert [entry["id"] for entry in down["reaches"]] == ["P1", "O1", "S1"]


@pytest.mark.parametrize("ending", ["inp", "gpkg", "geojson", "shp"])
def test_what_goes_out_comes_in_again_with_the_same_counts(wenqu, little, tmp_path, ending):
    made = wenqu("export", "--city", "little", f"out/city.{ending}", "--json", store=little)
    assert made.code == 0
    files = [tmp_path / file for file in made.json["files"]]
    assert files
    assert all(file.is_file() for file in files)
    for file in files:
        if file.suffix == ".json":
            continue
        crs = ["--crs", "EPSG:4549"] if file.suffix in {".inp", ".dbf"} else []
        assert wenqu("import", file, "--city", "copy", *crs, "--json").code == 0
    before = wenqu("summary", "--city", "little", "--json", store=little).json["counts"]
    after = wenqu("summary", "--city", "copy", "--json").json["counts"]
    if ending == "inp":  # a model knows fewer kinds of nodes and links, and no less of them
        assert after["conduit"] + after.get("channel", 0) == before["conduit"] + before["channel"] == 8
        assert after["catchment"] == before["catchment"]
        nodes = ("manhole", "gully", "storage", "station", "plant", "outfall")
        assert sum(after.get(name, 0) for name in nodes) == sum(before.get(name, 0) for name in nodes)
    else:
        assert after == before


@pytest.mark.parametrize(
    ("language", "words", "empty"),
    [("en", "✓ Written:", "nothing was written"), ("zh", "✓ 已导出", "未写出文件")],
)
def test_an_export_says_what_it_wrote_or_that_there_was_nothing(wenqu, little, language, words, empty):
    said = wenqu("export", "--city", "little", "city.gpkg", store=little, language=language)
    assert words in said.out
    assert "city.gpkg" in said.out
    none = wenqu(
        "export", "--city", "little", "no.shp", "--as-of", "1999-01-01", store=little, language=language
    )
    assert none.code == 0
    assert empty in none.out


BAD_FILES = {
    "empty.inp": (b"", "is empty"),
    "binary.inp": (bytes(range(256)) * 9, "is not text"),
    "epanet.inp": (b"[TITLE]\n[RESERVOIRS]\n[PIPES]\n", "without a single node"),
    "prose.inp": (b"Dear colleague, the model follows by post.\n", "prose.inp"),
    "empty.gpkg": (b"", "is empty"),
    "broken.gpkg": (b"no database at all " * 300, "broken.gpkg"),
    "list.geojson": (b"[1, 2, 3]", "list.geojson"),
    "drawing.dwg": (b"AC1032", "drawing.dwg"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_used_is_one_sentence_and_writes_nothing(wenqu, tmp_path, name):
    content, words = BAD_FILES[name]
    (tmp_path / name).write_bytes(content)
    said = wenqu("import", name, "--city", "new")
    assert said.code == 2
    assert words in said.err
    assert said.out == ""
    assert said.err.startswith("✗ ")
    assert re.search(r"\[[a-z]", said.err) is None  # no fact is left open
    other = wenqu("import", name, "--city", "new", language="zh")
    assert other.code == 2
    assert chinese(other.err)
    assert wenqu("summary", "--city", "new").code == 2


def test_a_water_supply_model_enters_and_says_what_it_is(wenqu, tmp_path):
    (tmp_path / "epanet.inp").write_text(EPANET, encoding="utf-8")
    said = wenqu("import", "epanet.inp", "--city", "water")
    assert said.code == 0
    assert "EPANET" in said.out


def test_an_archive_and_a_folder_are_imported_as_what_they_hold(wenqu, tmp_path):
    folder = tmp_path / "二标"
    folder.mkdir()
    (folder / "管线.csv").write_text("起点点号,终点点号,管径(mm)\nW1,W2,300\n", encoding="gbk")
    points = Table([("点号", "text"), ("东坐标", "double"), ("北坐标", "double"), ("附属物", "text")], [
        ["W1", 500000.0, 3170000.0, "检查井"], ["W2", 500030.0, 3170000.0, "检查井"],
    ])  # fmt: skip
    with zipfile.ZipFile(tmp_path / "一标.zip", "w") as packed:
        packed.write(write_mdb(tmp_path / "点.mdb", {"管点": points}), "成果/点.mdb")
    said = wenqu("import", "一标.zip", "二标", "--city", "new", "--crs", "EPSG:4549")
    assert (said.code, said.err) == (0, "")
    assert "一标.zip" in said.out
    assert wenqu("summary", "--city", "new", "--json").json["counts"] == {"manhole": 2, "conduit": 1}
    (tmp_path / "坏.zip").write_bytes(b"PK no archive")
    other = wenqu("import", "坏.zip", "--city", "new")
    assert other.code == 2
    assert "坏.zip" in other.err


def test_a_missing_file_is_named(wenqu):
    for words in (["import", "nowhere.inp", "--city", "x"], ["import", "nowhere.gpkg", "--city", "x"]):
        said = wenqu(*words)
        assert said.code == 2
        assert "nowhere" in said.err


def pipes(path, columns, crs=None):
    features = [
        {
            "type": "Feature",
            "properties": {name: values[row] for name, values in columns.items()},
            "geometry": {"type": "LineString", "coordinates": [[120.0, 28.0 + row], [120.001, 28.0 + row]]},
        }
        for row in range(len(next(iter(columns.values()))))
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "name": "conduit", "features": features}))
    return path


def test_an_unknown_unit_is_refused_with_the_known_ones(wenqu, tmp_path):
    pipes(tmp_path / "conduit.geojson", {"id": ["C1"], "width_cubit": [1.0]})
    (tmp_path / "map.toml").write_text(
        '[layers.conduit]\ntype = "conduit"\nid = "id"\n'
        '[layers.conduit.fields]\nheight = { column = "width_cubit", unit = "cubit" }\n',
        encoding="utf-8",
    )
    said = wenqu("import", "conduit.geojson", "--city", "new", "--fields", "map.toml")
    assert said.code == 2
    assert "cubit" in said.err
    assert "mm" in said.err


def test_a_city_is_not_moved_to_another_coordinate_system_by_a_later_file(wenqu, tmp_path, model):
    assert wenqu("import", model, "--city", "new", "--crs", "EPSG:4549").code == 0
    before = wenqu("trace", "J1", "--city", "new", "--json").json["geometry"]
    pipes(tmp_path / "conduit.geojson", {"id": ["Z1"]})
    came = wenqu("import", "conduit.geojson", "--city", "new", "--json")
    assert came.code == 0
    assert came.json["crs"] == "EPSG:4549"
    assert "import.reprojected" in {issue["code"] for issue in came.json["issues"]}
    assert wenqu("trace", "J1", "--city", "new", "--json").json["geometry"] == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unknown_asset_comes_with_the_nearest(wenqu, little, language):
    said = wenqu("trace", "CH01", "--city", "little", store=little, language=language)
    assert said.code == 2
    assert "CH1" in said.err
    assert said.out == ""


def test_an_as_of_day_is_a_day_or_refused(wenqu, little):
    for day in ("yesterday", "2026-13-45", "03/31/2026", "2026-02-30"):
        for words in (["summary"], ["check"], ["trace", "M1"], ["export", "x.gpkg"]):
            said = wenqu(*words, "--city", "little", "--as-of", day, store=little)
            assert said.code == 2, (day, words)
            assert day in said.err
    past = wenqu("summary", "--city", "little", "--as-of", "1999-12-31", "--json", store=little)
    assert past.json["counts"] == {}


def test_an_export_names_the_formats_it_knows_and_leaves_nothing_behind(wenqu, little, tmp_path):
    for path, more in (("city.dwg", []), ("city.gpkg", ["--format", "kml"]), ("city", [])):
        said = wenqu("export", "--city", "little", path, *more, store=little)
        assert said.code == 2
        assert "gpkg" in said.err
        assert not (tmp_path / path).exists()


def test_what_the_operating_system_refuses_is_one_sentence(wenqu, little, tmp_path):
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "folder.inp").mkdir()
    for path in ("taken/city.inp", "folder.inp"):
        said = wenqu("export", "--city", "little", path, store=little)
        assert said.code == 2
        assert "The operating system refuses" in said.err
        assert path.split("/")[0] in said.err


def test_the_balance_of_a_city_is_listed_told_and_written(wenqu, little, tmp_path):
    said = wenqu("balance", "--city", "little", store=little)
    assert said.code == 0
    assert "none of the 3 zones has a balance" in " ".join(said.out.split())  # nothing was read there
    told = wenqu("balance", "--of", "city", "--city", "little", "--json", store=little)
    assert told.json["type"] == "city"
    for name in ("out.csv", "out.xlsx"):
        assert wenqu("balance", "--of", "city", "--city", "little", "--out", name, store=little).code == 0
        assert (tmp_path / name).stat().st_size > 0
    assert wenqu("balance", "--of", "city", "--city", "little", "--by", "week", store=little).code == 2
    assert wenqu("balance", "--of", "plant/nowhere", "--city", "little", store=little).code == 2
