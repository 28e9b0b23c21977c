"""Deliveries enter a city in one change: good rows at once, bad ones named and queued."""

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from wenqu.errors import BadInput, FileMissing, FileUnreadable, UnknownCity, UnknownUnit
from wenqu.issues import Issue, Weight
from wenqu.messages import LANGUAGES, say, sentences
from wenqu.network.formats.fieldmap import fieldmap_from
from wenqu.services.accept_import import accept_import
from wenqu.services.import_network import import_network
from wenqu.services.read_files import How, remembered_map
from wenqu.services.stage_import import network_before, stage_import
from wenqu.services.take_in import with_firm_map
from wenqu.store.database import open_store

INP = """[TITLE]
A small model, CRS EPSG:4549
[OPTIONS]
FLOW_UNITS CMS
[JUNCTIONS]
J1 3.0 2.0 0 0 0
J2 2.9 2.0 0 0 0
J2 2.8 2.0 0 0 0
[OUTFALLS]
O1 2.5 FREE NO
[CONDUITS]
C1 J1 J2 100 0.013 0 0 0 0
C2 J2 O1 100 0.013 0 0 0 0
C3 J1 NOWHERE 100 0.013 0 0 0 0
[XSECTIONS]
C1 CIRCULAR 0.3 0 0 0 1
C2 CIRCULAR 0.3 0 0 0 1
C3 CIRCULAR 0.3 0 0 0 1
[COORDINATES]
J1 499000 3171000
J2 499100 3171000
O1 499200 3171000
"""
WHO = {"who": "a tester", "why": "a test"}


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.inp"
    path.write_text(INP, encoding="utf-8")
    return path


def pipes(path, columns, crs="EPSG:4549", east=499000.0):
    """Write conduits as a survey firm would."""
    size = len(next(iter(columns.values())))
    lines = [
        shapely.LineString([(east + 50 * n, 3171000), (east + 50 * n + 50, 3171000)]) for n in range(size)
    ]
    table = pa.table({**columns, "geometry": pa.array([shapely.to_wkb(line) for line in lines], pa.binary())})
    pyogrio.write_arrow(table, path, geometry_name="geometry", geometry_type="LineString", crs=crs)
    return path


def outside(store):
    return [row for row in store.waiting("small") if not row.inside]


def found(report, code):
    return next(issue for issue in report.issues if issue.code == code)


def test_good_rows_of_a_model_enter_and_bad_ones_are_named(store, model):
    report = import_network(store, model, "small", **WHO)
    network = store.network("small")
    assert report.counts == {"manhole": 2, "outfall": 1, "conduit": 2}
    assert report.changed["conduit"] == {"new": 2, "changed": 0, "same": 0}
    assert list(network.table("conduit").ids) == ["C1", "C2"]  # C3 ends nowhere and waits
    dangling = found(report, "connectivity.unknown-end")
    assert (dangling.weight, dangling.asset, dangling.place.file) == (Weight.FAULT, "C3", "model.inp")
    assert (dangling.place.sheet, dangling.place.row) == ("CONDUITS", 14)
    assert INP.splitlines()[13].startswith("C3")
    queued, dangling = outside(store)
    assert (dangling.rule, dangling.asset, dangling.row) == ("connectivity.unknown-end", "C3", 14)
    assert (queued.type, queued.asset, queued.row) == ("manhole", "J2", 8)
    assert queued.body["raw"] == {"line": "J2 2.8 2.0 0 0 0"}
    assert report.queued == 2


def test_issues_and_the_model_are_kept_in_the_same_change(store, model):
    report = import_network(store, model, "small", **WHO)
    kept = store.records("small", "issue", Issue)
    assert [issue.code for issue in kept] == [issue.code for issue in report.issues]
    assert store.document("small", "model.inp") == model.read_bytes()
    (change,) = store.changes("small")
    assert (change.number, change.who, change.why) == (report.version, "a tester", "a test")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_issue_of_an_import_has_a_whole_sentence_and_a_remedy(store, model, language):
    for issue in import_network(store, model, "small", **WHO).issues:
        for part in ("says", "remedy"):
            key = f"issue.{issue.code}.{part}"
            assert key in sentences(language), key
            assert "[" not in say(key, language, **issue.facts).replace("[CONTROLS]", "")


