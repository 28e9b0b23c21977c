"""Works by route: a project from its first pipe to the acceptance, by who may and by who may not."""

import shutil

import pytest
from fastapi.testclient import TestClient

from tests.services.test_figures_frozen import ROLES, look, small_city
from wenqu.api.router import make_api
from wenqu.services.accounts import give_grant
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import LOCAL, Grant
from wenqu.store.database import open_store

HOME = "http://127.0.0.1"
PHOTO = b"\xff\xd8\xff\xe0" + b"0" * 64
GRANTS = {
    "office": Grant("city_office", "c"),
    "east": Grant("district", "c", "E"),
    "west": Grant("district", "c", "W"),
    "builder": Grant("contractor", "c", "", "builders"),
    "rival": Grant("contractor", "c", "", "others"),
    "lab": Grant("surveyor", "c"),
    "tenant": Grant("drainage_user", "c", "E"),
    "elsewhere": Grant("city_office", "d"),
}
LOT = {"id": "L1", "name": "first", "works": [{"conduit": "p1", "method": "open_cut"}]}
PARTIES = [{"role": role, "body": body} for role, body in ROLES.items()]
PROJECT = {"id": "X", "name": "mend", "lots": [LOT], "parties": PARTIES, "district": "E"}
SHEET = {"lot": "L1", "assets": ["p1"], "date": "2025-06-01"}
SAMPLE = SHEET | {"id": "M1", "material": "concrete", "passed": True}
TEST = SHEET | {
    "id": "T1",
    "date": "2025-06-20",
    "head": 2.1,
    "soak": 90_000,
    "duration": 1800,
    "water": 0.01,
}
BUILT = {"id": "A1", "lot": "L1", "asset": "p1", "date": "2025-06-10", "method": "open_cut"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("works")
    store = small_city(made)
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
        client.cookies.set(COOKIE, app.state.entrance.begin(name))
        client.store = store
        return client

    yield as_
    store.close()


def post(client, path, body):
    return client.post(f"/api/v1/cities/c/{path}", json=body)


def get(client, path):
    return client.get(f"/api/v1/cities/c/{path}")


def proved(face):
    """File the project and everything but the film."""
    assert post(face("east"), "projects", PROJECT).status_code == 201
    crew = face("builder")
    kept = crew.post("/api/v1/cities/c/projects/X/files?name=bed.jpg", content=PHOTO)
    assert kept.status_code == 201, kept.text
    hidden = SHEET | {"id": "H1", "part": "bedding", "passed": True, "photos": [kept.json()["evidence"]]}
    for path, body in (("material", SAMPLE), ("hidden", hidden), ("closed-water", TEST)):
        answer = post(crew, f"projects/X/{path}", body)
        assert answer.status_code == 201, answer.text
    assert post(face("lab"), "projects/X/as-built", BUILT).status_code == 201


def filmed(store):
    with store.change("c", who="tester", why="film") as change:
        change.add_records("inspection", [look("i9", "p1", "2025-07-01")])


def test_a_project_walks_from_its_first_pipe_to_the_acceptance_and_back(face):
    proved(face)
    office = face("east")
    row = get(office, "projects/X").json()["lots"][0]["pipes"][0]
    states = {one["key"]: one["state"] for one in row["strip"]}
    assert states == {
        "parties": "met", "material": "met", "hidden": "met", "closed_water": "met", "cctv": "lacks",
        "as_built": "met",
    }  # fmt: skip
    assert row["strip"][4]["lacks"][0].startswith("Every look of a camera is older")
    refused = post(office, "projects/X/acceptances", {"asset": "p1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "error.refused.acceptance-lacks")
    filmed(office.store)
    assert post(office, "projects/X/acceptances", {"asset": "p1", "date": "2025-08-01"}).status_code == 201
    listed = get(office, "projects").json()["rows"][0]
    assert (listed["accepted"]["count"], listed["accepted"]["length"]) == (1, 100.0)
    assert post(office, "projects/X/withdrawals", {"asset": "p1"}).status_code == 422
    assert post(office, "projects/X/withdrawals", {"asset": "p1", "reason": "error"}).status_code == 201
    assert get(office, "projects").json()["rows"][0]["accepted"]["count"] == 0


def test_a_proof_shows_its_two_days_its_file_and_the_clause(face):
    proved(face)
    reader = face("builder")
    sheet = get(reader, "proofs/closed_water/T1").json()
    assert (sheet["date"], len(sheet["filed"]), sheet["filed_by"]) == ("2025-06-20", 10, "builder")
    told = sheet["closed_water"]
    # D 400: 25.00 m³/(24 h·km) · 100 m · 30 min = 52.08 L; 10 L were added
    assert round(told["allowed_l"], 2) == 52.08
    assert (told["water_l"], told["passed"], told["edition"]) == (10.0, True, "2008")
    assert told["sections"][0]["source"] == "table"
    photo = get(reader, "proofs/hidden/H1").json()["files"][0]
    answer = reader.get(f"/api/v1/{photo['address']}")
    assert answer.content == PHOTO
    assert "sandbox" in answer.headers["content-security-policy"]
    assert get(reader, "proofs/hidden/none").status_code == 404


def test_the_allowed_leakage_is_told_while_it_is_typed(face):
    post(face("east"), "projects", PROJECT)
    told = post(face("builder"), "closed-water", {"assets": ["p1"], "duration": 1800, "water": 0.06}).json()
    assert (told["passed"], round(told["allowed_l"], 2)) == (False, 52.08)
    assert "60.0 L were added, more than the 52.1 L allowed." in told["lacks"]
    assert {row["rule"]: row["status"] for row in told["conditions"]}["head"] == "memory"
    asked = {"assets": ["p1"], "duration": 1800, "water": 0.06}
    assert post(face("rival"), "closed-water", asked).status_code == 404


def test_the_line_as_surveyed_becomes_a_new_version_of_the_pipe(face):
    post(face("east"), "projects", PROJECT)
    lab = face("lab")
    before = get(lab, "registers/conduit/form?id=p1").json()
    line = [[[at[0] + 1e-5, at[1]] for at in part] for part in before["shape"]]
    said = BUILT | {"fields": {"material": "hdpe", "height": 500}, "shape": line}
    assert post(lab, "projects/X/as-built", said).status_code == 201
    version = get(lab, "registers/conduit/history?id=p1").json()
    newest = next(one for one in version if one["number"] == get(lab, "proofs/as_built/A1").json()["change"])
    assert newest["shape"]["before"] != newest["shape"]["after"]
    assert {"material", "height", "built_on"} <= {one["field"] for one in newest["changes"]}
    assert post(lab, "projects/X/as-built", BUILT | {"id": "A2", "fields": {"nothing": 1}}).status_code == 404


def test_a_district_sets_its_own_milestone_and_not_the_citys_days_off(face):
    row = {"date": "2027-06-30", "district": "E", "indicator": "repaired", "target": "1", "source": "x"}
    east = face("east")
    assert post(east, "programme-tables/milestones", {"rows": [row], "reason": "x"}).status_code == 201
    figures = get(east, "figures").json()["own_milestones"]
    assert [(one["district"], one["target"]) for one in figures] == [("E", 1.0)]
    assert get(face("west"), "figures").json()["own_milestones"] == []
    day = {"date": "2027-06-30", "kind": "holiday", "source": "x"}
    assert post(east, "programme-tables/holidays", {"rows": [day], "reason": "x"}).status_code == 403
    assert (
        post(face("builder"), "programme-tables/milestones", {"rows": [], "reason": "x"}).status_code == 403
    )


def test_a_file_of_the_line_is_read_and_nothing_is_filed(face):
    post(face("east"), "projects", PROJECT)
    crew = face("builder")
    before = crew.store.version("c")
    rows = b"x,y\n0,0\n150,5\n300,0\n"
    told = crew.post("/api/v1/cities/c/projects/X/lines?name=a.csv", content=rows)
    assert told.status_code == 200, told.text
    assert [len(line["parts"][0]) for line in told.json()["lines"]] == [3]
    assert crew.store.version("c") == before
    refused = crew.post("/api/v1/cities/c/projects/X/lines?name=a.csv", content=b"a,b\n1,2\n")
    assert (refused.status_code, refused.json()["code"]) == (422, "error.bad-input.lines-none")
    assert face("rival").post("/api/v1/cities/c/projects/X/lines?name=a.csv", content=rows).status_code == 404


@pytest.mark.parametrize(
    ("name", "path", "body", "status"),
    [
        ("west", "projects", PROJECT | {"id": "Y"}, 403),  # another district's
        ("west", "projects", PROJECT | {"id": "Y", "district": "W"}, 403),  # pipes of another district
        ("west", "projects", PROJECT, 403),
        ("builder", "projects", PROJECT, 403),
        ("rival", "projects/X/material", SAMPLE, 403),  # of no body of the lot
        ("west", "projects/X/closed-water", TEST, 403),
        ("elsewhere", "projects/X/material", SAMPLE, 403),
        ("builder", "projects/X/as-built", BUILT, 403),  # changes no network
        ("builder", "projects/X/acceptances", {"asset": "p1"}, 403),
        ("west", "projects/X/acceptances", {"asset": "p1"}, 403),
        ("west", "projects/X/withdrawals", {"asset": "p1", "reason": "x"}, 404),
        ("east", "projects/X/withdrawals", {"asset": "p1", "reason": "x"}, 404),  # nothing to take back
        ("east", "projects/Z/acceptances", {"asset": "p1"}, 404),
        ("east", "projects/X/material", SAMPLE | {"assets": ["p2"]}, 404),  # in no lot
        ("east", "projects/X/material", SAMPLE | {"assets": []}, 422),
        ("east", "projects/X/material", SAMPLE | {"lot": "L9"}, 404),
        ("east", "projects/X/material", SAMPLE | {"file": "file:00/no.pdf"}, 422),
        ("builder", "teams", [{"id": "a", "name": "a", "work": "repair", "rate": 20}], 403),
        ("office", "teams", [{"id": "a", "name": "a", "work": "dance", "rate": 20}], 422),
    ],
)
def test_who_may_not_is_refused(face, name, path, body, status):
    post(face("east"), "projects", PROJECT)
    answer = post(face(name), path, body)
    assert answer.status_code == status, answer.text


def test_a_project_is_seen_by_its_district_its_bodies_and_the_city(face):
    proved(face)
    for name, count in (("office", 1), ("east", 1), ("builder", 1), ("lab", 1), ("west", 0), ("rival", 0)):
        assert get(face(name), "projects").json()["count"] == count, name
    for name in ("west", "rival"):
        assert get(face(name), "projects/X").status_code == 404
        assert get(face(name), "proofs/closed_water/T1").status_code == 404
    photo = get(face("builder"), "proofs/hidden/H1").json()["files"][0]["address"]
    assert face("rival").get(f"/api/v1/{photo}").status_code == 404
    assert (
        face("rival").post("/api/v1/cities/c/projects/X/files?name=x.jpg", content=PHOTO).status_code == 403
    )


def test_who_may_not_see_shapes_sees_no_line_of_a_project(face):
    proved(face)
    for path in ("projects", "projects/X"):
        assert get(face("east"), path).json()["lines"]
        assert get(face("tenant"), path).json()["lines"] == []


def test_teams_are_filed_and_shown_with_the_day_they_were_filed(face):
    crew = {"id": "a", "name": "一队", "work": "repair", "rate": 20, "district": "E"}
    assert post(face("office"), "teams", [crew]).json() == {"count": 1}
    told = get(face("east"), "teams").json()[0]
    assert (told["rate"], told["district"], told["filed_by"]) == (20.0, "E", "office")
    assert len(told["filed"]) == 10
