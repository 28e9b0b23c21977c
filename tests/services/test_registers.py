"""A register is made from its table: every field of every type is in list, form, history and files."""

import csv
import io

import numpy as np
import openpyxl
import pyogrio
import pytest

from wenqu.errors import BadInput, UnknownType
from wenqu.examples.little_city import little_city
from wenqu.network.edits import Edit
from wenqu.network.model import City
from wenqu.network.schema import asset_types, code_lists
from wenqu.records.registry import record_kinds
from wenqu.services.attachments import attach, attached, attachments_of
from wenqu.services.city_state import CityState
from wenqu.services.describe_registers import describe_registers
from wenqu.services.edit_assets import edit_assets
from wenqu.services.edit_register import edit_found, edit_rows
from wenqu.services.list_register import Asked, list_register
from wenqu.services.register_files import export_register, template, template_heading
from wenqu.services.register_form import read_form, read_history
from wenqu.services.register_tables import register, registers
from wenqu.services.rights import LOCAL
from wenqu.services.undo_change import undo_change
from wenqu.store.database import open_store

TYPES = list(asset_types())


@pytest.fixture
def town(tmp_path):
    store = open_store(tmp_path / "store")
    with store.change("little", who="surveyor", why="survey") as change:
        city = little_city()
        change.put_city(City("little", "小城", "Little city", "EPSG:4549", simulated=True))
        for table in city.tables.values():
            change.put(table)
    yield store
    store.close()


def state(store):
    return CityState(store.network("little"))


def listed(store, name, **asked):
    return list_register(store, state(store), name, Asked(**asked))


def sample(entry, id_):
    """Return a value that fits a field, in its border unit, and differs from what little_city has."""
    if entry.kind == "number":
        return 750.0 if entry.border == "mm" else 0.75
    if entry.kind == "integer":
        return 1987 if entry.name == "year" else 3
    if entry.kind in {"code", "codes"}:
        return list(code_lists()[entry.of[0]])[-1]
    if entry.kind == "asset":
        return next(str(little_city().table(of).ids[0]) for of in entry.of if len(little_city().table(of)))
    return {"boolean": True, "date": "1987-06-05"}.get(entry.kind, f"text {id_}")


@pytest.mark.parametrize("name", TYPES)
def test_every_field_of_every_type_is_in_list_form_history_bulk_edit_template_and_export(town, name):
    fields = register(name).fields[1:]
    id_ = str(town.network("little").table(name).ids[0])
    assert {entry["name"] for entry in read_form(town, state(town), name, id_)["fields"]} == {
        entry.name for entry in fields
    }
    values = {entry.name: sample(entry, id_) for entry in fields}
    made = edit_found(town, state(town), name, Asked(ids=frozenset([id_])), values, person=LOCAL, why="bulk")
    assert (made.issues, made.conflicts, made.written) == ((), (), True)
    page = listed(town, name, columns=tuple(values), ids=frozenset([id_]))
    assert {column: cell[0] for column, cell in page["cells"].items()} == pytest.approx(values)
    form = {entry["name"]: entry["value"] for entry in read_form(town, state(town), name, id_)["fields"]}
    assert form == pytest.approx(values)
    newest = read_history(town, state(town), name, id_)[0]
    before = town.history("little", name, id_)[0].fields
    same = {one for one in values if before.get(one) == town.history("little", name, id_)[1].fields[one]}
    assert {one["field"] for one in newest["changes"]} == values.keys() - same
    head = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(template(name, "en")))[name][1]]
    assert [template_heading(entry) for entry in register(name).fields] == head[: len(fields) + 1]
    text = export_register(town, state(town), name, Asked(columns=tuple(values)), "csv", "en").content.decode(
        "utf-8-sig"
    )
    assert len(next(csv.reader(io.StringIO(text)))) == len(fields)
    assert undo_change(town, "little", made.version, person=LOCAL, why="undo").written
    assert town.history("little", name, id_)[-1].fields == before


@pytest.mark.parametrize("name", list(record_kinds()))
def test_every_field_of_every_record_has_a_name_in_both_languages_and_a_column(town, name):
    kind = record_kinds()[name]
    assert [entry.name for entry in kind.fields if entry.zh == entry.name or not entry.en] == []
    page = listed(town, name, columns=tuple(entry.name for entry in kind.fields))
    assert (page["total"], list(page["cells"])) == (0, [entry.name for entry in kind.fields])
    assert kind.zh
    assert kind.en


