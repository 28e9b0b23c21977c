"""A crew's files are dropped on the page as a person drops them, and become grades; what is wrong is told."""

import os
import time
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from tests.network.formats.jet import Table, write_mdb
from wenqu.examples.crew_papers import defect, png, report, row, sheet
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.protocols.word_file import Box, Picture
from wenqu.store.database import open_store
from wenqu.survey.formats import read

pytestmark = pytest.mark.browser
CITY = "crew"
PIPES = {  # id: from, to, length [m], height [m], importance, soil
    "W12-W13": ("W12", "W13", 25.0, 0.8, "trunk_road", "ordinary"),
    "X1-X2": ("X1", "X2", 20.0, 0.5, "other_road", "ordinary"),
    "M1-M2": ("M1", "M2", 20.0, 1.2, "central", "ordinary"),
    "Q1-Q2": ("Q1", "Q2", 30.0, 0.4, "trunk_road", "ordinary"),
}
HEAD = ["管段编号", "起始井号", "终止井号", "检测日期", "检测方法", "距离（m）", "缺陷代码", "等级"]


def write_city(folder, kwb):
    """Write the pipes of the crew, and those of the public survey where it is at hand."""
    rows = dict(PIPES)
    if kwb.is_file():
        for one in read(kwb).seen:
            told = one.inspection
            rows[told.asset] = (told.start, told.end, 60.0, 0.3, "", "")
    nodes = sorted({name for row in rows.values() for name in row[:2]})
    place = {name: (499000.0 + 60 * at, 3171000.0) for at, name in enumerate(nodes)}
    ends = np.array([place[name] for row in rows.values() for name in row[:2]])
    begin, end, length, height, importance, soil = zip(*rows.values(), strict=True)
    store = open_store(folder)
    with store.change(CITY, who="tester", why="network") as change:
        change.put_city(City(CITY, "样城", "Crew", "EPSG:4549"))
        change.put(assets("manhole", nodes, {}, Shapes.points(np.array([place[name] for name in nodes]))))
        table = {
            "from_id": begin, "to_id": end, "length": length, "height": height,
            "importance": [one or None for one in importance], "soil": [one or None for one in soil],
        }  # fmt: skip
        change.put(assets("conduit", list(rows), table, Shapes.lines(ends, np.arange(0, len(ends) + 1, 2))))
    store.close()


