"""A delivery through the interface: handed in, recognised, answered, checked, accepted, mended."""

import json
import time

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.city_state import Cities
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought

POINTS = [
    ("W1", 499000.0, 3171000.0, 3.0, 5.0),
    ("W2", 499050.0, 3171000.0, 2.9, 5.0),
    ("W3", 499100.0, 3171000.0, 2.8, 5.0),
]
PIPES = [("P1", "W1", "W2", 0), ("P2", "W2", "NOWHERE", 1)]  # the second ends at W3, and names nobody


def feature(shape, coords, **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coords}}


def geojson(features):
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


def manholes():
    return geojson(
        [feature("Point", [x, y], 编号=id_, 井底高程=low, 地面高程=high) for id_, x, y, low, high in POINTS]
    )


def pipes():
    return geojson(
        [
            feature(
                "LineString",
                [list(POINTS[n][1:3]), list(POINTS[n + 1][1:3])],
                编号=id_,
                起点=a,
                终点=b,
                DN=300,
            )
            for id_, a, b, n in PIPES
        ]
    )


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def face(store):
    client = TestClient(
        make_api(Cities(store)), base_url="http://127.0.0.1", headers={"Accept-Language": "en"}
    )
    yield client
    if getattr(client.app.state, "jobs", None):
        client.app.state.jobs.close()


def done(face, answer):
    assert answer.status_code == 202, answer.text
    id_, end = answer.json()["id"], time.monotonic() + 120
    while time.monotonic() < end:
        job = face.get(f"/api/v1/jobs/{id_}").json()
        if job["state"] != "running":
            return job
        time.sleep(0.05)
    pytest.fail("the job did not end")


def handed_in(face):
    answer = face.post(
        "/api/v1/cities/demo/deliveries",
        files=[("files", ("检查井.geojson", manholes())), ("files", ("../管段.geojson", pipes()))],
    )
    assert answer.status_code == 201, answer.text
    return f"/api/v1/cities/demo/deliveries/{answer.json()['id']}"


def test_a_delivery_is_recognised_mapped_checked_accepted_and_mended(face, store):
    home = handed_in(face)
    assert face.get(home).json()["files"] == ["检查井.geojson", "管段.geojson"]
    files = {file["name"]: file for file in face.get(f"{home}/files").json()}
    layer = files["管段.geojson"]["layers"][0]
    assert (layer["rows"], layer["kinds"]) == (2, ["line"])
    mapped = files["管段.geojson"]["fieldmap"]["layers"][layer["name"]]
    assert (mapped["type"], mapped["id"]) == ("conduit", "编号")
    map_ = {**mapped, "fields": {**mapped["fields"], "height": {"column": "DN", "unit": "mm"}}}
    asked = {"file": "管段.geojson", "layer": layer["name"], "map": map_}
    shown = face.post(f"{home}/preview", json=asked).json()
    assert shown["rows"][0]["id"] == "P1"
    assert shown["rows"][0]["values"]["height"] == pytest.approx(300.0)  # mm, as people read it
    answers = {
        "crs": "EPSG:4549",
        "firm": "测绘一院",
        "fieldmaps": {"管段.geojson": {"layers": {layer["name"]: map_}}},
    }
    assert face.post(f"{home}/answers", json=answers).json()["answers"]["crs"] == "EPSG:4549"

    assert done(face, face.post(f"{home}/check"))["state"] == "done"
    assert store.cities() == []  # nothing is in the city before it is accepted
    summary = face.get(home).json()["summary"]
    assert summary["types"]["manhole"]["new"] == 3
    entered = summary["types"]["conduit"]["good"]
    job = done(face, face.post(f"{home}/accept", json={"why": "census 2026"}))
    assert job["state"] == "done", job
    assert len(store.network("demo").table("conduit")) == entered
    (change,) = store.changes("demo")
    assert (change.who, change.why) == ("local", "census 2026")

    page = face.get("/api/v1/cities/demo/queue").json()
    assert page["count"] == sum(kind["count"] for kind in page["kinds"])
    for row in page["rows"]:
        assert "[" not in row["says"]
    outside = [row for row in page["rows"] if not row["inside"]]
    if outside:
        (row,) = outside
        key = next(one["key"] for one in row["proposals"] if not one["confirms"])
        drawn = face.get(f"/api/v1/cities/demo/queue/{row['id']}/drawing?repair={key}").json()
        assert drawn["before"]["features"]
        mended = face.post(
            "/api/v1/cities/demo/queue/decisions", json={"act": "repair", "ids": [row["id"]], "key": key}
        )
        assert mended.json()["repaired"] == [row["id"]]
    table = store.network("demo").table("conduit")
    assert list(table.ids) == ["P1", "P2"]
    assert list(table.fields["to_id"]) == ["W2", "W3"]


