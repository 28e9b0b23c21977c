"""Files that were written are read back as they were."""

import sqlite3

import orjson
import pytest

from tests.network.formats.deliveries import codes, read, same, sample
from wenqu.errors import Refused
from wenqu.network.formats.registry import format_of
from wenqu.network.formats.writing import reprojected
from wenqu.network.model import City, Network


def test_a_geopackage_gives_back_what_was_written(tmp_path):
    network = sample()
    path = tmp_path / "out.gpkg"
    for _ in range(2):  # a second time over the first
        format_of(path).write(path, network)
    reading = read(path)
    assert reading.crs == "EPSG:4549"
    assert codes(reading) == []
    for name, table in network.tables.items():
        same(table, reading.tables[name])


def test_shapefiles_give_back_names_of_more_than_ten_bytes(tmp_path):
    network = sample()
    written = format_of(tmp_path / "out.shp").write(tmp_path / "out.shp", network)
    for name, table in network.tables.items():
        path = tmp_path / f"out-{name}.{'dbf' if name == 'vehicle' else 'shp'}"
        assert path in written
        reading = read(path)
        assert codes(reading) == []
        same(table, reading.tables[name])


def test_a_column_added_to_an_export_is_understood_when_it_comes_back(tmp_path):
    path = tmp_path / "out.gpkg"
    format_of(path).write(path, Network(City("x", crs="EPSG:4549"), {"conduit": sample().tables["conduit"]}))
    with sqlite3.connect(path) as base:
        base.execute("ALTER TABLE conduit ADD COLUMN material TEXT")
        for name in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):  # the triggers of the R-tree ask for these
            base.create_function(f"ST_{name}", 1, lambda _: 0)
        base.execute("UPDATE conduit SET material = '钢' WHERE id = 'C1'")
    base.close()
    assert list(read(path).tables["conduit"].fields["material"]) == ["steel", None]


def test_geojson_is_in_wgs84_and_comes_back(tmp_path):
    network, path = sample(), tmp_path / "out.geojson"
    format_of(path).write(path, network)
    features = orjson.loads(path.read_bytes())["features"]
    lon, lat = next(f for f in features if f["properties"].get("id") == "J1")["geometry"]["coordinates"]
    assert (lon, lat) == (
        pytest.approx(120.0, abs=1e-4),
        pytest.approx(28.64, abs=0.01),
    )  # CM 120°E, 3170 km north
    reading = read(path)
    assert codes(reading) == []
    for name, table in network.tables.items():
        back = reading.tables[name]
        same(
            table,
            back.__class__(
                back.type,
                back.ids,
                back.fields,
                reprojected(back.shapes, reading.crs, "EPSG:4549"),
                back.extra,
            ),
            exact=False,
        )
    with pytest.raises(Refused):
        format_of(path).write(path, sample(crs=""))
