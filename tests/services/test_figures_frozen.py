"""Percentages against somebody who would make them look better: lists frozen, changed, tampered with."""

import json
from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.records.acceptance import Acceptance, AsBuilt, ClosedWaterTest, HiddenWork, MaterialSample
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.project import Lot, Party, PipeWork, Project
from wenqu.services.accept_pipes import accept_pipe
from wenqu.services.city_state import Cities, CityState
from wenqu.services.file_as_built import file_as_built
from wenqu.services.file_works import file_project, file_proof
from wenqu.services.freeze_figures import freeze_list
from wenqu.services.grade_city import grade_city
from wenqu.services.rights import Grant, Person
from wenqu.services.sign_figure import signed_figure
from wenqu.services.verify_figures import verify_figures
from wenqu.services.view_figures import view_bridge, view_figures, view_stage
from wenqu.store.database import open_store
from wenqu.store.moments import now

CITY = Person("office", (Grant("city_office", "c"),))
EAST = Person("east", (Grant("district", "c", "E"),))
CREW = Person("crew", (Grant("contractor", "c", "", "builders"),))
LINES = np.array([[0, 0], [100, 0], [200, 0], [300, 0]], dtype=float)
ROLES = {
    "owner": "city",
    "designer": "drawers",
    "contractor": "builders",
    "supervisor": "eyes",
    "tester": "lab",
}


def pipes(**changed):
    columns = {
        "from_id": list("abc"), "to_id": list("bcd"), "system": ["sanitary"] * 3, "height": [0.4] * 3,
        "material": ["reinforced_concrete"] * 3, "importance": ["central"] * 3, "soil": ["ordinary"] * 3,
        "district": ["E", "E", "W"], "length": [100.0, 100.0, 100.0],
    } | changed  # fmt: skip
    return assets(
        "conduit",
        ["p1", "p2", "p3"],
        columns,
        Shapes.lines(np.repeat(LINES, 2, axis=0)[1:-1], np.array([0, 2, 4, 6])),
    )


def look(id_, conduit, date, *defects):
    return Inspection(id_, conduit, "cctv", date, 100.0, file=f"{id_}.mp4", defects=defects)


def small_city(folder):
    made = open_store(str(folder / "store"))
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("zone", ["E", "W"], {"kind": ["district", "district"]}))
        change.put(assets("manhole", list("abcd"), {}, Shapes.points(LINES)))
        change.put(pipes())
        change.add_records(
            "inspection",
            [look("i1", "p1", "2025-01-10", Defect("p1", "PL", 4, 9.0)), look("i2", "p2", "2025-01-11")],
        )
    grade_city(made, "c", who="tester")
    return made


@pytest.fixture
def store(tmp_path):
    made = small_city(tmp_path)
    yield made
    made.close()


def state(store):
    return CityState(store.network("c"))


def figure(store, stage):
    whole = view_figures(store, state(store))["stages"][stage]["whole"]
    return whole["length_mm"], whole["of_mm"]


def test_a_frozen_list_does_not_move_and_the_bridge_says_what_did(store):
    assert figure(store, "surveyed") == (200_000, 300_000)
    first = freeze_list(store, "c", "surveyed", person=CITY, reason="baseline")
    assert (first.version, first.count, first.length_mm) == (1, 3, 300_000)
    with store.change("c", who="x", why="shrink what is not surveyed") as change:
        change.put(pipes(length=[100.0, 100.0, 10.0]))
    assert figure(store, "surveyed") == (200_000, 300_000)
    told = view_bridge(store, state(store), "surveyed")
    assert [(row["kind"], row["cause"], row["difference_mm"]) for row in told["rows"]] == [
        ("changed", "edit", -90_000)
    ]
    second = freeze_list(store, "c", "surveyed", person=CITY, reason="measured again")
    assert (second.version, second.before, figure(store, "surveyed")) == (2, first.digest, (200_000, 210_000))
    with store.change("c", who="x", why="close") as change:
        change.close("conduit", ["p3"])
    assert figure(store, "surveyed") == (200_000, 210_000)  # what is gone stays in the list
    with pytest.raises(Refused):
        freeze_list(store, "c", "surveyed", person=EAST, reason="mine")
    with pytest.raises(BadInput):
        freeze_list(store, "c", "surveyed", person=CITY, reason=" ")
    with pytest.raises(Unknown):
        freeze_list(store, "c", "nothing", person=CITY, reason="x")


def test_a_signed_file_holds_until_somebody_touches_it(store):
    content = signed_figure(store, state(store), "surveyed")
    told = verify_figures(content)
    assert told["facts"]["numerator_mm"] == 200_000
    assert verify_figures(content, told["signer"])["checks"] == told["checks"]
    with pytest.raises(BadInput):
        verify_figures(content.replace(b"200000", b"300000"))
    with pytest.raises(BadInput):
        verify_figures(content, "0" * 16)
    with pytest.raises(BadInput):
        verify_figures(json.dumps({"kind": "figure"}).encode())


def works(store):
    parties = tuple(Party(role, body) for role, body in ROLES.items())
    lot = Lot("L1", "first", (PipeWork("p1", "uv_cipp"),))
    file_project(store, "c", Project("X", "mend", (lot,), parties, "E"), person=CITY)


