"""Counted back from the date: working days, seasons, teams and the ends of the months, by hand."""

import csv
from datetime import date
from importlib.resources import files

import pytest

from wenqu.supervision.backward import Crew, backward
from wenqu.supervision.steps import lead, steps, steps_after, steps_before
from wenqu.supervision.working_days import Calendar, Season, calendar, seasons

PLAIN = Calendar(frozenset(), frozenset())
WEDNESDAY, FRIDAY = date(2026, 7, 1), date(2026, 7, 31)


def wet(share=0.5, begins="07-13", ends="07-24"):
    return Calendar(frozenset(), frozenset(), (Season("wet", "雨季", "rain", "repair", begins, ends, share),))


def test_weekends_holidays_and_worked_weekends_are_data():
    made = Calendar(frozenset({"2026-07-29"}), frozenset({"2026-07-25"}))
    assert not made.is_worked(date(2026, 7, 29))  # a Wednesday
    assert made.is_worked(date(2026, 7, 25))  # a Saturday
    assert PLAIN.count(date(2026, 7, 24), FRIDAY) == 5
    assert made.count(date(2026, 7, 24), FRIDAY) == 5, "one day lost, one won"
    assert PLAIN.count(FRIDAY, FRIDAY) == 0
    assert PLAIN.back(FRIDAY, 5) == date(2026, 7, 27)
    assert PLAIN.back(date(2026, 8, 2), 1) == FRIDAY, "a Sunday is no working day"
    assert PLAIN.ahead(date(2026, 8, 1), 1) == date(2026, 8, 3), "nor a day to begin on"
    assert not calendar().is_worked(date(2025, 10, 1))
    assert calendar().is_worked(date(2025, 9, 28)), "a Sunday worked for the holidays"


def test_the_holidays_of_2026_are_as_published_and_those_of_2027_only_what_the_law_says():
    # 国办发明电〔2025〕7号: 261 weekdays, 19 of them off, 6 worked weekends
    assert calendar().count(date(2025, 12, 31), date(2026, 12, 31)) == 261 - 19 + 6
    assert not calendar().is_worked(date(2026, 2, 23))
    assert calendar().is_worked(date(2026, 10, 10))
    # 2027: 1 January, 5 and 8 February with two days made up, 5 April, …: 13 of the 13 days of the law
    assert calendar().count(date(2026, 12, 31), date(2027, 12, 31)) == 261 - 13
    # 国办发明电〔2023〕7号 and 〔2024〕12号: 262 - 19 + 8 and 261 - 18 + 5
    assert calendar().count(date(2023, 12, 31), date(2024, 12, 31)) == 251
    assert calendar().count(date(2024, 12, 31), date(2025, 12, 31)) == 248
    assert calendar().published == {2024, 2025, 2026}
    rows = list(csv.DictReader((files("wenqu.supervision") / "holidays.csv").read_text().splitlines()))
    assert {row["status"] for row in rows if row["date"] > "2027"} == {"by law", "expected"}
    days = [row["date"] for row in rows]
    assert days == sorted(set(days))


def test_a_district_counts_back_from_the_milestone():
    # 1000 m left; today Wednesday 1 July, milestone Friday 31 July, two working days for papers:
    # the last day in the field is Wednesday 29 July; from 2 to 29 July lie 20 working days.
    made = backward({"A": 1000.0}, [Crew("t1", "一队", 50.0, "A"), Crew("t2", "二队", 30.0, "A")],
                    WEDNESDAY, FRIDAY, PLAIN, lead=2)  # fmt: skip
    assert len(made) == 1
    one = made[0]
    assert one.done_by == "2026-07-29"
    assert one.days == 20
    assert one.needed == pytest.approx(50.0)
    assert one.can == pytest.approx(1600.0)
    assert one.begins == "2026-07-13"  # 1000 / 80 = 12.5: thirteen working days up to the 29th
    assert one.ends == "2026-07-20"  # and thirteen from the 2nd on
    assert one.slack == 7
    assert (one.short, one.more) == (0.0, 0.0)
    assert [(team.team, team.length) for team in one.teams] == [
        ("t1", pytest.approx(625.0)), ("t2", pytest.approx(375.0)),
    ]  # fmt: skip
    assert {(team.begins, team.ends, team.days) for team in one.teams} == {("2026-07-13", "2026-07-29", 13)}
    assert all(team.asked == team.rate for team in one.teams)
    assert [(mark.date, mark.length) for mark in one.marks] == [("2026-07-29", pytest.approx(1000.0))]


