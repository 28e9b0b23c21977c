"""Every kind of record has its register: stated anew there, or the page says by which deed it comes about."""

import csv
import dataclasses
import io
import re
import types
import typing
from pathlib import Path
from string import Formatter

import openpyxl
import pyogrio
import pytest

from wenqu.errors import BadInput, Refused, WenquError
from wenqu.examples.little_city import little_city
from wenqu.network import schema
from wenqu.network.model import City
from wenqu.records import registry
from wenqu.records.inspection import Defect
from wenqu.records.project import Lot, PipeWork, Project
from wenqu.records.registry import (
    COMPUTED,
    DEED,
    ENTERED,
    every_code_list,
    nested,
    page_of,
    record_kinds,
)  # fmt: skip
from wenqu.records.team import Team
from wenqu.services.city_state import Cities, CityState
from wenqu.services.describe_registers import describe_registers
from wenqu.services.edit_register import edit_found, edit_rows
from wenqu.services.list_register import Asked, list_register
from wenqu.services.programme_tables import keep_table
from wenqu.services.register_files import export_register, template, template_heading
from wenqu.services.register_rows import file_of, form_of, history_of, keep_file
from wenqu.services.register_tables import register, registers
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.take_rows import take_rows
from wenqu.services.undo_change import undo_change
from wenqu.services.view_teams import view_teams
from wenqu.services.wording import sentence
from wenqu.store.database import open_store

WRITTEN = [name for name, kind in record_kinds().items() if kind.written]
DEEDS = [name for name, kind in record_kinds().items() if not kind.written]
SCREENS = {"survey", "diagnosis", "plan", "works", "operation", "street", "documents"}
FRONTEND = Path(__file__).parents[2] / "frontend" / "src"
PIPE = "C1"
ABOUT = {"asset": PIPE, "conduit": PIPE, "asset_type": "conduit"}
PDF = b"%PDF-1.7 a page"


@pytest.fixture
def town(tmp_path):
    store = open_store(tmp_path / "store")
    with store.change("little", who="surveyor", why="survey") as change:
        city = little_city()
        change.put_city(City("little", "小城", "Little city", "EPSG:4549"))
        for table in city.tables.values():
            change.put(table)
    yield store
    store.close()


def state(store):
    return CityState(store.network("little"))


def zone(store):
    return str(store.network("little").table("zone").ids[0])


def sample(of):
    """Return something that a hint of a dataclass takes."""
    origin = typing.get_origin(of)
    if origin in {typing.Union, types.UnionType}:
        return sample(typing.get_args(of)[0])
    if dataclasses.is_dataclass(of):
        hints = typing.get_type_hints(of)
        return of(**{
            one.name: ABOUT.get(one.name) or sample(hints[one.name])
            for one in dataclasses.fields(of)
            if one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING
        })  # fmt: skip
    if origin is tuple:
        inner = [one for one in typing.get_args(of) if one is not Ellipsis]
        if Ellipsis in typing.get_args(of):
            return (sample(inner[0]),) if dataclasses.is_dataclass(inner[0]) else ()
        return tuple(sample(one) for one in inner)
    if isinstance(of, type) and issubclass(of, str) and of is not str:
        return next(iter(of))
    return {str: "a", float: 1.5, int: 2, bool: True}.get(of, {})


def filed(store, name):
    """File one sample of a kind and return what it is called in its register."""
    kind = record_kinds()[name]
    holder, row = name, None
    if name == "defect":
        holder = "inspection"
        row = dataclasses.replace(sample(record_kinds()[holder].cls), defects=(sample(Defect),))
    elif name == "measure":
        holder = "programme"
        row = sample(record_kinds()[holder].cls)
    else:
        row = sample(kind.cls)
    if kind.held[0]:
        return written_row(store, name)
    with store.change("little", who="clerk", why="filed") as change:
        change.add_records(holder, [row])
    (id_,) = list_register(store, state(store), name, Asked())["ids"]
    return id_


