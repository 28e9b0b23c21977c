"""The pages say what the rows say, in both languages, and never more."""

import re
from dataclasses import replace

import pytest

from wenqu.messages import LANGUAGES, say
from wenqu.network.model import City, Network
from wenqu.records.programme import Programme
from wenqu.reports.pdf import report_pdf


def squeezed(pages):
    """Text without any white space: lines of a page break anywhere."""
    return "".join("".join(pages).split())


@pytest.fixture(scope="module")
def texts(report, pages):
    return {language: pages(report_pdf(report, language)) for language in LANGUAGES}


def test_key_figures_are_those_of_the_rows(texts):
    zh, en = (squeezed(texts[language]) for language in LANGUAGES)
    # 7 conduits of 50 m; of the 3 graded ones C1 and C2 are problems: 100 of 150 m
    assert "小城现有管道7段，长0.3500km" in zh
    assert "已评级管段3段，其中问题管段（修复或养护等级Ⅲ级及以上）2段、0.100km，占已评级长度的66.7%" in zh
    assert "Of3gradedconduits,2(0.100km,66.7%ofthegradedlength)" in en
    # 3000, 4000 and 5000 m³/d at the only plant; its area 2000
    assert "合计0.400(0.300–0.500)万m³/d" in zh
    assert "4000(3000–5000)m³/dofextraneouswater" in en
    assert "2000m³/d" in zh
    assert "80.0(75.0–85.1)" in zh
    assert "80.0(75.0–85.1)" in en
    # 120 000 + 80 000 yuan, bound 190 000
    assert "费用20.00万元" in zh
    assert "不会低于19.00万元（本方案20.00万元，差5.0%）" in zh
    assert "0.2000millionyuan" in en


def test_the_waterfall_gives_its_verdict_with_shares_and_interval(texts):
    zh = squeezed(texts["zh"])
    assert "挡住外水后可以达到目标。现有外水占旱天进水的50.0%，要达标最多容许45.0%" in zh
    assert "190(150–230)mg/L" in zh
    for value in ("200", "−110", "90.0"):  # the labels of the steps in the figure
        assert value in zh


def test_indicators_stand_with_numerator_denominator_and_edition(texts):
    zh = squeezed(texts["zh"])
    assert "管网排查率60.0%≥100%2027-12-31有风险20.0%" in zh
    assert re.search(r"管网排查率0\.1500km0\.2500km5甲÷乙editionone", zh)


def test_what_is_not_confirmed_carries_its_mark_and_the_reason(texts):
    for language in LANGUAGES:
        text = squeezed(texts[language])
        for sentence in (
            say("grading.unconfirmed.density", language),
            say("diagnosis.note.default-end-members", language),
            say("report.programme.default-prices", language),
            say("report.programme.default-rules", language),
        ):
            assert squeezed([sentence]) in text
        assert text.count("※") >= 5


def test_rules_that_give_way_are_named(texts):
    assert "2027年预算不足" in squeezed(texts["zh"])
    assert "thebudgetof2027fallsshort" in squeezed(texts["en"])


def test_every_page_of_a_simulated_city_says_so(texts):
    for language in LANGUAGES:
        assert len(texts[language]) > 5
        assert all("SIMULATED" in page for page in texts[language])
    assert all("模拟数据" in page for page in texts["zh"])


def test_pages_are_numbered_and_chapters_too(texts):
    pages = texts["en"]
    for number, page in enumerate(pages[1:], start=2):  # the title page has no number
        assert f"Page {number} of {len(pages)}" in page
    contents = squeezed([pages[1]])
    for number, chapter in enumerate(("summary", "targets", "network", "condition", "water", "plants"), 1):
        assert f"{number}{squeezed([say(f'report.{chapter}.title', 'en')])}" in contents


def test_no_key_and_no_unfilled_fact_reaches_the_reader(texts):
    for pages in texts.values():
        text = "".join(pages)
        assert not re.search(r"\b(report|diagnosis|grading|issue)\.[a-z-]+", text)
        assert not re.search(r"\[[a-z_]+\]|\{[a-z_]*\}", text)


def test_english_pages_hold_chinese_only_in_names_and_titles_of_documents(texts, report):
    text = "".join(texts["en"]).replace(report.plants[0].name, "")
    for name in ("小城", "清水厂"):
        text = text.replace(name, "")
    own = {str(name) for table in report.network.tables.values() for name in table.column("name") if name}
    for name in sorted(own, key=len, reverse=True):
        text = text.replace(name, "")
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []


def test_a_city_of_which_nothing_is_known_is_told_what_to_do_next(bare, pages):
    for language in LANGUAGES:
        text = squeezed(pages(report_pdf(bare, language)))
        for name in ("network", "inspections", "findings", "plants", "programme", "targets"):
            assert squeezed([say(f"report.missing.{name}", language)]) in text
        assert "SIMULATED" not in text


def test_a_programme_without_measures_and_grades_without_map_are_no_failure(bare, report, pages):
    made = Programme("p", "feasible", (), (), ("2026",), 0.0, 0.0, 0.0, 1.0, "{}", "city x")
    seen = {"graded": report.graded, "inspections": report.inspections, "plants": report.plants}
    odd = replace(bare, programme=made, **seen)
    text = squeezed(pages(report_pdf(odd, "zh")))
    assert "方案中没有措施" in text
    assert "尚无进水浓度瀑布" in text


@pytest.mark.parametrize("name", ["堃犇𠮷厂", '#panic("x")', "*a* _b_ $c$ \\ <d> @e // f", "]] }} `g`"])
def test_a_name_is_printed_as_it_is(bare, pages, name):
    # not in GB 2312, or markup to the typesetter
    city = City("odd", name, name)
    odd = replace(bare, city=city, network=Network(city, {}))
    assert squeezed([name]) in squeezed(pages(report_pdf(odd, "zh")))


@pytest.mark.parametrize("name", ["堃犇𠮷厂", "$a$b^{<&>\x01"])
def test_no_name_of_a_plant_stops_a_figure(report, bare, pages, name):
    plants = tuple(replace(plant, name=name) for plant in report.plants)
    text = squeezed(pages(report_pdf(replace(bare, plants=plants), "zh")))
    assert text.count(name.removesuffix("\x01")) >= 2  # in the table and in the figure
