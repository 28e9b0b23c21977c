"""Once round the loop on the smallest example city: example, grade, diagnose, plan, report."""

import json
import re

import pytest
from rich.console import Console

from wenqu.cli import output
from wenqu.examples.city import write_example
from wenqu.records.finding import Finding
from wenqu.records.inspection import Inspection
from wenqu.records.programme import Programme
from wenqu.store.database import open_store

METHODS = 8


def chinese(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """Return the folder of a store with the smallest example city."""
    folder = tmp_path_factory.mktemp("example")
    store = open_store(str(folder))
    write_example(store, conduits=600, city="example", who="tester")
    store.close()
    return folder


def test_an_example_that_is_there_is_told_and_left_as_it_is(wenqu, city, tmp_path):
    store = open_store(str(city))
    before = store.version("example")
    said = wenqu("example", "--conduits", "600", "--truth", tmp_path / "truth", "--json", store=city)
    assert said.code == 0
    assert said.err == ""
    assert said.json["existed"] is True
    assert said.json["readings"] == sum(row.count for row in store.series_index("example"))
    assert store.version("example") == before
    store.close()
    for language, words in (("en", "nothing was changed"), ("zh", "未改动")):
        again = wenqu(
            "example", "--truth", tmp_path / "truth", "--conduits", "600", store=city, language=language
        )
        assert words in again.out


def test_an_example_of_another_size_or_in_a_real_city_is_refused(wenqu, city, little):
    other = wenqu("example", "--conduits", "700", store=city)
    assert other.code == 2
    assert "600" in other.err
    real = wenqu("example", "--conduits", "600", "--city", "little", store=little)
    assert real.code == 2
    assert "little" in real.err


def test_every_inspected_conduit_is_graded(wenqu, city):
    said = wenqu("grade", "--city", "example", "--json", store=city)
    assert said.code == 0
    assert said.err == ""
    store = open_store(str(city))
    inspected = {row.asset for row in store.records("example", "inspection", Inspection)}
    store.close()
    assert said.json["inspected"] == len(inspected)
    assert sum(said.json["repair"].values()) == len(inspected)
    for language, words in (("en", f"{len(inspected)} conduits"), ("zh", f"{len(inspected)} 条管段")):
        made = wenqu("grade", "--city", "example", store=city, language=language)
        assert words in made.out
        assert "CJJ 181-2012" in made.out
        rows = [line.split() for line in made.out.splitlines() if re.match(r"^[ⅠⅡⅢⅣ-]\s", line)]
        assert sum(int(row[1]) for row in rows) == len(inspected)


def test_a_diagnosis_shows_every_figure_whole_and_files_it(wenqu, city):
    said = wenqu("diagnose", "--city", "example", "--json", store=city)
    assert said.code == 0
    assert said.err == ""
    store = open_store(str(city))
    filed = store.records("example", "finding", Finding, last_run=True)
    store.close()
    told = said.json
    assert len(filed) == len(told["findings"])
    assert told["simulated"] is True
    meters = {row["asset"] for row in told["findings"] if row["quantity"] == "extraneous"}
    people = wenqu("diagnose", "--city", "example", store=city, language="zh")
    assert people.code == 0
    assert chinese(people.out)
    assert "…" not in people.out, "no figure and no heading is cut short"
    wide = [line for line in people.out.splitlines() if line.count("(") == METHODS]
    assert {line.split()[0] for line in wide} == meters, "each row has its meter and every method"


def test_a_plan_has_its_proof_in_both_languages_and_as_json(wenqu, city):
    said = wenqu("plan", "--city", "example", "--json", store=city, SOLVER_SECONDS=60)
    assert said.code == 0
    assert said.err == ""
    made = said.json
    store = open_store(str(city))
    (filed,) = store.records("example", "programme", Programme, last_run=True)
    store.close()
    assert made["id"] == filed.id
    assert made["cost"] == pytest.approx(sum(row["cost"] for row in made["measures"]))
    assert made["bound"] <= made["cost"] * (1 + 1e-9)
    assert made["gap"] == pytest.approx((made["cost"] - made["bound"]) / made["cost"], abs=1e-6)
    people = wenqu("plan", "--city", "example", store=city, language="zh", SOLVER_SECONDS=60)
    assert people.code == 0
    store = open_store(str(city))
    (filed,) = store.records("example", "programme", Programme, last_run=True)
    store.close()
    assert f"✓ {len(filed.measures)} 项工程" in people.out
    assert "证明" in people.out


def test_a_report_is_written_where_it_is_asked_for(wenqu, little, tmp_path):
    said = wenqu("report", "--city", "little", "--folder", "here", "--language", "en", "--json", store=little)
    assert said.code == 0
    assert said.err == ""
    files = [tmp_path / file for file in said.json["files"]]
    assert [file.suffix for file in files] == [".pdf", ".xlsx"]
    assert files[0].read_bytes().startswith(b"%PDF-")
    assert files[1].read_bytes().startswith(b"PK")
    people = wenqu(
        "report", "--city", "little", "--folder", "here", "--language", "zh", store=little, language="zh"
    )
    assert "已生成" in people.out
    assert "little-report.zh.pdf" in people.out.replace("\n", "")


def test_progress_goes_to_the_terminal_and_never_into_the_answer(wenqu, city, monkeypatch):
    monkeypatch.setattr(output, "aside", Console(stderr=True, force_terminal=True, width=100))
    people = wenqu("grade", "--city", "example", store=city)
    assert "grading" in people.err
    assert "%" in people.err
    assert "\x1b" not in people.out
    assert "grading" not in people.out
    program = wenqu("grade", "--city", "example", "--json", store=city)
    assert program.err == ""
    json.loads(program.out)
