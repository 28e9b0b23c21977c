"""An auditor tries to change a signed figure without being noticed: JSON, workbook and frozen list."""

import io
import json

import openpyxl
import pytest

from tests.services.test_figures_frozen import CITY, look, prove, small_city, works
from wenqu.errors import BadInput
from wenqu.services.accept_pipes import accept_pipe
from wenqu.services.city_state import CityState
from wenqu.services.freeze_figures import freeze_list
from wenqu.services.grade_city import grade_city
from wenqu.services.sign_figure import figure_payload, signed_figure, signed_workbook
from wenqu.services.verify_figures import verify_figures
from wenqu.services.view_figures import view_figures, view_stage
from wenqu.store.moments import now
from wenqu.supervision.figure_rows import chained, with_digest
from wenqu.supervision.milestones import milestones
from wenqu.supervision.signed import new_key, sign, thumbprint
from wenqu.supervision.targets import targets

TODAY = now().date().isoformat()
FILES = ("json", "xlsx")


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """A city with one accepted pipe and two frozen versions of both lists."""
    store = small_city(tmp_path_factory.mktemp("audited"))
    works(store)
    prove(store)
    with store.change("c", who="tester", why="film") as change:
        change.add_records("inspection", [look("i9", "p1", "2025-07-01")])
    grade_city(store, "c", who="tester")
    accept_pipe(store, "c", "p1", person=CITY, day="2025-07-02")
    for key in ("surveyed", "repaired"):
        freeze_list(store, "c", key, person=CITY, reason="baseline")
        freeze_list(store, "c", key, person=CITY, reason="once more", again=True)
    yield store
    store.close()


def state(store):
    return CityState(store.network("c"))


def made(store, stage="accepted"):
    return signed_figure(store, state(store), stage)


def changed(content, change):
    """Return a signed file whose payload somebody changed."""
    whole = json.loads(content)
    change(whole["payload"])
    return json.dumps(whole, ensure_ascii=False).encode()


