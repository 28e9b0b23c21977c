"""Every method has a whole card, and the card is true."""

import importlib

import pytest

from wenqu.diagnosis.cards import card, cards
from wenqu.errors import UnknownMethod
from wenqu.network.schema import asset_type
from wenqu.units import FACTORS, quantities


@pytest.mark.parametrize("key", cards())
def test_a_card_speaks_both_languages_and_names_its_source(key):
    entry = cards()[key]
    for text in (
        entry.zh,
        entry.en,
        entry.asks_zh,
        entry.asks_en,
        entry.trust_zh,
        entry.trust_en,
        entry.source,
    ):
        assert text.strip()
    assert entry.formula.strip()
    assert any("\u4e00" <= sign <= "\u9fff" for sign in entry.zh + entry.asks_zh + entry.trust_zh)
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in entry.en + entry.asks_en + entry.trust_en)


@pytest.mark.parametrize("key", cards())
def test_the_function_of_a_card_can_be_called(key):
    module, _, name = cards()[key].function.partition(":")
    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("key", cards())
def test_the_inputs_of_a_card_exist(key):
    entry = cards()[key]
    assert set(entry.needs) <= quantities().keys()
    for use in entry.uses:
        type_, _, field = use.partition(".")
        assert asset_type(type_).field(field)


@pytest.mark.parametrize("key", cards())
def test_what_a_card_gives_has_an_si_unit(key):
    gives = cards()[key].gives
    assert gives
    for unit in gives.values():
        assert FACTORS[unit] == (unit, 1.0)


def test_an_unknown_method_names_the_known_ones():
    with pytest.raises(UnknownMethod) as caught:
        card("dowsing")
    assert "night_flow" in caught.value.facts["known"]
