"""A million places come to the map as PROJ would bring them, and by PROJ where nothing simpler will do."""

import numpy as np
import pytest

from wenqu.network.quick_places import MANY, NEAR, quickly
from wenqu.services.city_state import transformed


def counted(crs="EPSG:4549"):
    asked = []

    def turn(coords):
        asked.append(len(coords))
        return transformed(coords, crs, "EPSG:3857")

    return turn, asked


def city(side, size=MANY + 5):
    return np.array([500_000.0, 3_170_000.0]) + np.random.default_rng(1).uniform(-side, side, (size, 2))


@pytest.mark.parametrize("side", [0.0, 500.0, 30_000.0, 100_000.0])
def test_the_places_of_a_city_are_where_proj_says(side):
    turn, asked = counted()
    coords = city(side)
    made = quickly(turn, coords)
    assert sum(asked) < MANY / 10
    assert np.abs(made - transformed(coords, "EPSG:4549", "EPSG:3857")).max() <= NEAR


def test_a_place_far_astray_sends_all_through_proj():
    turn, asked = counted()
    coords = city(20_000.0)
    coords[7] = [3_000_000.0, 9_000_000.0]
    assert np.array_equal(quickly(turn, coords), transformed(coords, "EPSG:4549", "EPSG:3857"))
    assert len(coords) in asked


@pytest.mark.parametrize("strange", [np.nan, np.inf])
def test_places_that_are_none_go_through_proj(strange):
    turn, asked = counted()
    coords = city(20_000.0)
    coords[7, 1] = strange
    quickly(turn, coords)
    assert asked == [len(coords)]


def test_few_places_go_through_proj():
    turn, asked = counted()
    quickly(turn, city(10_000.0, 100))
    assert asked == [100]


def test_a_grid_with_a_step_goes_through_proj():
    def stepped(coords):
        return coords + np.where(coords[:, :1] > 500_000.0, 0.5, 0.0)

    coords = city(10_000.0)
    assert np.array_equal(quickly(stepped, coords), stepped(coords))


def test_threads_turn_places_as_one_does(monkeypatch):
    coords = city(30_000.0)
    whole = transformed(coords, "EPSG:4549", "EPSG:4326")
    monkeypatch.setattr("wenqu.services.city_state.AT_ONCE", 1000)
    assert np.array_equal(transformed(coords, "EPSG:4549", "EPSG:4326"), whole)
