"""Steps of a lot by hand: earliest, planned, latest, days to spare, critical chain, and why a lot is late."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.errors import BadInput
from wenqu.planning.critical_chain import chains, why_late
from wenqu.planning.lot_dates import longest_before, plan_lots
from wenqu.planning.lot_steps import LotStep, checked_steps, lot_steps, steps_on, with_own
from wenqu.planning.lots import Closure, Lot, Repair, make_lots
from wenqu.planning.trades import trade_of, trades, with_own_trades
from wenqu.planning.work_days import DESK, WorkDays

MONDAY = date(2027, 1, 4)
WEEK = [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]


def step(name, after, days, spread=0.5, ground="any"):
    return LotStep(name, tuple(after), ground, days, spread, name, name, "", "default")


STEPS = (
    step("design", (), 5),
    step("tender", ("design",), 5),
    step("works", ("tender",), 0),
    step("test", ("works",), 2),
    step("accept", ("test",), 1),
)


def plain(weeks=110, season=None):
    worth = np.array(WEEK * weeks)
    dug = worth if season is None else worth * season(np.arange(len(worth)))
    return WorkDays(MONDAY, {DESK: worth, "trench": dug, "trenchless": worth})


def repair(name, days, window="2027", method="open_cut", road="", district="A"):
    return Repair(name, name, "conduit", name, method, window, district, "P", road, days, 30.0, 1e4, 0.0, 0.0)


def lot(name, days, due="2027-12-31", pool="trench", **more):
    return Lot(name, "trench", "trench", pool, "2027", "A", (repair(name, days),), due, **more)


def by_step(made, name):
    return {task.step: task for task in made.tasks[name]}


def test_a_lot_by_hand():
    made = plan_lots([lot("A", 3, due="2027-02-12")], STEPS, {"trench": 1}, plain())
    told = by_step(made, "A")
    # design 4–8 January, tender 11–15, works 18–20, test 21–22, acceptance on Monday 25
    assert {name: (task.early, task.stop) for name, task in told.items()} == {
        "design": (0, 5), "tender": (7, 12), "works": (14, 17), "test": (17, 19), "accept": (21, 22),
    }  # fmt: skip
    assert made.days.day(made.accepted("A") - 1) == date(2027, 1, 25)
    # until Friday 12 February there are 14 working days more, for each step
    assert {task.spare for task in told.values()} == {14.0}
    assert made.days.day(told["design"].latest) == date(2027, 1, 22)
    assert made.late("A") == 22 - 40


def test_what_stands_before_the_works_ends_its_buffer_before_them():
    made = plan_lots([lot("A", 3, earliest="2027-06-01", due="2027-12-31")], STEPS, {"trench": 1}, plain())
    told = by_step(made, "A")
    needed = math.sqrt((0.5 * 5) ** 2 + (0.5 * 5) ** 2)  # 3.54 working days, four whole ones
    assert made.days.day(told["works"].begin) == date(2027, 6, 1)  # a Tuesday
    assert made.days.day(told["tender"].stop - 1) == date(2027, 5, 25)
    assert made.days.between(DESK, told["tender"].stop, told["works"].begin) >= needed
    assert told["design"].stop <= told["tender"].begin


def test_the_second_lot_waits_for_the_crew_and_the_first_must_leave_it_in_time():
    lots = [lot("A", 3, due="2027-01-31"), lot("B", 10, due="2027-02-28")]
    made = plan_lots(lots, STEPS, {"trench": 1}, plain())
    first, second = by_step(made, "A")["works"], by_step(made, "B")["works"]
    assert second.begin == first.stop == 17
    # B must be over on 23 February: its works begin on Wednesday 10 February at the latest, A's five days
    # before at the latest for the crew; for its own acceptance on the 31st already on Thursday the 21st
    assert made.days.day(second.latest) == date(2027, 2, 10)
    assert made.days.day(first.latest) == date(2027, 1, 22)
    chain = chains(made)[1]
    assert [(link.lot, link.step, link.waits) for link in chain.links] == [
        ("A", "design", "today"), ("A", "tender", "step"), ("A", "works", "step"), ("B", "works", "crew"),
        ("B", "test", "step"), ("B", "accept", "step"),
    ]  # fmt: skip
    needed = math.sqrt(2.5**2 + 2.5**2 + 1.5**2 + 5**2 + 1**2 + 0.5**2)
    assert chain.needed == pytest.approx(needed)
    assert [one.lot for one in chain.feeding] == ["B"]
    assert chain.state == "on_time"


def test_why_a_lot_is_late():
    days = plain(season=lambda day: np.where(day < 60, 0.5, 1.0))
    told = {
        "time": plan_lots([lot("A", 3, due="2027-01-20")], STEPS, {"trench": 1}, plain()),
        "season": plan_lots([lot("A", 10, due="2027-02-05")], STEPS, {"trench": 1}, days),
        "closure": plan_lots(
            [lot("A", 3, due="2027-01-31", closed=(("2027-01-18", "2027-02-20"),))], STEPS, {"trench": 1},
            plain(),
        ),
    }  # fmt: skip
    for cause, made in told.items():
        assert made.late("A") > 0
        assert why_late(made, made.lots[0], {}) == cause
    crews = plan_lots(
        [lot("A", 10, due="2027-02-05"), lot("B", 10, due="2027-02-05")], STEPS, {"trench": 1}, plain()
    )
    assert sorted(why_late(crews, one, {}) for one in crews.lots) == ["", "crews"]
    holds = {("A", "tender"): 60}
    slipped = plan_lots([lot("A", 3, due="2027-02-12")], STEPS, {"trench": 1}, plain(), holds)
    assert why_late(slipped, slipped.lots[0], holds) == "slip"


def test_a_delay_within_the_spare_days_moves_nothing_that_is_due():
    lots = [lot("A", 3, earliest="2027-06-01")]
    before = plan_lots(lots, STEPS, {"trench": 1}, plain())
    tender = by_step(before, "A")["tender"]
    after = plan_lots(lots, STEPS, {"trench": 1}, plain(), {("A", "tender"): tender.stop + 3}, before)
    assert after.accepted("A") == before.accepted("A")
    late = plan_lots(lots, STEPS, {"trench": 1}, plain(), {("A", "tender"): tender.stop + 35}, before)
    assert late.accepted("A") > before.accepted("A")


def test_a_lot_waits_for_another_of_another_trade():
    lots = [lot("A", 10, due="2027-12-31"), replace(lot("B", 3, due="2027-02-12"), pool="lining")]
    crews = {"trench": 1, "lining": 1}
    free = plan_lots(lots, STEPS, crews, plain())
    assert by_step(free, "B")["works"].begin == 14
    made = plan_lots(lots, STEPS, crews, plain(), pairs=[("A", "B")])
    first, then = by_step(made, "A")["works"], by_step(made, "B")["works"]
    assert then.begin == 28, "A is over on Friday 29 January (25), B begins on Monday 1 February"
    assert first.stop == 26
    assert why_late(made, made.lots[1], {}) == ""
    tight = [lots[0], replace(lots[1], due="2027-01-31")]
    late = plan_lots(tight, STEPS, crews, plain(), pairs=[("A", "B")])
    assert why_late(late, late.lots[1], {}) == "order"
    assert first.latest <= then.latest, "A may not be so late that B is"
    chain = next(one for one in chains(made) if one.links[-1].lot == "B")
    assert ("B", "works", "lot") in [(link.lot, link.step, link.waits) for link in chain.links]
    assert made.order.least_late <= made.order.late


def test_a_lot_under_contract_begins_with_its_works():
    made = plan_lots([lot("A", 3, let=True)], STEPS, {"trench": 1}, plain())
    assert [task.step for task in made.tasks["A"]] == ["works", "test", "accept"]
    assert by_step(made, "A")["works"].begin == 0


def test_a_lot_that_is_built_needs_its_test_only():
    made = plan_lots([lot("A", 0.0, let=True)], STEPS, {"trench": 1}, plain())
    works = by_step(made, "A")["works"]
    assert works.begin == works.stop == 0
    assert made.accepted("A") == 3


NEEDS = st.lists(st.tuples(st.floats(0.5, 40), st.integers(0, 200)), min_size=1, max_size=8)


@given(NEEDS, st.integers(1, 3))
def test_no_step_begins_before_what_it_waits_for_is_over(drawn, crews):
    days = plain(weeks=400)
    lots = [
        lot(f"L{k}", need, earliest=days.day(ahead).isoformat(), due=days.day(ahead + 150).isoformat())
        for k, (need, ahead) in enumerate(drawn)
    ]
    made = plan_lots(lots, lot_steps(), {"trench": crews}, days)
    for one in lots:
        told = by_step(made, one.id)
        for task in told.values():
            assert all(told[name].stop <= task.begin for name in task.after)
            assert task.early <= task.begin
            assert days.worth[task.kind][task.begin] > 0
            assert task.begin == task.stop or days.worth[task.kind][task.stop - 1] > 0
        assert (min(task.spare for task in told.values()) < 0) >= (made.late(one.id) > 0)
    assert made.order.least_late <= made.order.late
    assert made.order.least_stop <= made.order.stop
    for chain in chains(made):
        assert chain.stop == max(made.accepted(one.id) for one in lots if made.jobs[one.id].due == chain.due)
        for link, next_ in zip(chain.links, chain.links[1:], strict=False):
            assert by_step(made, link.lot)[link.step].stop <= by_step(made, next_.lot)[next_.step].begin


def test_steps_are_those_of_the_ground_and_hand_on_what_they_wait_for():
    trench = {one.step: one.after for one in steps_on("trench", lot_steps())}
    assert trench["works"] == ("land", "permit", "design", "procure")
    assert "traffic" not in trench
    dry = {one.step: one.after for one in steps_on("trenchless", lot_steps())}
    assert dry["works"] == ("design", "traffic", "procure")
    assert longest_before(steps_on("trench", lot_steps())) == ("design", "tender", "procure")


def row(step_, after, days, ground="any"):
    return {"step": step_, "after": after, "ground": ground, "days": days, "spread": "", "zh": "", "en": "",
            "source": ""}  # fmt: skip


def test_a_step_of_no_days_is_left_out_and_a_new_one_comes_in():
    made = with_own([row("procure", "tender", "0"), row("consult", "design", "12")], "city")
    names = {one.step: one for one in made}
    assert "procure" not in names
    assert {"tender", "consult"} <= set(names["works"].after), (
        "the works wait for what nothing else waits for"
    )
    assert names["tender"].status == "default"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row("tender", "nowhere", "5")], "lot-step-after"),
        ([row("design", "accept", "5")], "lot-step-circle"),
    ],
)
def test_steps_that_make_no_whole_are_refused(rows, reason):
    with pytest.raises(BadInput, match=reason):
        with_own(rows, "city")


def test_a_table_without_works_is_refused():
    with pytest.raises(BadInput, match="lot-step-works"):
        checked_steps([step("design", (), 3)])


def trade(name, methods, crews="2"):
    return {"trade": name, "methods": methods, "ground": "trench", "crews": crews, "lot_days": "30", "zh": "",
            "en": "", "source": ""}  # fmt: skip


def test_a_method_that_the_city_gives_to_a_trade_leaves_the_others():
    made = with_own_trades([trade("robots", "cipp")], "city")
    assert trade_of("cipp", made).trade == "robots"
    assert trade_of("cipp_whole", made).trade == "lining"
    assert trade_of("a_method_of_the_city", made).trade == "other"
    with pytest.raises(BadInput, match="trade-method"):
        with_own_trades([trade("a", "cipp"), trade("b", "cipp")], "city")
    with pytest.raises(BadInput, match="trade-every"):
        with_own_trades([trade("other", "cipp")], "city")


def test_lots_hold_one_year_district_and_trade_and_keep_packages_whole():
    rows = [repair(f"p{k}", 20.0, road=f"r{k % 3}") for k in range(8)]
    rows += [replace(repair("p0b", 20.0, road="r9"), package="p0", option="p0")]
    rows += [repair("q", 5.0, window="2028"), repair("s", 5.0, method="cipp"), repair("t", 5.0, district="B")]
    made = make_lots(rows, trades())
    assert sorted(one.asset for lot_ in made for one in lot_.repairs) == sorted(one.asset for one in rows)
    for one in made:
        assert (
            len({(row.window, row.district, trade_of(row.method, trades()).trade) for row in one.repairs})
            == 1
        )
        assert one.days <= 60 or len({row.package for row in one.repairs}) == 1
    home = {row.asset: one.id for one in made for row in one.repairs}
    assert home["p0"] == home["p0b"]
    assert [one.id for one in make_lots(rows[::-1], trades())] == [one.id for one in made]
    assert {one.earliest for one in made} == {"2027-01-01", "2028-01-01"}


def test_a_closed_road_makes_lots_of_its_own():
    closures = [Closure("r1", "trench", "2027-03-01", "2027-05-31", "x")]
    rows = [
        repair("a", 5.0, road="r1"),
        repair("b", 5.0, road="r2"),
        repair("c", 5.0, road="r1", method="cipp"),
    ]
    made = {one.repairs[0].asset: one for one in make_lots(rows, trades(), closures)}
    assert made["a"].closed == (("2027-03-01", "2027-05-31"),)
    assert made["b"].closed == made["c"].closed == (), "only digging is forbidden"
