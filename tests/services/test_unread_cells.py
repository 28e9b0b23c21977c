"""A cell that cannot be read costs nothing but itself: its row enters, and it waits with what it may mean."""

import json

import pytest

from wenqu.messages import LANGUAGES, say
from wenqu.services.accept_import import accept_import
from wenqu.services.mend_queue import repair_rows
from wenqu.services.read_files import How
from wenqu.services.stage_import import stage_import
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought

CELLS = {
    "建成年份": ("20008", "year", 2008), "管径(mm)": ("约３００", "height", 0.3),
    "barrels": ("2孔", "barrels", 2),
    "built_on": ("去年", "built_on", None), "是否倒虹管": ("不清楚吧", "siphon", None),
    "管材": ("混凝士", "material", "concrete"),
}  # fmt: skip


def delivered(path, *cells):
    def feature(number, values):
        about = {"编号": f"P{number}", "备注": "好", "权属单位": "水务", **values}
        line = {"type": "LineString", "coordinates": [[500000 + number, 3170000], [500020 + number, 3170000]]}
        return {"type": "Feature", "properties": about, "geometry": line}

    features = [feature(number, values) for number, values in enumerate(cells)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def taken_in(store, path):
    made = stage_import(store, [path], "S", How(crs="EPSG:4549"))
    accept_import(store, made, who="a tester", why="a delivery")
    return made


def unread_rows(store):
    return {
        row.body["facts"]["column"]: row
        for row in store.waiting("S", Sought(inside=True))
        if row.rule.startswith("format.")
    }


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def test_every_unreadable_cell_waits_and_its_row_keeps_all_else(store, tmp_path):
    bad = {column: said for column, (said, _, _) in CELLS.items()}
    good = {"建成年份": "2001", "管径(mm)": "400", "barrels": "1", "built_on": "2001-05-06", "管材": "PVC"}
    made = taken_in(store, delivered(tmp_path / "管段.geojson", bad, good))
    assert len(made.staged.tables["conduit"]) == 2
    table = store.network("S").tables["conduit"]
    row = list(table.ids).index("P0")
    assert (table.fields["note"][row], table.fields["owner"][row]) == ("好", "水务")
    assert {column: table.extra[column][row] for column in bad} == bad  # what was written is kept
    rows = unread_rows(store)
    assert rows.keys() == bad.keys()
    for row in rows.values():
        assert (row.asset, row.inside, row.file, row.row) == ("P0", True, "管段.geojson", 1)
        for language in LANGUAGES:
            assert say(f"issue.{row.rule}.says", language, **row.body["facts"])
            for proposal in row.body["proposals"]:
                assert say(f"repair.{proposal['key']}", language, **proposal["facts"])


def test_what_a_cell_may_have_meant_is_one_click(store, tmp_path):
    bad = {column: said for column, (said, _, _) in CELLS.items()}
    taken_in(store, delivered(tmp_path / "管段.geojson", bad))
    ids = [row.id for row in unread_rows(store).values()]
    repair_rows(store, store.network("S"), ids, who="a tester", why="first proposals")
    table = store.network("S").tables["conduit"]
    for _, field, meant in CELLS.values():
        if meant is not None:
            assert table.fields[field][0] == (pytest.approx(meant) if isinstance(meant, float) else meant)
    assert unread_rows(store) == {}


def test_a_better_delivery_settles_what_could_not_be_read_before(store, tmp_path):
    path = tmp_path / "管段.geojson"
    taken_in(store, delivered(path, {"建成年份": "20008"}, {"建成年份": "?"}))
    taken_in(store, delivered(path, {"建成年份": "20008"}, {"建成年份": "?"}))
    assert [row.asset for row in store.waiting("S", Sought(rule="format.bad-integer"))] == ["P0", "P1"]
    taken_in(store, delivered(path, {"建成年份": "2008"}, {"建成年份": "?"}))
    assert [row.asset for row in store.waiting("S", Sought(rule="format.bad-integer"))] == ["P1"]
