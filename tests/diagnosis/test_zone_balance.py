"""The balance of a zone, with figures that can be checked by hand."""

import numpy as np
import pytest

from wenqu.diagnosis.zone_balance import Flow, zone_balance

DAYS = np.datetime64("2024-01-01") + np.arange(60)
Z90 = 1.6448536269514722


def flat(value, **errors):
    return Flow(np.full(60, value), **errors)


def test_what_the_plant_holds_beyond_the_returned_supply_is_unexplained():
    flows = {"supply": flat(1.0, random=0, bias=0), "treated": flat(1.3, random=0, bias=0)}
    january, february = zone_balance(DAYS, flows, (0.85, 0.0))
    assert (january.period, january.days, february.days) == ("2024-01", 31, 29)
    assert january.columns["supply"] == pytest.approx((0.85, 0.85, 0.85))
    assert january.unexplained == pytest.approx((0.45, 0.45, 0.45))
    assert january.closed_by == "treated"


def test_sewage_that_is_lost_on_the_way_is_below_nothing():
    flows = {"supply": flat(1.0), "arriving": flat(0.5)}
    (year,) = zone_balance(DAYS, flows, (0.85, 0.05), by="year")
    assert year.unexplained[0] == pytest.approx(-0.35)
    assert year.unexplained[2] < 0
    assert year.closed_by == "arriving"


def test_random_errors_shrink_with_the_days_and_a_bias_does_not():
    flows = {"supply": flat(0.0, random=0, bias=0), "treated": flat(1.0, random=0.1, bias=0.0)}
    day, year = (
        zone_balance(DAYS, flows, (0.85, 0.0), by=by)[0].columns["treated"] for by in ("day", "year")
    )
    assert day[2] - day[0] == pytest.approx(Z90 * 0.1)
    assert year[2] - year[0] == pytest.approx(Z90 * 0.1 / np.sqrt(60))
    biased = {"treated": flat(1.0, random=0.0, bias=0.05)}
    year = zone_balance(DAYS, biased, (0.85, 0.0), by="year")[0].columns["treated"]
    assert year[2] - year[0] == pytest.approx(Z90 * 0.05)


def test_the_doubt_of_the_return_ratio_stands_in_the_unexplained():
    flows = {"supply": flat(2.0, random=0, bias=0), "treated": flat(2.0, random=0, bias=0)}
    rest = zone_balance(DAYS, flows, (0.85, 0.1))[0].unexplained
    assert rest[2] - rest[0] == pytest.approx(Z90 * 0.2)


def test_a_month_that_was_hardly_read_has_no_figure_and_the_next_column_closes():
    treated = np.full(60, 1.3)
    treated[:20] = np.nan
    flows = {"supply": flat(1.0), "pumped": flat(1.1), "treated": Flow(treated)}
    january, february = zone_balance(DAYS, flows, (0.85, 0.05))
    assert np.isnan(january.columns["treated"]).all()
    assert (january.closed_by, february.closed_by) == ("pumped", "treated")


def test_without_a_supply_nothing_can_be_unexplained():
    (month, _) = zone_balance(DAYS, {"treated": flat(1.0)}, (0.85, 0.05))
    assert np.isnan(month.unexplained).all()
    assert month.closed_by == ""


def test_rain_is_told_month_by_month_so_that_a_wet_season_is_no_rain():
    # January runs 1.0 and is dry; February runs 2.0, and 2.9 on its ten wet days.
    wet = (np.arange(60) >= 31) & (np.arange(60) < 41)
    treated = np.where(np.arange(60) < 31, 1.0, 2.0) + 0.9 * wet
    flows = {"supply": flat(1.0), "treated": Flow(treated)}
    (record,) = zone_balance(DAYS, flows, (0.8, 0.0), by="all", dry=~wet)
    assert record.wet_days == 10
    assert record.rain[0] == pytest.approx(0.9 * 10 / 60)
    assert record.dry[0] + record.rain[0] == pytest.approx(record.unexplained[0])
    january, february = zone_balance(DAYS, flows, (0.8, 0.0), dry=~wet)
    assert january.rain[0] == pytest.approx(0)
    assert february.dry[0] == pytest.approx(2.0 - 0.8)


def test_several_meters_add_up_and_each_keeps_its_own_error():
    both = Flow(np.stack([np.full(60, 1.0), np.full(60, 2.0)]), np.array([0.0, 0.0]), np.array([0.1, 0.05]))
    (one,) = zone_balance(DAYS, {"treated": both}, (0.8, 0.0), by="all")
    low, high = one.columns["treated"][1:]
    assert one.columns["treated"][0] == pytest.approx(3.0)
    assert high - low == pytest.approx(2 * Z90 * np.hypot(0.1, 0.1))
