"""The state of a city is read once a version and shared."""

import threading

import numpy as np
import pytest

from wenqu.errors import UnknownCity
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, Network, assets
from wenqu.services import city_state
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


def same(one, other):
    """Tell whether two networks say the same, column by column and row by row."""
    assert (one.city, one.version, one.as_of) == (other.city, other.version, other.as_of)
    assert one.tables.keys() == other.tables.keys()
    for name, table in one.tables.items():
        fresh = other.tables[name]
        assert table.ids.tolist() == fresh.ids.tolist(), name
        for mine, theirs in ((table.fields, fresh.fields), (table.extra, fresh.extra)):
            assert mine.keys() == theirs.keys(), name
            for column, values in mine.items():
                assert values.dtype == theirs[column].dtype, column
                np.testing.assert_array_equal(values, theirs[column])
        np.testing.assert_array_equal(table.shapes.coords, fresh.shapes.coords)
        np.testing.assert_array_equal(table.shapes.parts, fresh.shapes.parts)
        np.testing.assert_array_equal(table.shapes.assets, fresh.shapes.assets)


def test_a_state_brought_up_to_date_is_the_state_read_afresh(store):
    known, chance = Cities(store), np.random.default_rng(3)
    known.state("x")
    for turn in range(30):
        with store.change("x", who="t", why=f"turn {turn}") as change:
            ids = [f"{'MAZ'[n % 3]}{n:03d}" for n in chance.choice(40, 6, replace=False)]
            points = Shapes.points(chance.random((6, 2)))
            given = {"ground_level": chance.choice([1.0, np.nan], 6), "owner": chance.choice([None, "甲"], 6)}
            extra = {"备注": chance.choice([None, "好"], 6)} if turn % 3 else {}
            change.put(assets("manhole", ids, given, points, extra))
            if turn % 4 == 1:
                change.put(assets("conduit", [f"C{turn}"], {"from_id": ["M"], "flap": [True]}))
            if turn % 4 == 3:
                change.close("conduit", [f"C{turn - 2}"])
                change.close("manhole", ids[:2])
            if turn == 20:
                change.put_city(City("x", "新名"))
        if chance.random() < 0.6:  # some changes at once, too
            same(known.state("x").network, store.network("x"))
    assert len(known.state("x").network.table("manhole")) > 20


def test_after_a_large_change_the_city_is_read_again(store, monkeypatch):
    known = Cities(store)
    known.state("x")
    monkeypatch.setattr(city_state, "FEW", 3)
    with store.change("x", who="t", why="t") as change:
        change.put(assets("manhole", [f"N{n}" for n in range(4)], {}))
    same(known.state("x").network, store.network("x"))
