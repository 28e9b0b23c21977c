"""Papers say what the store holds, each figure with its rows, in both languages."""

import io
import math
import re
import shutil
import subprocess
import zipfile

import openpyxl
import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.shared import Mm

from wenqu.errors import BadInput, UnknownAsset
from wenqu.messages import LANGUAGES, say
from wenqu.records.programme import Programme
from wenqu.reports.column_widths import column_widths
from wenqu.reports.paper import (
    PRINTED,
    Chart,
    Grid,
    Head,
    PaperContent,
    Part,
    numbered,
    printed,
    references,
    runs,
)
from wenqu.reports.paper_docx import paper_docx
from wenqu.reports.paper_template import official_template
from wenqu.reports.paper_xlsx import paper_xlsx
from wenqu.services.learned_prices import own_prices
from wenqu.services.papers import make_paper, paper_content, paper_told, plants_short
from wenqu.services.plant_actions import plant_actions
from wenqu.services.plant_inflow import plant_inflows

NUMBER = re.compile(r"\[F(\d+)\]")


def paper(small, form, *, subject="PL", language="zh", kind="plant"):
    return make_paper(small.store, small.state, kind, subject, language, form)


def docx_text(body):
    document = Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def pdf_text(body, folder):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here")
    (folder / "paper.pdf").write_bytes(body)
    made = subprocess.run(
        ["pdftotext", "-layout", folder / "paper.pdf", "-"], capture_output=True, check=True
    )
    return "".join(made.stdout.decode().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_file_says_what_the_plant_received(small, language):
    inflow = next(one for one in plant_inflows(small.store, small.state) if one.id == "PL")
    said = docx_text(paper(small, "docx", language=language).body)
    # 30 days at 1 m³/s and 31 days at 2 m³/s with 150 and 105 mg/L: see the fixture
    assert (
        f"{inflow.bod5 * 1000:.0f} ({inflow.bod5_low * 1000:.0f}–{inflow.bod5_high * 1000:.0f}) mg/L" in said
    )
    for value in ("220 (210–230) mg/L", "60.0 (50.0–70.0) mg/L"):  # the waterfall as it was filed
        assert value in said
    assert ("模拟数据 SIMULATED" if language == "zh" else "SIMULATED DATA") in header(
        paper(small, "docx", language=language).body
    )


def header(body):
    return Document(io.BytesIO(body)).sections[0].header.paragraphs[0].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_say_the_same_as_the_word_file(small, language, tmp_path):
    word = "".join(docx_text(paper(small, "docx", language=language).body).split())
    pages = pdf_text(paper(small, "pdf", language=language).body, tmp_path)
    for number in set(NUMBER.findall(word)):
        assert f"[F{number}]" in pages
    for said in ("220(210–230)mg/L", "59.4(49.5–69.3)%"):
        assert said in word
        assert said in pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_loss_is_drawn_in_word_pages_and_on_the_page(small, language, tmp_path):
    content = paper_content(small.store, small.state, "plant", "PL", language)
    chart = next(one for part in content.parts for one in part.blocks if isinstance(one, Chart))
    assert [step.key for step in chart.steps] == [
        "source",
        "lost",
        "groundwater",
        "arrives",
    ]  # by their order
    document = Document(io.BytesIO(paper(small, "docx", language=language).body))
    picture = document.inline_shapes[0]
    assert picture._inline.docPr.get("descr") == chart.caption
    assert picture.width == Mm(156)
    assert chart.caption in docx_text(paper(small, "docx", language=language).body)
    pages = pdf_text(paper(small, "pdf", language=language).body, tmp_path)
    assert "".join(chart.caption.split()) in pages
    assert "".join(say("report.chart.target-at", language, value="100").split()) in pages  # drawn, as text
    told = [one for part in paper_told(content)["parts"] for one in part["blocks"] if "chart" in one]
    assert [(step["value"], step["low"]) for step in told[0]["steps"]][:1] == [
        (pytest.approx(220), pytest.approx(210))
    ]
    assert told[0]["target"] == pytest.approx(100)


def test_the_word_file_names_what_stands_in_for_a_missing_font_and_its_chapters():
    with zipfile.ZipFile(io.BytesIO(official_template())) as file:
        fonts = parse_xml(file.read("word/fontTable.xml"))
        styles = file.read("word/styles.xml").decode()
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    instead = {
        font.get(f"{name}name"): font.find(f"{name}altName").get(f"{name}val")
        for font in fonts
        if font.find(f"{name}altName") is not None
    }
    assert {"方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体"} <= set(instead)
    assert "仿宋" in instead["仿宋_GB2312"].split(";")
    assert 'w:outlineLvl w:val="0"' in styles


def test_chinese_has_the_official_lines_and_english_its_own():
    looks = {
        language: {style.name: style for style in Document(io.BytesIO(official_template(language))).styles}
        for language in LANGUAGES
    }
    chinese, english = (looks[language]["PaperText"] for language in ("zh", "en"))
    assert (chinese.font.size.pt, chinese.paragraph_format.line_spacing.pt) == (16, 28)
    assert chinese.paragraph_format.first_line_indent.pt == 32  # two letters
    assert (english.font.size.pt, english.paragraph_format.line_spacing.pt) == (12, 16)
    assert english.paragraph_format.first_line_indent is None
    with zipfile.ZipFile(io.BytesIO(official_template())) as file:
        assert 'w:eastAsia="zh-CN"' in file.read("word/styles.xml").decode()  # commas of the mainland


def test_the_number_of_a_figure_leads_to_its_line_in_word(small):
    with zipfile.ZipFile(io.BytesIO(paper(small, "docx").body)) as file:
        said = file.read("word/document.xml").decode()
    led = set(re.findall(r'w:anchor="(F\d+)"', said))
    assert led == set(re.findall(r'w:bookmarkStart w:id="\d+" w:name="(F\d+)"', said))
    assert len(led) == len(paper(small, "docx").facts)


def test_chinese_quotation_marks_are_as_wide_as_letters(small):
    with zipfile.ZipFile(io.BytesIO(paper(small, "docx").body)) as file:
        said = file.read("word/document.xml").decode()
    quoted = re.findall(r"<w:r>(?:(?!</w:r>).)*?[“”](?:(?!</w:r>).)*?</w:r>", said)
    assert quoted
    assert all('w:hint="eastAsia"' in one for one in quoted)


def test_no_word_of_a_heading_is_broken_in_a_narrow_column():
    heads = (Head("No.", 0.3), Head("Length (km)", 0.3), Head("Method", 3.0), Head("提高 BOD5（mg/L）", 0.2))
    widths = column_widths(heads, 156, 9)
    assert sum(widths) == pytest.approx(156)
    assert widths[1] >= len("Length") * 9 * 0.3528 * 0.6  # a bold letter of Times is 0.6 em or less
    assert widths[3] >= (len("mg/L") * 0.6 + 2) * 9 * 0.3528
    assert widths[2] == max(widths)
    crowded = column_widths([Head("Responsibilities")] * 9, 100, 9)
    assert sum(crowded) == pytest.approx(100)


def test_a_bulletin_says_when_no_plant_has_readings(small):
    def plants(month):
        made = paper_content(small.store, small.state, "month", month, "zh")
        return next(part for part in made.parts if part.key == "plants").blocks[0]

    assert not plants("2025-05").notice
    silent = plants("2024-02")
    assert silent.notice
    assert silent.text == say("paper.month.plants_silent", "zh")


def test_a_goal_says_how_sure_it_is_or_that_nothing_tells(small):
    content = paper_content(small.store, small.state, "plant", "PL", "en")
    goal = next(part for part in content.parts if part.key == "goal")
    said = [one for one in goal.blocks if one.key == "success"]
    chances = {key for key in content.facts if re.fullmatch(r"year\.\d+\.chance", key)}
    assert len(said) == 1
    assert bool(references(said[0].text)) == bool(chances)
    assert said[0].notice == (not chances)


def test_every_figure_has_its_line_among_the_sources(small):
    made = paper(small, "docx")
    said = docx_text(made.body)
    numbers = {int(number) for number in NUMBER.findall(said)}
    assert numbers == {one.number for one in made.facts} == set(range(1, len(made.facts) + 1))
    lines = [line for line in said.splitlines() if re.match(r"\[F\d+\] ", line)]
    listed = [int(number) for line in lines for number in re.findall(r"\[F(\d+)\] ", line)]
    assert listed == sorted(numbers)
    assert all("数据：" in line for line in lines)
    assert all(one.record and one.link for one in made.facts)


def test_measures_sum_to_what_the_programme_says_the_plant_gains(small):
    made = small.store.records("small", "programme", Programme, last_run=True)[-1]
    inflow = next(one for one in plant_inflows(small.store, small.state) if one.id == "PL")
    found = plant_actions(
        made, "PL", inflow.flow, inflow.flow * inflow.bod5, own_prices(small.store, "small")
    )
    gained = math.fsum(one.gain for one in found.methods)
    assert gained + found.rest == pytest.approx(found.reached.concentration - inflow.bod5)
    assert {one.measure.asset for one in found.gains} == {"cA1", "cA1|cB1", "U1"}
    spot = next(one for one in found.methods if one.method == "spot_repair")
    assert spot.low < 1 < spot.high  # Beta(15, 5) about its mean
    assert math.isnan(next(one for one in found.methods if one.method == "a_method_of_the_city").low)


def test_the_workbook_holds_numbers_that_can_be_reckoned_with(small):
    book = openpyxl.load_workbook(io.BytesIO(paper(small, "xlsx", language="en").body))
    sheet = book["Effect and cost by method"]
    rows = {row[0]: row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0]}
    chosen = next(row for name, row in rows.items() if "spot repair" in name)
    assert (chosen[1], chosen[5]) == (2, pytest.approx(0.0015))  # two repairs for 1,000 and 500 yuan
    cited = [row[0] for row in book["Sources of the figures"].iter_rows(min_row=2, values_only=True)]
    assert cited == [f"F{number}" for number in range(1, len(cited) + 1)]


