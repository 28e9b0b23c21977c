"""Published models come in whole, go out unchanged, and run the same before and after."""

import json
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from wenqu.errors import FileUnreadable
from wenqu.hydraulics.swmm.read import read_inp
from wenqu.hydraulics.swmm.report import read_rpt
from wenqu.hydraulics.swmm.run import run_swmm
from wenqu.hydraulics.swmm.write import write_inp
from wenqu.network.model import City, link_lengths

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
CITY = City("test")
BELLINGE = "bellinge-swmm/BellingeSWMM_v021_nopervious.inp"
MODELS = sorted(str(path.relative_to(SHARED)) for path in SHARED.rglob("*.inp") if "l-town" not in str(path))
# Those that run unattended in a moment: rain gardens, porous pavement, groundwater, quality, pumps, weirs.
RUNNABLE = [
    "epa-swmm-nrt/examples/Example1.inp",
    "epa-swmm-nrt/examples/Example2.inp",
    "epa-swmm-nrt/examples/Example4.inp",
    "epa-swmm-nrt/examples/Example5.inp",
    "epa-swmm-nrt/routing/test1.inp",
    "epa-swmm-nrt/update_v5111/bioretention.inp",
    "epa-swmm-nrt/update_v5111/porous_pavement.inp",
    "swmmio-golden-rpt/Example1b.inp",
    "swmmio-golden-rpt/Example6.inp",
]
SECTION_OF_COUNT = {
    "manhole": ("junctions", "dividers"),
    "outfall": ("outfalls",),
    "storage": ("storage",),
    "conduit": ("conduits",),
    "pump": ("pumps",),
    "weir": ("weirs",),
    "gate": ("orifices", "outlets"),
    "catchment": ("subcatchments",),
    "gauge": ("raingages",),
}


def plain_rows(text):
    """Return the tokens of every row by section, in the plainest possible way."""
    sections, name = {}, ""
    for line in text.split("\n"):  # one model has single carriage returns inside its lines
        tokens = line.split(";")[0].split()
        if tokens and tokens[0].startswith("["):
            name = tokens[0].strip("[]").lower()
        elif tokens:
            sections.setdefault(name, []).append(tokens)
    return sections


def alike(one, other):
    """Tell whether two tokens say the same: as words without case, as numbers or as clock times."""
    if one.upper() == other.upper():
        return True
    try:
        if ":" in one:
            hours = [
                sum(float(part) / 60**n for n, part in enumerate(token.split(":"))) for token in (one, other)
            ]
            return hours[0] == hours[1]
        return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-12)
    except ValueError:
        return False


@cache
def read(path):
    """Read each model once: networks are not changed by their readers."""
    return read_inp(path, CITY)


def source(relative, shared_data):
    return (shared_data / relative).read_bytes().decode()  # line ends as they are


def beside(relative, shared_data):
    return {path.name: path for path in (shared_data / relative).parent.iterdir()}


def test_there_are_models_to_try(shared_data):
    assert len(MODELS) == 31


@pytest.mark.parametrize("relative", MODELS)
def test_every_row_becomes_an_asset_and_comes_out_again_as_it_was(relative, shared_data):
    text = source(relative, shared_data)
    reading = read(shared_data / relative)
    rows = plain_rows(text)
    for type_, sections in SECTION_OF_COUNT.items():
        assert reading.counts.get(type_, 0) == sum(len(rows.get(name, [])) for name in sections), type_
    assert write_inp(reading.network, reading.model) == text


@pytest.mark.parametrize("relative", MODELS)
def test_every_token_can_be_written_from_the_assets_alone(relative, shared_data):
    reading = read(shared_data / relative)
    before = plain_rows(source(relative, shared_data))
    after = plain_rows(write_inp(reading.network, reading.model, verbatim=False))
    assert after.keys() == before.keys()
    for section, rows in before.items():
        assert len(after[section]) == len(rows), section
        different = [
            (old, new)
            for old, new in zip(rows, after[section], strict=True)
            if len(old) != len(new) or not all(map(alike, old, new))
        ]
        assert different == [], section


@pytest.mark.parametrize("relative", RUNNABLE)
def test_a_model_runs_the_same_from_the_file_and_from_the_assets(relative, shared_data):
    reading = read(shared_data / relative)
    files = beside(relative, shared_data)
    before = run_swmm(source(relative, shared_data), files)
    after = run_swmm(write_inp(reading.network, reading.model, verbatim=False), files)
    for group in ("catchment", "node", "link", "system"):
        np.testing.assert_allclose(
            after.results.values[group], before.results.values[group], rtol=2e-3, atol=1e-4
        )
    assert after.continuity == pytest.approx(before.continuity, abs=1e-4)


def test_bellinge_comes_in_whole(shared_data):
    reading = read_inp(shared_data / BELLINGE, City("bellinge", crs="EPSG:25832"))
    assert reading.counts == {
        "manhole": 995, "outfall": 9, "storage": 16, "conduit": 1015, "pump": 6, "weir": 13, "gate": 10,
        "catchment": 713, "gauge": 2,
    }  # fmt: skip
    network = reading.network
    assert link_lengths(network.table("conduit")).sum() == pytest.approx(51_247.8, abs=0.1)
    kinds = list(network.table("gate").column("kind"))
    assert (kinds.count("orifice"), kinds.count("rating")) == (3, 7)
    assert (
        np.isfinite(network.table("manhole").extra["dwf_m3_per_s"]).sum()
        == 449 - np.isfinite(network.table("storage").extra["dwf_m3_per_s"]).sum()
    )
    assert {issue.code for issue in reading.issues} == {"inp.kept", "inp.file-absent"}


