"""The annex tables of CJJ 181 that are written read back as what was read in, field for field."""

import io
import math
from dataclasses import asdict
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.examples.crew_papers import GRADES, Box, Picture, defect, png, report, row, sheet
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.condition import condition_rules
from wenqu.survey.delivery import SeenAsset
from wenqu.survey.formats import crew_lists, crew_report
from wenqu.survey.formats.annex_writing import write_lists, write_report
from wenqu.survey.formats.annexes import labels, layouts
from wenqu.survey.formats.cell_values import number, there, tidy
from wenqu.survey.formats.headings import FIGURES, heading_of, is_label, parted, table
from wenqu.survey.formats.word_tables import document_of


def read(folder, data, reader=crew_report, ending="docx"):
    path = Path(folder) / f"again.{ending}"
    path.write_bytes(data)
    return reader.read(path)


def bare(seen):
    """Return everything that an inspection says, but for where it stood."""
    made = []
    for one in seen:
        fields = asdict(one) | {"facts": sorted(one.facts.items()), "stated": sorted(one.stated.items())}
        del fields["where"]
        made.append(repr(fields))
    return sorted(made)


def shot(number):
    return Box(f"照片{number}", span=4, pictures=(Picture("", png(number)),))


MANHOLES = [
    row("检查井编号", "检查井类型", "检查日期", "存在问题", "照片"),
    row("J1", "雨水口", "2024-5-1", "井盖丢失、井壁渗漏", "7.jpg"),
    row("J2", "检查井", "2024-5-1", "正常", ""),
    row("J3", "检查井", "2024-5-1", "井内有水泥块", ""),
]
SONAR = [
    row("管段编号", "D1-D2", "检测方法", "声纳"),
    row("距离(m)", "积泥深度(mm)"),
    row("0", "120"),
    row("5", "80"),
]
PATROL = [
    row("问题编号", "巡查日期", "地点", "问题描述", "权属"),
    row("X1", "2024年6月1日", "解放路", "井盖沉降", "市政"),
]
PAPERS = report(
    "管段状况评估表", GRADES, "检测成果表",
    sheet(
        rows=[
            defect("2.0", "PL", "5", "3", "管道0903位置破碎", "1"),
            defect("8-12.3", "CJ", "2", "2级", "", "照片2"),
            defect("", "未知缺陷", "", ""), defect("15", "FS4", "", ""),
        ],
        photos=[row(shot(1), shot(2))],
    ),
    "检测成果表", sheet(start="W13", end="W12", direction="逆流"),
    "检查井检查情况汇总表",
    MANHOLES, "沉积状况纵断面", SONAR, "巡查清单", PATROL,
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_report_that_was_read_is_written_and_read_as_the_same(tmp_path, language):
    path = tmp_path / "a.docx"
    path.write_bytes(PAPERS)
    first = crew_report.read(path)
    assert len(first.seen) == 7
    again = read(tmp_path, write_report(first.seen, language, first.pictures))
    assert bare(again.seen) == bare(first.seen)
    assert {name: again.pictures[name] for name in first.pictures} == dict(first.pictures)
    listed = read(tmp_path, write_lists(first.seen, language), crew_lists, "xlsx")
    assert bare(listed.seen) == bare(first.seen)


TEXTS = st.text("甲乙丙路井号abcXYZ0189（）()，。-_./:： ", min_size=1, max_size=9).map(tidy).filter(there)
TEXTS |= st.sampled_from(["管径", "T", "备注：甲", "位置0309，乙", "照片3", "等级", "合计"])
NAMES = st.from_regex(r"[A-Z]{1,2}[0-9]{1,3}[a-c]?", fullmatch=True)
METRES = st.decimals(0, 200, places=2).map(float)
CODES = st.sampled_from([*condition_rules().kinds, "YJ", "BAB怪", "井壁粗糙"])
DEFECTS = st.builds(
    Defect, st.just(""), CODES, st.integers(0, 6), METRES | st.just(math.nan), st.just(0.0),
    clock=st.sampled_from(["", "0903", "12", "3点", "0606"]), remark=st.just("") | TEXTS,
    picture=st.sampled_from(["", "a1.jpg", "W1_02.png"]), variant=st.sampled_from(["", "hard", "soft"]),
    film_at=st.none() | st.decimals(0, 9000, places=1).map(float),
)  # fmt: skip
KNOWN = ["material", "system", "laid", "place", "remark", "task", "soil", "start_depth", "diameter", "length"]


def as_read(facts):
    """Return facts as a reader makes them: a diameter without a unit is one in millimetres."""
    return {
        name: f"{text} mm" if name == "diameter" and number(text) is not None else text
        for name, text in facts.items()
    }


FACTS = st.dictionaries(st.sampled_from(KNOWN) | st.just("污水量(L/s)"), TEXTS, max_size=5).map(as_read)
STATED = st.dictionaries(
    st.sampled_from([name for name in FIGURES if not name.endswith(("grade", "says"))]),
    st.decimals(0, 12, places=3).map(float), max_size=6,
)  # fmt: skip


@st.composite
def inspections(draw, place):
    start, end = f"{draw(NAMES)}{place}", f"{draw(NAMES)}_{place}"
    asset = draw(st.sampled_from(["", f"P{place}", f"{start}～{end}".replace("～", "~")]))
    date = draw(st.sampled_from(["", "2024-03-05"]))
    key = " ".join(part for part in (asset or f"{start}-{end}", date) if part)
    method = draw(st.sampled_from(["cctv", "qv", "sonar", "visual"]))
    rows = []
    for one in draw(st.lists(DEFECTS, max_size=4)):
        length = draw(METRES) if math.isfinite(one.start) else 0.0
        fields = {name: getattr(one, name) for name in Defect.__slots__}
        rows.append(Defect(**fields | {"length": length, "at": date, "inspection": key}))
    film = draw(st.sampled_from(["", "v.mp4"]))
    seen = Inspection(
        key, asset, method, date, draw(METRES | st.just(math.nan)),
        draw(st.sampled_from(["", "downstream", "upstream"])), draw(st.just("") | TEXTS), film,
        defects=tuple(rows), start=start, end=end,
        weather=draw(st.just("") | TEXTS), reason=draw(st.just("") | TEXTS),
    )  # fmt: skip
    media = tuple(dict.fromkeys(name for name in (film, *(row.picture for row in rows)) if name))
    return SeenAsset(seen, start, end, draw(STATED), draw(FACTS), "", media)


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(1, 3), st.sampled_from(["zh", "en"]), st.sampled_from(["docx", "xlsx"]))
def test_whatever_was_seen_is_written_and_read_as_the_same(tmp_path_factory, data, count, language, ending):
    seen = [data.draw(inspections(place)) for place in range(count)]
    folder = tmp_path_factory.mktemp("annex")
    if ending == "docx":
        again = read(folder, write_report(seen, language))
    else:
        again = read(folder, write_lists(seen, language), crew_lists, ending)
    assert bare(again.seen) == bare(seen)