def test_points_that_come_before_their_pipes_are_not_taken_out_by_one_click_for_all(face, store):
    def taken_in(name, content):
        answer = face.post("/api/v1/cities/demo/deliveries", files=[("files", (name, content))])
        home = f"/api/v1/cities/demo/deliveries/{answer.json()['id']}"
        face.post(f"{home}/answers", json={"crs": "EPSG:4549"})
        assert done(face, face.post(f"{home}/check"))["state"] == "done"
        assert done(face, face.post(f"{home}/accept", json={"why": "census"}))["state"] == "done"

    taken_in("检查井.geojson", manholes())
    asked = {"act": "repair", "rule": "connectivity.orphan-manhole"}
    ways = face.get("/api/v1/cities/demo/queue", params={"rule": asked["rule"]}).json()["ways"]
    assert {way["key"] for way in ways} == {"close-orphan", "abandon"}
    assert not any("{" in way["says"] for way in ways)
    for key in ({}, {"key": "close-orphan"}, {"key": "close-orphan", "closing": 2}):
        refused = face.post("/api/v1/cities/demo/queue/decisions", json=asked | key)
        assert (refused.status_code, refused.json()["count"]) == (409, 3)
        assert "may only not have come yet" in refused.json()["detail"]
    assert len(store.network("demo").table("manhole")) == 3
    agreed = asked | {"key": "close-orphan", "closing": 3}
    made = face.post("/api/v1/cities/demo/queue/decisions", json=agreed).json()
    assert len(made["repaired"]) == 3
    assert len(store.network("demo").table("manhole")) == 0
    undone = face.post("/api/v1/cities/demo/queue/decisions", json={"act": "undo", "number": made["number"]})
    assert undone.status_code == 200
    taken_in("管段.geojson", pipes())
    left = face.get("/api/v1/cities/demo/queue", params={"rule": asked["rule"]}).json()
    assert {row["asset"] for row in left["rows"]} <= {"W3"}  # its pipe names nobody


def test_pipes_that_wait_for_an_end_are_not_thrown_away_by_one_click_for_all(face, store):
    lines = [
        feature("LineString", [[499000 + 50 * n, 3171000], [499000, 3171900]], 编号=f"P{n}", 起点=f"W{n}",
                终点="LATER")
        for n in (1, 2)
    ]  # fmt: skip
    files = [("files", ("检查井.geojson", manholes())), ("files", ("管段.geojson", geojson(lines)))]
    answer = face.post("/api/v1/cities/demo/deliveries", files=files)
    home = f"/api/v1/cities/demo/deliveries/{answer.json()['id']}"
    face.post(f"{home}/answers", json={"crs": "EPSG:4549"})
    assert done(face, face.post(f"{home}/check"))["state"] == "done"
    assert done(face, face.post(f"{home}/accept", json={"why": "census"}))["state"] == "done"
    asked = {"act": "repair", "rule": "connectivity.unknown-end", "key": "drop-link"}
    refused = face.post("/api/v1/cities/demo/queue/decisions", json=asked)
    assert (refused.status_code, refused.json()["count"]) == (409, 2)
    assert len(store.waiting("demo", Sought(rule=asked["rule"]))) == 2
    assert face.post("/api/v1/cities/demo/queue/decisions", json=asked | {"closing": 2}).status_code == 200
    assert store.waiting("demo", Sought(rule=asked["rule"])) == []


def test_a_row_that_no_repair_fits_is_rewritten_by_hand(face, store):
    home = handed_in(face)
    doubled = geojson(
        [
            feature("Point", [499000.0 + 50 * n, 3171000.0], 编号=id_)
            for n, id_ in enumerate(["W1", "W1", "W2"])
        ]
    )
    answer = face.post("/api/v1/cities/demo/deliveries", files=[("files", ("井.geojson", doubled))])
    home = f"/api/v1/cities/demo/deliveries/{answer.json()['id']}"
    face.post(f"{home}/answers", json={"crs": "EPSG:4549"})
    assert done(face, face.post(f"{home}/check"))["state"] == "done"
    assert done(face, face.post(f"{home}/accept", json={"why": "census"}))["state"] == "done"
    row = next(one for one in face.get("/api/v1/cities/demo/queue").json()["rows"] if not one["inside"])
    at = f"/api/v1/cities/demo/queue/{row['id']}"
    form = face.get(f"{at}/form").json()
    assert (form["type"], form["id"], form["fixed"]) == ("manhole", "W1-2", False)
    assert form["shape"][0][0][0] == pytest.approx(119.990, abs=0.001)

    taken = face.post(f"{at}/rewrite", json={"id": "W2"})
    assert taken.status_code == 422
    assert "W2" in taken.json()["detail"]
    wrong = face.post(f"{at}/rewrite", json={"id": "W9", "fields": {"kind": "no such kind"}}).json()
    assert (wrong["written"], wrong["issues"][0]["field"]) == (False, "kind")
    moved = {"id": "W9", "fields": {"ground_level": 4.5}, "shape": [[[119.995, 28.65]]], "why": "seen there"}
    made = face.post(f"{at}/rewrite", json=moved).json()
    assert made["written"]
    manholes_now = store.network("demo").table("manhole")
    number = list(manholes_now.ids).index("W9")
    assert manholes_now.fields["ground_level"][number] == 4.5
    there = face.get("/api/v1/cities/demo/registers/manhole/form?id=W9").json()
    assert there["shape"][0][0] == pytest.approx([119.995, 28.65], abs=1e-6)
    assert row["id"] not in {one["id"] for one in face.get("/api/v1/cities/demo/queue").json()["rows"]}
    assert face.get(f"{at}/form").status_code == 422  # it waits no longer


