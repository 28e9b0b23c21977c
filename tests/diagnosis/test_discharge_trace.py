"""A discharge is traced to its place and its hour, and the grid says no more than the formula does."""

import sys
from pathlib import Path

import numpy as np
import pytest

from wenqu.diagnosis.discharge_trace import Signal, Wave, depths, trace_discharge
from wenqu.diagnosis.search_tree import tree_of
from wenqu.errors import BadInput, NotEnoughData

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from discharge import Spill, sensors_of
from search import horton_tree

# A trunk 0-1-2-3 with a side street 4-5 that joins at 1; every pipe 600 m, so ten minutes at 1 m/s.
LITTLE = tree_of(np.array([-1, 0, 1, 2, 1, 4]), np.array([0.0, 600, 600, 600, 600, 600]))
WAVE = Wave(celerity=1.0, spread=10.0, spell=600.0)


def seen(place, values, flow=0.1):
    return Signal(place, "conductivity", np.asarray(values, float), flow, 5.0, 300.0)


def pulse(at, height=200.0, steps=60):
    values = np.zeros(steps)
    values[at : at + 3] = height
    return values


def test_two_sensors_on_one_way_tell_the_street_and_the_hour():
    quiet = np.zeros(60)
    found = trace_discharge(
        LITTLE, [seen(0, pulse(30)), seen(1, pulse(28)), seen(4, quiet)], 300.0, wave=WAVE
    )
    assert found.mass[4] + found.mass[5] < 0.5
    assert found.mass[5] < 1e-6  # it would have passed the sensor at 4, which saw nothing
    found = trace_discharge(LITTLE, [seen(0, pulse(30)), seen(4, pulse(26))], 300.0, wave=WAVE)
    assert found.mass[5] > 0.999
    assert abs(found.start[5] - 24) <= 2  # ten minutes before it came to 4, to the length of a spell
    assert found.evidence > 10


def test_quiet_sensors_give_no_evidence_of_a_discharge():
    assert trace_discharge(LITTLE, [seen(0, np.zeros(60))], 300.0, wave=WAVE).evidence < 0


def test_a_permitted_user_with_the_substance_stands_before_its_neighbours():
    prior = np.array([0.0, 1, 1, 1, 1, 50])
    found = trace_discharge(LITTLE, [seen(0, pulse(30))], 300.0, wave=WAVE, prior=prior)
    assert int(found.mass.argmax()) == 5
    assert found.mass.sum() == pytest.approx(1)


def test_gaps_and_a_second_quantity_are_taken_as_they_are():
    values = pulse(30)
    values[50:] = np.nan
    acid = Signal(4, "ph", pulse(26, -2.0), 0.1, 0.1, 5.0)
    found = trace_discharge(LITTLE, [seen(0, values), acid], 300.0, wave=WAVE)
    assert found.mass[5] > 0.99


def test_way_to_the_end_is_the_sum_of_the_pipes():
    np.testing.assert_allclose(depths(LITTLE), [0, 600, 1200, 1800, 1200, 1800])


def test_signals_that_do_not_belong_together_are_refused():
    with pytest.raises(NotEnoughData):
        trace_discharge(LITTLE, [], 300.0)
    with pytest.raises(BadInput):
        trace_discharge(LITTLE, [seen(0, np.zeros(10)), seen(1, np.zeros(11))], 300.0)
    with pytest.raises(BadInput):
        trace_discharge(LITTLE, [seen(0, np.zeros(10), flow=0.0)], 300.0)


def test_pulses_simulated_by_particles_are_found_though_the_celerity_is_wrong():
    tree = horton_tree(300, 3)
    rows = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        spill = Spill(tree, sensors_of(tree, 15, rng), rng)
        found, near = spill.traced()
        rows.append(((found.mass > found.mass[spill.place]).sum() + 1, spill.place in near.places))
    ranks, inside = np.array(rows).T
    assert np.median(ranks) <= 6
    assert inside.mean() >= 0.75
