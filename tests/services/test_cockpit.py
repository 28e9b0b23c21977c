"""The cockpit: every target against today, worst first, with pace and forecast from dates."""

import math
from datetime import date

import orjson
import pytest

from wenqu.services.city_state import CityState
from wenqu.services.cockpit import RISK, cockpit

TODAY = date(2025, 6, 30)
LEFT = (date(2025, 12, 31) - TODAY).days  # 184


def rows(city, district="", today=TODAY):
    return {row["key"]: row for row in cockpit(city.store, city.state, today, district)["targets"]}


def test_pace_and_forecast_come_from_the_gains_of_the_last_year(small):
    row = rows(small)["surveyed"]
    assert row["today"] == pytest.approx(0.3)
    assert row["by_count"] == 0.5, "two of four sewage conduits, 300 of 1000 m"
    assert (row["target"], row["date"], row["operator"]) == (1.0, "2025-12-31", ">=")
    assert row["pace"] == pytest.approx(0.2 * 365.25 / 360)
    assert row["pace_needed"] == pytest.approx(0.7 / (LEFT / 365.25))
    assert row["state"] == "at_risk"
    # mean gain of a span 0.2/12; scatter of eleven zeros and one 0.2: 0.2 · √(1/12); LEFT/30 spans ahead
    spans = LEFT / 30
    mid = 0.3 + 0.2 / 12 * spans
    band = 1.7959 * 0.2 * math.sqrt(1 / 12) * math.sqrt(spans + spans**2 / 12)
    assert row["forecast"]["mid"] == pytest.approx(mid)
    assert row["forecast"]["high"] == pytest.approx(min(1.0, mid + band))
    assert row["forecast"]["low"] == pytest.approx(0.3), "what is surveyed stays surveyed"


def test_a_districts_pace_is_its_own(small):
    a, b = rows(small, "A")["surveyed"], rows(small, "B")["surveyed"]
    assert a["today"] == pytest.approx(0.25)
    assert a["pace"] == 0.0
    assert {end: a["forecast"][end] for end in ("low", "mid", "high")} == {
        "low": 0.25, "mid": 0.25, "high": 0.25,
    }  # fmt: skip
    assert b["pace"] == pytest.approx(200 / 600 * 365.25 / 360)
    assert b["from"]["denominator"] == 600.0
    assert [row["id"] for row in b["from"]["rows"]] == ["cB2", "cB1"], "largest first"


def test_a_target_whose_date_is_past_is_late_and_has_no_forecast(small):
    row = rows(small, today=date(2026, 3, 1))["surveyed"]
    assert row["state"] == "late"
    assert row["forecast"] is None


def test_the_worst_comes_first_and_the_districts_are_told_apart(small):
    made = cockpit(small.store, small.state, TODAY, "")
    states = [RISK[row["state"]] for row in made["targets"]]
    assert states == sorted(states)
    share = next(row for row in made["targets"] if row["key"] == "capacity_bod")
    assert {zone["id"]: (zone["today"], zone["state"]) for zone in share["districts"]} == {
        "A": (1.0, "reached"),
        "B": (0.0, "at_risk"),
    }
    assert [zone["name"] for zone in share["districts"]] == ["甲区", "B"]


def test_plants_and_changes_stand_beside_the_targets(small):
    made = cockpit(small.store, small.state, TODAY, "B")
    assert {plant["id"]: plant["meets"] for plant in made["plants"]} == {"QL": False, "IN": None}
    assert [change["why"] for change in made["changes"]] == ["plan", "diagnose", "grade", "tables"]
    assert made["changes"][2]["counts"] == {"grade": 3}
    assert made["changes"][3]["counts"]["conduit"] == 5
    assert made["as_of"] == "2025-06-30"
    assert made["simulated"] is True


def test_looking_back_shows_no_change_that_came_later(small):
    then = CityState(small.store.network(small.state.network.city.code, as_of="2025-06-30"))
    assert cockpit(small.store, then, TODAY, "")["changes"] == []


def test_a_city_of_which_nothing_is_known_says_unknown(bare):
    made = cockpit(bare.store, bare.state, TODAY, "")
    by_key = {row["key"]: row for row in made["targets"]}
    for key in ("repaired", "capacity_bod", "permits"):
        assert by_key[key]["state"] == "unknown"
        assert by_key[key]["forecast"] is None
    assert by_key["surveyed"]["state"] == "at_risk"
    assert by_key["surveyed"]["forecast"] is None
    sent = orjson.loads(orjson.dumps(made))
    assert next(row for row in sent["targets"] if row["key"] == "capacity_bod")["today"] is None
    assert sent["plants"][0]["bod5"] is None
