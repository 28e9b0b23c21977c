"""Two cities with an account for every role elsewhere, and how a route is asked as somebody."""

import re

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tests.api.valid_requests import valid_request
from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.accounts import give_grant, hash_of
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import EVERYWHERE, LOCAL, Grant, roles
from wenqu.store.database import open_store

HOME = "http://127.0.0.1"
OURS = {"Origin": HOME, "Accept-Language": "en"}
PASSWORD = "a long enough password"  # noqa: S105 - a test's own
SECRET = "secret-of-A"  # noqa: S105 - stands in everything of district A
FILLED = {
    "register": "manhole",
    "kind": "csv",
    "number": "1",
    "city": "demo",
    "type_": "manhole",
    "id_": SECRET,
    "z": "0",
    "x": "0",
    "y": "0",
    "name": "x",
    "language": "en",
    "form": "svg",
    "delivery": "0" * 20,
    "job": "none",
    "row": "1",
}
SPEC = make_api(Cities(None)).openapi()  # type: ignore[arg-type]


def filled(path):
    """Return a path with its parameters filled in; an unknown parameter must be given a value here."""
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: FILLED.get(found.group(1), SECRET), path)


@pytest.fixture(scope="module", name="store")
def two_cities(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("store"))
    square = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0], [0.0, 0.0]])
    points = Shapes.points(np.array([[10.0, 10.0], [150.0, 10.0]]))
    for code in ("demo", "other"):
        with store.change(code, who="tester", why=f"test {SECRET}") as change:
            change.put_city(City(code, "演示", "Demo", "EPSG:4549", simulated=True))
            zones = Shapes.lines(
                np.concatenate([square, square + np.array([100.0, 0.0])]), np.array([0, 5, 10])
            )
            change.put(assets("zone", ["A", "B"], {"kind": ["district"] * 2, "name": [SECRET, "乙"]}, zones))
            change.put(assets("manhole", [SECRET, "m2"], {"name": [SECRET, "二号"]}, points))
            change.put(assets("conduit", ["c1"], {"from_id": [SECRET], "to_id": ["m2"], "note": [SECRET]}))
            change.write_document("report.txt", SECRET.encode(), "text/plain")
    for role in roles():
        account_with(store, f"{role}-elsewhere", Grant(role, "other"))
        account_with(store, f"{role}-B", Grant(role, "demo", "B"))
    account_with(store, "root", Grant("administrator", EVERYWHERE))
    store.accounts.set_password("root", hash_of("root", PASSWORD), "root", must_change=False)
    yield store
    store.close()


def account_with(store, name, grant):
    store.accounts.add(name, "", "", "tester")
    give_grant(store.accounts, LOCAL, name, grant)


@pytest.fixture(scope="module", name="app")
def asked_app(store):
    app = make_api(Cities(store), Entrance(store.accounts, ("wenqu.example",)))
    app.state.test_sessions = {}
    return app


def client_of(app, account=""):
    client = TestClient(app, base_url=HOME, headers=OURS)
    if account:
        known = app.state.test_sessions
        if account not in known:
            known[account] = app.state.entrance.begin(account)
        client.cookies.set(COOKIE, known[account])
    return client


def ask(client, method, path, **more):
    body = {"json": {}} if method in {"post", "put", "patch"} else {}
    return client.request(method, filled(path), **body, **more)


def ask_well(client, method, path):
    """Ask as the interface says that it can be asked: what is refused is refused to the person."""
    address, arguments = valid_request(SPEC, method, path, {**FILLED, "": SECRET})
    return client.request(method, address, **arguments)
