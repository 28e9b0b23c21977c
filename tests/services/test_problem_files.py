"""Files that prove the steps of a problem: kept by content, opened by those who may know of it."""

import pytest
from fastapi.testclient import TestClient

from tests.services.test_problems import CITY, CREW, EAST, LIFE, OTHERS, READER, WEST, found, store, take
from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.services.city_state import Cities
from wenqu.services.problem_files import keep_proof, proof

__all__ = ["store"]
PDF, OTHER = b"%PDF-1.7 drawing", b"%PDF-1.7 another drawing"


def charged(store):
    id_ = found(store)["p2"]
    for step, person, facts in LIFE[:3]:
        take(store, id_, step, person, **facts)
    return id_


def test_a_step_names_its_file_and_another_file_of_that_name_is_another_proof(store):
    id_ = charged(store)
    kept = keep_proof(store, "c", id_, r"C:\plans\plan.pdf", PDF, person=CREW)
    assert kept == keep_proof(store, "c", id_, "plan.pdf", PDF, person=CREW)
    other = keep_proof(store, "c", id_, "plan.pdf", OTHER, person=CREW)
    assert kept.startswith("file:")
    assert kept.endswith("/plan.pdf")
    assert kept != other
    made = take(store, id_, "design", CREW, evidence=(kept,))
    assert made.events[-1].evidence == (kept,)
    digest, name = kept.removeprefix("file:").split("/")
    content, headers = proof(store, "c", id_, digest, name, EAST)
    assert content == PDF
    assert headers["Content-Type"] == "application/pdf"


def test_files_are_handed_in_by_those_who_may_step_and_seen_by_those_who_may_read(store):
    id_ = charged(store)
    for person in (READER, OTHERS, WEST):
        with pytest.raises((Refused, Unknown)):
            keep_proof(store, "c", id_, "plan.pdf", PDF, person=person)
    kept = keep_proof(store, "c", id_, "plan.pdf", PDF, person=CREW)
    digest, name = kept.removeprefix("file:").split("/")
    assert proof(store, "c", id_, digest, name, READER)[0] == PDF
    with pytest.raises(Unknown):
        proof(store, "c", id_, digest, name, WEST)
    with pytest.raises(Unknown):
        proof(store, "c", id_, "0" * 32, name, CITY)


def test_a_note_may_be_a_file_alone_but_not_nothing(store):
    id_ = charged(store)
    kept = keep_proof(store, "c", id_, "plan.pdf", PDF, person=CREW)
    assert take(store, id_, "note", CREW, evidence=(kept,)).events[-1].evidence == (kept,)
    with pytest.raises(BadInput, match="problem-needs"):
        take(store, id_, "note", CREW)


def test_a_step_cannot_name_a_file_that_nobody_handed_in(store):
    id_ = charged(store)
    with pytest.raises(BadInput, match="problem-file"):
        take(store, id_, "design", CREW, evidence=("file:0000/plan.pdf",))
    with pytest.raises(BadInput, match="attachment-kind"):
        keep_proof(store, "c", id_, "page.html", b"<html>", person=CREW)


def test_the_routes_keep_and_return_a_file(store):
    id_ = charged(store)
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        home, origin = f"/api/v1/cities/c/problems/{id_}/files", {"Origin": "http://127.0.0.1"}
        told = face.post(home, params={"name": "现场.pdf"}, content=PDF, headers=origin)
        assert told.status_code == 201
        answer = face.get(f"{home}/{told.json()['evidence'].removeprefix('file:')}")
        assert answer.content == PDF
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-disposition"].startswith("attachment")
