"""Reports of firms that lay their tables out in ways of their own: nothing of them is lost."""

import pytest

from wenqu.examples.crew_papers import report, row
from wenqu.protocols.word_file import Box
from wenqu.survey.formats import crew_lists, crew_report
from wenqu.survey.formats.cell_values import clock_in, code_of, date_of, level_of, metres
from wenqu.survey.formats.sentences import in_sentences
from wenqu.survey.formats.table_rows import Event


def brief(found):
    return [
        (one.inspection.asset, one.inspection.method, one.inspection.date,
         [(row.code, row.level, row.start, row.length) for row in one.inspection.defects])
        for one in found.seen
    ]  # fmt: skip


@pytest.fixture
def read(tmp_path):
    def give(*tables):
        path = tmp_path / "report.docx"
        path.write_bytes(report(*tables))
        return crew_report.read(path)

    return give


def test_headings_in_another_order_and_one_thing_written_in_five_ways_are_one_inspection(read):
    found = read(
        [
            row("等级", "缺陷代码", "距离", "管段编号", "起点井", "终点井", "检测时间", "检测方式"),
            row("Ⅱ级", "ＰＬ", "１２.３m", "W1-W2", "Ｗ１", "Ｗ２", "2025年3月5日", "CCTV检测"),
            row("2级", "pl", "15.2m", "W1-W2", "W1", "W2", "2025.3.5", "CCTV"),
            row("二级", "PL（破裂）", "20.0 米", "W1-W2", "W1", "W2", "2025/3/5", "电视检测"),
            row("四级（重大）", "破裂", "21", "W1-W2", "W1", "W2", "20250305", "cctv"),
            row("IV", "PL破裂", "22.5m~25.0m", "W1-W2", "W1", "W2", "2025-03-05", "CCTV"),
        ]
    )
    defects = [
        ("PL", 2, 12.3, 0.0), ("PL", 2, 15.2, 0.0), ("PL", 2, 20.0, 0.0), ("PL", 4, 21.0, 0.0),
        ("PL", 4, 22.5, 2.5),
    ]  # fmt: skip
    assert brief(found) == [("W1-W2", "cctv", "2025-03-05", defects)]
    assert found.issues == ()


def test_two_hours_of_one_day_stay_two_looks(read):
    head = row("管段编号", "检测时间", "缺陷代码", "等级", "距离")
    found = read([head, *(row("W1-W2", f"2025-03-05 {hour}", "CJ", "1", "3") for hour in ("9:30", "15:00"))])
    assert len(found.seen) == 2


def test_a_pipe_merged_over_its_rows_and_a_table_cut_by_a_page_keep_every_defect(read):
    day = Box("2025年3月5日", down=3)
    head = row("序号", "管段编号", "管径", "缺陷描述", "缺陷位置(m)", "缺陷等级", "检测日期")
    found = read(
        [
            head,
            row(
                "1",
                Box("W1-W2", down=3),
                Box("DN600", down=3),
                "破裂PL",
                "3.2",
                "3",
                day,
            ),
            row("2", "CK错口", "8.1", "1级"),
            row("3", "渗漏", "11.0", "Ⅱ"),
        ],
        "续表",
        [
            row("4", "W2-W3", "DN600", "沉积", "0-12", "2", "2025年3月6日"),
            row("5", "W3-W4", "DN600", "无缺陷", "/", "/", "2025年3月6日"),
        ],
    )
    assert brief(found) == [
        ("W1-W2", "cctv", "2025-03-05", [("PL", 3, 3.2, 0.0), ("CK", 1, 8.1, 0.0), ("SL", 2, 11.0, 0.0)]),
        ("W2-W3", "cctv", "2025-03-06", [("CJ", 2, 0.0, 12.0)]),
        ("W3-W4", "cctv", "2025-03-06", []),
    ]
    assert found.issues == ()


def test_defects_told_in_sentences_are_read_and_what_is_no_sentence_of_one_is_kept(read):
    told = "1、距起始井12.3m处破裂（PL）Ⅲ级，时钟位置03-05\n2、距起始井20.1m处沉积2级\n3、其余正常"
    [one] = read(
        [
            row("管段编号", "W1-W2", "检测日期", "2025年3月5日"),
            row("管径", "600", "检测长度", "35.2m"),
            row("缺陷", Box(told, span=3)),
        ]
    ).seen
    assert [(row.code, row.level, row.start, row.clock) for row in one.inspection.defects] == [
        ("PL", 3, 12.3, "0305"), ("CJ", 2, 20.1, ""),
    ]  # fmt: skip
    [one] = read([row("管段编号", "W1-W2"), row("缺陷", "见附图")]).seen
    assert one.facts["缺陷"] == "见附图"


def test_pipes_side_by_side_under_labels_in_the_first_column_are_all_read(read):
    found = read(
        [
            row("管段", "W1→W2", "W2→W3"),
            row("检测日期", "2025年3月5日", "2025年3月6日"),
            row("缺陷", "12.3m处PL2级", "3m处CJ1级"),
        ]
    )
    assert brief(found) == [
        ("W1→W2", "cctv", "2025-03-05", [("PL", 2, 12.3, 0.0)]),
        ("W2→W3", "cctv", "2025-03-06", [("CJ", 1, 3.0, 0.0)]),
    ]


