"""Every route is tried as somebody who may not: by everyone else's district, city, token and session."""

import re
from datetime import timedelta

import numpy as np
import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from tests.api.valid_requests import valid_request
from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.accounts import add_account, digest_of, give_grant, hash_of, new_token
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import ACTIONS, EVERYWHERE, LOCAL, READ, Grant, roles
from wenqu.store.accounts import TokenRow
from wenqu.store.database import open_store
from wenqu.store.moments import now

HOME = "http://127.0.0.1"
OURS = {"Origin": HOME, "Accept-Language": "en"}
PASSWORD = "a long enough password"  # noqa: S105 - a test's own
# Sentences are no secret; who one is, is told to everybody; signing in is how one becomes somebody.
OPEN = {
    "/api/v1/messages/{language}",
    "/api/v1/schema",
    "/api/v1/rules",
    "/api/v1/openapi.json",
    "/api/v1/cities",  # those that the caller may see
    "/api/v1/jobs",  # those of cities that the caller may bring data into; none to nobody
    "/api/v1/me",
    "/api/v1/sign-in",
    "/api/v1/sign-out",
    "/api/v1/sign-in/elsewhere",  # to the city's own sign-in
    "/api/v1/sign-in/elsewhere/back",
}
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
# A change that began with the whole city: a district has only a part of it.
UNDO = "/api/v1/cities/{city}/changes/{number}/undo"
METHODS = ("get", "post", "put", "patch", "delete")
SPEC = make_api(Cities(None)).openapi()  # type: ignore[arg-type]
ROUTES = [(method, path) for path, of in SPEC["paths"].items() for method in METHODS if method in of]
GUARDED = [(method, path) for method, path in ROUTES if path not in OPEN]


def filled(path):
    """Return a path with its parameters filled in; an unknown parameter must be given a value here."""
    return re.sub(r"\{(\w+)(:path)?\}", lambda found: FILLED.get(found.group(1), SECRET), path)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
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
        _account(store, f"{role}-elsewhere", Grant(role, "other"))
        _account(store, f"{role}-B", Grant(role, "demo", "B"))
    _account(store, "root", Grant("administrator", EVERYWHERE))
    store.accounts.set_password("root", hash_of("root", PASSWORD), "root", must_change=False)
    yield store
    store.close()


def _account(store, name, grant):
    store.accounts.add(name, "", "", "tester")
    give_grant(store.accounts, LOCAL, name, grant)


@pytest.fixture(scope="module")
def app(store):
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


def test_a_route_has_a_person_who_asks():
    app = make_api(Cities(None))  # type: ignore[arg-type]
    assert {route.path for route in app.routes if isinstance(route, APIRoute)} <= {path for _, path in ROUTES}
    assert len(GUARDED) > 30


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_nobody_gets_in(app, method, path):
    answer = ask_well(client_of(app), method, path)
    assert answer.status_code == 401, (path, answer.text[:200])
    assert answer.json()["code"] == "error.refused.sign-in"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert SECRET not in answer.text


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "{city}" in route[1]])
@pytest.mark.parametrize("role", roles())
def test_no_role_reaches_another_city(app, role, method, path):
    answer = ask_well(client_of(app, f"{role}-elsewhere"), method, path)
    assert answer.status_code == 403, (path, answer.text[:200])
    assert SECRET not in answer.text


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if "{city}" in route[1]])
@pytest.mark.parametrize("role", roles())
def test_no_role_sees_or_changes_another_district(app, store, role, method, path):
    before = store.version("demo")
    answer = ask(client_of(app, f"{role}-B"), method, path)
    assert answer.status_code < 500, (path, answer.text[:300])
    asked = answer.text.replace(filled(path), "").replace(f"'{SECRET}'", "")  # a refusal says what was asked
    if answer.status_code < 400:
        asked = asked.replace(f'"{SECRET}","nearest"', "")
        assert SECRET not in asked, (path, asked[:500])
        assert SECRET.encode() not in answer.content
    assert ask_well(client_of(app, f"{role}-B"), method, path).status_code < 500, path
    assert store.version("demo") == before