def test_records_are_listed_with_their_values(small):
    page = list_register(small.store, small.state, "inspection", Asked(where="asset=cA1", sort="-date"))
    assert (page["total"], page["found"], page["ids"]) == (5, 2, ["i2", "i1"])
    assert page["totals"]["length"]["sum"] == 100.0
    page = list_register(small.store, small.state, "finding", Asked(where="method=plant_dilution;value>0.1"))
    assert page["found"] == 4
    page = list_register(small.store, small.state, "measure", Asked(group=("window",), columns=("cost",)))
    assert [(one["values"], one["count"], one["sums"]["cost"]) for one in page["groups"]] == [
        (["2027"], 2, 3500.0),
        (["2026"], 1, 1000.0),
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("height>=400", {"C3", "C4", "C5", "D2"}),
        ("height>300;height<500", {"C3", "C4"}),
        ("height=300|600;system=sanitary", {"C1", "C2", "C5"}),
        ("material=hdpe", {"C1", "C2", "C3", "C4", "C5"}),
        ("material!=hdpe", {"D1", "D2"}),
        ("from_id~r", {"D2"}),
        ("id~d", {"D1", "D2"}),
        ("road=", {"C1", "C2", "C3", "C4", "C5", "D1", "D2"}),
        ("road!=", set()),
        ("year<=1998", {"D1", "D2"}),
        ("siphon=", {"C1", "C2", "C3", "C4", "C5", "D1", "D2"}),
        ("siphon=yes", set()),
        ("", {"C1", "C2", "C3", "C4", "C5", "D1", "D2"}),
    ],
)
def test_a_filter_finds_what_it_says(town, where, expected):
    assert set(listed(town, "conduit", where=where)["ids"]) == expected


def test_numbers_are_filtered_shown_and_summed_in_the_unit_of_the_heading(town):
    form = {entry["name"]: entry for entry in read_form(town, state(town), "station", "S1")["fields"]}
    assert (form["design_flow"]["unit"], form["design_flow"]["value"]) == ("m³/d", 1728.0)
    page = listed(town, "station", where="design_flow=1728", columns=("design_flow",))
    assert page["cells"]["design_flow"] == [1728.0]
    assert page["totals"]["design_flow"]["sum"] == pytest.approx(1728.0)


def test_rows_are_sorted_by_several_columns_with_the_missing_ones_last(town):
    page = listed(town, "conduit", sort="-year,height,-id")
    assert page["ids"] == ["C4", "C5", "C2", "C1", "C3", "D1", "D2"]
    edit_assets(town, "little", [Edit("conduit", "C4", {"year": None})], person=LOCAL, why="w")
    for order in ("year", "-year"):
        assert listed(town, "conduit", sort=order)["ids"][-1] == "C4"


@pytest.mark.parametrize("sort", ["a", "-a,b", "b,-a,id", "-b,id", "-id"])
def test_a_page_is_the_beginning_of_the_whole_order(town, sort):
    rng = np.random.default_rng(5)
    edits = [
        Edit(
            "vehicle",
            f"V{row:04}",
            {"kind": "truck", "name": str(rng.integers(4)), "note": str(rng.integers(9))},
        )
        for row in range(300)
    ]
    edit_assets(town, "little", edits, person=LOCAL, why="w")
    names = sort.replace("a", "name").replace("b", "note")
    whole = listed(town, "vehicle", sort=names, limit=2000)["ids"]
    assert sorted(whole) == sorted(town.network("little").table("vehicle").ids)
    for offset in (0, 7, 290):
        assert (
            listed(town, "vehicle", sort=names, offset=offset, limit=20)["ids"] == whole[offset : offset + 20]
        )


def test_groups_count_and_add_up(town):
    page = listed(town, "conduit", group=("system",), columns=("length",))
    assert [(one["values"], one["count"], one["sums"]) for one in page["groups"]] == [
        (["sanitary"], 5, {"length": 250.0}),
        (["storm"], 2, {"length": 100.0}),
    ]


@pytest.mark.parametrize("where", ["height", "height>=wide", "siphon=perhaps", "colour=red"])
def test_a_filter_that_cannot_be_read_is_refused(town, where):
    with pytest.raises((BadInput, UnknownType)):
        listed(town, "conduit", where=where)


def test_a_bulk_edit_shows_first_what_it_would_change(town):
    asked = Asked(where="material=hdpe")
    told = edit_found(
        town, state(town), "conduit", asked, {"owner": "X"}, person=LOCAL, why="w", preview=True
    )
    assert (told.written, len(told.changes), town.version("little")) == (False, 5, 1)
    bad = edit_found(town, state(town), "conduit", asked, {"material": "wine"}, person=LOCAL, why="w")
    assert (bad.written, len(bad.issues)) == (False, 5)
    with pytest.raises(BadInput):
        edit_found(town, state(town), "conduit", asked, {}, person=LOCAL, why="w")
    with pytest.raises(BadInput):
        edit_found(town, state(town), "finding", Asked(), {"value": 1}, person=LOCAL, why="w")


