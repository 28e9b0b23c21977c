"""Blank areas by hand: a sewer of 100 m along y = 0, and places at known distances from it."""

import math

import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from tests.network.formats.deliveries import delivered
from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES, say
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.network.within_reach import clusters, first_year_within
from wenqu.records.blank_area import BlankArea, Premises
from wenqu.services.blank_areas import blank_answer, file_blank_areas
from wenqu.services.city_state import CityState
from wenqu.services.export_blank import export_blank
from wenqu.services.premises_files import read_premises
from wenqu.services.served_places import file_premises
from wenqu.store.database import open_store

AT = np.array([[50, 49], [50, 51], [160, 0], [500, 500], [560, 500], [50, 60]], dtype=float)


@pytest.fixture
def store(tmp_path):
    made = open_store(str(tmp_path / "store"))
    line = np.array([[0, 0], [100, 0], [480, 440], [480, 500]], dtype=float)
    square = np.array([[400, 400], [700, 400], [700, 700], [400, 700], [400, 400]], dtype=float)
    with made.change("b", who="tester", why="tables") as change:
        change.put_city(City("b"))
        change.put(assets("manhole", ["a"], {}))
        pipes = {"system": ["sanitary", "storm"], "year": [2010, None], "status": ["in_use", None]}
        change.put(assets("conduit", ["c", "s"], pipes, Shapes.lines(line, np.array([0, 2, 4]))))
        change.put(assets("zone", ["Z"], {"kind": ["district"]}, Shapes.lines(square, np.array([0, 5]))))
        columns = {
            "population": [1, 10, 100, 1000, 2000, 7],
            "water_use": [0.001] * 6,
            "return_ratio": [1.0] * 6,
            "connects_to": [None, None, None, None, None, "a"],
        }
        change.put(assets("source", list("123456"), columns, Shapes.points(AT)))
    yield made
    made.close()


def state_of(store):
    return CityState(store.network("b"))


def test_places_beyond_the_reach_of_sewage_pipes_are_blank_and_close_ones_make_one_area(store):
    found = blank_answer(store, state_of(store))
    # 1 lies 49 m off; 6 is connected; 2 and 3 lie 51 and 60 m off; 4 and 5 stand by a storm sewer
    assert found["totals"]["blank_premises"] == 4
    assert found["totals"]["blank_people"] == 3110
    assert found["totals"]["blank_sewage_m3_s"] == pytest.approx(0.004)
    assert [(area["premises"], area["people"], area["district"]) for area in found["areas"]] == [
        (2, 3000, "Z"),
        (2, 110, None),
    ]
    assert found["unjoined"] == {"premises": 1, "people": 1.0}
    # two circles of 50 m, 60 m apart: 2·π·50² less their lens
    lens = 2 * 50**2 * math.acos(30 / 50) - 0.5 * 60 * math.sqrt(4 * 50**2 - 60**2)
    assert found["areas"][0]["area_m2"] == pytest.approx(2 * math.pi * 50**2 - lens, rel=0.03)
    assert found["areas"][1]["distance_m"] == pytest.approx(60.0, abs=10.0)
    assert len(found["geometry"]["features"]) == 2


def test_a_longer_reach_serves_more(store):
    assert blank_answer(store, state_of(store), 61.0)["totals"]["blank_premises"] == 2


def test_before_the_pipe_was_built_all_was_blank(store):
    rows = {row["year"]: row for row in blank_answer(store, state_of(store))["history"]}
    assert rows[2009]["people"] == 3111  # 6 is connected, and no pipe in reach of it says since when
    assert rows[max(rows)]["people"] == 3110


def test_it_shrinks_as_pipes_are_built_and_as_of_looks_back(store):
    before = store.network("b").version
    line = np.array([[450, 490], [600, 490]], dtype=float)
    with store.change("b", who="tester", why="built") as change:
        change.put(assets("conduit", ["n"], {"system": ["combined"]}, Shapes.lines(line, np.array([0, 2]))))
    assert store.network("b").version > before
    assert blank_answer(store, state_of(store))["totals"]["blank_people"] == 110


