"""An edit is written, merged or told as a conflict; it is never lost."""

import numpy as np
import pytest

from wenqu.errors import BadInput, Refused
from wenqu.network.edits import Edit
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.edit_assets import edit_assets
from wenqu.services.edit_conflicts import PRESENCE, SHAPE
from wenqu.services.rights import LOCAL, Person
from wenqu.services.undo_change import undo_change
from wenqu.services.wording import issue_sentences
from wenqu.store.database import open_store


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "store")
    with store.change("S", who="surveyor", why="survey") as change:
        change.put_city(City("S", "试验市", "Testville", "EPSG:4549"))
        change.put(
            assets(
                "manhole", ["M1", "M2"], {"ground_level": [5.0, 6.0]},
                Shapes.points(np.array([[0.0, 0.0], [10.0, 0.0]])),
            )
        )  # fmt: skip
        change.put(assets("conduit", ["C"], {"from_id": ["M1"], "to_id": ["M2"], "height": [0.3]}))
    yield store
    store.close()


def edited(store, *edits, who="A", **how):
    return edit_assets(store, "S", edits, person=LOCAL, who=who, why="test", **how)


def now(store, type_="manhole", id_="M1"):
    return store.history("S", type_, id_)[-1]


def test_an_edit_is_a_change_with_author_and_reason(store):
    report = edited(store, Edit("manhole", "M1", {"ground_level": 5.5}, based_on=1))
    assert (report.written, report.version) == (True, 2)
    assert [(one.field, one.before, one.after) for one in report.changes] == [("ground_level", 5.0, 5.5)]
    assert (now(store).who, now(store).why, now(store).fields["ground_level"]) == ("A", "test", 5.5)


