"""Every route is tried as somebody who may not: by everyone else's district, city, token and session."""

from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from tests.api.two_cities import HOME, SECRET, SPEC, ask, ask_well, asked_app, client_of, filled, two_cities  # noqa: F401 - fixtures
from wenqu.api.router import make_api
from wenqu.services.accounts import digest_of
from wenqu.services.city_state import Cities
from wenqu.services.rights import ACTIONS, EVERYWHERE, READ, roles
from wenqu.store.accounts import TokenRow
from wenqu.store.moments import now

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
# A change that began with the whole city: a district has only a part of it.
UNDO = "/api/v1/cities/{city}/changes/{number}/undo"
METHODS = ("get", "post", "put", "patch", "delete")
ROUTES = [(method, path) for path, of in SPEC["paths"].items() for method in METHODS if method in of]
GUARDED = [(method, path) for method, path in ROUTES if path not in OPEN]


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
