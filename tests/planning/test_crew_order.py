"""Crews and lots by hand and by trying every order: nobody is at two places, and no order beats the bound."""

from datetime import date
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.errors import BadInput
from wenqu.planning.crew_order import (
    Job,
    accepted,
    crews_wanted,
    fitted,
    in_turn,
    judged,
    kept_order,
    order_crews,
    pool_bound,
)
from wenqu.planning.work_days import DESK, WorkDays

MONDAY = date(2027, 1, 4)
WEEK = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]


def plain(weeks=60, ground=None):
    worth = np.array(WEEK * weeks)
    return WorkDays(MONDAY, {DESK: worth, "trench": worth if ground is None else ground, "trenchless": worth})


def job(lot, need, ready=0, due=1000, tail=0, **more):
    return Job(lot, "trench", "trench", need, ready, tail, due, **more)


def test_days_off_are_passed_over():
    days = plain()
    assert days.stop(DESK, 0, 5) == 5  # Monday to Friday
    assert days.stop(DESK, 0, 6) == 8  # and Monday
    assert days.next(DESK, 5) == 7
    assert days.latest(DESK, 8, 6) == 0
    assert days.latest(DESK, 7, 1) == 4, "what must be over before Monday begins on Friday"
    assert days.between(DESK, 4, 8) == 2
    assert days.between(DESK, 8, 4) == -2
    assert days.latest(DESK, 3, 10) == -7, "before the first day each day counts"


def test_half_days_take_twice_as_long():
    days = plain(ground=np.array(WEEK * 60) * 0.5)
    assert days.stop("trench", 0, 5) == 12  # ten working days
    assert days.latest("trench", 12, 5) == 0


def test_what_is_not_done_within_sight_is_said():
    with pytest.raises(BadInput, match="schedule-far"):
        plain(weeks=2).stop(DESK, 0, 11)
    with pytest.raises(BadInput, match="schedule-far"):
        plain(weeks=1).next(DESK, 5)


def test_one_crew_does_two_lots_one_after_the_other():
    # ready on Monday 18 January (14): three days, then two; a tail of three desk days after each
    jobs = [job("A", 3, ready=14, due=19, tail=3), job("B", 2, ready=14, due=28, tail=3)]
    made = order_crews(jobs, {"trench": 1}, plain())
    assert [(one.lot, one.begin, one.stop) for one in made.placed] == [("A", 14, 17), ("B", 17, 19)]
    # A is accepted on Monday 25 (21), its works over on Wednesday 20: the day after is 22, three late
    assert (made.late, made.least_late) == (3, 3)
    # five days of work from the 14th end on Friday the 18th, three desk days on Wednesday the 23rd
    assert (made.stop, made.least_stop) == (24, 24)


def test_two_crews_work_side_by_side():
    jobs = [job(name, 4) for name in "ABCD"]
    made = order_crews(jobs, {"trench": 2}, plain())
    assert sorted((one.crew, one.begin, one.stop) for one in made.placed) == [
        (0, 0, 4), (0, 4, 10), (1, 0, 4), (1, 4, 10),
    ]  # fmt: skip
    assert made.stop == made.least_stop == 10


def test_a_lot_waits_for_its_road_when_it_would_be_cut():
    days = plain()
    closed = job("A", 4, closed=((2, 9),))
    assert fitted(closed, 0, days) == (9, 15), "Monday and Tuesday are too short before the closure"
    assert fitted(job("B", 2, closed=((2, 9),)), 0, days) == (0, 2)
    assert fitted(job("C", 4, hold=20), 0, days) == (0, 20)


def test_a_delay_pushes_only_what_its_crew_does_after():
    jobs = [job("A", 3), job("B", 2), job("C", 5)]
    before = order_crews(jobs, {"trench": 2}, plain())
    first = next(one for one in before.placed if one.lot == "A")
    late = [job("A", 3, hold=first.stop + 3), jobs[1], jobs[2]]
    after = {one.lot: one for one in kept_order(late, before.placed, plain())}
    for one in before.placed:
        moved = after[one.lot].begin - one.begin
        assert after[one.lot].crew == one.crew
        assert (moved > 0) == (one.crew == first.crew and one.begin >= first.stop)


