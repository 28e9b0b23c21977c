"""The joint answer shared out to areas, plants and pipes, against sums by hand."""

import numpy as np
import pytest

from wenqu.diagnosis.city_posterior import cells_of, city_posterior, joint_of
from wenqu.diagnosis.joint_inversion import invert
from wenqu.diagnosis.joint_rows import Heard
from wenqu.diagnosis.joint_unknowns import Expected
from wenqu.diagnosis.night_sewage import default_pattern
from wenqu.diagnosis.travelled_waves import ORDERS, ways_of

PIPES = 30
SPANS = ((0, 30), (4, 18), (4, 18), (20, 26))  # two meters stand at one place


@pytest.fixture(scope="module")
def answer():
    rng = np.random.default_rng(2)
    pipes = rng.gamma(4, 1e-3, (3, PIPES))
    first, last = np.array(SPANS).T
    cells = cells_of(first, last, PIPES)
    made, ground, river = (np.bincount(cells.of_pipe, row, len(cells)) for row in pipes)
    none = np.empty((3, 0))
    bias = np.full(len(SPANS), 0.05)
    expected = Expected(made, np.full(len(cells), 0.25), ground, river, bias, none, none, 0.7, 0.7)
    flow = np.array([pipes[:, a:b].sum() for a, b in SPANS]) * (1.3, 1.0, 1.0, 0.7)
    unread = np.full((len(SPANS), ORDERS - 1), np.nan)
    heard = Heard(flow, 0.02 * flow, unread + 0j, unread, [], [None] * len(SPANS), np.ones(len(SPANS)))
    down = np.linspace(3000, 0, PIPES)
    ways = ways_of(cells.of_pipe, pipes[0], down, down[first], (first, last), cells.spans)
    found = invert(expected, heard, ways, default_pattern())
    return city_posterior(joint_of(found), cells, pipes, made, 0.8)


def test_cells_are_what_lies_between_meters(answer):
    cell = answer.cells.of_pipe
    assert len(answer.cells) == 4  # the last lies beside all meters, here of no pipe
    assert len(set(cell[4:18])) == len(set(cell[20:26])) == 1
    assert cell[0] == cell[19] == cell[29]
    above = answer.cells.above()
    assert above.sum(axis=1).tolist() == [3, 1, 1, 1]


def test_sums_above_nested_meters_are_sums_of_their_pipes(answer):
    above = np.repeat(answer.cells.above()[:, None], 3, axis=1)
    mean, covariance, prior = answer.sums(above)
    for row, (first, last) in enumerate(SPANS):
        np.testing.assert_allclose(mean[row], answer.pipe_mean()[:, first:last].sum(axis=1))
    # by hand: what is sure of the whole is the sum over all pairs of its cells
    inside = answer.covariance[1, :3, 1, :3].sum()
    assert covariance[0, 1, 1] == pytest.approx(inside)
    assert (covariance[:, 1, 1] <= 1.0001 * prior[:, 1]).all()


def test_a_part_of_an_area_is_less_sure_than_its_share(answer):
    chosen = np.zeros(PIPES, np.bool_)
    chosen[4:11] = True
    part = answer.part(chosen)[None]
    mean, covariance, _ = (row[0] for row in answer.sums(part))
    np.testing.assert_allclose(mean, answer.pipe_mean()[:, chosen].sum(axis=1))
    cell = answer.cells.of_pipe[4]
    share = part[0, 1, cell]
    assert 0 < share < 1
    assert covariance[1, 1] > share**2 * answer.covariance[1, cell, 1, cell]


def test_no_flow_is_negative_and_pipes_of_an_area_sum_to_it(answer):
    assert (answer.pipe_mean() >= 0).all()
    assert (answer.pipe_sd() >= 0).all()
    lost, sd = answer.pipe_lost()
    for cell in range(3):
        mine = answer.cells.of_pipe == cell
        assert lost[mine].sum() == pytest.approx(answer.lost.mean[cell])
    assert (sd > 0).all()