def test_a_plant_that_meets_its_target_or_has_no_readings_says_so(small, bare):
    above = docx_text(paper(small, "docx", subject="PL", language="en").body)
    assert "above the target of 100 mg/L" in above
    nothing = make_paper(bare.store, bare.state, "plant", "P", "en", "docx")
    said = docx_text(nothing.body)
    assert "no readings of this plant's inflow" in said
    assert "have not been diagnosed" in said
    assert "There is no repair programme yet" in said
    assert "not named" in said


@pytest.mark.parametrize(("kind", "subject", "language", "form"), [
    ("novel", "PL", "zh", "docx"), ("plant", "PL", "fr", "docx"), ("plant", "PL", "zh", "odt"),
])  # fmt: skip
def test_what_is_not_known_is_refused_with_a_sentence(small, kind, subject, language, form):
    with pytest.raises(BadInput):
        make_paper(small.store, small.state, kind, subject, language, form)
    with pytest.raises(UnknownAsset):
        make_paper(small.store, small.state, "plant", "nowhere", "zh", "docx")


def test_the_page_is_told_each_figure_with_where_its_rows_are(small):
    told = paper_told(paper_content(small.store, small.state, "plant", "PL", "zh"))
    assert told["facts"][0]["link"].startswith("registers?tab=plant")
    shown = [
        piece["fact"]
        for part in told["parts"] for block in part["blocks"] if "lines" in block
        for line in block["lines"] for piece in line if piece["fact"]
    ]  # fmt: skip
    assert shown
    assert set(shown) <= {one["number"] for one in told["facts"]}


