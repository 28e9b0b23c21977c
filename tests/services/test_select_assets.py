"""What lies inside a ring drawn on the map."""

import csv

import numpy as np
import pytest

from wenqu.errors import BadInput, UnknownAsset
from wenqu.services.select_assets import Selections, count_selection, export_selection, ids_inside

CORNER = np.array([499000.0, 3171000.0])


def ring(city, *corners):
    """Return a ring in degrees from metres beside the city's corner."""
    return [tuple(at) for at in city.state.place(np.array(corners, float) + CORNER, "EPSG:4326").tolist()]


def test_a_box_takes_what_touches_it_and_nothing_else(small):
    found = ids_inside(small.state, ring(small, (-10, -10), (150, -10), (150, 10), (-10, 10)))
    assert found["manhole"] == ("A1", "A2")
    assert found["conduit"] == ("cA1", "cA2")
    assert "plant" not in found


def test_a_slanted_polygon_is_exact_where_its_box_is_not(small):
    slanted = ((-10, -10), (20, -10), (600, 890), (400, 910), (-10, 20))
    found = ids_inside(small.state, ring(small, *slanted), ("manhole",))
    assert found == {"manhole": ("A1",)}


def test_a_selection_is_counted_and_its_lengths_added_by_kind_of_water(small):
    kept = Selections()
    made = kept.keep("small", "li", {"conduit": ("cA1", "cB1", "cS", "gone"), "manhole": ("A1",)})
    told = count_selection(small.state, made)
    assert told["counts"] == {"manhole": 1, "conduit": 3}
    assert told["length_m"] == {"sanitary": 100.0, "combined": 200.0, "storm": 500.0}
    assert kept.of("small", "li", made.id) == made
    with pytest.raises(UnknownAsset):
        kept.of("small", "wang", made.id)


def test_a_selection_leaves_as_a_table(small, tmp_path):
    made = Selections().keep("small", "", {"conduit": ("cA1", "cB1")})
    file, *_ = export_selection(small.state, made, tmp_path / "x.csv")  # beside it what leads back
    with file.open(encoding="utf-8-sig") as text:
        rows = list(csv.DictReader(text))
    assert [(row["id"], row["system"], row["year"]) for row in rows] == [
        ("cA1", "sanitary", "2000.0"), ("cB1", "combined", ""),
    ]  # fmt: skip
    assert export_selection(small.state, made, tmp_path / "x.geojson")


@pytest.mark.parametrize("corners", [[], [(0, 0), (1, 1)], [(0, 0), (1, 1), (1, 0), (0, 1)]])
def test_what_is_no_ring_is_refused(small, corners):
    with pytest.raises(BadInput):
        ids_inside(small.state, corners)
