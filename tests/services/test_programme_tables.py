"""Days off, seasons, steps and milestones of a city's own: they count, and who set them why is kept."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from tests.services.test_figures_frozen import CITY, EAST, store  # noqa: F401 - the fixture
from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused
from wenqu.records.team import Team
from wenqu.services.city_state import Cities
from wenqu.services.file_works import file_teams
from wenqu.services.programme_tables import keep_file, keep_table, programme_tables
from wenqu.services.rights import Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.view_backward import view_backward
from wenqu.services.view_figures import view_figures
from wenqu.store.moments import now

DECIDES = Person("zhu", (Grant("district", "c", "W"),))
DAY = {"date": "2027-12-30", "kind": "holiday", "source": "市政府通知"}
SEASON = {
    "key": "flood",
    "work": "repair",
    "begins": "01-01",
    "ends": "12-31",
    "share": "0.5",
    "source": "本市",
}
STEP = {"work": "repair", "step": "accept", "side": "after", "days": "10", "source": "本市验收办法"}


@pytest.fixture
def city(store):  # noqa: F811
    file_teams(store, "c", [Team("R1", "一队", "repair", 1.0, "E")], person=CITY)
    return Cities(store)


def repair(city):
    return view_backward(city, "c", CITY)["works"]["repair"]


def own(district, days, target="1", indicator="repaired"):
    day = (now().date() + timedelta(days=days)).isoformat()
    return {
        "date": day,
        "district": district,
        "indicator": indicator,
        "target": target,
        "source": "区委会议纪要",
    }


def test_a_day_off_of_the_city_takes_a_working_day_away_and_an_ordinary_one_gives_it_back(city):
    before = view_backward(city, "c", CITY)["calendar"]["working"]
    assert keep_table(city.store, "c", "holidays", [DAY], person=CITY, reason="市运会") == 1
    assert view_backward(city, "c", CITY)["calendar"]["working"] == before - 1
    keep_table(city.store, "c", "holidays", [{**DAY, "kind": "ordinary"}], person=CITY, reason="取消")
    assert view_backward(city, "c", CITY)["calendar"]["working"] == before


def test_an_arrangement_of_a_year_needs_no_release(city):
    assert view_backward(city, "c", CITY)["calendar"]["unpublished"] == [2027]
    worked = [DAY, {"date": "2027-01-30", "kind": "workday", "source": "国办通知"}]
    keep_table(city.store, "c", "holidays", worked, person=CITY, reason="2027 年安排已公布")
    assert view_backward(city, "c", CITY)["calendar"]["unpublished"] == []


def test_a_season_and_a_step_of_the_city_take_the_place_of_the_defaults(city):
    before = repair(city)["districts"][0]
    keep_table(city.store, "c", "seasons", [SEASON], person=CITY, reason="近三年统计")
    half = repair(city)["districts"][0]
    assert half["can"] < 0.62 * before["can"], (
        "half a day's work the year round, 0.75 in the flood season before"
    )
    keep_table(city.store, "c", "steps", [STEP], person=CITY, reason="本市办法")
    assert repair(city)["lead"] == 20, "10 days of tests and 10 of acceptance"
    assert repair(city)["districts"][0]["done_by"] < before["done_by"]
    keep_table(city.store, "c", "seasons", [], person=CITY, reason="撤回")
    keep_table(city.store, "c", "steps", [], person=CITY, reason="撤回")
    assert repair(city)["districts"][0] == before


def test_a_district_counts_back_from_its_own_date_where_that_asks_for_more(city):
    keep_table(city.store, "c", "milestones", [own("E", 200)], person=CITY, reason="提前一年")
    row = repair(city)["districts"][0]
    assert (row["district"], row["goal"]["date"], row["goal"]["own"]["source"]) == (
        "E", own("E", 200)["date"], "区委会议纪要",
    )  # fmt: skip
    assert row["done_by"] < row["goal"]["date"] < repair(city)["date"]
    keep_table(city.store, "c", "milestones", [own("E", 200, "0.01")], person=CITY, reason="只要百分之一")
    assert repair(city)["districts"][0]["goal"]["own"] is None, "1 % of 100 m in 200 days asks for less a day"


def test_a_district_states_its_own_milestones_and_no_others(city):
    keep_table(city.store, "c", "milestones", [own("E", 300)], person=CITY, reason="市定")
    keep_table(city.store, "c", "milestones", [own("W", 100)], person=DECIDES, reason="区定")
    told = {row["name"]: row for row in programme_tables(city.store, city.state("c"), CITY)}["milestones"]
    assert sorted(row["district"] for row in told["own"]) == ["E", "W"]
    assert [(one["by"], one["reason"]) for one in told["history"]] == [
        ("zhu", "区定"),
        (CITY.account, "市定"),
    ]
    with pytest.raises(Refused):
        keep_table(city.store, "c", "milestones", [own("E", 100)], person=DECIDES, reason="x")
    with pytest.raises(Refused):
        keep_table(city.store, "c", "holidays", [DAY], person=DECIDES, reason="x")
    seen = SeenCities(city, DECIDES)
    figures = view_figures(seen.store, seen.state("c"))
    assert [row["district"] for row in figures["own_milestones"]] == ["W"]
    assert {row["district"] for row in view_figures(city.store, city.state("c"))["own_milestones"]} == {
        "E",
        "W",
    }


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        ("holidays", {**DAY, "date": "2027-02-30"}, "date"),
        ("holidays", {**DAY, "source": ""}, "source"),
        ("seasons", {**SEASON, "share": "1.5"}, "share"),
        ("seasons", {**SEASON, "begins": "13-01"}, "begins"),
        ("steps", {**STEP, "days": "-3"}, "days"),
        ("steps", {**STEP, "side": "beside"}, "side"),
        ("milestones", own("E", 9, "100"), "target"),
        ("milestones", own("nowhere", 9), "district"),
    ],
)
def test_a_row_that_does_not_hold_is_named_and_nothing_is_kept(city, name, row, column):
    before = city.store.version("c")
    with pytest.raises(BadInput, match="own-row") as told:
        keep_table(city.store, "c", name, [row], person=CITY, reason="x")
    assert told.value.facts["column"] == column
    assert city.store.version("c") == before


def test_as_it_was_known_before_nothing_moves_and_no_reason_is_refused(city):
    moment = city.store.changes("c", limit=1)[0].at
    before = view_backward(city, "c", CITY)["calendar"]["working"]
    with pytest.raises(BadInput, match="own-reason"):
        keep_file(city.store, "c", "holidays", b"date,kind,source\n", person=CITY, reason=" ")
    rows = b"date,kind,source\n2027-12-30,holiday,x\n"
    assert keep_file(city.store, "c", "holidays", rows, person=CITY, reason="x") == 1
    then = city.state("c", moment)
    told = {row["name"]: row for row in programme_tables(city.store, then, CITY)}
    assert (told["holidays"]["own"], told["holidays"]["history"]) == ([], [])
    assert view_backward(city, "c", CITY)["calendar"]["working"] == before - 1


def test_the_routes_do_the_same(city):
    client = TestClient(make_api(city), base_url="http://127.0.0.1")
    path = "/api/v1/cities/c/programme-tables"
    assert client.post(f"{path}/holidays", json={"rows": [DAY], "reason": "市运会"}).status_code == 201
    told = {row["name"]: row for row in client.get(path).json()}
    assert told["holidays"]["own"][0]["source"] == "市政府通知"
    assert told["holidays"]["history"][0]["reason"] == "市运会"
    assert client.post(f"{path}/prices", json={"rows": [], "reason": "x"}).status_code == 422