def test_villages_with_a_facility_are_no_blank_area(store):
    with store.change("b", who="tester", why="villages") as change:
        columns = {"population": [100, 300], "treatment": ["own_facility", "none"],
                   "households": [30, 100], "connected_households": [None, 25]}  # fmt: skip
        change.put(assets("village", ["v", "w"], columns, Shapes.points(np.array([[5e3, 0], [9e3, 0.0]]))))
    found = blank_answer(store, state_of(store))
    assert found["totals"]["blank_people"] == 3110 + 225  # a quarter of its households is connected
    sewage = 0.004 + 225 * 0.15 / 86400 * 0.85
    assert found["totals"]["blank_sewage_m3_s"] == pytest.approx(sewage, rel=1e-4)


def test_a_population_grid_is_read_filed_and_asked(store, tmp_path):
    file = tmp_path / "格网.csv"
    file.write_bytes("编号,x,y,人口,用水量\n甲,50,20,5,\n乙,900,900,40,8.64\n".encode("gb18030"))
    given = file_premises(store, "b", file, "EPSG:4549", who="tester")
    assert given.ids == ("甲", "乙")
    found = blank_answer(store, state_of(store), name="格网.csv")
    assert found["source"] == "格网.csv"
    assert (found["totals"]["blank_premises"], found["totals"]["blank_people"]) == (1, 40)
    assert found["totals"]["blank_sewage_m3_s"] == pytest.approx(1e-4)
    with pytest.raises(BadInput, match="no-premises"):
        blank_answer(store, state_of(store), name="other.csv")


def test_buildings_come_from_polygons_and_a_list_without_places_says_so(store, tmp_path):
    file = tmp_path / "houses.geojson"
    square = shapely.box(890, 890, 910, 910)
    file.write_text(
        '{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4549"}},"features":'
        f'[{{"type":"Feature","properties":{{"people":3}},"geometry":{shapely.to_geojson(square)}}}]}}'
    )
    made = file_premises(store, "b", file, who="tester")
    assert (made.x, made.y, made.people) == ((900.0,), (900.0,), (3.0,))
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="premises-columns"):
        file_premises(store, "b", bad, "EPSG:4549", who="tester")
    good = tmp_path / "good.csv"
    good.write_text("x,y\n1,2\n")
    with pytest.raises(BadInput, match="no-crs"):
        file_premises(store, "b", good, who="tester")


def test_areas_are_exported_and_filed(store, tmp_path):
    state = state_of(store)
    rows = export_blank(store, state, "csv", "en").decode("utf-8-sig").splitlines()
    assert rows[1].startswith("KB001,Z,2,3000,172.8,")
    assert export_blank(store, state, "xlsx", "zh")[:2] == b"PK"
    file = tmp_path / "blank.gpkg"
    file.write_bytes(export_blank(store, state, "gpkg"))
    meta, _, shapes, _ = pyogrio.raw.read(file)
    assert list(meta["fields"])[:3] == ["id", "district", "premises"]
    assert shapely.area(shapely.from_wkb(shapes)).min() > 5000
    assert len(file_blank_areas(store, "b", who="tester")) == 2
    assert store.records("b", "blank_area", BlankArea)[0].people == 3000


steps = st.integers(0, 4000).map(lambda step: step / 10)
coordinates = st.tuples(steps, steps)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(coordinates, min_size=1, max_size=20),
    st.lists(st.lists(coordinates, min_size=2, max_size=4), min_size=1, max_size=8),
    st.floats(5, 120),
)
def test_what_is_within_reach_is_what_shapely_says(places, lines, reach):
    at = np.array(places)
    sizes = [0, *np.cumsum([len(line) for line in lines])]
    shapes = Shapes.lines(np.array([point for line in lines for point in line]), np.array(sizes))
    years = np.arange(2000.0, 2000.0 + len(lines))
    found = first_year_within(at, shapes, years, reach)
    for place, year in zip(shapely.points(at), found, strict=True):
        with np.errstate(invalid="ignore"):  # a line of no length makes GEOS raise a flag, not a wrong answer
            distances = np.array([shapely.distance(place, shapely.linestrings(line)) for line in lines])
        if np.abs(distances - reach).min() < 1e-6:
            continue
        near = years[distances < reach]
        assert np.isnan(year) if not len(near) else year == near.min()