def test_a_figure_that_is_gone_is_said_to_be_gone(small):
    content = numbered(paper_content(small.store, small.state, "plant", "PL", "en"))
    assert references("{nothing} {bod5}") == ["nothing", "bod5"]
    assert runs("{nothing}", content.facts, "en")[0].text == "(no longer known)"


def grids(content):
    return {block.key: block for part in content.parts for block in part.blocks if isinstance(block, Grid)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "subject"), [
    ("district", "A"), ("month", "2025-05"), ("month", "2025-05/A"), ("tasks", ""), ("tasks", "A"),
    ("tables", ""), ("tables", "B"),
])  # fmt: skip
def test_every_kind_is_written_in_every_form_and_language(small, kind, subject, language, tmp_path):
    word = paper(small, "docx", kind=kind, subject=subject, language=language)
    said = docx_text(word.body)
    content = paper_content(small.store, small.state, kind, subject, language)
    assert "".join(content.title_lines) == content.name
    assert all(line in said for line in content.title_lines)
    assert len(Document(io.BytesIO(word.body)).tables) == len(grids(content))
    pages = pdf_text(paper(small, "pdf", kind=kind, subject=subject, language=language).body, tmp_path)
    assert "".join(content.name.split()) in pages
    book = openpyxl.load_workbook(io.BytesIO(paper(small, "xlsx", kind=kind, subject=subject).body))
    assert len(book.worksheets) == len(grids(content)) + 2  # texts and sources
    assert "[paper." not in said
    assert not re.search(r"\bpaper\.\w+\.", said), "a sentence is missing"
    assert "{" not in said


