"""The balance of the zones of a city of which every figure can be worked out by hand."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
import python_calamine
import shapely

from wenqu.diagnosis.observers import Observer
from wenqu.errors import Unknown
from wenqu.network.geometry import Shapes, shapes_from
from wenqu.network.model import City, assets
from wenqu.series.model import series
from wenqu.services.city_state import Cities
from wenqu.services.export_balance import balance_workbook
from wenqu.services.rights import Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.view_balance import view_balance, view_zones
from wenqu.services.zone_places import outermost
from wenqu.store.database import open_store

DAYS = np.datetime64("2025-03-01") + np.arange(61)
M3_D = 1 / 86400


def squares(*corners):
    boxes = [shapely.box(x, y, x + 100, y + 100) for x, y in corners]
    return shapes_from(np.array(boxes, dtype=object))


def points(*places):
    return Shapes.points(np.array(places, dtype=np.float64))


def daily(asset, quantity, values):
    kept = np.isfinite(values)
    return series(asset, quantity, DAYS[kept].astype("datetime64[s]"), np.asarray(values)[kept] * M3_D)


def tables():
    """M1 → M2 → plant P; zone A stands round M1, zone B round M2. Users: 800 and 400 m³/d."""
    yield assets(
        "zone", ["D1", "A", "B"],
        {"kind": ["district", "metering", "metering"], "name": ["区", "甲", "乙"],
         "district": ["D1", "D1", "D2"], "plant": ["P", "P", "P"]},
        squares((0, 0), (0, 0), (100, 0)),
    )  # fmt: skip
    yield assets("manhole", ["M1", "M2"], {"district": ["D1", "D2"]}, points((50, 50), (150, 50)))
    yield assets("plant", ["P"], {"name": ["厂"], "district": ["D2"]}, points((250, 50)))
    yield assets(
        "conduit", ["c1", "c2"],
        {"from_id": ["M1", "M2"], "to_id": ["M2", "P"], "length": [100.0, 100.0],
         "system": ["sanitary", "sanitary"], "district": ["D1", "D2"]},
    )  # fmt: skip
    yield assets(
        "source", ["u1", "u2", "u3"],
        {"water_use": [800 * M3_D, 400 * M3_D, 100 * M3_D], "return_ratio": [0.8, 0.9, np.nan],
         "connects_to": ["M1", "M2", None], "district": ["D1", "D2", "D2"]},
        points((40, 40), (140, 40), (160, 60)),
    )  # fmt: skip
    yield assets(
        "meter", ["Q1", "QP"],
        {"on_id": ["c1", "P"], "measures": ["flow", "flow"], "flow_error": [0.0, 0.0],
         "bias_error": [0.0, 0.0], "district": ["D1", "D2"]},
    )  # fmt: skip


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    store = open_store(str(tmp_path_factory.mktemp("town")))
    with store.change("town", who="tester", why="tables") as change:
        change.put_city(City("town", "镇", "Town", "EPSG:4549"))
        for table in tables():
            change.put(table)
    noise = 1 + 0.01 * np.sin(np.arange(61))  # a meter that never moves is stuck
    wet = np.isin(np.arange(61), (10, 11))
    treated = 1500 * noise + 700 * wet
    treated[40:44] = np.nan
    rain = np.where(wet, 0.02 / 86400, 0.0)
    store.write_series(
        "town",
        [
            daily("A", "supply", 1000 * noise), daily("B", "supply", 500 * noise),
            daily("Q1", "flow", 500 * noise), daily("QP", "flow", treated),
            series("R", "rain", DAYS.astype("datetime64[s]"), rain),
        ],
    )  # fmt: skip
    yield SimpleNamespace(store=store, known=Cities(store))
    store.close()


def made(town, of, **asked):
    return view_balance(town.known, town.known.state("town"), of, **asked)


def test_the_plant_receives_the_bills_of_its_users_times_their_ratio_and_more(town):
    found = made(town, "plant/P", by="all")
    (one,) = found["periods"]
    # Bills 800 of 1000 and 400 + 100 of 500; 100 enter no sewer. Returned: 800·0.8 + 400·0.9 = 1000.
    assert one["supplied"][1] == pytest.approx(1000 + 500 * 400 / 500, rel=0.003)
    assert one["returned"][1] == pytest.approx(1000, rel=0.003)
    assert found["return_ratio"] == pytest.approx(1000 / 1400, rel=0.003)
    assert one["treated"][1] == pytest.approx(1500 + 700 * 2 / 57, rel=0.01)
    assert one["rain"][1] == pytest.approx(700 * 2 / 57, rel=0.15)
    assert one["dry"][1] == pytest.approx(500, rel=0.03)
    assert one["unexplained"][1] == pytest.approx(one["treated"][1] - one["returned"][1], abs=0.5)
    assert one["closed_by"] == "treated"
    assert [part["id"] for part in found["supply"]] == ["A", "B"]
    assert [part["id"] for part in found["ways"]] == ["Q1"]
    assert found["measured_length"] == pytest.approx(0.5)


def test_sewage_that_does_not_arrive_is_told_with_its_months(town):
    found = made(town, "meter/Q1")
    assert [one["period"] for one in found["periods"]] == ["2025-03", "2025-04"]
    assert found["periods"][0]["unexplained"][1] == pytest.approx(500 - 640, rel=0.01)
    told = {row["code"]: row["facts"] for row in found["issues"]}
    assert told["diagnosis.balance-negative"]["count"] == 2


def test_days_that_the_plant_did_not_report_are_counted_by_day_and_told(town):
    found = made(town, "plant/P", by="day")
    silent = [one["period"] for one in found["periods"] if one["treated"] is None]
    assert silent == [str(day) for day in DAYS[40:44]]
    facts = {row["code"]: row["facts"] for row in found["issues"]}["diagnosis.balance-missing-treated"]
    assert (facts["missing"], facts["days"]) == (4, 61)
    wet = {one["period"]: one["wet_days"] for one in found["periods"]}
    assert wet["2025-03-11"] == 1
    assert wet["2025-03-10"] == 0


def test_a_supply_zone_without_meters_at_its_ends_is_told(town):
    found = made(town, "zone/A", by="all")
    assert found["periods"][0]["unexplained"] is None
    assert "diagnosis.balance-no-outlet" in {row["code"] for row in found["issues"]}
    assert found["periods"][0]["returned"][1] == pytest.approx(640, rel=0.003)


def test_the_city_closes_by_its_plants_and_an_unknown_zone_or_period_is_named(town):
    (one,) = made(town, "city", by="all")["periods"]
    assert one["supplied"][1] == pytest.approx(1500, rel=0.003)
    assert one["closed_by"] == "treated"
    assert made(town, "city", period="2025-03")["period"] == "2025-03"
    for asked in ({"of": "plant/X"}, {"of": "city", "period": "2031-01"}):
        with pytest.raises(Unknown):
            made(town, **asked)


def test_who_reads_one_district_sees_the_zones_made_of_its_readings_alone(town):
    person = Person("b", (Grant("bureau", "town", "D1"),))
    known = SeenCities(town.known, person)
    state = known.state("town")
    found = view_zones(known, state)
    assert {one["key"] for one in found["zones"]} == {"meter/Q1", "zone/A"}
    assert found["hidden"] == 3
    assert view_balance(known, state, "meter/Q1")["periods"]
    with pytest.raises(Unknown):
        view_balance(known, state, "plant/P")


def test_without_supply_or_users_nothing_is_called_unexplained(tmp_path):
    store = open_store(str(tmp_path))
    with store.change("bare", who="tester", why="tables") as change:
        change.put_city(City("bare"))
        for table in tables():
            if table.type not in {"source", "zone"}:
                change.put(table)
    store.write_series("bare", [daily("QP", "flow", 1500 + 10 * np.sin(np.arange(61)))])
    known = Cities(store)
    found = view_balance(known, known.state("bare"), "plant/P", by="all")
    assert found["periods"][0]["unexplained"] is None
    codes = {row["code"] for row in found["issues"]}
    assert codes == {"diagnosis.balance-no-supply", "diagnosis.balance-no-rain"}
    assert view_zones(known, known.state("bare"))["zones"]
    store.close()


def test_a_city_without_readings_has_zones_and_no_figures(bare):
    known = Cities(bare.store)
    found = view_balance(known, known.state("bare"), "plant/P")
    assert found["periods"] == []
    assert view_zones(known, known.state("bare"))["since"] == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_workbook_holds_periods_streams_and_faults(town, language):
    content = balance_workbook(made(town, "meter/Q1"), language)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert sheets[0][1][0] == "2025-03"
    assert len(sheets) == 3
    assert len(sheets[2]) >= 2


def test_a_place_with_another_below_it_or_on_the_same_pipes_is_not_counted_twice():
    def place(id_, first, last, on="conduit"):
        return Observer(id_, "meter", on, id_, (), 0, first, last, 0.1, 0.05)

    places = tuple(
        place(*one)
        for one in (
            ("deep", 2, 5),
            ("low", 0, 9),
            ("twin", 0, 9),
            ("beside", 10, 12),
            ("lift", 12, 20, "station"),
        )
    )
    assert [one.id for one in outermost(places, "conduit")] == ["low", "beside"]
    assert [one.id for one in outermost(places, "conduit", "station")] == ["low", "beside", "lift"]
