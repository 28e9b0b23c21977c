"""Does the 90 % band of a forecast hold nine times in ten? Programmes made up by chance, seen for a year."""

from datetime import date, timedelta

import numpy as np
import pytest

from wenqu.supervision.pace import SPAN_DAYS, SPANS, forecast

TODAY, START, DRAWS = date(2025, 6, 30), 0.05, 800


def steady(chance, spans):
    return np.maximum(0, chance.normal(0.01, 0.004, spans))


def skewed(chance, spans):
    return chance.gamma(1.0, 0.008, spans)


def counted(chance, spans):
    return chance.poisson(2, spans) * 0.004


def in_lots(chance, spans):
    """Seven spans in eight nothing, then a whole lot at once."""
    return np.where(chance.random(spans) < 0.125, 0.05, 0.0)


def sticky(chance, spans):
    """A good span follows a good one: correlation 0.5."""
    gain = np.zeros(spans + 20)
    for at in range(1, len(gain)):
        gain[at] = 0.5 * gain[at - 1] + chance.normal()
    return np.maximum(0, 0.012 + 0.004 * gain[20:])


def in_seasons(chance, spans):
    when = np.arange(spans) + chance.integers(12)
    return np.maximum(0, 0.01 * (1 + 0.5 * np.sin(2 * np.pi * when / 12)) + chance.normal(0, 0.002, spans))


def held(make, ahead):
    """Return the share of made-up programmes whose later course lies within the band, and below it."""
    chance = np.random.default_rng(20261127)
    until = (TODAY + timedelta(days=SPAN_DAYS * ahead)).isoformat()
    inside = below = 0
    for _ in range(DRAWS):
        gained = make(chance, SPANS + ahead)
        said = forecast(START, gained[:SPANS].tolist(), TODAY, until)
        came = min(1.0, START + float(gained[SPANS:].sum()))
        inside += said.low <= came <= said.high
        below += came < said.low
    return inside / DRAWS, below / DRAWS


@pytest.mark.parametrize("ahead", [2, 6, 18])
@pytest.mark.parametrize("make", [steady, skewed, counted])
def test_where_spans_are_independent_nine_in_ten_hold(make, ahead):
    inside, below = held(make, ahead)
    assert 0.86 <= inside <= 0.96  # 800 draws: ± 0.02 about the share
    assert below <= 0.07


@pytest.mark.parametrize("ahead", [2, 6, 18])
def test_where_good_spans_follow_good_ones_a_year_cannot_tell_enough_and_eight_in_ten_hold(ahead):
    assert 0.78 <= held(sticky, ahead)[0] <= 0.96


@pytest.mark.parametrize("ahead", [2, 6, 18])
def test_where_whole_lots_come_at_once_the_band_is_seldom_too_high(ahead):
    inside, below = held(in_lots, ahead)
    assert inside >= 0.75  # a year without a lot says nothing of one to come
    assert below <= 0.03


@pytest.mark.parametrize("ahead", [2, 6, 18])
def test_seasons_make_the_band_wide_not_wrong(ahead):
    assert held(in_seasons, ahead)[0] >= 0.95
