"""A small city whose rain is known is asked what rain does, through the service and the page's views."""

import numpy as np
import pytest

from wenqu.diagnosis.rain_kernels import answered_by_memory
from wenqu.errors import NotEnoughData, Refused
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.records.finding import Finding
from wenqu.records.rain import FINDINGS
from wenqu.series.model import series
from wenqu.services.asset_card import asset_card
from wenqu.services.city_state import Cities, CityState
from wenqu.services.jobs import Jobs
from wenqu.services.rainfall_response import begin_rainfall, rainfall_response
from wenqu.services.rights import Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.view_rainfall import view_rainfall
from wenqu.services.view_rainfall_meter import view_rainfall_meter
from wenqu.store.database import open_store

CODE, DAYS, HOUR = "rainy", 150, 3600.0
CORNER = (500_000.0, 3_170_000.0)
FAST = {"A": 4000.0, "B": 300.0, "T": 100.0}  # [m²] whose rain gets in at once
SLOW = {"A": 1000.0, "B": 5000.0, "T": 200.0}  # over two days
PIPES = 10  # of 100 m each a branch


def network():
    """Branches A and B of 1 km join trunk T of 1 km to the plant; a meter at the end of each."""
    names = {branch: [f"{branch}{place}" for place in range(PIPES)] for branch in FAST}
    after = {"A": "T0", "B": "T0", "T": "P"}
    links = [
        (f"c{start}", start, end)
        for branch, there in names.items()
        for start, end in zip(there, [*there[1:], after[branch]], strict=True)
    ]
    manholes = [name for there in names.values() for name in there]
    east = {"A": -1.0, "B": 1.0, "T": 0.0}
    at = [(100.0 * east[name[0]] * (PIPES - int(name[1:])), 100.0 * int(name[1:])) for name in manholes]
    return Network(
        City(CODE, "雨城", "Rainy", crs="EPSG:4547", simulated=True),
        {
            "manhole": assets("manhole", manholes, {}, Shapes.points(np.add(at, CORNER))),
            "plant": assets("plant", ["P"], {}),
            "conduit": assets(
                "conduit",
                [id_ for id_, _, _ in links],
                {
                    "from_id": [a for _, a, _ in links],
                    "to_id": [b for _, _, b in links],
                    "length": [100.0] * len(links),
                    "system": ["sanitary"] * len(links),
                },
            ),
            "meter": assets(
                "meter",
                ["MA", "MB", "MT"],
                {
                    "district": ["D1", "D2", "D2"],
                    "on_id": ["cA9", "cB9", "cT9"],
                    "name": ["甲", "乙", "总"],
                    "bias_error": [0.02] * 3,
                },
            ),
            "gauge": assets("gauge", ["G"], {"measures": ["rain"]},
                            Shapes.points(np.array([[500_500.0, 3_170_500.0]]))),
        },
    )  # fmt: skip


def times():
    return np.datetime64("2024-03-01", "s") + np.arange(24 * DAYS) * np.timedelta64(3600, "s")


def readings(seed=1):
    rng = np.random.default_rng(seed)
    rain = np.zeros(24 * DAYS)
    for day in range(1, DAYS - 3, 4):
        start, hours = 24 * day + int(rng.integers(0, 24)), int(rng.integers(2, 9))
        rain[start : start + hours] += rng.gamma(2.0, 8.0) / hours
    rain = np.round(rain, 1) * 1e-3 / HOUR
    hour = np.arange(len(rain))
    wave = 1 + 0.4 * np.sin((hour % 24 - 9) * 2 * np.pi / 24)
    own = {
        name: 0.004 * wave
        + FAST[name] * answered_by_memory(rain, 2.0, HOUR)
        + SLOW[name] * answered_by_memory(rain, 48.0, HOUR)
        for name in FAST
    }
    flow = {"MA": own["A"], "MB": own["B"], "MT": own["A"] + own["B"] + own["T"]}
    made = [
        series(name, "flow", times(), value * (1 + 0.02 * rng.standard_normal(len(value))), simulated=True)
        for name, value in flow.items()
    ]
    return [*made, series("G", "rain", times(), rain, simulated=True)]


