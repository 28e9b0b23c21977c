"""Problems of a small city: found, stepped, refused, exported; who may do what."""

import io
import zipfile
from dataclasses import replace
from uuid import uuid4

import numpy as np
import openpyxl
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.records.inspection import Defect, Inspection
from wenqu.services.city_state import Cities, CityState
from wenqu.services.conduit_facts import conduit_facts
from wenqu.services.find_problems import find_problems
from wenqu.services.grade_city import grade_city
from wenqu.services.note_alarm import note_alarm
from wenqu.services.problem_filter import Sought
from wenqu.services.problem_ledger import ledger, seen_by
from wenqu.services.problem_lists import list_file, problem_list
from wenqu.services.report_problem import report_problem
from wenqu.services.rights import READ, Grant, Person
from wenqu.services.split_problem import Part, split_problem
from wenqu.services.step_problem import Asked, step_problem
from wenqu.services.view_problems import view_alarms, view_problem, view_problems
from wenqu.store.database import open_store
from wenqu.works.problem_tables import steps

CITY = Person("office", (Grant("city_office", "c"),))
EAST = Person("east", (Grant("district", "c", "E"),))
WEST = Person("west", (Grant("district", "c", "W"),))
CREW = Person("crew", (Grant("contractor", "c", "", "group"),))
OTHERS = Person("others", (Grant("contractor", "c", "", "another"),))
EYES = Person("eyes", (Grant("surveyor", "c", "E"),))
READER = Person("reader", (Grant("bureau", "c"),))
PROOF = ("report.pdf",)


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    lines = np.array([[0, 0], [100, 0], [200, 0], [300, 0]], dtype=float)
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", zh="示例市", en="Example", crs="EPSG:4549"))
        zones = {"kind": ["district", "district"], "name": ["东区", "西区"]}
        change.put(assets("zone", ["E", "W"], zones))
        change.put(assets("manhole", list("abcd"), {}, Shapes.points(lines)))
        columns = {
            "from_id": list("abc"), "to_id": list("bcd"), "system": ["sanitary"] * 3, "height": [0.4] * 3,
            "importance": ["central", "other", "other"], "soil": ["ordinary"] * 3,
            "district": ["E", "E", "W"], "road": ["North", "North", "South"],
        }  # fmt: skip
        shape = Shapes.lines(np.repeat(lines, 2, axis=0)[1:-1], np.array([0, 2, 4, 6]))
        change.put(assets("conduit", ["p1", "p2", "p3"], columns, shape))
        change.add_records(
            "inspection", [look("i1", "p1", "PL", 4), look("i2", "p2", "CJ", 4), look("i3", "p3", "PL", 1)]
        )
    grade_city(made, "c", who="tester")
    yield made
    made.close()


def look(id_, conduit, code, level, date="2026-01-10"):
    return Inspection(id_, conduit, "cctv", date, 100.0, defects=(Defect(conduit, code, level, 20.0),))


def state(store):
    return CityState(store.network("c"))


def found(store):
    find_problems(store, state(store), person=CITY)
    return {one.problem.asset: one.problem.id for one in ledger(store, "c").values()}


def take(store, id_, step, who, **facts):
    return step_problem(store, "c", id_, Asked(step, **facts), person=who)


LIFE = [
    ("confirm", EAST, {}), ("assign", EAST, {"body": "group", "person": "Li"}), ("set_due", EAST, {}),
    ("design", CREW, {"evidence": ("plan.pdf",)}), ("start", CREW, {}), ("test", CREW, {"evidence": PROOF}),
    ("reinspect", EYES, {"evidence": ("inspection:i9",)}), ("close", CITY, {}),
]  # fmt: skip


def test_problems_are_found_from_grades_and_once(store):
    first = find_problems(store, state(store), person=CITY)
    lives = ledger(store, "c")
    assert {(one.problem.asset, one.problem.kind) for one in lives.values()} == {
        ("p1", "structural"), ("p2", "functional"),
    }  # fmt: skip
    broken = next(one.problem for one in lives.values() if one.problem.asset == "p1")
    assert (broken.severity, broken.emergency, broken.district, broken.length) == (4, True, "E", 100.0)
    assert len(first.alarms) == 1
    again = find_problems(store, state(store), person=CITY)
    assert (again.filed, again.reopened, again.known, again.alarms) == ((), (), 2, ())
    with pytest.raises(Refused):
        find_problems(store, state(store), person=READER)


