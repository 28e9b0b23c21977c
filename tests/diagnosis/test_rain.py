"""Rain with a known answer is found again: gauges, events, memories, triangles, areas."""

import numpy as np
import pytest

from tests.diagnosis.rdii_model import GROUND, TRUTH, rdii_record
from wenqu.diagnosis.event_volumes import event_volumes, rises_without_rain
from wenqu.diagnosis.rain_areas import MeterErrors, areas_above, differences, meter_errors
from wenqu.diagnosis.rain_events import storms
from wenqu.diagnosis.rain_kernels import answered_by_memory, triangle
from wenqu.diagnosis.rain_record import (
    believed_in_rain,
    gauge_weights,
    gauges_read,
    mixed,
    running_total,
)
from wenqu.diagnosis.rain_response import Record, parts_of, rain_response
from wenqu.diagnosis.rain_season import by_season, by_size
from wenqu.diagnosis.rtk import fit_rtk
from wenqu.errors import NotEnoughData
from wenqu.series.flags import flagged
from wenqu.series.model import Flag, series

HOUR = 3600.0
MM_H = 1e-3 / HOUR


def times(hours, since="2024-01-01T00:00:00"):
    return np.datetime64(since) + np.arange(hours) * np.timedelta64(3600, "s")


def rain_of(days, seed=1):
    generator = np.random.default_rng(seed)
    found = np.zeros(24 * days)
    for day in range(1, days - 1, 3):
        start, hours = 24 * day + int(generator.integers(0, 24)), int(generator.integers(1, 9))
        found[start : start + hours] += generator.gamma(2.0, 6.0) / hours
    return np.round(found, 1) * MM_H


def record_of(rain, answered, seed=2, noise=0.02):
    hour = np.arange(len(rain))
    dry = 0.05 * (1 + 0.4 * np.sin(2 * np.pi * (hour % 24) / 24))
    flow = (dry + answered) * (1 + noise * np.random.default_rng(seed).standard_normal(len(rain)))
    return Record(times(len(rain)), HOUR, flow, rain, parts_of(times(len(rain))))


# --- kernels and events


def test_the_triangle_of_swmm_has_the_ordinates_of_its_source():
    # R 0.05, T 1 h, K 2, a quarter of an hour, 1 mm: mm/h by the formula of rdii.c
    told = [0.004167, 0.0125, 0.020833, 0.029167, 0.03125, 0.027083, 0.022917, 0.01875, 0.014583, 0.010417,
            0.00625, 0.002083]  # fmt: skip
    assert triangle(3600.0, 2.0, 900.0) * 0.05 / 0.25 == pytest.approx(told, abs=1e-6)


@pytest.mark.parametrize(("peak", "recession", "step"), [(1800, 1, 3600), (5000, 2.5, 900), (36000, 5, 3600)])
def test_a_triangle_keeps_the_volume_whatever_the_step(peak, recession, step):
    assert triangle(peak, recession, step).sum() == pytest.approx(1.0)


def test_rains_five_dry_hours_apart_are_one_event_and_six_are_two():
    rain = np.zeros(200)
    rain[10], rain[16] = 5 * MM_H, 5 * MM_H  # five dry hours between
    assert [(one.first, one.last, round(one.depth * 1e3, 6)) for one in storms(times(200), rain)] == [
        (10, 17, 10.0)
    ]
    rain[16], rain[17] = 0.0, 5 * MM_H
    first, second = storms(times(200), rain)
    assert (first.end, first.cut, second.cut) == (17, True, False)


def test_a_drizzle_is_no_event_and_a_rain_with_a_gap_says_so():
    rain = np.zeros(300)
    rain[5] = 1.9 * MM_H
    rain[100:110] = 2 * MM_H
    rain[103:106] = np.nan
    (one,) = storms(times(300), rain)
    assert not one.whole
    assert one.since == np.datetime64("2024-01-05T04:00:00")


def test_a_rain_in_the_night_is_told():
    rain = np.zeros(100)
    rain[23:28] = 4 * MM_H
    assert storms(times(100), rain)[0].night


# --- gauges


def test_a_running_total_is_read_by_its_differences():
    rain = rain_of(70)
    total = np.cumsum(rain) * HOUR * 1e3  # mm since the start, filed as mm/h
    total[1000:] -= total[1000]  # a reset
    record = series("G", "rain", times(len(rain)), total * MM_H)
    assert running_total(record)
    assert not running_total(series("G", "rain", times(len(rain)), rain))
    (gauge,), (issue,) = gauges_read({"G": record}, {}, 3600)
    assert issue.code == "rain.gauge-running-total"
    assert np.nansum(gauge.rain.good()) == pytest.approx(rain.sum(), rel=0.02)


def test_a_gauge_in_the_wrong_unit_is_left_out():
    given = {"G": series("G", "rain", times(24 * 90), rain_of(90) * 1e-3)}
    gauges, (issue,) = gauges_read(given, {}, 3600)
    assert (gauges, issue.code) == ((), "rain.gauge-unit")


