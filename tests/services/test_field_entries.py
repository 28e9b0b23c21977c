"""What a crew wrote in the street comes in once, loses nothing, and overwrites nobody."""

import hashlib
import threading
from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.edits import Edit
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.operation.order_tables import checklist
from wenqu.records.field_entry import FieldEntry, FieldFile
from wenqu.records.inspection import Inspection
from wenqu.records.order import Order
from wenqu.services.city_state import Cities
from wenqu.services.edit_assets import edit_assets
from wenqu.services.field_bundle import field_bundle, forms
from wenqu.services.field_conflicts import decide_conflict
from wenqu.services.field_entries import Sent, put_entry, seen_entries, try_again
from wenqu.services.field_files import field_file, keep_field_file, missing_files
from wenqu.services.find_problems import find_problems
from wenqu.services.order_findings import file_finding
from wenqu.services.problem_ledger import ledger
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.upkeep_orders import Report, issue_order, orders, report_order
from wenqu.services.view_field import standing_row, view_conflicts
from wenqu.services.view_orders import view_order
from wenqu.services.view_problems import view_alarms
from wenqu.store.database import open_store

OFFICE = Person("office", (Grant("city_office", "c"),))
CREW = Person("crew", (Grant("operator", "c", "", "group"),))
OTHERS = Person("others", (Grant("operator", "c", "", "another"),))
WEST = Person("west", (Grant("district", "c", "W"),))
FAR_READER = Person("far reader", (Grant("bureau", "c", "W"),))
READER = Person("reader", (Grant("bureau", "c"),))
PHOTO = b"\xff\xd8\xff\xe0" + b"a photo" * 20
DIGEST = hashlib.sha256(PHOTO).hexdigest()
HOME = "http://127.0.0.1"
WHEN = "2026-11-20T09:30:00+08:00"


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    fill(made)
    yield made
    made.close()


def fill(made):
    """Write a pipe between two manholes in district E."""
    lines = np.array([[500000.0, 3170000.0], [500100.0, 3170000.0]])
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("zone", ["E", "W"], {"kind": ["district", "district"]}))
        change.put(assets("manhole", list("ab"), {"district": ["E", "E"]}, Shapes.points(lines)))
        columns = {
            "from_id": ["a"], "to_id": ["b"], "system": ["sanitary"], "district": ["E"], "keeper": ["group"],
            "height": [0.4], "material": ["concrete"],
        }  # fmt: skip
        shape = Shapes(lines, np.array([0, 2]), np.array([0, 1]))
        change.put(assets("conduit", ["p"], columns, shape))


def state_for(store, person):
    known = Cities(store)
    return (known if person.local else SeenCities(known, person)).state("c")


def put(store, sent, *, person=CREW, id_=None):
    return put_entry(store, state_for(store, person), id_ or str(uuid4()), sent, person=person)


def edit(store, **fields):
    return Sent("edit", WHEN, asset="conduit/p", base=store.version("c"), body=fields)


def an_order(store):
    asked = Order("O-1", "dredging", ("conduit/p",), "group", due="2099-12-31")
    issue_order(store, state_for(store, LOCAL), asked, person=OFFICE)
    report_order(store, "c", "O-1", Report("start"), person=CREW)
    return {
        "step": "done", "hours": 3.5, "quantities": {"length": 100.0},
        "answers": {item.name: "ok" for item in checklist("dredging")},
    }  # fmt: skip


def test_a_report_with_photos_enters_once_however_often_it_is_sent(store):
    body, id_ = an_order(store), str(uuid4())
    files = (
        FieldFile(DIGEST, "1.jpg", "image/jpeg", "before"),
        FieldFile(DIGEST, "1.jpg", "image/jpeg", "after"),
    )
    sent = Sent("report", WHEN, order="O-1", body=body, files=files)
    first = put(store, sent, id_=id_)
    assert (first.state, first.missing) == ("waits", (DIGEST,))
    kept = seen_entries(store, state_for(store, OFFICE), OFFICE)
    assert kept == []  # the device still has it
    keep_field_file(store, "c", DIGEST, PHOTO, person=CREW)
    assert missing_files(store, "c", [DIGEST]) == []
    assert put(store, sent, id_=id_).state == "entered"
    assert put(store, sent, id_=id_).state == "already"
    run = orders(store, "c")["O-1"]
    assert (run.state, len(run.events)) == ("done", 2)
    assert run.events[1].before == (f"field:{DIGEST}/1-1.jpg",)


