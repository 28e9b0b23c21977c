"""The diagnosis as the page shows it."""

import orjson
import pytest

from wenqu.diagnosis.cards import cards
from wenqu.errors import UnknownAsset
from wenqu.services.view_diagnosis import place_of, view_diagnosis, view_meter, view_plant


def test_methods_stand_side_by_side_in_the_order_of_their_cards(small):
    made = view_diagnosis(small.store, small.state)
    (meter,) = made["meters"]
    assert (meter["id"], meter["name"], meter["on_id"]) == ("Q1", "甲表", "cA1")
    order = list(cards())
    told = [row["method"] for row in meter["methods"]]
    assert told == sorted(
        ["night_minimum", "joint_inversion"], key=lambda name: order.index(name) if name in order else 99
    )
    values = {row["method"]: row["border"]["value"] for row in meter["methods"]}
    assert values["joint_inversion"] == pytest.approx(0.02 * 86400)
    assert made["identifiability"] == ["diagnosis.identify.areas"]
    assert set(made["cards"]) == set(cards())
    assert meter["at"] == pytest.approx(place_of(small.state, "cA1")), (
        "a meter without a place lies on its pipe"
    )


def test_plants_are_told_against_their_own_target(small):
    plants = {row["id"]: row for row in view_diagnosis(small.store, small.state)["plants"]}
    assert plants["PL"]["bod5"] == pytest.approx(119.674, abs=1e-3)
    assert plants["PL"]["meets"] is True
    assert (plants["QL"]["threshold"], plants["QL"]["meets"]) == (pytest.approx(80.0), False)
    assert plants["IN"]["meets"] is None


def test_the_waterfall_runs_from_the_source_to_what_arrives(small):
    made = view_plant(small.store, small.state, "PL")
    assert [step["key"] for step in made["waterfall"]] == ["source", "lost", "groundwater", "arrives"]
    assert [step["level"] for step in made["waterfall"]] == pytest.approx([220, 179, 119, 119])
    assert made["waterfall"][1]["value"] == pytest.approx(-41.0)
    assert made["verdict"]["keys"] == ["diagnosis.verdict.sealing"]
    assert made["verdict"]["sealed"] == pytest.approx([170, 180, 190])
    assert made["inputs"] == ["bod5@PL"]


def test_areas_and_next_manholes_belong_to_the_plant_below_them(small):
    made = view_plant(small.store, small.state, "PL")
    (area,) = made["areas"]
    assert area["id"] == "Q1"
    assert area["extraneous"]["value"] == 0.015
    assert area["missing"]["value"] == 0.004
    assert area["data_share"] == 0.8
    assert [(row["id"], row["gain"], row["rank"]) for row in made["next"]] == [("A2", 0.7, 1.0)]
    other = view_plant(small.store, small.state, "QL")
    assert other["areas"] == []
    assert other["next"] == []
    assert [step["key"] for step in other["waterfall"]] == ["source"]
    assert other["verdict"] is None


def test_the_series_of_a_plant_are_its_undoubted_days_in_border_units(small):
    series = view_plant(small.store, small.state, "PL")["series"]
    assert len(series["days"]) == 61
    assert series["days"][0] == "2025-04-01"
    assert series["flow"][0] == pytest.approx(86400.0)
    assert series["bod5"][0] == pytest.approx(150.0)
    assert view_plant(small.store, small.state, "IN")["series"] == {"days": [], "flow": [], "bod5": []}


def test_a_bare_city_is_an_empty_diagnosis_and_not_an_error(bare):
    made = view_diagnosis(bare.store, bare.state)
    assert made["meters"] == []
    assert made["identifiability"] == []
    assert made["plants"][0]["meets"] is None
    plant = view_plant(bare.store, bare.state, "P")
    assert plant["waterfall"] == []
    assert plant["verdict"] is None
    orjson.dumps([made, plant], option=orjson.OPT_SERIALIZE_NUMPY)


def test_an_unknown_plant_or_meter_is_named(small, bare):
    with pytest.raises(UnknownAsset):
        view_plant(small.store, small.state, "PX")
    with pytest.raises(UnknownAsset):
        view_meter(bare.store, bare.state, "Q9")
    assert place_of(small.state, "nowhere") is None