@pytest.mark.parametrize("name", list(record_kinds()))
def test_every_kind_has_list_form_history_and_export_and_is_stated_anew_or_names_its_deed(
    town, name, tmp_path
):
    kind = record_kinds()[name]
    id_ = filed(town, name)
    form = form_of(town, state(town), name, id_)
    assert form["there"]
    assert [one["name"] for one in form["fields"]] == [one.name for one in kind.fields if one.name != "id"]
    (first,) = history_of(town, state(town), name, id_)
    assert (first["who"], first["why"], first["made"]) == ("clerk", "filed", True)
    for format_ in ("csv", "xlsx", "gpkg", "geojson"):
        columns = tuple(one.name for one in register(name).fields)
        made = export_register(town, state(town), name, Asked(columns=columns), format_, "zh")
        assert made.rows == 1
    path = tmp_path / "out.gpkg"
    path.write_bytes(export_register(town, state(town), name, Asked(columns=columns), "gpkg", "zh").content)
    info = pyogrio.read_info(path)
    assert set(info["fields"]) == set(columns)
    about = {one["name"]: one["value"] for one in form["fields"]}
    assert (info["geometry_type"] is not None) == (PIPE in {about.get("asset"), about.get("conduit")})
    told = next(one for one in describe_registers(town, state(town)) if one["name"] == name)
    open_fields = [one for one in form["fields"] if not one["fixed"]]
    if kind.written:
        assert (told["may"], told["written"]) == (True, True)
        assert open_fields
        assert openpyxl.load_workbook(io.BytesIO(template(name, "en")))[name]["A1"].value
        return
    assert (told["may"], open_fields) == (bool(kind.filed), [])
    assert told["deed"]["zh"]
    assert told["deed"]["en"]
    assert told["screen"].partition("?")[0] in SCREENS
    takes = () if kind.filed else (
        lambda: edit_rows(town, state(town), name, [{"id": id_, "fields": {}}], person=LOCAL, why="w"),
        lambda: template(name, "zh"),
        lambda: take_rows(town, state(town), name, "a.csv", b"id\nx\n", person=LOCAL),
    )  # fmt: skip
    for attempt in (
        *takes,
        lambda: edit_found(town, state(town), name, Asked(), {"note": "x"}, person=LOCAL, why="w"),
        lambda: keep_file(town, state(town), name, id_, ("a.pdf", PDF), person=LOCAL),
    ):
        with pytest.raises(BadInput) as refused:
            attempt()
        assert told["deed"]["zh"] in sentence(refused.value, "zh")


def tabs_of(screen):
    """Return the tabs that a screen of the page has."""
    text = (FRONTEND / screen / f"{screen.capitalize()}Screen.svelte").read_text(encoding="utf-8")
    return set(re.findall(r"^    (\w+): \(\) => import", text, re.MULTILINE))


@pytest.mark.parametrize("kind", record_kinds().values(), ids=lambda kind: kind.name)
def test_every_kind_is_entered_or_comes_about_by_a_deed_or_is_worked_out_and_leads_to_its_page(kind):
    assert kind.made in {ENTERED, DEED, COMPUTED}
    assert (kind.made == ENTERED) == bool(kind.written)
    assert kind.made == ENTERED or kind.deed
    screen, _, query = kind.screen.partition("?tab=")
    assert screen in SCREENS
    assert not query or query in tabs_of(screen)
    named = {field for _, field, _, _ in Formatter().parse(kind.at) if field}
    row = dataclasses.replace(sample(kind.cls), **dict.fromkeys(named, "a"))
    assert ("row=" in page_of(kind, row)) == bool(kind.at)


def test_the_form_of_a_row_leads_to_what_shows_it(town):
    shown = {"problem": "a", "problem_event": "a", "payment": "contract/a", "handed": "one/a", "grade": None}
    for name, row in shown.items():
        screen = form_of(town, state(town), name, filed(town, name))["screen"]
        assert screen == record_kinds()[name].screen + (f"&row={row}" if row else "")


