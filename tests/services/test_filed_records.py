"""What was filed is read once for each state, as of the state's moment."""

from dataclasses import replace

from wenqu.services.city_state import CityState
from wenqu.services.filed_records import findings, first_seen, grades, inspections, posterior, programme


def test_records_of_the_small_city(small):
    assert inspections(small.store, small.state)["cA1"].id == "i2"
    assert first_seen(small.store, small.state)["cA1"] == "2024-01-10"
    assert set(grades(small.store, small.state)) == {"cA1", "cB1", "cS"}
    assert programme(small.store, small.state).id == "p1"
    assert posterior(small.store, small.state).ids.tolist() == ["cA1", "cB1"]


def test_they_are_read_once_a_state(small):
    assert findings(small.store, small.state) is findings(small.store, small.state)
    other = CityState(small.state.network)
    assert findings(small.store, other) is not findings(small.store, small.state)


def test_before_a_record_was_made_there_is_none(small):
    past = CityState(replace(small.state.network, as_of="2001-01-01T23:59:59.999999"))
    assert findings(small.store, past) == []
    assert grades(small.store, past) == {}
    assert inspections(small.store, past) == {}
    assert programme(small.store, past) is None
    assert posterior(small.store, past) is None


def test_a_bare_city_has_filed_nothing(bare):
    assert findings(bare.store, bare.state) == []
    assert first_seen(bare.store, bare.state) == {}
    assert programme(bare.store, bare.state) is None
    assert posterior(bare.store, bare.state) is None
