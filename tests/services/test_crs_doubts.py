"""A file and a person name different systems, or nobody names one and it lies abroad: both are asked."""

import json

import numpy as np
import pytest
from pyproj import CRS
from shapely.geometry import LineString

from tests.network.formats.deliveries import delivered
from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES, say
from wenqu.network.grids import grid_from
from wenqu.network.model import City, Network
from wenqu.services.crs_doubts import disagreement
from wenqu.services.import_network import import_network
from wenqu.services.place_delivery import where_it_lies
from wenqu.services.read_files import How
from wenqu.services.recognise_delivery import recognise
from wenqu.services.stage_import import stage_import
from wenqu.store.database import open_store

WHO = {"who": "a tester", "why": "a test"}
PIPE = LineString([(500000, 3170000), (500010, 3170005)])
NEW = Network(City("new"), {})


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture(params=["shp", "gpkg", "fgb"])
def named(request, tmp_path):
    """Return a file that names EPSG:4550."""
    return delivered(tmp_path / f"管段.{request.param}", {"id": ["a"]}, [PIPE], crs="EPSG:4550")


def test_a_file_that_names_another_system_is_asked_about_with_both_places(store, named):
    with pytest.raises(BadInput, match="crs-disagrees") as asked:
        import_network(store, named, "S", crs="EPSG:4549", **WHO)
    facts = asked.value.facts
    assert (facts["named"], facts["given"]) == ("EPSG:4550", "EPSG:4549")
    assert (facts["east"], facts["given_east"]) == (
        pytest.approx(123, abs=0.01),
        pytest.approx(120, abs=0.01),
    )
    assert facts["apart"] == pytest.approx(293, abs=2)
    for language in LANGUAGES:
        assert "--overrule" in say(asked.value.key, language, **facts)
    with pytest.raises(BadInput, match="crs-disagrees"):
        stage_import(store, [named], "S", How(crs_of={named.name: "EPSG:4549"}))
    done = import_network(store, named, "S", crs="EPSG:4549", overrule=True, **WHO)
    assert done.city.crs == "EPSG:4549"
    assert "format.crs-overridden" in {issue.code for issue in done.issues}


def test_only_the_files_that_a_person_overruled_are(store, tmp_path):
    names = ("管段.gpkg", "管段.shp")
    paths = [delivered(tmp_path / name, {"id": [name]}, [PIPE], crs="EPSG:4550") for name in names]
    how = How(crs="EPSG:4549", overrule_of={names[0]})
    with pytest.raises(BadInput, match="crs-disagrees") as asked:
        stage_import(store, paths, "S", how)
    assert asked.value.facts["path"] == names[1]
    assert stage_import(store, paths[:1], "S", how).city.crs == "EPSG:4549"


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("EPSG:4548", "EPSG:4509"),  # 117° E, of the zone of 3° and of that of 6°: one projection
        ("EPSG:4549", "EPSG:4549"),
        ("", "EPSG:4549"),
    ],
)
def test_two_names_of_one_system_are_no_contradiction(named, said):
    assert disagreement(named, said, said, np.array([[500000.0, 3170000.0]])) is None


@pytest.mark.parametrize(
    ("named", "said", "crs"),
    [
        ("EPSG:4326", "EPSG:4490", "EPSG:4490"),
        ("EPSG:4326", "GCJ-02", "EPSG:4490"),  # no file can name a shifted map
        ("EPSG:3879", "EPSG:4326", "EPSG:4326"),  # degrees are not of a Finnish zone: the file must be wrong
    ],
)
def test_what_says_more_than_the_file_or_mends_it_is_no_contradiction(named, said, crs):
    assert disagreement(named, said, crs, np.array([[121.4, 28.6]])) is None


def test_xian_80_is_not_cgcs2000_although_the_same_numbers_lie_near_each_other():
    asked = disagreement("EPSG:2385", "EPSG:4549", "EPSG:4549", np.array([[500000.0, 3170000.0]]))
    assert asked is not None


