"""The regular record keeps what was doubtful."""

import numpy as np

from wenqu.series.model import Flag, Series, series
from wenqu.series.repair import day_rows, regular


def test_an_hour_is_the_mean_of_its_good_readings():
    times = np.array(
        ["2024-05-01T00:10", "2024-05-01T00:40", "2024-05-01T01:05", "2024-05-01T03:00"], "datetime64[s]"
    )
    ragged = Series(
        "M1", "flow", times, np.array([1.0, 3.0, 9.0, 5.0]), np.array([0, 0, Flag.RANGE, 0], np.uint8)
    )
    grid = regular(ragged)
    np.testing.assert_array_equal(grid.values, [2.0, np.nan, np.nan, 5.0])
    assert grid.flags.tolist() == [Flag.GOOD, Flag.RANGE, Flag.MISSING, Flag.GOOD]
    assert str(grid.times[0]) == "2024-05-01T00:00:00"


def test_a_grid_of_good_hours_comes_back_as_it_was():
    times = np.datetime64("2024-05-01", "s") + np.arange(30) * np.timedelta64(3600, "s")
    hourly = series("M1", "flow", times, np.arange(30.0))
    again = regular(hourly)
    np.testing.assert_array_equal(again.values, hourly.values)
    np.testing.assert_array_equal(again.times, hourly.times)


def test_days_are_rows_of_24_hours_with_nan_where_nothing_was_read():
    times = np.datetime64("2024-05-01T22", "s") + np.arange(4) * np.timedelta64(3600, "s")
    days, rows = day_rows(series("M1", "flow", times, np.arange(4.0)))
    assert days.astype(str).tolist() == ["2024-05-01", "2024-05-02"]
    assert rows[0, 22:].tolist() == [0.0, 1.0]
    assert rows[1, :2].tolist() == [2.0, 3.0]
    assert np.isnan(rows).sum() == 44


def test_an_empty_record_stays_empty():
    nothing = series("M1", "flow", np.empty(0, "datetime64[s]"), np.empty(0))
    assert len(regular(nothing)) == 0
    assert day_rows(nothing)[1].shape == (0, 24)
