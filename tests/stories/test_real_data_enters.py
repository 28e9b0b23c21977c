"""Each set of real, open data enters by the command line and by the page, and both ways bring the same."""

import io
import time

import pytest
from fastapi.testclient import TestClient

from tests.cli.conftest import wenqu
from tests.network.formats.deliveries import same
from wenqu.api.router import make_api
from wenqu.services.city_state import Cities
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought

__all__ = ["wenqu"]  # a fixture of the command line's tests

NOTE = "LICENCE-NOTE.txt"  # names the coordinate system where a model cannot
AALTO = [f"{name}.{end}" for name in ("conduits", "junctions") for end in ("shp", "shx", "dbf", "prj")]
SETS = {
    "bellinge": (
        "bellinge-swmm", ["BellingeSWMM_v021_nopervious.inp", NOTE], "EPSG:25832", 0,
        {"catchment": 713, "manhole": 995, "conduit": 1015, "weir": 13, "gate": 10, "pump": 6, "storage": 16,
         "outfall": 9, "gauge": 2},
    ),
    "small-model": (
        "bellinge-small", ["bellinge_small.inp", NOTE], "EPSG:32632", 0,
        {"gauge": 1, "catchment": 13, "outfall": 1, "storage": 15, "conduit": 15},
    ),
    "small-graph": (
        "bellinge-small", ["bellinge_small_graph.json"], "EPSG:32632", 0,
        {"manhole": 14, "outfall": 1, "conduit": 14},
    ),
    "small-catchments": (
        "bellinge-small", ["bellinge_small_subcatchments.geojson"], "EPSG:32632", 0, {"catchment": 13},
    ),
    "aalto": ("aalto-gistoswmm5", AALTO, "", 1, {"conduit": 12, "manhole": 13}),
    "l-town": (
        "l-town", ["L-TOWN.inp"], "", 0,
        {"manhole": 782, "storage": 3, "conduit": 905, "pump": 1, "gate": 3},
    ),
    "taizhou": ("taizhou-admin", ["taizhou_districts.geojson"], "EPSG:4326", 0, {"zone": 9}),
}  # fmt: skip


@pytest.fixture(scope="module")
def ways(tmp_path_factory):
    """Return the store of the command line, that of the page, and a caller of the page's routes."""
    stores = [open_store(str(tmp_path_factory.mktemp(name))) for name in ("line", "page")]
    api = make_api(Cities(stores[1]))
    yield *stores, TestClient(api, base_url="http://127.0.0.1", headers={"Accept-Language": "zh"})
    api.state.jobs.close()


def ended(face, answer):
    """Return a job that has come to its end."""
    assert answer.status_code == 202, answer.text
    home, end = f"/api/v1/jobs/{answer.json()['id']}", time.monotonic() + 60
    while (job := face.get(home).json())["state"] == "running" and time.monotonic() < end:
        time.sleep(0.02)
    assert job["state"] == "done", job
    return job


def by_the_page(face, city, paths):
    """Hand files in, have them recognised, checked and accepted; return what the page tells."""
    files = [("files", (path.name, io.BytesIO(path.read_bytes()))) for path in paths]
    answer = face.post(f"/api/v1/cities/{city}/deliveries", files=files)
    assert answer.status_code == 201, answer.text
    home = f"/api/v1/cities/{city}/deliveries/{answer.json()['id']}"
    assert all(file["format"] for file in face.get(f"{home}/files").json())
    ended(face, face.post(f"{home}/check"))
    told = face.get(home).json()["summary"]
    ended(face, face.post(f"{home}/accept", json={"why": "real data"}))
    return told


@pytest.mark.parametrize("name", list(SETS))
def test_real_data_enters_by_the_command_line_and_by_the_page_alike(wenqu, ways, shared_data, name):
    *stores, face = ways
    folder, names, crs, waiting, counts = SETS[name]
    paths = [shared_data / folder / one for one in names]
    given = [path for path in paths if path.suffix not in {".shx", ".dbf", ".prj", ".txt"}]
    said = wenqu("import", *given, "--city", name, "--json", store=stores[0].address[1])
    assert (said.code, said.err) == (0, "")
    assert said.json["counts"] == counts
    assert said.json["crs"] == crs
    told = by_the_page(face, name, paths)
    assert {type_: one["good"] for type_, one in told["types"].items()} == counts
    networks = [store.network(name) for store in stores]
    assert networks[0].city.crs == networks[1].city.crs == crs
    for type_ in counts:
        same(networks[0].tables[type_], networks[1].tables[type_])
    queued = [store.waiting(name, Sought(inside=False)) for store in stores]
    assert [len(rows) for rows in queued] == [waiting, waiting]
    if name == "taizhou":
        mended_and_said(networks[0], said.json["issues"], told["notes"])


def mended_and_said(network, issues, notes):
    """Check that invalid rings and the code that is no longer in use are put right and told."""
    zones = network.tables["zone"]
    assert sorted(zones.ids) == [
        "331002", "331003", "331004", "331022", "331023", "331024", "331081", "331082", "331083",
    ]  # fmt: skip
    codes = [issue["code"] for issue in issues]
    assert codes.count("format.changed-code") == 1
    assert codes.count("format.shape-mended") == 9
    sentences = "".join(note["says"] for note in notes)
    assert "331021" in sentences
    assert "331083" in sentences