def test_so_many_crews_would_do():
    jobs = [job(name, 5, due=5) for name in "ABC"]
    assert crews_wanted(jobs, {"trench": 1}, plain()) == {"trench": 3}
    hopeless = [job("A", 9, due=5)]
    assert crews_wanted(hopeless, {"trench": 1}, plain()) == {"trench": 1}, "more crews do not help one lot"
    after = [*hopeless, job("B", 5, due=10)]
    assert crews_wanted(after, {"trench": 1}, plain()) == {"trench": 2}, "B stands behind what is late anyway"
    assert crews_wanted([job(f"{k}", 5, due=5) for k in range(20)], {"trench": 1}, plain()) == {
        "trench": None
    }


JOBS = st.lists(
    st.tuples(
        st.floats(0.5, 12), st.integers(0, 30), st.integers(5, 60), st.integers(0, 8),
        st.one_of(st.none(), st.tuples(st.integers(0, 40), st.integers(1, 20))),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def jobs_of(drawn):
    return [
        job(
            f"L{k}", need, ready, due, tail,
            closed=() if shut is None else ((shut[0], shut[0] + shut[1]),),
        )
        for k, (need, ready, due, tail, shut) in enumerate(drawn)
    ]  # fmt: skip


def every_order(jobs, count, days):
    """Return the least lateness and the earliest end over all orders and all ways to share them out."""
    late, ends = [], []
    for turn in permutations(jobs):
        for crews in product(range(count), repeat=len(jobs)):
            free, told = [0] * count, []
            for one, crew in zip(turn, crews, strict=True):
                _, free[crew] = fitted(one, free[crew], days)
                told.append((accepted(one, free[crew], days), one.due))
            late.append(max(end - due for end, due in told))
            ends.append(max(end for end, _ in told))
    return min(late), min(ends)


@settings(max_examples=40)
@given(JOBS, st.integers(1, 2), st.integers(0, 2**16))
def test_bound_optimum_and_order_stand_in_this_order(drawn, count, seed):
    season = np.random.default_rng(seed).choice([0.5, 1.0], 420)
    days = plain(ground=np.array(WEEK * 60) * season)
    jobs = jobs_of(drawn[:4])
    bound, bound_stop = pool_bound(jobs, count, days)
    late, stop = every_order(jobs, count, days)
    made = order_crews(jobs, {"trench": count}, days)
    assert bound <= late <= made.late
    assert bound_stop <= stop <= made.stop
    assert (made.least_late, made.least_stop) == (bound, bound_stop)


@given(JOBS, st.integers(1, 3))
def test_a_crew_is_at_one_place_and_works_on_working_days(drawn, count):
    days = plain()
    jobs = {one.lot: one for one in jobs_of(drawn)}
    made = order_crews(list(jobs.values()), {"trench": count}, days)
    assert sorted(one.lot for one in made.placed) == sorted(jobs)
    for one in made.placed:
        own = jobs[one.lot]
        assert one.begin >= own.ready
        assert one.crew < count
        assert days.worth["trench"][one.begin] > 0
        assert days.worth["trench"][one.stop - 1] > 0
        assert days.between("trench", one.begin, one.stop) >= own.need - 1e-9
        assert all(one.stop <= since or one.begin >= until for since, until in own.closed)
        for other in made.placed:
            if other.lot != one.lot and (other.pool, other.crew) == (one.pool, one.crew):
                assert other.stop <= one.begin or one.stop <= other.begin


def test_the_order_of_the_lots_in_the_list_does_not_matter():
    jobs = [job(f"L{k}", 3 + k % 4, ready=k % 3, due=20 + 7 * (k % 5), tail=2) for k in range(12)]
    days = plain()
    told = judged(jobs, in_turn(jobs, 2, days, lambda row: jobs[row].due), days)
    turned = jobs[::-1]
    assert judged(turned, in_turn(turned, 2, days, lambda row: turned[row].due), days) == told