def filled(folder, rows, tables=None):
    store = open_store(folder)
    whole = tables or network()
    with store.change(CODE, who="test", why="test") as change:
        change.put_city(whole.city)
        for table in whole.tables.values():
            change.put(table)
    store.write_series(CODE, rows)
    return store


@pytest.fixture(scope="module")
def rainy(tmp_path_factory):
    store = filled(tmp_path_factory.mktemp("rainy"), readings())
    made = rainfall_response(store, CODE, who="test")
    yield store, made
    store.close()


def test_every_area_gets_the_rain_that_it_lets_in(rainy):
    _, made = rainy
    found = {row.asset: row for row in made.areas}
    for meter, area in (("MA", "A"), ("MB", "B"), ("MT", "T")):
        row = found[meter]
        assert row.fast.low <= FAST[area] <= row.fast.high
        assert row.slow.low <= SLOW[area] <= row.slow.high
    assert found["MA"].fast.value == pytest.approx(4000, rel=0.1)
    assert found["MB"].slow.value == pytest.approx(5000, rel=0.15)
    assert found["MT"].total.value < 1000
    assert found["MA"].ground == 1000 * 80  # a strip of 80 m along 1 km


def test_each_event_tells_the_share_of_each_area(rainy):
    _, made = rainy
    (area,) = [row for row in made.areas if row.asset == "MA"]
    truth = (FAST["A"] + SLOW["A"]) / area.ground
    assert len(area.events) > 10
    assert np.median([r for _, r, _, _ in area.events]) == pytest.approx(truth, rel=0.15)
    inside = np.mean([low <= truth <= high for _, _, low, high in area.events])
    assert inside > 0.7


def test_findings_are_filed_beside_those_of_a_diagnosis(rainy):
    store, _ = rainy
    rows = store.records(CODE, FINDINGS, Finding, last_run=True)
    assert {row.quantity for row in rows} == {"rain_fast", "rain_slow", "area_rain_fast", "area_rain_slow"}
    assert all(row.simulated and row.unit == "m²" for row in rows)


def test_the_page_sees_areas_with_an_outline_meters_and_events(rainy):
    store, made = rainy
    seen = view_rainfall(store, CityState(store.network(CODE)))
    first = seen["areas"][0]
    assert first["id"] == "MB"  # 5300 m² against 5000
    assert first["outline"]["type"] == "MultiPolygon"
    assert first["m3_per_year"] == pytest.approx(5300 * made.meters[0].depth * 365 / DAYS, rel=0.2)
    assert len(seen["events"]) == made.events
    assert seen["events"][0]["since"] > seen["events"][-1]["since"]
    assert sum(one["r"] is not None for one in seen["events"]) > 10
    assert [one["id"] for one in seen["meters"]] == ["MA", "MB", "MT"]
    assert seen["basis"] == "width"


def test_one_event_has_its_course(rainy):
    store, _ = rainy
    state = CityState(store.network(CODE))
    seen = view_rainfall_meter(store, state, "MA")
    chart = seen["chart"]
    assert len({len(column) for column in chart.values()}) == 1
    flow, dry, model = (np.array(chart[name], dtype=float) for name in ("flow", "dry", "model"))
    assert np.nanmax(flow - dry) > 5 * np.nanmax(np.abs(flow - model))
    earlier = seen["events"][-1]["since"]
    assert view_rainfall_meter(store, state, "MA", earlier)["event"]["since"] == earlier


def test_a_meter_that_nobody_asked_about_says_what_to_do(rainy):
    store, _ = rainy
    with pytest.raises(NotEnoughData) as caught:
        view_rainfall_meter(store, CityState(store.network(CODE)), "MX")
    assert caught.value.reason == "rain-unfiled"


