"""倒排工期 of a city: left by the accounts, teams as filed, rows as seen."""

import io
from datetime import timedelta

import pytest
import python_calamine
from fastapi.testclient import TestClient

from tests.services.test_figures_frozen import CITY, EAST, store, works  # noqa: F401 - the fixture
from wenqu.api.router import make_api
from wenqu.errors import BadInput, Refused
from wenqu.records.team import Team
from wenqu.services.city_state import Cities
from wenqu.services.file_works import file_teams
from wenqu.services.rights import Grant, Person
from wenqu.services.seen_city import SeenCities
from wenqu.services.view_backward import view_backward
from wenqu.store.moments import now

WEST = Person("west", (Grant("district", "c", "W"),))
TEAMS = [
    Team("R1", "一队", "repair", 1.0, "E"),
    Team("R2", "二队", "repair", 50.0),
    Team("S1", "检测队", "survey", 40.0),
]


@pytest.fixture
def city(store):  # noqa: F811
    file_teams(store, "c", TEAMS, person=CITY)
    return Cities(store)


def test_what_is_left_is_the_target_less_what_is_done_in_each_district(city):
    found = view_backward(city, "c", CITY)
    survey, repair = found["works"]["survey"], found["works"]["repair"]
    assert survey["target"]["target"] == repair["target"]["target"] == 1.0
    assert {row["district"]: row["left"] for row in survey["districts"]} == {"W": 100.0}
    assert {row["district"]: (row["of"], row["done"], row["left"], row["unlet"], row["count"])
            for row in repair["districts"]} == {"E": (100.0, 0.0, 100.0, 100.0, 1)}  # fmt: skip
    assert repair["date"] == "2027-12-31"
    assert found["simulated"] is False


def test_what_is_in_a_lot_needs_no_tender_any_more(city):
    works(city.store)
    assert view_backward(city, "c", CITY)["works"]["repair"]["districts"][0]["unlet"] == 0.0


def test_a_team_that_is_not_needed_is_told_and_a_rate_of_nothing_ends_a_team(city):
    repair = view_backward(city, "c", CITY)["works"]["repair"]
    assert {team["id"]: team["busy"] for team in repair["teams"]} == {"R1": True, "R2": False}
    file_teams(city.store, "c", [Team("R1", "一队", "repair", 0.0, "E")], person=CITY)
    repair = view_backward(city, "c", CITY)["works"]["repair"]
    assert [team["id"] for team in repair["teams"]] == ["R2"]


def test_a_nearer_date_makes_the_team_short_and_another_is_lent(city):
    soon = (now().date() + timedelta(days=45)).isoformat()
    row = view_backward(city, "c", CITY, until=soon)["works"]["repair"]["districts"][0]
    assert {span["team"] for span in row["teams"]} == {"R1", "R2"}
    with pytest.raises(BadInput):
        view_backward(city, "c", CITY, until="soon")
    with pytest.raises(BadInput, match="backward-far"):
        view_backward(city, "c", CITY, until="2090-01-01")


def test_a_district_sees_its_own_rows_reckoned_in_the_whole(city):
    theirs = view_backward(SeenCities(city, WEST), "c", WEST)
    assert [row["district"] for row in theirs["works"]["survey"]["districts"]] == ["W"]
    assert theirs["works"]["repair"]["districts"] == []
    assert [team["id"] for team in theirs["works"]["repair"]["teams"]] == ["R2"]
    east = view_backward(SeenCities(city, EAST), "c", EAST)
    assert [row["district"] for row in east["works"]["repair"]["districts"]] == ["E"]
    assert east["works"]["repair"]["short"] == 0.0


def test_the_calendar_names_the_years_that_nobody_published(city):
    found = view_backward(city, "c", CITY, until="2028-06-30")["calendar"]
    assert {2027, 2028} <= set(found["unpublished"])
    assert 2026 not in found["unpublished"]
    assert all(row["date"] > now().date().isoformat() for row in found["days"])


def test_a_team_is_filed_by_who_decides(city):
    with pytest.raises(Refused):
        file_teams(city.store, "c", TEAMS, person=Person("reader", (Grant("reader", "c"),)))


def test_the_routes_tell_the_same_and_the_workbook_has_every_row(city):
    with TestClient(make_api(city), base_url="http://127.0.0.1") as face:
        home = "/api/v1/cities/c/backward"
        told = face.get(home, params={"until": "2027-06-30"}).json()
        assert told["works"]["repair"]["date"] == "2027-06-30"
        assert face.get(home, params={"until": "x"}).status_code == 422
        made = face.get(f"{home}/workbook", headers={"Accept-Language": "en"})
        book = python_calamine.load_workbook(io.BytesIO(made.content))
        assert book.sheet_names == ["districts", "teams", "months", "steps", "calendar", "sources"]
        rows = book.get_sheet_by_name("districts").to_python()
        assert [row[:2] for row in rows[1:3]] == [["survey", "W"], ["repair", "E"]]
        teams = book.get_sheet_by_name("teams").to_python()
        assert {row[2] for row in teams[1:] if row[2]} >= {"一队"}


def test_a_past_day_is_counted_back_from_by_what_is_known_today(city):
    works(city.store)
    day = now().date()
    yesterday = (day - timedelta(days=1)).isoformat()
    found = view_backward(city, "c", CITY, on=yesterday)
    assert (found["day"], found["known"]) == (yesterday, day.isoformat())
    repair = found["works"]["repair"]
    assert {team["id"] for team in repair["teams"]} == {"R1", "R2"}, "teams that were filed since are there"
    assert repair["districts"][0]["unlet"] == 0.0, "so are lots"
    with pytest.raises(BadInput, match="figure-ahead"):
        view_backward(city, "c", CITY, on=(day + timedelta(days=1)).isoformat())
