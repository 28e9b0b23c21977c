"""Exchanges of options: what they find keeps every rule, gets cheaper, and leaves alone what is settled."""

import itertools

import numpy as np
import pytest

from tests.planning.drawn_cases import drawn, enumerated
from wenqu.planning.jumps import jump
from wenqu.planning.multipliers import restricted
from wenqu.planning.stated_case import portfolio_of

NOTHING = np.empty(0, np.int64)


def searched(given, options, chosen, looks=60):
    """Return the programmes that are told, in their order."""
    told, looked = [], itertools.count()
    jump(
        given,
        options,
        chosen,
        np.zeros(len(given.rows)),
        over=lambda: next(looked) >= looks,
        take=told.append,
    )
    return told


def with_all_plants(seed, **like):
    """Return a drawn portfolio in which every plant that can must comply."""
    given = portfolio_of(*drawn(seed, **like))
    return restricted(given, given.able)[0]


def test_from_nothing_the_cheapest_programme_of_small_cases_is_found():
    found = 0
    for seed in range(40):
        given = with_all_plants(seed, packages=5, falling=seed % 3 == 0)
        least = enumerated(given)
        told = searched(given, np.arange(len(given.cost)), NOTHING)
        costs = [float(given.cost[chosen].sum()) for chosen in told]
        assert all(given.holds(chosen) for chosen in told)
        assert costs == sorted(costs, reverse=True)
        if np.isinf(least):
            assert not told
            continue
        assert told, seed
        assert costs[-1] >= least * (1 - 1e-9)
        found += costs[-1] <= least * (1 + 1e-9)
    assert found >= 20  # it proves nothing, but it is seldom far


def test_what_is_settled_stays():
    for seed in range(60):
        given = with_all_plants(seed, packages=8)
        told = searched(given, np.arange(len(given.cost)), NOTHING)
        if told and len(told[-1]) > 2:
            break
    settled = told[-1][:1]
    mine = given.packages_of(np.arange(len(given.cost))) != given.packages_of(settled)[0]
    again = searched(given, np.flatnonzero(mine), told[-1])
    assert again
    assert all(settled[0] in chosen for chosen in again)
    assert given.cost[again[-1]].sum() <= given.cost[told[-1]].sum()


@pytest.mark.parametrize("options", [NOTHING, np.array([0])])
def test_little_or_nothing_to_choose_from_is_no_fault(options):
    given = with_all_plants(1, packages=3)
    for chosen in searched(given, options, NOTHING, looks=3):
        assert given.holds(chosen)