@pytest.fixture(scope="module")
def visited(visit_with, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crew") / "store"
    kwb = Path(__file__).resolve().parents[3] / "shared" / "data" / "kwb-en13508-2" / "example_13508_2.txt"
    write_city(folder, kwb)
    with visit_with(folder, inspection_mb="1") as made:
        made.kwb = kwb
        yield made


def drop(page, *paths):
    """Drop files and folders on the page as a person does: the browser gets the paths, not made-up events."""
    box = page.locator(".drop").first.bounding_box()
    talk = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": data}
    for kind in ("dragEnter", "dragOver", "drop"):
        talk.send("Input.dispatchDragEvent", {"type": kind, **at})
    talk.detach()


def open_tab(visited, language="zh", theme="light"):
    page = visited.page
    page.goto(f"{visited.home}/#/{CITY}/survey?tab=inspections&lang={language}&theme={theme}")
    page.reload()
    page.wait_for_selector(".drop")
    return page


def check(visited, *paths, language="zh"):
    page = open_tab(visited, language)
    drop(page, *paths)
    page.wait_for_selector("button.primary:enabled")
    page.locator("button.primary").click()
    page.wait_for_selector("form.accept, .trouble, [role=alert]", timeout=60_000)
    return page


def accept(page):
    page.locator("form.accept input").fill("2026 年 5 月")
    page.locator("form.accept button.primary").click()
    page.wait_for_selector("h2:has-text('已登记')", timeout=60_000)


def steps(visited, asset):
    """Return the words of an inspection's page: the grade with its numbers."""
    page = visited.page
    page.get_by_role("link", name="← 检测清单").click()
    page.get_by_role("link", name=asset, exact=True).first.click()
    page.wait_for_selector("ol.steps")
    return page.inner_text(".side")


def shoot(page, name):
    """Keep a picture where a person asked for one."""
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def workbook(path, *rows):
    book = openpyxl.Workbook()
    for one in (HEAD, *rows):
        book.active.append(one)
    book.save(path)
    return path


def word(path, **more):
    photo = row(Box("照片1", span=8, pictures=(Picture("P1.png", png(3)),)))
    rows = [
        defect("2.0", "PL", "5", "3", "破碎", "1"),
        defect("8.0", "SL", "2", "2"),
        defect("15", "CK", "0.5", "1"),
    ]
    path.write_bytes(report("检测成果表", sheet(rows=rows, photos=[photo], **more)))
    return path


def test_a_word_report_in_a_folder_becomes_a_grade(visited, tmp_path):
    folder = tmp_path / "城北五月"
    folder.mkdir()
    word(folder / "检测报告.docx")
    page = check(visited, folder)
    assert "城北五月/检测报告.docx" in page.inner_text("body")
    shoot(page, "word-preview")
    accept(page)
    # PL3 5, SL2 2, CK1 0.5, all farther apart than 1.5 m: S = 7.5 / 3 = 2.5, F = max(2.5, 5) = 5, Ⅲ;
    # K 6 (trunk road), E 3 (800 mm), T 0: RI = 0.7·5 + 0.1·6 + 0.05·3 = 4.25, Ⅲ
    told = steps(visited, "W12-W13")
    assert "S = (5 + 2 + 0.5) / 3 = 2.5" in told
    assert "= 0.7·5 + 0.1·6 + 0.05·3 + 0.15·0 = 4.25" in told
    shoot(page, "word-one")
    assert visited.complaints == []


def test_a_workbook_becomes_a_grade(visited, tmp_path):
    rows = [["X1-X2", "X1", "X2", "2026-05-04", "CCTV", at, "PL", 4] for at in (5.0, 6.2)]
    page = check(visited, workbook(tmp_path / "五月.xlsx", *rows))
    accept(page)
    # two PL4 with 1.2 m between them count 1.1 each: S = (11 + 11) / 2 = 11, F = 11, Ⅳ;
    # K 3, E 0 (500 mm), T 0: RI = 0.7·11 + 0.3 = 8, Ⅳ
    told = steps(visited, "X1-X2")
    assert "S = (1.1·10 + 1.1·10) / 2 = 11" in told
    assert "= 8" in told


def test_an_access_file_becomes_a_grade(visited, tmp_path):
    rows = [("M1-M2", "M1", "M2", "2026-05-04", "CCTV", "0-20", "JG", "4")]
    path = write_mdb(tmp_path / "五月.mdb", {"缺陷": Table([(name, "text") for name in HEAD], rows)})
    page = check(visited, path)
    accept(page)
    # JG4 over the whole 20 m: Y = 10, G = 10, Y_M = 10·20 / (10·20) = 1, whole;
    # K 10 (central), E 6 (1200 mm): MI = 0.8·10 + 0.15·10 + 0.05·6 = 9.8, Ⅳ
    told = steps(visited, "M1-M2")
    assert "= 0.8·10 + 0.15·10 + 0.05·6 = 9.8" in told


def test_the_public_survey_becomes_classes(visited):
    if not visited.kwb.is_file():
        pytest.skip("the real data (../shared/data) is not beside this checkout")
    page = check(visited, visited.kwb.parent)
    assert "19" in page.inner_text(".figures")
    accept(page)
    name = read(visited.kwb).seen[0].inspection.asset
    told = steps(visited, name)
    assert "按 BFR Abwasser 2018 的状况分级" in told
    assert "没有等级" in told  # the table has example rows only, and says so
    shoot(page, "kwb-one")


def test_what_is_wrong_is_told_on_the_page_and_the_rest_enters(visited, crew, tmp_path):
    folder = tmp_path / "坏的"
    folder.mkdir()
    good = word(folder / "好.docx", start="Q1", end="Q2", date="2026年5月4日")
    (folder / "断.docx").write_bytes(good.read_bytes()[:700])
    (folder / "断.xml").write_bytes(b'<?xml version="1.0"?><Identifikation><Version>2013-02</Version><Dat')
    unknown = crew.survey_text(
        crew.block("Q1-Q2", "Q1", "Q2", 30.0, (5.0, "XYZ", "", ""), (61.0, "BAB", "", ""))
    )
    (folder / "欧标.txt").write_bytes(unknown)
    workbook(
        folder / "两次.xlsx",
        ["Q1-Q2", "Q1", "Q2", "2026-05-06", "CCTV", 3.0, "PL", 2],
        ["Q1-Q2", "Q1", "Q2", "2026-05-07", "CCTV", 4.0, "PL", 2],
    )
    page = check(visited, folder)
    page.locator("details.notes summary").click()
    shoot(page, "wrong")
    told = page.inner_text("body")
    for words in ("断.docx", "断.xml", "XYZ", "61"):
        assert words in told
    accept(page)
    assert "登记检测 4 次" in page.inner_text(".done")


def test_a_film_beyond_the_limit_and_one_called_off_leave_nothing(visited, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(3 << 20))
    page = open_tab(visited)
    drop(page, word(tmp_path / "a.docx"), film)
    page.locator("button.primary").click()
    page.wait_for_selector("[role=alert]")
    assert "超过一批的上限 1 MB" in page.inner_text("[role=alert]")
    shoot(page, "too-large")
    page.reload()
    page.wait_for_selector(".drop")
    assert page.locator("ul.open").count() == 0


def test_withdrawing_takes_the_grade_back(visited):
    page = open_tab(visited)
    page.get_by_role("link", name="X1-X2", exact=True).click()
    visited.complaints.clear()
    page.locator("details summary", has_text="不再计入").click()
    page.get_by_label("理由").fill("挂错了管段")
    page.locator("details button", has_text="不再计入").click()
    page.wait_for_selector("text=不再计入：挂错了管段")
    shoot(page, "withdrawn")
    time.sleep(0.1)
    assert visited.complaints == []
