"""Every route is tried as somebody who may not."""

import re

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.city_state import Cities
from wenqu.store.database import open_store

OPEN = {"/api/v1/messages/{language}", "/api/v1/schema", "/api/v1/openapi.json"}
FILLED = {
    "register": "manhole",
    "kind": "csv",
    "number": "1",
    "city": "demo",
    "type_": "manhole",
    "id_": "m1",
    "z": "14",
    "x": "1",
    "y": "1",
    "name": "x",
    "language": "en",
    "form": "svg",
    "delivery": "0" * 20,
    "job": "none",
    "row": "1",
}


def addresses(app, method="get"):
    """Yield every path that takes a method, with its parameters filled in, nested routers included."""
    for path, of in app.openapi()["paths"].items():
        if method not in of:
            continue
        yield path, re.sub(r"\{(\w+)(:path)?\}", lambda found: FILLED[found.group(1)], path)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("store"))
    points = Shapes.points(np.array([[0.0, 0.0], [100.0, 0.0]]))
    with store.change("demo", who="tester", why="test") as change:
        change.put_city(City("demo", "演示", "Demo", "EPSG:4549", simulated=True))
        change.put(assets("manhole", ["m1", "m2"], {"name": ["一号", "二号"]}, points))
        change.put(assets("conduit", ["c1"], {"from_id": ["m1"], "to_id": ["m2"], "length": [100.0]}))
    yield store
    store.close()


@pytest.fixture
def guarded(store):
    return TestClient(make_api(Cities(store), "secret"), base_url="http://wenqu.example")


@pytest.fixture
def local(store):
    return TestClient(make_api(Cities(store)), base_url="http://127.0.0.1")


def test_every_route_but_the_sentences_refuses_a_reader_without_the_token(guarded):
    tried = 0
    for path, address in addresses(guarded.app):
        if path in OPEN - {"/api/v1/schema"}:
            continue
        answer = guarded.get(address, headers={"Accept-Language": "en"})
        expected = 200 if path in OPEN else 401
        assert answer.status_code == expected, path
        if expected == 401:
            assert answer.json()["code"] == "error.refused.token"
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"
        tried += 1
    assert tried >= 12


def test_no_route_lets_a_wrong_token_in(guarded):
    for path, address in addresses(guarded.app):
        if path not in OPEN:
            assert guarded.get(address, headers={"Authorization": "Bearer wrong"}).status_code == 401, path


def test_the_token_lets_a_reader_in(guarded):
    answer = guarded.get("/api/v1/cities", headers={"Authorization": "Bearer secret"})
    assert [row["code"] for row in answer.json()] == ["demo"]


def test_nobody_writes_without_the_token(guarded):
    tried = [
        path
        for path, address in addresses(guarded.app, "post")
        if guarded.post(address, json={}).status_code != 401
    ]
    assert tried == []


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_what_is_written_is_posted(local, method):
    for path, address in addresses(local.app):
        assert getattr(local, method)(address).status_code == 405, path


def test_a_page_elsewhere_that_points_its_name_here_is_refused(store):
    rebound = TestClient(make_api(Cities(store)), base_url="http://rebound.example")
    assert rebound.get("/api/v1/cities").status_code == 401
