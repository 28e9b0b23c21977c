"""Which conduits are probably bad, and what an order finds."""

import numpy as np
import pytest

from wenqu.errors import NotEnoughData
from wenqu.survey.condition_model import area_under, calibration, condition_model
from wenqu.survey.found_early import lorenz


def city(size=3000, seed=2):
    draw = np.random.default_rng(seed)
    age, clay, depth = draw.uniform(0, 60, size), draw.random(size) < 0.3, draw.uniform(1, 6, size)
    true = 1 / (1 + np.exp(-(-4.5 + 0.08 * age + 1.5 * clay + 0.2 * depth)))
    return {"age": age, "clay": clay.astype(float), "depth": depth}, draw.random(size) < true, true


def test_an_older_conduit_is_never_better():
    features, bad, true = city()
    inspected = np.arange(1500)
    made = condition_model(features, inspected, bad[inspected])
    assert made.auc > 0.7
    assert np.corrcoef(made.chance[1500:], true[1500:])[0, 1] > 0.85
    twins = {name: np.repeat(values[:1500], 2) for name, values in features.items()}
    twins["age"][1::2] += 7.0
    asked = {name: np.append(values[:1500], twins[name]) for name, values in features.items()}
    chance = condition_model(asked, inspected, bad[inspected]).chance[1500:]
    assert (chance[1::2] >= chance[::2] - 1e-12).all()


def test_what_is_said_is_what_is_seen():
    features, bad, _ = city(6000, 3)
    made = condition_model(features, np.arange(6000), bad)
    held = (made.calibration.low <= made.calibration.said) & (made.calibration.said <= made.calibration.high)
    assert held.sum() >= 7
    assert made.calibration.count.sum() == 6000
    assert made.brier < bad.mean() * (1 - bad.mean())


def test_too_few_inspections_train_nothing():
    features, bad, _ = city(300)
    with pytest.raises(NotEnoughData):
        condition_model(features, np.arange(150), bad[:150])
    with pytest.raises(NotEnoughData):
        condition_model(features, np.arange(300), np.arange(300) < 5)


def test_the_area_counts_pairs_in_order():
    # by hand: bad 0.9 and 0.4, good 0.5 and 0.1: of four pairs three are in order
    assert area_under(np.array([0.9, 0.4, 0.5, 0.1]), np.array([True, True, False, False])) == 0.75
    made = calibration(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True]), bands=2)
    assert made.seen.tolist() == [0.0, 1.0]
    assert made.said.tolist() == pytest.approx([0.15, 0.85])


def test_the_curve_of_an_order_is_as_by_hand():
    length, found = np.array([100.0, 100.0, 200.0]), np.array([1.0, 3.0, 0.0])
    made = lorenz(np.array([2.0, 3.0, 1.0]), length, found)
    assert made.inspected.tolist() == [0, 0.25, 0.5, 1]
    assert made.found.tolist() == [0, 0.75, 1, 1]
    assert made.found_by(0.25) == 0.75
    assert made.area == pytest.approx(0.25 * 0.375 + 0.25 * 0.875 + 0.5)
    together = lorenz(np.ones(3), length, found)
    assert together.area == 0.5
    assert lorenz(np.array([np.nan, 1.0]), np.array([1.0, 1.0]), np.array([1.0, 0.0])).found.tolist() == [
        0,
        0,
        1,
    ]