def test_severity_follows_when_its_facts_change(store):
    facts = {"asset_type": "conduit", "asset": "p2", "kind": "other", "origin": "hand", "what": "a smell"}
    found(store)
    (id_,) = report_problem(store, state(store), found_on="2026-01-02", person=EAST, **facts).filed
    assert ledger(store, "c")[id_].problem.severity == 1
    pipes = store.network("c").table("conduit")
    with store.change("c", who="tester", why="a market was built") as change:
        change.put(pipes.replace(importance=np.array(["central", "central", "other"], dtype=object)))
    made = find_problems(store, state(store), person=WEST)
    assert made.weighed == ()  # not theirs to decide
    made = find_problems(store, state(store), person=CITY)
    life = ledger(store, "c")[id_]
    assert (made.filed, made.weighed, life.problem.severity, life.state) == ((), (id_,), 2, "found")
    assert "place:central" in life.problem.reasons
    assert view_problem(store, state(store), id_, CITY)["rule"]["severity"] == 2  # so does its deadline
    assert "weigh" not in {one["step"] for one in view_problem(store, state(store), id_, CITY)["steps"]}
    assert find_problems(store, state(store), person=CITY).weighed == ()
    with pytest.raises(Refused):
        take(store, id_, "weigh", CITY)


def test_a_problem_that_becomes_an_emergency_rings_once_and_is_not_taken_back(store):
    with store.change("c", who="tester", why="a camera") as change:
        change.add_records("inspection", [look("i7", "p1", "PL", 3, "2026-02-01")])
    grade_city(store, "c", who="tester")
    id_ = found(store)["p1"]
    assert not ledger(store, "c")[id_].problem.emergency
    with store.change("c", who="tester", why="another camera") as change:
        change.add_records("inspection", [look("i8", "p1", "PL", 4, "2026-03-01")])
    grade_city(store, "c", who="tester")
    made = find_problems(store, state(store), person=CITY)
    assert (len(made.alarms), made.weighed) == (1, (id_,))
    assert (ledger(store, "c")[id_].problem.severity, len(view_alarms(store, "c", CITY)["rows"])) == (4, 1)
    with store.change("c", who="tester", why="a better look") as change:
        change.add_records("inspection", [look("i9", "p1", "PL", 3, "2026-04-01")])
    grade_city(store, "c", who="tester")
    made = find_problems(store, state(store), person=CITY)
    assert (made.weighed, ledger(store, "c")[id_].problem.emergency) == ((), True)


def test_a_district_files_only_its_own_problems(store):
    assert find_problems(store, state(store), person=WEST).filed == ()
    assert len(find_problems(store, state(store), person=EAST).filed) == 2


def test_a_life_with_four_accounts_and_back_again(store):
    id_ = found(store)["p2"]
    for step, person, facts in LIFE:
        made = take(store, id_, step, person, **facts)
    assert made.state == "closed"
    told = view_problem(store, state(store), id_, CITY)
    assert [event["by"] for event in told["timeline"]] == [
        "east", "east", "east", "crew", "crew", "crew", "eyes", "office",
    ]  # fmt: skip
    assert told["due"] == made.due != ""
    with store.change("c", who="tester", why="later") as change:
        change.add_records("inspection", [look("i10", "p2", "CJ", 4, "2099-01-01")])
    grade_city(store, "c", who="tester")
    assert find_problems(store, state(store), person=CITY).reopened == (id_,)
    assert ledger(store, "c")[id_].state == "reopened"
    assert find_problems(store, state(store), person=CITY).reopened == ()


@pytest.mark.parametrize("number", range(len(LIFE)))
def test_each_step_is_refused_to_those_who_may_not(store, number):
    id_ = found(store)["p2"]
    for step, person, facts in LIFE[:number]:
        take(store, id_, step, person, **facts)
    step, _, facts = LIFE[number]
    outside = [WEST, READER, OTHERS, Person("")]
    outside += [CREW] if steps()[step].who != "work" else [EYES]
    for person in outside:
        with pytest.raises((Refused, Unknown)):
            take(store, id_, step, person, **facts)
    assert ledger(store, "c")[id_].version == number


