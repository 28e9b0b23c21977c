"""Portfolios in which plants must comply by several dates, against trying every choice."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from tests.planning.drawn_cases import drawn, enumerated
from wenqu.planning.nearest import nearest
from wenqu.planning.portfolio import Row
from wenqu.planning.pricing import bound_of
from wenqu.planning.proved_choice import choose_proved
from wenqu.planning.stated_case import portfolio_of


def with_earlier_share(seed, falling):
    """Return a drawn portfolio whose plants must also comply in part by the first window, to a lower aim."""
    rng = np.random.default_rng(seed)
    while True:
        options, plants, rules = drawn(seed, packages=5, falling=falling)
        if rules.share_by:
            break
        seed += 1000
    given = portfolio_of(options, plants, rules)
    count = len(plants.ids)
    first = np.zeros(given.matrix.shape[1], dtype=bool)
    rows, more = list(given.rows), []
    for k, name in enumerate(plants.ids):
        mine = [n for n, row in enumerate(given.rows) if row.plant == k]
        size = 1000.0 * float(plants.load[k])
        cells = np.zeros(len(first))
        if mine:  # the cells of the margin in the first window: the lowest of those of the plant's first row
            cells[np.flatnonzero(given.matrix[[mine[0]]].toarray()[0])[0]] = 1.0
        lack = -(1000 * plants.load[k] - plants.threshold[k] * plants.flow[k])
        rows.append(
            Row("margin", f"{name} early", rules.windows[0], lack * rng.uniform(0, 0.6), size, count + k)
        )
        more.append(cells)
    return replace(
        given,
        matrix=sparse.csr_array(sparse.vstack([given.matrix, sparse.csr_array(np.array(more))])),
        rows=tuple(rows),
        weight=np.tile(given.weight, 2),
        demand=np.append(given.demand, float(given.weight.sum()) * rng.uniform(0.1, 0.9)),
        able=np.tile(given.able, 2),
        site=np.tile(given.site, 2),
        share=np.repeat([0, 1], count),
    )


@pytest.mark.parametrize("falling", [False, True])
def test_plants_that_comply_by_two_dates_cost_what_trying_every_choice_finds(falling):
    kept = broken = 0
    for seed in range(40):
        given = with_earlier_share(seed, falling)
        least = enumerated(given)
        found = choose_proved(given, seconds=20, gap=0.0)
        if np.isinf(least):
            broken += 1
            assert found.status == "infeasible", seed
            programme = nearest(given, seconds=10).programme
            assert programme is not None
            continue
        kept += 1
        assert found.cost == pytest.approx(least, rel=1e-9), seed
        assert found.bound <= least * (1 + 1e-9), seed
        assert found.best_bound == pytest.approx(least, rel=1e-6), seed
    assert kept > 8
    assert broken > 4


def test_no_prices_prove_more_than_the_cheapest_programme_costs():
    rng = np.random.default_rng(5)
    for seed in range(30):
        given = with_earlier_share(seed, falling=seed % 2 == 0)
        least = enumerated(given)
        scale = float(given.cost.mean()) / given.size
        for _ in range(10):
            prices = scale * rng.exponential(1.0, len(scale)) * (rng.random(len(scale)) < 0.6)
            assert bound_of(given, prices).value <= least * (1 + 1e-9) + 1e-6, seed
