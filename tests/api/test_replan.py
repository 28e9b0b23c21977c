"""Planning again over the interface: a job, a proposal, a filing; whoever has half the city may not."""

import io
import json
import shutil
import time
import zipfile

import pytest
from fastapi.testclient import TestClient

from tests.api.two_cities import HOME, OURS, account_with
from tests.services.test_plan_city import CODE, built  # noqa: F401 - a fixture
from tests.services.test_replan_city import planned  # noqa: F401 - a fixture
from wenqu.api.router import make_api
from wenqu.services.catalogue import set_shared
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.rights import LOCAL, Grant
from wenqu.services.verify_certificate import verify_certificate
from wenqu.store.database import open_store

ROOT = f"/api/v1/cities/{CODE}/plan"
PATIENCE = 120  # [s]


@pytest.fixture
def served(planned, tmp_path):  # noqa: F811
    shutil.copytree(planned, tmp_path / "store")
    store = open_store(tmp_path / "store")
    for name, grant in {
        "office": Grant("city_office", CODE),
        "half": Grant("district", CODE, "D"),
        "reader": Grant("bureau", CODE),
        "looker": Grant("public_reader", CODE),
    }.items():
        account_with(store, name, grant)
    app = make_api(Cities(store), Entrance(store.accounts))
    app.state.solver_seconds = 10
    yield app
    if getattr(app.state, "jobs", None) is not None:
        app.state.jobs.close()
    store.close()


def client(app, account):
    made = TestClient(app, base_url=HOME, headers=OURS)
    made.cookies.set(COOKIE, app.state.entrance.begin(account))
    return made


def ended(asking, job):
    """Return a job when it has ended."""
    for _ in range(PATIENCE * 5):
        found = asking.get(f"/api/v1/jobs/{job}").json()
        if found["state"] != "running":
            return found
        time.sleep(0.2)
    raise AssertionError("the job did not end")


def test_a_programme_is_made_anew_looked_at_and_filed(served):
    office = client(served, "office")
    assert office.get(f"{ROOT}/again").json()["may"]
    started = office.post(f"{ROOT}/again", json={"prices": [["pipe_bursting", 10]]})
    assert started.status_code == 202
    found = ended(office, started.json()["id"])
    assert found["state"] == "done", found
    proposal = f"{ROOT}/proposals/{found['result']['proposal']}"
    told = office.get(proposal).json()
    assert [(row["what"], row["assets"]) for row in told["rows"]] == [("method", ["C0"])]
    assert told["facts"][told["rows"][0]["because"][0]]["kind"] == "price"
    assert office.post(f"{proposal}/filings", json={}).status_code == 422  # no reason
    filed = office.post(f"{proposal}/filings", json={"why": "dear tenders"})
    assert filed.status_code == 201
    rows = office.get(f"{ROOT}/history").json()["rows"]
    assert [row["id"] for row in rows] == [filed.json()["id"], told["before"]["id"]]
    assert rows[0]["by"] == "office"
    assert office.get(f"{ROOT}/verification").json()["holds"]
    asked = {"before": rows[1]["id"], "after": rows[0]["id"]}
    assert office.get(f"{ROOT}/difference", params=asked).json()["rows"][0]["what"] == "method"
    assert office.get(f"{ROOT}/relaxations").json()["rows"] == []


def test_a_proposal_that_misses_rules_is_filed_only_when_that_is_said(served):
    office = client(served, "office")
    none = dict.fromkeys(("2025", "2026", "2027", "2028", "2029"), 0)
    started = office.post(f"{ROOT}/again", json={"rules": json.dumps({"budget_wan_yuan": none})})
    name = ended(office, started.json()["id"])["result"]["proposal"]
    assert office.get(f"{ROOT}/proposals/{name}").json()["after"]["status"] == "infeasible"
    filings = f"{ROOT}/proposals/{name}/filings"
    refused = office.post(filings, json={"why": "no money"})
    assert refused.status_code == 403
    assert "misses rules" in refused.json()["detail"]
    assert len(office.get(f"{ROOT}/history").json()["rows"]) == 1
    assert office.post(filings, json={"why": "no money", "although": True}).status_code == 201


