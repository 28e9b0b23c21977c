"""What may be paid: by hand, and for every order of acceptances and payments."""

import math
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenqu.errors import BadInput
from wenqu.records.money import Contract, UnitPrice
from wenqu.works.money.earned_value import Standing, curves, planned
from wenqu.works.money.payable import (
    LENGTH,
    PRICES,
    Book,
    LotPipe,
    Pace,
    advance_of,
    common,
    least_left,
    limit,
    released,
    room,
)
from wenqu.works.money.rules import check_rule, last_year, may_use, price_index, rules, with_own
from wenqu.works.money.unit_costs import class_of, deflated, observations, statistic
from wenqu.works.money.warnings import FundState, Paid, contract_warnings, fund_warnings, year_warnings

DEAL = Contract(
    "C", "2025-1", "X", "L1", "builders", "renewal", 100_000_00, "2025-01-01", "2025-01-01", "2025-12-31",
    advance=0.2, recovered=0.5, progress=0.8, retention=0.03, defect_days=365,
)  # fmt: skip


def pipe(name, metres, *spells, method="cipp", diameter=0.4):
    return LotPipe(name, round(metres * 1000), diameter, method, spells)


def book(*pipes, deal=DEAL, changes=(), settled=""):
    return Book(deal, pipes, changes, settled)


def test_nothing_may_be_paid_before_it_is_signed_and_nothing_but_the_advance_before_metres():
    one = book(pipe("a", 60), pipe("b", 40))
    assert limit(one, "2024-12-31", drawn=20_000_00).total == 0
    there = limit(one, "2025-03-01", drawn=20_000_00)
    assert (there.earned, there.advance, there.total, there.basis) == (0, 20_000_00, 20_000_00, LENGTH)
    assert limit(one, "2025-03-01").total == 0, "an advance that was not drawn allows nothing"


def test_the_limit_is_the_accepted_share_less_what_is_kept_and_the_advance_is_worked_off():
    # 25 of 100 m accepted: 25 000 · 0.8 = 20 000; half of the advance is worked off at 0.25 / 0.5: 10 000
    one = book(pipe("a", 25, ("2025-04-01", "")), pipe("b", 75))
    there = limit(one, "2025-04-01", drawn=20_000_00)
    assert (there.value, there.earned, there.advance) == (25_000_00, 20_000_00, 10_000_00)
    # 60 m accepted: the advance is worked off
    one = book(pipe("a", 60, ("2025-04-01", "")), pipe("b", 40))
    assert limit(one, "2025-05-01", drawn=20_000_00).total == 48_000_00


def test_settled_all_but_the_retention_is_payable_and_that_after_the_defects_period():
    whole = (pipe("a", 100, ("2025-06-01", "")),)
    settled = book(*whole, changes=(("2025-09-01", -2_000_00),), settled="2025-09-01")
    assert limit(settled, "2025-08-31").total == 80_000_00
    assert limit(settled, "2025-09-01").total == 98_000_00 * 97 // 100
    assert not released(settled, "2026-05-31")
    assert released(settled, "2026-06-01")
    assert limit(settled, "2026-06-01").total == 98_000_00


def test_pipes_weigh_by_their_price_where_all_have_one():
    prices = (UnitPrice("cipp", 1000_00, 0.0, 0.5), UnitPrice("cipp", 3000_00, 0.5))
    deal = Contract(*[getattr(DEAL, n) for n in DEAL.__slots__][:10], prices=prices)
    pipes = (pipe("a", 30, ("2025-04-01", "")), pipe("b", 10, diameter=0.8))
    there = limit(book(*pipes, deal=deal), "2025-05-01")
    assert (there.basis, there.share) == (PRICES, Fraction(1, 2))  # 30·1000 of 30·1000 + 10·3000
    pipes = (pipes[0], pipe("b", 10, diameter=math.nan))
    assert limit(book(*pipes, deal=deal), "2025-05-01").share == Fraction(3, 4), "by length: one has no price"


