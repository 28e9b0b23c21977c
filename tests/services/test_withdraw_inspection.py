"""An inspection that was let in by mistake does not count any more; it stays on record with the reason."""

import pytest

from wenqu.diagnosis.grading import Grade
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.records.inspection import Defect, Inspection
from wenqu.records.withdrawal import Withdrawal
from wenqu.services.city_state import Cities
from wenqu.services.decide_queue import decide
from wenqu.services.filed_records import grades
from wenqu.services.grade_city import grade_city
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.standing_inspections import standing_inspections
from wenqu.services.survey_coverage import coverage
from wenqu.services.take_in_inspections import from_disk, let_in
from wenqu.services.view_inspections import Asked, list_inspections, show_inspection
from wenqu.services.withdraw_inspection import withdraw_inspection
from wenqu.store.database import open_store

CITY = "demo"


@pytest.fixture
def store(tmp_path, crew):
    opened = open_store(tmp_path / "store")
    crew.put_city(opened)
    yield opened
    opened.close()


def seen(id_, date, *defects, method="cctv", asset="P1"):
    rows = tuple(Defect(asset, code, level, at) for code, level, at in defects)
    return Inspection(id_, asset, method, date, 50.0, defects=rows)


@pytest.fixture
def graded(store):
    """File a sound look and a later one that belongs to another pipe; grade by the later one."""
    rows = [seen("old", "2026-05-01"), seen("wrong", "2026-06-01", ("PL", 4, 5.0))]
    with store.change(CITY, who="tester", why="surveys") as change:
        change.add_records("inspection", rows)
    grade_city(store, CITY, who="tester")
    return store


def grade_of(store, as_of=None):
    found = grades(store, Cities(store).state(CITY, as_of) if as_of else Cities(store).state(CITY))
    return found["P1"].structural_grade if "P1" in found else None


def test_what_was_seen_before_counts_again_and_the_history_stays(graded):
    # PL 4 scores 10: F = max(10, 10) = 10, Ⅳ; without it nothing was seen: F = 0, Ⅰ
    assert grade_of(graded) == 4
    made = withdraw_inspection(graded, CITY, "wrong", person=LOCAL, why="it is of P2")
    assert (made.graded, made.waiting, grade_of(graded)) == (1, False, 1)
    assert [one.id for one in standing_inspections(graded, CITY)] == ["old"]
    assert len(graded.records(CITY, "inspection", Inspection)) == 2
    state = Cities(graded).state(CITY)
    told = show_inspection(graded, state, "wrong", "en")
    assert told["withdrawn"]["why"] == "it is of P2"
    assert told["counts"]["ids"] == ["old"]
    rows = list_inspections(graded, state, Asked())["rows"]
    assert {row["id"]: row["withdrawn"] for row in rows} == {"old": False, "wrong": True}
    withdraw_inspection(graded, CITY, "wrong", person=LOCAL, why="it was right", back=True)
    assert grade_of(graded) == 4
    assert [one.holds for one in graded.records(CITY, "withdrawal", Withdrawal)] == [True, False]


def test_a_pipe_whose_only_survey_was_withdrawn_has_no_grade_and_is_not_covered(graded):
    for name in ("old", "wrong"):
        withdraw_inspection(graded, CITY, name, person=LOCAL, why="not our pipe")
    assert grade_of(graded) is None
    assert len(graded.records(CITY, "grade", Grade)) == 2  # stated once, stated for ever
    (north, _) = coverage(graded, Cities(graded).state(CITY))
    assert (north["surveyed"], north["seen"]) == (0, 0.0)


def test_a_decision_needs_a_reason_an_inspection_and_a_right(graded):
    with pytest.raises(BadInput, match="withdraw-why"):
        withdraw_inspection(graded, CITY, "old", person=LOCAL, why=" ")
    with pytest.raises(BadInput, match="withdraw-again"):
        withdraw_inspection(graded, CITY, "old", person=LOCAL, why="x", back=True)
    with pytest.raises(Unknown):
        withdraw_inspection(graded, CITY, "none", person=LOCAL, why="x")
    for grant in (Grant("public_reader", CITY), Grant("district", CITY, "south")):
        with pytest.raises(Refused):
            withdraw_inspection(graded, CITY, "old", person=Person("p", (grant,)), why="x")
    assert len(standing_inspections(graded, CITY)) == 2


def test_what_was_let_in_by_hand_waits_again_and_goes_to_the_right_pipe(store, crew, tmp_path):
    home, folder = tmp_path / "in", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    text = crew.survey_text(crew.block("K9", "x", "C", 50.0, (7.0, "BAB", "", "")))
    (home / "survey.txt").write_bytes(text)
    made = from_disk(store, [home], folder, CITY, LOCAL, 1 << 24)
    let_in(store, made, folder, LOCAL, "survey", "d1", 1 << 24, lambda _: None)
    (row,) = store.waiting(CITY)
    decide(
        Cities(store), CITY, {"act": "confirm", "ids": [row.id], "key": "inspection-is-of:P2|hand|"}, LOCAL
    )
    (one,) = standing_inspections(store, CITY)
    assert withdraw_inspection(store, CITY, one.id, person=LOCAL, why="it is P3").waiting
    (again,) = store.waiting(CITY)
    assert again.id == row.id
    decide(
        Cities(store), CITY, {"act": "confirm", "ids": [row.id], "key": "inspection-is-of:P3|hand|"}, LOCAL
    )
    assert [(one.asset, one.id[-2:]) for one in standing_inspections(store, CITY)] == [("P3", "~2")]


def test_the_same_delivery_enters_again_after_it_was_withdrawn(store, crew, tmp_path):
    home = tmp_path / "in"
    home.mkdir()
    (home / "survey.txt").write_bytes(
        crew.survey_text(crew.block("P1", "A", "B", 50.0, (7.0, "BAB", "", "")))
    )
    for count in (1, 2):
        folder = tmp_path / f"work{count}"
        folder.mkdir()
        made = from_disk(store, [home], folder, CITY, LOCAL, 1 << 24)
        done = let_in(store, made, folder, LOCAL, "survey", "d", 1 << 24, lambda _: None)
        assert len(done.inspections) == 1
        if count == 1:
            withdraw_inspection(store, CITY, done.inspections[0], person=LOCAL, why="by mistake")
    assert [one.id[-2:] for one in standing_inspections(store, CITY)] == ["~2"]
