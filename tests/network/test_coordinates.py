"""Shifted maps, city grids and the evidence for an unknown coordinate system."""

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES, say
from wenqu.network.crs_candidates import crs_candidates, zone_of_easting, zones
from wenqu.network.grids import FourParameters, Grid, SevenParameters, grid_from, grid_text
from wenqu.network.shifted_maps import (
    bd09_from_gcj02,
    bd09_from_wgs84,
    gcj02_from_wgs84,
    shifted_name,
    wgs84_from_bd09,
    wgs84_from_gcj02,
)

# Published with eviltransform (MIT): WGS 84 → GCJ-02 as latitude, longitude.
PUBLISHED = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]
METRE = 1 / 111_320  # [degree]


@pytest.mark.parametrize(("true", "shifted"), PUBLISHED)
def test_gcj02_agrees_with_the_published_points_in_both_directions(true, shifted):
    wgs, gcj = np.array([true[::-1]]), np.array([shifted[::-1]])
    np.testing.assert_allclose(gcj02_from_wgs84(wgs), gcj, atol=1e-6)
    np.testing.assert_allclose(wgs84_from_gcj02(gcj), wgs, atol=0.5 * METRE)


def test_bd09_agrees_with_a_point_on_both_maps():
    # Beijing railway station on both maps, to the fifth decimal.
    station = bd09_from_gcj02(np.array([[116.42703, 39.90245]]))
    np.testing.assert_allclose(station, [[116.43351, 39.90851]], atol=1e-5)
    # eviltransform's BD-09 points were made with π where Baidu has 3000π/180: about 10 m beside the truth.
    made = wgs84_from_bd09(np.array([[120.019809, 29.199786]]))
    np.testing.assert_allclose(made, [[120.00877901149691, 29.196131605295484]], atol=12 * METRE)


points = st.tuples(st.floats(74, 135), st.floats(4, 53))


@given(st.lists(points, min_size=1, max_size=20))
@settings(max_examples=60)
def test_there_and_back_moves_nothing_by_half_a_metre(places):
    wgs = np.array(places)
    assert np.abs(wgs84_from_gcj02(gcj02_from_wgs84(wgs)) - wgs).max() < 0.001 * METRE
    assert np.abs(wgs84_from_bd09(bd09_from_wgs84(wgs)) - wgs).max() < 0.001 * METRE


def test_points_outside_china_pass_through():
    abroad = np.array([[10.4, 55.4], [139.7, 35.7], [-74.0, 40.7]])
    for turn in (gcj02_from_wgs84, wgs84_from_gcj02, bd09_from_wgs84, wgs84_from_bd09):
        np.testing.assert_array_equal(turn(abroad), abroad)
    assert gcj02_from_wgs84(np.empty((0, 2))).shape == (0, 2)


def test_names_of_shifted_maps_are_known_however_spelt():
    assert [shifted_name(name) for name in ("gcj02", "GCJ-02", "bd-09", "BD09LL", "EPSG:4326")] == [
        "GCJ-02", "GCJ-02", "BD-09", "BD-09", "",
    ]  # fmt: skip


def test_the_table_of_zones_is_that_of_epsg():
    assert len(zones()) == 64
    for zone in zones():
        operation = CRS(zone.crs).coordinate_operation
        about = {entry.name: entry.value for entry in operation.params}
        expected = 5e5 + (zone.number * 1e6 if zone.prefixed else 0)
        assert about["Longitude of natural origin"] == zone.meridian
        assert about["False easting"] == expected
        assert CRS(zone.crs).datum.name == "China 2000"


def test_a_zone_number_before_the_easting_is_recognised():
    assert zone_of_easting(40_643_210).crs == "EPSG:4528"
    assert zone_of_easting(21_343_210).crs == "EPSG:4499"
    assert zone_of_easting(643_210) is None
    assert zone_of_easting(99_643_210) is None


