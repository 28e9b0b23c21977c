"""Meters are placed where they take most from the doubt, and the bound holds for every other set."""

from itertools import combinations

import numpy as np
import pytest

from wenqu.diagnosis.meter_bound import least_left
from wenqu.diagnosis.meter_field import meter_field
from wenqu.diagnosis.meter_placement import Purse, greedy, place_meters
from wenqu.diagnosis.meter_sums import Sites, squares
from wenqu.diagnosis.next_measurement import Goal
from wenqu.diagnosis.search_tree import tree_of
from wenqu.diagnosis.tree_posterior import Prior, Rows, block_sums, posterior
from wenqu.errors import BadInput

PIPES, BLOCKS = 40, 7
NONE = Rows(np.empty(0, int), np.empty(0, int), np.empty((0, 3)), np.empty(0), np.empty(0))


def town(seed, *, scattered=False, rows=None, cost=None):
    """Return prior, readings that stand, sites and goal on a random tree; blocks connected or scattered."""
    rng = np.random.default_rng(seed)
    parent = np.full(PIPES, -1)
    way = [0]
    for place in range(1, PIPES):  # in preorder: each hangs on the one before or on one below that
        way = way[: rng.integers(1, len(way) + 1)]
        parent[place] = way[-1]
        way.append(place)
    tree = tree_of(parent, np.ones(PIPES))
    label = np.sort(rng.integers(0, BLOCKS, PIPES))
    if scattered:
        label = rng.integers(-1, BLOCKS, PIPES)
    prior = Prior(rng.gamma(2, 1, (3, PIPES)), rng.gamma(2, 1, (3, PIPES)), np.array([0.1, 0.4, 0.3]))
    sites = Sites(
        np.arange(PIPES), tree.last, rng.gamma(2, 1, PIPES), np.ones(PIPES) if cost is None else cost(rng)
    )
    goal = Goal(label, BLOCKS, np.array([0.0, 1.0, 1.0]), rng.gamma(2, 1, BLOCKS))
    standing = NONE
    if rows:
        at = rng.choice(PIPES, rows, replace=False)
        standing = Rows(
            at, tree.last[at], rng.uniform(0.5, 1, (rows, 3)), np.ones(rows), rng.gamma(2, 1, rows)
        )
    return prior, standing, sites, goal


def doubt(prior, rows, sites, goal, picks):
    """Return the weighted variance of the blocks by the posterior itself, with readings at some sites."""
    at = list(picks)
    both = Rows(
        np.append(rows.first, sites.first[at]).astype(int), np.append(rows.last, sites.last[at]).astype(int),
        np.vstack([rows.weights, np.ones((len(at), 3))]), np.append(rows.value, np.ones(len(at))),
        np.append(rows.noise, sites.noise[at]),
    )  # fmt: skip
    sums = block_sums(posterior(prior, both), goal.label, goal.blocks)
    shape = (goal.blocks, 3, goal.blocks, 3)
    of_goal = np.einsum("k,bkcl,l->bc", goal.kinds, sums.covariance.reshape(shape), goal.kinds)
    return goal.weight @ np.diag(of_goal)


def field_of(prior, rows, sites, goal):
    return meter_field(posterior(prior, rows), sites, goal)


@pytest.mark.parametrize("scattered", [False, True])
def test_squared_block_sums_above_each_site_are_those_counted_one_by_one(scattered):
    _, _, sites, goal = town(1, scattered=scattered)
    value = np.random.default_rng(2).gamma(2, 1, PIPES)
    shuffled = np.random.default_rng(3).permutation(PIPES)
    some = Sites(sites.first[shuffled], sites.last[shuffled], sites.noise, sites.cost)
    counted = []
    for low, high in zip(some.first, some.last, strict=True):
        here = goal.label[low:high]
        sums = [value[low:high][here == block].sum() for block in range(BLOCKS)]
        counted.append(goal.weight @ np.square(sums))
    assert squares(some, goal, value) == pytest.approx(counted, rel=1e-12)


