"""What a city has goes out and comes back in."""

import pytest

from wenqu.errors import BadInput, Refused, UnknownCity
from wenqu.examples.little_city import little_city
from wenqu.messages import LANGUAGES, say
from wenqu.network.model import City, assets
from wenqu.services.export_network import export_network
from wenqu.services.import_network import import_network
from wenqu.store.database import open_store

WHO = {"who": "a tester", "why": "a test"}


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def little(store):
    network = little_city()
    with store.change("little", **WHO) as change:
        change.put_city(network.city)
        for table in network.tables.values():
            change.put(table)
    return store


def contents(network):
    """Return every asset with its fields and shape, comparable."""
    rows = {}
    for type_, table in network.tables.items():
        for row, id_ in enumerate(table.ids):
            values = {name: column[row] for name, column in table.fields.items()}
            there = {k: v for k, v in values.items() if v is not None and v == v and v != -1}
            rows[type_, id_] = (there, table.shapes.of(row).round(3).tolist())
    return rows


def test_a_geopackage_of_a_city_read_into_another_is_the_same_city(little, tmp_path):
    (path,) = export_network(little, "little", tmp_path / "new folder" / "out.gpkg")
    report = import_network(little, path, "copy", **WHO)
    assert report.issues == ()
    assert contents(little.network("copy")) == contents(little.network("little"))


def test_geojson_comes_back_in_degrees_and_is_turned_into_the_citys_metres(little, tmp_path):
    files = export_network(little, "little", tmp_path / "out.json", "geojson")
    with little.change("copy", **WHO) as change:
        change.put_city(City("copy", crs="EPSG:4549"))
    import_network(little, files[0], "copy", **WHO)
    assert contents(little.network("copy")) == contents(little.network("little"))


def test_shapefiles_come_one_a_type(little, tmp_path):
    files = export_network(little, "little", tmp_path / "out.shp")
    assert {path.suffix for path in files} == {".shp", ".dbf", ".json"}
    for path in files:
        if path.suffix != ".json":
            import_network(little, path, "copy", crs="EPSG:4549" if path.suffix == ".dbf" else None, **WHO)
    assert contents(little.network("copy")) == contents(little.network("little"))


def test_a_model_that_nobody_touched_goes_out_as_it_came(store, shared_data, tmp_path):
    path = shared_data / "epa-swmm-nrt" / "examples" / "Example1.inp"
    import_network(store, path, "example", **WHO)
    (out,) = export_network(store, "example", tmp_path / "out.inp")
    assert out.read_bytes() == path.read_bytes()


def test_a_city_without_a_model_becomes_one(little, tmp_path):
    (out,) = export_network(little, "little", tmp_path / "out.inp")
    report = import_network(little, out, "copy", crs="EPSG:4549", **WHO)
    assert report.counts["conduit"] + report.counts.get("channel", 0) == 7 + 1
    assert report.queued == 0


def test_an_export_is_as_of_the_day_asked_for(little, tmp_path):
    before = little.changes("little")[0].at
    with little.change("little", **WHO) as change:
        change.close("conduit", ["C1"])
    (path,) = export_network(little, "little", tmp_path / "old.gpkg", as_of=before)
    assert import_network(little, path, "old", **WHO).counts["conduit"] == 7
    (path,) = export_network(little, "little", tmp_path / "new.gpkg")
    assert import_network(little, path, "new", **WHO).counts["conduit"] == 6


def test_what_cannot_be_written_is_refused(little, tmp_path):
    with pytest.raises(BadInput, match="format"):
        export_network(little, "little", tmp_path / "out.dwg")
    with pytest.raises(UnknownCity):
        export_network(little, "nowhere", tmp_path / "out.gpkg")
    with little.change("blank", **WHO) as change:
        change.put_city(City("blank"))
    with pytest.raises(Refused):
        export_network(little, "blank", tmp_path / "out.geojson")


@pytest.mark.parametrize(
    ("name", "kind", "why", "instead"),
    [
        ("a.mdb", "", "access", "XLSX"),
        ("a.accdb", "", "access", "XLSX"),
        ("a.inp", "epanet", "epanet", "GeoPackage"),
    ],
)
def test_what_is_only_read_says_why_and_what_keeps_every_field(little, tmp_path, name, kind, why, instead):
    with pytest.raises(Refused) as caught:
        export_network(little, "little", tmp_path / name, kind)
    assert caught.value.reason == f"only-read-{why}"
    for language in LANGUAGES:
        assert instead in say(caught.value.key, language, **caught.value.facts)
    assert not (tmp_path / name).exists()


def test_a_water_supply_network_is_no_drainage_model(store, tmp_path):
    with store.change("taps", **WHO) as change:
        change.put_city(City("taps"))
        change.put(assets("conduit", ["c"], {"system": ["supply"]}))
    with pytest.raises(Refused, match="only-read-epanet"):
        export_network(store, "taps", tmp_path / "a.inp")
