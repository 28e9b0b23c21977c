"""Files of a delivery: what holds nothing known is left out and told, what cannot lie there is a plan."""

import json

import pytest

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
