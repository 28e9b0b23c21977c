"""Papers by route: who may read one, take one, write into one; and what a district sees of it."""

import io
import json
import shutil

import numpy as np
import pytest
from docx import Document
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.records.programme import Measure, PlantOutlook, Programme
from wenqu.series.model import series
from wenqu.services.accounts import give_grant
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import LOCAL, Grant
from wenqu.store.database import open_store

HOME = "http://127.0.0.1"
GRANTS = {
    "office": Grant("city_office", "c"),
    "east": Grant("district", "c", "E"),
    "west": Grant("district", "c", "W"),
    "builder": Grant("contractor", "c", "", "builders"),
    "elsewhere": Grant("city_office", "d"),
}
LINES = np.array([[0, 0], [100, 0], [200, 0], [300, 0]], dtype=float)


def measure(asset, district, plant, cost):
    return Measure(f"o-{asset}", f"k-{asset}", "conduit", asset, "cipp", "2027", cost, 100.0, district, plant,
                   0.01, 0.0)  # fmt: skip


def put_readings(store, bod5, days=60):
    times = np.datetime64("2026-01-01", "s") + np.arange(days) * np.timedelta64(86400, "s")
    rows = [series(plant, name, times, np.full(days, value))
            for plant in ("PE", "PW") for name, value in (("flow", 0.2), ("bod5", bod5))]  # fmt: skip
    store.write_series("c", rows)


def town(folder):
    """Return the store of a town of two districts, each with a pipe, a plant and a measure."""
    store = open_store(str(folder / "store"))
    with store.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", "城", "Town", "EPSG:4549"))
        change.put(
            assets("conduit", ["p1", "p2"],
                   {"from_id": ["a", "c"], "to_id": ["PE", "PW"], "district": ["E", "W"],
                    "system": ["sanitary"] * 2, "length": [100.0, 100.0]},
                   Shapes.lines(LINES, np.array([0, 2, 4])))
        )  # fmt: skip
        change.put(assets("manhole", ["a", "c"], {"district": ["E", "W"]}))
        change.put(
            assets("plant", ["PE", "PW"], {"name": ["东厂", "西厂"], "district": ["E", "W"],
                   "capacity": [0.3, 0.3], "kind": ["municipal"] * 2})
        )  # fmt: skip
        change.put(assets("zone", ["E", "W"], {"kind": ["district"] * 2, "name": ["东区", "西区"]}))
        programme = Programme(
            "p1", "proved", (measure("p1", "E", "PE", 30_000.0), measure("p2", "W", "PW", 70_000.0)),
            tuple(PlantOutlook(name, "2027", 0.19, 0.0159, 0.0159 / 0.19, 0.1, meets=False)
                  for name in ("PE", "PW")),
            ("2027",), 100_000.0, 99_000.0, 0.01, 1.0, json.dumps({"clean_bod_mg_per_L": 5}), "default 1",
        )  # fmt: skip
        change.add_records("programme", [programme])
    put_readings(store, 0.08)
    return store


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("papers")
    store = town(made)
    for name, grant in GRANTS.items():
        store.accounts.add(name, "", "", "tester")
        give_grant(store.accounts, LOCAL, name, grant)
    store.close()
    return made / "store"


@pytest.fixture
def face(folder, tmp_path):
    store = open_store(str(shutil.copytree(folder, tmp_path / "store")))
    app = make_api(Cities(store), Entrance(store.accounts))

    def as_(name):
        client = TestClient(app, base_url=HOME, headers={"Origin": HOME, "Accept-Language": "en"})
        if name:
            client.cookies.set(COOKIE, app.state.entrance.begin(name))
        client.store = store
        return client

    yield as_
    store.close()


def get(client, path):
    return client.get(f"/api/v1/cities/c/{path}")


def write(client, text, *, version=0, subject="PE", name="goal", language="en"):
    body = {"subject": subject, "language": language, "name": name, "text": text, "version": version}
    return client.post("/api/v1/cities/c/papers/plant/words", json=body)


def texts(told):
    return {block["words"]: block for part in told["parts"] for block in part["blocks"] if "words" in block}


def said(client, subject="PE"):
    answer = get(client, f"papers/plant?subject={subject}&language=en")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_paper_is_for_those_who_see_its_plant(face):
    assert get(face("office"), "papers/plant?subject=PW").status_code == 200
    assert get(face("west"), "papers/plant?subject=PW").status_code == 200
    assert get(face("east"), "papers/plant?subject=PW").status_code == 404
    for name in ("elsewhere", ""):
        assert get(face(name), "papers/plant?subject=PE").status_code in {401, 403, 404}
        assert get(face(name), "papers").status_code in {401, 403, 404}
    offered = get(face("east"), "papers").json()
    assert [one["id"] for one in offered["plants"]] == ["PE"]
    assert offered["may"] == ["E"]