def test_numbers_without_a_zone_number_are_shown_where_each_meridian_would_put_them():
    east, north = Transformer.from_crs("EPSG:4490", "EPSG:4549", always_xy=True).transform(121.4, 28.65)
    found = crs_candidates(np.array([[east, north]]), near=(121.42, 28.66))
    assert found[0].crs == "EPSG:4549"
    assert (found[0].west, found[0].south) == (pytest.approx(121.4, abs=1e-6), pytest.approx(28.65, abs=1e-6))
    assert len(found) > 5  # nothing is decided
    assert not found[0].swapped
    swapped = crs_candidates(np.array([[north, east + 40e6]]))
    assert [(one.crs, one.swapped, one.why) for one in swapped] == [("EPSG:4528", True, "zone-number")]
    for one in found + swapped:
        for language in LANGUAGES:
            assert say(f"coordinates.{one.why}", language, **one.facts)


def test_degrees_may_be_true_or_of_a_shifted_map():
    found = crs_candidates(np.array([[121.4, 28.6]]))
    assert {one.crs for one in found} == {"EPSG:4490", "EPSG:4326", "GCJ-02", "BD-09"}
    turned = crs_candidates(np.array([[28.6, 121.4]]))
    assert all(one.swapped for one in turned)
    assert [one.crs for one in crs_candidates(np.array([[10.4, 55.4]]))] == ["EPSG:4326"]
    assert crs_candidates(np.array([[123.0, 456.0]])) == []
    assert crs_candidates(np.array([[np.nan, 1.0]])) == []


def test_four_parameters_turn_stretch_and_shift():
    four = FourParameters(dx=100.0, dy=-50.0, rotation=np.pi / 2, scale=2.0)
    np.testing.assert_allclose(four.forward(np.array([[1.0, 0.0]])), [[100.0, -48.0]])
    grid = Grid("EPSG:4549", four=four)
    places = np.array([[12.5, 7.25], [1e5, 2e5]])
    np.testing.assert_allclose(grid.from_public(grid.to_public(places)), places, atol=1e-9)


def test_seven_parameters_agree_with_proj_and_come_back():
    proj = "+proj=tmerc +lon_0=120 +k=1 +x_0=500000 +ellps=krass +units=m"
    grid = Grid("EPSG:4549", proj, seven=SevenParameters(10, -20, 30, 1, 2, 3, 1.5))
    places = np.array([[500000.0, 3.0e6], [501000.0, 3.1e6]])
    made = grid.to_public(places)
    other = Transformer.from_crs(
        f"{proj} +towgs84=10,-20,30,1,2,3,1.5 +type=crs",
        "+proj=tmerc +lon_0=120 +k=1 +x_0=500000 +datum=WGS84 +units=m +type=crs",
        always_xy=True,
    )
    np.testing.assert_allclose(made, np.column_stack(other.transform(*places.T)), atol=2e-3)
    np.testing.assert_allclose(grid.from_public(made), places, atol=1e-3)


def test_a_projection_alone_makes_a_grid_and_is_kept_as_text():
    grid = Grid("EPSG:4549", "+proj=tmerc +lon_0=121.4 +k=1 +x_0=50000 +y_0=-3000000 +ellps=GRS80 +units=m")
    back = grid_from(orjson.loads(grid_text(grid)))
    places = np.array([[50000.0, 170000.0]])
    np.testing.assert_allclose(back.to_public(places), grid.to_public(places))
    lon, lat = Transformer.from_crs("EPSG:4549", "EPSG:4490", always_xy=True).transform(
        *back.to_public(places)[0]
    )
    assert lon == pytest.approx(121.4, abs=1e-7)
    assert 28 < lat < 29


@pytest.mark.parametrize(
    "made",
    [None, {}, {"public": "EPSG:4549"}, {"public": "EPSG:4549", "four": {"dx": 1}},
     {"public": "EPSG:no", "proj": "x"}, {"public": "EPSG:4490", "proj": "+proj=tmerc +ellps=krass",
      "seven": {"dx": 0, "dy": 0, "dz": 0, "rx": 0, "ry": 0, "rz": 0, "ppm": 0}}],
)  # fmt: skip
def test_parameters_that_are_no_grid_are_refused_in_a_sentence(made):
    with pytest.raises(BadInput) as caught:
        grid_from(made)
    for language in LANGUAGES:
        assert "EPSG:4549" in say(caught.value.key, language, **caught.value.facts)