def test_a_bulk_edit_does_not_write_over_a_newer_edit(town):
    seen = state(town)
    edit_assets(town, "little", [Edit("conduit", "C1", {"owner": "Y"})], person=LOCAL, who="B", why="w")
    told = edit_found(
        town, seen, "conduit", Asked(where="material=hdpe"), {"owner": "X"}, person=LOCAL, why="w"
    )
    assert [(one.id, one.theirs, one.who) for one in told.conflicts] == [("C1", "Y", "B")]


def test_a_form_makes_moves_and_closes_an_asset(town):
    corner = read_form(town, state(town), "manhole", "M1")["shape"][0][0]
    row = {"id": "M9", "based_on": 0, "fields": {"ground_level": 4.0}, "shape": [[corner]]}
    assert edit_rows(town, state(town), "manhole", [row], person=LOCAL, why="new").written
    made = read_form(town, state(town), "manhole", "M9")
    assert made["there"]
    assert made["shape"][0][0] == pytest.approx(corner, abs=1e-9)
    moved = [[[corner[0] + 0.001, corner[1]]]]
    edit_rows(town, state(town), "manhole", [{"id": "M9", "shape": moved}], person=LOCAL, why="moved")
    newest = read_history(town, state(town), "manhole", "M9")[0]
    assert newest["changes"] == []
    assert newest["shape"]["after"][0][0] == pytest.approx(moved[0][0], abs=1e-9)
    edit_rows(town, state(town), "manhole", [{"id": "M9", "gone": True}], person=LOCAL, why="filled up")
    assert not read_form(town, state(town), "manhole", "M9")["there"]


def test_an_export_is_exactly_what_is_listed(town, tmp_path):
    asked = Asked(where="system=storm", sort="-id", columns=("id", "height", "system", "siphon"))
    text = export_register(town, state(town), "conduit", asked, "csv", "en").content.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(text))
    assert head == ["id", "diameter or height (mm)", "system", "inverted siphon"]
    assert lines == [["D2", "500", "storm", ""], ["D1", "300", "storm", ""]]
    book = openpyxl.load_workbook(
        io.BytesIO(export_register(town, state(town), "conduit", asked, "xlsx", "zh").content)
    )
    assert [[cell.value for cell in row] for row in book.worksheets[0].rows][1] == ["D2", 500, "雨水", None]
    path = tmp_path / "out.gpkg"
    path.write_bytes(export_register(town, state(town), "conduit", asked, "gpkg", "en").content)
    found = pyogrio.read_dataframe(path)
    assert found["id"].tolist() == ["D2", "D1"]
    assert "material" not in found.columns


def test_a_name_that_looks_like_a_formula_stays_a_name(town):
    edit_assets(town, "little", [Edit("conduit", "C1", {"name": "=1+1"})], person=LOCAL, why="w")
    asked = Asked(where="id=C1", columns=("name",))
    assert "'=1+1" in export_register(town, state(town), "conduit", asked, "csv", "en").content.decode()
    book = openpyxl.load_workbook(
        io.BytesIO(export_register(town, state(town), "conduit", asked, "xlsx", "en").content)
    )
    assert book.worksheets[0]["A2"].data_type == "s"


def test_a_template_offers_the_words_of_its_code_lists(town):
    sheet = openpyxl.load_workbook(io.BytesIO(template("conduit", "zh")))
    rules = sheet["conduit"].data_validations.dataValidation
    assert len([rule for rule in rules if rule.type == "list"]) == sum(
        entry.kind in {"code", "boolean"} for entry in register("conduit").fields
    )
    assert "雨水" in {cell.value for row in sheet["wenqu_codes"].rows for cell in row}
    with pytest.raises(BadInput):
        template("finding", "zh")


def test_a_photo_is_kept_with_its_asset_and_a_page_is_not_taken(town):
    photo = b"\x89PNG\r\n\x1a\n" + b"0" * 20
    attach(town, "little", "manhole", "M1", "C:\\photos\\cover.png", photo, person=LOCAL, who="crew")
    (kept,) = attachments_of(town, "little", "manhole", "M1")
    assert (kept["name"], kept["image"], kept["who"]) == ("cover.png", True, "crew")
    content, headers = attached(town, "little", "manhole", "M1", "cover.png")
    assert (content, headers["Content-Type"]) == (photo, "image/png")
    assert "sandbox" in headers["Content-Security-Policy"]
    for name, bad in (("x.png", b"<html><script>"), ("x.svg", b"<svg onload=1>"), (" ", photo)):
        with pytest.raises(BadInput):
            attach(town, "little", "manhole", "M1", name, bad, person=LOCAL)


def test_every_register_is_described_in_both_languages(town):
    told = describe_registers(town, state(town))
    assert {entry["name"] for entry in told} == set(registers()) == {*TYPES, *record_kinds()}
    assert all(f["label"]["zh"] and f["label"]["en"] for entry in told for f in entry["fields"])
    assert register("station").field("design_flow").scale == pytest.approx(1 / 86400)
