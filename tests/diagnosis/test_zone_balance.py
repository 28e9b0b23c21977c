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
