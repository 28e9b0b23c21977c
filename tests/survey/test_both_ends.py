"""Runs from both ends on one axis. A pipe of 50 m from A to B; every distance is worked out by hand."""

import math

import pytest

from wenqu.records.inspection import Defect, Inspection
from wenqu.survey.both_ends import joined, last_survey
from wenqu.survey.matching import Pipe

PIPE = Pipe("p", "A", "B", 50.0)


def run(id_, date, length, start, *defects, **more):
    return Inspection(id_, "p", "cctv", date, length, start=start, defects=tuple(defects), **more)


def seen(code, start, length=0.0, clock=""):
    return Defect("p", code, 2, start, length, clock=clock)


def test_a_run_that_met_an_obstacle_is_finished_from_the_other_end():
    down = run("1", "2026-05-01", 30.0, "A", seen("ZW", 30.0))
    up = run("2", "2026-05-08", 18.0, "B", seen("CJ", 10.0, 4.0, "0204"))
    found = last_survey(PIPE, [down, up])
    assert [one.inspection.id for one in found.runs] == ["1", "2"]
    assert (found.axis, found.length, found.covered) == ("A", 50.0, 48.0)
    assert found.coverage == pytest.approx(0.96)
    assert (found.overlap, found.gap) == (0.0, (30.0, 32.0))
    # 10 to 14 m from B is 36 to 40 m from A; two to four o'clock is eight to ten from the other side
    (obstacle, deposit) = found.placed
    assert (obstacle.defect.start, obstacle.written) == (30.0, 30.0)
    assert (deposit.defect.start, deposit.defect.end, deposit.written) == (36.0, 40.0, 10.0)
    assert deposit.defect.clock == "0810"
    assert found.whole.id == "1 + 2"
    assert (found.whole.date, found.whole.length) == ("2026-05-08", 48.0)


def test_what_both_runs_saw_where_they_overlap_counts_once():
    down = run("1", "2026-05-01", 30.0, "A", seen("PL", 28.0))
    up = run("2", "2026-05-01", 25.0, "B", seen("PL", 21.8), seen("PL", 3.0))
    found = last_survey(PIPE, [down, up])
    assert found.overlap == 5.0
    assert [(one.defect.start, one.again) for one in found.placed] == [
        (28.0, False),
        (28.2, True),
        (47.0, False),
    ]
    assert [one.start for one in found.whole.defects] == [28.0, 47.0]
    assert found.coverage == 1.0


def test_a_run_that_saw_all_needs_no_other():
    before = run("1", "2026-05-01", 30.0, "A", seen("PL", 5.0))
    whole = run("2", "2026-05-20", 49.5, "B")
    found = last_survey(PIPE, [before, whole])
    assert [one.inspection.id for one in found.runs] == ["2"]
    assert found.whole == whole


def test_runs_of_different_years_are_different_surveys():
    old, new = run("1", "2020-05-01", 30.0, "A"), run("2", "2026-05-08", 18.0, "B")
    assert [one.inspection.id for one in last_survey(PIPE, [old, new]).runs] == ["2"]


def test_a_run_repeated_from_the_same_end_stands_in_place_of_the_first():
    first, again = run("1", "2026-05-01", 10.0, "A"), run("2", "2026-05-02", 20.0, "A")
    found = last_survey(PIPE, [first, again])
    assert [one.inspection.id for one in found.runs] == ["2"]
    assert found.coverage == pytest.approx(0.4)


def test_without_manholes_the_direction_tells_the_end():
    down = run("1", "2026-05-01", 30.0, "", direction="downstream")
    up = run("2", "2026-05-01", 20.0, "", seen("AJ", 5.0), direction="upstream")
    found = last_survey(PIPE, [down, up])
    assert [one.defect.start for one in found.placed] == [45.0]


def test_a_pipe_of_unknown_length_is_as_long_as_its_runs():
    pipe = Pipe("p", "A", "B", math.nan)
    found = joined(
        pipe, [run("1", "2026-05-01", 30.0, "A"), run("2", "2026-05-01", 12.0, "B", seen("AJ", 2.0))]
    )
    assert (found.length, found.covered) == (42.0, 42.0)
    assert found.placed[0].defect.start == 40.0


def test_a_counter_that_ran_a_little_over_stays_on_the_pipe_and_a_wild_one_is_kept_as_it_is():
    down = run("1", "2026-05-01", 20.0, "A")
    up = run("2", "2026-05-01", 30.0, "B", seen("AJ", 50.3), seen("PL", 70.0))
    starts = {one.defect.code: one.defect.start for one in joined(PIPE, [down, up]).placed}
    assert starts == {"AJ": 0.0, "PL": -20.0}


def test_a_run_whose_length_nobody_wrote_saw_at_least_as_far_as_its_last_observation():
    silent = run("1", "2026-05-01", math.nan, "A", seen("PL", 5.0), seen("CJ", 12.0, 3.0))
    found = last_survey(PIPE, [silent])
    assert (found.covered, found.coverage) == (15.0, pytest.approx(0.3))
    assert last_survey(PIPE, [run("2", "2026-05-01", math.nan, "A")]).covered == 0.0
    up = run("3", "2026-05-02", 20.0, "B")
    assert (last_survey(PIPE, [silent, up]).covered, last_survey(PIPE, [silent, up]).gap) == (
        35.0,
        (15.0, 30.0),
    )
