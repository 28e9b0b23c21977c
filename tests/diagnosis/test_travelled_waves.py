"""Waves that travel, against sums by hand."""

import numpy as np
import pytest

from wenqu.diagnosis.bounded_quadratic import bounded_minimum
from wenqu.diagnosis.forcing_response import response
from wenqu.diagnosis.travelled_waves import DAY, ORDERS, harmonics, hours_of, travel, ways_of


def five_pipes():
    """Two areas in a row on a line of five pipes of 1 km: pipes 3 and 4 lie above the upper meter."""
    area = np.array([1, 1, 1, 0, 0])
    first, last = np.array([3, 0]), np.array([5, 5])
    down = np.array([1.0, 2.0, 3.0, 4.0, 5.0]) * 1000
    pairs = np.array([[3, 5], [0, 5]])
    sewage = np.array([1.0, 1.0, 1.0, 3.0, 1.0])
    return ways_of(area, sewage, down, np.array([3000.0, 0.0]), (first, last), pairs), down, sewage, area


def test_a_wave_is_the_sum_of_the_pipes_each_with_its_delay():
    ways, down, sewage, area = five_pipes()
    celerity, pattern = 0.5, 1 + 0.4 * np.cos(2 * np.pi * (np.arange(24) - 8) / 24)
    kept = travel(ways, celerity).kept
    for meter, from_meter in enumerate((3000.0, 0.0)):
        for one in (0, 1):
            pipes = area == one
            if meter == 0 and one == 1:
                np.testing.assert_array_equal(kept[meter, one], 0)
                continue
            late = (down[pipes] - from_meter) / celerity / 3600
            hours = np.arange(24)[:, None]
            by_hand = (
                (1 + 0.4 * np.cos(2 * np.pi * (hours - late - 8) / 24)) @ sewage[pipes] / sewage[pipes].sum()
            )
            np.testing.assert_allclose(hours_of(harmonics(pattern) * kept[meter, one]), by_hand, atol=1e-12)


def test_the_night_minimum_of_sewage_rises_toward_the_mean_as_the_wave_slows():
    ways, *_ = five_pipes()
    pattern = 1 + 0.66 * np.cos(2 * np.pi * (np.arange(24) - 14) / 24)
    least = [
        float(hours_of(harmonics(pattern) * travel(ways, celerity).kept[1, :2]).mean(axis=0).min())
        for celerity in (0.93, 0.5, 0.3, 0.1)
    ]
    assert least == sorted(least)
    assert least[0] > pattern.min()


def test_a_faster_area_changes_the_waves_of_all_that_passes_through_it():
    ways, *_ = five_pipes()
    base = travel(ways, 0.5)
    sent = np.ones((3, ORDERS), dtype=complex)
    faster = base.faster(sent)
    step = 1e-6
    # speed the lower area up by a hair: the upper area's water has 3 km through it, its own 1 to 3 km
    turn = -2j * np.pi / (DAY * 0.5) * np.arange(ORDERS)
    upper = base.kept[1, 0] * (np.exp(turn * 3000 * (1 / (1 + step) - 1)) - 1) / step
    own = (
        np.mean([np.exp(turn * x / (1 + step)) - np.exp(turn * x) for x in (1000, 2000, 3000)], axis=0) / step
    )
    np.testing.assert_allclose(faster[1, 1], upper + own, rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(faster[0, 1], 0, atol=1e-12)


def test_a_bounded_minimum_is_the_best_of_all_choices_of_zeros():
    chance = np.random.default_rng(3)
    for _ in range(20):
        root = chance.standard_normal((5, 5))
        matrix, right = root @ root.T + 0.1 * np.eye(5), chance.standard_normal(5)
        found = bounded_minimum(matrix, right, np.ones(5, dtype=bool))
        best = np.inf
        for zeros in range(32):
            free = np.array([not zeros >> place & 1 for place in range(5)])
            value = np.zeros(5)
            if free.any():
                value[free] = np.linalg.solve(matrix[np.ix_(free, free)], right[free])
            if (value >= -1e-12).all():
                best = min(best, 0.5 * value @ matrix @ value - right @ value)
        assert 0.5 * found @ matrix @ found - right @ found == pytest.approx(best, abs=1e-9)
        assert (found >= 0).all()


def test_the_answer_to_a_level_is_its_slope_and_old_rain_is_taken_off():
    days = np.arange(200)
    ground, river = np.sin(days / 30), np.sin(days / 7)
    weekend = (days % 7 >= 5).astype(float)
    rain = np.where(days % 23 == 0, 5.0, 0.0)
    flow = (
        10
        + 2 * (ground - ground.mean())
        + 0.5 * (river - river.mean())
        + 0.3 * (weekend - weekend.mean())
        + 0.4 * rain
    )
    found = response(flow, np.column_stack([ground, river]), np.column_stack([weekend, rain]), ground > 0.5)
    assert found is not None
    assert found.groundwater == pytest.approx(2)
    assert found.river == pytest.approx(0.5)
    chosen = ground > 0.5
    by_hand = (flow[chosen] - 10).mean()
    assert found.moved == pytest.approx(by_hand)


def test_a_level_that_does_not_move_says_nothing():
    days = np.arange(100)
    levels = np.column_stack([np.sin(days / 9), np.full(100, 2.0)])
    found = response(3 + levels[:, 0], levels, np.zeros((100, 1)), days > 0)
    assert found is not None
    assert found.groundwater == pytest.approx(1)
    assert np.isinf(found.river_sd)
