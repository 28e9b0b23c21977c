"""A field added to a table is everywhere at once: lists, forms, history, bulk edits, templates, exports."""

import csv
import io

import openpyxl
import pyogrio
import pytest

from tests.services.record_rows import WRITTEN, little_town, state, written_row
from wenqu.network import schema
from wenqu.records import registry
from wenqu.records.registry import record_kinds
from wenqu.records.team import Team
from wenqu.services.edit_register import edit_found
from wenqu.services.list_register import Asked, list_register
from wenqu.services.register_files import export_register, template
from wenqu.services.register_rows import form_of, history_of
from wenqu.services.register_tables import registers
from wenqu.services.rights import LOCAL


@pytest.fixture
def town(tmp_path):
    with little_town(tmp_path) as store:
        yield store


def cleared():
    for one in (record_kinds, registers, schema.asset_types):
        one.cache_clear()


@pytest.fixture
def added(monkeypatch):
    """Add one row to the table of fields of every kind and of every asset type."""
    rows, fields = schema._rows, registry._table
    asset = {
        "field": "added",
        "type": "text",
        "unit": "",
        "default": "",
        "required": "",
        "zh": "新栏",
        "en": "added",
    }
    more = {"field": "added", "type": "number", "unit": "m", "zh": "新栏", "en": "added", "shown": "mm"}

    def asset_rows(name):
        own = name.removesuffix(".csv") in types_
        return rows(name) + ([{**asset, "source": ""}] if own else [])

    def record_rows(name, *package):
        found = fields(name, *package)
        return found + ([{"kind": kind, **more} for kind in kinds] if name == "fields.csv" else [])

    types_, kinds = set(schema.asset_types()), list(record_kinds())
    monkeypatch.setattr(schema, "_rows", asset_rows)
    monkeypatch.setattr(registry, "_table", record_rows)
    cleared()
    yield
    monkeypatch.undo()
    cleared()


def exported(store, name, tmp_path):
    """Return the heading and first cell of the added column in each format."""
    asked = Asked(columns=("id", "added"), where="added!=")
    text = export_register(store, state(store), name, asked, "csv", "en").content.decode("utf-8-sig")
    head, line = list(csv.reader(io.StringIO(text)))[:2]
    book = openpyxl.load_workbook(
        io.BytesIO(export_register(store, state(store), name, asked, "xlsx", "en").content)
    )
    path = tmp_path / f"{name}.gpkg"
    path.write_bytes(export_register(store, state(store), name, asked, "gpkg", "en").content)
    frame = pyogrio.read_dataframe(path, read_geometry=False)
    return head[1], line[1], book.worksheets[0]["B2"].value, frame["added"].tolist()[0]


def test_a_field_added_to_the_table_of_an_asset_type_is_everywhere(added, town, tmp_path):
    for name in schema.asset_types():
        id_ = str(town.network("little").table(name).ids[0])
        asked = Asked(ids=frozenset([id_]))
        made = edit_found(town, state(town), name, asked, {"added": "word"}, person=LOCAL, why="bulk")
        assert made.written, name
        assert list_register(town, state(town), name, Asked(columns=("added",), where="added=word"))[
            "ids"
        ] == [id_]
        assert "word" in [one["value"] for one in form_of(town, state(town), name, id_)["fields"]]
        assert history_of(town, state(town), name, id_)[0]["changes"] == [
            {"field": "added", "before": None, "after": "word"}
        ]
        head = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(template(name, "zh")))[name][1]]
        assert "新栏 added" in head
        assert exported(town, name, tmp_path) == ("added", "word", "word", "word")


def test_a_field_added_to_the_table_of_a_kind_of_record_is_everywhere(added, town, tmp_path):
    for name, kind in record_kinds().items():
        assert list_register(town, state(town), name, Asked(columns=("added",)))["columns"] == ["added"]
        entry = next(one for one in form_of(town, state(town), name, "")["fields"] if one["name"] == "added")
        assert (entry["label"], entry["unit"], entry["fixed"]) == (
            {"zh": "新栏", "en": "added"}, "mm", not (kind.written or kind.filed),
        )  # fmt: skip
    for name in WRITTEN:
        id_ = written_row(town, name)
        made = edit_found(town, state(town), name, Asked(), {"added": 250.0}, person=LOCAL, why="bulk")
        assert made.written
        assert list_register(town, state(town), name, Asked(columns=("added",), where="added=250"))[
            "ids"
        ] == [id_]
        assert history_of(town, state(town), name, id_)[0]["changes"] == [
            {"field": "added", "before": None, "after": 250.0}
        ]
        head = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(template(name, "zh")))[name][1]]
        assert "新栏 added (mm)" in head
        assert exported(town, name, tmp_path) == ("added (mm)", "250", 250, 0.25)
    assert town.records("little", "team", Team)[-1].rate == 20.0, "who does not know the field reads the row"