@pytest.mark.parametrize(("scattered", "rows"), [(False, 0), (True, 0), (False, 3), (True, 4)])
def test_what_a_meter_takes_is_what_the_posterior_says(scattered, rows):
    known = town(5, scattered=scattered, rows=rows)
    field = field_of(*known)
    before = doubt(*known, [])
    assert field.doubt() == pytest.approx(before)
    for site in (0, 7, 23):
        assert field.gains()[site] == pytest.approx(before - doubt(*known, [site]), rel=1e-9)
    after = field.kept([7, 23])
    assert after.doubt() == pytest.approx(doubt(*known, [7, 23]), rel=1e-9)
    assert after.gains()[0] == pytest.approx(doubt(*known, [7, 23]) - doubt(*known, [7, 23, 0]), rel=1e-8)


def test_a_meter_left_out_gives_back_what_it_alone_had_taken():
    known = town(6, rows=2)
    field = field_of(*known).kept([3, 11, 30])
    _, loads = field.without()
    for place, others in enumerate(([11, 30], [3, 30], [3, 11])):
        lost = doubt(*known, others) - doubt(*known, [3, 11, 30])
        assert field.goal.weight @ loads[place] ** 2 == pytest.approx(lost, rel=1e-8)


def test_with_swaps_the_set_is_the_best_of_all_or_nearly_and_no_set_beats_the_bound():
    better = []
    for seed in range(4):
        known = town(seed, rows=1)
        field = field_of(*known)
        ours = place_meters(field, Purse(3))
        every = [doubt(*known, picks) / ours.doubt for picks in combinations(range(0, PIPES, 4), 3)]
        best = min(*every, ours.left)
        assert ours.left == pytest.approx(doubt(*known, [one.site for one in ours.picks]) / ours.doubt)
        assert ours.left <= 1.02 * best
        assert ours.bound[-1] <= best + 1e-9
        better.append(greedy(field, Purse(3)).doubt() / ours.doubt >= ours.left - 1e-9)
    assert all(better)


def test_the_bound_of_one_meter_is_the_best_meter_and_falls_with_each():
    field = field_of(*town(8))
    bound = least_left(field, 5)
    assert bound[0] == 1
    assert bound[1] == pytest.approx(1 - field.gains().max() / field.doubt())
    assert (np.diff(bound) <= 1e-12).all()


@pytest.mark.parametrize("rows", [0, 3])
def test_the_bound_of_all_meters_is_what_a_meter_at_every_site_leaves_and_its_steps_are_eigenvalues(rows):
    """Against dense matrices: what all sites tell of the blocks, made by the posterior itself."""
    known = town(12, rows=rows)
    field = field_of(*known)
    bound = least_left(field, BLOCKS)
    every = doubt(*known, range(PIPES)) / field.doubt()
    assert bound[-1] == pytest.approx(every, rel=1e-6)
    some = field.kept(list(range(PIPES)))
    told = some.loads[some.base :] * np.sqrt(field.goal.weight)
    values = np.linalg.eigvalsh(told.T @ told)[::-1]
    assert 1 - bound[2:] == pytest.approx(np.cumsum(values)[1:] / field.doubt(), rel=1e-6)


def test_exact_meters_at_every_block_take_all_the_doubt():
    """Two blocks, one above the other: a meter below each tells both sums."""
    sites = Sites(np.array([0, 2, 3]), np.array([4, 4, 4]), np.full(3, 1e-12), np.ones(3))
    goal = Goal(np.array([0, 0, 1, 1]), 2, np.ones(1), np.ones(2))
    prior = Prior(np.ones((1, 4)), np.array([[1.0, 3.0, 2.0, 2.0]]), np.zeros(1))
    rows = Rows(np.empty(0, int), np.empty(0, int), np.empty((0, 1)), np.empty(0), np.empty(0))
    field = meter_field(posterior(prior, rows), sites, goal)
    assert field.gains()[:2] == pytest.approx([(16 + 16) / 8, 16 / 4])  # Σ_b Cov² / Var by hand
    ours = place_meters(field, Purse(2))
    assert {one.site for one in ours.picks} == {0, 1}
    assert ours.left == pytest.approx(0, abs=1e-9)
    assert ours.bound[-1] == pytest.approx(0, abs=1e-9)


def test_money_is_never_overspent_and_a_cheap_neighbour_is_taken_instead_of_a_dear_one():
    known = town(9, cost=lambda rng: rng.choice([1.0, 10.0], PIPES))
    field = field_of(*known)
    for budget in (0.5, 3.0, 12.0, 25.0):
        ours = place_meters(field, Purse(8, budget))
        assert ours.cost <= budget
        assert ours.cost == field.sites.cost[[one.site for one in ours.picks]].sum()
    assert place_meters(field, Purse(8, 0.5)).picks == ()
    assert max(field.sites.cost[[one.site for one in place_meters(field, Purse(8, 8.0)).picks]]) == 1.0


