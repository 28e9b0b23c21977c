"""The public EN 13508-2 survey and a crew's list enter by the page's routes and by the command line alike."""

import time
from dataclasses import asdict

import numpy as np
import openpyxl
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from wenqu.api.router import make_api
from wenqu.cli.main import app
from wenqu.cli.output import settings
from wenqu.network.model import City, assets
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import Cities
from wenqu.services.score_differences import score_differences
from wenqu.store.database import open_store
from wenqu.survey.formats import read

HOME = "/api/v1/cities/kwb/inspections"


def city_of(store, pipes):
    """Write a city with a pipe between each two manholes."""
    names, begin, end = zip(*pipes, strict=True)
    nodes = sorted({*begin, *end} - {""})
    with store.change("kwb", who="tester", why="network") as change:
        change.put_city(City("kwb"))
        change.put(assets("manhole", nodes, {}))
        many = len(names)
        ends = {"from_id": begin, "to_id": end, "length": [100.0] * many, "height": [0.6] * many}
        change.put(assets("conduit", list(names), ends))


def by_page(store, path):
    face = TestClient(make_api(Cities(store)), base_url="http://127.0.0.1")
    home = f"{HOME}/deliveries/{face.post(f'{HOME}/deliveries').json()['id']}"
    try:
        assert face.post(f"{home}/files?name={path.name}", content=path.read_bytes()).status_code == 200
        for step in ("check", "accept"):
            job = face.post(f"{home}/{step}", json={"why": "survey"}).json()
            while job["state"] == "running":
                time.sleep(0.05)
                job = face.get(f"/api/v1/jobs/{job['id']}").json()
            assert job["state"] == "done", job
    finally:
        face.app.state.jobs.close()


def by_hand(folder, path, monkeypatch):
    monkeypatch.setenv("WENQU_STORE", str(folder))
    settings.cache_clear()
    try:
        done = CliRunner().invoke(app, ["inspections", "take-in", str(path), "--city", "kwb", "--json"])
    finally:
        settings.cache_clear()
    assert done.exit_code == 0, done.output


@pytest.fixture
def both(tmp_path, monkeypatch):
    """Return what takes a file in both ways and tells what each has filed."""

    def enter(path, pipes):
        filed = []
        for name in ("page", "hand"):
            store = open_store(tmp_path / name)
            city_of(store, pipes)
            if name == "page":
                by_page(store, path)
            else:
                by_hand(tmp_path / name, path, monkeypatch)
            rows = store.records("kwb", "inspection", Inspection)
            filed.append([asdict(row) for row in sorted(rows, key=lambda row: row.id)])
            differences = score_differences(store, Cities(store).state("kwb"), "en")
            store.close()
        return filed[0], filed[1], differences

    return enter


def test_the_public_survey_enters_by_page_and_command_alike(both, shared_data):
    path = shared_data / "kwb-en13508-2" / "example_13508_2.txt"
    told = [one.inspection for one in read(path).seen]
    pipes = sorted({(one.asset, one.start, one.end) for one in told})
    page, hand, _ = both(path, pipes)
    assert (len(page), sum(len(row["defects"]) for row in page)) == (19, 335)
    np.testing.assert_equal(page, hand)


def test_a_crews_list_enters_alike_and_its_scores_are_compared(both, tmp_path):
    book = openpyxl.Workbook()
    rows = [
        ["管段编号", "起始井号", "终止井号", "检测日期", "距离（m）", "缺陷代码", "等级"],
        ["W1-W2", "W1", "W2", "2026-05-04", 3.5, "PL", 3],
        ["W1-W2", "W1", "W2", "2026-05-04", 9.0, "SL", 2],
    ]
    for row in rows:
        book.active.append(row)
    graded = book.create_sheet("评估")
    # PL 3 scores 5 and SL 2 scores 2: S = 3.5, F = max(3.5, 5) = 5; the crew added them up
    for row in (["管段编号", "管径", "结构性缺陷参数F"], ["W1-W2", 600, 7.0]):
        graded.append(row)
    path = tmp_path / "list.xlsx"
    book.save(path)
    page, hand, differences = both(path, [("W1-W2", "W1", "W2")])
    np.testing.assert_equal(page, hand)
    (one,) = page
    assert [(row["code"], row["start"]) for row in one["defects"]] == [("PL", 3.5), ("SL", 9.0)]
    assert differences["compared"] == 1
    assert [(row["figure"], row["ours"], row["causes"]) for row in differences["rows"]] == [
        ("F", 5.0, ["sum"])
    ]