# Rows that people enter, as a form sends them, and what becomes of one field of each.
ROWS = {
    "team": ({"id": "R1", "name": "one", "work": "repair", "rate": 20.0, "district": "Z"}, "rate", 30.0),
    "day_off": ({"date": "2027-10-08", "kind": "holiday", "source": "notice"}, "kind", "workday"),
    "season": (
        {"key": "rain", "work": "repair", "begins": "06-01", "ends": "09-01", "share": 50.0}, "share", 40.0,
    ),
    "own_step": ({"work": "repair", "step": "money", "side": "before", "days": 30}, "days", 20),
    "milestone": (
        {"date": "2026-12-31", "district": "Z", "indicator": "repaired", "target": 80.0, "source": "plan"},
        "target", 90.0,
    ),
    "lot_step": ({"step": "permit", "ground": "trench", "days": 30, "after": "design"}, "days", 25),
    "trade": (
        {"trade": "trench", "methods": "open_cut", "ground": "trench", "crews": 2, "lot_days": 60},
        "crews", 4,
    ),
    "closure": (
        {"road": "中山路", "ground": "any", "since": "2027-05-01", "until": "2027-06-01", "source": "notice"},
        "until", "2027-07-01",
    ),
    "inspection_cycle": (
        {"kind": "functional", "rule": "ordinary", "low": 2, "high": 3, "source": "council"}, "high", 4,
    ),
    "money_rule": ({"rule": "advance", "value": 0.2}, "value", 0.1),
}  # fmt: skip
FITS = {  # by kind and name of a field, in its border unit
    ("text", "begins"): "05-01", ("text", "ends"): "08-01", ("text", "methods"): "open_cut",
    ("text", "after"): "tender", ("number", "spread"): 0.4, ("number", "value"): 0.15,
}  # fmt: skip


def entered(store, name):
    """Enter a row as its form would, and return what it is called."""
    fields = {key: zone(store) if value == "Z" else value for key, value in ROWS[name][0].items()}
    row = {"id": fields.pop("id", ""), "fields": fields}
    made = edit_rows(store, state(store), name, [row], person=LOCAL, who="clerk", why="filed")
    assert (made.written, made.issues) == (True, ())
    (id_,) = {one.id for one in made.changes}
    return id_


@pytest.mark.parametrize("name", [one for one in WRITTEN if not record_kinds()[one].deed])
def test_what_people_enter_is_made_changed_taken_back_undone_exported_and_read_in_again(town, name):
    assert set(ROWS) == {one for one in WRITTEN if not record_kinds()[one].deed}
    kind, (_, field, other) = record_kinds()[name], ROWS[name]
    id_ = entered(town, name)
    seen = form_of(town, state(town), name, id_)
    value = {one["name"]: one["value"] for one in seen["fields"]}[field]

    def now():
        page = list_register(town, state(town), name, Asked(columns=(field,)))
        return dict(zip(page["ids"], page["cells"][field], strict=True))

    row = {"id": id_, "based_on": seen["based_on"], "fields": {field: other}}
    made = edit_rows(town, state(town), name, [row], person=LOCAL, why="changed")
    assert (made.written, now()) == (True, {id_: other})
    assert undo_change(town, "little", made.version, person=LOCAL, why="undo").written
    assert now() == {id_: value}
    bulk = edit_found(town, state(town), name, Asked(), {field: other}, person=LOCAL, why="bulk")
    columns = tuple(one.name for one in template_columns(name))
    for format_ in ("csv", "xlsx"):
        told = export_register(town, state(town), name, Asked(columns=columns), format_, "zh").content
        again = take_rows(town, state(town), name, f"a.{format_}", told, person=LOCAL)
        assert (again.rows, again.report.changes, again.report.issues) == (1, (), ())
        file = told
    assert undo_change(town, "little", bulk.version, person=LOCAL, why="undo").written
    read = take_rows(town, state(town), name, "a.xlsx", file, person=LOCAL)
    assert ([one.field for one in read.report.changes], now()) == ([field], {id_: other})
    gone = edit_rows(town, state(town), name, [{"id": id_, "gone": True}], person=LOCAL, why="gone")
    assert (gone.written, now()) == (True, {})
    assert history_of(town, state(town), name, id_)[0]["gone"]
    read = take_rows(town, state(town), name, "a.xlsx", file, person=LOCAL)
    assert (read.report.written, now()) == (True, {id_: other})
    assert kind.made == ENTERED


