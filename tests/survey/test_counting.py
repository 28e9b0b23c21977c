"""A quick view does not replace a camera that went through the pipe."""

import math
from dataclasses import replace

import pytest

from wenqu.records.inspection import Defect, Inspection
from wenqu.standards.inspection_methods import inspection_methods, rank_of, sees_structure
from wenqu.survey.counting import counting
from wenqu.survey.matching import Pipe

PIPE = Pipe("p", "A", "B", 50.0)


def rows(one):
    return [(row.inspection, row.code, row.level, row.start, row.length) for row in one.defects]


def look(id_, method, date, length=50.0, **more):
    return Inspection(id_, "p", method, date, length, **more)


@pytest.mark.parametrize("method", ["qv", "sonar", "other"])
def test_a_later_look_by_a_lesser_method_is_told_and_does_not_count(method):
    found = counting(PIPE, [look("1", "cctv", "2026-05-01"), look("2", method, "2026-08-01")])
    assert (found.survey.whole.id, found.why) == ("1", "method")
    assert [one.id for one in found.lesser] == ["2"]
    assert (found.holds("1"), found.holds("2")) == (True, False)


def test_a_camera_replaces_what_was_seen_by_a_quick_view_before():
    found = counting(PIPE, [look("1", "qv", "2026-05-01"), look("2", "cctv", "2026-08-01")])
    assert (found.survey.whole.id, found.why, found.lesser) == ("2", "newest", ())


def test_of_one_method_the_newest_counts_and_where_there_is_only_a_quick_view_it_does():
    assert (
        counting(PIPE, [look("1", "qv", "2026-08-01"), look("2", "qv", "2026-05-01")]).survey.whole.id == "1"
    )
    assert counting(PIPE, [look("1", "qv", "2026-08-01")]).why == "only"


def test_two_runs_from_both_ends_stay_one_survey_with_a_quick_view_between_them():
    found = counting(
        PIPE,
        [
            look("1", "cctv", "2026-05-01", 30.0, direction="downstream"),
            look("2", "qv", "2026-05-02", 10.0),
            look("3", "cctv", "2026-05-03", 25.0, direction="upstream"),
        ],
    )
    assert [run.inspection.id for run in found.survey.runs] == ["1", "3"]
    assert (found.survey.coverage, found.why) == (1.0, "newest")


def test_every_method_says_what_it_is_good_for_and_that_nobody_has_read_the_clause():
    assert {one.status for one in inspection_methods().values()} == {"memory"}
    assert rank_of("cctv") == rank_of("visual") == 1


def test_only_sonar_is_blind_to_structure():
    assert [name for name in inspection_methods() if not sees_structure(name)] == ["sonar"]
    assert sees_structure("drone")  # not in the table: what it says stands


def test_a_newer_sonar_replaces_the_deposits_of_the_camera_where_it_went_and_nothing_else():
    camera = look(
        "1", "cctv", "2026-05-01",
        defects=(
            Defect("p", "CJ", 4, 5.0, 30.0, inspection="1"), Defect("p", "ZW", 2, 12.0, inspection="1"),
            Defect("p", "PL", 3, 20.0, inspection="1"),
        ),
    )  # fmt: skip
    sonar = look("2", "sonar", "2026-08-01", 25.0, defects=(Defect("p", "CJ", 1, 10.0, 4.0, inspection="2"),))
    found = counting(PIPE, [camera, sonar])
    assert rows(found.graded) == [
        ("1", "ZW", 2, 12.0, 0.0), ("1", "PL", 3, 20.0, 0.0),
        ("1", "CJ", 4, 25.0, 10.0),  # 25 to 35 m: where the sonar did not go
        ("2", "CJ", 1, 10.0, 4.0),
    ]  # fmt: skip
    assert (found.graded.id, found.graded.method, [one.id for one in found.lesser]) == ("1", "cctv", ["2"])
    assert found.survey.whole is camera  # what the camera saw stays as it was written


@pytest.mark.parametrize(
    "more", [{"date": "2026-04-01"}, {"date": "2026-05-01"}, {"standard": "EN 13508-2", "date": "2026-08-01"}]
)
def test_a_sonar_that_is_not_newer_or_follows_another_standard_changes_no_deposit(more):
    camera = look("1", "cctv", "2026-05-01", defects=(Defect("p", "CJ", 4, 5.0, inspection="1"),))
    sonar = replace(look("2", "sonar", "2026-08-01"), **more)
    assert counting(PIPE, [sonar, camera]).graded is camera


def test_a_sonar_whose_depths_say_nothing_yet_changes_no_deposit():
    camera = look("1", "cctv", "2026-05-01", defects=(Defect("p", "CJ", 4, 5.0, inspection="1"),))
    sonar = look("2", "sonar", "2026-08-01")
    assert counting(PIPE, [camera, sonar], {"2"}).graded is camera
    assert counting(PIPE, [camera, sonar]).graded.defects == ()


def test_a_sonar_against_the_flow_is_turned_onto_the_axis_of_the_camera():
    camera = look("1", "cctv", "2026-05-01", direction="downstream")
    deposit = Defect("p", "CJ", 2, 8.0, 4.0, inspection="2")
    sonar = look("2", "sonar", "2026-08-01", 20.0, direction="upstream", defects=(deposit,))
    assert rows(counting(PIPE, [camera, sonar]).graded) == [("2", "CJ", 2, 38.0, 4.0)]  # 50 − 8 − 4
    old = replace(camera, defects=(Defect("p", "CJ", 1, 10.0, inspection="1"), Defect("p", "CJ", 3, 45.0)))
    assert [row.start for row in counting(PIPE, [old, sonar]).graded.defects] == [10.0, 38.0]
    nowhere = Pipe("p", "A", "B", math.nan)
    assert counting(nowhere, [old, sonar]).graded is old  # nobody knows where its places lie


def test_deposits_beside_a_quick_view_are_those_of_the_sonar_and_its_cracks_are_kept():
    glance = look("1", "qv", "2026-08-01", defects=(Defect("p", "PL", 4, 3.0), Defect("p", "CJ", 1, 3.0)))
    sonar = look("2", "sonar", "2026-05-01", defects=(Defect("p", "CJ", 3, 9.0, inspection="2"),))
    found = counting(PIPE, [glance, sonar])
    assert (found.survey.whole.id, [row.code for row in found.graded.defects]) == ("1", ["PL", "CJ"])
    assert found.graded.defects[1].level == 3
