"""A model's coordinate system is read from what lies beside it, or not known."""

import pytest
from pyproj import CRS

from wenqu.services.crs_evidence import CrsEvidence, find_crs

NONE = CrsEvidence("")


@pytest.fixture
def model(tmp_path):
    return tmp_path / "model.inp"


def test_nothing_beside_is_no_evidence(model):
    assert find_crs(model, "[TITLE]\n[JUNCTIONS]\nEPSG4549 1 2\n") == NONE


@pytest.mark.parametrize(
    "line",
    [
        "[TITLE]\nGrid: EPSG:4549",
        "[MAP]\nUNITS Meters EPSG:4549",
        "; coordinates EPSG: 4549",
        "[TITLE]\n坐标系为EPSG：4549",
    ],
)
def test_the_model_itself_may_say_it(model, line):
    assert find_crs(model, line) == CrsEvidence("EPSG:4549", "model.inp")


def test_a_number_among_the_data_says_nothing(model):
    assert find_crs(model, "[JUNCTIONS]\nEPSG:4549 1 2\n") == NONE


def test_a_prj_beside_it_comes_first(model):
    model.with_suffix(".prj").write_text(CRS.from_epsg(25832).to_wkt("WKT1_ESRI"))
    assert find_crs(model, "[TITLE]\nEPSG:4549") == CrsEvidence("EPSG:25832", "model.prj")


def test_a_note_with_one_code_is_believed(model):
    (model.parent / "readme.md").write_text("Projected in EPSG:4549, heights 1985.")
    assert find_crs(model, "") == CrsEvidence("EPSG:4549", "readme.md")


def test_a_labelled_code_wins_over_others(model):
    (model.parent / "NOTE.txt").write_text("Pipes: CRS EPSG:25832. The raster is (531x201, EPSG:4326).")
    assert find_crs(model, "") == CrsEvidence("EPSG:25832", "NOTE.txt")


def test_contradictions_are_told_and_not_resolved(model):
    (model.parent / "a.txt").write_text("EPSG:25832")
    (model.parent / "b.txt").write_text("EPSG:4549")
    assert find_crs(model, "") == CrsEvidence("", "a.txt, b.txt", ("EPSG:25832", "EPSG:4549"))


def test_a_code_that_does_not_exist_is_no_coordinate_system(model):
    (model.parent / "a.txt").write_text("CRS: EPSG:999999")
    assert find_crs(model, "").crs == ""
    model.with_suffix(".prj").write_text("nonsense")
    assert find_crs(model, "") == NONE
