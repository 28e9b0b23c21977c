"""A card tells all that is known of one asset, and says what is not."""

import orjson
import pytest

from wenqu.errors import UnknownAsset, UnknownType
from wenqu.services.asset_card import asset_card


def test_a_conduits_card_has_condition_posterior_and_measures(small):
    card = asset_card(small.store, small.state, "conduit", "cA1")
    assert card["grade"]["RI"] == pytest.approx(7.0)
    assert card["grade"]["repair_grade"] == 3
    assert card["inspection"]["id"] == "i2", "the last one"
    (defect,) = card["defects"]
    assert (defect["code"], defect["level"], defect["start"]) == ("PL", 4, 10.0)
    assert defect["name"]["zh"] == "破裂"
    water = card["posterior"]["groundwater"]
    assert water["value"] == pytest.approx(0.001)
    assert water["high"] - water["value"] == pytest.approx(1.645 * 0.0003)
    assert card["posterior"]["area"] == "Q1"
    assert [(row["window"], row["cost"]) for row in card["measures"]] == [("2026", 1000.0), ("2027", 3000.0)]
    assert card["geometry"]["type"] == "LineString"
    assert card["simulated"] is True


def test_a_measure_belongs_to_its_asset_and_type_only(small):
    assert [row["cost"] for row in asset_card(small.store, small.state, "source", "U1")["measures"]] == [
        500.0
    ]
    assert asset_card(small.store, small.state, "manhole", "A1")["measures"] == []


def test_fields_come_in_si_and_in_the_unit_an_official_writes(small):
    card = asset_card(small.store, small.state, "plant", "PL")
    fields = {row["name"]: row for row in card["fields"]}
    assert (fields["capacity"]["value"], fields["capacity"]["unit"]) == (2.0, "m³/s")
    assert fields["capacity"]["border"] == {"value": pytest.approx(172_800.0), "unit": "m³/d"}
    assert fields["bod_target"]["value"] is None
    assert fields["bod_target"]["border"] is None
    assert fields["kind"]["code_label"]["en"]
    assert len(card["findings"]) == 5
    orjson.dumps(card, option=orjson.OPT_SERIALIZE_NUMPY)


def test_a_switch_is_true_false_or_unknown(small):
    fields = {
        id_: {
            row["name"]: row["value"] for row in asset_card(small.store, small.state, "source", id_)["fields"]
        }
        for id_ in ("U1", "U5")
    }
    assert fields["U1"]["key_user"] is True
    assert fields["U5"]["key_user"] is False
    assert fields["U1"]["needs_permit"] is None


def test_the_history_names_who_and_why(small):
    (entry,) = asset_card(small.store, small.state, "manhole", "A1")["history"]
    assert (entry["who"], entry["why"]) == ("tester", "tables")


def test_a_bare_conduit_has_empty_places_and_no_error(bare):
    card = asset_card(bare.store, bare.state, "conduit", "c")
    assert card["grade"] is None
    assert card["inspection"] is None
    assert card["posterior"] is None
    assert (card["defects"], card["measures"], card["findings"]) == ([], [], [])
    assert card["geometry"] is None


def test_unknown_types_and_ids_are_named(small):
    with pytest.raises(UnknownType):
        asset_card(small.store, small.state, "sewer", "A1")
    with pytest.raises(UnknownAsset) as caught:
        asset_card(small.store, small.state, "conduit", "cA")
    assert caught.value.facts["nearest"] in {"cA1", "cA2"}