PROOF = {"project": "P1", "lot": "L1", "assets": PIPE, "date": "2026-05-04"}
FILED = {  # rows that their own page files once, as a form sends them
    "material": {**PROOF, "material": "pipe", "passed": True, "laboratory": "lab"},
    "hidden": {**PROOF, "part": "bedding", "passed": True},
    "closed_water": {**PROOF, "head": 2.0, "soak": 24.0, "duration": 30.0, "water": 0.01},
    "order": {"kind": "patrol", "assets": PIPE, "body": "upkeep", "planned_on": "2026-12-05"},
}


@pytest.mark.parametrize("name", [one for one, kind in record_kinds().items() if kind.filed])
def test_what_is_filed_once_is_filed_by_form_and_template_under_the_rules_of_its_page(town, name):
    assert set(FILED) == {one for one, kind in record_kinds().items() if kind.filed}
    project = written_row(town, "project")
    fields, number = FILED[name], town.version("little")

    def ids():
        return list_register(town, state(town), name, Asked())["ids"]

    def sent(who, preview=False, **other):
        row = {"id": other.pop("id", "F1"), "fields": {**fields, **other}}
        return edit_rows(*who[:2], name, [row], person=who[2], why="w", preview=preview)

    me = (town, state(town), LOCAL)
    assert sent(me, preview=True).changes
    assert (ids(), town.version("little")) == ([], number)
    assert sent(me).written
    assert ids() == ["F1"]
    again = sent(me)
    assert not again.written
    assert record_kinds()[name].deed["zh"] in again.issues[0].facts["said"]["zh"]
    assert not sent(me, id="F2", assets="nowhere").written
    assert sent(me, id="F2", assets=None).issues[0].facts["field"] == "assets"
    columns = tuple(one.name for one in template_columns(name))
    assert {"id", *fields} <= set(columns)
    told = export_register(town, state(town), name, Asked(columns=columns), "csv", "zh").content
    back = take_rows(town, state(town), name, "a.csv", told, person=LOCAL)
    assert (len(back.report.issues), ids()) == (1, ["F1"])
    new = told.decode("utf-8-sig").replace("F1", "").encode()  # no id: the same words are filed once
    first = take_rows(town, state(town), name, "a.csv", new, person=LOCAL, preview=True)
    assert (len(first.report.changes) > 0, ids()) == (True, ["F1"])
    assert take_rows(town, state(town), name, "a.csv", new, person=LOCAL).report.written
    assert not take_rows(town, state(town), name, "a.csv", new, person=LOCAL).report.written
    assert len(ids()) == 2
    for role in ("public_reader", "drainage_user"):
        stranger = seen(town, role)
        with pytest.raises(WenquError):
            sent(stranger, id="F9")
        assert not [one for one in describe_registers(*stranger[:2]) if one["name"] == name and one["may"]]
    other = seen(town, "district", district="elsewhere")
    if name == "order":  # of an asset that is not seen: there is none
        assert not sent(other, id="F9").written
    else:
        with pytest.raises(Refused):
            sent(other, id="F9")
    assert (project, len(ids())) == ("P1", 2)


def template_columns(name):
    """Return the columns of a template."""
    book = openpyxl.load_workbook(io.BytesIO(template(name, "zh")))
    heads = [cell.value for cell in book[name][1]]
    return [one for one in register(name).fields if template_heading(one) in heads]


def value_for(entry, place):
    """Return a value that fits a field, in its border unit."""
    if (entry.kind, entry.name) in FITS:
        return FITS[entry.kind, entry.name]
    if entry.kind == "code":
        return next(iter(every_code_list()[entry.of[0]]))
    if entry.kind == "asset":
        return place
    return {"number": 12.5, "integer": 3, "boolean": True, "date": "2027-06-05"}.get(entry.kind, "words")


