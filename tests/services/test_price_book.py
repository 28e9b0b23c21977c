"""A city's price table: edited, checked, kept in versions, taken back, read from files people have."""

import io

import openpyxl
import pytest

from tests.services.plan_case import CODE, build
from tests.services.test_figures_frozen import small_city
from wenqu.errors import BadInput, Refused, Unknown
from wenqu.planning.costs import columns, default_text, read_catalogue
from wenqu.services.learned_prices import own_prices
from wenqu.services.plan_assumptions import assumed_of, assumptions_told, keep_assumptions
from wenqu.services.plan_city import plan_city
from wenqu.services.plan_tables import ASSUMPTIONS, PRICES, current_text, file_table, versions
from wenqu.services.price_book import (
    difference,
    keep_prices,
    preview,
    prices_file,
    restore_prices,
    rows_of,
    text_of,
    text_of_file,
    told_versions,
)
from wenqu.services.rights import LOCAL, Grant, Person
from wenqu.services.view_prices import view_prices

OFFICE = Person("office", (Grant("city_office", "c"),))
EAST = Person("east", (Grant("district", "c", "E"),))
READER = Person("reader", (Grant("public_reader", "c"),))


@pytest.fixture
def store(tmp_path):
    made = small_city(tmp_path)
    yield made
    made.close()


def table(**changes):
    """Return the default table with fields changed: cipp__price_a=500."""
    rows = {row["method"]: row for row in rows_of(default_text())}
    for name, value in changes.items():
        method, _, field = name.partition("__")
        rows[method][field] = str(value)
    return text_of(list(rows.values()))


def test_a_changed_price_is_kept_with_who_why_and_what_it_changed(store):
    made = keep_prices(store, "c", table(cipp__price_a=500), person=OFFICE, reason="quota of 2026")
    assert made["difference"] == [
        {
            "method": "cipp",
            "zh": "紫外光固化或热水固化内衬",
            "en": "cured-in-place lining by UV or hot water",
            "kind": "changed",
            "fields": [{"field": "price_a", "before": "440", "after": "500"}],
        }
    ]
    assert own_prices(store, "c").method("cipp").price_a == 500
    assert own_prices(store, "c").edition == made["edition"]
    (one,) = versions(store, "c", PRICES)
    assert (one.by, one.reason, one.id) == ("office", "quota of 2026", made["id"])


