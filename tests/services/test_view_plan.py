"""The programme as the page shows it."""

import pytest

from wenqu.errors import NotEnoughData
from wenqu.services.view_plan import view_plan


def test_a_programme_is_told_year_by_year(small):
    made = view_plan(small.store, small.state)
    assert (made["cost"], made["bound"], made["status"]) == (4500.0, 4400.0, "proved")
    first, second = made["years"]
    assert (first["window"], first["count"], first["cost"], first["length_m"]) == ("2026", 1, 1000.0, 5.0)
    assert (second["count"], second["cost"], second["length_m"]) == (2, 3500.0, 300.0)
    assert second["by_method"] == {"a_method_of_the_city": 3000.0, "spot_repair": 500.0}
    assert second["counts"] == {"a_method_of_the_city": 1, "spot_repair": 1}
    assert sum(year["cost"] for year in made["years"]) == made["cost"]


def test_the_outlook_is_in_the_units_of_an_official(small):
    first, second = view_plan(small.store, small.state)["outlook"]
    assert (first["name"], first["meets"], second["meets"]) == ("甲厂", False, True)
    assert first["concentration"] == pytest.approx(100.0)
    assert first["flow"] == pytest.approx(86400.0)
    assert first["load"] == pytest.approx(0.1 * 86400)


def test_a_method_has_its_name_or_is_called_by_its_key(small):
    one, two, _ = view_plan(small.store, small.state)["measures"]
    assert one["method_name"]["en"] == "spot repair by patch liner or steel sleeve"
    assert two["method_name"] == {"zh": "a_method_of_the_city", "en": "a_method_of_the_city"}
    assert one["flow_removed"] == pytest.approx(86.4)
    assert one["load_gained"] == pytest.approx(172.8)


def test_rules_and_prices_say_what_they_are(small):
    made = view_plan(small.store, small.state)
    assert made["rules"] == {"budget": {"2026": 1e6}}
    assert made["catalogue_status"] == "default"
    assert made["simulated"] is True


def test_a_city_without_a_programme_says_so(bare):
    with pytest.raises(NotEnoughData, match="no-programme"):
        view_plan(bare.store, bare.state)