def test_a_gauge_that_disagrees_with_the_others_is_left_out():
    rain = rain_of(90)
    given = {name: series(name, "rain", times(len(rain)), rain * times_) for name, times_ in
             (("A", 0.3), ("B", 0.33), ("C", 1.5))}  # fmt: skip
    gauges, (issue,) = gauges_read(given, {}, 3600)
    assert [one.id for one in gauges] == ["A", "B"]
    assert (issue.code, issue.asset) == ("rain.gauge-apart", "C")


def test_a_silent_gauge_is_told():
    gauges, (issue,) = gauges_read({"G": series("G", "rain", times(3), np.full(3, np.nan))}, {}, 3600)
    assert (gauges, issue.code) == ((), "rain.gauge-silent")


def test_the_nearer_gauge_counts_more_and_a_sleeping_one_not_at_all():
    rain = rain_of(90)
    given = {name: series(name, "rain", times(len(rain)), rain) for name in "AB"}
    gauges, _ = gauges_read(given, {"A": np.array([0.0, 0.0]), "B": np.array([3000.0, 0.0])}, 3600)
    weights, distance = gauge_weights(gauges, np.array([[1000.0, 0.0]]))
    assert weights[0] == pytest.approx([0.8, 0.2])  # inverse squares of 1 and 2 km
    assert distance[0] == 1000
    two = mixed(np.array([[1.0, np.nan], [6.0, 6.0]]), np.array([[0.5, 0.5]]))
    assert two.tolist() == [[3.5, 6.0]]


def test_gauges_without_a_place_count_alike():
    gauges, _ = gauges_read({name: series(name, "rain", times(2160), rain_of(90)) for name in "AB"}, {}, 3600)
    weights, distance = gauge_weights(gauges, np.array([[5.0, 5.0]]))
    assert weights.tolist() == [[0.5, 0.5]]
    assert np.isnan(distance).all()


def test_a_storm_is_no_spike():
    flow = np.full(200, 0.05) + 0.001 * np.random.default_rng(1).standard_normal(200)
    flow[100] = 0.4
    rain = np.zeros(200)
    rain[99] = 20 * MM_H
    seen = flagged(series("M", "flow", times(200), flow))
    assert seen.flags[100] == Flag.JUMP
    assert believed_in_rain(seen, series("", "rain", times(200), rain)).flags[100] == Flag.GOOD
    assert believed_in_rain(seen, series("", "rain", times(200), rain * 0)).flags[100] == Flag.JUMP


# --- one meter


def test_known_areas_are_found_fast_and_slow():
    rain = rain_of(300)
    answered = 3000 * answered_by_memory(rain, 2, HOUR) + 8000 * answered_by_memory(rain, 64, HOUR)
    found = rain_response(record_of(rain, answered))
    fast, slow, _ = found.speeds
    assert fast == pytest.approx(3000, rel=0.05)
    assert slow == pytest.approx(8000, rel=0.15)
    assert found.skill > 0.2  # two per cent of noise are as large as most of the rain
    sd = np.sqrt(np.diag(found.covariance))
    assert abs(fast - 3000) < 3 * sd[0]
    assert abs(slow - 8000) < 3 * sd[1]


def test_gaps_of_flow_and_rain_change_little():
    rain = rain_of(300)
    record = record_of(rain, 5000 * answered_by_memory(rain, 4, HOUR))
    rng = np.random.default_rng(3)
    flow, holed = record.flow.copy(), rain.copy()
    for start in rng.integers(0, len(rain), 30):
        flow[start : start + 30] = np.nan
    for start in rng.integers(0, len(rain), 10):
        holed[start : start + 12] = np.nan
    found = rain_response(Record(record.times, HOUR, flow, holed, record.part))
    assert found.speeds[0] == pytest.approx(5000, rel=0.1)


def test_a_sewer_that_rain_does_not_reach_gets_next_to_nothing():
    rain = rain_of(200)
    found = rain_response(record_of(rain, 0.0 * rain))
    assert found.speeds[:2].sum() < 4 * np.sqrt(found.covariance[:2, :2].sum()) + 300
    assert found.skill < 0.05


def test_too_short_or_dry_a_record_is_refused_with_its_reason():
    rain = rain_of(10)
    with pytest.raises(NotEnoughData) as caught:
        rain_response(record_of(rain, 0 * rain))
    assert caught.value.reason == "rain-short"
    rain = np.zeros(24 * 30)
    with pytest.raises(NotEnoughData) as caught:
        rain_response(record_of(rain, rain))
    assert caught.value.reason == "rain-none"


def test_volumes_of_events_add_up_to_what_came_and_a_snowfall_is_told():
    rain = rain_of(240)
    answered = 20_000 * answered_by_memory(rain, 3, HOUR)
    events = storms(times(len(rain)), rain)
    snow = max(events[20:40], key=lambda one: one.depth)
    hushed = answered.copy()
    hushed[snow.first : snow.last + 30] = 0.0
    record = record_of(rain, hushed)
    found = event_volumes(record, rain_response(record), events)
    usable = [one for one in found if not one.left_out]
    assert len(usable) > 30
    ratio = sum(one.volume for one in usable) / sum(20_000 * one.storm.depth for one in usable)
    assert ratio == pytest.approx(1.0, abs=0.1)
    assert [one.left_out for one in found if one.storm is snow] == ["unanswered"]


