"""Which streets are inspected this year."""

from itertools import product

import numpy as np
import pytest

from wenqu.errors import BadInput
from wenqu.survey.yearly_plan import yearly_plan


def of(*texts):
    return np.array(texts, dtype=object)


def test_a_year_is_as_good_as_trying_everything():
    draw = np.random.default_rng(5)
    for _ in range(20):
        value, length = draw.uniform(0, 10, 10), draw.uniform(50, 900, 10)
        none = np.zeros(10, dtype=bool)
        made = yearly_plan(of(*"abcdefghij"), value, length, none, 4.0, rate=300, setup=0.2)
        days = 0.2 + length / 300
        best = max(
            float(value @ take) for take in map(np.array, product((0, 1), repeat=10)) if days @ take <= 4.0
        )
        assert made.worth == pytest.approx(best, rel=2e-4)
        assert made.bound >= best - 1e-6
        assert made.days[made.chosen].sum() <= 4.0 + 1e-6


def test_a_stretch_is_seen_whole_and_set_up_once():
    made = yearly_plan(
        of("long", "long", "short"), np.array([1.0, 1.0, 1.5]), np.array([150.0, 150.0, 150.0]),
        np.zeros(3, dtype=bool), 1.1, rate=300, setup=0.1,
    )  # fmt: skip
    assert made.bundles[made.chosen].tolist() == ["long"]
    assert made.days.tolist() == pytest.approx([1.1, 0.6])


def test_what_must_be_seen_comes_first_and_what_finds_no_day_is_named():
    made = yearly_plan(
        of("a", "b", "c"), np.array([0.1, 0.2, 9.0]), np.array([300.0, 300.0, 300.0]),
        np.array([True, True, False]), 1.2, rate=300, setup=0.1,
    )  # fmt: skip
    assert made.bundles[made.chosen].tolist() == ["b"]
    assert made.left_over.tolist() == ["a"]
    assert made.gap <= 1e-9 or made.bound >= made.worth


def test_days_that_cannot_be_are_refused():
    with pytest.raises(BadInput):
        yearly_plan(of("a"), np.ones(1), np.ones(1), np.zeros(1, dtype=bool), -1, rate=300, setup=0)
    with pytest.raises(BadInput):
        yearly_plan(of("a"), np.ones(1), np.ones(1), np.zeros(1, dtype=bool), 1, rate=0, setup=0)
