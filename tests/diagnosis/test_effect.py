"""Did it work: the null holds its rate, ten per cent are seen, gaps and broken controls are told."""

from dataclasses import replace

import numpy as np
import pytest

from tests.diagnosis.flow_records import record, records
from wenqu.diagnosis.dry_day_model import DayRecord, day_levels, day_record, week_table
from wenqu.diagnosis.effect_control import BROKE, GAPS, NONE, STOPPED, USED, reading
from wenqu.diagnosis.effect_learning import Judged, learn
from wenqu.diagnosis.effect_null import AHEAD, AROUND, bands, days_needed, null_band
from wenqu.diagnosis.effect_verdict import NOT_SEEN, SEEN, WAIT, Asked, judge, terms_of
from wenqu.series.model import series

RATE = 0.025
AFTER = 420


def judged(seed, *, years=6, cut=0.0, span=60, with_control=False, spoil=None, **shape):
    """Return the outcome of works that take a share ``cut`` away at the end of a history."""
    before = int(365.25 * years)
    at, sky, rows = records(seed, before + AFTER, 2, **shape)
    rows[0][before:] *= 1 - cut
    one, two = record(at, sky, rows[0]), record(at, sky, rows[1]) if with_control else None
    made = terms_of(one, two, Asked(at[before], span, 0.1))
    assert made is not None
    if spoil is not None:
        spoil(rows, before)
        one, two = record(at, sky, rows[0]), record(at, sky, rows[1]) if with_control else None
    return judge(one, two, made[0], at[before])[0]


def test_nothing_built_is_seen_no_more_often_than_the_stated_rate():
    verdicts = [judged(seed).verdict for seed in range(100)]
    # Of 100 at a rate of 2.5 % 2.5 are expected; more than 7 would come in one run of two hundred.
    assert verdicts.count(SEEN) <= 7


def test_a_meter_that_drifts_is_not_seen_more_often_either():
    verdicts = [judged(500 + seed, slow=0.08).verdict for seed in range(60)]
    assert verdicts.count(SEEN) <= 5


def test_ten_per_cent_are_seen_in_ninety_dry_days_of_a_long_record():
    found = [judged(seed, years=9, cut=0.10, span=90).verdict for seed in range(40)]
    assert found.count(SEEN) >= 32  # four in five


def test_a_short_history_widens_the_band_and_a_long_one_narrows_it():
    at, sky, (rows,) = records(3, 365 * 9)
    one = record(at, sky, rows)
    short, long = null_band(one, 365, 20), null_band(one, 365 * 9, 20)
    assert short is not None
    assert long is not None
    assert (short.kind, long.kind) == (AROUND, AHEAD)
    assert short.half(RATE) / short.sd > long.half(RATE) / long.sd


def test_a_history_of_two_months_tells_no_band():
    at, sky, (rows,) = records(3, 60)
    assert null_band(record(at, sky, rows), 60, 20) is None
    assert bands(record(at, sky, rows), 60) == ()


def test_days_needed_fall_as_the_effect_grows_and_a_tiny_one_is_never_seen():
    at, sky, (rows,) = records(5, 365 * 8)
    found = bands(record(at, sky, rows), 365 * 8)
    few, many = days_needed(found, 0.30, RATE, 0.8), days_needed(found, 0.15, RATE, 0.8)
    assert 0 < few <= many
    assert days_needed(found, 0.01, RATE, 0.8) == 0


def test_it_waits_for_the_registered_dry_days_and_says_how_many_are_missing():
    at, sky, (rows,) = records(7, 365 * 5 + 40)
    one = record(at, sky, rows)
    made = terms_of(one, None, Asked(at[365 * 5], 60, 0.1))
    assert made is not None
    told, _ = judge(one, None, made[0], at[365 * 5])
    have = int((one.dry & (np.arange(len(one)) >= 365 * 5 + 7)).sum())
    assert (told.verdict, told.dry_days, told.more) == (WAIT, have, 60 - have)
    assert judge(one, None, made[0], None)[0].more == 60  # works that go on


def test_a_gap_of_the_meter_is_made_up_by_later_dry_days():
    def gap(rows, before):
        rows[0][before + 20 : before + 80] = np.nan

    whole, holed = judged(11, cut=0.3), judged(11, cut=0.3, spoil=gap)
    assert (whole.verdict, holed.verdict) == (SEEN, SEEN)
    assert holed.until > whole.until
    assert holed.dry_days == whole.dry_days == 60


def test_a_control_takes_off_what_the_whole_city_did():
    city = {"common": 0.06, "slow": 0.01, "wet": 0.05}
    alone = [judged(seed, **city) for seed in range(12)]
    beside = [judged(seed, with_control=True, **city) for seed in range(12)]
    assert {one.control for one in beside} == {USED}
    spread = [np.std([one.change for one in some]) for some in (alone, beside)]
    assert spread[1] < 0.7 * spread[0]
    assert np.mean([one.threshold for one in beside]) < 0.7 * np.mean([one.threshold for one in alone])