def edited(content, sheet, change):
    """Return a workbook of which somebody changed a sheet in Excel."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book[sheet])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_every_row_says_its_proofs_with_the_stated_day_and_the_day_it_was_filed(audited):
    row = figure_payload(audited, state(audited), "accepted")["rows"][0]
    proofs = {one["kind"]: (one["id"], one["date"], one["filed"]) for one in row["proofs"]}
    assert proofs["closed_water"] == ("T1", "2025-06-20", TODAY)
    assert proofs["cctv"] == ("i9", "2025-07-01", TODAY)
    assert proofs["material"][0], proofs["hidden"][0] == ("M1", "H1")
    assert proofs["acceptance"][1:] == ("2025-07-02", TODAY)
    assert (row["since"], row["filed"]) == ("2025-07-02", TODAY)
    assert any("50268" in rule for rule in row["rules"])


@pytest.mark.parametrize(
    ("stage", "kinds", "rule"),
    [
        ("surveyed", {"cctv"}, ""),
        ("evaluated", {"cctv", "grade"}, "CJJ 181-2012"),
        ("problem", {"cctv", "grade"}, "CJJ 181-2012"),
        ("repaired", {"as_built"}, ""),
    ],
)
def test_every_stage_opens_to_its_proofs_and_the_edition_of_its_rule(audited, stage, kinds, rule):
    found = view_stage(audited, state(audited), stage)
    counting = [row for row in found["rows"] if row["counts"]]
    assert all({one["kind"] for one in row["proofs"]} == kinds for row in counting)
    assert all(row["rules"] == ([rule] if rule else []) for row in counting)
    assert found["rule"]["edition"]
    assert all(not row["proofs"] and not row["filed"] for row in found["rows"] if not row["counts"])


def test_a_figure_says_its_rule_its_versions_and_its_districts(audited):
    said = figure_payload(audited, state(audited), "surveyed")
    assert said["districts"] == {
        "E": {"length_mm": 200_000, "count": 2, "of_mm": 200_000, "of_count": 2},
        "W": {"length_mm": 0, "count": 0, "of_mm": 100_000, "of_count": 1},
    }
    assert [one["reason"] for one in said["versions"]] == ["baseline", "once more"]
    assert said["list"]["version"] == 2
    assert "2023-2027" in said["rule"]["edition"]


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("stage", ["surveyed", "evaluated", "problem", "repaired", "accepted"])
def test_what_nobody_touched_holds(audited, stage, form):
    content = (
        made(audited, stage) if form == "json" else signed_workbook(audited, state(audited), stage, "zh")
    )
    told = verify_figures(content)
    assert told["facts"]["stage"] == stage
    assert {"signature", "rows", "digest", "proofs"} <= set(told["checks"])


def test_a_workbook_that_excel_saved_again_still_holds(audited):
    content = signed_workbook(audited, state(audited), "accepted", "en")
    again = edited(content, "pipes", lambda _: None)
    assert again != content
    assert "cells" in verify_figures(again)["checks"]


def turn(said):
    said["rows"] = said["rows"][::-1]


def lengthen(said):
    said["rows"][0]["length_mm"] += 1


def swap(said):
    said["rows"][0]["proofs"][0]["id"] = "T-other"


def excuse(said):
    said["versions"][1]["reason"] = "nothing happened"


def quietly(change):
    """Do the same and mend the digests of the rows, and the sums, afterwards."""

    def mended(said):
        change(said)
        said["rows"] = [with_digest(row) for row in said["rows"]]
        said["numerator_mm"] = sum(row["length_mm"] for row in said["rows"] if row["counts"])
        said["denominator_mm"] = sum(row["length_mm"] for row in said["rows"])

    return mended


@pytest.mark.parametrize("change", [turn, lengthen, swap, excuse, quietly(lengthen), quietly(swap)])
def test_a_changed_json_is_found(audited, change):
    content = changed(made(audited, "surveyed"), change)
    with pytest.raises(BadInput, match="signed-changed-at"):
        verify_figures(content)


def test_the_changed_row_is_named(audited):
    with pytest.raises(BadInput) as caught:
        verify_figures(changed(made(audited, "surveyed"), lengthen))
    assert caught.value.facts["where"].startswith("p1, ")
    with pytest.raises(BadInput) as caught:
        verify_figures(changed(made(audited, "surveyed"), quietly(lengthen)))
    assert "digest" in caught.value.facts["where"], "the list that was frozen has another digest"


def where_of(audited, change):
    with pytest.raises(BadInput) as caught:
        verify_figures(changed(made(audited, "surveyed"), change))
    return caught.value.facts["where"].split(", ")


def test_a_row_that_was_taken_out_put_in_or_changed_with_a_digest_that_fits_is_found_too(audited):
    pipes = [row["pipe"] for row in json.loads(made(audited, "surveyed"))["payload"]["rows"]]
    first, second, third = pipes[:3]
    assert where_of(audited, lambda said: said["rows"].pop(1))[0] == f"{first}→{third}"
    assert where_of(audited, quietly(lambda said: said["rows"].pop(1)))[0] == f"{first}→{third}"
    assert where_of(audited, quietly(lengthen))[0] == f"{first}→{second}"  # the next row knows what it was
    assert where_of(audited, lambda said: said["rows"].append(dict(said["rows"][0])))[0] == first  # twice
    assert where_of(audited, lambda said: said["rows"].pop(0))[0] == f"→{second}"


def test_the_district_that_does_not_add_up_is_named(audited):
    zone = next(iter(json.loads(made(audited, "surveyed"))["payload"]["districts"]))
    assert where_of(audited, lambda said: said["districts"][zone].update(count=99)) == [f"districts ({zone})"]


def test_a_figure_signed_before_its_rows_were_chained_still_holds(audited):
    said = json.loads(made(audited, "surveyed"))["payload"]
    said["rows"] = [with_digest({k: v for k, v in row.items() if k != "after"}) for row in said["rows"]]
    key = new_key()
    assert "rows" in verify_figures(sign(said, key), thumbprint(key))["checks"]


def test_whoever_signs_the_changed_figure_anew_signs_by_another_key(audited):
    said = json.loads(made(audited, "surveyed"))["payload"]
    swap(said)
    said["rows"] = chained(said["rows"])  # whoever forges a figure anew forges the whole chain
    forged = sign(said, new_key())
    mine = verify_figures(made(audited, "surveyed"))["signer"]
    with pytest.raises(BadInput, match="signed-key"):
        verify_figures(forged, mine)
    assert verify_figures(forged)["signer"] != mine


def test_even_the_right_key_does_not_make_wrong_sums_right(audited):
    said = json.loads(made(audited, "surveyed"))["payload"]
    lengthen(said)
    key = new_key()
    with pytest.raises(BadInput, match="signed-sums"):
        verify_figures(sign(said, key), thumbprint(key))
    said = json.loads(made(audited, "surveyed"))["payload"]
    del said["districts"]
    with pytest.raises(BadInput, match="signed-sums"):
        verify_figures(sign(said, key), thumbprint(key))


def cell(place, value):
    def change(sheet):
        assert sheet[place].value != value
        sheet[place].value = value

    return change


def turned(sheet):
    rows = [[one.value for one in row] for row in sheet.iter_rows(min_row=2, max_row=3)]
    for number, row in enumerate(rows[::-1], 2):
        for column, value in enumerate(row, 1):
            sheet.cell(number, column).value = value


@pytest.mark.parametrize(
    ("sheet", "change", "where"),
    [
        ("pipes", turned, "pipes: rows were reordered"),
        ("pipes", cell("C2", 150_000), "pipes row 2"),
        ("pipes", cell("D4", 1), "pipes row 4"),
        ("pipes", cell("A5", "p9"), "pipes row 5"),
        ("proofs", cell("C2", "i99"), "proofs row 2"),
        ("proofs", cell("E3", "2025-01-01"), "proofs row 3"),
        ("denominators", cell("F3", "nothing happened"), "denominators row 3"),
        ("districts", cell("B2", 1), "districts row 2"),
        ("figure", cell("B7", 300_000), "figure row 7"),
    ],
)
def test_a_changed_cell_of_a_workbook_is_found_and_named(audited, sheet, change, where):
    content = edited(signed_workbook(audited, state(audited), "surveyed", "en"), sheet, change)
    with pytest.raises(BadInput) as caught:
        verify_figures(content)
    assert caught.value.reason == "signed-cells"
    assert caught.value.facts["where"] == where


def test_a_workbook_whose_signed_sheet_was_touched_or_taken_out_is_none(audited):
    content = signed_workbook(audited, state(audited), "surveyed", "en")
    for change in (cell("A1", "mine"), cell("A2", "AAAA"), cell("B1", "fr")):
        with pytest.raises(BadInput, match="signed-form"):
            verify_figures(edited(content, "signed", change))
    book = openpyxl.load_workbook(io.BytesIO(content))
    del book["signed"]
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(BadInput, match="signed-form"):
        verify_figures(out.getvalue())
    with pytest.raises(BadInput, match="signed-form"):
        verify_figures(b"PK\x03\x04 and nothing")


def test_a_sheet_put_beside_the_signed_ones_is_named(audited):
    book = openpyxl.load_workbook(io.BytesIO(signed_workbook(audited, state(audited), "surveyed", "en")))
    book.create_sheet("true figures")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(BadInput) as caught:
        verify_figures(out.getvalue())
    assert caught.value.facts["where"] == "true figures"


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda said: said.update(reason="other"), "?"),
        (lambda said: said["pipes"]["length_mm"].__setitem__(0, 1), "p1, digest, total"),
        (lambda said: said["pipes"]["district"].__setitem__(1, "W"), "p2, digest"),
        (lambda said: said["pipes"]["id"].__setitem__(0, "p7"), "+p7, -p1, digest"),
        (lambda said: [column.pop(1) for column in said["pipes"].values()], "-p2, digest, total"),
        (lambda said: [column.append(column[2]) for column in said["pipes"].values()], "+p3, digest, total"),
        (lambda said: said["pipes"]["id"].pop(1), "p3, -p2"),
        (lambda said: said["digests"].pop("p1"), "+p1"),
        (lambda said: (said.pop("digests"), said["pipes"]["id"].__setitem__(0, "p7")), "digest"),
    ],
)
def test_a_changed_frozen_list_is_found(audited, change, where):
    content = audited.document("c", "figures/lists/surveyed-0002.json")
    assert verify_figures(content)["facts"]["reason"] == "once more"
    with pytest.raises(BadInput) as caught:
        verify_figures(changed(content, change))
    assert caught.value.facts["where"] == where


def test_the_milestones_of_the_programme_stand_as_data_and_say_which_set_no_figure(audited):
    rules = {(one.key, one.date): one.target for one in targets()}
    measured = [one for one in milestones() if one.status == "measured"]
    assert all(rules[one.indicator, one.date] == one.target for one in measured)
    years = {one.date[:4] for one in milestones()}
    assert years == {"2023", "2024", "2025", "2027"}
    assert {one.status for one in milestones() if one.date < "2024"} == {"no figure"}
    told = {one["key"]: one for one in view_figures(audited, state(audited))["milestones"]}
    assert told["census"]["today"] is None
    assert told["surveyed_60"]["on_date"] == 0.0, "both looks are of January 2025"
    assert told["surveyed_100"]["on_date"] == told["surveyed_100"]["today"] == 2 / 3
    assert told["repaired_100"]["on_date"] is None, "its date is ahead"
