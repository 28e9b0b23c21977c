"""A water supply model comes in as pressure conduits of system supply; it is told from a drainage model."""

import numpy as np
import pytest

from tests.network.formats.deliveries import read
from wenqu.errors import FileUnreadable
from wenqu.messages import LANGUAGES, say
from wenqu.network.formats.registry import format_of
from wenqu.network.model import City
from wenqu.services.delivery import SUPPLY, read_delivery

MODEL = """[TITLE]
Two tanks
[JUNCTIONS]
;ID Elev Demand Pattern
J1 30.5 10.2 ;AMR
J2 31
[RESERVOIRS]
 R 100
[TANKS]
T 98.5 3.5 0 4 16 0
[PIPES]
P1 R J1 100 200 130 0 Open
P2 J1 J2 52 150 120 0 CV ; old iron
P3 J2 NOWHERE 10 100 120
[PUMPS]
PU J2 T HEAD 1 PATTERN x
[VALVES]
V J1 J2 150 PRV 40 0
[DEMANDS]
J1 4 p
[STATUS]
V Closed
[TAGS]
NODE J2 "东海 大道"
[OPTIONS]
Units LPS
Headloss D-W
[COORDINATES]
J1 500000.5 3170000.25
J2 500050 3170000
R 500000 3170100
T 500060 3170000
[VERTICES]
P2 500025 3170010
"""


def written(tmp_path, text=MODEL, encoding="utf-8"):
    path = tmp_path / "给水.inp"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_each_section_becomes_what_it_is(tmp_path, encoding):
    path = written(tmp_path, encoding=encoding)
    reading = read(path, "EPSG:4549")
    assert format_of(path).name == "EPANET INP"
    assert dict(reading.counts) == {"manhole": 2, "storage": 2, "conduit": 3, "pump": 1, "gate": 1}
    manholes, pipes = reading.tables["manhole"], reading.tables["conduit"]
    assert list(manholes.fields["kind"]) == ["junction", "junction"]
    assert list(manholes.fields["note"]) == ["AMR", None]
    assert list(manholes.extra["Elev"]) == [30.5, 31.0]
    assert list(manholes.extra["Tag"]) == [None, "东海 大道"]
    assert "ground_level" not in manholes.fields  # what the elevation is of, nobody says
    assert list(pipes.fields["system"]) == ["supply"] * 3
    assert list(pipes.fields["pressure"]) == ["pressure"] * 3
    assert list(pipes.fields["height"]) == [0.2, 0.15, 0.1]
    assert list(pipes.fields["from_id"]) == ["R", "J1", "J2"]
    assert "roughness" not in pipes.fields  # of Darcy-Weisbach, no Manning figure
    assert list(pipes.extra["Status"]) == ["Open", "CV", None]
    assert pipes.shapes.of(1).tolist() == [[500000.5, 3170000.25], [500025, 3170010], [500050, 3170000]]
    assert len(pipes.shapes.of(2)) == 0
    storages = reading.tables["storage"]
    assert list(storages.fields["kind"]) == ["other", "tank"]
    assert storages.fields["invert_level"][1] == 98.5
    assert list(storages.extra["Head"]) == [100.0, None]
    assert list(reading.tables["pump"].fields["curve"]) == ["1"]
    assert list(reading.tables["pump"].extra["Parameters"]) == ["HEAD 1 PATTERN x"]
    assert list(reading.tables["gate"].extra["InitialStatus"]) == ["Closed"]
    told = next(issue for issue in reading.issues if issue.code == "format.epanet")
    assert (told.facts["pipes"], told.facts["unread"]) == (3, "DEMANDS")


def test_american_units_are_feet_and_inches_and_manning_figures_are_kept(tmp_path):
    text = MODEL.replace("Units LPS", "Units GPM").replace("D-W", "C-M").replace("130", "0.013")
    pipes = read(written(tmp_path, text), "EPSG:4549").tables["conduit"]
    np.testing.assert_allclose(pipes.fields["height"], np.array([200, 150, 100]) * 0.0254)
    np.testing.assert_allclose(pipes.fields["length"], np.array([100, 52, 10]) * 0.3048)
    assert pipes.fields["roughness"][0] == 0.013


def test_a_model_without_coordinate_system_enters_as_a_drainage_model_does(tmp_path):
    path = written(tmp_path)
    made = read_delivery(path, City("x"), None, None)
    assert made.crs == ""
    assert "import.crs-unknown" in [issue.code for issue in made.issues]
    assert made.documents[SUPPLY][0] == path.read_bytes()
    path.with_suffix(".txt").write_text("CRS EPSG:4549", encoding="utf-8")
    assert read_delivery(path, City("x"), None, None).crs == "EPSG:4549"


def test_a_drainage_model_is_no_water_supply_model(tmp_path):
    path = tmp_path / "model.inp"
    path.write_text(
        "[JUNCTIONS]\nJ 1\n[OUTFALLS]\nO 0 FREE\n[CONDUITS]\nC J O 10 0.01 0 0\n", encoding="utf-8"
    )
    made = read_delivery(path, City("x"), None, None)
    assert set(made.tables) >= {"manhole", "outfall", "conduit"}


def test_the_real_network_enters_whole(shared_data):
    reading = read(shared_data / "l-town" / "L-TOWN.inp")
    assert dict(reading.counts) == {"manhole": 782, "storage": 3, "conduit": 905, "pump": 1, "gate": 3}
    assert not reading.bad
    assert reading.tables["conduit"].fields["height"].min() >= 0.05
    assert reading.tables["conduit"].fields["length"].sum() == pytest.approx(
        43_000, rel=0.02
    )  # 42.6 km published


def test_a_cut_model_brings_what_is_whole_and_an_empty_one_a_sentence(tmp_path):
    cut = MODEL[: MODEL.index("P2 J1") + 9]  # in the middle of a line
    reading = read(written(tmp_path, cut), "EPSG:4549")
    assert reading.counts["conduit"] == 2
    assert list(reading.tables["conduit"].fields["to_id"]) == ["J1", "J2"]
    with pytest.raises(FileUnreadable) as caught:
        read(written(tmp_path, "[TITLE]\n[PIPES]\n[RESERVOIRS]\n"))
    for language in LANGUAGES:
        assert "给水.inp" in say(caught.value.key, language, **caught.value.facts)
