"""Counted back from the date: working days, teams and the ends of the months, by hand."""

from datetime import date

import pytest

from wenqu.supervision.backward import Crew, backward
from wenqu.supervision.working_days import Calendar, calendar

PLAIN = Calendar(frozenset(), frozenset())
FRIDAY = date(2026, 7, 31)


def test_weekends_holidays_and_worked_weekends_are_data():
    made = Calendar(frozenset({"2026-07-29"}), frozenset({"2026-07-25"}))
    assert not made.is_worked(date(2026, 7, 29))  # a Wednesday
    assert made.is_worked(date(2026, 7, 25))  # a Saturday
    assert PLAIN.count(date(2026, 7, 24), FRIDAY) == 5
    assert made.count(date(2026, 7, 24), FRIDAY) == 5, "one day lost, one won"
    assert PLAIN.count(FRIDAY, FRIDAY) == 0
    assert PLAIN.back(FRIDAY, 5) == date(2026, 7, 27)
    assert PLAIN.back(date(2026, 8, 2), 1) == FRIDAY, "a Sunday is no working day"
    assert not calendar().is_worked(date(2025, 10, 1))
    assert calendar().is_worked(date(2025, 9, 28)), "a Sunday worked for the holidays"


def test_a_district_counts_back_from_the_milestone():
    # 1000 m left; today Wednesday 1 July, milestone Friday 31 July, two working days for papers:
    # the last day in the field is Wednesday 29 July; from 2 to 29 July lie 20 working days.
    made = backward({"A": 1000.0}, [Crew("t1", "一队", 50.0, "A"), Crew("t2", "二队", 30.0, "A")],
                    date(2026, 7, 1), FRIDAY, PLAIN, lead=2)  # fmt: skip
    assert len(made) == 1
    one = made[0]
    assert one.done_by == "2026-07-29"
    assert one.days == 20
    assert one.needed == pytest.approx(50.0)
    assert (one.rate, one.days_needed) == (80.0, 13)  # 1000 / 80 = 12.5
    assert one.begins == "2026-07-13"  # thirteen working days up to the 29th
    assert one.slack == 7
    assert one.short == 0.0
    assert [(team.team, team.length) for team in one.teams] == [("t1", 625.0), ("t2", 375.0)]
    assert one.marks == (("2026-07-29", 1000.0),)


def test_a_district_without_a_team_is_told_what_it_needs():
    one = backward({"A": 400.0, "B": 0.0}, [Crew("t", "队", 90.0, "C")], date(2026, 7, 1), FRIDAY, PLAIN)
    assert [entry.district for entry in one] == ["A"], "nothing is left in B"
    assert one[0].days == 22
    assert one[0].needed == pytest.approx(400 / 22)
    assert (one[0].days_needed, one[0].begins, one[0].slack) == (None, "", None)
    assert one[0].short == pytest.approx(400 / 22)


def test_a_team_of_no_district_is_lent_to_where_the_most_is_missing():
    # 22 days: A needs 20 m a day and has 10, B needs 30 and has none: 10 and 30 are missing
    made = backward({"A": 440.0, "B": 660.0}, [Crew("a", "甲", 10.0, "A"), Crew("f", "机动", 20.0)],
                    date(2026, 7, 1), FRIDAY, PLAIN)  # fmt: skip
    shares = {one.district: {team.team: team.share for team in one.teams} for one in made}
    assert shares == {"A": {"a": 1.0, "f": 0.25}, "B": {"f": 0.75}}
    assert {one.district: one.rate for one in made} == {"A": 15.0, "B": 15.0}
    assert {one.district: one.short for one in made} == pytest.approx({"A": 5.0, "B": 15.0})


def test_too_late_is_a_negative_slack_and_the_months_are_marked():
    # 10 m a day for 1000 m: a hundred days; 2 July to 30 September are 65 working days
    one = backward({"A": 1000.0}, [Crew("t", "队", 10.0, "A")], date(2026, 7, 1), date(2026, 9, 30), PLAIN)[0]
    assert one.days == 65
    assert one.slack == 65 - 100
    assert [day for day, _ in one.marks] == ["2026-07-31", "2026-08-31", "2026-09-30"]
    assert [length for _, length in one.marks] == pytest.approx([1000 * 22 / 65, 1000 * 43 / 65, 1000.0])


def test_a_milestone_that_is_past_leaves_no_day():
    one = backward({"A": 5.0}, [], date(2026, 7, 1), date(2026, 6, 30), PLAIN)[0]
    assert one.days == 0
    assert one.marks == (("2026-06-30", 5.0),)
