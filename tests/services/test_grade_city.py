"""Every inspected conduit is graded by its last inspection."""

from dataclasses import replace

import pytest

from wenqu.diagnosis.grading import Grade
from wenqu.errors import NotEnoughData, UnknownCity
from wenqu.records.inspection import Inspection
from wenqu.services.grade_city import grade_city, latest


def seen(id_, date, conduit="c"):
    return Inspection(id_, conduit, "cctv", date, 50.0)


def test_the_last_inspection_counts_and_of_one_day_the_last_filed():
    rows = [
        seen("b", "2025-05-01"),
        seen("a", "2024-01-01"),
        seen("c", "2025-05-01"),
        seen("x", "2020-01-01", "d"),
    ]
    assert {conduit: row.id for conduit, row in latest(rows).items()} == {"c": "c", "d": "x"}


def test_the_small_city_is_graded_by_hand(small):
    # cA1: one rupture of level 4 (10 points): RI = 0.7 · 10 + 0 + 0 + 0 = 7.0, at the upper end of Ⅲ
    # cB1: one deposit of level 4 (10 points): G = 10, Ⅳ; without the importance of its area it has no MI
    # cS: inspected, nothing seen, Ⅰ
    grades = {row.conduit: row for row in small.store.records("small", "grade", Grade, last_run=True)}
    assert set(grades) == {"cA1", "cB1", "cS"}
    ruptured, silted = grades["cA1"], grades["cB1"]
    assert pytest.approx(7.0) == ruptured.RI
    assert (ruptured.structural_grade, ruptured.repair_grade) == (4, 3)
    assert pytest.approx(10.0) == silted.G
    assert (silted.MI, silted.functional_grade, silted.upkeep_grade) == (None, 4, 0)
    assert (grades["cS"].repair_grade, grades["cS"].upkeep_grade) == (1, 1)


def test_the_report_counts_what_was_graded_and_names_what_was_not(small):
    report = small.graded
    assert report.inspected == 3
    assert report.length == 100.0 + 200.0 + 500.0
    assert report.repair == {1: 2, 3: 1}
    assert report.upkeep == {0: 1, 1: 2}
    assert (report.standard, report.edition) == ("CJJ 181", "2012")
    assert [(row.code, row.asset) for row in report.issues if row.code.startswith("inspection.")] == [
        ("inspection.unknown-conduit", "gone"),
        ("inspection.missing-importance", "cB1"),
    ]
    assert report.simulated


def test_a_city_without_inspections_cannot_be_graded(bare):
    with pytest.raises(NotEnoughData, match="no-inspections"):
        grade_city(bare.store, "bare", who="tester")
    with pytest.raises(UnknownCity):
        grade_city(bare.store, "nowhere", who="tester")


def test_a_patrol_and_a_survey_by_another_standard_do_not_hide_the_last_survey():
    of_2025 = seen("a", "2025-01-01")
    later = [
        replace(of_2025, id="p", method="patrol", date="2026-01-01"),
        replace(of_2025, id="m", asset_type="manhole", date="2026-01-02"),
        replace(of_2025, id="e", standard="EN 13508-2", date="2026-01-03"),
        replace(of_2025, id="u", asset="", date="2026-01-04"),
    ]
    assert latest([of_2025, *later], "CJJ 181") == {"c": of_2025}
    assert latest([of_2025, *later])["c"].id == "e"
