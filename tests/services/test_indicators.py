"""The programme's indicators, each worked out by hand from the small city."""

import math
from datetime import date

import pytest

from wenqu.services.indicators import capacity_bod, permits, ratio, repaired, surveyed
from wenqu.services.plant_inflow import plant_inflows

TODAY = date(2025, 6, 30)


def test_surveyed_is_a_share_of_sewage_length_by_district(small):
    made = surveyed(small.store, small.state, TODAY)
    # sewage conduits: A 100 + 300, B 200 + 400; inspected: cA1 100, cB1 200; the storm drain counts nowhere
    assert made.value() == pytest.approx(300 / 1000)
    assert made.value("A") == pytest.approx(100 / 400)
    assert made.value("B") == pytest.approx(200 / 600)
    assert math.isnan(made.value("M")), "a zone without sewage conduits has no share"
    assert {row.id for row in made.rows} == {"cA1", "cA2", "cB1", "cB2"}


def test_an_inspection_counts_from_its_day_and_only_the_first_time(small):
    assert surveyed(small.store, small.state, date(2025, 2, 28)).value() == pytest.approx(100 / 1000)
    assert surveyed(small.store, small.state, date(2024, 1, 9)).value() == 0.0
    made = surveyed(small.store, small.state, TODAY)
    # the twelve spans of 30 days begin on 2024-07-05: cB1 on 2025-03-01 is a gain, looking again at cA1 none
    gains = made.gains(TODAY)
    assert len(gains) == 12
    assert sum(gains) == pytest.approx(200 / 1000)
    back = (TODAY - date(2025, 3, 1)).days  # 121 days: the fifth span from the end
    assert gains[11 - back // 30] == pytest.approx(0.2)
    assert sum(made.gains(TODAY, "B")) == pytest.approx(200 / 600)
    assert sum(made.gains(TODAY, "A")) == 0.0
    # a year after the first look at cA1 it would have been a gain of 100 m
    assert sum(made.gains(date(2024, 12, 31))) == pytest.approx(100 / 1000)


def test_repaired_counts_problem_sewers_of_grade_three_and_worse(small):
    made = repaired(small.store, small.state, TODAY)
    assert sorted((row.id, row.whole) for row in made.rows) == [("cA1", 100.0), ("cB1", 200.0)]
    assert made.value() == 0.0
    assert made.gains(TODAY) == []


def test_permits_count_key_users_whose_permit_is_valid_on_the_day(small):
    made = permits(small.state, TODAY)
    assert {row.id: row.part for row in made.rows} == {"U1": 1.0, "U2": 0.0, "U3": 0.0, "U4": 0.0}
    assert made.value() == pytest.approx(1 / 4)
    assert made.value("A") == pytest.approx(1 / 2)
    assert made.value("B") == 0.0
    assert permits(small.state, date(2025, 7, 15)).value() == pytest.approx(2 / 4), "U3 begins on that day"
    assert permits(small.state, date(2026, 1, 1)).value() == pytest.approx(2 / 4), "U1 ends on that day"
    assert permits(small.state, date(2026, 1, 2)).value() == pytest.approx(1 / 4)


def test_capacity_counts_design_capacity_of_municipal_plants_above_their_target(small):
    made = capacity_bod(plant_inflows(small.store, small.state), TODAY)
    # PL 2 m³/s at 119.7 > 100 mg/L; QL 3 m³/s at 79 < 80; the plant of industry is left out
    assert made.value() == pytest.approx(2 / 5)
    assert made.value("A") == 1.0
    assert made.value("B") == 0.0


def test_what_nobody_measured_is_unknown(bare):
    assert math.isnan(capacity_bod(plant_inflows(bare.store, bare.state), TODAY).value())
    assert math.isnan(repaired(bare.store, bare.state, TODAY).value())
    assert math.isnan(permits(bare.state, TODAY).value())
    assert surveyed(bare.store, bare.state, TODAY).value() == 0.0, "nobody has looked at any of its 10 m"
    assert surveyed(bare.store, bare.state, TODAY).gains(TODAY) == []
    assert math.isnan(ratio(()))
