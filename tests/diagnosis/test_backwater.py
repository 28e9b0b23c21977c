"""Meters that a river holds back, and meters that only look odd."""

import numpy as np
import pytest

from wenqu.diagnosis.backwater import TIDE, backwater
from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.series.model import series

DAYS = 60
HOURS = np.arange(DAYS * 24)
CLOCK = np.datetime64("2024-03-01T00:00:00") + HOURS * np.timedelta64(3600, "s")
DRY = np.unique(CLOCK.astype("datetime64[D]"))
PATTERN = default_pattern()
CHANCE = np.random.default_rng(3)
STAGE = 2 + 0.4 * np.sin(2 * np.pi * HOURS / (9.3 * 24)) + 0.3 * np.cos(2 * np.pi * HOURS / TIDE)
FREE = 0.1 * (np.tile(PATTERN, DAYS) * (1 + 0.02 * CHANCE.standard_normal(len(HOURS))) + 0.5)


def signs(flow, **more):
    more = {name: series("X", name, CLOCK, values) for name, values in more.items()}
    return backwater(series("M", "flow", CLOCK, flow), DRY, PATTERN, **more).signs


def test_a_free_sewer_shows_no_sign():
    level = 0.2 * (FREE / 0.1) ** 0.6
    velocity = 0.8 * (FREE / 0.1) ** 0.4
    assert signs(FREE) == ()
    assert signs(FREE, stage=STAGE, level=level, velocity=velocity) == ()


def test_flow_that_runs_backwards_on_several_days_is_backwater_and_one_wrong_reading_is_none():
    back = FREE.copy()
    back[::150] = -0.05
    assert "reverse" in signs(back)
    wrong = FREE.copy()
    wrong[100:112] = -0.4
    wrong[500] = -999.0
    assert "reverse" not in signs(wrong)


def test_flow_that_falls_as_the_river_rises_is_held_and_inflow_that_rises_with_it_is_not():
    slow = STAGE - 0.3 * np.cos(2 * np.pi * HOURS / TIDE)
    assert "held" in signs(FREE - 0.06 * (slow - 2), stage=slow)
    assert signs(FREE + 0.06 * (slow - 2), stage=slow) == ()


@pytest.mark.parametrize(("factor", "told"), [(-0.05, True), (0.05, False)])
def test_the_tide_in_the_flow_is_backwater_when_it_falls_with_high_water(factor, told):
    flow = FREE + factor * np.cos(2 * np.pi * HOURS / TIDE)
    assert ("tide" in signs(flow, stage=STAGE)) == told
    assert "tide" in signs(flow)  # without a river record nobody can say which


def test_a_day_upside_down_is_told_and_one_that_comes_late_is_not():
    upside = 0.1 * (2.5 - np.tile(PATTERN, DAYS))
    assert "inverted" in signs(upside)
    late = series("M", "flow", CLOCK, np.roll(FREE, 6))
    assert backwater(late, DRY, PATTERN, way=7000.0).signs == ()
    assert np.isnan(backwater(late, DRY, PATTERN, way=20_000.0).inverted)


def test_level_that_rises_while_flow_falls_and_slow_deep_water_are_told():
    level = 0.5 - 0.8 * FREE
    assert "level" in signs(FREE, level=level)
    assert "velocity" in signs(FREE, level=level, velocity=FREE / (1 + level))


def test_too_short_a_record_says_nothing():
    short = backwater(series("M", "flow", CLOCK[:48], FREE[:48]), DRY, PATTERN)
    assert short.signs == ()
    assert np.isnan([short.held, short.tide, short.inverted]).all()
    empty = backwater(series("M", "flow", CLOCK[:0], FREE[:0]), DRY, PATTERN)
    assert empty.signs == ()
