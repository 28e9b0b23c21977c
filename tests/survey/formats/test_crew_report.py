"""The Word report of a crew is read whatever its layout, and nothing in it is lost."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.errors import FileUnreadable
from wenqu.examples.crew_papers import GRADES, defect, png, report, row, sheet
from wenqu.messages import say, sentences
from wenqu.protocols.word_file import Box, Picture
from wenqu.survey.formats import crew_report
from wenqu.survey.formats.gathering import gathered
from wenqu.survey.formats.grids import Cell, Grid
from wenqu.survey.formats.headings import table
from wenqu.survey.formats.seen_pipes import seen_assets
from wenqu.survey.formats.table_rows import Walk

LISTED = row(
    "序号", "管段编号", "管径(mm)", "材质", "检测长度(m)", "缺陷距离(m)", "缺陷名称及位置", "缺陷等级"
)  # fmt: skip
SEEN = [
    defect("2.0", "PL", "5", "3", "管道内壁破碎", "1"),
    defect("８.0", "渗漏（SL）", "2", "２级", "", "照片2"),
    defect("15", "CK", "0.5", "Ⅰ"),
    defect("", "", "", ""),
]
PHOTOS = [
    row(Box("", span=4, pictures=(Picture("", png(1)),)), Box("", span=4, pictures=(Picture("", png(2)),))),
    row(Box("照片1", span=4), Box("照片2", span=4)),
]


def read(folder, data, name="a.docx"):
    path = Path(folder) / name
    path.write_bytes(data)
    return crew_report.read(path)


def codes(delivery):
    return [issue.code for issue in delivery.issues]


def brief(inspection):
    return [(one.code, one.level, one.start, one.length) for one in inspection.defects]


def test_summaries_and_the_sheet_of_one_pipe_are_one_inspection(tmp_path):
    listed = [
        LISTED,
        row("1", "W12～W13", "800", "HDPE", "25.0", "2.0\n8.0", "破裂，位置：0903\n渗漏", "3\n2"),
        row("2", "W13～W14", "800", "HDPE", "30", "12.3-15.0", "沉积", "2"),
    ]
    data = report(
        "表 D-2 管段状况评估表", GRADES, "排水管道缺陷统计表", listed,
        "排水管道检测成果表（序号1）", sheet(rows=SEEN, photos=PHOTOS), before=["CCTV检测报告"],
    )  # fmt: skip
    made = read(tmp_path, data)
    one, two = made.seen
    seen = one.inspection
    assert made.issues == ()
    assert (seen.asset, seen.start, seen.end, seen.method) == ("", "W12", "W13", "cctv")
    assert (seen.date, seen.length, seen.direction) == ("2024-03-05", 25.0, "downstream")
    assert (seen.inspector, seen.file) == ("张三", "W12.mp4")
    assert brief(seen) == [("PL", 3, 2.0, 0.0), ("SL", 2, 8.0, 0.0), ("CK", 1, 15.0, 0.0)]
    assert (seen.defects[0].clock, seen.defects[0].remark) == ("0903", "管道内壁破碎")
    assert [made.pictures[defect.picture] for defect in seen.defects[:2]] == [png(1), png(2)]
    assert one.media == ("W12.mp4", "image1.png", "image2.png")
    assert (one.stated["S"], one.stated["structural_grade"], one.stated["RI"]) == (2.5, 3.0, 4.25)
    assert (one.stated["functional_grade"], one.stated["structural_says"]) == (1.0, "缺陷严重")
    assert (one.facts["diameter"], one.facts["place"]) == ("800mm", "人民路")
    assert brief(two.inspection) == [("CJ", 2, 12.3, 2.7)]
    assert (two.start, two.end) == ("W13", "W14")


def test_a_table_that_goes_on_over_the_page_is_one_table(tmp_path):
    first = [LISTED, row("1", "W1-W2", "600", "砼", "20", "3", "破裂", "3")]
    again = [
        LISTED,
        row("", "", "", "", "", "9", "变形", "2"),
        row("2", "W2-W3", "600", "砼", "20", "4", "BX", "1"),
    ]
    bare = [row("3", "W3-W4", "600", "砼", "20", "5", "腐蚀", "2")]
    made = read(tmp_path, report(first, again, bare))
    seen = {one.inspection.asset: brief(one.inspection) for one in made.seen}
    assert seen == {
        "W1-W2": [("PL", 3, 3.0, 0.0)],
        "W2-W3": [("BX", 1, 4.0, 0.0)],
        "W3-W4": [("FS", 2, 5.0, 0.0)],
    }
    assert codes(made) == ["crew.no-pipe"]  # the row that continues names no pipe in its own table


def test_a_merged_pipe_number_goes_for_all_its_rows(tmp_path):
    rows = [
        LISTED,
        row("1", Box("W1-W2", down=2), "600", "砼", "20", "3", "破裂", "3"),
        row("2", "600", "砼", "20", "9.5", "0309 变形", "二级"),
        row("3", "", "", "", "", "11", "渗漏(SL)", "1"),
    ]
    made = read(tmp_path, report(rows))
    [one] = made.seen
    assert brief(one.inspection) == [("PL", 3, 3.0, 0.0), ("BX", 2, 9.5, 0.0), ("SL", 1, 11.0, 0.0)]
    assert one.inspection.defects[1].clock == "0309"


def test_several_pipes_in_one_table_and_several_tables_of_one_pipe(tmp_path):
    both = [
        *sheet(rows=[defect("1", "PL", "5", "3")]),
        *sheet(start="W13", end="W14", rows=[defect("2", "BX", "2", "2")]),
    ]
    labels = sheet(start="W20", end="W21")[:6]
    alone = [row("距离(mm)", "缺陷代码", "等级", "时钟位置", "照片"), row("2500", "KSCJ", "2", "", ""),
             row("7500", "JSCJ", "2", "", "")]  # fmt: skip
    made = read(tmp_path, report(both, "缺陷列表", labels, "缺陷", alone))
    seen = {one.start: brief(one.inspection) for one in made.seen}
    assert seen == {"W12": [("PL", 3, 1.0, 0.0)], "W13": [("BX", 2, 2.0, 0.0)], "W20": [("CJ", 2, 2.5, 5.0)]}


def test_labels_in_paragraphs_name_the_pipe_of_the_table_below(tmp_path):
    rows = [row("距离(m)", "缺陷名称", "级别", "环向位置"), row("3.5m", "支管暗接", "三级", "12点")]
    made = read(
        tmp_path, report("管段编号：Y7-Y8  检测日期：2023.11.2  检测方向：逆流", rows, before=["潜望镜检测"])
    )
    [one] = made.seen
    seen = one.inspection
    assert (seen.asset, seen.date, seen.direction, seen.method) == ("Y7-Y8", "2023-11-02", "upstream", "qv")
    assert brief(seen) == [("AJ", 3, 3.5, 0.0)]
    assert seen.defects[0].clock == "12点"


def test_pictures_are_found_by_cell_by_caption_below_and_by_their_own_name(tmp_path):
    in_cell = row("4", "SG", "2", "2", Box("", span=3), Box("", pictures=(Picture("", png(7)),)))
    named = row(Box("", span=8, pictures=(Picture(r"C:\照片\IMG_09.jpg", png(9)),)))
    below = row(Box("图1 破裂", span=8, pictures=(Picture("", png(8)),)))
    others = [defect("1", "BX", "5", "3", "", "图1"), defect("2", "FS", "2", "2", "", "IMG_09.jpg")]
    data = report(
        sheet(rows=[defect("1", "PL", "5", "3", "", "1"), in_cell], photos=PHOTOS),
        sheet(start="W2", end="W3", rows=others, photos=[below, named]),
    )  # fmt: skip
    made = read(tmp_path, data)
    shown = [[made.pictures.get(defect.picture) for defect in one.inspection.defects] for one in made.seen]
    assert shown == [[png(1), png(7)], [png(8), png(9)]]
    assert codes(made) == ["crew.picture-unused"]
    assert made.seen[1].inspection.defects[1].picture == "IMG_09.jpg"


def test_two_surveys_with_one_number_are_both_kept(tmp_path):
    made = read(
        tmp_path, report(sheet(rows=SEEN), sheet(date="2024-09-30", rows=[defect("2", "PL", "10", "4")]))
    )
    assert [one.inspection.date for one in made.seen] == ["2024-03-05", "2024-09-30"]
    assert "crew.same-number" in codes(made)
    ids = [one.inspection.id for one in made.seen]
    assert len(set(ids)) == 2


def test_a_pipe_surveyed_from_both_ends_is_two_surveys_without_complaint(tmp_path):
    made = read(
        tmp_path, report(sheet(), "排水管道检测成果表", sheet(start="W13", end="W12", direction="逆流"))
    )
    assert [(one.start, one.inspection.direction) for one in made.seen] == [
        ("W12", "downstream"), ("W13", "upstream"),
    ]  # fmt: skip
    assert codes(made) == []


def test_what_cannot_be_right_is_kept_and_told_with_its_row(tmp_path):
    rows = [
        defect("3", "FS", "10", "4"), defect("4", "TL", "3", "3"), defect("5", "XYZ怪", "", "2"),
        defect("31.5", "PL", "5", "3"), defect("约八米", "BX", "2", "2"), defect("9", "", "", "2"),
        defect("10", "CK", "", "较重"), defect("11", "QF", "", ""), defect("12", "KSJG", "2", "2"),
        defect("6", "SG", "5", "2", "", "77"),
    ]  # fmt: skip
    photo = [row(Box("照片1", span=8, pictures=(Picture("", png(8)),)))]
    made = read(tmp_path, report(sheet(rows=rows, photos=photo)))
    [one] = made.seen
    assert [defect.code for defect in one.inspection.defects] == [
        "FS", "TL", "XYZ怪", "PL", "BX", "CK", "QF", "JG", "SG",
    ]  # fmt: skip
    assert math.isnan(one.inspection.defects[4].start)
    told = {issue.code: issue.place.row for issue in made.issues if issue.code != "crew.picture-unused"}
    assert told == {
        "crew.impossible-level": 9, "crew.unknown-code": 10, "crew.beyond-end": 11,
        "crew.bad-distance": 12, "crew.half-row": 13, "crew.bad-level": 14, "crew.no-level": 15,
        "crew.open-stretch": 16, "crew.score-differs": 17, "crew.no-picture": 17,
    }  # fmt: skip
    assert all(issue.place.file == "a.docx" and issue.place.sheet == "#1" for issue in made.issues)


def test_a_row_missing_on_the_sheet_and_another_level_in_the_summary_are_told(tmp_path):
    listed = [
        LISTED,
        row("1", "W12-W13", "", "", "", "2", "破裂", "4"),
        row("2", "W12-W13", "", "", "", "20", "变形", "1"),
    ]
    made = read(tmp_path, report(listed, sheet(rows=[defect("2.0", "PL", "5", "3")])))
    assert brief(made.seen[0].inspection) == [("PL", 3, 2.0, 0.0), ("BX", 1, 20.0, 0.0)]
    assert codes(made) == ["crew.tables-disagree", "crew.only-in-one-table"]


def test_manholes_sonar_and_patrols_are_inspections_too(tmp_path):
    manholes = [
        row("检查井编号", "检查井类型", "检查日期", "存在问题", "井盖破损", "照片编号"),
        row("J1", "检查井", "2024-5-1", "井盖丢失、井壁渗漏", "", ""),
        row("J2", "雨水口", "2024-5-1", "井内有水泥块", "√", "P1.jpg"),
        row("J3", "检查井", "2024-5-1", "正常", "否", ""),
    ]
    sonar = [
        row("管段编号", "D1-D2", "检测方法", "声纳"),
        row("距离(m)", "积泥深度(mm)"),
        row("0", "120"),
        row("5", "80"),
    ]
    patrol = [
        row("问题编号", "巡查日期", "地点", "问题描述"),
        row("X1", "2024年6月1日", "解放路", "井盖沉降"),
    ]
    made = read(
        tmp_path, report("检查井检查情况汇总表", manholes, "沉积状况纵断面", sonar, "巡查清单", patrol)
    )
    j1, j2, j3, pipe, found = (
        made.seen if made.seen[0].inspection.asset == "J1" else (*made.seen[1:4], made.seen[0], made.seen[4])
    )
    assert [one.inspection.method for one in (j1, pipe, found)] == ["manhole", "sonar", "patrol"]
    assert [defect.code for defect in j1.inspection.defects] == ["cover_missing", "wall_leak"]
    assert [(d.code, d.remark) for d in j2.inspection.defects] == [
        ("cover_broken", ""),
        ("finding", "井内有水泥块"),
    ]
    assert j3.inspection.defects == ()
    assert pipe.facts["silt_profile"] == "0.0=0.12; 5.0=0.08"
    assert (found.inspection.asset_type, found.inspection.defects[0].remark) == ("", "井盖沉降")
    assert found.facts["place"] == "解放路"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "word-old"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "word-locked"),
        (report([LISTED])[:-700], "word-damaged"),
        (b"PK\x03\x04 nothing", "word-damaged"),
        (report([row("甲", "乙"), row("1", "2")]), "no-annex"),
    ],
)
def test_a_file_that_is_no_report_gives_one_clear_sentence(tmp_path, data, reason):
    with pytest.raises(FileUnreadable) as caught:
        read(tmp_path, data)
    assert caught.value.reason == reason
    for language in ("zh", "en"):
        assert "[" not in say(caught.value.key, language, **caught.value.facts)


def test_every_issue_of_the_readers_has_its_sentence():
    folder = Path(crew_report.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    rules = set(re.findall(r"""tell\(\s*"(crew\.[a-z-]+)""", text))
    assert len(rules) >= 15
    assert [rule for rule in rules if f"issue.{rule}.says" not in sentences("zh")] == []


WORDS = st.sampled_from(
    [*(row["alias"] for row in table("headings.csv")[::4]), "", "3", "W1-W2", "PL", "Ⅲ", "3.5-8", "√"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.lists(WORDS, min_size=1, max_size=6), min_size=1, max_size=7), max_size=3))
def test_no_table_however_strange_stops_the_reader(tables):
    grids = [
        Grid(f"#{place}", [[Cell(text) for text in line] for line in lines])
        for place, lines in enumerate(tables)
    ]
    seen, issues = seen_assets(gathered("a", Walk().events(grids)))
    assert all(issue.code.startswith("crew.") for issue in issues)
    assert len({one.inspection.id for one in seen}) == len(seen)
