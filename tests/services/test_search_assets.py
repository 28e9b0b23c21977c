"""Who searches finds the whole name first, then beginnings, then the rest."""

import pytest

from wenqu.services.search_assets import FOUND_AT_MOST, search_assets


def ids(city, words):
    return [row["id"] for row in search_assets(city.state, words)]


def test_whole_ids_come_first_then_beginnings_then_the_rest(small):
    # "A" is a zone; A1, A2 begin with it; cA1, cA2 hold it (plants, zones and sources before pipes)
    assert ids(small, "a") == ["A", "A1", "A2", "cA1", "cA2"]
    assert ids(small, "  a1 ") == ["A1", "cA1"]


def test_a_name_counts_as_much_as_an_id(small):
    assert ids(small, "甲厂") == ["PL"]
    assert ids(small, "甲") == ["PL", "Q1", "A", "A1"], "plant, meter, zone, then the rest"
    assert ids(small, "一") == ["A1"]


def test_a_hit_says_what_it_is_and_where(small):
    (plant,) = search_assets(small.state, "pl")
    assert plant["type"] == "plant"
    assert plant["label"]["zh"] == "污水处理厂"
    assert plant["at"] == pytest.approx([119.99, 28.65], abs=0.2)
    (meter,) = search_assets(small.state, "Q1")
    assert meter["at"] is None, "nobody said where it lies"


def test_nothing_is_found_for_nothing_and_never_more_than_thirty(small, bare):
    assert search_assets(small.state, "   ") == []
    assert search_assets(small.state, "nosuch") == []
    assert len(search_assets(small.state, "1")) <= FOUND_AT_MOST
    assert ids(bare, "m") == ["M1", "M2"]
