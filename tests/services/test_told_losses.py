"""What a download of the page would not give back is told first, by the code that the command line asks."""

import io

import numpy as np
import pytest
from openpyxl import load_workbook

from wenqu.errors import BadInput
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.city_state import CityState
from wenqu.services.list_register import Asked
from wenqu.services.register_files import MEDIA, export_register
from wenqu.services.select_assets import Selection
from wenqu.services.told_losses import register_losses, selection_losses
from wenqu.store.database import open_store

ALL = Asked(columns=("*",))
AT = np.array([[500000.0, 3100000.0], [500001.0, 3100000.0]])


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    columns = {"depth": [1.5, 2.0], "note": ["=1+1", "甲\0乙"], "road": ["", "中山路"]}
    own = {"自有": np.array(["一", None], dtype=object)}
    with made.change("b", who="tester", why="tables") as change:
        change.put_city(City("b", crs="EPSG:4549"))
        change.put(assets("manhole", ["a", "b"], columns, Shapes.points(AT), own))
    yield made
    made.close()


def told(store, kind, asked=ALL, register="manhole"):
    found = register_losses(store, CityState(store.network("b")), register, asked, kind)
    assert all(one["says"][language] for one in found for language in ("zh", "en"))
    return {one["code"].removeprefix("export.") for one in found}


@pytest.mark.parametrize(
    ("kind", "lost"),
    [
        ("csv", {"empty-texts", "nul", "apostrophes", "shapes", "columns-left-out"}),
        ("xlsx", {"empty-texts", "nul", "shapes", "columns-left-out"}),
        ("gpkg", {"nul"}),
        ("geojson", {"nul"}),
    ],
)
def test_each_form_of_a_register_tells_its_own_losses(store, kind, lost):
    assert told(store, kind) == lost
    made = export_register(store, CityState(store.network("b")), "manhole", ALL, kind, "zh")
    assert made.rows == 2


def test_a_list_without_such_values_loses_only_what_its_reader_left_out(store):
    state, some = CityState(store.network("b")), Asked(columns=("id",), ids=frozenset("b"))
    found = register_losses(store, state, "manhole", some, "csv")
    assert {one["code"]: one["note"] for one in found} == {
        "export.shapes": True,
        "export.columns-left-out": True,
    }
    assert "自有" in found[1]["says"]["zh"]
    assert "备注" in found[1]["says"]["zh"]
    assert "note" in found[1]["says"]["en"]
    assert told(store, "gpkg", some) == {"columns-left-out"}
    assert told(store, "csv", Asked(ids=frozenset({"nobody"}))) == set()


def test_a_workbook_holds_the_text_without_the_character(store):
    made = export_register(store, CityState(store.network("b")), "manhole", ALL, "xlsx", "en")
    cells = [cell.value for row in load_workbook(io.BytesIO(made.content)).active.rows for cell in row]
    assert "甲乙" in cells


def test_a_selection_tells_what_its_file_loses(store):
    chosen = Selection("s", "b", "", {"manhole": ("a",)})
    state = CityState(store.network("b"))
    (told_,) = selection_losses(state, chosen, "csv")
    assert (told_["code"], told_["note"]) == ("export.empty-texts", False)
    assert selection_losses(state, chosen, "gpkg") == []


def test_a_form_that_is_not_there_is_refused_before_it_is_counted(store):
    with pytest.raises(BadInput, match="export-kind"):
        told(store, "mdb")
    assert set(MEDIA) == {"csv", "xlsx", "gpkg", "geojson"}