def test_a_title_that_names_a_pipe_stands_over_the_table_that_names_none(read):
    head = row("距离(m)", "缺陷", "等级")
    found = read(
        "一、W1-W2段", [head, row("1.0", "破裂", "2")], "二、W2-W3段检测结果", [head, row("5.0", "沉积", "3")]
    )
    assert brief(found) == [
        ("W1-W2", "cctv", "", [("PL", 2, 1.0, 0.0)]), ("W2-W3", "cctv", "", [("CJ", 3, 5.0, 0.0)]),
    ]  # fmt: skip


def test_all_defects_of_a_pipe_in_one_cell_are_read(read):
    [one] = brief(
        read(
            [
                row("管段编号", "检测日期", "结构性缺陷", "功能性缺陷"),
                row("W1-W2", "2025-03-05", "PL(2,3.5m)；CK(1,8.0m)", "CJ(3,0-12m)"),
            ]
        )
    )
    assert one[3] == [("PL", 2, 3.5, 0.0), ("CK", 1, 8.0, 0.0), ("CJ", 3, 0.0, 12.0)]


def test_sentences_name_stretches_and_say_nothing_without_a_place_or_a_known_name():
    def seen(text):
        return [
            (row.of("distance"), row.of("defect"), row.of("level"))
            for row in in_sentences(Event("about", "t", 1), text)
        ]

    assert seen("3.0m至8.5m腐蚀，等级：2；12米处有裂缝") == [("3.0-8.5m", "FS", "2"), ("12m", "PL", "")]
    assert seen("管道破裂；距离5m处有异响；管径600mm，沉积") == []


PAGE = """<html><head><meta charset="gb2312"><style>td {color: red}</style></head><body><table>
<tr><th>管段编号</th><th>检测日期</th><th>距离(m)</th><th>缺陷名称</th><th>等级</th></tr>
<tr><td rowspan=2>W1-W2</td><td>2025/3/5</td><td>12.3</td><td>破裂</td><td>2级</td></tr>
<tr><td>2025/3/5</td><td>13.3</td><td>沉积</td><td>2&nbsp;级</td></tr></table></body></html>"""
EXCEL_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="缺陷"><Table>
<Row><Cell ss:MergeAcross="4"><Data ss:Type="String">缺陷汇总</Data></Cell></Row>
<Row><Cell><Data>管段编号</Data></Cell><Cell><Data>检测日期</Data></Cell><Cell><Data>距离(m)</Data></Cell>
<Cell><Data>缺陷名称</Data></Cell><Cell><Data>等级</Data></Cell></Row>
<Row><Cell ss:MergeDown="1"><Data>W1-W2</Data></Cell><Cell><Data>2025-03-05</Data></Cell>
<Cell><Data>12.3</Data></Cell><Cell><Data>破裂</Data></Cell><Cell><Data>2</Data></Cell></Row>
<Row><Cell ss:Index="2"><Data>2025-03-05</Data></Cell><Cell><Data>13.3</Data></Cell>
<Cell><Data>沉积</Data></Cell><Cell><Data>2</Data></Cell></Row></Table></Worksheet></Workbook>"""


@pytest.mark.parametrize(("text", "coded"), [(PAGE, "gbk"), (EXCEL_2003, "utf-8")])
def test_a_page_that_a_system_wrote_as_xls_is_a_list(tmp_path, text, coded):
    path = tmp_path / "export.xls"
    path.write_bytes(text.encode(coded))
    defects = [("PL", 2, 12.3, 0.0), ("CJ", 2, 13.3, 0.0)]
    assert brief(crew_lists.read(path)) == [("W1-W2", "cctv", "2025-03-05", defects)]


def test_a_list_with_days_first_and_decimal_commas_is_read(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("管段编号;检测日期;距离;代码;等级\nW1-W2;5.3.2025;12,3;PL;2\n".encode("utf-16"))
    assert brief(crew_lists.read(path)) == [("W1-W2", "cctv", "2025-03-05", [("PL", 2, 12.3, 0.0)])]


@pytest.mark.parametrize(
    ("read_cell", "cells"),
    [
        (lambda text: code_of(text)[0], {"pl": "PL", "Kspl": "PL", "ab": "ab", "cctv": "cctv", "PL": "PL"}),
        (level_of, {"轻微缺陷": 1, "重大": 4, "3级（严重）": 3, "较重": None, "6 m": None}),
        (date_of, {"31.2.2025": None, "5.3.2025": "2025-03-05", "2025.3.5": "2025-03-05"}),
        (metres, {"12,3": 12.3, "1,234": None, "12,3,4": None, "0,05 m": 0.05}),
        (clock_in, {"时钟位置03-05": "0305", "位置0309": "0309", "位置3点-5点": "3点-5点"}),
    ],
)
def test_cells_at_the_edge_of_what_they_say(read_cell, cells):
    assert {text: read_cell(text) for text in cells} == cells
