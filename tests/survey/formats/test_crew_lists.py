"""Lists of defects, evaluations, manhole checks and patrols are read from workbooks and tables of text."""

import zipfile
from io import BytesIO

import openpyxl
import pytest
import xlsxwriter

from tests.network.formats.jet import Table, write_mdb
from wenqu.errors import FileUnreadable
from wenqu.examples.crew_papers import png
from wenqu.survey.formats import crew_lists


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows, merged in sheets:
        page = book.create_sheet(name)
        for line in rows:
            page.append(line)
        for block in merged:
            page.merge_cells(block)
    book.save(path)


def brief(one):
    return [(defect.code, defect.level, defect.start, defect.length) for defect in one.inspection.defects]


def test_a_workbook_of_defects_and_evaluations_is_joined_by_pipe(tmp_path):
    defects = [
        ["XX市排水管道缺陷汇总表", None, None, None, None, None, None, None],
        ["序号", "管段编号", "起始井号", "终止井号", "检测日期", "距离（m）", "缺陷代码", "等级"],
        [1, "W1-W2", "W1", "W2", "2024年3月5日", 3.5, "PL", 3],
        [2, None, None, None, None, "5～7.5", "CJ", "Ⅱ"],
        [3, "W2-W3", "W2", "W3", "2024.3.6", 1, "FS4", None],
    ]
    grades = [
        ["管段", "管径", "结构性缺陷", None, None, "功能性缺陷", None],
        [None, None, "平均值", "缺陷等级", "修复指数", "缺陷等级", "养护指数"],
        [None, "mm", None, None, None, None, None],
        ["W1-W2", 600, 5, "Ⅲ", 4.25, "Ⅱ", 1.6],
    ]
    path = tmp_path / "a.xlsx"
    workbook(path, [("缺陷", defects, ["A1:H1"]), ("评估", grades, ["C1:E1", "F1:G1", "A1:A2", "B1:B2"])])
    made = crew_lists.read(path)
    one, two = made.seen
    assert brief(one) == [("PL", 3, 3.5, 0.0), ("CJ", 2, 5.0, 2.5)]
    assert one.inspection.date == "2024-03-05"
    assert dict(one.stated) == {
        "S": 5.0, "structural_grade": 3.0, "RI": 4.25, "functional_grade": 2.0, "MI": 1.6,
    }  # fmt: skip
    assert one.facts["diameter"] == "600 mm"
    assert brief(two) == [("FS", 4, 1.0, 0.0)]
    assert [(issue.code, issue.place.sheet, issue.place.row) for issue in made.issues] == [
        ("crew.impossible-level", "缺陷", 5)
    ]


def test_a_table_in_gbk_with_another_separator_is_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("检测管段;检测方式;缺陷类型;缺陷级别;距离\nY1→Y2;QV;淤积;二级;4\n".encode("gbk"))
    made = crew_lists.read(path)
    [one] = made.seen
    assert (one.start, one.end, one.inspection.method) == ("Y1", "Y2", "qv")
    assert brief(one) == [("CJ", 2, 4.0, 0.0)]
    assert made.encoding == "GBK"