@pytest.mark.parametrize(
    ("type_", "field", "value", "code"),
    [
        ("manhole", "ground_level", "deep", "edit.not-a-number"),
        ("manhole", "ground_level", float("nan"), "edit.not-a-number"),
        ("manhole", "ground_level", 99999.0, "edit.out-of-range"),
        ("manhole", "visible", "maybe", "edit.not-yes-or-no"),
        ("manhole", "built_on", "31.1.2020", "edit.not-a-date"),
        ("manhole", "system", "wine", "edit.unknown-code"),
        ("manhole", "road", 7, "edit.not-text"),
        ("conduit", "year", 1998.5, "edit.not-whole"),
        ("conduit", "from_id", "M9", "edit.no-such-asset"),
        ("conduit", "from_id", None, "edit.required"),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_named_and_nothing_is_written(
    store, type_, field, value, code
):
    id_ = "M1" if type_ == "manhole" else "C"
    report = edited(store, Edit(type_, id_, {field: value}), Edit("manhole", "M2", {"road": "North"}))
    assert [issue.code for issue in report.issues] == [code]
    assert not report.written
    assert store.version("S") == 1
    assert "[" not in issue_sentences(report.issues[0], "en")["says"]


def test_a_new_asset_needs_what_its_type_requires_and_may_point_to_others_of_the_set(store):
    end = (np.array([[20.0, 0.0]]),)
    lacking = edited(store, Edit("conduit", "D", {"from_id": "M2"}))
    assert [issue.facts["field"] for issue in lacking.issues] == ["to_id"]
    both = (Edit("manhole", "M3", parts=end), Edit("conduit", "D", {"from_id": "M2", "to_id": "M3"}))
    assert edited(store, *both).written


def test_different_fields_changed_by_two_people_are_merged(store):
    edited(store, Edit("manhole", "M1", {"ground_level": 5.5}, based_on=1))
    report = edited(store, Edit("manhole", "M1", {"road": "North"}, based_on=1), who="B")
    assert (report.written, report.merged) == (True, (("manhole", "M1"),))
    assert now(store).fields == {"ground_level": 5.5, "road": "North"}


def test_a_shape_and_a_field_changed_by_two_people_are_merged(store):
    edited(store, Edit("manhole", "M1", parts=(np.array([[1.0, 1.0]]),), based_on=1))
    assert edited(store, Edit("manhole", "M1", {"road": "North"}, based_on=1), who="B").written
    told = edited(store, Edit("manhole", "M1", parts=(np.array([[2.0, 2.0]]),), based_on=1), who="C")
    assert [one.field for one in told.conflicts] == [SHAPE]


def test_the_same_field_changed_to_another_end_is_a_conflict_that_names_both(store):
    edited(store, Edit("manhole", "M1", {"ground_level": 5.5}, based_on=1))
    mine = Edit("manhole", "M1", {"ground_level": 5.7, "road": "North"}, based_on=1)
    report = edited(store, mine, who="B")
    (told,) = report.conflicts
    assert (told.field, told.before, told.mine, told.theirs, told.who) == ("ground_level", 5.0, 5.7, 5.5, "A")
    assert told.at
    assert store.version("S") == 2
    key = ("manhole", "M1", "ground_level")
    assert edited(store, mine, who="B", settle={key: "theirs"}).written
    assert now(store).fields == {"ground_level": 5.5, "road": "North"}
    assert edited(store, mine, who="B", settle={key: "mine"}).written
    assert now(store).fields["ground_level"] == 5.7


def test_an_edit_of_what_somebody_closed_and_a_closing_of_what_somebody_edited_are_conflicts(store):
    edited(store, Edit("conduit", "C", gone=True, based_on=1))
    told = edited(store, Edit("conduit", "C", {"height": 0.4}, based_on=1), who="B")
    assert [(one.field, one.theirs) for one in told.conflicts] == [(PRESENCE, "gone")]
    edited(store, Edit("manhole", "M1", {"road": "North"}, based_on=1))
    told = edited(store, Edit("manhole", "M1", gone=True, based_on=1), who="B")
    assert [(one.field, one.theirs) for one in told.conflicts] == [(PRESENCE, "changed")]


def test_two_people_who_make_the_same_asset_are_told(store):
    edited(store, Edit("manhole", "M9", {"road": "North"}, based_on=0))
    told = edited(store, Edit("manhole", "M9", {"road": "South"}, based_on=0), who="B")
    assert [one.field for one in told.conflicts] == [PRESENCE]


def test_a_preview_says_what_would_change_and_writes_nothing(store):
    report = edited(store, Edit("manhole", "M1", {"road": "North"}), preview=True)
    assert (report.written, len(report.changes), store.version("S")) == (False, 1, 1)


def test_who_has_no_right_changes_nothing(store):
    with pytest.raises(Refused):
        edit_assets(store, "S", [Edit("manhole", "M1", {"road": "x"})], person=Person("reader"), why="w")
    assert store.version("S") == 1


def test_an_undo_gives_back_what_was_there(store):
    before = {(type_, id_): now(store, type_, id_) for type_, id_ in (("manhole", "M1"), ("conduit", "C"))}
    edited(
        store,
        Edit(
            "manhole", "M1", {"ground_level": None, "road": "North"}, {"备注": "x"}, (np.array([[3.0, 3.0]]),)
        ),
        Edit("conduit", "C", gone=True),
        Edit("manhole", "M9", {"road": "x"}),
    )
    assert undo_change(store, "S", 2, person=LOCAL, who="A", why="undo").written
    for (type_, id_), old in before.items():
        new = now(store, type_, id_)
        assert (new.fields, new.extra, new.wkb, new.valid_to) == (old.fields, old.extra, old.wkb, "")
    assert now(store, "manhole", "M9").valid_to
    assert undo_change(store, "S", 3, person=LOCAL, who="A", why="redo").written
    assert now(store, "manhole", "M9").fields == {"road": "x"}


def test_an_undo_is_refused_where_later_edits_stand_on_it(store):
    edited(store, Edit("manhole", "M1", {"road": "North"}))
    edited(store, Edit("manhole", "M1", {"road": "South"}), who="B")
    with pytest.raises(Refused) as refused:
        undo_change(store, "S", 2, person=LOCAL, who="A", why="undo")
    assert (refused.value.facts["who"], refused.value.facts["count"]) == ("B", 1)
    with pytest.raises(BadInput):
        undo_change(store, "S", 99, person=LOCAL, who="A", why="undo")