def test_a_lapse_takes_the_limit_back_and_the_room_is_that_of_the_worst_day_since():
    one = book(pipe("a", 50, ("2025-04-01", "2025-06-01"), ("2025-08-01", "")), pipe("b", 50))
    assert [limit(one, day).total for day in ("2025-05-01", "2025-07-01", "2025-08-01")] == [
        40_000_00, 0, 40_000_00,
    ]  # fmt: skip
    assert room(one, [], [], "2025-05-01", "2025-09-01").amount == 0, "in July nothing was accepted"
    assert room(one, [], [], "2025-08-01", "2025-09-01").amount == 40_000_00
    late = room(one, [("2025-09-10", 35_000_00)], [], "2025-08-01", "2025-09-01")
    assert (late.amount, late.paid) == (5_000_00, 35_000_00), "a later payment has its part already"


def test_a_pipe_whose_place_several_took_stands_while_all_of_them_do():
    assert common([[("1", "5"), ("7", "")], [("3", "")]]) == (("3", "5"), ("7", ""))
    assert common([[("1", "")], []]) == ()


def test_a_fund_is_not_overdrawn_on_any_later_day():
    paid = [("2025-02-01", 30), ("2025-06-01", 50), ("2025-07-01", -40)]
    assert least_left(100, paid, "2025-01-01") == 20
    assert least_left(100, paid, "2025-07-01") == 60


@st.composite
def stories(draw):
    lengths = draw(st.lists(st.integers(1, 200), min_size=1, max_size=4))
    deal = Contract(
        "C", "1", "X", "L1", "b", "renewal", draw(st.integers(1, 10**9)), "2025-01-01", "2025-01-01",
        "2025-12-31", advance=draw(st.sampled_from([0.0, 0.1, 0.3])),
        recovered=draw(st.sampled_from([0.5, 1.0])),
        progress=draw(st.sampled_from([0.8, 0.9, 1.0])), retention=draw(st.sampled_from([0.0, 0.03])),
        defect_days=draw(st.sampled_from([0, 30])),
    )  # fmt: skip
    step = st.tuples(
        st.sampled_from(["accept", "withdraw", "pay", "advance", "vary"]),
        st.integers(0, 3), st.integers(0, 40), st.floats(0.01, 1.5),
    )  # fmt: skip
    return lengths, deal, draw(st.lists(step, max_size=14))


@settings(max_examples=150, deadline=None)
@given(stories())
def test_the_sum_of_payments_is_never_above_what_was_allowed_when_they_were_made(story):
    lengths, deal, steps = story
    spells = {at: [] for at in range(len(lengths))}
    paid, drawn, changes, at = [], [], [], 1
    for what, which, wait, share in steps:
        at += wait
        day = f"2025-{1 + at // 28 % 12:02d}-{1 + at % 28:02d}" if at < 336 else "2025-12-28"
        mine = spells[which % len(lengths)]
        if what == "accept" and not (mine and not mine[-1][1]):
            mine.append((day, ""))
        elif what == "withdraw" and mine and not mine[-1][1]:
            mine[-1] = (mine[-1][0], day)
        elif what == "vary":
            changes.append((day, round(deal.price * (share - 0.8) / 10)))
        pipes = [pipe(str(n), length, *spells[n]) for n, length in enumerate(lengths)]
        one = book(*pipes, deal=deal, changes=tuple(changes))
        if what in {"pay", "advance"}:
            asked = round(share * deal.price)
            more = 0
            if what == "advance":
                asked = more = min(asked, advance_of(deal) - sum(amount for _, amount in drawn))
            free = room(one, paid, drawn, day, day, more).amount
            if 0 < asked <= free:
                paid.append((day, asked))
                drawn += [(day, asked)] if what == "advance" else []
                sum_, out = sum(a for _, a in paid), sum(a for _, a in drawn)
                there = limit(one, day, out)
                assert sum_ <= there.total
                assert there.total <= max(0, one.price(day)) * there.share + out
                if not out:
                    assert sum_ <= one.price(day) * Fraction(there.accepted_mm, there.whole_mm)