def test_who_repaired_neither_reinspects_nor_closes(store):
    id_ = found(store)["p2"]
    for step, person, facts in LIFE[:3]:
        take(store, id_, step, person, **facts)
    for step, _, facts in LIFE[3:6]:
        take(store, id_, step, EAST, **facts)
    with pytest.raises(Refused, match="problem-own"):
        take(store, id_, "reinspect", EAST, evidence=("inspection:x",))
    assert take(store, id_, "reinspect", CITY, evidence=("inspection:x",)).state == "reinspected"


def test_of_two_at_once_the_second_is_told_who_did_what(store):
    id_ = found(store)["p1"]
    take(store, id_, "confirm", EAST, seen=0)
    with pytest.raises(Refused, match="problem-moved") as caught:
        take(store, id_, "refuse", CITY, note="no", seen=0)
    assert (caught.value.facts["who"], caught.value.facts["did"]) == ("east", "confirm")
    key = uuid4().hex
    take(store, id_, "note", CITY, note="twice", id=key)
    take(store, id_, "note", CITY, note="twice", id=key)
    assert ledger(store, "c")[id_].version == 2


def test_what_a_step_needs_is_asked_for(store):
    id_ = found(store)["p2"]
    with pytest.raises(BadInput, match="problem-needs"):
        take(store, id_, "refuse", CITY)
    with pytest.raises(Refused, match="problem-step"):
        take(store, id_, "close", CITY)
    with pytest.raises(Unknown):
        take(store, id_, "fly", CITY)
    with pytest.raises(Unknown):
        take(store, "P-none", "confirm", CITY)


def test_districts_hand_over_and_see_only_their_own(store):
    id_ = found(store)["p2"]
    assert id_ not in seen_by(WEST, "c", ledger(store, "c"))
    take(store, id_, "hand_over", EAST, district="W", note="the border runs there")
    assert id_ in seen_by(WEST, "c", ledger(store, "c"))  # to say whether they take it
    reading = replace(WEST, actions=READ)
    for reader in (reading, *(Person("r", (Grant(role, "c", "W"),)) for role in ("bureau", "public_reader"))):
        assert id_ not in seen_by(reader, "c", ledger(store, "c"))
    with pytest.raises(Refused):
        take(store, id_, "take_over", EAST)
    assert take(store, id_, "take_over", WEST).district == "W"
    assert id_ not in seen_by(EAST, "c", ledger(store, "c"))


def test_a_district_declines_what_is_handed_to_it_and_says_why(store):
    id_ = found(store)["p2"]
    take(store, id_, "hand_over", EAST, district="W", note="the border runs there")
    with pytest.raises(Refused):
        take(store, id_, "decline", EAST, note="not ours to decline")
    with pytest.raises(BadInput):
        take(store, id_, "decline", WEST)
    back = take(store, id_, "decline", WEST, note="the border runs elsewhere")
    assert (back.district, back.offered) == ("E", "")
    assert back.events[-1].note == "the border runs elsewhere"
    assert id_ in seen_by(EAST, "c", ledger(store, "c"))


@pytest.mark.parametrize("again", [False, True])
def test_a_camera_that_still_sees_it_after_the_repair_sends_it_back(store, again):
    id_ = found(store)["p2"]
    for step, person, facts in LIFE[: -1 if again else -2]:
        take(store, id_, step, person, **facts)
    assert (
        find_problems(store, state(store), person=CITY).reopened == ()
    )  # the look before the repair proves nothing
    with store.change("c", who="tester", why="looked") as change:
        change.add_records("inspection", [look("late", "p2", "CJ", 4, "2099-01-10")])
    grade_city(store, "c", who="tester")
    assert find_problems(store, state(store), person=CITY).reopened == (id_,)
    after = ledger(store, "c")[id_]
    assert (after.state, after.events[-1].step, after.events[-1].evidence) == (
        "repairing", "fail_test", ("inspection:late",),
    )  # fmt: skip
    assert find_problems(store, state(store), person=CITY).reopened == ()