def test_the_same_file_again_changes_nothing(store, model):
    first = import_network(store, model, "small", **WHO)
    second = import_network(store, model, "small", **WHO)
    assert second.changed["conduit"] == {"new": 0, "changed": 0, "same": 2}
    assert second.version == first.version == store.version("small")


def test_a_changed_file_makes_new_versions_of_what_changed(store, model):
    import_network(store, model, "small", **WHO)
    model.write_text(INP.replace("C1 CIRCULAR 0.3", "C1 CIRCULAR 0.5"), encoding="utf-8")
    report = import_network(store, model, "small", **WHO)
    assert report.changed["conduit"] == {"new": 0, "changed": 1, "same": 1}
    assert [version.fields["height"] for version in store.history("small", "conduit", "C1")] == [0.3, 0.5]


def test_progress_runs_to_the_end(store, model):
    told = []
    import_network(store, model, "small", progress=told.append, **WHO)
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("missing.inp", None, FileMissing),
        ("empty.inp", b"", FileUnreadable),
        ("binary.inp", bytes(range(256)) * 64, FileUnreadable),
        ("missing.gpkg", None, FileMissing),
        ("empty.shp", b"", FileUnreadable),
        ("binary.gpkg", bytes(range(256)) * 64, FileUnreadable),
        ("notes.docx", b"x", BadInput),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_sentence_and_nothing_is_written(
    store, tmp_path, name, content, error
):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error) as caught:
        import_network(store, path, "small", **WHO)
    for language in LANGUAGES:
        sentence = say(caught.value.key, language, **caught.value.facts)
        assert name in sentence
        assert "[" not in sentence
    with pytest.raises(UnknownCity):
        store.city("small")


def test_an_unknown_unit_in_a_model_or_a_table_is_named(store, model, tmp_path):
    model.write_text(INP.replace("CMS", "HOGSHEADS"), encoding="utf-8")
    with pytest.raises(UnknownUnit) as caught:
        import_network(store, model, "small", **WHO)
    assert "HOGSHEADS" in say(caught.value.key, "en", **caught.value.facts)
    with pytest.raises(UnknownUnit) as caught:
        import_network(
            store, pipes(tmp_path / "管段.gpkg", {"id": ["a"], "管径(ell)": [3.0]}), "small", **WHO
        )
    sentence = say(caught.value.key, "en", **caught.value.facts)
    assert all(part in sentence for part in ("管段.gpkg", "管径(ell)", "'ell'", "field map"))


def test_rows_of_a_table_that_cannot_enter_are_queued_as_they_came(store, tmp_path):
    columns = {"编号": ["a", "a", "b"], "管材": ["钢", "PE", "PE"], "管径(mm)": [300.0, 400.0, 500.0]}
    report = import_network(store, pipes(tmp_path / "管段.gpkg", columns), "small", **WHO)
    assert report.counts == {"conduit": 2}
    (queued,) = outside(store)
    assert (queued.rule, queued.asset, queued.row) == ("format.duplicate-id", "a", 2)
    assert queued.body["raw"] == {"编号": "a", "管材": "PE", "管径(mm)": 400.0}


def test_coordinates_are_turned_into_the_citys_system(store, model, tmp_path):
    import_network(store, model, "small", **WHO)
    # EPSG:4528 is the same projection as EPSG:4549 with the zone number 40 before the easting.
    path = pipes(tmp_path / "管段.gpkg", {"id": ["N1"]}, crs="EPSG:4528", east=40499000.0)
    report = import_network(store, path, "small", **WHO)
    table = store.network("small").table("conduit")
    place = table.shapes.of(list(table.ids).index("N1"))[0]
    np.testing.assert_allclose(place, [499000, 3171000], atol=1e-3)
    assert found(report, "import.reprojected").facts == {"from": "EPSG:4528", "to": "EPSG:4549"}
    assert store.city("small").crs == "EPSG:4549"


