"""The base map below ours: who may have it, what may be set, and how our drawing follows it."""

import gzip

import mapbox_vector_tile
import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.app import HEADERS, headers_with, make_app
from wenqu.errors import BadSetting, Refused
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.base_map import BaseMap, base_map_of, show_base_map
from wenqu.services.city_state import CityState
from wenqu.services.map_tiles import map_of
from wenqu.services.rights import LOCAL, NOBODY, Grant, Person
from wenqu.settings import Settings, read_settings
from wenqu.store.database import open_store

TEMPLATE = "https://t{s}.maps.example/wmts/{z}/{x}/{y}?tk={key}"
KEY = "key-of-the-city"
GIVEN = {"WENQU_BASEMAP": TEMPLATE, "WENQU_BASEMAP_KEY": KEY, "WENQU_BASEMAP_DATUM": "gcj02"}
# Published by the test suite of eviltransform: latitude, longitude of WGS 84, then of GCJ-02.
PLACES = [
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
]


def rules(headers):
    policy = headers[b"content-security-policy"].decode()
    return dict(rule.strip().split(" ", 1) for rule in policy.split(";"))


def test_without_a_setting_there_is_plain_ground_and_nothing_is_opened():
    made = base_map_of(read_settings({}))
    assert made == BaseMap()
    assert headers_with(made) == HEADERS


def test_the_policy_opens_the_hosts_of_the_tiles_for_pictures_and_nothing_else():
    made = base_map_of(read_settings(GIVEN))
    opened = rules(headers_with(made))
    hosts = [f"https://t{server}.maps.example" for server in range(8)]
    assert opened["img-src"].split() == ["'self'", "data:", "blob:", *hosts]
    assert opened.pop("connect-src").split() == ["'self'", *hosts]
    before = rules(HEADERS)
    assert {**opened, "img-src": ""} == {**before, "img-src": ""}
    assert KEY not in str(headers_with(made))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"WENQU_BASEMAP": "https://maps.example/{z}/{x}?tk={key}"}, "basemap-holes"),
        ({"WENQU_BASEMAP": TEMPLATE + "{w}"}, "basemap-holes"),
        ({"WENQU_BASEMAP_KEY": ""}, "basemap-key"),
        ({"WENQU_BASEMAP": "https://maps.example/{z}/{x}/{y}"}, "basemap-key"),
        ({"WENQU_BASEMAP": TEMPLATE.replace("https", "http")}, "basemap-address"),
        ({"WENQU_BASEMAP": TEMPLATE.replace("maps.example", "maps.example;script-src *")}, "basemap-address"),
        ({"WENQU_BASEMAP": TEMPLATE.replace("maps.example", "*")}, "basemap-address"),
        ({"WENQU_BASEMAP": TEMPLATE.replace("https://", "https://user:word@")}, "basemap-address"),
        ({"WENQU_BASEMAP": "https://{key}.example/{z}/{x}/{y}"}, "basemap-address"),
        ({"WENQU_BASEMAP_DATUM": "bd09"}, "value"),
    ],
)
def test_an_impossible_base_map_is_refused_and_its_key_not_repeated(change, code):
    with pytest.raises(BadSetting) as caught:
        read_settings({**GIVEN, **change})
    assert caught.value.reason == code
    assert KEY not in str(caught.value.facts)


def test_a_tile_server_of_this_machine_may_speak_http():
    given = {"WENQU_BASEMAP": "http://127.0.0.1:9000/{z}/{x}/{y}.png"}
    assert base_map_of(read_settings(given)).hosts == ("http://127.0.0.1:9000",)


def test_the_key_is_for_those_who_may_see_a_map_and_for_no_log():
    settings = read_settings(GIVEN)
    made = base_map_of(settings)
    assert KEY not in repr(settings)
    for who in (LOCAL, Person("reader", (Grant("public_reader", "demo"),))):
        assert KEY in str(show_base_map(made, who)["tiles"])
    for who in (NOBODY, Person("nothing yet")):
        with pytest.raises(Refused):
            show_base_map(made, who)


def test_the_service_refuses_the_base_map_to_nobody(tmp_path):
    app = make_app(Settings(store=str(tmp_path / "store"), basemap=TEMPLATE, basemap_key=KEY))
    answer = TestClient(app, base_url="http://127.0.0.1").get("/api/v1/basemap")
    assert answer.status_code == 401
    assert KEY not in answer.text
    assert "https://t0.maps.example" in answer.headers["content-security-policy"]
    app.state.cities.store.close()


def drawn_at(city, datum, lon, lat):
    """Return where the one manhole of a city is drawn, from the tile in which it must lie."""
    z, side = 20, 2**20
    x = (lon + 180) / 360 * side
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * side
    body = map_of(city.store, city.state, datum).tile(z, int(x), int(y))
    made = mapbox_vector_tile.decode(gzip.decompress(body), default_options={"y_coord_down": True})
    (feature,) = made["node"]["features"]
    across, down = np.array(feature["geometry"]["coordinates"]) / made["node"]["extent"]
    north = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (int(y) + down) / side))))
    return (int(x) + across) / side * 360 - 180, north


@pytest.mark.parametrize("place", PLACES)
def test_a_manhole_is_drawn_where_a_shifted_base_map_has_it(tmp_path, place):
    lat, lon, there_lat, there_lon = place
    store = open_store(str(tmp_path / "store"))
    with store.change("one", who="tester", why="test") as change:
        change.put_city(City("one", crs="EPSG:4326"))
        change.put(assets("manhole", ["m"], {}, Shapes.points(np.array([[lon, lat]]))))

    class Made:
        state = CityState(store.network("one"))

    Made.store = store
    assert drawn_at(Made, "", lon, lat) == pytest.approx((lon, lat), abs=1e-6)
    assert drawn_at(Made, "gcj02", there_lon, there_lat) == pytest.approx((there_lon, there_lat), abs=1e-6)
    assert Made.state.network.table("manhole").shapes.coords == pytest.approx(np.array([[lon, lat]]))
    store.close()