def test_a_district_without_a_team_is_told_what_it_needs():
    one = backward({"A": 400.0, "B": 0.0}, [Crew("t", "队", 90.0, "C")], WEDNESDAY, FRIDAY, PLAIN)
    assert [entry.district for entry in one] == ["A"], "nothing is left in B"
    assert one[0].days == 22
    assert one[0].needed == one[0].more == pytest.approx(400 / 22)
    assert (one[0].begins, one[0].ends, one[0].slack, one[0].teams) == ("", "", None, ())
    assert one[0].short == 400.0


def test_a_team_of_no_district_goes_from_one_to_the_next_where_something_is_missing():
    # 22 days: A has 440 m and a team of 10 m a day, 220 m are missing; B has 660 m and none.
    # The team for both is cut 660 : 220: of 22 days the first 17 in B (16.5 are full in the 17th), 5 in A.
    made = backward({"A": 440.0, "B": 660.0}, [Crew("a", "甲", 10.0, "A"), Crew("f", "机动", 20.0)],
                    WEDNESDAY, FRIDAY, PLAIN)  # fmt: skip
    b, a = made
    assert [(team.team, team.begins, team.ends, team.days, team.lent) for team in b.teams] == [
        ("f", "2026-07-02", "2026-07-24", 17, True)
    ]
    assert [(team.team, team.begins, team.ends, team.days, team.lent) for team in a.teams] == [
        ("a", "2026-07-02", "2026-07-31", 22, False),
        ("f", "2026-07-27", "2026-07-31", 5, True),
    ]
    assert (b.can, b.short) == (pytest.approx(340.0), pytest.approx(320.0))
    assert (a.can, a.short) == (pytest.approx(320.0), pytest.approx(120.0))
    # a team that is short is asked for more a day: 20 · 660/340 in B, 440/320 times as much in A
    assert b.teams[0].asked == pytest.approx(20 * 660 / 340)
    assert [team.asked for team in a.teams] == pytest.approx([10 * 440 / 320, 20 * 440 / 320])
    assert sum(team.length for team in a.teams) == pytest.approx(a.can)


def test_a_team_that_nobody_misses_is_lent_to_nobody():
    made = backward({"A": 100.0}, [Crew("a", "甲", 50.0, "A"), Crew("f", "机动", 20.0)],
                    WEDNESDAY, FRIDAY, PLAIN)  # fmt: skip
    assert [team.team for team in made[0].teams] == ["a"]


def test_a_team_that_comes_later_works_from_then_on():
    one = backward({"A": 100.0}, [Crew("a", "甲", 10.0, "A", "2026-07-27")], WEDNESDAY, FRIDAY, PLAIN)[0]
    assert (one.can, one.short) == (50.0, 50.0)  # five days to the 31st
    assert one.teams[0].begins == "2026-07-27"
    assert one.ends == "2026-08-07", "ten working days from the 27th"
    never = backward({"A": 1.0}, [Crew("a", "甲", 10.0, "A", "2027-01-01")], WEDNESDAY, FRIDAY, PLAIN)[0]
    assert (never.can, never.teams, never.ends) == (0.0, (), "2027-01-01")


