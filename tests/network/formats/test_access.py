"""Access files (MDB, ACCDB): tables of points and lines, whatever a survey firm's Access did to its pages."""

import datetime as dt

import numpy as np
import pytest
from access_parser import AccessParser
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.network.formats.deliveries import codes, read, sample
from tests.network.formats.jet import PAGE, Table, packed, write_mdb
from tests.network.formats.test_tables import LINES, POINTS
from wenqu.errors import FileUnreadable, Refused
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.access import layers_of_access
from wenqu.network.formats.access_values import text_of
from wenqu.network.formats.registry import format_of
from wenqu.network.model import Network

WORDS = [[name, "text"] for name in ("点号", "备注")]
DAY = dt.datetime(2024, 5, 6)  # noqa: DTZ001 - dates of a table have no zone
EVERY = [
    ("点号", "text"), ("已核", "bool"), ("甲", "byte"), ("乙", "int"), ("丙", "long"), ("造价", "money"),
    ("埋深", "single"), ("X", "double"), ("日期", "date"), ("备注", "memo"), ("编码", "guid"),
    ("丁", "decimal"), ("照片", "ole"),
]  # fmt: skip
GUID = "12345678-1234-5678-1234-567812345678"
FULL = ["管点甲A", True, 200, -5, 123456, 12.3456, 1.35, 0.1, DAY, "路口东", GUID, -12.345, b"jpg"]


def points(rows=POINTS[1:]):
    kinds = ["text", "double", "double", "single", "text", "memo"]
    return Table(list(zip(POINTS[0], kinds, strict=True)), rows)


def lines(rows=LINES[1:]):
    cells = [[None if cell is None else str(cell) for cell in row] for row in rows]
    return Table([(name, "text") for name in LINES[0]], cells)


def layer(path, place=0):
    return layers_of_access(path).layers[place]


def column(path, name, place=0):
    return layer(path, place).columns[name].to_pylist()


def test_a_survey_firm_s_database_becomes_a_network(tmp_path):
    path = write_mdb(tmp_path / "普查.mdb", {"管点": points(), "管线": lines()})
    reading = read(path, crs="EPSG:4549")
    assert reading.counts == {"manhole": 3, "gully": 1, "outfall": 1, "conduit": 3}
    np.testing.assert_array_equal(reading.tables["manhole"].shapes.coords[0], [500000.25, 3170000.5])
    conduit = reading.tables["conduit"]
    np.testing.assert_allclose(conduit.fields["from_invert"], [3.0, 2.7, 4.1])
    np.testing.assert_allclose(conduit.fields["height"], [0.3, 0.6, 0.3])
    assert reading.bad == ()
    assert {"table.axes-swapped", "table.unknown-point", "table.full-width"} <= set(codes(reading))
    assert reading.place("conduit", 1).row == 2  # rows of a table are counted without its headings


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("moved", [set(), {0}])
def test_every_type_of_column_is_read_as_it_was_typed(tmp_path, tight, moved):
    path = write_mdb(tmp_path / "a.mdb", {"表": Table(EVERY, [FULL, [None] * 13], packed=tight, moved=moved)})
    made = layer(path)
    row = made.raw(0)
    assert row == {
        "点号": "管点甲A", "已核": True, "甲": 200, "乙": -5, "丙": 123456, "造价": 12.3456, "埋深": 1.35,
        "X": 0.1, "日期": "2024-05-06", "备注": "路口东", "编码": "{" + GUID + "}", "丁": -12.345,
    }  # fmt: skip
    (left,) = layers_of_access(path).issues
    assert (left.code, left.facts["columns"]) == ("table.no-values", "照片")


def test_another_reader_of_the_format_finds_the_same(tmp_path):
    rows = [[f"点{number}", "路口" * (number % 3) or None] for number in range(500)]
    path = write_mdb(tmp_path / "a.mdb", {"管点": Table(WORDS, rows, deleted={7, 499}, moved={3, 8})})
    theirs = AccessParser(str(path)).parse_table("管点")
    for name, _ in WORDS:
        assert sorted(map(str, column(path, name))) == sorted(map(str, theirs[name]))


@pytest.mark.parametrize("length", [0, 1, 29, 31, 1499, 1501, 20_000])
@pytest.mark.parametrize("tight", [False, True])
def test_long_texts_are_whole_wherever_they_stand(tmp_path, length, tight):
    said = ("管段A" * length)[:length] or None
    table = Table([("号", "long"), ("备注", "memo")], [[1, said]], packed=tight)
    made = layer(write_mdb(tmp_path / "a.mdb", {"表": table}))
    assert (made.columns["备注"].to_pylist() if said else [None]) == [said]


def test_deleted_rows_and_pages_given_up_stay_away_and_moved_rows_are_found(tmp_path):
    rows = [[f"W{number}", "井"] for number in range(3000)]
    for indirect in (False, True):
        table = Table(WORDS, rows, {0, 2999}, {5}, indirect=indirect, stale=[["鬼", "井"]])
        path = write_mdb(tmp_path / "a.mdb", {"管点": table})
        made = column(path, "点号")
        assert sorted(made) == sorted(f"W{number}" for number in range(1, 2999))
        assert not layers_of_access(path).issues


