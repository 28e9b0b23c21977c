"""A set of edits is applied or refused as a whole."""

import numpy as np
import pytest

from wenqu.errors import BadInput, UnknownAsset, UnknownType
from wenqu.examples.little_city import little_city
from wenqu.network.edits import Edit, applied, closed


def test_an_edit_changes_what_it_names_and_nothing_else():
    city = little_city()
    before = city.table("conduit")
    after = applied(city, [Edit("conduit", "C1", {"height": 0.6, "note": None})])["conduit"]
    row = city.row("conduit", "C1")
    assert after.ids.tolist() == ["C1"]
    assert after.column("height")[0] == 0.6
    assert after.column("from_id")[0] == before.column("from_id")[row]
    assert np.array_equal(after.shapes.coords, before.shapes.of(row))


def test_later_edits_of_an_asset_come_on_top_and_new_ones_are_made():
    city = little_city()
    edits = [
        Edit("manhole", "NEW", {"name": "a"}, {"备注": "x"}, (np.array([[1.0, 2.0]]),)),
        Edit("manhole", "NEW", {"name": "b"}),
    ]
    made = applied(city, edits)["manhole"]
    assert (made.column("name")[0], made.extra["备注"][0]) == ("b", "x")
    assert made.shapes.of(0).tolist() == [[1.0, 2.0]]


def test_a_closed_asset_is_left_out_and_named():
    city = little_city()
    edits = [Edit("conduit", "C1", {"height": 0.6}), Edit("conduit", "C1", gone=True)]
    assert len(applied(city, edits)["conduit"]) == 0
    assert closed(edits) == {"conduit": ["C1"]}


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (Edit("conduit", "nobody", gone=True), UnknownAsset),
        (Edit("conduit", "C1", {"colour": "red"}), UnknownType),
        (Edit("conduit", "C1", parts=(np.array([[0.0, 0.0]]),)), BadInput),
        (Edit("manhole", "M1", parts=(np.array([[np.inf, 0.0]]),)), BadInput),
    ],
)
def test_what_cannot_be_is_refused(edit, error):
    with pytest.raises(error):
        applied(little_city(), [edit])
