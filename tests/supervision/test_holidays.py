"""Days off: as published, and of years to come those of the law."""

from collections import Counter
from datetime import date, timedelta

from wenqu.supervision.working_days import calendar, holidays

SPRING = {2027: "02-06", 2028: "01-26", 2029: "02-13", 2030: "02-03", 2031: "01-23", 2033: "01-31"}


def test_every_year_to_come_has_the_thirteen_days_of_the_law_and_no_worked_weekend():
    coming = [row for row in holidays() if row["status"] in {"by law", "expected"}]
    assert set(Counter(row["date"][:4] for row in coming).items()) == {
        (str(y), 13) for y in range(2027, 2041)
    }
    assert {row["kind"] for row in coming} == {"holiday"}
    assert all(date.fromisoformat(row["date"]).weekday() < 5 for row in coming)
    assert not {int(row["date"][:4]) for row in coming} & calendar().published


def test_the_spring_festival_is_off_from_its_eve_to_its_third_day():
    for year, day in SPRING.items():
        first = date.fromisoformat(f"{year}-{day}")
        assert not any(calendar().is_worked(first + timedelta(days=ahead)) for ahead in (-1, 0, 1, 2))
        assert calendar().is_worked(first - timedelta(days=first.weekday() + 7))  # the Monday a week before


def test_a_festival_at_a_weekend_or_on_a_day_that_is_off_already_is_made_up_after():
    told = {row["date"]: row["status"] for row in holidays()}
    assert told["2028-01-03"] == "expected"  # New Year's Day is a Saturday
    assert told["2031-10-06"] == "expected"  # the Mid-Autumn Festival is National Day