def test_empty_tables_and_the_program_s_own_tables_are_no_layers(tmp_path):
    tables = {
        "MSysACEs": points(), "USysRibbons": points(), "~TMPCLP1": points(), "空": points([]),
        "隐": Table(WORDS, [["1", "2"]], flags=2), "管点": points(),
    }  # fmt: skip
    delivered = layers_of_access(write_mdb(tmp_path / "a.mdb", tables, links=["远方管线"]))
    assert [one.name for one in delivered.layers] == ["管点"]
    (linked,) = delivered.issues
    assert (linked.code, linked.facts) == ("table.linked", {"layer": "远方管线"})
    with pytest.raises(FileUnreadable, match="no-table"):
        layers_of_access(write_mdb(tmp_path / "b.mdb", {"空": points([])}))


def test_a_definition_may_run_over_several_pages(tmp_path):
    columns = [(f"第{number}列的一个很长的名称", "text") for number in range(200)]
    rows = [[str(number) for number in range(200)]]
    made = layer(write_mdb(tmp_path / "a.mdb", {"宽表": Table(columns, rows)}))
    assert [made.columns[name].to_pylist() for name, _ in columns] == [[str(n)] for n in range(200)]


def test_databases_of_access_2007_and_later_are_read_too(tmp_path):
    path = write_mdb(tmp_path / "a.accdb", {"管点": points()}, version=3, name=b"Standard ACE DB")
    assert len(layer(path)) == 5


def cut(path, size):
    path.write_bytes(path.read_bytes()[:size])
    return path


def scrambled(path):
    data = path.read_bytes()
    path.write_bytes(data[:PAGE] + bytes(byte ^ 0x5A for byte in data[PAGE:]))
    return path


def broken_file(folder, kind):
    path, tables = folder / "普查.mdb", {"管点": points()}
    if kind == "cut":
        return cut(write_mdb(path, tables), 5 * PAGE + 100)
    if kind == "old":
        return write_mdb(path, tables, version=0)
    if kind == "password":
        return write_mdb(path, tables, password="1234")  # noqa: S106 - of a file of ours
    if kind == "encrypted":
        return scrambled(write_mdb(path, tables, key=77))
    if kind == "damaged":
        return scrambled(write_mdb(path, tables))
    path.write_bytes({"workbook": b"PK\x03\x04" + bytes(9000), "empty": b""}[kind])
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("cut", "access-cut"), ("old", "access-old"), ("password", "access-locked"),
        ("encrypted", "access-locked"), ("damaged", "access-damaged"), ("workbook", "access"),
        ("empty", "empty"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so_and_what_to_do(tmp_path, kind, reason):
    with pytest.raises(FileUnreadable) as caught:
        layers_of_access(broken_file(tmp_path, kind))
    assert caught.value.reason == reason
    for language in LANGUAGES:
        assert "普查.mdb" in say(caught.value.key, language, **caught.value.facts)


def test_rows_on_pages_that_are_gone_are_missed_and_the_others_enter(tmp_path):
    rows = [[f"W{number}", "检查井"] for number in range(3000)]
    path = write_mdb(tmp_path / "a.mdb", {"管点": points(), "其他": Table(WORDS, rows)})
    data = path.read_bytes()
    path.write_bytes(data[: 8 * PAGE] + bytes(5 * PAGE) + data[13 * PAGE :])
    delivered = layers_of_access(path)
    assert [len(one) for one in delivered.layers] == [5, len(delivered.layers[1])]
    (missing,) = delivered.issues
    assert (missing.code, missing.facts["said"]) == ("table.rows-missing", 3000)
    assert missing.facts["read"] == len(delivered.layers[1]) < 3000
    assert all(say("issue.table.rows-missing.says", language, **missing.facts) for language in LANGUAGES)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.binary(min_size=1, max_size=40))
def test_no_damage_ends_in_anything_but_a_sentence(tmp_path_factory, at, junk):
    path = tmp_path_factory.getbasetemp() / "damaged.mdb"
    write_mdb(path, {"管点": Table(EVERY, [FULL] * 3, packed=True), "管线": lines()})
    data = bytearray(path.read_bytes())
    place = PAGE + at % (len(data) - PAGE)
    data[place : place + len(junk)] = junk[: len(data) - place]
    path.write_bytes(data)
    try:
        layers_of_access(path)
    except FileUnreadable as error:
        said = say(error.key, "zh", **error.facts)
        assert said


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"], max_codepoint=0xFFFF)))
def test_text_comes_back_from_either_way_of_writing_it(said):
    assert text_of(packed(said)) == said or said.startswith("\ufeff")
    assert text_of(said.encode("utf-16-le")) == said or said.startswith("\ufeff")


def test_access_is_not_written_and_what_to_take_is_said(tmp_path):
    with pytest.raises(Refused, match="only-read") as caught:
        format_of(tmp_path / "a.mdb").write(tmp_path / "a.mdb", Network(sample().city, {}))
    assert "XLSX" in say(caught.value.key, "zh", **caught.value.facts)
