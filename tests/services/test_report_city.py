"""What is filed of a city stands on its pages and in its lists."""

import io
import shutil
import subprocess

import numpy as np
import openpyxl
import pytest

from wenqu.diagnosis.grading import Segment, grade_conduit
from wenqu.errors import BadInput, UnknownCity
from wenqu.examples.little_city import little_city
from wenqu.network.model import City
from wenqu.records.inspection import Defect, Inspection
from wenqu.series.model import series
from wenqu.services.city_state import CityState
from wenqu.services.plant_inflow import plant_inflows
from wenqu.services.report_city import gather_report, report_city
from wenqu.store.database import open_store

CITY = "little"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The little city with one bad conduit and forty days of its plant's readings."""
    opened = open_store(tmp_path_factory.mktemp("store"))
    network = little_city()
    defect = Defect("C1", "PL", 4, 3.0, 2.0)
    seen = Inspection("I1", "C1", "cctv", "2025-03-01", 50.0, defects=(defect,), simulated=True)
    with opened.change(CITY, who="tester", why="build") as change:
        change.put_city(network.city)
        for table in network.tables.values():
            change.put(table)
        change.add_records("inspection", [seen])
        change.add_records(
            "grade", [grade_conduit(Segment("C1", 50.0, 0.3, "central", "ordinary"), [defect])]
        )
    times = np.datetime64("2025-01-01", "s") + np.arange(40) * np.timedelta64(1, "D")
    plant = str(network.table("plant").ids[0])
    day = np.arange(40.0)
    rows = {"flow": np.full(40, 0.1), "bod5": 0.08 + 0.0001 * day}
    opened.write_series(
        CITY, [series(plant, name, times, values, simulated=True) for name, values in rows.items()]
    )
    return opened


@pytest.fixture(scope="module")
def files(store, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "new" / "folder"
    told = []
    made = report_city(store, CITY, language="zh", folder=folder, who="tester", progress=told.append)
    return made, told


def test_two_files_are_written_and_filed_in_one_change(store, files):
    made, told = files
    assert [file.name for file in made] == ["little-report.zh.pdf", "little-lists.zh.xlsx"]
    assert made[0].read_bytes().startswith(b"%PDF-")
    assert [store.document(CITY, file.name) for file in made] == [file.read_bytes() for file in made]
    newest = store.changes(CITY)[0]
    assert (newest.who, newest.why) == ("tester", "report")
    assert {entry.number for entry in store.documents(CITY)} == {newest.number}
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_lists_hold_what_the_store_holds(store, files):
    book = openpyxl.load_workbook(io.BytesIO(files[0][1].read_bytes()))
    conduits = list(book["管段与等级"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in conduits] == list(store.network(CITY).table("conduit").ids)
    assert [row[1] for row in book["问题清单"].iter_rows(min_row=2, values_only=True)] == ["C1"]
    plant = next(book["污水处理厂"].iter_rows(min_row=2, values_only=True))
    inflow = plant_inflows(store, CityState(store.network(CITY)))[0]
    # Σ(Q·C)/ΣQ at even flow is the mean of 80.0 to 83.9 mg/L
    assert inflow.bod5 == pytest.approx(0.08195)
    header = [cell.value for cell in book["污水处理厂"][1]]
    assert plant[header.index("进水 BOD5 (mg/L)")] == pytest.approx(81.95)
    assert plant[header.index("日数")] == 40


@pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not on this machine"
)
def test_the_pages_say_what_is_known_and_what_is_missing(files):
    made = subprocess.run(["pdftotext", str(files[0][0]), "-"], capture_output=True, check=True)
    text = "".join(made.stdout.decode().split())
    assert "已评级管段1段，其中问题管段（修复或养护等级Ⅲ级及以上）1段" in text
    assert "尚未诊断外水" in text
    assert "尚未编制修复方案" in text
    assert "81.9" in text or "82.0" in text


def test_indicators_are_those_of_the_cockpit(store):
    report = gather_report(store, CityState(store.network(CITY)), who="tester")
    surveyed = next(target for target in report.targets if target.key == "surveyed")
    # C1 of the five sanitary conduits of 50 m was inspected
    assert (surveyed.above, surveyed.below, surveyed.rows) == (50.0, 250.0, 5)
    assert surveyed.today == pytest.approx(0.2)


def test_a_city_with_nothing_still_gets_its_report(tmp_path):
    store = open_store(tmp_path / "store")
    with store.change("a/b", who="tester", why="build") as change:
        change.put_city(City("a/b", "空城"))
    made = report_city(store, "a/b", language="en", folder=tmp_path, who="tester")
    assert [file.parent for file in made] == [
        tmp_path
    ] * 2  # the code of a city never leads out of the folder
    assert all(file.stat().st_size > 1000 for file in made)


def test_an_unknown_city_or_language_is_refused_before_anything_is_written(store, tmp_path):
    with pytest.raises(UnknownCity):
        report_city(store, "nowhere", language="zh", folder=tmp_path, who="tester")
    with pytest.raises(BadInput):
        report_city(store, CITY, language="de", folder=tmp_path, who="tester")
    assert list(tmp_path.iterdir()) == []


def test_the_posterior_is_laid_beside_the_conduits_by_id(store):
    from wenqu.services import filed_records
    from wenqu.services.diagnose_city import ConduitPosterior

    two = np.array([1e-3, 2e-3])
    found = ConduitPosterior(
        np.array(["C3", "C1"], dtype=object), two, two * 3, two, two * 4, two, two,
        np.array(["M", ""], dtype=object), two,
    )  # fmt: skip
    state = CityState(store.network(CITY))
    state.once("posterior", lambda: found)
    assert filed_records.posterior(store, state) is found
    report = gather_report(store, state, who="tester")
    place = {str(id_): row for row, id_ in enumerate(report.network.table("conduit").ids)}
    assert report.extraneous[[place["C3"], place["C1"]]] == pytest.approx([2e-3, 4e-3])
    assert report.extraneous_sd[place["C3"]] == pytest.approx(5e-3)  # 3-4-5
    assert np.isnan(report.extraneous[place["C2"]])
    assert report.areas[place["C3"]] == "M"
