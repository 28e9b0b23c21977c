"""The night minimum and the sewage that still runs at night."""

import numpy as np
import pytest

from wenqu.diagnosis.night_flow import Z90, night_flow, night_minima, night_window
from wenqu.diagnosis.night_sewage import default_pattern, night_factor, travelled_pattern
from wenqu.errors import BadInput, NotEnoughData


def test_eighteen_litres_at_night_less_two_of_sewage_are_1382_4_cubic_metres_a_day():
    assert night_flow(np.array([0.018]), 0.002).extraneous * 86400 == pytest.approx(1382.4)  # standards T7


def test_share_is_zero_when_the_night_minimum_is_all_sewage():
    assert night_flow(np.array([0.01, 0.01]), 0.01, daily_mean=0.02).share == 0


def test_the_interval_holds_scatter_meter_and_allowance():
    # minima 9, 11: mean 10, standard error 1; meter 10 % of 10 = 1; allowance sd 1 → sd sqrt(3)
    found = night_flow(np.array([9.0, 11.0, np.nan]), 4.0, night_sewage_sd=1.0, meter_error=0.1)
    assert found.extraneous == 6
    assert found.high - found.extraneous == pytest.approx(Z90 * np.sqrt(3))
    assert found.extraneous - found.low == pytest.approx(Z90 * np.sqrt(3))
    assert found.days == 2


def test_the_night_of_a_far_site_lies_in_the_morning_and_may_cross_midnight():
    rows = np.full((3, 24), 2.0)
    rows[:, [8, 9, 10, 11]] = 1.0
    assert night_window(rows).tolist() == [8, 9, 10, 11]
    rows = np.full((3, 24), 2.0)
    rows[:, [22, 23, 0, 1]] = 1.0
    assert night_window(rows).tolist() == [22, 23, 0, 1]


def test_a_night_with_a_missing_hour_has_no_minimum():
    rows = np.tile(np.arange(24.0), (2, 1))
    rows[1, 2] = np.nan
    assert night_minima(rows, np.arange(4))[0] == 0
    assert np.isnan(night_minima(rows, np.arange(4))[1])
    with pytest.raises(NotEnoughData):
        night_window(rows[1:])


def test_the_default_pattern_has_mean_one_and_its_minimum_is_a_third():
    pattern = default_pattern()
    assert pattern.mean() == pytest.approx(1)
    assert pattern.min() == pytest.approx(0.335, abs=0.01)


def test_on_a_tree_of_five_pipes_the_travelled_pattern_is_the_convolution_by_hand():
    # sewage 1, 2, 3, 2, 2 at 0, 1800, 3600, 7200, 9000 m from the meter, celerity 0.5 m/s → 0, 1, 2, 4, 5 h
    pattern = default_pattern()
    amount = np.array([1.0, 2.0, 3.0, 2.0, 2.0])
    delay = np.array([0.0, 1800.0, 3600.0, 7200.0, 9000.0]) / 0.5
    found = travelled_pattern(pattern, delay, amount)
    for hour in range(24):
        by_hand = sum(
            share * pattern[(hour - late) % 24]
            for share, late in zip([0.1, 0.2, 0.3, 0.2, 0.2], [0, 1, 2, 4, 5], strict=True)
        )
        assert found[hour] == pytest.approx(by_hand)


def test_half_an_hour_of_travel_is_the_mean_of_two_hours():
    pattern = default_pattern()
    found = travelled_pattern(pattern, np.array([1800.0]), np.array([5.0]))
    np.testing.assert_allclose(found, (pattern + np.roll(pattern, 1)) / 2)


def test_the_night_factor_rises_toward_one_as_the_wave_slows():
    way = np.linspace(0, 25_000, 400)  # evenly drained 25 km
    factors = [night_factor(default_pattern(), way / celerity, np.ones(400)) for celerity in (0.93, 0.5, 0.3)]
    assert default_pattern().min() < factors[0] < factors[1] < factors[2] < 1
    assert factors[2] > 1.3 * factors[0]


def test_no_sewage_has_no_pattern():
    with pytest.raises(BadInput):
        travelled_pattern(default_pattern(), np.zeros(2), np.zeros(2))