def test_going_back_adds_a_version_and_loses_none(store):
    first = keep_prices(store, "c", table(cipp__price_a=500), person=OFFICE, reason="one")
    keep_prices(store, "c", table(cipp__price_a=600), person=OFFICE, reason="two")
    restore_prices(store, "c", first["id"], person=OFFICE, reason="two was wrong")
    assert own_prices(store, "c").method("cipp").price_a == 500
    told = told_versions(versions(store, "c", PRICES))
    assert [one["reason"] for one in told] == ["two was wrong", "two", "one"]
    assert told[0]["difference"][0]["fields"] == [{"field": "price_a", "before": "600", "after": "500"}]
    restore_prices(store, "c", "default", person=OFFICE, reason="none of them")
    assert own_prices(store, "c").method("cipp").price_a == 440
    with pytest.raises(Unknown, match="version"):
        restore_prices(store, "c", "G-none", person=OFFICE, reason="x")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cipp__price_a": -440, "cipp__price_b": 0}, "catalogue"),
        ({"cipp__scope": 0}, "catalogue"),
        ({"cipp__price_a": "nan"}, "catalogue-number"),
        ({"cipp__price_a": 0.044, "cipp__price_b": 0.38}, "catalogue-unit"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_kept(store, changes, reason):
    with pytest.raises(BadInput) as caught:
        keep_prices(store, "c", table(**changes), person=OFFICE, reason="x")
    assert caught.value.reason == reason
    assert versions(store, "c", PRICES) == []
    seen = preview(store, "c", table(**changes))
    assert seen["blocked"]
    assert {one["method"] for one in seen["issues"]} == {"cipp"}
    assert seen["difference"][0]["method"] == "cipp"


def test_two_who_edit_at_once_do_not_overwrite_each_other(store):
    base = read_catalogue().edition
    keep_prices(store, "c", table(cipp__price_a=500), person=OFFICE, reason="one", base=base)
    with pytest.raises(BadInput, match="prices-moved"):
        keep_prices(store, "c", table(open_cut__price_a=1600), person=OFFICE, reason="two", base=base)


@pytest.mark.parametrize("person", [EAST, READER, Person("")])
def test_only_who_decides_for_the_whole_city_sets_prices_and_assumptions(store, person):
    with pytest.raises(Refused):
        keep_prices(store, "c", table(cipp__price_a=500), person=person, reason="x")
    with pytest.raises(Refused):
        keep_assumptions(store, "c", {"migration": 0.2}, person=person, reason="x")
    assert not view_prices(store, "c", person)["may"]


def test_a_change_without_a_reason_is_refused(store):
    with pytest.raises(BadInput, match="own-reason"):
        keep_prices(store, "c", table(cipp__price_a=500), person=OFFICE, reason="  ")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_template_comes_back_as_it_went(store, form):
    text = text_of_file(prices_file(store, "c", form), f"prices.{form}")
    assert difference(default_text(), text) == []


def test_a_workbook_with_a_title_above_and_a_changed_cell_is_read(store):
    book = openpyxl.load_workbook(io.BytesIO(prices_file(store, "c", "xlsx")))
    sheet = book.active
    place = columns().index("mobilisation") + 1
    row = next(n for n in range(2, 30) if sheet.cell(n, 1).value == "cipp")
    sheet.cell(row, place).value = 25000
    sheet.insert_rows(1)
    sheet.cell(1, 1).value = "2026 年造价表"
    out = io.BytesIO()
    book.save(out)
    (one,) = difference(default_text(), text_of_file(out.getvalue(), "prices.xlsx"))
    assert one["fields"] == [{"field": "mobilisation", "before": "20000", "after": "25000"}]


def test_a_file_in_gbk_is_read_and_one_without_headings_is_refused(store):
    text = text_of_file(table(cipp__price_a=510).encode("gb18030"), "表.csv")
    assert rows_of(text)[2]["zh"] == "紫外光固化或热水固化内衬"
    with pytest.raises(BadInput, match="catalogue-columns"):
        text_of_file("管径,单价\n300,1500\n".encode(), "x.csv")


def test_a_reader_of_a_district_sees_prices_and_not_why_they_changed(store):
    keep_prices(store, "c", table(cipp__price_a=500), person=OFFICE, reason="after the audit of X")
    assert view_prices(store, "c", EAST)["versions"] == []
    told = view_prices(store, "c", OFFICE)
    assert told["status"] == "city"
    lined = next(one for one in told["methods"] if one["key"] == "cipp")
    assert (lined["changed"], lined["status"]) == (True, "city")
    effect = lined["effect"]
    assert effect["mean"] == pytest.approx(0.36)
    assert effect["low"] < effect["mean"] < effect["high"]
    assert {one["key"] for one in told["methods"] if one["status"] != "default"} == {"cipp"}


def test_assumptions_keep_their_versions_and_their_bounds(store):
    assert assumed_of(store, "c").migration == 0.4
    keep_assumptions(
        store, "c", {"migration": 0.0, "package_from": 0}, person=OFFICE, reason="our soil drains"
    )
    assert assumed_of(store, "c").migration == 0.0
    told = assumptions_told(store, "c", LOCAL)
    assert {row["name"]: row["status"] for row in told["rows"]}["migration"] == "city"
    assert {row["name"]: row["status"] for row in told["rows"]}["package_from"] == "default"
    assert told["versions"][0]["reason"] == "our soil drains"
    for own, reason in (({"migration": 1.5}, "assumption-value"), ({"mu": 0.2}, "assumption-name")):
        with pytest.raises(BadInput, match=reason):
            keep_assumptions(store, "c", own, person=OFFICE, reason="x")


def test_a_column_that_a_city_added_to_its_assumptions_stays_when_a_value_is_kept(store):
    text = "name,value,measured_by\nmigration,0.2,甲院\nblock_length,1500,乙院\n"
    with store.change("c", who="office", why="own table") as change:
        file_table(change, ASSUMPTIONS, text, "as delivered", simulated=store.city("c").simulated)
    keep_assumptions(
        store, "c", {"migration": 0.25, "industry_bod": 0.02}, person=OFFICE, reason="measured anew"
    )
    assert current_text(store, "c", ASSUMPTIONS).splitlines() == [
        "name,value,measured_by",
        "industry_bod,0.02,",
        "migration,0.25,甲院",
    ]
    assert assumed_of(store, "c").migration == 0.25


def test_each_version_says_which_programmes_were_made_at_its_prices(tmp_path):
    store = build(tmp_path / "store")
    first = plan_city(store, CODE, who="planner").programme
    office = Person("office", (Grant("city_office", CODE),))
    made = keep_prices(store, CODE, table(pipe_bursting__price_a=900), person=office, reason="quota")
    second = plan_city(store, CODE, who="planner").programme
    shown = view_prices(store, CODE, office)
    assert [(one["id"], one["edition"]) for one in shown["plans"]] == [
        (second.id, made["edition"]), (first.id, shown["default_edition"]),
    ]  # fmt: skip
    district = Person("east", (Grant("district", CODE, "D"),))
    assert view_prices(store, CODE, district)["plans"] == []
    store.close()
