"""A quick view does not replace a camera that went through the pipe."""

import pytest

from wenqu.records.inspection import Inspection
from wenqu.standards.inspection_methods import inspection_methods, rank_of, sees_structure
from wenqu.survey.counting import counting
from wenqu.survey.matching import Pipe

PIPE = Pipe("p", "A", "B", 50.0)


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