def written_row(store, name):
    """File a row of a kind that is stated anew, as its own page would."""
    place = zone(store)
    if name != "project":
        return entered(store, name)
    row = Project("P1", "works", (Lot("L1", "a lot", (PipeWork(PIPE, "cipp"),)),), district=place)
    with store.change("little", who="clerk", why="filed") as change:
        change.add_records(name, [row])
    return row.id


@pytest.mark.parametrize("name", WRITTEN)
def test_every_open_field_is_in_form_bulk_edit_history_template_and_export_and_can_be_undone(town, name):
    id_ = written_row(town, name)
    kind = record_kinds()[name]
    form = form_of(town, state(town), name, id_)
    values = {
        one["name"]: value_for(kind.field(one["name"]), zone(town))
        for one in form["fields"]
        if not one["fixed"]
    }
    told = edit_found(town, state(town), name, Asked(), values, person=LOCAL, why="bulk", preview=True)
    assert (told.written, told.issues, bool(told.changes)) == (False, (), True)
    made = edit_found(town, state(town), name, Asked(), values, person=LOCAL, why="bulk")
    assert (made.written, made.conflicts) == (True, ())
    page = list_register(town, state(town), name, Asked(columns=tuple(values)))
    assert {column: cell[0] for column, cell in page["cells"].items()} == values
    newest, first = history_of(town, state(town), name, id_)
    before = {one["name"]: one["value"] for one in form["fields"]}
    assert {one["field"] for one in newest["changes"]} == {
        one for one in values if before[one] != values[one]
    }
    assert first["made"]
    naming = kind.key if kind.keyed else ("id",)
    assert {one.name for one in template_columns(name)} == {*naming, *values}
    assert undo_change(town, "little", made.version, person=LOCAL, why="undo").written
    again = {one["name"]: one["value"] for one in form_of(town, state(town), name, id_)["fields"]}
    assert {one: again[one] for one in values} == {one: before[one] for one in values}
    with pytest.raises(Refused):  # a later statement stands on it
        undo_change(town, "little", made.version, person=LOCAL, why="undo")


def test_what_a_form_cannot_take_is_told_field_by_field_and_nothing_is_written(town):
    id_ = written_row(town, "team")
    version = town.version("little")
    bad = {"work": "drink", "rate": "much", "district": "nowhere", "begins": "2027-02-30", "name": None}
    made = edit_rows(town, state(town), "team", [{"id": id_, "fields": bad}], person=LOCAL, why="w")
    assert {one.facts["field"] for one in made.issues} == set(bad)
    assert (made.written, town.version("little")) == (False, version)
    made = edit_rows(
        town, state(town), "team", [{"id": id_, "fields": {"rate": -1.0}}], person=LOCAL, why="w"
    )
    assert [one.code for one in made.issues] == ["edit.refused"]
    project = written_row(town, "project")
    row = {"id": "P9", "fields": {"name": "new"}}
    made = edit_rows(town, state(town), "project", [row], person=LOCAL, why="w")
    assert record_kinds()["project"].deed["zh"] in made.issues[0].facts["said"]["zh"]
    days = {"begins": "2027-02-01", "ends": "2026-02-01"}
    made = edit_rows(town, state(town), "project", [{"id": project, "fields": days}], person=LOCAL, why="w")
    assert "2026-02-01" in made.issues[0].facts["said"]["zh"]
    for row in (
        {"id": project, "fields": {"lots": "L9"}},
        {"id": "", "fields": {}},
        {"id": project, "gone": True},
    ):
        with pytest.raises(BadInput):
            edit_rows(town, state(town), "project", [row], person=LOCAL, why="w")


def test_two_who_state_one_row_are_merged_or_asked(town):
    id_ = written_row(town, "team")
    seen = form_of(town, state(town), "team", id_)["based_on"]

    def stated(**fields):
        row = {"id": id_, "based_on": seen, "fields": fields}
        return edit_rows(town, state(town), "team", [row], person=LOCAL, who="B", why="w")

    assert stated(rate=30.0).written
    merged = stated(name="two")
    assert (merged.written, merged.merged) == (True, (("team", id_),))
    clash = stated(rate=40.0)
    assert [(one.field, one.before, one.mine, one.theirs) for one in clash.conflicts] == [
        ("rate", 20.0, 40.0, 30.0)
    ]
    settle = [{"id": id_, "field": "rate", "take": "mine"}]
    row = {"id": id_, "based_on": seen, "fields": {"rate": 40.0}}
    assert edit_rows(town, state(town), "team", [row], person=LOCAL, why="w", settle=settle).written
    values = {one["name"]: one["value"] for one in form_of(town, state(town), "team", id_)["fields"]}
    assert (values["rate"], values["name"]) == (40.0, "two")


