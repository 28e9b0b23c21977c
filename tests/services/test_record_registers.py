"""Every kind of record has its register: stated anew there, or the page says by which deed it comes about."""

import dataclasses
import io
import re
from pathlib import Path
from string import Formatter

import openpyxl
import pyogrio
import pytest

from tests.services.record_rows import (
    PDF,
    PIPE,
    ROWS,
    WRITTEN,
    entered,
    little_town,
    sample,
    seen,
    state,
    written_row,
    zone,
)  # fmt: skip
from wenqu.errors import BadInput, Refused, WenquError
from wenqu.records.inspection import Defect
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
from wenqu.services.describe_registers import describe_registers
from wenqu.services.edit_register import edit_found, edit_rows
from wenqu.services.list_register import Asked, list_register
from wenqu.services.programme_tables import keep_table
from wenqu.services.register_files import export_register, template, template_heading
from wenqu.services.register_rows import file_of, form_of, history_of, keep_file
from wenqu.services.register_tables import register
from wenqu.services.rights import LOCAL
from wenqu.services.take_rows import take_rows
from wenqu.services.undo_change import undo_change
from wenqu.services.view_teams import view_teams
from wenqu.services.wording import sentence

DEEDS = [name for name, kind in record_kinds().items() if not kind.written]
SCREENS = {"survey", "diagnosis", "plan", "works", "operation", "street", "documents"}
FRONTEND = Path(__file__).parents[2] / "frontend" / "src"


@pytest.fixture
def town(tmp_path):
    with little_town(tmp_path) as store:
        yield store


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


FITS = {  # by kind and name of a field, in its border unit
    ("text", "begins"): "05-01", ("text", "ends"): "08-01", ("text", "methods"): "open_cut",
    ("text", "after"): "tender", ("number", "spread"): 0.4, ("number", "value"): 0.15,
}  # fmt: skip


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