def test_a_delivery_without_a_coordinate_system_is_not_guessed(face):
    home = handed_in(face)
    files = face.get(f"{home}/files").json()
    job = done(face, face.post(f"{home}/check"))
    named = files[0]["crs"]["named"]
    if not named:
        assert files[0]["crs"]["candidates"]
        assert job["state"] == "failed"


def test_the_same_files_again_are_the_same_delivery(face):
    assert handed_in(face) == handed_in(face)
    assert len(face.get("/api/v1/cities/demo/deliveries").json()) == 1


def test_what_no_reader_knows_is_refused_with_a_sentence(face):
    answer = face.post("/api/v1/cities/demo/deliveries", files=[("files", ("x.exe", b"MZ"))])
    assert answer.status_code == 422
    assert ".geojson" in answer.json()["detail"]


def test_a_redelivery_says_what_it_would_change(face):
    home = handed_in(face)
    face.post(f"{home}/answers", json={"crs": "EPSG:4549", "survey": "census"})
    done(face, face.post(f"{home}/check"))
    done(face, face.post(f"{home}/accept", json={"why": "first"}))
    moved = manholes().replace(b"2.9", b"2.95").decode().replace("W1", "W9").encode()
    answer = face.post("/api/v1/cities/demo/deliveries", files=[("files", ("检查井.geojson", moved))])
    again = f"/api/v1/cities/demo/deliveries/{answer.json()['id']}"
    face.post(f"{again}/answers", json={"crs": "EPSG:4549", "survey": "census"})
    done(face, face.post(f"{again}/check"))
    told = face.get(again).json()["summary"]["types"]["manhole"]
    assert (told["new"], told["changed"], told["same"], told["gone_ids"]) == (1, 1, 1, ["W1"])
    assert told["examples"] == [{"id": "W2", "fields": {"invert_level": [2.9, 2.95]}}]


def test_a_list_of_buildings_is_handed_in_looked_at_and_its_blank_areas_filed(face, store):
    with store.change("demo", who="t", why="t") as change:
        change.put_city(City("demo", crs="EPSG:4549"))
        line = Shapes.lines(np.array([[499000.0, 3171000.0], [499100.0, 3171000.0]]), np.array([0, 2]))
        change.put(assets("conduit", ["P"], {"system": ["sanitary"]}, line))
    home = "/api/v1/cities/demo/network/blank"
    table = "编号,x,y,人数\n近,499050,3171010,4\n远,499050,3172000,5\n无,,,1\n".encode("gb18030")
    files = [("files", ("../居民.csv", table))]
    refused = face.post(f"{home}/places", files=files)
    assert (refused.status_code, refused.json()["code"]) == (422, "error.bad-input.no-crs")
    made = face.post(f"{home}/places", params={"crs": "EPSG:4549"}, files=files)
    assert made.status_code == 201, made.text
    assert [(row["name"], row["places"], row["unplaced"]) for row in made.json()] == [("居民.csv", 3, 1)]
    assert [row["name"] for row in face.get(f"{home}/places").json()] == ["居民.csv"]
    found = face.get(home, params={"places": "居民.csv"}).json()["totals"]
    assert (found["blank_premises"], found["blank_people"], found["unplaced"]) == (1, 5, 1)
    assert face.post(f"{home}/filed", json={"reach": 50, "places": "居民.csv"}).json() == {"filed": 1}
    nothing = face.post(f"{home}/places", files=[("files", ("a.exe", b"MZ"))])
    assert nothing.json()["code"] == "error.bad-input.format"
