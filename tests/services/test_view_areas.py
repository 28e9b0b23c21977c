"""Areas between meters as the page shows them."""

import numpy as np
import pytest

from tests.services.test_diagnose_city import CODE, TRUTH, fill, network, readings
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import conduit_facts
from wenqu.services.diagnose_city import diagnose_city
from wenqu.services.view_areas import WATERS, view_areas
from wenqu.store.database import open_store


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    store = open_store(str(tmp_path_factory.mktemp("store")))
    fill(store, network(), readings(np.random.default_rng(8)))
    before = view_areas(store, CityState(store.network(CODE)))
    diagnose_city(store, CODE, who="test")
    state = CityState(store.network(CODE))
    yield before, view_areas(store, state), conduit_facts(store, state), state
    store.close()


def test_a_city_never_diagnosed_has_no_area_and_no_error(told):
    before, *_ = told
    assert before["areas"] == []
    assert before["outside"] == {"conduits": 0, "length": 0.0}


def test_every_area_has_its_waters_in_cubic_metres_a_day_and_its_length(told):
    _, found, _, _ = told
    areas = {area["id"]: area for area in found["areas"]}
    assert areas.keys() == {"MA", "MB", "MC", "P"}
    assert areas["MA"]["conduits"] == 20
    assert areas["MA"]["length"] == pytest.approx(1.0)  # [km]
    for branch, (_, _, ground, river) in TRUTH.items():
        waters = areas[f"M{branch}"]["waters"]
        assert set(WATERS) < set(waters)
        extraneous = waters["extraneous"]
        assert extraneous["low"] <= 86400 * (ground + river) <= extraneous["high"]
        assert 0 < extraneous["data_share"] <= 1


def test_evidence_is_named_once_and_meters_are_told_their_fit(told):
    _, found, _, _ = told
    assert {"id": "MA", "type": "meter", "quantity": "flow"} in found["series"]
    assert len({(one["id"], one["quantity"]) for one in found["series"]}) == len(found["series"])
    assert any(one.endswith("sewage:sources") for one in found["tables"])
    assert not any(area["meter"]["contradicts"] for area in found["areas"])


def test_the_tiles_carry_the_area_of_a_conduit_and_how_sure_it_is(told):
    _, _, facts, state = told
    row = list(state.network.table("conduit").ids).index("cB10")
    assert facts.meter_area[row] == "MB"
    assert 0 < facts.sureness[row] < 1