def test_a_team_whose_making_is_undone_is_gone_from_register_form_and_schedule_and_can_come_back(town):
    new = {"id": "R9", "fields": {"name": "nine", "work": "repair", "rate": 12.0}}
    made = edit_rows(town, state(town), "team", [new], person=LOCAL, why="w")
    seen = form_of(town, state(town), "team", "R9")["based_on"]
    undone = undo_change(town, "little", made.version, person=LOCAL, why="undo")
    assert {(one.id, one.field, one.before, one.after) for one in undone.changes} >= {
        ("R9", "@presence", "there", None)
    }

    def there():
        now = state(town)
        listed = list_register(town, now, "team", Asked())["ids"]
        return listed, form_of(town, now, "team", "R9")["there"], [one["id"] for one in view_teams(town, now)]

    assert there() == ([], False, [])
    with pytest.raises(WenquError):
        keep_file(town, state(town), "team", "R9", ("a.pdf", PDF), person=LOCAL)
    row = {"id": "R9", "based_on": seen, "fields": {"rate": 15.0}}  # who looked before it was taken back
    clash = edit_rows(town, state(town), "team", [row], person=LOCAL, why="w")
    assert [(one.field, one.before, one.theirs) for one in clash.conflicts] == [("@presence", "there", None)]
    settle = [{"id": "R9", "field": "@presence", "take": "mine"}]
    kept = {**row, "fields": {"name": "ninth"}}
    told = edit_rows(
        town, state(town), "team", [kept], person=LOCAL, why="w", settle=settle, preview=True
    ).changes
    assert [(one.field, one.after) for one in told] == [("name", "ninth")]
    assert undo_change(town, "little", undone.version, person=LOCAL, why="undo").written
    assert there() == (["R9"], True, ["R9"])
    assert form_of(town, state(town), "team", "R9")["based_on"] > seen
    again = undo_change(town, "little", town.version("little"), person=LOCAL, why="undo")
    assert there() == ([], False, [])
    made = edit_rows(town, state(town), "team", [{**new, "based_on": 0}], person=LOCAL, why="w")
    assert (made.written, made.version > again.version, there()) == (True, True, (["R9"], True, ["R9"]))
    assert [one["made"] for one in history_of(town, state(town), "team", "R9")] == [
        True, False, True, False, True,
    ]  # fmt: skip


def test_a_filled_template_enters_and_its_bad_rows_are_told(town):
    book = openpyxl.load_workbook(io.BytesIO(template("team", "zh")))
    sheet = book["team"]
    sheet.append(["R1", "一队", "修复", 33.5, zone(town), "2026-01-02"])
    sheet.append(["R2", "二队", "喝酒", -3, None, None])
    out = io.BytesIO()
    book.save(out)
    made = take_rows(town, state(town), "team", "teams.xlsx", out.getvalue(), person=LOCAL, preview=True)
    assert (made.rows, made.report.written, len(made.report.issues)) == (2, False, 1)
    made = take_rows(town, state(town), "team", "teams.xlsx", out.getvalue(), person=LOCAL)
    assert (made.report.written, [made.numbers[one.asset] for one in made.report.issues]) == (True, [3])
    (team,) = town.records("little", "team", Team)
    assert team == Team("R1", "一队", "repair", 33.5, zone(town), "2026-01-02")
    text = "\ufeffid,name,work,rate\nR1,first,repair,40\n".encode()
    assert take_rows(town, state(town), "team", "t.csv", text, person=LOCAL).report.written
    assert town.records("little", "team", Team)[-1].rate == 40.0
    for content in (
        b"a,b\n1,2\n",
        b"id,name,work,rate\n",
        b"",
        b"id,name,work,rate\nX,x,repair,1\nX,y,repair,1\n",
    ):
        with pytest.raises(WenquError):
            take_rows(town, state(town), "team", "t.csv", content, person=LOCAL)


