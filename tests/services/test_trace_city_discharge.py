"""A discharge in a city's readings is traced to the user who let it in."""

import numpy as np
import pytest
from scipy.special import erf

from wenqu.diagnosis.discharge_prior import trade_factors, user_factors
from wenqu.errors import BadInput, NotEnoughData
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.network.schema import code_lists
from wenqu.series.model import series
from wenqu.services.city_state import CityState
from wenqu.services.trace_city_discharge import trace_city_discharge
from wenqu.store.database import open_store

STEP = 300  # [s]
DAYS = 8
SINCE, UNTIL = "2026-03-08T08:00:00", "2026-03-08T20:00:00"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return two streets of 30 pipes of 100 m that meet at m0; the works stand at a20, 0.6 m/s below."""
    made = open_store(str(tmp_path_factory.mktemp("trace") / "store"))
    ids, at, pipes = ["m0"], [(0.0, 0.0)], []
    for name, way in (("a", (1, 0)), ("b", (0, 1))):
        for number in range(1, 31):
            pipes.append((f"{name}{number}", f"{name}{number - 1}" if number > 1 else "m0"))
            ids.append(f"{name}{number}")
            at.append((100.0 * number * way[0], 100.0 * number * way[1]))
    places = np.array(at)
    ends = np.array([places[ids.index(one)] for pair in pipes for one in pair])
    columns = {
        "from_id": [one for one, _ in pipes], "to_id": [one for _, one in pipes],
        "system": ["sanitary"] * len(pipes),
    }  # fmt: skip
    times = np.arange(
        np.datetime64("2026-03-01", "s"), np.datetime64("2026-03-09", "s"), np.timedelta64(STEP, "s")
    )
    rng = np.random.default_rng(1)
    readings = []
    for meter, way in (("K1", 2000.0), ("K2", 1000.0), ("K3", None)):
        usual = 800 + 100 * np.sin(2 * np.pi * np.arange(len(times)) * STEP / 86400)
        values = usual + rng.normal(0, 8, len(times))
        if way is not None:  # the works at a20 let go at 10:00 for an hour
            since = (times - np.datetime64("2026-03-08T10:00", "s")).astype(float) - way / 0.6
            sd = np.sqrt(60 * way / 0.6) * np.sqrt(2)
            values += 200 * (erf(since / sd) - erf((since - 3600) / sd))
        readings += [
            series(meter, "conductivity", times, values / 1e4),
            series(meter, "flow", times, np.full(len(times), 0.05)),
        ]
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("manhole", ids, {}, Shapes.points(places)))
        lines = Shapes.lines(ends, np.arange(0, 2 * len(pipes) + 1, 2))
        change.put(assets("conduit", [f"p-{one}" for one, _ in pipes], columns, lines))
        change.put(assets("meter", ["K1", "K2", "K3"], {"on_id": ["m0", "a10", "b5"]}))
        change.put(
            assets("source", ["works", "farm"], {"connects_to": ["a20", "b20"], "trade": ["industry", ""]})
        )
    made.write_series("c", readings)
    yield made
    made.close()


def test_the_works_are_named_first_with_their_hour(store):
    found = trace_city_discharge(store, CityState(store.network("c")), SINCE, UNTIL)
    assert found["seen"]
    assert {one["meter"] for one in found["sensors"] if one["used"]} == {"K1", "K2", "K3"}
    assert {one["meter"] for one in found["sensors"] if one["saw"]} == {"K1", "K2"}
    assert found["quantities"] == ["conductivity"]
    first = found["places"][0]
    assert [one["id"] for one in first["users"]] == ["works"]
    assert first["users"][0]["times"] == 8  # industry, by conductivity
    assert first["saw"] == ["K1", "K2"]
    assert first["blind"] == []
    assert found["lines"]["features"][0]["properties"]["weight"] == 1
    assert first["share"] > 0.5
    began = np.datetime64(first["began"])
    assert abs((began - np.datetime64("2026-03-08T10:00", "s")).astype(int)) <= 1800
    assert found["region_m"] <= 600


def test_on_a_quiet_day_nothing_is_claimed(store):
    found = trace_city_discharge(
        store, CityState(store.network("c")), "2026-03-07T08:00:00", "2026-03-07T20:00:00"
    )
    assert not found["seen"]


def test_a_span_that_is_none_and_a_time_without_readings_are_told(store):
    state = CityState(store.network("c"))
    for since, until in ((UNTIL, SINCE), ("soon", UNTIL), ("2026-03-01", "2026-03-09")):
        with pytest.raises(BadInput):
            trace_city_discharge(store, state, since, until)
    with pytest.raises(NotEnoughData):
        trace_city_discharge(store, state, "2025-03-01T00:00", "2025-03-02T00:00")


def test_a_meter_that_is_left_out_does_not_count_and_the_region_grows(store):
    state = CityState(store.network("c"))
    whole = trace_city_discharge(store, state, SINCE, UNTIL)
    less = trace_city_discharge(store, state, SINCE, UNTIL, ("K2",))
    assert [one["used"] for one in less["sensors"] if one["meter"] == "K2"] == [False]
    assert less["region_m"] > whole["region_m"]
    with pytest.raises(BadInput):
        trace_city_discharge(store, state, SINCE, UNTIL, (), ("colour",))
    with pytest.raises(NotEnoughData):
        trace_city_discharge(store, state, SINCE, UNTIL, (), ("cod",))


def test_the_next_sample_lies_above_what_saw_it_and_below_what_may_have_let_it_in(store):
    found = trace_city_discharge(store, CityState(store.network("c")), SINCE, UNTIL, ("K2", "K3"))
    assert found["next"]
    assert 0.05 < found["next"][0]["above"] < 0.95


def test_registered_strength_stands_before_the_trade_and_who_had_closed_is_left_out():
    nan = float("nan")
    factors = user_factors(["industry", "industry", "household"], {"cod": np.array([nan, 0.2, 4.0])}, ["cod"])
    assert factors == pytest.approx([6.0, 0.5, 8.0])  # by trade; half of sewage; ten times, held at eight
    both = user_factors(["industry"], {}, ["cod", "ph"])
    assert both == pytest.approx([np.sqrt(6 * 8)])
    assert set(trade_factors()) == set(code_lists()["trade"])
