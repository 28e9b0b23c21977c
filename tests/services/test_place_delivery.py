"""Where would a delivery lie, in the system or the own grid that a person names?"""

import orjson
import pytest

from wenqu.errors import BadInput, FileUnreadable
from wenqu.network.model import City, Network
from wenqu.services.place_delivery import where_it_lies
from wenqu.services.recognise_delivery import recognise
from wenqu.store.database import open_store

NEW = Network(City("new"), {})
FOUR = {"public": "EPSG:4549", "four": {"dx": 100.0, "dy": -50.0, "rotation": 0.0, "scale": 1.0}}


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "store")
    yield made
    made.close()


@pytest.fixture
def points(tmp_path):
    """Return a table of 300 points at (500 000, 3 171 000) and eastwards; one of them was typed wrong."""
    rows = [f"J{n},{500000 + n},3171000,3.0" for n in range(300)]
    rows[7] = "J7,40500007,3171000,3.0"
    path = tmp_path / "points.csv"
    path.write_text("\n".join(["Exp_No,东坐标,北坐标,In_Elev", *rows]), encoding="utf-8")
    return path


def test_a_table_of_points_has_candidates_in_spite_of_a_slip(store, points):
    system = recognise(store, NEW, [points], {}, None)[0]["crs"]
    assert system["named"] == ""
    assert {"EPSG:4547", "EPSG:4549"} <= {one["crs"] for one in system["candidates"]}
    assert all(one["east"] - one["west"] < 0.01 for one in system["candidates"])


def test_a_named_system_tells_the_place(store, points):
    found = where_it_lies(store, NEW, [points], {}, "EPSG:4549", None)
    assert found["west"] == pytest.approx(120.0, abs=1e-4)
    assert found["place"]["en"] == "Taizhou"
    assert found["grid"] is None


def test_four_parameters_move_it_and_come_back_as_they_are_kept(store, points):
    plain = where_it_lies(store, NEW, [points], {}, "EPSG:4549", None)
    moved = where_it_lies(store, NEW, [points], {}, "grid", FOUR)
    assert (moved["west"] - plain["west"]) * 111_320 * 0.878 == pytest.approx(100.0, abs=1.0)
    assert (moved["south"] - plain["south"]) * 110_800 == pytest.approx(-50.0, abs=1.0)
    assert moved["grid"]["four"] == FOUR["four"]
    text = {"text": orjson.dumps(FOUR).decode(), "name": "grid.json"}
    assert where_it_lies(store, NEW, [points], {}, "grid", text) == moved


@pytest.mark.parametrize(
    ("crs", "grid", "fault", "key"),
    [
        ("EPSG:4326", None, BadInput, "error.bad-input.crs-beyond"),
        ("nowhere", None, BadInput, "error.bad-input.crs-unknown"),
        ("grid", None, BadInput, "error.bad-input.grid-none"),
        ("grid", {"public": "EPSG:4549", "four": {"dx": 1.0}}, BadInput, "error.bad-input.grid"),
        ("grid", {"text": "{", "name": "a.json"}, FileUnreadable, "error.file-unreadable.grid"),
    ],
)
def test_what_cannot_be_used_is_refused(store, points, crs, grid, fault, key):
    with pytest.raises(fault) as told:
        where_it_lies(store, NEW, [points], {}, crs, grid)
    assert told.value.key == key


def test_a_model_says_what_it_holds_as_it_has_no_columns_to_match(store, tmp_path):
    model = tmp_path / "model.inp"
    model.write_text("[JUNCTIONS]\nJ1 2 3\nJ2 1 3\n[OUTFALLS]\nO1 0 FREE\n[COORDINATES]\nJ1 500000 3170000\n")
    (file,) = recognise(store, NEW, [model], {}, None)
    assert file["holds"] == {"manhole": 2, "outfall": 1}
    assert file["encoding"]