@pytest.mark.parametrize("role", roles())
def test_nobody_takes_half_a_change_back(app, store, role):
    before = store.version("demo")
    answer = ask_well(client_of(app, f"{role}-B"), "post", UNDO)
    assert answer.status_code in {403, 422}, answer.text[:300]
    assert store.version("demo") == before


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_wrong_expired_or_revoked_token_opens_nothing(app, store, method, path):
    for secret in ("wrong", *dead_tokens(store)):
        answer = ask(client_of(app), method, path, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401, path


def dead_tokens(store):
    accounts = store.accounts
    for name, expires, revoked in (("expired", -1, False), ("revoked", 1, True)):
        if accounts.token(digest_of(name)) is None and name not in {row.id for row in accounts.tokens()}:
            row = TokenRow(name, "root", name, ACTIONS, "", "", revoked=False)
            accounts.add_token(row, digest_of(name), now() + timedelta(days=expires), "root")
            if revoked:
                accounts.revoke_token(name, "root")
        yield name


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] != "get"])
def test_a_page_elsewhere_cannot_write_through_a_users_browser(app, method, path):
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = ask(client_of(app, "root"), method, path, headers=headers)
        assert answer.status_code in {403, 422}, path
        if answer.status_code == 403:
            assert answer.json()["code"] == "error.refused.cross-site"


def test_a_host_name_that_is_not_ours_is_refused(app):
    for host, status in (("rebound.example", 403), ("wenqu.example:80", 200), ("192.0.2.1", 200)):
        assert client_of(app, "root").get("/api/v1/cities", headers={"Host": host}).status_code == status


def test_an_administrator_of_one_city_gives_no_right_elsewhere(app, store):
    client = client_of(app, "administrator-elsewhere")
    for city, status in (("other", 204), ("demo", 403), (EVERYWHERE, 403)):
        body = {"account": "bureau-B", "role": "bureau", "city": city}
        assert client.post("/api/v1/grants", json=body).status_code == status
    for path in ("/accounts", "/accounts/root/password", "/accounts/root/shut"):
        body = {"name": "x"} if path == "/accounts" else {"disabled": True}
        assert client.post(f"/api/v1{path}", json=body).status_code == 403
    partly = client_of(app, "administrator-B")
    body = {"account": "administrator-B", "role": "administrator", "city": "demo"}
    assert partly.post("/api/v1/grants", json=body).status_code == 403
    seen = {row["name"] for row in client.get("/api/v1/accounts").json()}
    assert "root" not in seen
    assert {grant["city"] for row in client.get("/api/v1/accounts").json() for grant in row["grants"]} == {
        "other"
    }


def test_a_body_with_more_than_was_asked_for_is_refused(app):
    body = {"name": "sly", "title": "", "must_change": False, "role": "administrator"}
    assert client_of(app, "root").post("/api/v1/accounts", json=body).status_code == 422


def test_a_token_is_for_what_it_says_and_administers_nothing(app):
    client = client_of(app, "root")
    made = client.post("/api/v1/tokens", json={"name": "gis", "actions": list(READ), "days": 30}).json()
    program = TestClient(app, base_url=HOME, headers={"Authorization": f"Bearer {made['secret']}"})
    assert [row["code"] for row in program.get("/api/v1/cities").json()] == ["demo", "other"]
    body = {"account": "root", "role": "administrator", "city": EVERYWHERE}
    for answer in (
        program.post("/api/v1/grants", json=body),
        program.get("/api/v1/accounts"),
        program.post("/api/v1/tokens", json={"name": "x", "actions": list(READ), "days": 1}),
        program.delete(f"/api/v1/tokens/{made['id']}"),
    ):
        assert answer.status_code == 403
    wider = {"name": "gis", "actions": ["administer"], "days": 30}
    assert client.post("/api/v1/tokens", json=wider).status_code == 422
    assert client.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert program.get("/api/v1/me").status_code == 401