def test_the_field_map_of_a_delivery_is_used_for_the_next_one(store, tmp_path):
    kept = tmp_path / "map.json"
    kept.write_text(
        '{"layers":{"x":{"type":"conduit","id":"k","fields":{"height":{"column":"d","unit":"mm"}}}}}'
    )
    path = pipes(tmp_path / "x.gpkg", {"k": ["a"], "d": [300.0]})
    with pytest.raises(BadInput):
        import_network(store, path, "small", **WHO)
    import_network(store, path, "small", fieldmap=kept, **WHO)
    path.unlink()
    pipes(path, {"k": ["a", "b"], "d": [400.0, 500.0], "管材": ["钢", "PE"]})
    report = import_network(store, path, "small", **WHO)
    table = store.network("small").table("conduit")
    assert report.changed["conduit"] == {"new": 1, "changed": 1, "same": 0}
    np.testing.assert_allclose(table.fields["height"], [0.4, 0.5])
    assert list(table.fields["material"]) == ["steel", "pe"]  # a column that has come since


def test_checks_look_at_the_whole_network_and_tell_of_what_came_in(store, model, tmp_path):
    import_network(store, model, "small", **WHO)
    columns = {"id": ["N1"], "from_id": ["J1"], "to_id": ["J2"], "height": [0.2], "length": [50.0]}
    report = import_network(store, pipes(tmp_path / "conduits.gpkg", columns), "small", **WHO)
    told = {issue.code for issue in report.issues if issue.asset == "N1"}
    assert "geometry.end-misses" in told  # J1 and J2 are known; the drawing ends 50 m short of J2
    assert not any(code.startswith("connectivity") for code in told)
    assert "C3" in {row.asset for row in outside(store)}  # still


def test_the_bellinge_model_enters_whole_with_its_coordinate_system(store, shared_data):
    path = shared_data / "bellinge-swmm" / "BellingeSWMM_v021_nopervious.inp"
    report = import_network(store, path, "bellinge", **WHO)
    assert report.city.crs == store.city("bellinge").crs == "EPSG:25832"
    assert found(report, "import.crs-from-file").facts["file"] == "LICENCE-NOTE.txt"
    assert (report.counts["manhole"], report.counts["conduit"], report.counts["outfall"]) == (995, 1015, 9)
    assert (report.counts["storage"], report.counts["pump"], report.counts["weir"]) == (16, 6, 13)
    assert (report.counts["catchment"], report.counts["gate"]) == (713, 3 + 7)  # orifices and outlets
    assert report.queued == 0


def test_what_a_firm_s_columns_mean_is_kept_for_each_of_its_files(store, tmp_path):
    """Two files of one format, each mapped by a person: the next delivery of the firm needs neither."""
    paths = [pipes(tmp_path / f"{name}.shp", {"k": [f"{name}1"], "d": [300.0]}) for name in ("one", "two")]
    maps = {
        path.name: fieldmap_from(
            {"layers": {path.stem: {"type": "conduit", "id": "k", "fields": {"height": about}}}}, path.name
        )
        for path, about in zip(
            paths, ({"column": "d", "unit": "mm"}, {"column": "d", "unit": "cm"}), strict=True
        )
    }
    made = stage_import(store, paths, "small", How(fieldmap_of=maps, firm="one & sons"))
    accept_import(store, with_firm_map(made, "one & sons", paths), **WHO)
    again = stage_import(store, paths, "small", How(firm="one & sons"))
    table = again.staged.tables["conduit"]
    heights = dict(zip(table.ids.tolist(), table.fields["height"].tolist(), strict=True))
    assert heights == {"one1": pytest.approx(0.3), "two1": pytest.approx(3.0)}
    for path in paths:  # the firm's map, not that of a file of this name
        kept = remembered_map(
            store, network_before(store, "small"), path.with_stem(f"{path.stem}x"), "one & sons"
        )
        assert {layer.layer for layer in kept.layers} == {"one", "two"}
