"""A city's own grid: files in it come in, its parameters stay in."""

import numpy as np
import orjson
import pytest
from fastapi.testclient import TestClient

from wenqu.api.router import make_api
from wenqu.errors import BadInput, FileUnreadable, Refused
from wenqu.network.grids import grid_from
from wenqu.services.accounts import add_account, give_grant
from wenqu.services.city_grid import DOCUMENT
from wenqu.services.city_state import Cities
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.export_network import export_network
from wenqu.services.import_network import import_network
from wenqu.services.rights import LOCAL, Grant
from wenqu.store.database import open_store

FOUR = {
    "public": "EPSG:4549",
    "four": {"dx": 480_000.0, "dy": 3_100_000.0, "rotation": 0.01, "scale": 1.00002},
}
POINTS = "id,x,y\nM1,1000.0,2000.0\nM2,1030.0,2000.0\n"
WHO = {"who": "surveyor", "why": "survey"}


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "store")
    yield store
    store.close()


@pytest.fixture
def files(tmp_path):
    (tmp_path / "manhole.csv").write_text(POINTS, encoding="utf-8")
    (tmp_path / "grid.json").write_bytes(orjson.dumps(FOUR))
    return tmp_path


def places(store):
    table = store.network("tz").table("manhole")
    return {id_: table.shapes.of(row)[0] for row, id_ in enumerate(table.ids)}


def test_coordinates_enter_in_the_public_system_by_hand_calculation(store, files):
    done = import_network(store, files / "manhole.csv", "tz", grid=files / "grid.json", **WHO)
    # 480000 + 1.00002 (1000 cos 0.01 − 2000 sin 0.01), 3100000 + 1.00002 (1000 sin 0.01 + 2000 cos 0.01)
    assert places(store)["M1"] == pytest.approx([480_979.9700, 3_102_009.9399], abs=1e-3)
    assert store.city("tz").crs == "EPSG:4549"
    assert "import.from-grid" in {issue.code for issue in done.issues}


def test_the_grid_is_kept_and_named_by_a_word_the_next_time(store, files):
    import_network(store, files / "manhole.csv", "tz", grid=files / "grid.json", **WHO)
    before = places(store)
    import_network(store, files / "manhole.csv", "tz", crs="grid", **WHO)
    assert all(np.allclose(places(store)[id_], xy) for id_, xy in before.items())
    with pytest.raises(BadInput) as refused:
        import_network(store, files / "manhole.csv", "elsewhere", crs="grid", **WHO)
    assert refused.value.reason == "grid-none"


def test_an_export_leaves_in_the_public_system_unless_the_grid_is_asked_for(store, files):
    import_network(store, files / "manhole.csv", "tz", grid=files / "grid.json", **WHO)
    plain = export_network(store, "tz", files / "out" / "plain.csv")[0].read_text(encoding="utf-8-sig")
    assert "480979.969" in plain
    own = export_network(store, "tz", files / "out" / "own.csv", own_grid=True)
    text = own[0].read_text(encoding="utf-8-sig")
    assert "POINT (1000" in text or "POINT (999.99999" in text
    assert not any(path.suffix == ".prj" for path in own)  # its system has no name


def test_a_city_in_another_system_is_not_exported_in_its_grid(store, files):
    import_network(store, files / "manhole.csv", "tz", crs="EPSG:4548", **WHO)
    with store.change("tz", who="a", why="b") as change:
        change.write_document(DOCUMENT, orjson.dumps(FOUR), "application/json")
    with pytest.raises(Refused) as refused:
        export_network(store, "tz", files / "own.csv", own_grid=True)
    assert refused.value.reason == "grid-system"


def test_a_file_that_is_no_grid_is_one_sentence(store, files):
    (files / "bad.json").write_text("{", encoding="utf-8")
    with pytest.raises(FileUnreadable):
        import_network(store, files / "manhole.csv", "tz", grid=files / "bad.json", **WHO)
    with pytest.raises(BadInput):
        grid_from({"public": "EPSG:4549", "four": {"dx": 1.0}})


def test_only_who_brings_data_in_may_see_the_parameters(store, files):
    import_network(store, files / "manhole.csv", "tz", grid=files / "grid.json", **WHO)
    app = make_api(Cities(store), Entrance(store.accounts))
    for role, status in (("bureau", 404), ("surveyor", 200)):
        add_account(store.accounts, LOCAL, role)
        store.accounts.set_password(role, "x", "t", must_change=False)
        give_grant(store.accounts, LOCAL, role, Grant(role, "tz"))
        client = TestClient(app, base_url="http://127.0.0.1")
        client.cookies.set(COOKIE, app.state.entrance.begin(role))
        assert client.get(f"/api/v1/cities/tz/documents/{DOCUMENT}").status_code == status
        listed = [entry["name"] for entry in client.get("/api/v1/cities/tz/documents").json()]
        assert (DOCUMENT in listed) is (status == 200)
