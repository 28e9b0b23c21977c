"""Lists of defects, evaluations, manhole checks and patrols are read from workbooks and tables of text."""

import openpyxl
import pytest

from wenqu.errors import FileUnreadable
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


def test_a_list_without_any_known_heading_gives_one_clear_sentence(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FileUnreadable) as caught:
        crew_lists.read(path)
    assert caught.value.reason == "no-annex"
