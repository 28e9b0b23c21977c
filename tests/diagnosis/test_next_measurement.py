"""The next manhole is the one whose reading really teaches most."""

import numpy as np
import pytest

from wenqu.diagnosis.blocks import blocks
from wenqu.diagnosis.next_measurement import Goal, next_measurements
from wenqu.diagnosis.pipe_order import pipe_order
from wenqu.diagnosis.tree_posterior import Prior, Rows, block_sums, posterior
from wenqu.network.model import City, Network, assets
from wenqu.network.topology import topology

rng = np.random.default_rng(4)
PIPES = 60
FIRST = np.array([0, 0, 10, 12, 30, 45, 45])
LAST = np.array([60, 28, 28, 20, 60, 60, 52])
PRIOR = Prior(rng.gamma(2, 1, (3, PIPES)), rng.gamma(2, 1, (3, PIPES)), np.array([0.1, 0.4, 0.3]))
ROWS = Rows(
    np.array([0, 30]), np.array([60, 60]), np.ones((2, 3)), np.array([390.0, 200.0]), np.array([25.0, 9.0])
)
GOAL = Goal(np.arange(PIPES) // 6 - 1, 9, np.array([0.0, 1.0, 1.0]), rng.gamma(2, 1, 9))


def weighted_variance(rows):
    sums = block_sums(posterior(PRIOR, rows), GOAL.label, GOAL.blocks)
    of_goal = np.einsum("k,bkcl,l->bc", GOAL.kinds, sums.covariance.reshape(9, 3, 9, 3), GOAL.kinds)
    return GOAL.weight @ np.diag(of_goal), np.diag(of_goal)


def with_reading(rows, candidate, error):
    """Return the rows with one more reading: its variance does not depend on its value."""
    result = posterior(PRIOR, ROWS)
    expected = result.mean[:, FIRST[candidate] : LAST[candidate]].sum()
    return Rows(
        np.append(rows.first, FIRST[candidate]),
        np.append(rows.last, LAST[candidate]),
        np.ones((len(rows) + 1, 3)),
        np.append(rows.value, expected),
        np.append(rows.noise, (error * expected) ** 2),
    )


def test_the_first_pick_is_the_best_of_all_by_brute_force_and_its_gain_is_what_it_brings():
    before, blocks_before = weighted_variance(ROWS)
    after = [weighted_variance(with_reading(ROWS, candidate, 0.05)) for candidate in range(len(FIRST))]
    left = np.array([total for total, _ in after])
    pick = next_measurements(posterior(PRIOR, ROWS), FIRST, LAST, GOAL, error=0.05, top=1)[0]
    assert pick.candidate == left.argmin()
    assert pick.gain == pytest.approx((before - left.min()) / before, rel=1e-9)
    assert pick.sd_before == pytest.approx(np.sqrt(blocks_before[pick.block]))
    assert pick.sd_after == pytest.approx(np.sqrt(after[pick.candidate][1][pick.block]))


def test_three_picks_together_bring_what_the_posterior_says():
    before, _ = weighted_variance(ROWS)
    picks = next_measurements(posterior(PRIOR, ROWS), FIRST, LAST, GOAL, error=0.05, top=3)
    rows = ROWS
    for pick in picks:
        rows = with_reading(rows, pick.candidate, 0.05)
    after, _ = weighted_variance(rows)
    assert sum(pick.gain for pick in picks) == pytest.approx((before - after) / before, rel=1e-9)
    assert len({pick.candidate for pick in picks}) == 3


def test_the_expected_reading_is_the_posterior_sum_there():
    result = posterior(PRIOR, ROWS)
    pick = next_measurements(result, FIRST, LAST, GOAL, top=1)[0]
    there = slice(FIRST[pick.candidate], LAST[pick.candidate])
    assert pick.expected == pytest.approx(result.mean[:, there].sum())
    label = np.full(PIPES, -1)
    label[there] = 0
    assert pick.expected_sd**2 == pytest.approx(block_sums(result, label, 1).covariance.sum())


def test_without_candidates_there_is_no_answer():
    assert next_measurements(posterior(PRIOR, ROWS), FIRST[:0], LAST[:0], GOAL) == ()


def test_blocks_are_closed_when_they_are_long_enough():
    # a chain of ten pipes of 100 m into an outfall, cut every 300 m from the far end
    ids = [f"m{place}" for place in range(10)]
    net = Network(
        City("x"),
        {
            "manhole": assets("manhole", ids, {}),
            "outfall": assets("outfall", ["o"], {}),
            "conduit": assets(
                "conduit",
                [f"c{place}" for place in range(10)],
                {"from_id": ids, "to_id": [*ids[1:], "o"], "length": [100.0] * 10},
            ),
        },
    )
    topo = topology(net)
    order = pipe_order(topo)
    made = blocks(topo, order, np.full(10, 100.0), 300.0)
    assert sorted(made.length.tolist()) == [100, 300, 300, 300]
    of = {topo.link_ids[link]: made.of_pipe[place] for place, link in enumerate(order.link)}
    assert of["c0"] == of["c1"] == of["c2"] != of["c3"]
    heads = {topo.node_ids[np.flatnonzero(topo.group == head)[0]] for head in made.head}
    assert heads == {"m2", "m5", "m8", "o"}