def test_the_planned_value_follows_the_work_that_days_are_good_for():
    first = date(2025, 1, 1)
    worth = [0 if (first + timedelta(days=n)).month == 2 else 1000 for n in range(365)]  # no work in February
    one = replace(book(pipe("a", 100)), pace=Pace(first, tuple(accumulate(worth))))
    whole = 365 - 28
    assert planned(one, "2025-01-31") == 100_000_00 * 31 // whole
    assert planned(one, "2025-02-28") == planned(one, "2025-01-31")
    assert planned(one, "2025-12-30") == 100_000_00 * (whole - 1) // whole
    assert planned(one, "2025-12-31") == 100_000_00
    idle = replace(one, pace=Pace(first, (0,) * 365))  # a calendar that knows no work: evenly
    assert planned(idle, "2025-01-31") == 100_000_00 * 31 // 365


def test_what_the_schedule_has_accepted_stands_ahead_of_today_and_nowhere_else():
    one = book(pipe("a", 25, ("2025-03-01", "")), pipe("b", 75))
    made = curves([one], [], "2025-04-15", [("2026-02-10", 75_000_00)])
    assert made.days[-1] == "2026-02-28"  # as far as the schedule reaches
    told = dict(zip(made.days, made.expected, strict=True))
    assert (told["2025-03-31"], told["2025-04-15"], told["2026-01-31"]) == (None, 25_000_00, 25_000_00)
    assert told["2026-02-28"] == 100_000_00
    assert set(curves([one], [], "2025-04-15").expected) == {None}


def test_curves_and_indexes_by_hand():
    one = book(pipe("a", 25, ("2025-03-01", "")), pipe("b", 75))
    assert planned(one, "2024-12-31") == 0
    assert planned(one, "2025-01-31") == 100_000_00 * 31 // 365
    assert planned(one, "2026-01-01") == 100_000_00
    made = curves([one], [("2025-03-10", 15_000_00)], "2025-04-15")
    assert made.days[:5] == ("2025-01-31", "2025-02-28", "2025-03-31", "2025-04-15", "2025-04-30")
    assert made.days[-1] == "2025-12-31"
    assert made.accepted[:4] == (0, 0, 25_000_00, 25_000_00)
    assert made.paid[:4] == (0, 0, 15_000_00, 15_000_00)
    assert made.accepted[4] is None
    assert made.contracted[0] == 100_000_00
    stand = Standing(40_000_00, 25_000_00, 15_000_00)
    assert (stand.schedule, stand.money) == (0.625, 25 / 15)
    assert Standing(0, 0, 0).schedule is None


def test_rules_are_a_table_and_a_city_sets_its_own_within_bounds():
    table = rules()
    assert may_use(table, "sewage_charge", "operation")
    assert not may_use(table, "bond", "operation")
    assert not may_use(table, "bond", "fireworks")
    assert last_year(table, "special_fund", 2024) == 2026
    own = with_own({"use.bond.survey": 1, "price_index.2024": 100.0, "price_index.2025": 104.0})
    assert may_use(own, "bond", "survey")
    assert own["use.bond.survey"].status == "city"
    assert price_index(own) == {2024: 100.0, 2025: 104.0}
    for name, value in (("nonsense", 1), ("advance", 2), ("use.bond.survey", 0.5), ("advance", math.nan)):
        with pytest.raises(BadInput):
            check_rule(name, value)


def test_each_rule_has_its_words_and_says_how_well_it_is_known():
    for name, row in rules().items():
        assert row.zh, name
        assert row.en, name
        assert row.low <= row.value <= row.high, name
        assert row.status in {"verified", "single source", "memory", "default"}, name