@pytest.mark.parametrize(
    ("factor", "said"), [(np.nan, STOPPED), (0.2, BROKE), (1.0, USED)], ids=["silent", "broke", "good"]
)
def test_a_control_that_broke_is_left_out_and_the_band_without_it_holds(factor, said):
    def spoil(rows, before):
        rows[1][before:] *= factor

    told = judged(13, cut=0.3, with_control=True, spoil=spoil)
    assert told.control == said
    assert told.verdict == SEEN
    assert judged(13, cut=0.3).control == NONE


def test_a_control_that_stops_after_the_works_does_not_make_the_city_wait_for_ever():
    def stop(rows, before):
        rows[1][before + 120 :] = np.nan  # it has read more than half of the window by then

    told, alone = judged(13, cut=0.3, with_control=True, spoil=stop), judged(13, cut=0.3)
    assert (told.control, told.verdict, told.more) == (STOPPED, SEEN, 0)
    assert (told.change, told.threshold) == (alone.change, alone.threshold)  # the band without it holds


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ([1] * 20, USED), ([1, 0] * 20, USED), ([1] * 12 + [0] * 7, USED),  # 7 in a row: it may come again
        ([1] * 12 + [0] * 10, STOPPED), ([0] * 10 + [1] * 20, STOPPED), ([1] * 20 + [0] * 90, USED),
        ([0, 0, 1] * 7, GAPS), ([1] * 11 + [0] * 9 + [1] + [0] * 9 + [1] + [0] * 9, GAPS), ([], USED),
    ],
)  # fmt: skip
def test_a_control_is_left_out_when_it_reads_too_little_of_twenty_days(read, said):
    assert reading(np.array(read, dtype=np.bool_), 20) == said


def test_the_week_table_gives_every_hour_its_share_and_spares_a_day_with_missing_hours():
    days = np.datetime64("2024-01-01") + np.arange(70)
    shape = np.array([0.5, 1.0, 1.5, 1.0])
    rows = np.tile(shape, (70, 1)) * 2.0
    rows[40, 2] = np.nan
    flat = DayRecord(days, rows, np.ones(70, np.bool_), np.ones((70, 1)))
    table = week_table(flat, np.ones(70, np.bool_))
    assert table == pytest.approx(np.tile(shape, (7, 1)))
    assert day_levels(flat, table) == pytest.approx(np.full(70, 2.0))


def test_a_meter_read_once_a_day_is_a_record_of_days():
    times = np.datetime64("2024-01-01T00:00:00") + np.arange(90) * np.timedelta64(86400, "s")
    made = day_record(series("M", "flow", times, np.full(90, 3.0)), None)
    assert made.flow.shape == (90, 1)
    assert made.dry[30]


def test_the_night_metric_reads_two_to_five():
    times = np.datetime64("2024-01-01T00:00:00") + np.arange(24 * 60) * np.timedelta64(3600, "s")
    hour = np.tile(np.arange(24), 60).astype(float)
    made = day_record(series("M", "flow", times, hour), None, metric="night")
    assert made.flow[0].tolist() == [2, 3, 4]


def test_what_was_found_moves_method_and_contractor_between_prior_and_finding():
    # One verification of one method, no contractor: prior mean 0.5, relative sd 0.1; found half, sd 0.1
    # -> by hand half way between 1 and 0.5: 0.75 · 0.5 = 0.375, relative sd 0.1/√2.
    a = 49.5  # Beta(a, a): sd = 0.5/√(2a + 1) = 0.05
    (method,), () = learn([Judged("v", 0.5, 0.1, {"cipp": 1.0}, "")], {"cipp": (a, a)})
    assert method.prior_sd == pytest.approx(0.05)
    assert method.mean == pytest.approx(0.375)
    assert method.sd == pytest.approx(0.5 * 0.1 / np.sqrt(2))
    assert method.a / (method.a + method.b) == pytest.approx(0.375)
    size = method.a + method.b
    assert np.sqrt(method.mean * (1 - method.mean) / (size + 1)) == pytest.approx(method.sd)


def test_a_contractor_who_falls_short_twice_is_told_from_a_method_that_holds():
    rows = [Judged(f"g{n}", 1.0, 0.15, {"cipp": 1.0}, "good") for n in range(4)]
    rows += [Judged(f"b{n}", 0.4, 0.15, {"cipp": 1.0}, "bad") for n in range(4)]
    (method,), contractors = learn(rows, {"cipp": (36, 4), "unused": (2, 2)})
    told = {one.key: one for one in contractors}
    assert told["bad"].mean < 0.75 < told["good"].mean
    assert told["bad"].judged == ("b0", "b1", "b2", "b3")
    assert method.mean == pytest.approx(0.9, abs=0.08)


def test_nothing_judged_teaches_nothing():
    assert learn([], {"cipp": (36, 4)}) == ((), ())


def test_works_that_bring_sewage_are_seen_by_a_rise():
    before = 365 * 6
    at, sky, (rows,) = records(17, before + AFTER)
    rows[before:] *= 1.3
    one = record(at, sky, rows)
    made = terms_of(one, None, Asked(at[before], 60, -0.2))
    assert made is not None
    assert judge(one, None, made[0], at[before])[0].verdict == SEEN
    less = replace(made[0], asked=Asked(at[before], 60, 0.2))
    assert judge(one, None, less, at[before])[0].verdict == NOT_SEEN