def prove(store, water=0.001):
    facts = {"project": "X", "lot": "L1", "assets": ("p1",)}
    file_proof(
        store,
        "c",
        MaterialSample("M1", **facts, date="2025-06-01", material="liner", passed=True),
        person=CREW,
    )
    file_proof(
        store,
        "c",
        HiddenWork("H1", **facts, date="2025-06-02", part="bedding", passed=True, photos=("h.jpg",)),
        person=CREW,
    )
    file_as_built(store, "c", AsBuilt("A1", "X", "L1", "p1", "2025-06-10", "uv_cipp"), person=CITY)
    test = ClosedWaterTest(
        "T1", **facts, date="2025-06-20", head=2.1, soak=90_000.0, duration=1800.0, water=water
    )
    file_proof(store, "c", test, person=CREW)


def test_a_pipe_counts_when_everything_is_proved_and_not_before(store):
    works(store)
    assert figure(store, "accepted") == (0, 100_000)
    with pytest.raises(Refused, match="acceptance-lacks"):
        accept_pipe(store, "c", "p1", person=CITY)
    prove(store)
    with pytest.raises(Refused, match="acceptance-lacks"):  # no film after the works
        accept_pipe(store, "c", "p1", person=CITY)
    with store.change("c", who="tester", why="film") as change:
        change.add_records("inspection", [look("i9", "p1", "2025-07-01")])
    grade_city(store, "c", who="tester")
    with pytest.raises(Refused):
        accept_pipe(store, "c", "p1", person=CREW)
    with pytest.raises(Refused, match="acceptance-own"):
        accept_pipe(store, "c", "p1", person=CITY, by="builders")
    made = accept_pipe(store, "c", "p1", person=CITY)
    assert {proof.kind for proof in made.proofs} >= {"closed_water", "cctv", "as_built"}
    assert figure(store, "accepted") == (100_000, 100_000)
    row = view_stage(store, state(store), "accepted", "E")["rows"][0]
    assert (row["pipe"], row["counts"]) == ("p1", True)
    assert (row["film"]["inspection"], row["closed_water"]["id"]) == ("i9", "T1")
    assert ("cctv", "i9", "2025-07-01") in {(one["kind"], one["id"], one["date"]) for one in row["proofs"]}


def test_a_leaking_pipe_is_not_accepted(store):
    works(store)
    prove(store, water=0.5)
    with store.change("c", who="tester", why="film") as change:
        change.add_records("inspection", [look("i9", "p1", "2025-07-01")])
    with pytest.raises(Refused) as caught:
        accept_pipe(store, "c", "p1", person=CITY)
    assert [lack.code for lack in caught.value.facts["lacking"]] == ["closed-water-leaks"]


def test_the_routes_do_the_same(store):
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        home, origin = "/api/v1/cities/c/figures", {"Origin": "http://127.0.0.1"}
        assert face.get(home).json()["stages"]["surveyed"]["whole"]["of_mm"] == 300_000
        assert face.get(f"{home}/surveyed").json()["count"] == 3
        frozen = face.post(f"{home}/lists/surveyed", json={"reason": "baseline"}, headers=origin)
        assert frozen.json()["version"] == 1
        assert face.get(f"{home}/lists/surveyed/bridge").json()["rows"] == []
        assert verify_figures(face.get(f"{home}/surveyed/signed").content)["facts"]["list"]["version"] == 1
        assert face.get(f"{home}/other").status_code == 422
    assert replace(CITY, account="x").account == "x"


def test_a_day_before_the_store_began_is_counted_by_what_is_known_since(store):
    freeze_list(store, "c", "surveyed", person=CITY, reason="baseline")
    then = CityState(store.network("c", as_of="2025-01-10"))
    assert view_figures(store, then)["stages"]["surveyed"]["whole"]["of_count"] == 0, "nothing was filed then"
    now_ = state(store)
    told = view_figures(store, now_, "2025-01-10")
    assert (told["day"], told["known"][:4]) == ("2025-01-10", now().isoformat()[:4])
    assert told["names"] == {"E": "E", "W": "W"}
    whole = told["stages"]["surveyed"]["whole"]
    assert (whole["count"], whole["of_count"]) == (1, 3), "p1 was seen on that day, p2 a day later"
    counted = [
        row["pipe"] for row in view_stage(store, now_, "surveyed", on="2025-01-10")["rows"] if row["counts"]
    ]
    assert counted == ["p1"]
    said = verify_figures(signed_figure(store, now_, "surveyed", "2025-01-10"))["facts"]
    assert (said["day"], said["numerator_mm"]) == ("2025-01-10", 100_000)
    assert said["known_at"][:10] > said["day"], "the file says when it was known"


@pytest.mark.parametrize(("on", "reason"), [("2999-01-01", "figure-ahead"), ("yesterday", "works-day")])
def test_no_figure_of_a_day_to_come_or_of_no_day(store, on, reason):
    with pytest.raises(BadInput) as caught:
        view_figures(store, state(store), on)
    assert caught.value.reason == reason


def test_the_day_of_an_old_acceptance_opens_to_it_and_not_to_the_one_made_anew(store):
    works(store)
    said = Acceptance("Y1", "X", "L1", "p1", "2025-09-01", "accepted", "city")
    words = (said, replace(said, id="Y1-W", date="2025-10-01", verdict="withdrawn"))
    with store.change("c", who="x", why="words") as change:
        change.add_records("acceptance", [*words, replace(said, id="Y2", date="2025-11-01")])
    for day, proof in (("2025-09-02", ["Y1"]), ("2025-10-02", []), ("2025-11-02", ["Y2"])):
        row = view_stage(store, state(store), "accepted", on=day)["rows"][0]
        assert [one["id"] for one in row["proofs"]] == proof, day
