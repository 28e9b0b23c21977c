"""Dilution against loss, the back-cast, chances by date, and tables with faults: known answers."""

import numpy as np
import pytest

from wenqu.diagnosis.end_member_table import EndMember
from wenqu.diagnosis.plant_backcast import BEFORE, OTHERS, backcast
from wenqu.diagnosis.plant_chance import Planned, PlantToday, plant_chances
from wenqu.diagnosis.plant_loss import plant_losses
from wenqu.diagnosis.plant_record import PlantDays, plant_days

FIRST = np.datetime64("2024-01-01")
SURE = {
    (kind, tracer): EndMember(mean, 0.0, "default")
    for kind, tracer, mean in (
        ("sewage", "bod5", 0.2), ("sewage", "tp", 0.005), ("sewage", "nh3n", 0.04),
        ("groundwater", "bod5", 0.0), ("groundwater", "tp", 0.0), ("groundwater", "nh3n", 0.0),
        ("river", "bod5", 0.01), ("river", "tp", 0.0002), ("river", "nh3n", 0.002),
    )
}  # fmt: skip


def record(days, **values):
    return PlantDays(
        FIRST + np.arange(days), {name: np.broadcast_to(one, days) for name, one in values.items()}, 0, 0
    )


def test_a_tracer_that_stays_tells_dilution_and_what_it_cannot_explain_is_loss():
    # By hand: 40 % clean water of 5 mg/L BOD5 and 0.1 mg/L TP, 15 % of the BOD5 lost.
    bod5 = 0.6 * 0.2 * 0.85 + 0.4 * 0.005
    found = plant_losses(record(60, flow=1.0, bod5=bod5, tp=0.6 * 0.005 + 0.4 * 0.0001), SURE)
    (by,) = found
    assert by.tracer == "tp"
    assert by.dilution[0] == pytest.approx(0.4)
    assert by.loss[0] == pytest.approx(0.15)
    month = by.months[0]
    assert month.bod5 + month.lost + month.diluted == pytest.approx(0.2)
    assert month.lost == pytest.approx(0.03)


def test_both_tracers_are_told_and_without_either_or_a_source_nothing_is():
    both = record(60, flow=1.0, bod5=0.1, tp=0.003, nh3n=0.024)
    assert [one.tracer for one in plant_losses(both, SURE)] == ["tp", "nh3n"]
    assert plant_losses(record(60, flow=1.0, bod5=0.1), SURE) == ()
    assert plant_losses(both, {key: one for key, one in SURE.items() if key[1] == "bod5"}) == ()


def test_doubt_of_the_source_widens_the_interval():
    unsure = SURE | {("sewage", "tp"): EndMember(0.005, 0.001, "default")}
    days = record(60, flow=1.0, bod5=0.1, tp=0.003)
    sure, wide = (plant_losses(days, table)[0].dilution for table in (SURE, unsure))
    assert wide[2] - wide[1] > 5 * (sure[2] - sure[1])


def thinned(days, decay=0.3):
    """A constant load of 0.1 kg/s that decays by temperature, in a flow that swings."""
    at = np.arange(days)
    flow = 1.0 + 0.4 * np.sin(at / 58)
    warm = 18 + 8 * np.cos(at / 58)
    load = 0.2 * np.exp(-decay * 1.07 ** (warm - 20))
    return record(days, flow=flow, bod5=load / flow, temperature=warm)


def test_a_load_that_does_not_change_is_foretold_by_flow_and_temperature():
    found = backcast(thinned(365), 0.3, 0.0)
    assert found.rests_on == OTHERS
    assert len(found.months) == 12
    assert found.error < 0.02 < found.plain_error
    assert abs(found.bias) < 0.02


def test_a_long_record_is_foretold_by_the_months_before_and_a_short_one_not_at_all():
    assert backcast(thinned(800), 0.3, 0.0).rests_on == BEFORE
    assert backcast(thinned(150), 0.3, 0.0) is None
    assert backcast(record(400, flow=1.0), 0.3, 0.0) is None