def test_a_file_is_kept_with_a_row_of_a_record(town):
    id_ = written_row(town, "project")
    keep_file(town, state(town), "project", id_, ("permit.pdf", PDF), person=LOCAL)
    (kept,) = form_of(town, state(town), "project", id_)["files"]
    assert kept["name"] == "permit.pdf"
    assert file_of(town, state(town), "project", id_, "permit.pdf", person=LOCAL)[0] == PDF
    with pytest.raises(WenquError):
        keep_file(town, state(town), "project", "P9", ("permit.pdf", PDF), person=LOCAL)
    with pytest.raises(BadInput):
        keep_file(town, state(town), "project", id_, ("page.html", b"<html>"), person=LOCAL)


def seen(store, role, *, district="", city="little"):
    """Return the store and state as somebody sees them."""
    person = Person(role, (Grant(role, city, district),))
    known = SeenCities(Cities(store), person)
    return known.store, known.state("little"), person


def test_who_may_see_and_state_rows_of_records(town):
    place = zone(town)
    written_row(town, "team")
    with town.change("little", who="clerk", why="w") as change:
        change.add_records(
            "team", [Team("R2", "other", "repair", 5.0, "elsewhere"), Team("R3", "all", "repair", 5.0)]
        )
        change.add_records("payment", [sample(record_kinds()["payment"].cls)])
    office, district = seen(town, "city_office"), seen(town, "district", district=place)
    reader = seen(town, "public_reader")
    ids = {
        name: list_register(*who[:2], "team", Asked())["ids"]
        for name, who in (("office", office), ("district", district))
    }
    assert ids == {"office": ["R1", "R2", "R3"], "district": ["R1"]}
    for name in ("team", "payment", "order", "document_event", "frozen"):
        with pytest.raises(Refused):
            list_register(*reader[:2], name, Asked())
    assert {one["name"] for one in describe_registers(*reader[:2])} >= {"inspection", "finding", "problem"}
    assert "payment" not in {one["name"] for one in describe_registers(*reader[:2])}
    with pytest.raises(Refused):
        seen(town, "district", city="other")
    assert list_register(*district[:2], "payment", Asked())["ids"] == []

    def stated(who, id_, **fields):
        store, now, person = who
        return edit_rows(store, now, "team", [{"id": id_, "fields": fields}], person=person, why="w")

    assert stated(office, "R2", rate=6.0).written
    assert stated(district, "R1", rate=6.0).written
    for who, id_, fields in (
        (district, "R2", {"rate": 7.0}),  # of another district, not even seen
        (district, "R3", {"rate": 7.0}),  # of the whole city
        (district, "R1", {"district": None}),  # out of the own one
        (district, "R9", {"name": "n", "work": "repair", "rate": 1.0}),  # a new one for the whole city
        (reader, "R1", {"rate": 7.0}),
    ):
        with pytest.raises(Refused):
            stated(who, id_, **fields)
    with pytest.raises(Refused):
        take_rows(*reader[:2], "team", "t.csv", b"id,name,work,rate\nR1,n,repair,9\n", person=reader[2])
    with pytest.raises(Refused):
        keep_file(*reader[:2], "team", "R1", ("a.pdf", PDF), person=reader[2])
    office = seen(town, "city_office")  # who looks again
    changed = edit_found(*office[:2], "team", Asked(where="id=R2"), {"rate": 8.0}, person=office[2], why="w")
    assert changed.written
    with pytest.raises(WenquError):
        undo_change(district[0], "little", changed.version, person=district[2], why="undo")
    assert undo_change(office[0], "little", changed.version, person=office[2], why="undo").written