def test_a_rise_without_rain_is_counted():
    rain = np.zeros(24 * 120)
    rain[100], rain[1500] = 10 * MM_H, 20 * MM_H
    record = record_of(rain, 20_000 * answered_by_memory(rain, 3, HOUR))
    flow = record.flow.copy()
    flow[700:724] += 0.06
    flow[2200:2230] += 0.06
    record = Record(record.times, HOUR, flow, rain, record.part)
    assert rises_without_rain(record, rain_response(record)) == 2


def test_a_wet_season_that_lets_more_in_is_seen_and_peaks_cut_off_too():
    rain = rain_of(730)
    hour = np.arange(len(rain))
    summer = np.cos(2 * np.pi * (hour / 8766 - 0.54)) > 0
    answered = answered_by_memory(rain * np.where(summer, 20_000, 8_000), 6, HOUR)
    record = record_of(rain, answered)
    found = event_volumes(record, rain_response(record), storms(times(len(rain)), rain))
    assert by_season(found).verdict == "more"
    cut = record_of(rain, np.minimum(30_000 * answered_by_memory(rain, 3, HOUR), 0.01))
    found = event_volumes(cut, rain_response(cut), storms(times(len(rain)), rain))
    assert by_size(found).verdict == "less"


@pytest.fixture(scope="module")
def by_swmm():
    return rdii_record(45, 1)


def test_the_triangles_that_swmm_was_given_are_found_again(by_swmm):
    response = rain_response(by_swmm)
    found = fit_rtk(by_swmm, response.level, response.weight, response.lag, GROUND * 1e4)
    assert found.area / (GROUND * 1e4) == pytest.approx([one[0] for one in TRUTH], rel=0.05)
    assert found.peak == pytest.approx([one[1] for one in TRUTH], rel=0.1)
    assert found.recession == pytest.approx([one[2] for one in TRUTH], rel=0.1)
    assert found.skill > 0.99
    assert not found.held


def test_the_memories_find_the_volume_that_swmm_let_in(by_swmm):
    found = rain_response(by_swmm)
    assert found.speeds.sum() / (GROUND * 1e4) == pytest.approx(sum(one[0] for one in TRUTH), rel=0.06)


def test_more_than_all_the_rain_is_not_fitted(by_swmm):
    response = rain_response(by_swmm)
    found = fit_rtk(by_swmm, response.level, response.weight, response.lag, 0.08 * GROUND * 1e4)
    assert found.held
    assert found.area.sum() <= 0.08 * GROUND * 1e4


# --- the tree

# meter 0 sees all three areas, meter 1 area 1, meter 2 areas 1 and 2
ABOVE = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 1.0]])


def test_meters_without_error_give_the_areas_exactly():
    seen = ABOVE @ np.array([400.0, 3000.0, 100.0])
    found = areas_above(ABOVE, seen, MeterErrors(np.full(3, 0.1), 0.0), np.ones(3))
    assert found.mean == pytest.approx([400, 3000, 100], rel=1e-3)
    assert (found.data_share > 0.99).all()
    assert differences(ABOVE, seen) == pytest.approx([400, 3000, 100])


def test_no_area_lets_less_than_nothing_in():
    found = areas_above(
        ABOVE, np.array([1000.0, 1400.0, 1200.0]), MeterErrors(np.full(3, 100.0), 0.0), np.ones(3)
    )
    assert (found.mean >= 0).all()
    assert (found.low >= 0).all()
    assert ABOVE[0] @ found.mean == pytest.approx(1150, rel=0.1)


def test_meters_that_see_nothing_leave_a_small_bound():
    found = areas_above(ABOVE, np.zeros(3), MeterErrors(np.full(3, 50.0), 0.0), np.ones(3))
    assert (found.mean < 50).all()
    assert (found.high < 300).all()


def test_an_error_that_all_meters_share_is_told_apart_and_pulls_nothing_down():
    rng = np.random.default_rng(1)
    area = ABOVE @ np.array([400.0, 3000.0, 1000.0])
    alike = rng.normal(0, 0.02, 20)
    without = area * (1 + alike[:, None]) + rng.normal(0, 2, (20, 3))
    errors = meter_errors(without, area, np.zeros(3))
    assert errors.shared == pytest.approx(np.sqrt(19) * alike.std(), rel=0.1)
    assert (errors.own < 0.06 * area + 30).all()
    found = areas_above(ABOVE, area, errors, np.ones(3))
    assert ABOVE[0] @ found.mean == pytest.approx(4400, rel=0.02)
    assert found.sd[1] > 0.95 * errors.shared * found.mean[1]