def test_signing_in_gives_a_cookie_that_no_script_and_no_other_page_can_use(app):
    client = client_of(app)
    answer = client.post("/api/v1/sign-in", json={"name": "root", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 204
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert client.get("/api/v1/me").json()["account"] == "root"
    assert client.post("/api/v1/sign-out").status_code == 204
    kept = answer.headers["set-cookie"].split(";")[0].split("=", 1)[1]
    client.cookies.set(COOKIE, kept)
    assert client.get("/api/v1/me").json()["account"] == ""


def test_a_wrong_name_and_a_wrong_password_look_the_same_and_tire(store):
    client = client_of(make_api(Cities(store), Entrance(store.accounts)))
    said = {
        client.post("/api/v1/sign-in", json={"name": name, "password": "wrong"}).text
        for name in ("root", "nobody-of-that-name")
    }
    assert len(said) == 1
    tried = [client.post("/api/v1/sign-in", json={"name": "root", "password": "no"}) for _ in range(10)]
    assert [answer.status_code for answer in tried] == [401] * 9 + [429]


def test_a_one_time_password_opens_nothing_until_it_is_changed(app, store):
    password = add_account(store.accounts, LOCAL, "new")
    give_grant(store.accounts, LOCAL, "new", Grant("bureau", "demo"))
    client = client_of(app)
    client.post("/api/v1/sign-in", json={"name": "new", "password": password})
    assert client.get("/api/v1/me").json()["must_change"]
    assert client.get("/api/v1/cities").json() == []
    refused = client.get("/api/v1/cities/demo/summary")
    assert (refused.status_code, refused.json()["code"]) == (403, "error.refused.password-first")
    answer = client.post("/api/v1/me/password", json={"old": password, "new": PASSWORD})
    assert answer.status_code == 204
    assert [row["code"] for row in client.get("/api/v1/cities").json()] == ["demo"]


def test_a_shut_account_is_out_at_once(app, store):
    client = client_of(app, "contractor-B")
    assert client.get("/api/v1/cities").json()
    store.accounts.set_disabled("contractor-B", "root", disabled=True)
    assert client.get("/api/v1/cities").json() == []
    store.accounts.set_disabled("contractor-B", "root", disabled=False)
    app.state.test_sessions.pop("contractor-B")


def test_a_city_is_open_to_visitors_only_when_it_was_said_so(app, store):
    give_grant(store.accounts, LOCAL, "", Grant("public_reader", "other"))
    visitor = client_of(app)
    assert [row["code"] for row in visitor.get("/api/v1/cities").json()] == ["other"]
    assert visitor.get("/api/v1/cities/demo/summary").status_code == 401
    me = visitor.get("/api/v1/me").json()
    assert (me["visitor"], list(me["cities"])) == (True, ["other"])
    (grant,) = store.accounts.grants("")
    store.accounts.revoke(grant.id, "root")
    assert visitor.get("/api/v1/cities").json() == []


def test_a_register_that_the_city_office_withholds_is_nowhere_for_a_public_reader(app, store):
    _account(store, "keeper", Grant("city_office", "demo"))
    _account(store, "crowd", Grant("public_reader", "demo"))
    keeper, crowd = client_of(app, "keeper"), client_of(app, "crowd")
    switch = "/api/v1/cities/demo/catalogue/manhole/shared"
    seen_by_reading = (
        "registers/manhole", "ogc/collections/manhole/items", f"search?q={SECRET}", f"trace?id={SECRET}",
        "registers", "summary", f"registers/manhole/form?id={SECRET}", "tiles/0/0/0.mvt", "catalogue",
    )  # fmt: skip
    assert SECRET in crowd.get("/api/v1/cities/demo/registers/manhole").text
    assert crowd.post(switch, json={"shared": False}).status_code == 403
    assert keeper.post(switch, json={"shared": False}).status_code == 204
    try:
        for path in seen_by_reading:
            assert "二号" not in crowd.get(f"/api/v1/cities/demo/{path}").text, path
        assert crowd.get("/api/v1/cities/demo/registers/manhole").json()["ids"] == []
        entries = crowd.get("/api/v1/cities/demo/catalogue").json()["entries"]
        assert "manhole" not in {one["type"] for one in entries}
        theirs = {
            one["type"]: one["shared"]
            for one in keeper.get("/api/v1/cities/demo/catalogue").json()["entries"]
        }
        assert (theirs["manhole"], theirs["conduit"]) == (False, True)
        assert keeper.get("/api/v1/cities/demo/registers/manhole").json()["ids"]
    finally:
        assert keeper.post(switch, json={"shared": True}).status_code == 204
    assert SECRET in crowd.get("/api/v1/cities/demo/registers/manhole").text


def test_a_view_goes_with_the_account_over_the_interface(app, store):
    _account(store, "viewer", Grant("bureau", "demo"))
    path = "/api/v1/cities/demo/registers/manhole/views"
    first, second = client_of(app, "viewer"), client_of(app, "viewer")
    assert first.post(path, json={"name": "二", "view": {"sort": "-id"}}).json() == {"二": {"sort": "-id"}}
    assert second.get(path).json() == {"二": {"sort": "-id"}}
    assert client_of(app, "bureau-B").get(path).json() == {}
    assert second.delete(path, params={"name": "二"}).json() == {}


def test_a_token_for_shapes_reads_shapes_and_one_for_values_values(app, store):
    _account(store, "gis", Grant("district", "demo", "B"))
    values = {"name": "二号", "id": "m2"}
    items = "/api/v1/cities/demo/ogc/collections/manhole/items"
    for actions, drawn, told in ((["read_geometry"], True, False), (["read_attributes"], False, True)):
        _, secret = new_token(store.accounts, LOCAL, "part", actions, 30, account="gis")
        program = TestClient(app, base_url=HOME, headers={"Authorization": f"Bearer {secret}"})
        (feature,) = program.get(items).json()["features"]
        assert (feature["id"], feature["geometry"] is not None) == ("m2", drawn)
        assert feature["properties"].get("name") == (values["name"] if told else None)
        # A value that is not told is not found out by asking for it, nor a place by a box.
        asked = program.get(items, params={"filter": "name = '二号'"}).json()["numberMatched"]
        west, south, east, north = -180, -90, 180, 90
        there = program.get(items, params={"bbox": f"{west},{south},{east},{north}"}).json()["numberMatched"]
        assert (asked, there) == (int(told), int(drawn))
        figures = [
            program.get(f"/api/v1/cities/demo/{path}").status_code for path in ("cockpit", "diagnosis")
        ]
        assert figures == ([200, 200] if told else [403, 403])


def test_a_role_is_given_at_a_district_that_the_city_has(app, store):
    _account(store, "place", Grant("bureau", "other"))
    root, elsewhere = client_of(app, "root"), client_of(app, "administrator-elsewhere")
    body = {"account": "place", "role": "district", "city": "demo", "district": "C"}
    refused = root.post("/api/v1/grants", json=body)
    assert (refused.status_code, refused.json()["code"]) == (404, "error.unknown.district-of")
    assert "A, B" in refused.json()["detail"]
    hidden = elsewhere.post("/api/v1/grants", json=body)  # who may not is not told which there are
    assert (hidden.status_code, "A, B" in hidden.text) == (403, False)
    assert root.post("/api/v1/grants", json={**body, "district": "B"}).status_code == 204
    assert root.post("/api/v1/grants", json={**body, "city": "not there yet"}).status_code == 204


def test_who_sees_nothing_is_told_why(app, store):
    for name, grant in (
        ("lost", Grant("district", "demo", "C")),
        ("bare", Grant("operator", "demo", "", "X")),
    ):
        _account(store, name, grant)
    told = {
        name: client_of(app, name).get("/api/v1/cities/demo/summary").json()["nothing"]
        for name in ("lost", "bare", "district-B", "root")
    }
    assert told == {
        "lost": [{"district": "C", "body": "", "there": False}],
        "bare": [{"district": "", "body": "X", "there": True}],
        "district-B": [],
        "root": [],
    }


def test_who_sees_a_part_is_told_how_fresh_a_register_is_and_not_by_whom(app):
    told = {
        name: {
            one["type"]: one["changed"]
            for one in client_of(app, name).get("/api/v1/cities/demo/catalogue").json()["entries"]
        }
        for name in ("root", "district-B")
    }
    assert told["root"]["manhole"]["who"] == "tester"
    assert told["district-B"]["manhole"] == {**told["root"]["manhole"], "who": ""}