def test_a_rule_of_the_city_is_stated_by_who_decides_there_and_a_milestone_by_its_district(town):
    place = zone(town)
    day = entered(town, "day_off")
    entered(town, "milestone")
    office, district = seen(town, "city_office"), seen(town, "district", district=place)
    reader = seen(town, "public_reader")

    def milestone(who, zone_, target=70.0):
        store, now, person = who
        named = {"date": "2025-12-31", "district": zone_, "indicator": "repaired"}
        row = {"fields": {**named, "target": target, "source": "own plan"}}
        return edit_rows(store, now, "milestone", [row], person=person, why="own")

    assert milestone(district, place).written
    with pytest.raises(Refused):
        milestone(district, None)  # of the whole city
    assert milestone(office, None).written
    for name, who in (("day_off", district), ("day_off", reader), ("milestone", reader)):
        store, now, person = who
        id_ = list_register(store, now, name, Asked())["ids"][0]
        with pytest.raises(Refused):
            edit_rows(store, now, name, [{"id": id_, "gone": True}], person=person, why="w")
    assert {(one["who"], one["why"]) for one in history_of(*district[:2], "day_off", day)} == {("", "")}
    assert {one["why"] for one in history_of(*office[:2], "day_off", day)} == {"filed"}
    with pytest.raises(BadInput):
        edit_rows(town, state(town), "day_off", [{"id": day, "gone": True}], person=LOCAL, why=" ")


def test_rows_of_a_table_are_held_to_its_rules_and_the_table_as_a_whole(town):
    entered(town, "lot_step")
    circle = {"fields": {"step": "design", "ground": "any", "days": 20, "after": "accept"}}
    season = {"fields": {**ROWS["season"][0], "begins": "13-40"}}
    for preview in (True, False):
        with pytest.raises(BadInput):
            edit_rows(town, state(town), "lot_step", [circle], person=LOCAL, why="w", preview=preview)
        made = edit_rows(town, state(town), "season", [season], person=LOCAL, why="w", preview=preview)
        assert "13-40" in made.issues[0].facts["said"]["zh"]
        assert "起（MM-DD）" in made.issues[0].facts["said"]["zh"]
    assert list_register(town, state(town), "lot_step", Asked())["ids"] == ["permit"]
    with pytest.raises(BadInput):  # without what names it
        edit_rows(town, state(town), "day_off", [{"fields": {"kind": "holiday"}}], person=LOCAL, why="w")
    two = "日期,类别,依据\n2027-10-09,放假,a\n,放假,b\n2027-10-10,加班,c\n".encode()
    read = take_rows(town, state(town), "day_off", "days.csv", two, person=LOCAL)
    assert list_register(town, state(town), "day_off", Asked())["ids"] == ["2027-10-09"]
    assert sorted(read.numbers[one.asset] for one in read.report.issues) == [3, 4]


def test_a_whole_table_kept_on_its_page_is_told_and_undone_row_by_row(town):
    entered(town, "day_off")
    rows = [{"date": "2027-10-09", "kind": "holiday", "source": "x"}]
    keep_table(town, "little", "holidays", rows, person=LOCAL, reason="whole")
    assert list_register(town, state(town), "day_off", Asked())["ids"] == ["2027-10-09"]
    assert [one["gone"] for one in history_of(town, state(town), "day_off", "2027-10-08")] == [True, False]
    assert undo_change(town, "little", town.version("little"), person=LOCAL, why="undo").written
    assert list_register(town, state(town), "day_off", Asked())["ids"] == ["2027-10-08"]


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


def test_what_holds_several_things_is_no_field_of_a_form():
    kind = record_kinds()["project"]
    assert [one.name for one in kind.fields if nested(kind.cls, one.name)] == ["lots", "parties"]
    assert DEEDS


def test_a_row_without_an_id_is_listed_and_headed_by_what_names_it(town):
    for name, naming in (("finding", ["asset", "method", "quantity"]), ("money_rule", ["rule"])):
        id_ = filed(town, name)
        page = list_register(town, state(town), name, Asked())
        assert page["columns"][: len(naming)] == naming
        assert "id" not in page["columns"]
        assert form_of(town, state(town), name, id_)["naming"] == naming
    assert form_of(town, state(town), "team", "")["naming"] == []
