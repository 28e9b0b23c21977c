"""The base map below ours: who may have it, what may be set, and how our drawing follows it."""

import pytest
from fastapi.testclient import TestClient

from wenqu.app import HEADERS, headers_with, make_app
from wenqu.errors import BadSetting, Refused
from wenqu.services.base_map import BaseMap, base_map_of, show_base_map
from wenqu.services.rights import LOCAL, NOBODY, Grant, Person
from wenqu.settings import Settings, read_settings

TEMPLATE = "https://t{s}.maps.example/wmts/{z}/{x}/{y}?tk={key}"
KEY = "key-of-the-city"
GIVEN = {"WENQU_BASEMAP": TEMPLATE, "WENQU_BASEMAP_KEY": KEY, "WENQU_BASEMAP_DATUM": "gcj02"}


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