def test_nonsense_is_refused_before_a_job_starts(served):
    office = client(served, "office")
    answer = office.post(f"{ROOT}/again", json={"prices": [["cipp", -2]]})
    assert answer.status_code == 422
    assert "between 0.01 and 100" in answer.json()["detail"]
    for factor in (0, 1e6):  # yuan for 10 000 yuan
        assert office.post(f"{ROOT}/again", json={"prices": [["cipp", factor]]}).status_code == 422
    answer = office.post(f"{ROOT}/again", json={"rules": '{"discount": 7}'})
    assert answer.status_code == 422
    assert office.get("/api/v1/jobs").json() == []


def test_the_certificate_is_taken_by_whoever_may_export_and_checked_without_a_solver(served, tmp_path):
    office = client(served, "office")
    assert office.get(f"{ROOT}/verification").json()["may_take"]
    answer = office.get(f"{ROOT}/certificate")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert set(archive.namelist()) == {"certificate.json", "options.csv", "plan.csv", "rows.json"}
        archive.extractall(tmp_path / "proof")
    assert verify_certificate(tmp_path / "proof" / "certificate.json").status == "proved"
    plan = tmp_path / "proof" / "plan.csv"
    plan.write_text(plan.read_text("utf-8").rpartition("@")[0] + "@2029", "utf-8")
    assert verify_certificate(tmp_path / "proof" / "certificate.json").status == "broken"
    assert office.get(f"{ROOT}/certificate", params={"programme": "none"}).status_code == 404


def test_the_certificate_is_not_given_to_whoever_may_not_export(served):
    looker = client(served, "looker")
    told = looker.get(f"{ROOT}/verification").json()
    assert told["holds"]
    assert not told["may_take"]
    assert looker.get(f"{ROOT}/certificate").status_code == 403
    nobody = TestClient(served, base_url=HOME, headers=OURS)
    assert nobody.get(f"{ROOT}/certificate").status_code in {401, 403}


@pytest.mark.parametrize("name", ["half", "reader"])
def test_whoever_does_not_decide_in_the_whole_city_reads_at_most(served, name):
    person = client(served, name)
    for path, body in (
        ("again", {}), ("proposals/x/filings", {"why": "x"}), ("relaxations", {"why": "x", "programme": "x"}),
    ):  # fmt: skip
        assert person.post(f"{ROOT}/{path}", json=body).status_code == 403, path
    assert person.get(f"{ROOT}/proposals/x").status_code in {403, 404}
    assert person.get(f"{ROOT}/again").status_code == (403 if name == "half" else 200)


@pytest.mark.parametrize(
    "path",
    ["", "/again", "/certificate", "/verification", "/history", "/relaxations", "/proposals/x",
     "/difference?before=a&after=b", "/choices", "/choices/x"],
)  # fmt: skip
def test_who_sees_a_part_is_told_that_the_programme_is_not_theirs_to_read(served, path):
    half = client(served, "half")
    for language, said in (("zh", "只有能查看全市的人"), ("en", "whoever may read all of it")):
        answer = half.get(f"{ROOT}{path}", headers={"Accept-Language": language})
        assert (answer.status_code, answer.json()["code"]) == (403, "error.refused.rights-whole")
        assert said in answer.json()["detail"]
    # Others are answered, or told what is not there.
    assert client(served, "office").get(f"{ROOT}{path}").status_code in {200, 404}


def test_who_sees_all_reads_the_programme_until_a_register_is_withheld(served):
    looker, store = client(served, "looker"), served.state.cities.store
    assert looker.get(ROOT).json()["measures"]
    set_shared(store.accounts, LOCAL, CODE, "conduit", shared=False)
    assert looker.get(ROOT).json()["code"] == "error.refused.rights-whole"
    assert client(served, "office").get(ROOT).json()["measures"]
