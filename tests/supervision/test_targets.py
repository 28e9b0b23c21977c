"""Where an indicator stands against the programme's milestones."""

import math
from datetime import date

import pytest

from wenqu.supervision.targets import capacity_share, meets, milestone, standing, targets


def test_the_programme_asks_for_60_then_100_percent_surveyed_and_70_then_100_percent_repaired():
    asked = {(row.key, row.date): row.target for row in targets()}
    assert asked["surveyed", "2024-12-31"] == 0.6
    assert asked["surveyed", "2025-12-31"] == 1.0
    assert asked["repaired", "2025-12-31"] == 0.7
    assert asked["repaired", "2027-12-31"] == 1.0
    assert asked["capacity_bod", "2025-12-31"] == 0.9


def test_the_next_milestone_is_the_one_ahead_and_the_last_once_all_are_past():
    assert milestone("surveyed", date(2024, 6, 1)).target == 0.6
    assert milestone("surveyed", date(2025, 1, 1)).target == 1.0
    assert milestone("surveyed", date(2030, 1, 1)).date == "2025-12-31"


def test_the_pace_needed_is_what_is_left_over_the_years_left():
    # 0.6 - 0.2 = 0.4 are left for 183 of 365.25 days: 0.798 a year
    stands = standing("surveyed", 0.2, date(2024, 7, 1))
    assert stands.pace_needed == pytest.approx(0.4 / (183 / 365.25))
    assert stands.state == "at_risk"


@pytest.mark.parametrize(
    ("value", "pace", "day", "state"),
    [
        (0.6, math.nan, date(2024, 7, 1), "reached"),
        (0.5, 0.3, date(2024, 7, 1), "on_time"),
        (0.5, 0.1, date(2024, 7, 1), "at_risk"),
        (0.9, 9.0, date(2026, 1, 1), "late"),
        (math.nan, math.nan, date(2024, 7, 1), "unknown"),
    ],
)
def test_states(value, pace, day, state):
    assert standing("surveyed", value, day, pace).state == state


def test_capacity_share_of_the_worked_case_is_60_percent():
    # standards T9: 60 000 m³/d at 105 mg/L and 40 000 m³/d at 98 mg/L
    assert capacity_share([0.105, 0.098], [0.1, 0.1], [60_000, 40_000], ">") == pytest.approx(0.6)


def test_exactly_100_counts_under_at_least_and_not_under_above():
    assert capacity_share([0.1], [0.1], [1.0], ">=") == 1.0
    assert capacity_share([0.1], [0.1], [1.0], ">") == 0.0
    assert meets(0.1, 0.1, ">=")


def test_a_plant_without_readings_stays_in_the_denominator():
    assert capacity_share([0.12, math.nan], [0.1, 0.1], [1.0, 3.0], ">") == 0.25


def test_no_capacity_is_no_share():
    assert math.isnan(capacity_share([], [], [], ">"))