def test_the_plan_of_a_district_holds_its_works_and_what_they_bring(small):
    found = grids(paper_content(small.store, small.state, "district", "A", "zh"))
    facts = paper_content(small.store, small.state, "district", "A", "zh").facts
    assert [row[0] for row in found["years_of"].rows] == ["2026", "2027"]
    # 1,000 yuan in 2026; 3,000 and 500 in 2027
    assert facts["year.2026.cost"].value == pytest.approx(0.1)
    assert facts["year.2027.cost"].value == pytest.approx(0.35)
    assert facts["works.cost"].value == pytest.approx(0.45)
    assert facts["network"].value == pytest.approx(0.4)  # two sanitary pipes of 100 and 300 m
    assert facts["plant.PL"].value == pytest.approx(
        paper_content(small.store, small.state, "plant", "PL", "zh").facts["works.gain"].value
    )
    assert [row[0] for row in found["measures"].rows] == [1, 2, 3]


def test_the_bulletin_sets_a_month_against_the_last(small):
    content = paper_content(small.store, small.state, "month", "2025-05", "zh")
    facts = content.facts
    # cA1 (100 m) was first surveyed on 2024-01-10, cB1 (200 m) on 2025-03-01; a second look is no progress
    assert facts["stage.surveyed"].value == pytest.approx(0.3)
    assert facts["stage.surveyed.more"].value == 0
    march = paper_content(small.store, small.state, "month", "2025-03", "zh").facts
    assert march["stage.surveyed.before"].value == pytest.approx(0.1)
    assert march["stage.surveyed.more"].value == pytest.approx(0.2)
    # 2 m³/s and 105 mg/L in May, 1 m³/s and 150 mg/L in April: see the fixture
    assert facts["plant.PL.bod5.this"].value == pytest.approx(105)
    assert facts["plant.PL.bod5.last"].value == pytest.approx(150)
    assert facts["plant.PL.flow.this"].value == pytest.approx(17.28)


@pytest.mark.parametrize("month", ["2025", "2025-13", "2999-01", "may"])
def test_what_is_no_month_is_refused(small, month):
    with pytest.raises(BadInput):
        paper_content(small.store, small.state, "month", month, "zh")
    with pytest.raises(UnknownAsset):
        paper_content(small.store, small.state, "district", "nowhere", "zh")


def test_the_task_list_holds_every_measure_with_its_row(small):
    rows = grids(paper_content(small.store, small.state, "tasks", "", "en"))["tasks"].rows
    made = small.store.records("small", "programme", Programme, last_run=True)[-1]
    assert {row[-1] for row in rows} == {one.option for one in made.measures}
    assert {row[9] for row in rows} == {"not named"}
    assert paper_content(small.store, small.state, "tasks", "B", "en").facts["tasks"].value == 0


def test_the_tables_sum_to_the_network(small):
    found = grids(paper_content(small.store, small.state, "tables", "", "en"))
    lengths = {(row[0], row[1]): row[3] for row in found["sewers"].rows}
    assert lengths["甲区", "sanitary"] == pytest.approx(0.4)
    assert sum(lengths.values()) == pytest.approx(1.5)  # 100 + 300 + 200 + 400 + 500 m
    assert sum(row[2] for row in found["diameters"].rows) == pytest.approx(1.0)  # without the storm sewer
    graded = {row[0]: row for row in found["grades"].rows}
    assert sum(graded["甲区"][1:6]) == pytest.approx(0.4)


def test_a_long_table_is_cut_on_paper_and_whole_in_the_workbook():
    rows = tuple((number,) for number in range(PRINTED + 5))
    grid = Grid("g", "Many", (Head("No."),), rows)
    content = PaperContent(
        "c", "tasks", "", "en", "T", "I", "2026-01-01", "basis", (Part("p", "P", (grid,)),), {}
    )
    assert len(printed(grid, "en").rows) == PRINTED
    assert f"{PRINTED} of {PRINTED + 5}" in docx_text(paper_docx(content))
    sheet = openpyxl.load_workbook(io.BytesIO(paper_xlsx(content))).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=4, values_only=True)][PRINTED + 4] == PRINTED + 4


def test_only_plants_under_their_target_are_short(small, bare):
    assert plants_short(small.store, small.state) == ["QL"]  # 79 against 80 mg/L; PL has 120
    assert plants_short(bare.store, bare.state) == []  # nothing is known of it
