"""Who sees what: open cities, withheld registers, views, shapes, a part of a city."""

from fastapi.testclient import TestClient

from tests.api.two_cities import HOME, SECRET, account_with, asked_app, client_of, two_cities  # noqa: F401 - fixtures
from wenqu.services.accounts import give_grant, new_token
from wenqu.services.rights import LOCAL, Grant


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
    account_with(store, "keeper", Grant("city_office", "demo"))
    account_with(store, "crowd", Grant("public_reader", "demo"))
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
    account_with(store, "viewer", Grant("bureau", "demo"))
    path = "/api/v1/cities/demo/registers/manhole/views"
    first, second = client_of(app, "viewer"), client_of(app, "viewer")
    assert first.post(path, json={"name": "二", "view": {"sort": "-id"}}).json() == {"二": {"sort": "-id"}}
    assert second.get(path).json() == {"二": {"sort": "-id"}}
    assert client_of(app, "bureau-B").get(path).json() == {}
    assert second.delete(path, params={"name": "二"}).json() == {}


def test_a_token_for_shapes_reads_shapes_and_one_for_values_values(app, store):
    account_with(store, "gis", Grant("district", "demo", "B"))
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
    account_with(store, "place", Grant("bureau", "other"))
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
        account_with(store, name, grant)
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
