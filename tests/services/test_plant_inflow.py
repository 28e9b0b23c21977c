"""What a plant receives is a mean weighted by flow, with the interval of its months."""

import math
from dataclasses import replace

import numpy as np
import pytest

from wenqu.network.model import City, assets
from wenqu.series.model import Flag, Series, series
from wenqu.services.city_state import CityState
from wenqu.services.plant_inflow import daily, plant_inflows
from wenqu.store.database import open_store


def at_pl(small, day):
    past = CityState(replace(small.state.network, as_of=f"{day}T23:59:59.999999"))
    return next(plant for plant in plant_inflows(small.store, past) if plant.id == "PL")


def test_the_mean_is_weighted_by_flow_and_the_interval_comes_from_the_months(small):
    by_id = {plant.id: plant for plant in plant_inflows(small.store, small.state)}
    plant, other, industry = by_id["PL"], by_id["QL"], by_id["IN"]
    # April: 30 d of 1 m³/s at 150 mg/L; May: 31 d of 2 m³/s at 105 mg/L; the flagged day counts nowhere
    assert plant.days == 61
    assert plant.flow == pytest.approx((30 + 62) / 61)
    assert plant.bod5 == pytest.approx((30 * 0.150 + 62 * 0.105) / 92)
    # monthly means 0.150 and 0.105: s = 0.045/√2, standard error s/√2 = 0.0225, half-width 1.645 · 0.0225
    half = 1.645 * 0.0225
    assert plant.bod5_high - plant.bod5 == pytest.approx(half)
    assert plant.bod5 - plant.bod5_low == pytest.approx(half)
    assert (plant.since, plant.until) == ("2025-04-01", "2025-05-31")
    assert plant.threshold == 0.1, "no target of its own"
    assert other.threshold == 0.08
    assert other.bod5 == pytest.approx(0.079)
    assert math.isnan(industry.flow)
    assert industry.days == 0
    assert industry.name == "IN"


def test_a_past_day_sees_only_the_readings_until_then(small):
    plant = at_pl(small, "2025-05-15")
    assert (plant.until, plant.days) == ("2025-05-15", 45)
    assert plant.bod5 == pytest.approx((30 * 0.150 + 30 * 0.105) / 60)
    few = at_pl(small, "2025-04-29")
    assert few.days == 29
    assert few.flow == pytest.approx(1.0)
    assert math.isnan(few.bod5), "29 days are too few"
    none = at_pl(small, "2025-03-31")
    assert math.isnan(none.flow)
    assert none.since == ""


def test_a_month_without_flow_has_no_say(tmp_path):
    store = open_store(str(tmp_path))
    with store.change("x", who="t", why="t") as change:
        change.put_city(City("x", simulated=True))
        change.put(assets("plant", ["P", "Z"], {"capacity": [1.0, 1.0]}))
    days = np.datetime64("2025-01-01", "s") + np.arange(90) * np.timedelta64(86400, "s")
    flow = np.where(days < np.datetime64("2025-02-01"), 0.0, 1.0)  # shut in January
    bod = np.where(days < np.datetime64("2025-03-01"), 0.1, 0.2)
    store.write_series(
        "x",
        [
            series("P", "flow", days, flow, simulated=True),
            series("P", "bod5", days, bod, simulated=True),
            series("Z", "flow", days, np.zeros(90), simulated=True),
            series("Z", "bod5", days, bod, simulated=True),
        ],
    )
    plant, still = plant_inflows(store, CityState(store.network("x")))
    assert plant.bod5 == pytest.approx((28 * 0.1 + 31 * 0.2) / 59)
    assert plant.bod5_high - plant.bod5 == pytest.approx(1.645 * 0.05)  # of two months
    assert math.isnan(still.bod5)
    assert still.flow == 0.0
    store.close()


def test_a_day_is_the_mean_of_its_undoubted_readings():
    times = np.array(
        ["2025-01-01T00", "2025-01-01T12", "2025-01-01T18", "2025-01-02T00"], dtype="datetime64[s]"
    )
    flags = np.array([Flag.GOOD, Flag.GOOD, Flag.JUMP, Flag.MISSING], dtype=np.uint8)
    days, means = daily(Series("P", "flow", times, np.array([1.0, 3.0, 99.0, np.nan]), flags))
    assert days.astype(str).tolist() == ["2025-01-01"]
    assert means.tolist() == [2.0]


def test_a_plant_without_readings_is_unknown_and_not_zero(bare):
    (plant,) = plant_inflows(bare.store, bare.state)
    assert math.isnan(plant.flow)
    assert math.isnan(plant.bod5)
    assert plant.capacity == 1.0
