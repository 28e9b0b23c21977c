"""Many meters are solved in batches that meet at meters."""

import itertools

import numpy as np
import pytest

from wenqu.diagnosis.city_posterior import Joint, cells_of
from wenqu.diagnosis.joint_unknowns import WATERS
from wenqu.diagnosis.lost_sewage import Lost
from wenqu.diagnosis.meter_batches import joined, meter_batches


def spans(rng, low, high, depth=0):
    """Return nested intervals inside one."""
    if high - low < 4 or depth > 6:
        return []
    cuts = np.unique(rng.integers(low, high, 4))
    found = [(low, high)]
    for start, end in itertools.pairwise(cuts):
        found += spans(rng, int(start), int(end), depth + 1)
    return found


def test_few_meters_are_one_batch():
    (one,) = meter_batches(np.array([0, 2]), np.array([9, 5]), 80)
    assert one.own.tolist() == [0, 1]
    assert not len(one.above)


@pytest.mark.parametrize("most", [3, 5, 9])
@pytest.mark.parametrize("seed", range(4))
def test_every_meter_is_answered_once_and_batches_meet_at_meters(seed, most):
    rng = np.random.default_rng(seed)
    made = spans(rng, 0, 400) + spans(rng, 400, 900)
    made += made[:1]  # two meters at one place
    first, last = np.array(made)[rng.permutation(len(made))].T
    batches = meter_batches(first, last, most)
    assert sorted(np.concatenate([batch.own for batch in batches])) == list(range(len(first)))
    cells = cells_of(first, last, 900)
    for batch in batches:
        every = np.concatenate([batch.own, batch.above])
        part = cells_of(first[every], last[every], 900)
        for place, meter in enumerate(batch.own):  # what lies between its own meters is what it is for all
            mine = part.of_pipe == part.of_meter[place]
            np.testing.assert_array_equal(mine, cells.of_pipe == cells.of_meter[meter])


def test_answers_of_batches_stand_at_their_own_areas_and_meters():
    first, last = np.array([0, 2, 4, 20]), np.array([16, 12, 8, 28])
    cells, batches, answers = cells_of(first, last, 30), meter_batches(first, last, 2), []
    assert len(batches) > 1
    for batch in batches:
        every = np.concatenate([batch.own, batch.above])
        part = cells_of(first[every], last[every], 30)
        size, count = len(part), len(every)
        value = np.append(first[every][np.argsort(part.of_meter)], 7.0) + 1.0  # told by where an area begins
        mean = np.tile(value, (WATERS, 1))
        covariance = np.einsum("ka,kl,ab->kalb", mean, np.eye(WATERS), np.eye(size))
        lost = Lost(*(np.tile(value, (6, 1))))
        meters = first[every].astype(float)
        said = Joint(mean, covariance, mean, lost, meters, meters, meters, np.ones(count))
        answers.append((batch, part, said))
    whole = joined(answers, cells, (np.ones(3), np.full(3, 2.0)))
    np.testing.assert_array_equal(whole.bias, first)
    np.testing.assert_array_equal(whole.mean[1, cells.of_meter], first + 1.0)
    assert whole.covariance[2, cells.of_meter[2], 2, cells.of_meter[2]] == 5.0
    assert whole.mean[0, -1] == 4.0  # half of what the first batch has beside its meters