@pytest.mark.parametrize("step", sorted(steps()))
def test_nobody_without_the_right_takes_a_step_wherever_the_problem_stands(store, step):
    id_ = found(store)["p2"]
    if steps()[step].who == "read_attributes":  # a word about it is free to whoever sees it
        assert take(store, id_, step, READER, note="seen").state == "found"
        return
    facts = {
        "note": "x",
        "body": "b",
        "due": "2027-01-01",
        "evidence": PROOF,
        "district": "W",
        "others": ("P-x",),
    }
    for who in (READER, Person("")):
        with pytest.raises((Refused, Unknown)):
            take(store, id_, step, who, **facts)
    assert len(ledger(store, "c")[id_].events) == 0


def test_problems_are_merged_and_split_and_keep_their_charge(store):
    ids = found(store)
    take(store, ids["p2"], "confirm", CITY)
    merged = take(store, ids["p1"], "merge", CITY, others=(ids["p2"],))
    assert (merged.state, merged.others) == ("merged", (ids["p2"],))
    take(store, ids["p2"], "assign", CITY, body="group")
    for bad in ([Part(0, 10)], [Part(0, 10), Part(20, 20)]):
        with pytest.raises(BadInput):
            split_problem(store, "c", ids["p2"], bad, person=CITY)
    parts = split_problem(store, "c", ids["p2"], [Part(0, 40), Part(40, 100, "silt")], person=CITY)
    assert [one.problem.length for one in parts] == [40, 60]
    assert {one.body for one in parts} == {"group"}
    assert {ledger(store, "c")[one.problem.id].state for one in parts} == {"assigned"}
    with pytest.raises(Unknown):
        take(store, parts[0].problem.id, "merge", CITY, others=("P-none",))


def test_an_emergency_raises_an_alarm_until_somebody_who_may_takes_note(store):
    found(store)
    (alarm,) = view_alarms(store, "c", CITY)["rows"]
    assert (alarm["why"], alarm["noted"]) == ("collapsed_pipe", None)
    for person in (READER, CREW, WEST):
        with pytest.raises((Refused, Unknown)):
            note_alarm(store, "c", alarm["id"], person=person)
    note_alarm(store, "c", alarm["id"], person=EAST)
    told = view_alarms(store, "c", CITY)
    assert (told["open"], told["rows"][0]["noted"]["by"]) == (0, "east")
    assert view_alarms(store, "c", WEST)["rows"] == []


def test_a_problem_is_reported_by_hand(store):
    facts = {
        "asset_type": "manhole",
        "asset": "b",
        "kind": "cover",
        "origin": "patrol",
        "found_on": "2026-03-01",
    }
    with pytest.raises(Refused):
        report_problem(store, state(store), what="gone", person=READER, **facts)
    made = report_problem(store, state(store), what="gone", person=CITY, **facts)
    assert made.alarms
    assert report_problem(store, state(store), what="still gone", person=CITY, **facts).filed == ()
    with pytest.raises(BadInput):
        report_problem(store, state(store), what=" ", person=CITY, **facts)
    with pytest.raises(Unknown):
        report_problem(store, state(store), what="x", person=CITY, **{**facts, "asset": "none"})


def test_lists_leave_in_the_official_layout(store):
    id_ = found(store)["p2"]
    for step, person, facts in LIFE[:4]:
        take(store, id_, step, person, **facts)
    made = problem_list(store, state(store), "problems", CITY, "zh")
    cells = list(openpyxl.load_workbook(io.BytesIO(list_file(made, "xlsx", "zh"))).active.values)
    assert cells[0][0] == "示例市问题清单"
    assert cells[1][0] == "填报单位：示例市"
    assert {row[1] for row in cells[3:5]} == set(ledger(store, "c"))
    assert any(row[0] and str(row[0]).startswith("填表人") for row in cells)
    summed = round(sum(row[10] or 0 for row in made.rows), 2)  # all of them stand
    assert made.total == ("合计", f"{len(made.rows)} 项", *([None] * 8), summed, None)
    assert summed > 0
    tasks = problem_list(store, state(store), "tasks", CITY, "en")
    assert [row[1] for row in tasks.rows] == [id_]
    (duty,) = problem_list(store, state(store), "duties", CITY, "en").rows
    assert duty[1:7] == ("东区", "group", "Li", 1, 100.0, 1)
    duties = problem_list(store, state(store), "duties", CITY, "en")
    assert duties.total == ("Total", None, None, None, *duty[4:])  # of one row
    document = zipfile.ZipFile(io.BytesIO(list_file(tasks, "docx", "en"))).read("word/document.xml").decode()
    assert id_ in document
    assert "Tasks of Example" in document
    assert problem_list(store, state(store), "problems", WEST, "zh").rows == ()


