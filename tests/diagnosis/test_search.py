"""A search ends at the source, and every sample says what Bayes says it says."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest

from wenqu.diagnosis.search_next import Rules, entropy, information, next_manholes
from wenqu.diagnosis.search_readings import Chances, Tracer
from wenqu.diagnosis.search_region import best_reach, reach_share, region, within_reach
from wenqu.diagnosis.search_several import Found, belief_beside
from wenqu.diagnosis.search_state import Reading, belief
from wenqu.diagnosis.search_tree import tree_of
from wenqu.errors import BadInput, NotEnoughData

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
from search import World, horton_tree, searched, walked

# 0 outlet; a trunk 1-2-3; a side street 4-5 that joins at 1. Every pipe 100 m, the outlet's pipe has none.
LITTLE = tree_of(np.array([-1, 0, 1, 2, 1, 4]), np.array([0.0, 100, 100, 100, 100, 100]))
YES, NO = Chances().log_ratio(seen=True), Chances().log_ratio(seen=False)


def test_one_sample_multiplies_the_pipes_above_it_by_its_likelihood_ratio():
    known = belief(LITTLE, [Reading(2, YES)])  # of five pipes only that of place 3 drains to place 2
    assert known.mass[3] == pytest.approx(0.95 / (0.95 + 4 * 0.05))
    assert known.mass.sum() == pytest.approx(1)
    assert known.above[0] == pytest.approx(1)
    assert known.above[1] == pytest.approx(1 - known.mass[1])


def test_the_order_of_samples_does_not_matter_and_one_taken_back_leaves_no_trace():
    readings = [Reading(1, YES), Reading(2, NO), Reading(4, YES)]
    both = belief(LITTLE, readings), belief(LITTLE, readings[::-1])
    np.testing.assert_allclose(both[0].mass, both[1].mass)
    np.testing.assert_allclose(
        belief(LITTLE, readings[:2]).mass, belief(LITTLE, [readings[1], readings[0]]).mass
    )


def test_information_is_what_counting_out_all_cases_gives():
    known = belief(LITTLE, [Reading(1, YES)])
    taught = information(known, Chances(0.9, 0.2))
    for place in range(6):
        inside = np.zeros(6, bool)
        inside[place + 1 : LITTLE.last[place]] = True
        joint = np.array([known.mass * np.where(inside, 0.9, 0.2), known.mass * np.where(inside, 0.1, 0.8)])
        each = joint.sum(axis=1, keepdims=True) * known.mass
        there = joint > 0
        told = (joint[there] * np.log2(joint[there] / each[there])).sum()
        assert taught[place] == pytest.approx(told, abs=1e-12)


def test_a_crew_that_must_drive_far_opens_a_nearer_manhole():
    known = belief(LITTLE, [])
    free = next_manholes(LITTLE, known, Chances())[0].place
    dear = np.ones(6)
    dear[free] = 50.0
    assert next_manholes(LITTLE, known, Chances(), cost=dear)[0].place != free


def test_two_crews_open_two_manholes_and_a_barred_one_stays_shut():
    tree = horton_tree(2000, 4)
    known = belief(tree, [])
    pair = next_manholes(tree, known, Chances(), crews=2)
    assert pair[0].place != pair[1].place
    assert sum(one.bits for one in pair) > 1.1  # one alone teaches 0.71 at most
    shut = np.zeros(len(tree.parent), bool)
    shut[[one.place for one in pair]] = True
    assert not shut[next_manholes(tree, known, Chances(), barred=shut)[0].place]


def test_what_two_crews_learn_together_is_the_information_of_both_answers():
    known = belief(LITTLE, [])
    one, two = next_manholes(LITTLE, known, Chances(), crews=2)
    joint = []
    for first in (True, False):
        for second in (True, False):
            chance = np.ones(6)
            for place, seen in ((one.place, first), (two.place, second)):
                inside = np.zeros(6, bool)
                inside[place + 1 : LITTLE.last[place]] = True
                chance *= np.where(inside, 0.95, 0.05) if seen else np.where(inside, 0.05, 0.95)
            joint.append(chance * known.mass)
    told = np.array(joint).sum(axis=1)
    noise = 2 * float(entropy(0.95))
    assert one.bits + two.bits == pytest.approx(-(told * np.log2(told)).sum() - noise)


def test_a_tracer_value_half_way_tells_nothing_and_a_wild_one_no_more_than_a_wrong_bottle_allows():
    tracer = Tracer(background=400, signal=1200, sd=150, wrong=0.02)
    assert tracer.log_ratio(800) == pytest.approx(0, abs=1e-12)
    assert tracer.log_ratio(1e6) == pytest.approx(math.log(0.98 / 0.02))
    assert tracer.log_ratio(-1e6) == pytest.approx(-math.log(0.98 / 0.02))
    assert Tracer(1200, 400, 150, 0.02).log_ratio(500) > 0  # dilution: the source lowers the value


def test_a_radius_takes_pipes_in_part():
    np.testing.assert_allclose(within_reach(LITTLE, 2, 150), [0, 0.5, 1, 1, 0.5, 0])
    np.testing.assert_allclose(within_reach(LITTLE, 1, 50), [0, 0.5, 0.5, 0, 0.5, 0])
    mass = np.array([0.0, 0.1, 0.2, 0.3, 0.2, 0.2])
    share = reach_share(LITTLE.start, LITTLE.child, LITTLE.parent, LITTLE.step, mass, 150.0, 2)
    assert share == pytest.approx(0.05 + 0.2 + 0.3 + 0.1)


def test_the_region_is_the_shortest_set_of_pipes_that_holds_the_belief():
    known = belief(LITTLE, [Reading(2, YES), Reading(2, YES), Reading(2, YES)])
    found = region(LITTLE, known)
    assert found.places.tolist() == [3]
    assert found.length == 100
    assert found.share >= 0.95


def test_a_second_source_is_found_where_the_first_cannot_explain_the_samples():
    tree = horton_tree(400, 2)
    rng = np.random.default_rng(3)
    worlds = [World(tree, rng), World(tree, rng)]
    worlds[0].pipe, worlds[1].pipe = 60, 330
    readings, found = [], []
    for _ in range(2):
        for _ in range(60):
            known = belief_beside(tree, readings, found, others=1.0, radius=200.0)
            reach = best_reach(tree, known, 200.0)
            if reach.share > 0.95:
                break
            shut = np.zeros(400, bool)
            for one in found:
                shut[one.place] = True
            place = next_manholes(tree, known, Chances(), others=1.0, barred=shut)[0].place
            seen = any(world.above(place) for world in worlds)
            false = 0.05 if found else 0.3
            readings.append(Reading(place, Chances(0.95, false).log_ratio(seen=seen)))
        found.append(Found(reach.place))
    near = sorted(min(world.distance(one.place) for one in found) for world in worlds)
    assert near[1] <= 200


def test_when_all_is_found_the_search_says_that_nothing_is_left():
    readings = [Reading(2, YES), Reading(2, YES), Reading(4, NO), Reading(4, NO)]
    known = belief_beside(LITTLE, readings, [Found(3)], others=0.5, radius=150.0)
    assert known.nowhere > math.exp(-0.5)
    assert known.mass.sum() + known.nowhere == pytest.approx(1)


def test_a_sample_below_a_found_source_counts_again_once_it_is_stopped():
    readings = [Reading(1, YES), Reading(1, NO)]
    running = belief_beside(LITTLE, readings, [Found(3)], others=1.0, radius=50.0)
    stopped = belief_beside(LITTLE, readings, [Found(3, stopped=1)], others=1.0, radius=50.0)
    assert running.nowhere == pytest.approx(math.exp(-1))
    assert stopped.nowhere > running.nowhere


def test_forty_hidden_sources_are_found_with_few_samples_though_one_in_twenty_is_wrong():
    tree = horton_tree(3000, 1)
    ours = [searched(World(tree, np.random.default_rng(seed)), Chances()) for seed in range(40)]
    theirs = [walked(World(tree, np.random.default_rng(seed)), Chances()) for seed in range(40)]
    assert np.mean([count for count, _ in ours]) < 14
    assert np.mean([right for _, right in ours]) >= 0.95
    assert np.mean([count for count, _ in theirs]) > 3 * np.mean([count for count, _ in ours])


def test_bad_chances_and_a_network_without_pipes_are_refused():
    with pytest.raises(BadInput):
        Chances(0.5, 0.5)
    with pytest.raises(BadInput):
        Tracer(1, 1, 1)
    with pytest.raises(NotEnoughData):
        belief(tree_of(np.array([-1]), np.array([0.0])), [])
    assert Rules().radius == 200
