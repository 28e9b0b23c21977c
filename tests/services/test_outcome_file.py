"""What a check found is accepted as it was found, whatever it holds."""

from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from wenqu.issues import Issue, Place, Weight
from wenqu.network.edits import Edit
from wenqu.network.model import Columns, Later
from wenqu.network.repairs.repair import Repair, Sure
from wenqu.network.staging import Flagged, Mended, Queued
from wenqu.services.outcome_file import MANY, read_outcome, write_outcome

SIZE = 3 * MANY


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        pairs = zip(one.ravel().tolist(), other.ravel().tolist(), strict=True)
        return (one.dtype, one.shape) == (other.dtype, other.shape) and all(
            a == b or a != a for a, b in pairs
        )
    if is_dataclass(one):
        return all(same(getattr(one, x.name), getattr(other, x.name)) for x in fields(one))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def column(value):
    return np.array([value(row) for row in range(SIZE)], dtype=object)


@pytest.mark.parametrize(
    "array",
    [
        column(lambda row: f"井{row}"),
        column(lambda row: None if row % 7 else "污水"),
        column(lambda row: None if row % 7 else f"WS{row}"),
        column(lambda _: None),
        column(lambda row: row),
        column(lambda row: ("a", "b")[: row % 3]),
        column(lambda row: "\ud800" if row == 9 else "a"),
        np.array(["few", None], dtype=object),
        np.arange(6.0).reshape(3, 2),
        np.array([[np.nan, 1.0]] * 1000),
        np.arange(5),
        np.empty((0, 2)),
        np.array([True, False]),
    ],
)
def test_an_array_comes_back(tmp_path, array):
    write_outcome(tmp_path / "a", array)
    back = read_outcome(tmp_path / "a")
    assert same(back, array)
    assert not len(back) or back.flags.writeable


def test_a_column_that_nobody_asked_for_yet_comes_back(tmp_path):
    write_outcome(tmp_path / "a", Columns({"road": Later(Tens(), missing=False)}))
    assert read_outcome(tmp_path / "a")["road"].tolist() == ["ten"] * 10


class Tens:
    def __call__(self):
        return np.array(["ten"] * 10, dtype=object)


def test_findings_and_repairs_come_back(tmp_path):
    place = Place("管线.gpkg", "PS_PIPE", 7)
    issue = Issue("geometry.near-miss", Weight.NOTE, "conduit", "G1", place, {"distance": 0.04}, (1.0, 2.0))
    edit = Edit(
        "conduit", "G1", {"height": None}, {"x": "y"}, (np.array([[1.0, 2.0], [3.0, 4.0]]),), based_on=3
    )
    repair = Repair("geometry.near-miss", "snap-end", "conduit", "G1", (edit,), Sure.CERTAIN, {"node": "W1"})
    found = (
        Mended(issue, repair, {"from_id": None}, {"from_id": "W1"}),
        Queued(issue, edit, (repair,), {"Lno": "G1"}, (("manhole", "W1"),)),
        Queued(issue, None),
        Flagged(issue, (repair, repair)),
    )
    write_outcome(tmp_path / "a", found)
    assert same(read_outcome(tmp_path / "a"), found)
