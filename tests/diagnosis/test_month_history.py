"""A step is told with its place, its month and its size; a season, a bad month and another meter are none."""

import numpy as np
import pytest

from tests.diagnosis.month_cities import SEWAGE, quiet, read
from wenqu.diagnosis.month_history import month_history
from wenqu.diagnosis.month_states import BIAS, GROUND, PROBE, RIVER
from wenqu.diagnosis.month_states import SEWAGE as FOUL
from wenqu.diagnosis.month_told import not_negative
from wenqu.errors import NotEnoughData

AT, AREA = 14, 3


def history(made):
    return month_history(*read(made))


def told(found):
    return [(event.kind, event.place) for event in found.events]


def test_the_waters_of_every_month_lie_within_their_bounds():
    made = quiet()
    found = history(made)
    assert told(found) == []
    for row, truth in ((0, made.clean), (3, made.sewage)):
        inside = (found.low[:, row] <= truth) & (truth <= found.high[:, row])
        assert inside.mean() > 0.85
        assert found.mean[:, row].sum(axis=1) == pytest.approx(truth.sum(axis=1), rel=0.12)


def test_a_wet_season_is_no_break_with_a_level_and_without():
    for levels in (True, False):
        made = quiet(seed=5, answer=0.35)
        made.levels = levels
        found = history(made)
        assert told(found) == []
        swing = found.mean[:, 0].sum(axis=1)
        assert swing.max() > 1.3 * swing.min()


@pytest.mark.parametrize(("size", "sign"), [(0.003, 1), (-0.002, -1)])
def test_clean_water_that_comes_or_goes_is_told_with_place_month_and_size(size, sign):
    made = quiet()
    made.clean[AT:, AREA] += size
    (event,) = history(made).events
    assert (event.kind, event.place) == (GROUND, AREA)
    assert event.first <= AT <= event.last
    assert np.sign(event.size) == sign
    assert abs(event.size - size) < 2.6 * event.sd
    assert event.sd < 0.4 * abs(size)


def test_a_meter_that_drifts_is_no_break():
    made = quiet()
    made.bias[AT:, AREA] += 0.12
    (event,) = history(made).events
    assert (event.kind, event.place, event.month) == (BIAS, AREA, AT)
    assert event.size == pytest.approx(0.12, abs=0.04)


def test_sewage_that_goes_is_told_as_sewage():
    made = quiet()
    made.sewage[AT:, AREA] -= 0.4 * SEWAGE[AREA]
    (event,) = history(made).events
    assert (event.kind, event.place) == (FOUL, AREA)
    assert event.size == pytest.approx(-0.4 * SEWAGE[AREA], rel=0.35)


def test_two_things_in_two_places_are_both_told():
    made = quiet()
    made.clean[9:, 5] += 0.004
    made.bias[17:, 1] += 0.15
    assert sorted(told(history(made))) == [(GROUND, 5), (BIAS, 1)]


def test_one_bad_month_of_a_meter_is_left_out_and_told():
    made = quiet()
    record, areas = read(made)
    record.mean[AT, AREA] *= 1.5
    found = month_history(record, areas)
    assert told(found) == []
    assert (AT, AREA) in found.spoiled


def test_a_meter_that_was_exchanged_in_a_gap_may_read_otherwise():
    made = quiet()
    made.missing[8:12, AREA] = True
    made.bias[12:, AREA] += 0.1
    assert told(history(made)) == []


def test_a_break_is_told_from_a_broken_record():
    made = quiet()
    made.missing[np.random.default_rng(4).random(made.missing.shape) < 0.3] = True
    made.missing[:10, 4] = True  # came later
    made.missing[18:, 2] = True  # went
    made.clean[AT:, AREA] += 0.004
    assert (GROUND, AREA) in told(history(made))


def test_a_tracer_tells_a_probe_that_drifts_from_water():
    made = quiet()
    made.tracer = True
    record, areas = read(made)
    record.tracer[AT:, AREA, 0] *= 1.15
    (event,) = month_history(record, areas).events
    assert (event.kind, event.place) == (PROBE, AREA)
    assert event.size == pytest.approx(0.15, abs=0.05)


def test_without_tracers_river_and_groundwater_stay_one_question():
    made = quiet()
    made.clean[AT:, AREA] += 0.004
    record, areas = read(made)
    areas.mean[RIVER] = 0.5 * areas.mean[GROUND]
    areas.covariance[RIVER] = areas.covariance[GROUND]
    event = month_history(record, areas).events[0]
    shares = {kind: share for kind, place, share in event.odds if place == AREA}
    assert min(shares[GROUND], shares[RIVER]) > 0.2


def test_one_month_is_not_enough():
    made = quiet()
    made.missing[1:] = True
    with pytest.raises(NotEnoughData) as caught:
        history(made)
    assert caught.value.facts == {"months": 1, "least": 6}


def test_no_water_is_negative_and_the_cut_density_is_exact():
    middle, low, high = not_negative(np.array([0.0, 10.0, -5.0, 3.0]), np.array([1.0, 1.0, 1.0, 0.0]))
    assert middle[0] == pytest.approx(np.sqrt(2 / np.pi))  # of a half normal density
    assert (low[0], high[0]) == pytest.approx((0.06271, 1.95996), abs=1e-4)
    assert (middle[1], low[1], high[1]) == pytest.approx((10.0, 10 - 1.64485, 10 + 1.64485), abs=1e-4)
    assert 0 < low[2] < middle[2] < high[2] < 1
    assert middle[3] == low[3] == high[3] == 3.0
    made = quiet()
    made.clean[:, AREA] = 0.0
    assert (history(made).low >= 0).all()


def test_few_records_without_a_step_raise_an_alarm():
    assert sum(bool(told(history(quiet(seed)))) for seed in range(10, 18)) <= 1


def test_trials_side_by_side_choose_what_trials_one_by_one_choose(monkeypatch):
    record, areas = read(quiet(seed=7, answer=0.2))
    alone = month_history(record, areas)
    monkeypatch.setattr("wenqu.diagnosis.month_history.MANY", 1)
    beside = month_history(record, areas)
    assert beside.spread == alone.spread
    assert beside.mean == pytest.approx(alone.mean, rel=1e-12)
