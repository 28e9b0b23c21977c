"""The state of a city is read once a version and shared."""

import threading

import numpy as np
import pytest

from wenqu.errors import UnknownCity
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.services.city_state import KEPT, NOWHERE, Cities, CityState
from wenqu.store.database import open_store


@pytest.fixture
def store(tmp_path):
    opened = open_store(str(tmp_path))
    with opened.change("x", who="t", why="t") as change:
        change.put_city(City("x"))
        change.put(assets("manhole", ["M"], {}))
    yield opened
    opened.close()


def test_a_state_is_kept_until_the_city_changes(store):
    known = Cities(store)
    first = known.state("x")
    assert known.state("x") is first
    assert known.state("x", "2030-01-01") is not first
    with store.change("x", who="t", why="more") as change:
        change.put(assets("manhole", ["N"], {}))
    second = known.state("x")
    assert second is not first
    assert second.network.table("manhole").ids.tolist() == ["M", "N"]


def test_no_more_than_a_few_states_stay_in_memory(store):
    known = Cities(store)
    for year in range(2030, 2040):
        known.state("x", f"{year}-01-01")
    assert len(known._kept) == KEPT


def test_an_unknown_city_is_refused(store):
    with pytest.raises(UnknownCity):
        Cities(store).state("nowhere")


def test_what_is_made_once_is_made_once_however_many_ask(small):
    state, made = CityState(small.state.network), []

    def slow():
        made.append(1)
        return object()

    found = []
    threads = [threading.Thread(target=lambda: found.append(state.once("it", slow))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len({id(entry) for entry in found}) == 1


def test_bounds_are_degrees_around_everything_that_is_drawn(small):
    west, south, east, north = small.state.bounds
    # 1000 m at 28.65° north: 0.00898° of latitude, 0.01023° of longitude
    assert east - west == pytest.approx(0.01023, rel=0.01)
    assert north - south == pytest.approx(0.00902, rel=0.01)
    assert west == pytest.approx(119.99, abs=0.01)


def test_a_city_that_lies_nowhere_is_shown_around_zero(bare):
    assert bare.state.bounds == NOWHERE
    beyond = Shapes.points(np.array([[1e9, 1e9]]))
    far = CityState(Network(City("x", crs="EPSG:4549"), {"manhole": assets("manhole", ["M"], {}, beyond)}))
    bounds = far.bounds
    assert all(np.isfinite(bounds))
