"""Rain comes in events; a dry day had none on it and before it."""

import numpy as np
import pytest

from wenqu.series.events import Daily, daily_means, daily_rain, dry_days, dry_days_by_flow, rain_events
from wenqu.series.model import series

MM_PER_H = 1e-3 / 3600


def rain_of(wet, days=10):
    """Return an hourly gauge with {hour: mm/h}."""
    times = np.datetime64("2024-05-01", "s") + np.arange(24 * days) * np.timedelta64(3600, "s")
    values = np.zeros(24 * days)
    for hour, intensity in wet.items():
        values[hour] = intensity * MM_PER_H
    return series("G1", "rain", times, values)


def test_two_wet_spells_ten_hours_apart_are_two_events():
    events = rain_events(rain_of({30: 4, 31: 6, 33: 2, 44: 3}))
    assert [round(event.depth * 1e3, 6) for event in events] == [12, 3]
    assert events[0].peak == pytest.approx(6 * MM_PER_H)
    assert str(events[0].since) == "2024-05-02T06:00:00"
    assert str(events[0].until) == "2024-05-02T10:00:00"


def test_a_drizzle_below_two_millimetres_is_no_event():
    assert rain_events(rain_of({30: 1.5})) == ()


def test_a_day_is_dry_when_it_and_the_two_days_before_had_no_rain():
    daily = daily_rain(rain_of({3 * 24 + 5: 8}))  # rain on the fourth day
    assert np.flatnonzero(dry_days(daily, before=2)).tolist() == [2, 6, 7, 8, 9]


def test_a_day_whose_rain_is_not_known_is_not_dry_and_spoils_the_next():
    rain = rain_of({})
    rain.values[48:72] = np.nan
    assert np.flatnonzero(dry_days(daily_rain(rain), before=1)).tolist() == [1, 4, 5, 6, 7, 8, 9]


def test_the_mean_of_a_half_read_day_is_not_given():
    times = np.datetime64("2024-05-01", "s") + np.arange(36) * np.timedelta64(3600, "s")
    daily = daily_means(series("M1", "flow", times, np.full(36, 2.0)))
    assert daily.means[0] == 2.0
    assert np.isnan(daily.means[1])
    assert daily.completeness.tolist() == [1.0, 0.5]


def test_one_laboratory_value_a_day_is_a_whole_day():
    times = np.datetime64("2024-05-01T09", "s") + np.arange(5) * np.timedelta64(86400, "s")
    daily = daily_means(series("P1", "bod5", times, np.arange(5.0)))
    assert daily.means.tolist() == [0, 1, 2, 3, 4]


def test_without_a_gauge_days_near_the_moving_minimum_are_dry():
    flow = np.full(30, 1.0)
    flow[[10, 11, 12]] = [3.0, 2.0, 1.3]
    days = np.datetime64("2024-05-01") + np.arange(30)
    dry = dry_days_by_flow(Daily(days, flow, np.ones(30)))
    assert np.flatnonzero(~dry).tolist() == [10, 11, 12]
