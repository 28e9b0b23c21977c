"""A doubtful reading is flagged and never changed."""

import numpy as np
import pytest

from wenqu.errors import UnknownType
from wenqu.series.flags import flag_rules, flagged, flat, gaps, rules_of, spikes
from wenqu.series.model import Flag, series
from wenqu.units import quantities


def hours(count):
    return np.datetime64("2024-05-01", "s") + np.arange(count) * np.timedelta64(3600, "s")


def wave(count):
    return 0.1 + 0.03 * np.sin(np.arange(count) * 2 * np.pi / 24) + 1e-4 * np.cos(np.arange(count) * 1.7)


def test_values_and_times_stay_as_they_came():
    values = wave(72)
    values[[5, 9]] = [400.0, np.nan]
    before = series("M1", "flow", hours(72), values)
    after = flagged(before)
    np.testing.assert_array_equal(after.values, before.values)
    np.testing.assert_array_equal(after.times, before.times)
    assert before.flags[5] == Flag.GOOD


def test_a_flow_of_400_cubic_metres_a_second_is_out_of_range_and_a_missing_one_is_missing():
    values = wave(72)
    values[[5, 9]] = [400.0, np.nan]
    flags = flagged(series("M1", "flow", hours(72), values)).flags
    assert flags[5] & Flag.RANGE
    assert flags[9] == Flag.MISSING
    assert np.count_nonzero(flags) == 2


def test_a_flow_that_stands_still_for_six_hours_is_stuck_and_one_of_five_is_not():
    values = wave(72)
    values[10:17] = 0.1  # seven readings, six hours
    assert (flagged(series("M1", "flow", hours(72), values)).flags[10:17] == Flag.FLAT).all()
    values = wave(72)
    values[10:16] = 0.1
    assert not flagged(series("M1", "flow", hours(72), values)).flags.any()


def test_no_rain_for_weeks_is_no_stuck_gauge_but_steady_rain_for_hours_is():
    rain = np.zeros(500)
    rain[100:104] = 2e-6
    flags = flagged(series("G1", "rain", hours(500), rain)).flags
    assert np.flatnonzero(flags).tolist() == [100, 101, 102, 103]


def test_zero_runs_count_only_when_asked_for():
    seconds, still = np.arange(4.0) * 3600, np.zeros(4)
    assert not flat(seconds, still, 7200).any()
    assert flat(seconds, still, 7200, zero_too=True).all()


def test_a_spike_is_found_and_a_step_that_stays_is_none():
    values = wave(100)
    values[40] = 0.5
    values[60:] += 0.2
    assert np.flatnonzero(spikes(values, 10, 0.2)).tolist() == [40]


def test_a_peak_that_comes_every_evening_is_no_spike_but_one_out_of_its_hour_is():
    values = wave(24 * 20)
    values[19::24] = 0.24  # one hour of a small sewer, ten times what its neighbours differ by
    values[24 * 9 + 3] = 0.3
    flags = flagged(series("M1", "flow", hours(24 * 20), values)).flags
    assert np.flatnonzero(flags & Flag.JUMP).tolist() == [24 * 9 + 3]


def test_a_peak_at_its_hour_is_a_spike_when_it_is_far_above_what_is_usual_there():
    values = wave(24 * 20)
    values[19::24] = 0.24
    values[24 * 9 + 19] = 0.6
    flags = flagged(series("M1", "flow", hours(24 * 20), values)).flags
    assert np.flatnonzero(flags & Flag.JUMP).tolist() == [24 * 9 + 19]


def test_a_hole_in_the_record_is_named_by_its_two_sides():
    kept = np.delete(np.arange(48), [20, 21, 22])
    times = hours(48)
    holed = series("M1", "flow", times[kept], wave(48)[kept])
    assert gaps(holed) == [(times[19], times[23])]
    assert gaps(series("M1", "flow", times, wave(48))) == []


def test_every_quantity_of_the_registry_has_rules_and_no_rule_is_for_nothing():
    assert flag_rules().keys() <= quantities().keys()
    for name in ("flow", "bod5", "cod", "nh3n", "conductivity", "rain", "river_stage", "groundwater"):
        assert rules_of(name).flat_after > 0


def test_a_quantity_without_rules_is_an_error():
    with pytest.raises(UnknownType):
        rules_of("smell")
