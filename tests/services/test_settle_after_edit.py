"""An edit answers the doubts that it mends, and no others."""

from pathlib import Path

import numpy as np
import pytest

from wenqu.network.checks.registry import check_all
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services import settle_after_edit
from wenqu.services.city_state import CityState
from wenqu.services.edit_register import edit_rows
from wenqu.services.rights import LOCAL
from wenqu.services.undo_change import undo_change
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought, Waiting


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    points = np.array([[0, 0], [40, 0], [80, 0]], dtype=float)
    lines = Shapes(
        np.array([[0, 0], [40, 0], [40, 0], [80, 0]], float), np.array([0, 2, 4]), np.array([0, 1, 2])
    )
    with made.change("c", who="tester", why="tables") as change:
        change.put_city(City("c", crs="EPSG:4549"))
        change.put(assets("manhole", list("abc"), {}, Shapes.points(points)))
        ends = {"from_id": ["a", "b"], "to_id": ["b", "c"], "system": ["sanitary"] * 2, "year": [3000, 3001]}
        change.put(assets("conduit", ["p", "q"], ends, lines))
    found = [(row.code, row.asset) for row in check_all(made.network("c")) if row.asset in {"p", "q"}]
    rule = next(code for code, _ in found if "year" in code)
    assert {asset for code, asset in found if code == rule} == {"p", "q"}
    rows = [
        Waiting(rule, "doubt", True, "conduit", id_, "f", "", None, None, {"facts": {}}, "") for id_ in "pq"
    ]
    with made.change("c", who="tester", why="queue") as change:
        change.add_waiting(rows)
    return made


def test_the_doubt_about_the_year_that_was_mended_is_settled_and_the_other_stays(store):
    state = CityState(store.network("c"))
    row = {"id": "p", "fields": {"year": 2001}, "based_on": state.network.version}
    assert edit_rows(store, state, "conduit", [row], person=LOCAL, why="seen").written
    assert [row.asset for row in store.waiting("c", Sought(inside=True))] == ["q"]


def test_an_edit_that_mends_nothing_settles_nothing(store):
    state = CityState(store.network("c"))
    row = {"id": "p", "fields": {"material": "pvc"}, "based_on": state.network.version}
    assert edit_rows(store, state, "conduit", [row], person=LOCAL, why="seen").written
    assert len(store.waiting("c", Sought(inside=True))) == 2


def test_after_another_change_nothing_is_settled_by_guess(store):
    state = CityState(store.network("c"))
    with store.change("c", who="other", why="meanwhile") as change:
        change.write_document("note", b"x")
    row = {"id": "p", "fields": {"year": 2001}, "based_on": state.network.version}
    assert edit_rows(store, state, "conduit", [row], person=LOCAL, why="seen").written
    assert len(store.waiting("c", Sought(inside=True))) == 2


def test_taking_a_change_back_settles_what_that_answers(store):
    before = CityState(store.network("c"))
    with store.change("c", who="tester", why="no doubt about these") as change:
        change.decide([row.id for row in store.waiting("c", Sought(inside=True))], "settled", "-")
    row = {"id": "p", "fields": {"year": 2001}, "based_on": 1}
    assert edit_rows(store, CityState(store.network("c")), "conduit", [row], person=LOCAL, why="seen").written
    number = store.version("c")
    row = {"id": "q", "fields": {"height": 300.0}}
    assert edit_rows(store, before, "conduit", [row], person=LOCAL, why="seen").written
    doubt = Waiting(
        "elevation.adverse-slope", "doubt", True, "conduit", "p", "f", "", None, None, {"facts": {}}, ""
    )
    with store.change("c", who="tester", why="queue") as change:
        change.add_waiting([doubt])
    assert undo_change(store, "c", number, person=LOCAL, why="wrong").written
    assert store.waiting("c", Sought(inside=True)) == []


def test_every_edit_goes_the_way_that_settles_doubts():
    services = Path(settle_after_edit.__file__).parent
    callers = {path.stem for path in services.glob("*.py") if "edit_assets(" in path.read_text("utf-8")}
    assert callers == {"edit_assets", "settle_after_edit"}