TODAY = PlantToday(1.0, 0.09, 0.0, 0.0, 0.0, 0.0, 0.1)


def test_without_doubt_the_chance_is_all_or_nothing():
    now, later = plant_chances(TODAY, [Planned("2027", 0.0, 0.02, 0.0)])
    assert (now.window, now.chance) == ("", 0.0)
    assert now.bod5 == pytest.approx((0.09, 0.09, 0.09))
    assert later.bod5[0] == pytest.approx(0.09 + 0.02, rel=0.05)


def test_a_plan_that_just_meets_its_target_has_an_even_chance():
    unsure = PlantToday(1.0, 0.1, 0.005, 0.05, 0.0, 0.0, 0.1)
    assert plant_chances(unsure, [])[0].chance == pytest.approx(0.5, abs=0.03)


def test_less_water_runs_slower_and_loses_a_little_of_the_gain():
    plain, slow = (
        plant_chances(PlantToday(1.0, 0.09, 0.0, 0.0, decay, 0.0, 0.1), [Planned("2027", 0.3, 0.0, 0.0)])[
            1
        ].bod5[0]
        for decay in (0.0, 0.3)
    )
    # By hand: (1/0.7)^0.3 - 1 = 0.113; exp(-0.3 · 0.113) = 0.967.
    assert slow / plain == pytest.approx(0.967, abs=0.01)


def table(*rows, head="date,flow_m3_per_d,bod5_mg_per_l"):
    return plant_days("\n".join([head, *rows]).encode(), "plant.csv")


def codes(found):
    return {row.code.removeprefix("diagnosis.record-"): row.facts for row in found.issues}


def test_flow_by_the_hour_and_strength_in_grams_are_read_by_their_headings():
    found = table("2024-01-01,100,0.2", head="date,flow_m3_per_h,bod5_g_per_l")
    assert found.of("flow")[0] == pytest.approx(100 / 3600)
    assert found.of("bod5")[0] == pytest.approx(0.2)
    chinese = table("2024/1/5,1.5,180", head="日期,进水量（万 m³/d）,进水 BOD5（mg/L）")
    assert chinese.of("flow")[0] == pytest.approx(15000 / 86400)
    assert chinese.of("bod5")[0] == pytest.approx(0.18)


def test_figures_below_nothing_are_left_out_and_told():
    found = table("2024-01-01,-5,200", "2024-01-02,100,210")
    assert np.isnan(found.of("flow")[0])
    assert codes(found)["negative"]["count"] == 1


def test_a_month_before_the_day_is_told_and_not_guessed():
    found = table("5/6/24,100,200", "6/25/24,100,200", "7/30/24,100,200")
    assert len(found.days) == 1
    assert codes(found)["month-first"]["count"] == 2


def test_grams_under_a_heading_of_milligrams_are_suspected_and_not_changed():
    found = table(*(f"2024-01-{day:02d},1000,0.2" for day in range(1, 11)))
    assert codes(found)["unit"]["quantity"] == "bod5"
    assert found.of("bod5")[0] == pytest.approx(0.2e-3)


def test_a_month_by_the_hour_within_a_column_by_the_day_is_suspected():
    rows = [
        f"2024-{month:02d}-{day:02d},{24000 if month < 5 else 1000},200"
        for month in range(1, 6)
        for day in range(1, 20)
    ]
    facts = codes(table(*rows))["unit-change"]
    assert (facts["month"], facts["factor"]) == ("2024-05", 24)


def test_days_without_a_row_and_days_given_twice_are_counted():
    found = codes(table("2024-01-01,100,200", "2024-01-20,100,200", "2024-01-20,1,2"))
    assert found["gaps"]["missing"] == 18
    assert found["twice"]["count"] == 1


def test_a_decay_that_nobody_says_is_found_in_the_other_months():
    given, fitted, wrong = (backcast(thinned(365), decay, 0.0).error for decay in (0.3, float("nan"), 0.0))
    assert fitted == pytest.approx(given, abs=0.005)
    assert wrong > 3 * fitted