def test_a_district_sees_its_part_of_the_programme_and_no_more(face):
    east = said(face("east"))
    # 30,000 of the 100,000 yuan are spent in the east
    assert "0.03000 million yuan" in json.dumps(east, ensure_ascii=False)
    assert "p2" not in json.dumps([part["blocks"] for part in east["parts"]])


def test_a_district_has_its_plan_and_tasks_and_not_those_of_another(face):
    east = face("east")
    assert get(east, "papers/district?subject=W").status_code == 404
    assert get(east, "papers/tasks?subject=W").status_code == 404
    assert get(east, "papers/month?subject=2026-01/W").status_code == 404
    tasks = get(east, "papers/tasks").json()
    (grid,) = [block for part in tasks["parts"] for block in part["blocks"] if block.get("grid") == "tasks"]
    assert [row[-1][0]["text"] for row in grid["rows"]] == ["o-p1"]
    assert len(get(face("office"), "papers/tasks").json()["known"]) >= 1
    body = {"subject": "E", "language": "en", "name": "goal", "text": "By May.", "version": 0}
    assert east.post("/api/v1/cities/c/papers/district/words", json=body).status_code == 201
    city = body | {"subject": "", "name": "tasks"}
    assert east.post("/api/v1/cities/c/papers/tasks/words", json=city).status_code == 403
    assert face("office").post("/api/v1/cities/c/papers/tasks/words", json=city).status_code == 201


def test_a_paper_is_taken_by_those_who_may_export(face):
    taken = get(face("east"), "papers/plant/file.docx?subject=PE&language=zh")
    assert taken.status_code == 200
    assert "东厂" in Document(io.BytesIO(taken.content)).paragraphs[0].text
    assert get(face("builder"), "papers/plant/file.docx?subject=PE").status_code in {403, 404}
    assert get(face("office"), "papers/novel/file.docx").status_code == 422


def test_what_somebody_wrote_stays_and_its_figures_are_renewed(face):
    office = face("office")
    assert write(office, "Ours: {bod5} now, {target} soon.").status_code == 201
    assert texts(said(office))["goal"]["edited"]
    before = "".join(run["text"] for run in texts(said(office))["goal"]["lines"][0])
    assert before.startswith("Ours: 80.0 (80.0–80.0) mg/L")
    assert texts(said(office))["goal"]["changes"] == []
    times = np.datetime64("2026-03-02", "s") + np.arange(30) * np.timedelta64(86400, "s")
    office.store.write_series("c", [series("PE", name, times, np.full(30, value))
                                    for name, value in (("flow", 0.2), ("bod5", 0.11))])  # fmt: skip
    with office.store.change("c", who="tester", why="news") as change:
        change.write_document("note.txt", b"news")
    now = texts(said(office))["goal"]
    # 60 days of 80 and 30 of 110 mg/L at even flow: 90
    assert "".join(run["text"] for run in now["lines"][0]).startswith("Ours: 90.0 (")
    assert [(one["before"][:4], one["now"][:4]) for one in now["changes"]] == [("80.0", "90.0")]


def test_versions_are_kept_and_an_empty_text_takes_it_back(face):
    office = face("office")
    assert write(office, "first").status_code == 201
    assert write(office, "late", version=0).status_code == 409
    assert write(office, "second", version=1).status_code == 201
    assert write(office, "", version=2).status_code == 201
    goal = texts(said(office))["goal"]
    assert not goal["edited"]
    assert goal["version"] == 3
    rows = get(office, "papers/plant/words?subject=PE&name=goal&language=en").json()["rows"]
    assert [row["text"] for row in rows] == ["", "second", "first"]
    assert all(row["by"] == "office" for row in rows)


def test_only_who_decides_in_the_district_may_write(face):
    assert write(face("east"), "ours").status_code == 201
    assert texts(said(face("east")))["goal"]["edited"]
    assert write(face("east"), "not ours", subject="PW").status_code == 404
    assert write(face("builder"), "mine").status_code == 403
    assert write(face(""), "nobody's").status_code == 401
    assert texts(said(face("west"), "PW"))["goal"]["edited"] is False


@pytest.mark.parametrize("text", ["a {figure} of no paper", "x" * 20_001])
def test_a_text_that_cannot_stand_is_refused(face, text):
    assert write(face("office"), text).status_code in {400, 422}
    assert write(face("office"), "words", name="nothing").status_code == 404
