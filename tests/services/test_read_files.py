"""Files of a delivery: what holds nothing known is left out and told, what cannot lie there is a plan."""

import json
import warnings

import pytest
from shapely.geometry import Point

from wenqu.errors import BadInput
from wenqu.services.import_network import import_network
from wenqu.services.stage_import import stage_import
from wenqu.store.database import open_store

WHO = {"who": "a tester", "why": "a test"}
SOMEWHERE = "EPSG:4549"


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def manholes(path, at, crs=""):
    """Write two manholes 10 m apart."""
    features = [
        {
            "type": "Feature",
            "properties": {"编号": f"W{n}", "井底高程": 2.0, "地面高程": 4.0},
            "geometry": {"type": "Point", "coordinates": [at[0] + 10 * n, at[1]]},
        }
        for n in range(2)
    ]
    named = {"crs": {"type": "name", "properties": {"name": crs}}} if crs else {}
    path.write_text(json.dumps({"type": "FeatureCollection", **named, "features": features}), "utf-8")
    return path


@pytest.fixture
def readings(tmp_path):
    """Return a table of readings, as they lie beside the layers of many a delivery."""
    path = tmp_path / "flow.csv"
    path.write_text("datetime,flow_lps\n2026-01-01 00:00,1.5\n", "utf-8")
    return path


def test_a_file_in_which_nothing_is_known_costs_the_others_nothing_and_is_told(store, tmp_path, readings):
    good = manholes(tmp_path / "manholes.geojson", (499000, 3171000), SOMEWHERE)
    done = import_network(store, [readings, good], "S", **WHO)
    assert done.counts == {"manhole": 2}
    told = [issue for issue in done.issues if issue.code == "import.file-left-out"]
    assert [issue.place.file for issue in told] == ["flow.csv"]


def test_a_file_without_a_system_waits_and_the_others_enter(store, tmp_path):
    good = manholes(tmp_path / "manholes.geojson", (499000, 3171000), SOMEWHERE)
    table = tmp_path / "points.csv"
    table.write_text("点号,东坐标,北坐标,地面标高\nL1,45.1,200.3,5\nL2,131.4,-20.2,5\n", "utf-8")
    done = import_network(store, [table, good], "S", **WHO)
    assert done.counts == {"manhole": 2}
    (told,) = [issue for issue in done.issues if issue.code == "import.file-asks-crs"]
    assert (told.place.file, told.facts["north"]) == ("points.csv", 200.3)
    with pytest.raises(BadInput, match="no-crs"):  # alone it still asks
        import_network(store, table, "S", **WHO)


def test_a_delivery_in_which_nothing_at_all_is_known_is_refused(store, readings):
    with pytest.raises(BadInput, match="no-layer"):
        import_network(store, readings, "S", **WHO)


def test_coordinates_off_the_globe_in_the_named_system_enter_as_a_plan(store, tmp_path):
    local = manholes(
        tmp_path / "local.geojson", (60, 200), "EPSG:3879"
    )  # a Finnish zone; 25 500 000 m is its middle
    done = import_network(store, local, "S", **WHO)
    assert done.city.crs == ""
    assert "import.crs-impossible" in {issue.code for issue in done.issues}


def test_a_system_that_a_person_names_and_that_cannot_be_is_refused(store, tmp_path):
    local = manholes(tmp_path / "local.geojson", (60, 200))
    with pytest.raises(BadInput, match="crs-beyond"):
        import_network(store, local, "S", crs="EPSG:3879", **WHO)


def test_a_plan_enters_where_nobody_knows_the_system_but_not_beside_data_that_lie_somewhere(store, tmp_path):
    local = manholes(tmp_path / "local.geojson", (60, 200))
    assert import_network(store, local, "plan", crs="none", **WHO).city.crs == ""
    import_network(store, manholes(tmp_path / "there.geojson", (499000, 3171000), SOMEWHERE), "S", **WHO)
    with pytest.raises(BadInput, match="crs-plan"):
        import_network(store, local, "S", crs="none", **WHO)


def test_two_files_of_one_name_are_both_read(store, tmp_path):
    (tmp_path / "east").mkdir()
    here = manholes(tmp_path / "manholes.geojson", (499000, 3171000), SOMEWHERE)
    there = manholes(tmp_path / "east" / "manholes.geojson", (499500, 3171000), SOMEWHERE)
    there.write_text(there.read_text("utf-8").replace('"W', '"E'), "utf-8")
    made = stage_import(store, [here, there], "S")
    assert sorted(made.staged.tables["manhole"].ids) == ["E0", "E1", "W0", "W1"]


def codes_of(done):
    return {issue.code for issue in done.issues}


def test_what_lies_far_outside_the_area_of_its_system_is_a_doubt_that_says_why(store, tmp_path):
    local = manholes(tmp_path / "local.geojson", (60, 200), SOMEWHERE)  # 0° N: the zone is Chinese
    turned = manholes(tmp_path / "turned.geojson", (3171000, 499000), SOMEWHERE)
    there = manholes(tmp_path / "there.geojson", (499000, 3171000), SOMEWHERE)
    told = [codes_of(import_network(store, path, path.stem, **WHO)) for path in (local, turned, there)]
    assert "import.outside-area" in told[0]
    assert "import.axes-turned" in told[1]
    assert not {"import.outside-area", "import.axes-turned"} & told[2]


def layer_file(tmp_path, name, places, **kept):
    """Write manholes by geopandas, as other programs do."""
    geopandas = pytest.importorskip("geopandas")
    columns = {"编号": [f"W{n}" for n in range(len(places))], "井底高程": [2.0] * len(places)}
    frame = geopandas.GeoDataFrame(columns, geometry=places, crs=SOMEWHERE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is cut
        frame.to_file(tmp_path / name, **kept)
    return tmp_path / name


def test_a_geopackage_without_a_row_is_told_and_does_no_harm(store, tmp_path):
    done = import_network(store, layer_file(tmp_path, "none.gpkg", [], layer="检查井"), "S", **WHO)
    assert "format.no-rows" in codes_of(done)


def test_rows_without_a_shape_are_counted(store, tmp_path):
    path = layer_file(tmp_path, "some.gpkg", [None, Point(499000, 3171000)], layer="检查井")
    done = import_network(store, path, "S", **WHO)
    assert [i.facts["count"] for i in done.issues if i.code == "format.rows-not-drawn"] == [1]


def test_a_name_cut_in_the_middle_of_a_character_does_not_turn_a_table_into_another_encoding(store, tmp_path):
    path = layer_file(tmp_path, "检查井.shp", [Point(499000, 3171000)], encoding="utf-8")
    done = import_network(store, path, "S", **WHO)  # 井底高程 is 12 bytes, of which a Shapefile keeps 10
    assert done.encoding == "UTF-8"
    assert store.network("S").tables["manhole"].fields["invert_level"].tolist() == [2.0]