def test_columns_that_nobody_knows_are_kept_under_their_own_heading(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("管段编号,缺陷,等级,距离,污水流量(L/s)\nA-1,破裂,3,2,12.5\n", encoding="utf-8")
    [one] = crew_lists.read(path).seen
    assert one.facts == {"污水流量(L/s)": "12.5"}


def test_patrol_findings_of_a_workbook_are_inspections(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [
        ["问题编号", "巡查时间", "地点", "井号", "问题描述", "照片"],
        ["P7", "2024-06-02", "和平路", "J9", "井盖缺失", "7.jpg"],
    ]
    workbook(path, [("巡查", rows, [])])
    [one] = crew_lists.read(path).seen
    seen = one.inspection
    assert (seen.method, seen.asset_type, seen.asset, seen.date) == ("patrol", "manhole", "J9", "2024-06-02")
    assert (seen.defects[0].code, seen.defects[0].picture) == ("cover_missing", "7.jpg")
    assert one.media == ("7.jpg",)


@pytest.mark.parametrize("heading", ["设施编号", "设施编码", "资产编号", "Asset ID"])
@pytest.mark.parametrize("numbered", [True, False])
def test_the_facility_of_a_patrol_is_the_asset_that_it_met(tmp_path, heading, numbered):
    path = tmp_path / "a.xlsx"
    rows = [["问题编号", "巡查时间", heading, "问题描述"], ["P7", "2024-06-02", "WS-0417", "井盖缺失"]]
    rows = rows if numbered else [row[1:] for row in rows]
    workbook(path, [("清单", rows, [])])
    [one] = crew_lists.read(path).seen
    seen = one.inspection
    assert (seen.method, seen.asset, seen.defects[0].code) == ("patrol", "WS-0417", "cover_missing")


def test_a_list_without_any_known_heading_gives_one_clear_sentence(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FileUnreadable) as caught:
        crew_lists.read(path)
    assert caught.value.reason == "no-annex"


def pictured(path, rows, images):
    """Write a workbook with pictures in cells: row, column → name of the file, shade."""
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("缺陷")
        for place, line in enumerate(rows):
            page.write_row(place, 0, line)
        for (row, column), (name, shade) in images.items():
            page.insert_image(row, column, name, {"image_data": BytesIO(png(shade)), "description": name})


ROWS = [
    ["管段编号", "起始井号", "终止井号", "距离（m）", "缺陷代码", "等级", "照片"],
    ["W1-W2", "W1", "W2", 3.5, "PL", 3, ""],
    ["W1-W2", "W1", "W2", 9.0, "SL", 2, ""],
]


def test_a_picture_in_the_row_of_a_defect_is_its_own(tmp_path):
    path = tmp_path / "a.xlsx"
    pictured(path, ROWS, {(1, 6): ("P1.png", 1), (2, 6): ("", 2)})
    made = crew_lists.read(path)
    [one] = made.seen
    assert [defect.picture for defect in one.inspection.defects] == ["P1.png", "image2.png"]
    assert dict(made.pictures) == {"P1.png": png(1), "image2.png": png(2)}
    assert one.media == ("P1.png", "image2.png")


def test_a_picture_that_wps_keeps_within_a_cell_is_found(tmp_path):
    """WPS writes a formula that names the picture; the pictures lie in a part of its own."""
    path, with_cells = tmp_path / "a.xlsx", tmp_path / "wps.xlsx"
    rows = [[*line] for line in ROWS]
    rows[1][6] = '=DISPIMG("ID_7F",1)'
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet("缺陷")
        for place, line in enumerate(rows):
            page.write_row(place, 0, line)
    space = "http://schemas.openxmlformats.org/"
    images = (
        f'<c:cellImages xmlns:c="http://www.wps.cn/officeDocument/2017/etCustomData" '
        f'xmlns:xdr="{space}drawingml/2006/spreadsheetDrawing" xmlns:a="{space}drawingml/2006/main" '
        f'xmlns:r="{space}officeDocument/2006/relationships"><c:cellImage><xdr:pic><xdr:nvPicPr>'
        '<xdr:cNvPr id="2" name="ID_7F"/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="rId1"/></xdr:blipFill>'
        "</xdr:pic></c:cellImage></c:cellImages>"
    )
    related = (
        f'<Relationships xmlns="{space}package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{space}officeDocument/2006/relationships/image" Target="media/image9.png"/></Relationships>'
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(with_cells, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/cellimages.xml", images)
        new.writestr("xl/_rels/cellimages.xml.rels", related)
        new.writestr("xl/media/image9.png", png(5))
    made = crew_lists.read(with_cells)
    [one] = made.seen
    assert [defect.picture for defect in one.inspection.defects] == ["image9.png", ""]
    assert dict(made.pictures) == {"image9.png": png(5)}


def test_drawings_that_are_damaged_do_not_cost_the_rows(tmp_path):
    path, torn = tmp_path / "a.xlsx", tmp_path / "torn.xlsx"
    pictured(path, ROWS, {(1, 6): ("P1.png", 1)})
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(torn, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"<broken" if name.startswith("xl/drawings/d") else old.read(name))
    [one] = crew_lists.read(torn).seen
    assert brief(one) == [("PL", 3, 3.5, 0.0), ("SL", 2, 9.0, 0.0)]


def test_an_access_file_of_a_crew_is_read_as_its_workbook_is(tmp_path):
    defects = [
        ("W1-W2", "W1", "W2", "2024-03-05", "3.5", "PL", "3"),
        ("W1-W2", "W1", "W2", "2024-03-05", "5-7.5", "CJ", "2"),
    ]
    heads = ["管段编号", "起始井号", "终止井号", "检测日期", "距离（m）", "缺陷代码", "等级"]
    grades = [("W1-W2", 600, 5.0, 4.25)]
    path = write_mdb(
        tmp_path / "a.mdb",
        {
            "缺陷": Table([(name, "text") for name in heads], defects),
            "评估": Table(
                [("管段", "text"), ("管径", "long"), ("平均值S", "double"), ("修复指数", "double")], grades
            ),
        },
    )
    [one] = crew_lists.read(path).seen
    assert brief(one) == [("PL", 3, 3.5, 0.0), ("CJ", 2, 5.0, 2.5)]
    assert (one.inspection.date, one.stated["RI"], one.facts["diameter"]) == ("2024-03-05", 4.25, "600 mm")
