"""Inspections through the interface: put in file by file, checked, accepted, looked at, played in pieces."""

import time
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import Cities
from wenqu.services.inspection_deliveries import COMING, inspection_deliveries
from wenqu.store.database import open_store

HOME = "/api/v1/cities/demo/inspections"
FILM = bytes(range(256)) * 40


@pytest.fixture
def store(tmp_path, crew):
    opened = open_store(tmp_path / "store")
    crew.put_city(opened)
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


def put(face, files):
    home = f"{HOME}/deliveries/{face.post(f'{HOME}/deliveries').json()['id']}"
    for name, content in files.items():
        answer = face.post(f"{home}/files?name={quote(name)}", content=content)
        assert answer.status_code == 200, answer.text
    return home


def test_a_survey_with_its_film_enters_and_is_played_from_any_byte(face, store, crew):
    text = crew.survey_text(crew.block("P1", "A", "B", 50.0, (5.0, "BAB", "film.mp4", "")))
    home = put(face, {"may/survey.txt": text, "../may/film.mp4": FILM})
    assert done(face, face.post(f"{home}/check"))["state"] == "done"
    told = face.get(home).json()
    assert told["files"] == ["may/film.mp4", "may/survey.txt"]
    assert (told["summary"]["counts"]["new"], told["summary"]["media"]) == (1, 1)
    assert store.records("demo", "inspection", Inspection) == []  # nothing is filed before it is accepted
    assert done(face, face.post(f"{home}/accept", json={"why": "May"}))["state"] == "done"
    assert face.get(home).json()["result"]["documents"] == 1

    (row,) = face.get(HOME).json()["rows"]
    assert (row["asset"], row["defects"], row["media"]) == ("P1", 1, 1)
    one = face.get(f"{HOME}/one", params={"id": row["id"]}).json()
    film = one["defects"][0]["picture"]
    assert (film["kind"], film["here"]) == ("film", True)
    assert one["drawing"].startswith("<svg")
    part = face.get(f"/api/v1/{film['address']}", headers={"Range": "bytes=1000-1003"})
    assert (part.status_code, part.content) == (206, FILM[1000:1004])
    assert part.headers["content-type"] == "video/mp4"
    assert part.headers["x-content-type-options"] == "nosniff"
    drawn = face.get(f"{HOME}/drawing", params={"id": row["id"]})
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert face.get(f"{HOME}/one", params={"id": "nobody"}).status_code == 404
    assert face.get(f"{HOME}/media", params={"id": row["id"], "name": "../x"}).status_code == 404
    north = next(one for one in face.get(f"{HOME}/coverage").json() if one["district"] == "north")
    assert (north["seen"], north["length"]) == (5.0, 150.0)
    assert "inspections/" not in " ".join(
        one["name"] for one in face.get("/api/v1/cities/demo/documents").json()
    )
    closed = face.post(f"{home}/files?name=more.txt", content=b"x")
    assert "filed already" in closed.json()["detail"]


def test_a_film_beyond_the_limit_is_refused_before_it_is_sent_and_in_the_middle_of_it(face):
    face.app.state.inspection_mb = 1
    home = put(face, {})
    large = bytes((1 << 20) + 1)
    refused = face.post(f"{home}/files?name=film.mp4", content=large)
    assert refused.status_code == 422
    assert "film.mp4" in refused.json()["detail"]
    assert "WENQU_INSPECTION_MB" in refused.json()["detail"]
    unannounced = face.post(
        f"{home}/files?name=film.mp4", content=iter([large[: 1 << 19], large[: 1 << 19], b"x"])
    )
    assert unannounced.status_code == 422
    assert done(face, face.post(f"{home}/check"))["state"] == "failed"  # nothing of it has stayed


def test_a_film_of_a_service_that_was_ended_in_the_middle_is_no_film(store):
    kept = inspection_deliveries(store, 1024)
    one = kept.begin("demo", "tester")
    kept.take(one, "survey.txt", [b"whole"])
    half = kept.files(one).parent / COMING / "half"
    half.write_bytes(b"of a film")
    assert kept.counted(one).files == ("survey.txt",)
    assert [path.name for path in kept.files(one).parent.rglob("*") if path.is_file()] == [
        "delivery.json",
        "survey.txt",
    ]


def test_those_who_may_not_bring_anything_in_are_refused(store, crew):
    from wenqu.services.entrance import Entrance

    client = TestClient(
        make_api(Cities(store), Entrance(store.accounts)),
        base_url="http://127.0.0.1",
        headers={"Accept-Language": "en"},
    )
    for answer in (
        client.get(HOME),
        client.post(f"{HOME}/deliveries"),
        client.get(f"{HOME}/one?id=x"),
        client.get(f"{HOME}/media?id=x&name=y"),
        client.get(f"{HOME}/differences"),
        client.get(f"{HOME}/coverage"),
        client.get(f"{HOME}/drawing?id=x"),
    ):
        assert answer.status_code in {401, 403, 404}, answer.url