def test_every_heading_that_is_written_is_known_to_the_reader():
    for language in ("zh", "en"):
        for field, heading in labels(language).items():
            if not field.startswith(("sub_", "listed_", "group_")):
                assert heading_of(heading)[0] == field, heading


def test_each_annex_says_how_well_its_layout_is_known():
    assert {row["status"] for row in layouts().values()} == {"single source", "memory", "ours"}
    seen = [SeenAsset(Inspection("i", "W1-W2", "cctv", "", 3.0, start="W1", end="W2"), "W1", "W2")]
    book = write_lists(seen)
    assert "未与原文核对" in str(openpyxl.load_workbook(io.BytesIO(book)).worksheets[0]["A2"].value)


def test_a_drawing_of_ours_is_no_picture_of_the_crew(tmp_path):
    seen = SeenAsset(Inspection("W1-W2", "W1-W2", "cctv", "", 3.0, start="W1", end="W2"), "W1", "W2")
    data = write_report([seen], "zh", {}, {"W1-W2": png(5)})
    again = read(tmp_path, data)
    assert bare(again.seen) == bare([seen])
    assert dict(document_of(tmp_path / "again.docx").pictures) == {}
    assert is_label("距离(m)")
    assert not parted("a：b")[0]
    assert len(table("annex_layouts.csv")) == 6
