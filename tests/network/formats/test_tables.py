"""Tables of survey firms (CSV, XLSX): headings anywhere, points and lines, encodings; out and in again."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
import xlsxwriter

from tests.network.formats.deliveries import codes, read, same, sample
from wenqu.errors import BadInput, FileUnreadable
from wenqu.messages import LANGUAGES, say, sentences, told
from wenqu.network.formats.encodings import text_of_bytes
from wenqu.network.formats.fieldmap import fieldmap_of, fieldmap_text, read_fieldmap
from wenqu.network.formats.registry import format_of

POINTS = [
    ["点号", "X坐标", "Y坐标", "地面标高(m)", "附属物", "备注"],
    ["W1", 3170000.5, 500000.25, 5.0, "检查井", None],
    ["W2", 3170030.5, 500000.25, 4.8, "检查井", "路口"],
    ["Y3", 3170030.5, 500010.25, 4.7, "雨水篦", None],
    ["C4", 3170060.5, 500000.25, 4.0, "出水口", None],
    ["H5", 3170020.5, 499990.25, 5.1, "化粪池", None],
]
LINES = [
    ["起点点号", "终点点号", "起点埋深(m)", "终点埋深(m)", "管径(mm)", "材质", "管线类型"],
    ["W1", "W2", 2.0, 2.1, "300", "PVC", "WS"],
    ["W2", "C4", "２.１", "1.9", "400X600", "混凝土", "WS"],
    ["H5", "W9", 1.0, 1.2, 300, "PVC", "WS"],
]


def workbook(path, sheets, title=None):
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet, first = book.add_worksheet(name), 0
            if title:
                sheet.merge_range(0, 0, 0, len(rows[0]) - 1, title)
                first = 2
            for row, values in enumerate(rows, first):
                sheet.write_row(row, 0, values)
    return path


def test_points_and_lines_of_a_survey_become_a_network(tmp_path):
    path = workbook(tmp_path / "普查.xlsx", {"管点": POINTS, "管线": LINES}, "某镇排水管线成果表")
    reading = read(path, crs="EPSG:4549")
    assert reading.counts == {"manhole": 3, "gully": 1, "outfall": 1, "conduit": 3}
    assert list(reading.tables["manhole"].fields["kind"]) == ["inspection", "inspection", "septic_tank"]
    np.testing.assert_array_equal(reading.tables["manhole"].shapes.coords[0], [500000.25, 3170000.5])
    conduit = reading.tables["conduit"]
    assert list(conduit.ids) == ["W1-W2", "W2-C4", "H5-W9"]
    np.testing.assert_allclose(conduit.fields["from_invert"], [3.0, 2.7, 4.1])  # 5.0 - 2.0, 4.8 - 2.1
    np.testing.assert_allclose(conduit.fields["to_invert"], [2.7, 2.1, np.nan])
    np.testing.assert_allclose(conduit.fields["height"], [0.3, 0.6, 0.3])
    np.testing.assert_array_equal(conduit.shapes.of(1), [[500000.25, 3170030.5], [500000.25, 3170060.5]])
    assert reading.bad == ()
    (unknown,) = [issue for issue in reading.issues if issue.code == "table.unknown-point"]
    assert unknown.facts["count"] == 1
    assert len(conduit.shapes.of(2)) == 0
    told = {"table.axes-swapped", "table.headings-below", "table.types-by-feature", "table.full-width"}
    assert told | {"table.invert-from-depth", "table.id-from-ends"} <= set(codes(reading))
    for issue in reading.issues:
        for language in LANGUAGES:
            assert say(f"issue.{issue.code}.says", language, **issue.facts)


def test_a_total_and_a_signature_are_no_assets(tmp_path):
    lines = [*LINES, ["合 计", None, None, None, None, None, "3 条"], ["制表人：王某", "审核：李某"]]
    reading = read(workbook(tmp_path / "普查.xlsx", {"管点": POINTS, "管线": lines}), crs="EPSG:4549")
    assert reading.counts["conduit"] == 3
    assert reading.bad == ()
    left = [issue for issue in reading.issues if issue.code == "table.no-asset"]
    assert [issue.place.row for issue in left] == [5, 6]
    assert told("issue.table.no-asset.says", "zh", left[0].facts).startswith("“合 计 3 条”")


def test_words_that_crews_use_are_codes(tmp_path):
    lines = [
        LINES[0],
        *([*row[:5], word, "污水"] for row, word in zip(LINES[1:], ["砼", "钢筋砼", "UPVC管"], strict=True)),
    ]
    conduit = read(workbook(tmp_path / "普查.xlsx", {"管点": POINTS, "管线": lines}), crs="EPSG:4549").tables[
        "conduit"
    ]
    assert list(conduit.fields["material"]) == ["concrete", "reinforced_concrete", "upvc"]


def test_axes_that_numbers_do_not_tell_are_asked_for(tmp_path):
    rows = [POINTS[0], ["W1", 170000.5, 50000.25, 5.0, "检查井", None]]
    path = workbook(tmp_path / "点.xlsx", {"管点": rows})
    with pytest.raises(BadInput, match="axes") as caught:
        read(path, crs="EPSG:4549")
    assert "north-east" in say(caught.value.key, "zh", **caught.value.facts)
    map_ = tmp_path / "map.toml"
    map_.write_text(
        '[layers."管点"]\ntype = "manhole"\nid = "点号"\naxes = "north-east"\n'
        '[layers."管点".places]\nx = "X坐标"\ny = "Y坐标"\n', "utf-8",
    )  # fmt: skip
    reading = read(path, crs="EPSG:4549", fieldmap=read_fieldmap(map_))
    np.testing.assert_array_equal(reading.tables["manhole"].shapes.coords, [[50000.25, 170000.5]])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_csv_is_understood_in_every_encoding(tmp_path, encoding):
    text = "管段编号,起点编号,终点编号,管径(mm),备注\n甲,一,二,300,东海大道\n乙,二,三,400,\n"
    path = tmp_path / "排水管.csv"
    path.write_bytes(text.encode(encoding))
    reading = read(path)
    table = reading.tables["conduit"]
    assert list(table.ids) == ["甲", "乙"]
    assert list(table.fields["note"]) == ["东海大道", None]
    shown = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gbk": "GBK", "gb18030": "GBK", "utf-16": "UTF-16-LE"}
    assert reading.encoding == shown[encoding]
    marked = encoding in {"utf-8-sig", "utf-16"}
    assert ("format.encoding-recognised" in codes(reading)) is not marked


def test_lines_in_another_encoding_are_named():
    data = (
        "编号,备注\nA,一\n".encode()
        + "B,乙丙丁\n".encode("gbk")
        + "C,三四五六七\n".encode()
        + b"D,\xff\xfe\n"
    )
    text = text_of_bytes(data)
    assert (text.foreign, text.broken) == ((3,), (5,))
    assert "乙丙丁" in text.text


def test_dates_as_day_numbers_and_formula_errors_are_said(tmp_path):
    path = tmp_path / "管.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("排水管")
        sheet.write_row(0, 0, ["管段编号", "起点编号", "终点编号", "建成日期", "长度(m)"])
        sheet.write_row(1, 0, ["a", "x", "y", 45444])
        sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(2, 0, ["b", "y", "z"])
        sheet.write_datetime(2, 3, dt.date(2024, 6, 1), day)
    reading = read(path)
    assert list(reading.tables["conduit"].fields["built_on"]) == ["2024-06-01", "2024-06-01"]
    assert next(i.facts["cell"] for i in reading.issues if i.code == "table.formula-error") == "E2"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_goes_out_comes_back(tmp_path, ending):
    network = sample()
    written = format_of(tmp_path / f"out.{ending}").write(tmp_path / f"out.{ending}", network)
    for name, table in network.tables.items():
        path = tmp_path / (f"out-{name}.csv" if ending == "csv" else "out.xlsx")
        assert path in written
        reading = read(path)
        placed = ending == "xlsx" or len(table.shapes.coords)  # a table without places names no system
        assert (reading.crs, codes(reading)) == ("EPSG:4549" if placed else "", [])
        same(table, reading.tables[name])


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xls", "ods"])
@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 50, b"PK\x03\x04broken", b"\n\n\n", b"a"])
def test_a_bad_file_is_one_sentence(tmp_path, ending, content):
    path = tmp_path / f"bad.{ending}"
    path.write_bytes(content)
    with pytest.raises((FileUnreadable, BadInput)) as caught:
        read(path)
    for language in LANGUAGES:
        assert "bad." in say(caught.value.key, language, **caught.value.facts)


def test_seventy_thousand_columns_of_nonsense_are_refused(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(70_000)) + "\n" + ",".join("1" * 70_000), "utf-8")
    with pytest.raises(BadInput, match="too-wide"):
        read(path)


def test_tables_of_aalto_are_read(shared_data):
    folder = shared_data / "aalto-gistoswmm5"
    nodes = read(folder / "table_junctions.csv", crs="EPSG:3879")
    lines = read(folder / "table_conduits.csv", crs="EPSG:3879")
    assert (nodes.counts, lines.counts) == ({"manhole": 13}, {"conduit": 13})
    assert set(lines.tables["conduit"].fields["from_id"]) <= set(nodes.tables["manhole"].ids)
    assert len(lines.tables["conduit"].shapes.coords) == 26


def test_every_sentence_of_a_table_has_says_and_remedy():
    said = {key for key in sentences("zh") if key.startswith("issue.table.") and not key.endswith(".name")}
    rules = {key.rsplit(".", 1)[0] for key in said}
    assert said == {f"{rule}.{part}" for rule in rules for part in ("says", "remedy")}


TRADITIONAL = """管線編號,起點,終點,管徑(mm),材質
P1,檢查井一,檢查井二,300,鑄鐵管
P2,檢查井二,檢查井三,300,鑄鐵管
"""


def test_a_table_in_traditional_characters_is_understood_and_its_encoding_is_a_question(tmp_path):
    path = tmp_path / "管線.csv"
    path.write_bytes(TRADITIONAL.encode("big5"))
    made = read(path)
    (asked,) = [issue for issue in made.issues if issue.code == "format.encoding-doubtful"]
    assert asked.facts["encoding"] == "Big5"
    assert asked.facts["other"] == "GB18030"
    assert "管線編號" in asked.facts["one"]
    assert "管線編號" not in asked.facts["two"]
    pipes = made.tables["conduit"]
    assert list(pipes.ids) == ["P1", "P2"]
    assert list(pipes.fields["height"]) == [0.3, 0.3]
    assert list(pipes.fields["material"]) == ["cast_iron", "cast_iron"]
    assert list(pipes.fields["from_id"]) == ["檢查井一", "檢查井二"]  # what is written is not rewritten
    said = format_of(path).read(path, encoding="Big5")
    assert "format.encoding-doubtful" not in {issue.code for issue in said.issues}
    assert said.fieldmap.encoding == "Big5"  # kept, and used for the next file
    again = tmp_path / "next.csv"
    again.write_bytes(TRADITIONAL.encode("big5"))
    map_ = fieldmap_of(fieldmap_text(said.fieldmap), "kept")
    kept = format_of(again).read(again, fieldmap=replace(map_, open=True))
    assert "format.encoding-doubtful" not in {issue.code for issue in kept.issues}


def test_a_short_table_in_gbk_is_no_question():
    assert text_of_bytes("编号,管径,材质\nP1,300,铸铁\n".encode("gbk")).encoding.other == ""


@pytest.mark.parametrize(("layer", "heading", "type_"), [
    ("堰", "堰编号", "weir"), ("溢流堰", "溢流堰编号", "weir"), ("闸门", "闸门编号", "gate"),
    ("Gate", "GATE_NO", "gate"), ("调蓄设施", "调蓄池编号", "storage"), ("检查井", "窨井编号", "manhole"),
])  # fmt: skip
def test_a_column_headed_by_what_it_numbers_is_the_identity(tmp_path, layer, heading, type_):
    path = tmp_path / f"{layer}.csv"
    path.write_text(f"{heading},起点,终点,备注\nA-1,W1,W2,x\nA-2,W2,W3,y\n", encoding="utf-8")
    made = read(path)
    assert list(made.tables[type_].ids) == ["A-1", "A-2"]
    assert "format.no-id-column" not in codes(made)


def test_rows_without_numbers_name_the_first_that_is_made(tmp_path):
    path = workbook(tmp_path / "x.xlsx", {"雨水口": [["x", "y", "深度"], [500000.5, 3170000, 1]]}, title="表")
    made = read(path, crs="EPSG:4549")
    (told_,) = [issue for issue in made.issues if issue.code == "format.no-id-column"]
    assert told_.facts["first"] == str(made.tables["gully"].ids[0])


def test_a_code_that_only_becomes_other_is_told_and_kept(tmp_path):
    path = tmp_path / "Junc.csv"
    head = "JuncID,Junc_Style,Junc_Category,Junc_Type,Surface_Ele,Depth,x,y"
    rows = [f"J{n},{style},1,1,5,2,50000{n},3170000" for n, style in enumerate(["11", "4", "其他"])]
    path.write_text("\n".join([head, *rows]), encoding="utf-8")
    made = read(path, crs="EPSG:4549")
    table = made.tables["manhole"]
    assert list(table.fields["style"]) == ["other", "three_way", "other"]
    assert list(table.extra["Junc_Style"]) == ["11", None, None]
    (told_,) = [issue for issue in made.issues if issue.code == "format.code-as-other"]
    assert (told_.facts["codes"], told_.facts["count"]) == ("11", 1)
