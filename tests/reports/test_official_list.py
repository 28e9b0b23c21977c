"""A list of the programme on paper: what it is of, and that it is simulated, stands on each page."""

import io
import zipfile
from dataclasses import replace

import openpyxl

from wenqu.reports.official_docx import official_docx
from wenqu.reports.official_list import OfficialList, official_xlsx
from wenqu.reports.official_pdf import official_pdf

MARK = "Simulated data & an invented city"
ROWS = tuple((number, f"P-{number}", "=1+1", 12.5) for number in range(1, 91))
MADE = OfficialList(
    "Problems of Example", "Example", "2026-11-28", ("no.", "id", "what", "m"), ROWS, "signed", MARK
)


def test_that_a_list_is_simulated_stands_on_each_page_of_the_pdf(pages):
    read = pages(official_pdf(MADE, "en"))
    assert len(read) > 2
    assert all(MARK in page and "what" in page for page in read)
    assert "signed" in read[-1]


def test_the_workbook_prints_it_on_each_page_and_reckons_no_text():
    sheet = openpyxl.load_workbook(io.BytesIO(official_xlsx(MADE))).active
    assert sheet.oddFooter.left.text.replace("&&", "&") == MARK
    assert (sheet["C4"].value, sheet["C4"].data_type) == ("=1+1", "s")


def test_the_document_says_it_above_the_table():
    text = zipfile.ZipFile(io.BytesIO(official_docx(MADE))).read("word/document.xml").decode()
    assert text.index("Simulated data") < text.index("<w:tbl")


def test_the_last_row_is_the_total_in_every_form(pages):
    made = replace(MADE, total=("Total", "90 rows", None, 1125.0))
    sheet = openpyxl.load_workbook(io.BytesIO(official_xlsx(made))).active
    assert [cell.value for cell in sheet[94]] == ["Total", "90 rows", None, 1125]  # 3 rows of heads, 90 rows
    assert sheet["A94"].font.bold
    assert sheet["A96"].value == "signed"
    text = zipfile.ZipFile(io.BytesIO(official_docx(made))).read("word/document.xml").decode()
    assert text.index("P-90<") < text.index("90 rows") < text.index("signed")
    last = pages(official_pdf(made, "en"))[-1]
    assert last.index("P-90") < last.index("Total") < last.index("1125") < last.index("signed")


def test_of_a_real_city_only_the_page_is_told(pages):
    (page,) = pages(official_pdf(OfficialList("T", "U", "D", ("no.",), ((1,),), "signed"), "zh"))
    assert page.split()[-1] == "1/1"
