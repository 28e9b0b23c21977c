"""Who may see and state the rows of records?"""

import pytest

from tests.services.record_rows import PDF, entered, little_town, sample, seen, state, written_row, zone
from wenqu.errors import BadInput, Refused, WenquError
from wenqu.records.registry import record_kinds
from wenqu.records.team import Team
from wenqu.services.describe_registers import describe_registers
from wenqu.services.edit_register import edit_found, edit_rows
from wenqu.services.list_register import Asked, list_register
from wenqu.services.register_rows import history_of, keep_file
from wenqu.services.rights import LOCAL
from wenqu.services.take_rows import take_rows
from wenqu.services.undo_change import undo_change


@pytest.fixture
def town(tmp_path):
    with little_town(tmp_path) as store:
        yield store


def test_who_may_see_and_state_rows_of_records(town):
    place = zone(town)
    written_row(town, "team")
    with town.change("little", who="clerk", why="w") as change:
        change.add_records(
            "team", [Team("R2", "other", "repair", 5.0, "elsewhere"), Team("R3", "all", "repair", 5.0)]
        )
        change.add_records("payment", [sample(record_kinds()["payment"].cls)])
    office, district = seen(town, "city_office"), seen(town, "district", district=place)
    reader = seen(town, "public_reader")
    ids = {
        name: list_register(*who[:2], "team", Asked())["ids"]
        for name, who in (("office", office), ("district", district))
    }
    assert ids == {"office": ["R1", "R2", "R3"], "district": ["R1"]}
    for name in ("team", "payment", "order", "document_event", "frozen"):
        with pytest.raises(Refused):
            list_register(*reader[:2], name, Asked())
    assert {one["name"] for one in describe_registers(*reader[:2])} >= {"inspection", "finding", "problem"}
    assert "payment" not in {one["name"] for one in describe_registers(*reader[:2])}
    with pytest.raises(Refused):
        seen(town, "district", city="other")
    assert list_register(*district[:2], "payment", Asked())["ids"] == []

    def stated(who, id_, **fields):
        store, now, person = who
        return edit_rows(store, now, "team", [{"id": id_, "fields": fields}], person=person, why="w")

    assert stated(office, "R2", rate=6.0).written
    assert stated(district, "R1", rate=6.0).written
    for who, id_, fields in (
        (district, "R2", {"rate": 7.0}),  # of another district, not even seen
        (district, "R3", {"rate": 7.0}),  # of the whole city
        (district, "R1", {"district": None}),  # out of the own one
        (district, "R9", {"name": "n", "work": "repair", "rate": 1.0}),  # a new one for the whole city
        (reader, "R1", {"rate": 7.0}),
    ):
        with pytest.raises(Refused):
            stated(who, id_, **fields)
    with pytest.raises(Refused):
        take_rows(*reader[:2], "team", "t.csv", b"id,name,work,rate\nR1,n,repair,9\n", person=reader[2])
    with pytest.raises(Refused):
        keep_file(*reader[:2], "team", "R1", ("a.pdf", PDF), person=reader[2])
    office = seen(town, "city_office")  # who looks again
    changed = edit_found(*office[:2], "team", Asked(where="id=R2"), {"rate": 8.0}, person=office[2], why="w")
    assert changed.written
    with pytest.raises(WenquError):
        undo_change(district[0], "little", changed.version, person=district[2], why="undo")
    assert undo_change(office[0], "little", changed.version, person=office[2], why="undo").written


def test_a_rule_of_the_city_is_stated_by_who_decides_there_and_a_milestone_by_its_district(town):
    place = zone(town)
    day = entered(town, "day_off")
    entered(town, "milestone")
    office, district = seen(town, "city_office"), seen(town, "district", district=place)
    reader = seen(town, "public_reader")

    def milestone(who, zone_, target=70.0):
        store, now, person = who
        named = {"date": "2025-12-31", "district": zone_, "indicator": "repaired"}
        row = {"fields": {**named, "target": target, "source": "own plan"}}
        return edit_rows(store, now, "milestone", [row], person=person, why="own")

    assert milestone(district, place).written
    with pytest.raises(Refused):
        milestone(district, None)  # of the whole city
    assert milestone(office, None).written
    for name, who in (("day_off", district), ("day_off", reader), ("milestone", reader)):
        store, now, person = who
        id_ = list_register(store, now, name, Asked())["ids"][0]
        with pytest.raises(Refused):
            edit_rows(store, now, name, [{"id": id_, "gone": True}], person=person, why="w")
    assert {(one["who"], one["why"]) for one in history_of(*district[:2], "day_off", day)} == {("", "")}
    assert {one["why"] for one in history_of(*office[:2], "day_off", day)} == {"filed"}
    with pytest.raises(BadInput):
        edit_rows(town, state(town), "day_off", [{"id": day, "gone": True}], person=LOCAL, why=" ")