def test_what_a_contract_says_of_a_metre_and_what_a_mixed_lot_does_not():
    lot = (pipe("a", 60, ("2025-03-01", "")), pipe("b", 40))
    (seen,), why = observations(book(*lot), "2025-06-01")
    assert (seen.metres, seen.price, seen.size, why) == (60.0, 1000.0, "≤400", "")
    mixed = (lot[0], pipe("b", 40, ("2025-03-01", ""), method="open_cut"))
    assert observations(book(*mixed), "2025-06-01") == ([], "mixed")
    assert observations(book(pipe("a", 9)), "2025-06-01") == ([], "nothing_accepted")
    assert [class_of(one) for one in (0.4, 0.41, 0.81, math.nan)] == ["≤400", "400–800", ">800", "?"]


def test_statistics_count_a_contract_once_and_give_no_interval_to_few():
    rows = [("A", 100.0, 10.0, 2024), ("A", 200.0, 30.0, 2024), ("B", 300.0, 5.0, 2025)]
    few = statistic(rows, 3)
    assert (few.count, few.median, few.low, few.years) == (2, (175 + 300) / 2, None, (2024, 2025))
    many = statistic([(str(n), 100.0 + n, 1.0, 2025) for n in range(9)], 3)
    assert many.low <= many.median == 104.0 <= many.high
    assert (many.quarter, many.three_quarters, many.least, many.most) == (102.0, 106.0, 100.0, 108.0)
    assert many == statistic([(str(n), 100.0 + n, 1.0, 2025) for n in range(9)], 3), (
        "the same draws each time"
    )


def test_prices_are_deflated_with_every_year_or_not_at_all():
    rows = [*observations(book(pipe("a", 60, ("2025-03-01", ""))), "2025-06-01")[0]]
    assert deflated(rows, {2024: 100.0}) == ({2025: 1.0}, 0)
    assert deflated(rows, {2025: 104.0}) == ({2025: 1.0}, 2025)


def codes(found):
    return {one.code for one in found}


def test_warnings_of_a_contract():
    table = rules()
    one = book(pipe("a", 50), pipe("b", 50))
    assert codes(contract_warnings(one, Paid(0, 0), "2025-01-10", table)) == {"unfunded"}
    found = contract_warnings(one, Paid(30_000_00, 0, ("a",)), "2025-09-01", table)
    assert codes(found) == {"overpaid", "lost", "late", "unfunded"}
    facts = next(one.facts for one in found if one.code == "overpaid")
    assert (facts["over"], facts["accepted"], facts["whole"]) == (30_000.0, 0.0, 100.0)
    # the advance alone, and by the agreed days it should be worked off: money ahead of metres, not overpaid
    assert "ahead" in codes(contract_warnings(one, Paid(20_000_00, 20_000_00), "2025-06-01", table))
    grown = book(pipe("a", 100, ("2025-01-05", "")), changes=(("2025-01-06", 8_000_00),))
    assert "growth" in codes(contract_warnings(grown, Paid(0, 0), "2025-01-10", table))


def test_warnings_of_a_fund_and_of_a_year():
    table = rules()
    one = FundState("F", "fund", "special_fund", 2025, 100, 10, 150)
    assert codes(fund_warnings(one, "2025-09-30", table)) == {"overcommitted"}
    assert codes(fund_warnings(one, "2025-10-01", table)) == {"unspent", "overcommitted"}
    assert codes(fund_warnings(one, "2028-01-01", table)) == {"lapsed", "overcommitted"}
    (warned,) = year_warnings({"2025": 3.0, "2026": 0.0}, [one])
    assert (warned.id, warned.facts["lacks"]) == ("2025", 2.0)


def test_the_curve_of_accepted_value_is_the_value_of_each_day():
    pipes = (
        pipe("a", 37, ("2025-03-01", "2025-05-10"), ("2025-06-01", "")),
        pipe("b", 63, ("2025-04-02", "")),
    )
    one = book(*pipes, changes=(("2025-04-20", 3_333_33), ("2025-07-07", -1_000_01)))
    made = curves([one], [], "2025-09-30")
    known = [(day, value) for day, value in zip(made.days, made.accepted, strict=True) if value is not None]
    assert [value for _, value in known] == [limit(one, day).value for day, _ in known]
    assert made.contracted[: len(known)] == tuple(one.price(day) for day, _ in known)