def test_the_card_of_a_meter_tells_its_rain(rainy):
    store, _ = rainy
    card = asset_card(store, CityState(store.network(CODE)), "meter", "MA")
    told = [row for row in card["findings"] if row["method"] == "rain_response"]
    assert [row["quantity"] for row in told] == ["rain_fast", "rain_slow", "area_rain_fast", "area_rain_slow"]
    assert told[0]["method_name"]["en"].startswith("Response to rain")


def test_a_gauge_whose_clock_is_late_is_told(tmp_path):
    rows = readings()
    late = rows[3].times + np.timedelta64(6, "h")
    rows[3] = series("G", "rain", late, rows[3].values, simulated=True)
    store = filled(tmp_path, rows)
    made = rainfall_response(store, CODE, who="test")
    (issue,) = [row for row in made.issues if row.code == "rain.clock" and row.asset == "MA"]
    assert issue.facts["hours"] == 6
    store.close()


def test_a_district_sees_its_own_meter_alone(rainy):
    store, _ = rainy
    whole = Cities(store)
    cities = SeenCities(whole, Person("someone", (Grant("district", CODE, district="D1"),)))
    seen = view_rainfall(cities.store, cities.state(CODE))
    assert [row["id"] for row in seen["meters"]] == [row["id"] for row in seen["areas"]] == ["MA"]
    given = (cities.store, cities.state(CODE))
    told = view_rainfall_meter(*given, "MA", whole=(store, whole.state(CODE)))
    assert told["chart"]["flow"]
    with pytest.raises(NotEnoughData):
        view_rainfall_meter(*given, "MB", whole=(store, whole.state(CODE)))


def test_without_a_gauge_nothing_is_claimed(tmp_path):
    store = filled(tmp_path, readings()[:3])
    made = rainfall_response(store, CODE, who="test")
    assert (made.meters, made.areas) == ((), ())
    assert [row.code for row in made.issues] == ["rain.no-gauge"]
    assert view_rainfall(store, CityState(store.network(CODE)))["areas"] == []
    store.close()


def test_without_a_meter_nothing_is_claimed(tmp_path):
    whole = network()
    bare = Network(whole.city, {name: table for name, table in whole.tables.items() if name != "meter"})
    store = filled(tmp_path, readings()[3:], bare)
    made = rainfall_response(store, CODE, who="test")
    assert "rain.no-meter" in {row.code for row in made.issues}
    store.close()


def test_bad_records_are_left_out_and_told(tmp_path):
    rows = readings()
    gauge = rows[3]
    rows[0] = series(
        "MA", "flow", rows[0].times[::8], rows[0].values[::8], simulated=True
    )  # three readings a day
    rows[1] = series("MB", "flow", rows[1].times[:200], rows[1].values[:200], simulated=True)  # eight days
    far = network()
    far.tables["gauge"] = assets("gauge", ["G"], {"measures": ["rain"]},
                                 Shapes.points(np.array([[540_000.0, 3_170_500.0]])))  # fmt: skip
    store = filled(tmp_path, [*rows[:3], gauge], far)
    made = rainfall_response(store, CODE, who="test")
    told = {(row.code, row.asset) for row in made.issues}
    assert {("rain.seldom", "MA"), ("rain.short", "MB"), ("rain.gauge-far", "MT")} <= told
    assert [row.asset for row in made.areas] == ["MT"]
    store.close()


def test_the_unit_of_a_flow_that_takes_more_than_falls_is_doubted(tmp_path):
    rows = readings()
    rows[2] = series("MT", "flow", rows[2].times, rows[2].values * 100, simulated=True)
    store = filled(tmp_path, rows)
    made = rainfall_response(store, CODE, who="test")
    assert ("rain.more-than-falls", "MT") in {(row.code, row.asset) for row in made.issues}
    store.close()


def test_only_who_may_bring_data_into_the_whole_city_starts_a_run(rainy, tmp_path):
    store, _ = rainy
    jobs = Jobs(tmp_path)
    for grant in (Grant("bureau", CODE), Grant("district", CODE, district="D1")):
        with pytest.raises(Refused):
            begin_rainfall(jobs, store, CODE, Person("someone", (grant,)))
    jobs.close()
