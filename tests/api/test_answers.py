"""What the interface answers, and how it says no."""

from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.errors import STATUS, _wenqu_error
from wenqu.api.router import make_api
from wenqu.errors import WenquError
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.city_state import Cities
from wenqu.store.database import open_store


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("store"))
    points = Shapes.points(np.array([[500000.0, 3200000.0], [500100.0, 3200000.0], [500200.0, 3200000.0]]))
    line = Shapes.lines(
        np.array(
            [[500000.0, 3200000.0], [500100.0, 3200000.0], [500100.0, 3200000.0], [500200.0, 3200000.0]]
        ),
        np.array([0, 2, 4]),
    )
    with store.change("demo", who="tester", why="test") as change:
        change.put_city(City("demo", "演示", "Demo", "EPSG:4549", simulated=True))
        change.put(assets("manhole", ["m1", "m2"], {"name": ["一号井", None]}, points.take(np.array([0, 1]))))
        change.put(assets("outfall", ["o1"], {}, points.take(np.array([2]))))
        columns = {
            "from_id": ["m1", "m2"],
            "to_id": ["m2", "o1"],
            "length": [100.0, 100.0],
            "height": [0.4, 0.5],
        }
        change.put(assets("conduit", ["c/1", "c2"], columns, line))
    with store.change("nowhere", who="tester", why="test") as change:
        change.put_city(City("nowhere"))
        change.put(assets("manhole", ["m1"], {}, Shapes.points(np.array([[10.0, 20.0]]))))
    yield TestClient(make_api(Cities(store)), base_url="http://127.0.0.1")
    store.close()


def subclasses(kind):
    yield kind
    for below in kind.__subclasses__():
        yield from subclasses(below)


def test_every_error_has_a_status():
    from wenqu import errors

    own = [kind for kind in subclasses(WenquError) if kind.__module__ == errors.__name__]
    assert [kind.__name__ for kind in own if kind not in STATUS] == []
    assert _wenqu_error is not None


def test_cities_tell_name_system_and_extent(api):
    demo = api.get("/api/v1/cities").json()[0]
    assert demo["name"] == {"zh": "演示", "en": "Demo"}
    assert demo["simulated"] is True
    west, south, east, north = demo["bounds"]
    assert west < east == pytest.approx(west + 0.00206, abs=2e-4)
    assert south == pytest.approx(north, abs=1e-3)
    china = timezone(timedelta(hours=8))
    assert abs((datetime.now(china).date() - date.fromisoformat(demo["today"])).days) <= 1


def test_a_city_without_coordinate_system_is_drawn_around_zero(api):
    nowhere = api.get("/api/v1/cities").json()[1]
    assert nowhere["crs"] == ""
    assert nowhere["bounds"] == pytest.approx([0, 0, 0, 0], abs=1e-6)


def test_an_unknown_city_is_a_problem_in_the_readers_language(api):
    for language, words in (
        ("en", "The store has no city 'x'."),
        ("zh-CN,zh;q=0.9", "数据仓库中没有城市“x”"),
    ):
        answer = api.get("/api/v1/cities/x/summary", headers={"Accept-Language": language})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert words in answer.json()["detail"]


def test_a_card_opens_by_an_id_with_a_slash_and_tells_border_units_and_history(api):
    card = api.get("/api/v1/cities/demo/assets/conduit/c/1").json()
    fields = {entry["name"]: entry["value"] for entry in card["fields"]}
    assert fields["height"] == 0.4
    assert card["geometry"]["type"] == "LineString"
    assert [entry["who"] for entry in card["history"]] == ["tester"]
    assert card["grade"] is None
    assert card["defects"] == []


def test_an_unknown_asset_names_the_nearest(api):
    answer = api.get("/api/v1/cities/demo/assets/conduit/c/2", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "Did you mean" in answer.json()["detail"]


def test_a_trace_follows_the_water(api):
    down = api.get("/api/v1/cities/demo/trace", params={"id": "c/1", "direction": "down"}).json()
    assert down["links"] == ["c2"]
    assert down["reaches"] == [{"type": "outfall", "id": "o1", "name": None}]
    up = api.get("/api/v1/cities/demo/trace", params={"id": "o1", "direction": "up"}).json()
    assert sorted(up["links"]) == ["c/1", "c2"]
    assert up["length_m"] == 200.0


def test_search_finds_by_name_and_by_beginning_of_id(api):
    assert [row["id"] for row in api.get("/api/v1/cities/demo/search", params={"q": "一号"}).json()] == ["m1"]
    assert {row["id"] for row in api.get("/api/v1/cities/demo/search", params={"q": "C"}).json()} == {
        "c/1",
        "c2",
    }


def test_a_tile_holds_the_links_and_an_empty_one_is_204(api):
    import mapbox_vector_tile

    west, south, east, north = api.get("/api/v1/cities").json()[0]["bounds"]
    n = 2**16
    lon, lat = (west + east) / 2, np.radians((south + north) / 2)
    x, y = int((lon + 180) / 360 * n), int((1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * n)
    answer = api.get(f"/api/v1/cities/demo/tiles/16/{x}/{y}.mvt")
    layers = mapbox_vector_tile.decode(answer.content)
    assert {feature["properties"]["id"] for feature in layers["link"]["features"]} == {"c/1", "c2"}
    assert api.get("/api/v1/cities/demo/tiles/16/1/1.mvt").status_code == 204


def test_a_bad_parameter_is_named(api):
    answer = api.get(
        "/api/v1/cities/demo/summary", params={"as_of": "yesterday"}, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 422
    assert "as_of" in answer.json()["detail"]


def test_there_is_no_plan_and_no_diagnosis_before_they_are_made(api):
    for what in ("plan", "diagnosis"):
        answer = api.get(f"/api/v1/cities/demo/{what}")
        assert answer.status_code in {200, 404}, what
    assert api.get("/api/v1/cities/demo/plan").status_code == 404


def test_the_cockpit_of_a_city_without_evidence_says_unknown_and_not_zero(api):
    rows = {row["key"]: row for row in api.get("/api/v1/cities/demo/cockpit").json()["targets"]}
    assert rows["capacity_bod"]["state"] == "unknown"
    assert rows["capacity_bod"]["today"] is None


def test_as_of_a_day_before_the_city_there_is_nothing(api):
    made = api.get("/api/v1/cities/demo/summary", params={"as_of": "2001-01-01"})
    assert made.json()["counts"] == {}