def test_every_filter_of_the_page_holds_for_the_list_as_a_file_too(store):
    ids = found(store)
    for step, person, facts in LIFE[:3]:
        take(store, ids["p2"], step, person, **facts)
    by_charge = {"body": "group", "person": "Li", "state": "due", "kind": "functional"}
    for asked, expected in (
        *(({name: value}, {"p2"}) for name, value in by_charge.items()),
        ({"district": "E"}, {"p1", "p2"}), ({"district": "W"}, set()), ({"origin": "cctv"}, {"p1", "p2"}),
        ({"origin": "patrol"}, set()), ({"since": "2026-01-10", "until": "2026-01-10"}, {"p1", "p2"}),
        ({"since": "2026-01-11"}, set()), ({"until": "2026-01-09"}, set()), ({"overdue": True}, set()),
        ({"asset": "conduit/p1", "kind": "structural"}, {"p1"}),
    ):  # fmt: skip
        sought = Sought(**asked)
        listed = problem_list(store, state(store), "problems", CITY, "zh", sought)
        assert {row[4] for row in listed.rows} == expected, asked
        seen = view_problems(store, state(store), CITY, sought)
        assert {row["asset"] for row in seen["rows"]} == expected, asked
    assert problem_list(store, state(store), "duties", CITY, "en", Sought(body="group")).rows[0][4] == 1
    assert seen["choices"]["body"] == ["group"]
    told = problem_list(store, state(store), "problems", CITY, "zh", Sought("E", "due", overdue=True))
    assert told.only == "仅列：区县 东区；状态 待设计；逾期"
    with pytest.raises(BadInput, match="problem-sought"):
        Sought(state="nowhere")


def test_a_list_is_pages_to_sign_too_and_as_of_a_day(store):
    found(store)
    made = problem_list(store, state(store), "problems", CITY, "zh", Sought(district="E"))
    assert list_file(made, "pdf", "zh")[:5] == b"%PDF-"
    empty = problem_list(store, CityState(store.network("c", as_of="2020-01-01")), "problems", CITY, "en")
    assert empty.rows == ()
    assert list_file(empty, "pdf", "en")[:5] == b"%PDF-"


def test_the_map_tells_how_far_a_problem_is(store):
    def told():
        return conduit_facts(store, state(store)).problem.tolist()

    assert told() == ["open", "open", "sound"]
    id_ = found(store)["p2"]
    for number, (step, person, facts) in enumerate(LIFE):
        take(store, id_, step, person, **facts)
        expected = (
            "open" if number < 1 else "planned" if number < 4 else "repairing" if number < 7 else "sound"
        )
        assert told() == ["open", expected, "sound"], step


def test_the_routes_do_the_same(store):
    with TestClient(make_api(Cities(store)), base_url="http://127.0.0.1") as face:
        home, origin = "/api/v1/cities/c", {"Origin": "http://127.0.0.1"}
        assert face.post(f"{home}/problems/found", headers=origin).json()["known"] == 0
        told = face.get(f"{home}/problems").json()
        assert told["states"]["found"]["count"] == told["count"] == 2
        one = told["rows"][0]["id"]
        done = face.post(f"{home}/problems/{one}/steps", json={"step": "confirm", "seen": 0}, headers=origin)
        assert done.json()["state"] == "confirmed"
        late = face.post(
            f"{home}/problems/{one}/steps", json={"step": "refuse", "note": "x", "seen": 0}, headers=origin
        )
        assert late.status_code in {403, 409}
        assert face.get(f"{home}/problems/none").status_code == 404
        assert face.get(f"{home}/problems/lists/tasks.docx").content[:2] == b"PK"
        late = face.get(
            f"{home}/problems/lists/problems.pdf", params={"kind": "structural", "since": "2026-01-01"}
        )
        assert late.content[:5] == b"%PDF-"
        assert face.get(f"{home}/problems", params={"state": "nowhere"}).status_code == 422
        assert face.get(f"{home}/alarms").json()["open"] == 1
    assert view_problems(store, state(store), CITY, Sought(asset="conduit/p1"))["count"] == 1
