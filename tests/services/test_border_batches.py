"""Which meters are asked together where batches lie beside each other."""

import numpy as np

from wenqu.diagnosis.meter_batches import Batch
from wenqu.services.border_batches import border_batches

FIRST, LAST = np.array([0, 2, 10, 12, 20]), np.array([8, 5, 18, 15, 25])  # 1 in 0, 3 in 2; 4 alone
BATCHES = [Batch(np.array(own), np.empty(0, np.int64)) for own in ([0, 1], [2, 3], [4])]


def choices(x, meter, reach=100.0):
    at = np.column_stack([x, np.zeros(len(x))])
    return [one.tolist() for one in border_batches(at, np.array(meter), (FIRST, LAST), BATCHES, reach=reach)]


def test_neighbours_of_two_batches_are_asked_with_those_above_and_below_them():
    assert choices([0.0, 50.0, 900.0], [1, 2, 4]) == [[0, 1, 2, 3]]


def test_neighbours_within_one_batch_and_what_lies_apart_are_not():
    assert choices([0.0, 50.0, 900.0], [0, 1, 4]) == []


def test_who_lies_nowhere_or_above_no_meter_has_no_neighbours():
    assert choices([0.0, np.nan, 10.0], [1, 2, -1]) == []


def test_never_are_more_choices_made_than_there_were_batches(monkeypatch):
    monkeypatch.setattr("wenqu.services.border_batches.MOST", 2)
    found = choices([0.0, 10.0, 20.0, 30.0, 40.0], [0, 1, 2, 3, 4])
    assert 0 < len(found) <= len(BATCHES)
