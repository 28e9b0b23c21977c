"""Water balance, triangle and moving minimum against hand calculations."""

import numpy as np
import pytest

from wenqu.diagnosis.moving_minimum import moving_minimum
from wenqu.diagnosis.night_flow import Z90
from wenqu.diagnosis.plausibility import plausibility, reference_values
from wenqu.diagnosis.triangle import triangle
from wenqu.diagnosis.water_balance import water_balance
from wenqu.errors import BadInput, NotEnoughData

FLOWS = np.array([400.0, 110, 115, 260, 120, 120, 125, 130, 140, 180])


def test_the_triangle_splits_ten_days_into_1000_foul_220_extraneous_and_480_storm():
    # standards T7: flows 110 115 120 120 125 130 140 180 260 400, foul 100, seven dry days.
    # ranks 1-7: 10+15+20+20+25+30+40 = 160; line from 40 to 0 over three days: 60
    found = triangle(FLOWS, 100.0, 7)
    assert found.extraneous * 10 == pytest.approx(220)
    assert found.storm * 10 == pytest.approx(480)
    assert found.foul * 10 == 1000
    assert found.foul + found.extraneous + found.storm == pytest.approx(FLOWS.mean())


def test_the_triangle_feels_an_error_of_the_foul_flow_on_dry_days_fully_and_on_wet_days_half():
    # 7 dry days and 3 wet ones: (7 + 1.5) / 10
    found = triangle(FLOWS, 100.0, 7, sewage_sd=2.0)
    assert found.high - found.extraneous == pytest.approx(Z90 * 2 * 0.85)
    shifted = triangle(FLOWS, 102.0, 7)
    assert found.extraneous - shifted.extraneous == pytest.approx(1.7)


def test_the_triangle_feels_a_meter_that_reads_five_percent_high():
    found = triangle(FLOWS, 100.0, 7, meter_error=0.05)
    biased = triangle(FLOWS * 1.05, 100.0, 7)
    assert found.high - found.extraneous == pytest.approx(Z90 * (biased.extraneous - found.extraneous))


def test_the_triangle_refuses_more_dry_days_than_days():
    with pytest.raises(BadInput):
        triangle(FLOWS, 100.0, 11)
    with pytest.raises(NotEnoughData):
        triangle(np.array([np.nan]), 100.0, 1)


def test_the_balance_is_dry_flow_less_returned_water():
    # 40 000 m³/d dry, 30 000 m³/d sold, 85 % returns: 14 500 m³/d
    found = water_balance(40_000.0, 30_000.0, 0.85, dry_flow_sd=300.0, return_ratio_sd=0.04 / 3)
    assert found.extraneous == pytest.approx(14_500)
    assert found.share == pytest.approx(0.3625)
    assert found.high - found.extraneous == pytest.approx(Z90 * 500)  # 300 and 30 000 · 0.0133 = 400


def test_the_balance_needs_a_dry_flow():
    with pytest.raises(BadInput):
        water_balance(0.0, 1.0, 0.85)


def test_the_moving_minimum_takes_the_least_day_of_21():
    flows = np.full(60, 150.0)
    flows[30] = 120.0
    flows[15] = np.nan
    found = moving_minimum(flows, 100.0)
    assert found.extraneous_by_day[20:41].tolist() == [20.0] * 21
    assert found.extraneous_by_day[19] == found.extraneous_by_day[41] == 50.0
    assert found.extraneous == pytest.approx((21 * 20 + 39 * 50) / 60)


def test_a_window_of_which_half_is_unknown_says_nothing():
    flows = np.full(30, np.nan)
    flows[:8] = 1.0
    with pytest.raises(NotEnoughData):
        moving_minimum(flows, 0.5)


def test_published_yangtze_figures_fit_together():
    # standards T7: (51 500 - 40 700) / 71.6 = 150.8 km; 67.0 · 150.8 = 10 104 m³/d = 24.8 % of dry flow
    per_day = 86400.0
    known = reference_values()
    length = (51_500 - 40_700) / per_day / known["rain_per_length"]
    groundwater = known["groundwater_per_length"] * length * per_day
    assert length / 1000 == pytest.approx(150.8, abs=0.05)
    assert groundwater == pytest.approx(10_104, abs=3)
    assert groundwater / 40_700 == pytest.approx(0.248, abs=5e-4)


def test_120_gallons_a_person_are_454_litres():
    gallon = 231 * 0.0254**3  # [m³] 231 cubic inches
    assert reference_values()["person_flow"] * 86400 == pytest.approx(120 * gallon, rel=1e-5)
    assert reference_values()["person_flow"] * 86400e3 == pytest.approx(454.2, abs=0.1)


def test_remarkable_shares_are_named():
    assert plausibility(0.3, 1.0, 0) == ("diagnosis.note.share-high",)
    assert plausibility(0.5, 1.0, 0) == ("diagnosis.note.share-very-high",)
    assert plausibility(-0.1, 1.0, 0) == ("diagnosis.note.negative",)
    assert plausibility(0.1, 1.0, 1000.0) == ("diagnosis.note.more-than-pipes-leak",)
    assert plausibility(0.1, 1.0, 0, people=100.0) == ("diagnosis.note.more-than-people-use",)
    assert plausibility(0.1, 1.0, 1e6, people=1e6) == ()
