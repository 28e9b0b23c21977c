"""Signing in and out: cookies, one-time passwords, shut accounts."""

from tests.api.two_cities import PASSWORD, asked_app, client_of, two_cities  # noqa: F401 - fixtures
from wenqu.api.router import make_api
from wenqu.services.accounts import add_account, give_grant
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import EVERYWHERE, LOCAL, Grant


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


def test_a_city_that_is_not_there_looks_like_one_that_is_not_open(app, store):
    """Which codes exist is told to nobody who may not see them; who may see all is told which there are."""
    store.accounts.add("local-clerk", "", "", "root")
    give_grant(store.accounts, LOCAL, "local-clerk", Grant("city_office", "demo"))
    clerk, nowhere = client_of(app, "local-clerk"), "/api/v1/cities/nowhere/summary"
    answers = [clerk.get(path) for path in (nowhere, "/api/v1/cities/other/summary")]
    assert [one.status_code for one in answers] == [403, 403]
    told = {one.json()["detail"].replace("nowhere", "other") for one in answers}
    assert len(told) == 1
    assert "demo" not in told.pop()
    store.accounts.add("all-cities", "", "", "root")
    give_grant(store.accounts, LOCAL, "all-cities", Grant("administrator", EVERYWHERE))
    known = client_of(app, "all-cities").get(nowhere)
    assert (known.status_code, known.json()["code"]) == (404, "error.unknown-city")
    assert all(code in known.json()["detail"] for code in ("nowhere", "demo", "other"))