def test_what_cannot_be_asked_is_refused():
    prior, rows, sites, goal = town(1)
    field = field_of(prior, rows, sites, goal)
    with pytest.raises(BadInput):
        place_meters(field, Purse(0))
    with pytest.raises(BadInput):
        place_meters(field, Purse(3, 0.0))
    free = Sites(sites.first, sites.last, sites.noise, np.zeros(PIPES))
    with pytest.raises(BadInput):
        place_meters(field_of(prior, rows, free, goal), Purse(3))


def test_a_city_without_sites_or_without_doubt_gets_no_meters():
    prior, rows, sites, goal = town(1)
    none = Sites(*(np.empty(0, int), np.empty(0, int)), *(np.empty(0), np.empty(0)))
    assert place_meters(field_of(prior, rows, none, goal), Purse(3)).picks == ()
    sure = Prior(prior.mean, np.zeros_like(prior.variance), np.zeros(3))
    assert place_meters(field_of(sure, rows, sites, goal), Purse(3)).picks == ()


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_pick_that_is_given_up_leaves_the_field_as_if_it_had_never_been_taken(place):
    field = field_of(*town(13, rows=2))
    picks = [5, 17, 2, 30]
    found = field.kept(picks)
    found.give_up(place)
    left = picks[:place] + picks[place + 1 :]
    for more in ([], [9]):  # and a pick that is taken then says what it always says
        wanted = field.kept([*left, *more])
        for site in more:
            found.take(site)
        assert found.picks == wanted.picks
        for name in ("own", "variance", "spread"):
            assert getattr(found, name) == pytest.approx(getattr(wanted, name), abs=1e-9)
        assert found.covariance(11) == pytest.approx(wanted.covariance(11), abs=1e-9)
        assert found.on_blocks(11) == pytest.approx(wanted.on_blocks(11), abs=1e-9)
        for one, other in zip(found.without(), wanted.without(), strict=True):
            assert one**2 == pytest.approx(other**2, abs=1e-9)


def test_pipes_that_no_site_and_no_block_tells_apart_are_counted_together():
    prior, rows, sites, goal = town(14)
    few = np.array([0, 6, 21])
    thinned = Sites(*(getattr(sites, name)[few] for name in ("first", "last", "noise", "cost")))
    whole, field = (field_of(prior, rows, one, goal) for one in (sites, thinned))
    assert len(field.wanted) < len(whole.wanted) <= PIPES
    assert field.gains() == pytest.approx(whole.gains()[few])
    assert field.kept([1]).doubt() == pytest.approx(whole.kept([6]).doubt())


def test_many_exchanges_at_once_end_where_no_exchange_is_good(monkeypatch):
    better = []
    for seed in range(15, 21):
        field = field_of(*town(seed, scattered=True))
        start = greedy(field, Purse(6)).doubt()
        monkeypatch.setattr("wenqu.diagnosis.meter_placement.MANY", 2)
        ours = place_meters(field, Purse(6))
        picks = [one.site for one in ours.picks]
        least = field.kept(picks).doubt()
        for place, site in ((place, site) for place in range(6) for site in set(range(PIPES)) - set(picks)):
            other = field.kept([*picks[:place], *picks[place + 1 :], site])
            assert other.doubt() > least - 2e-6 * start
        better.append(start - least)
    assert min(better) > -1e-9
    assert max(better) > 0


def test_a_bound_from_few_eigenvalues_holds_and_is_the_same_for_so_many_meters(monkeypatch):
    field = field_of(*town(8))
    whole = least_left(field, 5)
    monkeypatch.setattr("wenqu.diagnosis.meter_bound.DENSE", 2)
    monkeypatch.setattr("wenqu.diagnosis.meter_bound.EXACT", 3)
    few = least_left(field, 5)
    assert few[:4] == pytest.approx(whole[:4], rel=1e-6)
    assert (few[4:] <= whole[4:] + 1e-9).all()
    assert (np.diff(few) <= 1e-12).all()