def test_places_join_through_touching_cells_only():
    label = clusters(np.array([[0.0, 0.0], [90.0, 0.0], [1000.0, 0.0]]), 100.0)
    assert label[0] == label[1] != label[2]


def test_a_workbook_of_a_survey_firm_is_read_with_its_northings_units_and_empty_places(store, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (
        ("户号", "X", "Y", "人数", "用水量（m³/h）"),
        ("甲", 3_171_000.0, 499_000.0, 3, 3.6),
        ("乙", "不详", 499_010.0, "", ""),
    ):
        sheet.append(row)
    book.save(tmp_path / "用水户.xlsx")
    read = read_premises(tmp_path / "用水户.xlsx", "EPSG:4549", "EPSG:4549")
    assert (read.ids, read.swapped, read.crs) == (("甲", "乙"), True, "EPSG:4549")
    assert read.where[0].tolist() == [499_000.0, 3_171_000.0]
    assert np.isnan(read.where[1]).any()
    assert read.people[0] == 3
    assert read.flow[0] == pytest.approx(0.001)
    assert np.isnan([read.people[1], read.flow[1]]).all()


def test_a_list_from_a_shifted_map_is_put_where_it_lies(tmp_path):
    file = tmp_path / "poi.csv"
    file.write_text("name,lon,lat\nA,121.42,28.65\n")
    plain, shifted = (read_premises(file, crs, "EPSG:4326").where[0] for crs in ("", "GCJ-02"))
    assert plain.tolist() == [121.42, 28.65]
    assert 200 < np.hypot(*((plain - shifted) * (98_000, 111_000))) < 800


def test_a_list_that_names_another_system_than_the_person_is_asked_about_and_may_be_overruled(
    store, tmp_path
):
    file = delivered(tmp_path / "房屋.gpkg", {"id": ["甲"]}, [Point(500_000, 3_170_000)], crs="EPSG:4550")
    with pytest.raises(BadInput, match="premises-crs-disagrees") as asked:
        file_premises(store, "b", file, "EPSG:4549", who="t")
    assert (asked.value.facts["named"], asked.value.facts["given"]) == ("EPSG:4550", "EPSG:4549")
    assert asked.value.facts["apart"] == pytest.approx(293, abs=2)
    for language in LANGUAGES:
        assert "EPSG:4550" in say(asked.value.key, language, **asked.value.facts)
    assert store.records("b", "premises", Premises) == []
    assert file_premises(store, "b", file, "EPSG:4549", overrule=True, who="t").read_in == "EPSG:4549"
    assert file_premises(store, "b", file, who="t").read_in == "EPSG:4550"


@pytest.mark.parametrize(
    ("crs", "text"), [("EPSG:4490", "x,y\n500000,3170000\n"), ("", "lon,lat\n5e5,3e6\n")]
)
def test_numbers_that_a_system_cannot_hold_are_refused_not_placed_nowhere(tmp_path, crs, text):
    file = tmp_path / "users.csv"
    file.write_text(text)
    with pytest.raises(BadInput, match="crs-beyond"):
        read_premises(file, crs, "EPSG:4549")


def test_two_layers_of_one_file_each_lie_where_their_own_system_says(tmp_path):
    file = tmp_path / "房屋.gpkg"
    for layer, crs, x in (("a", "EPSG:4549", 500_000.0), ("b", "EPSG:4326", 120.0)):
        y = 3_170_000.0 if x > 180 else 28.6457
        delivered(file, {"id": [layer]}, [Point(x, y)], crs, layer=layer, append=layer == "b")
    read = read_premises(file, "", "EPSG:4549")
    assert np.ptp(read.where, axis=0).max() < 200  # [m]
    assert read.crs == "EPSG:4549, EPSG:4326"