def test_the_same_entry_from_two_threads_enters_once(store):
    body, id_ = an_order(store), str(uuid4())
    files = (FieldFile(DIGEST, "1.jpg", "", "before"), FieldFile(DIGEST, "2.jpg", "", "after"))
    keep_field_file(store, "c", DIGEST, PHOTO, person=CREW)
    sent, said = Sent("report", WHEN, order="O-1", body=body, files=files), []
    threads = [
        threading.Thread(target=lambda: said.append(put(store, sent, id_=id_).state)) for _ in range(4)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == ["already", "already", "already", "entered"]
    assert len(orders(store, "c")["O-1"].events) == 2
    assert len(store.records("c", "field_entry", FieldEntry)) == 1


def test_an_inspection_from_the_street_is_graded_and_keeps_its_picture(store):
    keep_field_file(store, "c", DIGEST, PHOTO, person=CREW)
    body = {
        "method": "cctv", "inspected_on": "2026-11-20", "start": "a", "end": "b", "direction": "downstream",
        "length_m": 100, "defects": [
            {"code": "PL", "level": 4, "at_m": 12.5, "to_m": None, "clock": "0309", "picture": DIGEST},
        ],
    }  # fmt: skip
    sent = Sent(
        "inspection", WHEN, asset="conduit/p", body=body, files=(FieldFile(DIGEST, "1.jpg", "", "picture"),)
    )
    id_ = str(uuid4())
    assert put(store, sent, id_=id_).state == "entered"
    assert put(store, sent, id_=id_).state == "already"
    (one,) = store.records("c", "inspection", Inspection)
    assert (one.asset, one.inspector, one.defects[0].code, one.defects[0].start) == ("p", "crew", "PL", 12.5)
    assert one.defects[0].picture == "1.jpg"
    answer = (
        TestClient(make_api(Cities(store)), base_url=HOME)
        .get("/api/v1/cities/c/inspections/one", params={"id": one.id})
        .json()
    )
    assert [row["here"] for row in answer["media"]] == [True]


def test_an_inspection_of_no_day_waits_and_an_emergency_is_told_to_the_device(store):
    body = {"method": "cctv", "defects": [{"code": "PL", "level": 4, "at_m": 12.5}]}
    for day in ("2025-02-30", "2025-13-45", ""):
        late = put(store, Sent("inspection", WHEN, asset="conduit/p", body=body | {"inspected_on": day}))
        assert (late.state, late.outcome.said[0]) == ("waits", "error.bad-input.field-inspection")
    made = put(store, Sent("inspection", WHEN, asset="conduit/p", body=body | {"inspected_on": "2026-01-20"}))
    assert (made.state, made.outcome.said[0]) == ("entered", "field.rang")
    assert [one.partition(":")[0] for one in made.outcome.made] == ["inspection", "alarm"]
    (told,) = standing_row(made, "zh")["problems"]
    assert "报警" in told
    note = Sent("note", WHEN, asset="manhole/a", body={"text": "cover gone", "kind": "cover"})
    assert put(store, note, person=OFFICE).outcome.said[0] == "field.rang"
    later = replace(note, body={**note.body, "text": "still gone"})
    again = put(store, later, person=OFFICE)  # it has rung; it joins
    assert (again.outcome.said, len(again.outcome.made)) == ((), 1)
    lives = [one for one in ledger(store, "c").values() if one.problem.kind == "cover"]
    assert [[event.note for event in one.events] for one in lives] == [["still gone"]]


def blind_spots(store):
    """Add a manhole of no district and a pipe to it, kept by others: the crew of the group sees neither."""
    far = np.array([[500300.0, 3170000.0], [500100.0, 3170000.0]])
    with store.change("c", who="tester", why="no district") as change:
        change.put(assets("manhole", ["n"], {"keeper": ["another"]}, Shapes.points(far[:1])))
        columns = {
            "from_id": ["b"], "to_id": ["n"], "system": ["sanitary"], "keeper": ["another"],
            "height": [0.4], "material": ["concrete"],
        }  # fmt: skip
        change.put(assets("conduit", ["q"], columns, Shapes(far[::-1], np.array([0, 2]), np.array([0, 1]))))


def rung_for(store, *people):
    return [len(view_alarms(store, "c", person)["rows"]) for person in people]


def test_an_emergency_at_an_asset_that_the_crew_may_not_see_rings_for_the_city_office(store):
    blind_spots(store)
    lon_lat = state_for(store, LOCAL).place(np.array([[500300.5, 3170000.0]]), "EPSG:4326")[0]
    named = Sent("note", WHEN, asset="manhole/n", body={"text": "cover gone", "kind": "cover"})
    for sent in (named, replace(named, asset="", place=tuple(lon_lat.tolist()), body=named.body)):
        made = put(store, sent)
        assert (made.state, made.outcome.said[0], made.outcome.made) == ("entered", "field.handed", ())
        assert "移交" in standing_row(made, "zh")["problems"][0]
    (life,) = ledger(store, "c").values()  # met twice, filed once
    assert (life.problem.asset, life.problem.district, life.problem.emergency) == ("n", "", True)
    assert life.problem.by == "crew"
    assert rung_for(store, OFFICE, CREW, OTHERS, WEST) == [1, 0, 0, 0]


def test_what_is_no_emergency_or_told_by_a_mere_reader_rings_for_nobody(store):
    blind_spots(store)
    note = Sent("note", WHEN, asset="manhole/n", body={"text": "grass", "kind": "functional"})
    assert put(store, note).outcome.said[0] == "error.unknown"
    cover = replace(note, body={"text": "cover gone", "kind": "cover"})
    assert put(store, cover, person=FAR_READER).outcome.said[0] == "error.unknown"
    assert put(store, replace(cover, asset="manhole/none")).outcome.said[0] == "error.unknown"
    assert ledger(store, "c") == {}


def test_an_inspection_that_waits_for_others_rings_now_and_only_once(store):
    blind_spots(store)
    body = {
        "method": "cctv",
        "inspected_on": "2026-11-20",
        "defects": [{"code": "PL", "level": 4, "at_m": 9}],
    }
    id_ = str(uuid4())
    made = put(store, Sent("inspection", WHEN, asset="conduit/q", body=body), id_=id_)
    assert (made.state, made.outcome.said[0]) == ("waits", "field.handed-waits")
    assert rung_for(store, OFFICE, CREW, OTHERS) == [1, 0, 0]
    again = try_again(store, state_for(store, CREW), id_, person=CREW)
    assert again.outcome.said[0] == "field.handed-waits"
    done = try_again(store, state_for(store, OFFICE), id_, person=OFFICE)
    assert (done.state, rung_for(store, OFFICE)) == ("entered", [1])  # it has rung
    mild = {**body, "defects": [{"code": "PL", "level": 2, "at_m": 9}]}
    assert (
        put(store, Sent("inspection", WHEN, asset="conduit/q", body=mild)).outcome.said[0] == "error.unknown"
    )


def test_a_patrol_codes_an_outfall_and_its_dry_flow_becomes_a_problem_but_not_in_the_rain(store):
    with store.change("c", who="tester", why="outfall") as change:
        place = Shapes.points(np.array([[500050.0, 3170010.0]]))
        change.put(assets("outfall", ["o"], {"district": ["E"], "keeper": ["group"]}, place))
    codes = {one["code"] for one in forms()["inspection"]["outfall_codes"]}

    def seen(code, weather):
        body = {"method": "patrol", "inspected_on": "2026-11-20", "weather": weather,
                "defects": [{"code": code, "level": 0, "note": "black"}]}  # fmt: skip
        return put(store, Sent("inspection", WHEN, asset="outfall/o", body=body))

    assert {"OF-DRY", "OF-NONE", "OF-WET"} <= codes
    wrong = seen("OF-DRY", "雨后")
    assert (wrong.state, wrong.outcome.said[0]) == ("waits", "error.bad-input.field-outfall")
    assert seen("OF-WET", "雨").state == "entered"
    assert find_problems(store, state_for(store, LOCAL), person=OFFICE).filed == ()
    assert seen("OF-DRY", "晴").state == "entered"
    (id_,) = find_problems(store, state_for(store, LOCAL), person=OFFICE).filed
    made = ledger(store, "c")[id_].problem
    assert (made.kind, made.asset, made.origin, made.what) == ("outfall", "o", "patrol", "晴天出流; black")


def test_two_edits_of_other_fields_both_enter(store):
    crew = edit(store, material="pvc")
    edit_assets(store, "c", [Edit("conduit", "p", {"height": 0.5})], person=OFFICE, why="office")
    assert put(store, crew).state == "entered"
    table = store.network("c").table("conduit")
    assert (table.column("material")[0], table.column("height")[0]) == ("pvc", 0.5)


def test_two_edits_of_one_field_stand_side_by_side_and_nobody_is_overwritten(store):
    crew = edit(store, height=600, material="pvc")  # mm, as the form reads
    edit_assets(store, "c", [Edit("conduit", "p", {"height": 0.5})], person=OFFICE, why="office")
    id_ = str(uuid4())
    made = put(store, crew, id_=id_)
    row = standing_row(made, "en")
    assert made.state == "conflict"
    (field,) = row["conflict"]["fields"]
    assert (field["yours"], field["theirs"], field["base"], field["theirs_by"]) == (600, 500, 400, "office")
    table = store.network("c").table("conduit")
    assert (table.column("height")[0], table.column("material")[0]) == (0.5, "pvc")
    (told,) = view_conflicts(store, state_for(store, OFFICE), OFFICE)["conflicts"]
    assert (told["by"], told["may_decide"]) == ("crew", True)
    with pytest.raises(BadInput):
        decide_conflict(store, state_for(store, OFFICE), id_, {}, "", person=OFFICE)
    decided = decide_conflict(
        store, state_for(store, OFFICE), id_, {"height": "yours"}, "seen", person=OFFICE
    )
    assert decided.state == "entered"
    assert store.network("c").table("conduit").column("height")[0] == 0.6
    assert view_conflicts(store, state_for(store, OFFICE), OFFICE)["conflicts"] == []
    with pytest.raises(Unknown):
        decide_conflict(store, state_for(store, OFFICE), id_, {"height": "yours"}, "", person=OFFICE)


def test_a_conflict_whose_asset_moved_on_must_be_looked_at_again(store):
    crew = edit(store, height=600)
    edit_assets(store, "c", [Edit("conduit", "p", {"height": 0.5})], person=OFFICE, why="office")
    id_ = str(uuid4())
    put(store, crew, id_=id_)
    edit_assets(store, "c", [Edit("conduit", "p", {"height": 0.8})], person=OFFICE, why="again")
    with pytest.raises(Refused):
        decide_conflict(store, state_for(store, OFFICE), id_, {"height": "yours"}, "", person=OFFICE)


def test_what_cannot_be_done_waits_with_its_reason_and_is_done_when_the_reason_is_gone(store):
    id_ = str(uuid4())
    sent = Sent("edit", WHEN, asset="conduit/p", base=store.version("c"), body={"height": 600})
    waits = put(store, sent, person=READER, id_=id_)
    assert waits.state == "waits"
    assert "改属性" in standing_row(waits, "zh")["problems"][0]
    assert store.network("c").table("conduit").column("height")[0] == 0.4
    done = try_again(store, state_for(store, OFFICE), id_, person=OFFICE)
    assert done.state == "entered"
    assert store.network("c").table("conduit").column("height")[0] == 0.6


def test_a_finding_of_a_patrol_becomes_a_problem_with_its_photo(store):
    keep_field_file(store, "c", DIGEST, PHOTO, person=CREW)
    here = state_for(store, LOCAL)
    files = (FieldFile(DIGEST, "1.jpg", "", "picture"),)
    at = tuple(here.place(np.array([[500001.0, 3170001.0]]), "EPSG:4326")[0].tolist())
    sent = Sent("note", WHEN, body={"text": "cover gone", "kind": "cover"}, files=files, place=(*at, 5.0))
    made = put(store, sent, person=OFFICE)
    assert made.state == "entered"
    (life,) = ledger(store, "c").values()
    assert (life.problem.asset, life.problem.origin, life.problem.emergency) == ("a", "patrol", True)
    assert f"file:{DIGEST[:32]}/1.jpg" in life.problem.evidence
    far = put(store, Sent("note", WHEN, body={"text": "x", "kind": "cover"}, place=(0.0, 0.0)), person=OFFICE)
    assert far.state == "waits"


def test_entries_are_for_their_author_and_those_who_work_there(store):
    keep_field_file(store, "c", DIGEST, PHOTO, person=CREW)
    files = (FieldFile(DIGEST, "1.jpg", "", "picture"),)
    put(store, Sent("note", WHEN, asset="conduit/p", body={"text": "x"}, files=files))
    seen = {
        one.account: len(seen_entries(store, state_for(store, one), one))
        for one in (CREW, OFFICE, OTHERS, WEST, READER)
    }
    assert seen == {"crew": 1, "office": 1, "others": 0, "west": 0, "reader": 0}
    assert field_file(store, state_for(store, OFFICE), DIGEST, OFFICE)[0] == PHOTO
    with pytest.raises(Unknown):
        field_file(store, state_for(store, WEST), DIGEST, WEST)


def test_files_that_are_not_what_they_say_are_refused(store):
    with pytest.raises(BadInput, match="digest"):
        keep_field_file(store, "c", "0" * 64, PHOTO, person=CREW)
    script = b"<script>alert(1)</script>"
    with pytest.raises(BadInput):
        keep_field_file(store, "c", hashlib.sha256(script).hexdigest(), script, person=CREW)
    with pytest.raises(Refused):
        keep_field_file(store, "c", DIGEST, PHOTO, person=Person(""))


@pytest.mark.parametrize(
    "sent",
    [
        Sent("dance", WHEN),
        Sent("note", "yesterday"),
        Sent("edit", WHEN, asset="conduit/p", body={"height": 600}),  # no version seen
        Sent("edit", WHEN, asset="p", base=1),
    ],
)
def test_malformed_entries_are_refused_whole(store, sent):
    with pytest.raises(BadInput):
        put(store, sent)
    assert not store.records("c", "field_entry", FieldEntry)


def conflict(store):
    """Leave a conflict about the height of the pipe and return its id."""
    sent = edit(store, height=600)
    edit_assets(store, "c", [Edit("conduit", "p", {"height": 0.5})], person=OFFICE, why="office")
    id_ = str(uuid4())
    assert put(store, sent, id_=id_).state == "conflict"
    return id_


@pytest.mark.parametrize("person", [OTHERS, WEST, READER, Person("")], ids=lambda one: one.account)
def test_an_outsider_decides_no_conflict_and_tries_nothing_again(store, person):
    id_, waiting = conflict(store), str(uuid4())
    assert put(store, edit(store, height=700), person=WEST, id_=waiting).state == "waits"
    for act in (
        lambda: decide_conflict(store, state_for(store, person), id_, {"height": "yours"}, "", person=person),
        lambda: try_again(store, state_for(store, person), id_, person=person),
    ):
        with pytest.raises((Refused, Unknown)):
            act()
    if person != WEST:  # its author may ask again, and is told the same
        with pytest.raises((Refused, Unknown)):
            try_again(store, state_for(store, person), waiting, person=person)
    assert store.network("c").table("conduit").column("height")[0] == 0.5
    states = {one.entry.id: one.state for one in seen_entries(store, state_for(store, OFFICE), OFFICE)}
    assert states == {id_: "conflict", waiting: "waits"}


def test_the_conflicts_of_one_asset_are_those_of_that_asset(store):
    id_ = conflict(store)
    office = state_for(store, OFFICE)
    assert [row["id"] for row in view_conflicts(store, office, OFFICE, "conduit/p")["conflicts"]] == [id_]
    assert view_conflicts(store, office, OFFICE, "manhole/a")["conflicts"] == []
    assert view_conflicts(store, state_for(store, WEST), WEST, "conduit/p")["conflicts"] == []


def test_an_id_of_another_person_is_refused(store):
    id_ = str(uuid4())
    put(store, Sent("note", WHEN, body={"text": "x"}), id_=id_)
    with pytest.raises(BadInput):
        put(store, Sent("note", WHEN, body={"text": "y"}), id_=id_, person=OFFICE)


def test_a_crew_takes_its_orders_and_the_street_along(store):
    an_order(store)
    taken = field_bundle(store, state_for(store, CREW), CREW)
    assert [one["id"] for one in taken["orders"]] == ["O-1"]
    assert "done" in taken["orders"][0]["steps"]
    (pipe,) = [one for one in taken["assets"] if one["type"] == "conduit"]
    assert (pipe["id"], pipe["diameter_mm"], pipe["fields"]["height"], len(pipe["coordinates"])) == (
        "conduit/p",
        400,
        400,
        2,
    )
    assert taken["tables"]["steps"]["accept"]["from"] == ["issued"]
    assert {row["code"] for row in taken["forms"]["inspection"]["codes"]} >= {"PL", "CJ"}
    assert field_bundle(store, state_for(store, OTHERS), OTHERS)["orders"] == []


def test_the_routes_take_a_street_from_bundle_to_conflict(store):
    client = TestClient(make_api(Cities(store)), base_url=HOME)
    base = "/api/v1/cities/c/field"
    assert client.get(base, params={"around": "117.0,28.6"}).status_code == 200
    assert client.get(f"{base}/files", params={"sha256": [DIGEST]}).json() == {
        "missing": [DIGEST],
        "begun": {},
    }
    assert client.put(f"{base}/files/{'0' * 64}", content=PHOTO).status_code == 422
    assert client.put(f"{base}/files/{DIGEST}", content=PHOTO).status_code == 201
    id_ = str(uuid4())
    sent = {
        "kind": "edit",
        "asset": "conduit/p",
        "base": store.version("c"),
        "written_at": WHEN,
        "body": {"height": 600},
    }
    edit_assets(store, "c", [Edit("conduit", "p", {"height": 0.5})], person=OFFICE, why="office")
    assert client.put(f"{base}/entries/{id_}", json=sent).json()["state"] == "conflict"
    assert client.get(f"{base}/entries").json()["count"] == 1
    assert len(client.get(f"{base}/conflicts").json()["conflicts"]) == 1
    assert (
        client.post(f"{base}/conflicts/{id_}", json={"take": {"height": "theirs"}}).json()["state"]
        == "entered"
    )
    assert client.put(f"{base}/entries/nonsense", json=sent).status_code == 422
    assert store.network("c").table("conduit").column("height")[0] == 0.5


def test_a_fault_of_the_checklist_becomes_a_problem_and_each_names_the_other(store):
    body = an_order(store) | {"answers": {item.name: "fault" for item in checklist("dredging")}}
    with pytest.raises(BadInput):  # nothing was answered yet
        file_finding(store, state_for(store, CREW), "O-1", "silt", "conduit/p", "", person=CREW)
    report_order(store, "c", "O-1", Report(**{**body, "step": "progress"}), person=CREW)
    for wrong in (("gas", "conduit/p"), ("silt", "conduit/q")):  # no kind of problem; not of this order
        with pytest.raises(BadInput):
            file_finding(store, state_for(store, CREW), "O-1", *wrong, "", person=CREW)
    for one in (OTHERS, WEST):
        with pytest.raises(Unknown):
            file_finding(store, state_for(store, one), "O-1", "silt", "conduit/p", "", person=one)
    made = file_finding(store, state_for(store, CREW), "O-1", "silt", "conduit/p", "half full", person=CREW)
    life = ledger(store, "c")[made.filed[0]]
    assert (life.problem.kind, life.problem.origin, life.problem.evidence) == (
        "functional",
        "patrol",
        ("order:O-1",),
    )
    (told,) = view_order(store, state_for(store, CREW), "O-1", CREW)["problems"]
    assert (told["id"], told["asset"]) == (life.problem.id, "p")


def test_a_photo_of_an_order_opens_for_those_who_may_see_the_order(store):
    an_order(store)
    client = TestClient(make_api(Cities(store)), base_url=HOME)
    named = client.post("/api/v1/cities/c/field/files", params={"name": "1.jpg"}, content=PHOTO).json()[
        "named"
    ]
    assert named == f"field:{DIGEST}/1.jpg"
    report_order(store, "c", "O-1", Report("progress", hours=1.0, before=(named,)), person=CREW)
    assert field_file(store, state_for(store, CREW), DIGEST, CREW)[0] == PHOTO
    with pytest.raises(Unknown):
        field_file(store, state_for(store, OTHERS), DIGEST, OTHERS)
    assert (
        client.post("/api/v1/cities/c/field/files", params={"name": "a/b"}, content=PHOTO).status_code == 422
    )