def test_a_plan_or_an_own_grid_is_not_taken_for_what_a_file_names(store, named):
    with pytest.raises(BadInput, match="crs-plan-disagrees"):
        import_network(store, named, "S", crs="none", **WHO)
    grid = grid_from({"public": "EPSG:4550", "four": {"dx": 480000, "dy": 0, "rotation": 0, "scale": 1}})
    with pytest.raises(BadInput, match="crs-disagrees") as asked:
        stage_import(store, [named], "S", How(grid=grid))
    assert asked.value.facts["east"] == pytest.approx(123, abs=0.01)  # by the file, not moved by the grid


def test_a_prj_beside_a_model_speaks_for_it(store, tmp_path):
    model = tmp_path / "model.inp"
    model.write_text("[JUNCTIONS]\nJ1 2 3\nJ2 1 3\n[CONDUITS]\nC1 J1 J2 50 0.013 0 0\n"
                     "[XSECTIONS]\nC1 CIRCULAR 0.3 0 0 0\n"
                     "[COORDINATES]\nJ1 500000 3170000\nJ2 500050 3170000\n")  # fmt: skip
    model.with_suffix(".prj").write_text(CRS("EPSG:4550").to_wkt("WKT1_ESRI"))
    with pytest.raises(BadInput, match="crs-disagrees"):
        import_network(store, model, "S", crs="EPSG:4549", **WHO)
    assert import_network(store, model, "S", crs="EPSG:4550", **WHO).city.crs == "EPSG:4550"


def test_the_page_is_told_which_files_say_otherwise_and_where_they_would_lie(store, named):
    lies = where_it_lies(store, NEW, [named], {}, "EPSG:4549", None)
    (other,) = lies["disagree"]
    assert (other["file"], other["named"]) == (named.name, "EPSG:4550")
    assert other["apart"] == pytest.approx(293, abs=2)
    assert where_it_lies(store, NEW, [named], {}, "EPSG:4550", None)["disagree"] == []
    assert where_it_lies(store, NEW, [named], {}, "none", None)["disagree"][0]["apart"] is None


def geojson(path, *places):
    features = [
        {"type": "Feature", "properties": {"编号": f"{path.stem}{n}", "井底高程": 2.0, "地面高程": 4.0},
         "geometry": {"type": "Point", "coordinates": at}}
        for n, at in enumerate(places)
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


@pytest.mark.parametrize("at", [(10.4, 55.4), (60.0, 20.0)])  # Denmark; a plan of small numbers
def test_degrees_abroad_that_nobody_named_are_asked_about(store, tmp_path, at):
    path = geojson(tmp_path / "井.geojson", at, (at[0] + 0.01, at[1]))
    with pytest.raises(BadInput, match="crs-abroad") as asked:
        import_network(store, path, "S", **WHO)
    for language in LANGUAGES:
        assert f"{at[0]:.4f}" in say(asked.value.key, language, **asked.value.facts)
    (file,) = recognise(store, NEW, [path], {}, None)
    assert file["crs"]["named"] == ""
    assert [one["crs"] for one in file["crs"]["candidates"]] == ["EPSG:4326"]
    assert import_network(store, path, "S", crs="EPSG:4326", **WHO).city.crs == "EPSG:4326"
    second = geojson(tmp_path / "again.geojson", (at[0] + 0.02, at[1]))  # beside what is there already
    assert import_network(store, second, "S", **WHO).counts == {"manhole": 1}


def test_degrees_in_china_are_those_of_the_format(store, tmp_path):
    path = geojson(tmp_path / "井.geojson", (121.43, 28.65))
    assert import_network(store, path, "S", **WHO).city.crs == "EPSG:4326"


def test_metres_without_a_system_are_asked_about_in_a_geojson_and_what_is_said_contradicts_nothing(
    store, tmp_path
):
    path = geojson(tmp_path / "井.geojson", (500000, 3170000))
    with pytest.raises(BadInput, match="no-crs"):
        import_network(store, path, "S", **WHO)
    done = import_network(store, path, "S", crs="EPSG:4549", **WHO)
    assert "format.crs-overridden" not in {issue.code for issue in done.issues}