def test_bellinge_has_every_coordinate_length_and_ring_of_the_file(shared_data):
    rows = plain_rows(source(BELLINGE, shared_data))
    network = read(shared_data / BELLINGE).network
    points = {name: (float(x), float(y)) for name, x, y in rows["coordinates"]}
    for type_ in ("manhole", "outfall", "storage"):
        table = network.table(type_)
        assert {id_: tuple(table.shapes.of(row)[0]) for row, id_ in enumerate(table.ids)} == {
            id_: points[id_] for id_ in table.ids
        }
    conduits = network.table("conduit")
    assert dict(zip(conduits.ids, conduits.column("length"), strict=True)) == {
        row[0]: float(row[3]) for row in rows["conduits"]
    }
    corners = {}
    for name, x, y in rows["polygons"]:
        corners.setdefault(name, set()).add((float(x), float(y)))
    catchments = network.table("catchment")
    drawn = {id_: set(map(tuple, catchments.shapes.of(row))) for row, id_ in enumerate(catchments.ids)}
    assert drawn == {id_: corners[id_] for id_ in drawn}


def test_bellinge_runs_the_same_before_and_after(shared_data):
    """Ten minutes of rain in place of the rain file, which is not published with the model."""
    rain = "".join(
        f"{gauge} 2012 6 29 0 {minute} 0.3\n" for gauge in ("rg5425", "rg5427") for minute in range(1, 6)
    )
    files = {"rg_bellinge_Jun2010_Aug2021.dat": rain.encode()}
    window = {
        "REPORT_START_DATE": "06/29/2012",
        "REPORT_START_TIME": "00:01:00",
        "END_DATE": "06/29/2012",
        "END_TIME": "00:06:00",
    }
    reading = read(shared_data / BELLINGE)
    before = run_swmm(source(BELLINGE, shared_data), files, options=window)
    after = run_swmm(write_inp(reading.network, reading.model), files, options=window)
    assert before.results.system("rain").max() == pytest.approx(0.3e-3 / 60)  # 0.3 mm in a minute
    assert before.results.link("flow").max() > 0.01
    for group in ("catchment", "node", "link", "system"):
        assert np.array_equal(after.results.values[group], before.results.values[group])


def test_our_run_and_our_reader_agree_with_the_engine_called_directly(shared_data, tmp_path):
    relative = "epa-swmm-nrt/examples/Example1.inp"
    (tmp_path / "m.inp").write_text(source(relative, shared_data))
    script = "from swmm.toolkit import solver; solver.swmm_run('m.inp', 'm.rpt', 'm.out')"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True)
    reader = """
import json
from swmm.toolkit import output
from swmm.toolkit.shared_enum import LinkAttribute, NodeAttribute
handle = output.init()
output.open(handle, "m.out")
print(json.dumps([output.get_link_series(handle, 3, LinkAttribute.FLOW_RATE, 0, 35),
                  output.get_node_series(handle, 5, NodeAttribute.HYDRAULIC_HEAD, 0, 35)]))
"""
    said = subprocess.run(
        [sys.executable, "-c", reader], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    flow, head = (np.array(series) for series in json.loads(said.stdout.splitlines()[0]))
    run = run_swmm(source(relative, shared_data))
    cubic_foot, foot = 0.028316846592, 0.3048
    np.testing.assert_allclose(run.results.link("flow")[:, 3], flow * cubic_foot, rtol=1e-6)
    np.testing.assert_allclose(run.results.node("head")[:, 5], head * foot, rtol=1e-6)


def test_the_golden_report_of_another_version_has_the_same_balances(shared_data):
    """Example1b: 5.0.022 wrote this report; 5.2.4 gives the same errors to a hundredth of a percent."""
    golden = read_rpt((shared_data / "swmmio-golden-rpt/Example1b.rpt").read_text(encoding="utf-8"))
    run = run_swmm(source("swmmio-golden-rpt/Example1b.inp", shared_data))
    assert golden.continuity.keys() == run.continuity.keys()
    assert run.continuity["runoff"] == pytest.approx(golden.continuity["runoff"], abs=2e-3)
    assert re.match(r"5\.\d", golden.version)


def test_a_water_supply_model_is_refused_by_name(shared_data):
    with pytest.raises(FileUnreadable) as refused:
        read_inp(shared_data / "l-town/L-TOWN.inp", CITY)
    assert refused.value.reason == "epanet"
    assert "PIPES" in refused.value.facts["sections"]


def test_rain_files_of_a_foreign_disk_are_found_beside_the_model(shared_data):
    relative = "astlingen-swp/Astlingen_SWMM_RL_synthetic_year_2000.inp"
    reading = read(shared_data / relative)
    moved = [issue for issue in reading.issues if issue.code == "inp.file-moved"]
    assert [issue.facts["taken"] for issue in moved] == [
        f"RG{n}_synthetic_year2000.txt" for n in (1, 2, 3, 4)
    ]
    assert moved[0].place.sheet == "TIMESERIES"
    window = {"END_DATE": "01/01/2000", "END_TIME": "09:00:00"}
    run = run_swmm(source(relative, shared_data), beside(relative, shared_data), options=window)
    assert run.results.system("rain").max() > 0