def test_the_flood_season_halves_what_a_day_is_worth():
    # 2 to 31 July: 22 working days, of which ten (13 to 24 July) are worth half: 17 full days
    one = backward({"A": 170.0}, [Crew("a", "甲", 20.0, "A")], WEDNESDAY, FRIDAY, wet(), "repair")[0]
    assert (one.days, one.needed, one.can) == (22, pytest.approx(10.0), pytest.approx(340.0))
    # 170 m at 20 m a day are 8.5 full days: 27-31 July are five, seven half days before 3.5
    assert one.begins == "2026-07-16"
    survey = backward({"A": 170.0}, [Crew("a", "甲", 20.0, "A")], WEDNESDAY, FRIDAY, wet(), "survey")[0]
    assert survey.can == 440.0, "a season of repairs is none of surveys"


def test_a_season_may_go_over_the_turn_of_the_year():
    frost = wet(0.5, "12-20", "01-10").seasons[0]
    assert [frost.holds(date(2026, *day)) for day in ((12, 19), (12, 20), (1, 10), (1, 11))] == [
        False, True, True, False,
    ]  # fmt: skip


def test_too_late_is_a_negative_slack_and_the_months_are_marked():
    # 10 m a day for 1000 m: a hundred days; 2 July to 30 September are 65 working days
    one = backward({"A": 1000.0}, [Crew("t", "队", 10.0, "A")], WEDNESDAY, date(2026, 9, 30), PLAIN)[0]
    assert one.days == 65
    assert (one.slack, one.begins, one.short) == (65 - 100, "", pytest.approx(350.0))
    assert one.more == pytest.approx(350 / 65)
    assert one.ends == "2026-11-18", "thirty-five working days after 30 September"
    assert [mark.date for mark in one.marks] == ["2026-07-31", "2026-08-31", "2026-09-30"]
    done = [1000 * 22 / 65, 1000 * 43 / 65, 1000.0]
    assert [mark.length for mark in one.marks] == pytest.approx(done)


def test_a_milestone_that_is_past_leaves_no_day_and_says_when_it_would_be_done():
    crews = [Crew("f", "机动", 5.0)]
    made = backward({"A": 30.0, "B": 10.0}, crews, WEDNESDAY, date(2026, 6, 30), PLAIN)
    one = made[0]
    assert (one.days, one.needed, one.more, one.can) == (0, None, None, 0.0)
    assert [(mark.date, mark.length) for mark in one.marks] == [("2026-06-30", 30.0)]
    # three quarters of its days in A, one quarter in B: eight days for each
    assert {entry.ends for entry in made} == {"2026-07-13"}
    assert one.slack == -8
    assert [(team.team, team.begins, team.ends, team.days, team.length) for team in one.teams] == [
        ("f", "2026-07-02", "2026-07-13", 8, 30.0)
    ]
    bare = backward({"A": 5.0}, [], WEDNESDAY, date(2026, 6, 30), PLAIN)[0]
    assert (bare.ends, bare.slack) == ("", None)


def test_design_and_tender_lie_before_the_field_and_tests_and_papers_after():
    kinds = {(one.work, one.step): (one.side, one.days) for one in steps()}
    assert kinds["repair", "design"] == ("before", 20)
    assert (lead("repair"), lead("survey")) == (15, 5)
    # begin on Monday 28 September 2026: 25 working days of tender before are those from 24 August,
    # 20 of design those from 27 July
    before = steps_before("repair", date(2026, 9, 28), PLAIN)
    assert [(one.step, one.begins, one.ends) for one in before] == [
        ("design", "2026-07-27", "2026-08-21"), ("tender", "2026-08-24", "2026-09-25"),
    ]  # fmt: skip
    after = steps_after("repair", date(2026, 7, 10), PLAIN)  # a Friday
    assert [(one.step, one.begins, one.ends) for one in after] == [
        ("test", "2026-07-13", "2026-07-24"), ("accept", "2026-07-27", "2026-07-31"),
    ]  # fmt: skip


def test_what_is_assumed_is_marked_as_such():
    assert {one.status for one in seasons()} == {"default"}
    assert {one.status for one in steps()} == {"default"}
