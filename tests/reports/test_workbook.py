"""The lists hold the rows as they are, with units, sources and nothing that runs."""

import io
import re
from dataclasses import replace

import openpyxl
import pytest

from wenqu.messages import LANGUAGES, say
from wenqu.network.model import Network
from wenqu.reports.workbook import lists_xlsx

SHEETS = (
    "summary", "conduits", "defects", "problems", "meters", "areas", "plants", "steps", "measures", "years",
    "issues",
)  # fmt: skip


def opened(report, language):
    return openpyxl.load_workbook(io.BytesIO(lists_xlsx(report, language)))


@pytest.fixture(scope="module")
def books(report):
    return {language: opened(report, language) for language in LANGUAGES}


def rows_of(book, key, language="en"):
    """Return the rows of a sheet as dictionaries by header."""
    header, *rows = book[say(f"report.sheet.{key}", language)].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_every_list_is_there_in_both_languages_with_header_filter_and_mark(books):
    for language, book in books.items():
        assert book.sheetnames == [say(f"report.sheet.{key}", language) for key in SHEETS]
        for page in book:
            assert page.freeze_panes in {"B2", "C2"}
            assert page.auto_filter.ref == page.dimensions
            header = [cell.value for cell in page[1]]
            assert len(set(header)) == len(header)  # no two columns of one name
            assert header[-1] == say("report.column.simulated", language)
            assert {row[-1] for row in page.iter_rows(min_row=2, values_only=True)} == {
                say("report.simulated", language)
            }


def test_both_languages_hold_the_same_numbers(books):
    def numbers(book):
        rows = [row for page in book for row in page.iter_rows(values_only=True)]
        return [[cell for cell in row if isinstance(cell, int | float)] for row in rows]

    assert numbers(books["zh"]) == numbers(books["en"])


def test_conduits_are_those_of_the_network_with_grade_and_water(books, report):
    rows = rows_of(books["en"], "conduits")
    table = report.network.table("conduit")
    assert [row["Conduit"] for row in rows] == list(table.ids)
    first = rows[0]
    assert (first["Diameter (mm)"], first["Length (m)"]) == (300, 50)
    assert (first["RI"], first["Repair grade"], first["Worse grade"]) == (9.65, "Ⅳ", "Ⅳ")
    assert first["Extraneous water (m³/d)"] == pytest.approx(10)
    assert first["Extraneous per km (m³/(d·km))"] == pytest.approx(200)
    assert (first["Year planned"], first["Inputs"], first["Edition"]) == ("2026", "I-C1", "CJJ 181-2012")
    assert first["Rules not confirmed"] == say("grading.unconfirmed.density", "en")
    unknown = rows[4]  # never inspected, above no meter
    assert unknown["RI"] is None
    assert unknown["Extraneous water (m³/d)"] is None  # NaN is a blank, not a number


def test_problems_are_grade_three_or_worse_the_worst_first_with_their_repair(books):
    rows = rows_of(books["en"], "problems")
    assert [(row["Conduit"], row["Worse grade"]) for row in rows] == [("C1", "Ⅳ"), ("C2", "Ⅲ")]
    assert rows[0]["Repair"] == "open-cut renewal"
    assert rows[0]["Cost (万元)"] == 12
    assert rows[0]["Defects"] == "fracture(PL)4 @3 m; deposit(CJ)1 @20 m"
    assert rows[1]["Repair"] == "cipp"  # a method the price table no longer has keeps its key


def test_defects_meters_measures_and_issues_are_one_row_each(books, report):
    book = books["en"]
    assert len(rows_of(book, "defects")) == sum(len(row.defects) for row in report.inspections.values())
    assert len(rows_of(book, "meters")) == 2
    assert len(rows_of(book, "areas")) == 2
    assert len(rows_of(book, "steps")) == 4
    assert [row["Cost (万元)"] for row in rows_of(book, "measures")] == [12, 8]
    assert [row["Rule"] for row in rows_of(book, "issues")] == ["diagnosis.no-meters"]


def test_a_finding_carries_interval_method_every_input_and_edition(books):
    row = rows_of(books["en"], "meters")[0]
    assert [row[name] for name in ("Value", "Low", "High")] == pytest.approx([4000, 3000, 5000])
    assert (row["Unit"], row["Method"]) == ("m³/d", "method joint_inversion")
    assert row["Method and formula"] == "method joint_inversion: formula joint_inversion"
    assert row["Inputs"] == "series:P1/flow; table:endmembers.csv:default"
    assert row["Edition"] == "from memory"


def test_years_hold_cost_by_method_and_what_each_plant_reaches(books):
    rows = rows_of(books["en"], "years")
    costs = {(row["Year planned"], row["Repair"]): row["Cost (万元)"] for row in rows if row["Repair"]}
    assert costs == {("2026", "open-cut renewal"): 12, ("2027", "cipp"): 8}
    reached = {row["Year planned"]: row for row in rows if row["Plant"]}
    assert [row["Influent BOD5 (mg/L)"] for row in reached.values()] == pytest.approx([95.4, 101.2])
    assert [row["State"] for row in reached.values()] == ["short", "meets"]


def test_no_key_and_no_unfilled_fact_reaches_the_reader(books):
    for book in books.values():
        for page in book:
            for row in page.iter_rows(values_only=True):
                said = " ".join(str(cell) for cell in row if isinstance(cell, str))
                assert not re.search(r"\breport\.[a-z]|\[[a-z_]+\]", said), said


def test_a_name_that_looks_like_a_formula_or_an_address_stays_text(report):
    conduits = report.network.table("conduit")
    evil = ["=1+1", "@SUM(A1)", "http://x.example/a", "+cmd|' /C calc'!A0", "{=1}", "-2", "a\x00b\x1f"]
    roads = conduits.column("road").copy()
    roads[:] = evil
    tables = {**report.network.tables, "conduit": conduits.replace(road=roads)}
    page = opened(replace(report, network=Network(report.city, tables)), "en")["Conduits and grades"]
    cells = [page.cell(row, 2) for row in range(2, 2 + len(evil))]
    assert [cell.data_type for cell in cells] == ["s"] * len(evil)
    assert [cell.value for cell in cells][:6] == evil[:6]
    assert all(cell.hyperlink is None for cell in cells)


def test_an_empty_city_has_every_list_with_its_header(bare):
    book = opened(bare, "zh")
    assert book.sheetnames == [say(f"report.sheet.{key}", "zh") for key in SHEETS]
    assert book["管段与等级"].max_row == 1
    assert "模拟标识" not in [cell.value for cell in book["管段与等级"][1]]
