"""Polygons of districts enter as zones, mended and under their present codes."""

import json

import pytest
import shapely

from wenqu.network.formats.registry import format_of
from wenqu.network.geometry import geometries_from

BOW = [[121.0, 28.0], [121.1, 28.1], [121.1, 28.0], [121.0, 28.1], [121.0, 28.0]]
SQUARE = [[121.2, 28.0], [121.3, 28.0], [121.3, 28.1], [121.2, 28.1], [121.2, 28.0]]


def written(path, entries):
    features = [
        {"type": "Feature", "properties": about, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for about, ring in entries
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def read(path):
    return format_of(path).read(path)


def found(reading, code):
    return [issue for issue in reading.issues if issue.code == code]


def test_an_old_code_becomes_the_present_one_and_a_crossed_ring_two_triangles(tmp_path):
    entries = [({"adcode": 331021, "name": "玉环县"}, BOW), ({"adcode": 331081, "name": "温岭市"}, SQUARE)]
    reading = read(written(tmp_path / "331000.geojson", entries))
    zones = reading.tables["zone"]
    assert reading.crs == "EPSG:4326"
    assert list(zones.ids) == ["331083", "331081"]
    assert list(zones.fields["kind"]) == ["district", "district"]
    assert list(zones.fields["code"]) == ["331083", "331081"]
    assert found(reading, "format.changed-code")[0].facts["old"] == "331021"
    [mended] = found(reading, "format.shape-mended")
    assert mended.asset == "331083"
    assert mended.facts["after"] == pytest.approx(54.5, rel=0.01)  # half of 9.83 km by 11.08 km
    assert shapely.is_valid(geometries_from(zones.shapes, "polygon")).all()


def test_catchments_with_numbers_of_six_digits_are_no_districts(tmp_path):
    path = written(tmp_path / "catchments.geojson", [({"id": "331021", "name": "S1"}, SQUARE)])
    assert list(read(path).tables["catchment"].ids) == ["331021"]


def test_taizhou_enters_with_nine_valid_districts(shared_data):
    reading = read(shared_data / "taizhou-admin" / "taizhou_districts.geojson")
    zones = reading.tables["zone"]
    assert len(zones) == 9
    assert "331083" in zones.ids
    assert "331021" not in zones.ids
    assert len(found(reading, "format.changed-code")) == 1
    assert len(found(reading, "format.shape-mended")) == 9
    assert shapely.is_valid(geometries_from(zones.shapes, "polygon")).all()
