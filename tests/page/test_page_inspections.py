"""A crew's files are dropped on the page as a person drops them, and become grades; what is wrong is told."""

import os
import time
from pathlib import Path

import pytest

from tests.page.crew_delivery import CITY, word, write_bad, write_city, write_good
from wenqu.survey.formats import crew_lists, crew_report, read

pytestmark = pytest.mark.browser
FILM = 2 << 30  # bytes: the disk holds none of them


@pytest.fixture(scope="module")
def visited(visit_with, tmp_path_factory):
    folder = tmp_path_factory.mktemp("crew") / "store"
    kwb = Path(__file__).resolve().parents[3] / "shared" / "data" / "kwb-en13508-2" / "example_13508_2.txt"
    write_city(folder, kwb)
    with visit_with(folder, inspection_mb="1") as made:
        made.kwb = kwb
        made.folder = folder
        yield made


@pytest.fixture(scope="module")
def delivered(visited, crew, tmp_path_factory):
    """Drop a folder with all that crews hand over, good and bad; return what the page said of it."""
    home = tmp_path_factory.mktemp("dropped") / "城北五月"
    write_good(home, visited.kwb)
    write_bad(home / "坏的", crew)
    page = open_tab(visited)
    drop(page, home)
    page.wait_for_selector("button.primary:enabled")
    page.locator("button.primary").click()
    told = {}
    for language in ("zh", "en"):
        if told:
            page.goto(page.url.replace("lang=zh", f"lang={language}"))
            page.get_by_text("list of a crew (table)").first.wait_for()
        page.wait_for_selector("form.accept, .trouble", timeout=60_000)
        page.locator("details.notes").evaluate("at => at.open = true")
        told[language] = page.inner_text("main")
        shoot(page, f"preview-{language}")
    page.goto(page.url.replace("lang=en", "lang=zh"))
    page.locator("form.accept input").fill("2026 年 5 月")
    page.locator("form.accept button.primary").click()
    page.wait_for_selector("h2:has-text('已登记')", timeout=60_000)
    told["done"] = page.inner_text(".done")
    assert visited.complaints == []
    return told


def drop(page, *paths):
    """Drop files and folders on the page as a person does: the browser gets the paths, not made-up events."""
    box = page.locator(".drop").first.bounding_box()
    talk = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": data}
    for kind in ("dragEnter", "dragOver", "drop"):
        talk.send("Input.dispatchDragEvent", {"type": kind, **at})
    talk.detach()


def open_tab(visited, row="", language="zh", theme="light"):
    page = visited.page
    page.goto(f"{visited.home}/#/{CITY}/survey?tab=inspections&row={row}&lang={language}&theme={theme}")
    page.wait_for_selector(".screen, .drop")
    return page


def steps(visited, asset):
    """Return the words of an inspection's page: the grade with its numbers."""
    page = open_tab(visited)
    page.get_by_role("link", name=asset, exact=True).first.click()
    page.wait_for_selector("ol.steps")
    return page.inner_text(".side")


def shoot(page, name):
    """Keep a picture where a person asked for one."""
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.usefixtures("delivered")
def test_a_word_report_of_two_pipes_becomes_two_grades(visited):
    # PL3 5, SL2 2, CK1 0.5, all farther apart than 1.5 m: S = 7.5 / 3 = 2.5, F = max(2.5, 5) = 5, Ⅲ;
    # K 6 (trunk road), E 3 (800 mm), T 0: RI = 0.7·5 + 0.1·6 + 0.05·3 = 4.25, Ⅲ
    told = steps(visited, "W12-W13")
    assert "S = (5 + 2 + 0.5) / 3 = 2.5" in told
    assert "= 0.7·5 + 0.1·6 + 0.05·3 + 0.15·0 = 4.25" in told
    shoot(visited.page, "word-one")
    # CJ2 2: Y = 2, G = 2, below 4, so that place and size do not count: MI = 0.8·2 = 1.6
    told = steps(visited, "W13-W14")
    assert "Y = (2) / 1 = 2" in told
    assert "= 1.6" in told
    assert visited.page.locator("tbody button, tbody a").count() >= 1  # its picture


@pytest.mark.usefixtures("delivered")
def test_a_workbook_becomes_a_grade(visited):
    # two PL4 with 1.2 m between them count 1.1 each: S = (11 + 11) / 2 = 11, F = 11, Ⅳ;
    # K 3, E 0 (500 mm), T 0: RI = 0.7·11 + 0.3 = 8, Ⅳ
    told = steps(visited, "X1-X2")
    assert "S = (1.1·10 + 1.1·10) / 2 = 11" in told
    assert "= 8" in told


@pytest.mark.usefixtures("delivered")
def test_an_access_file_becomes_a_grade(visited):
    # JG4 over the whole 20 m: Y = 10, G = 10, Y_M = 10·20 / (10·20) = 1, whole;
    # K 10 (central), E 6 (1200 mm): MI = 0.8·10 + 0.15·10 + 0.05·6 = 9.8, Ⅳ
    assert "= 0.8·10 + 0.15·10 + 0.05·6 = 9.8" in steps(visited, "M1-M2")


def test_every_exchange_form_is_told_by_its_name(delivered):
    for form in ("ISYBAU XML 2013-02", "ISYBAU XML 2017-07", "DWA-M 150", "WinCan", "PACP"):
        assert all(form in delivered[language] for language in ("zh", "en")), form


@pytest.mark.usefixtures("delivered")
def test_the_public_survey_becomes_classes(visited):
    if not visited.kwb.is_file():
        pytest.skip("the real data (../shared/data) is not beside this checkout")
    name = read(visited.kwb).seen[0].inspection.asset
    told = steps(visited, name)
    assert "按 BFR Abwasser 2018 的状况分级" in told
    assert "没有等级" in told  # the table has example rows only, and says so


def test_what_is_wrong_is_told_in_both_languages_and_the_rest_enters(visited, delivered):
    for language in ("zh", "en"):
        for words in ("断.docx", "乱.docx", "断.xml", "XYZ", "61", "两次.xlsx"):
            assert words in delivered[language], (language, words)
    assert "缺陷代码不认识" in delivered["zh"]  # counted by rule, under its name
    assert "Unknown defect code" in delivered["en"]
    found = visited.page.context.request.get(
        f"{visited.home}/api/v1/cities/{CITY}/inspections?most=1000"
    ).json()
    by_pipe = [row["asset"] for row in found["rows"]]
    assert by_pipe.count("Q1-Q2") == 3  # that of the text with its two observations, and both of one number
    assert {row["defects"] for row in found["rows"] if row["asset"] == "Q1-Q2"} == {1, 2}


@pytest.mark.usefixtures("delivered")
@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_the_annexes_taken_from_the_page_are_what_was_read_in(visited, form, tmp_path):
    page = open_tab(visited)
    page.get_by_role("link", name="W12-W13", exact=True).first.click()
    page.wait_for_selector("ol.steps")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Word" if form == "docx" else "Excel").click()
    path = tmp_path / f"annexes.{form}"
    coming.value.save_as(path)
    (tmp_path / "given.docx").write_bytes(word())
    given = crew_report.read(tmp_path / "given.docx").seen[0].inspection
    again = (crew_report if form == "docx" else crew_lists).read(path).seen[0].inspection
    assert again.asset == "W12-W13"  # by its manholes
    for name in ("start", "end", "date", "direction", "length", "inspector"):
        assert getattr(again, name) == getattr(given, name), name
    rows = [[(d.code, d.level, d.start, d.length, d.clock) for d in one.defects] for one in (given, again)]
    assert rows[0] == rows[1]


@pytest.mark.usefixtures("delivered")
def test_the_scores_of_the_contractor_are_compared_with_ours(visited):
    page = open_tab(visited, "differences/")
    page.wait_for_selector(".total")
    told = page.inner_text(".screen")
    assert "W13-W14" in told  # its sheet says RI 4.25 and MI 0
    assert "1.6" in told
    shoot(page, "differences")


def test_a_film_beyond_the_limit_is_refused_before_it_is_sent(visited, tmp_path):
    film = tmp_path / "film.mp4"
    with film.open("wb") as out:
        out.truncate(FILM)
    for language, says in (("zh", "超过一批的上限 1 MB"), ("en", "1 MB")):
        page = open_tab(visited, language=language)
        page.reload()
        page.wait_for_selector(".drop")
        drop(page, film)
        page.locator("button.primary").click()
        page.wait_for_selector("[role=alert]")
        assert says in page.inner_text("[role=alert]")
        assert "2048 MB" in page.inner_text("[role=alert]")
        shoot(page, f"too-large-{language}")
    assert unfinished(visited) == []


def unfinished(visited):
    """Return the deliveries that were begun and are not let in."""
    asked = f"{visited.home}/api/v1/cities/{CITY}/inspections/deliveries"
    return [one for one in visited.page.context.request.get(asked).json() if one["state"] != "accepted"]


def test_the_button_calls_an_upload_off_and_nothing_of_it_is_left(visited, tmp_path):
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(900_000))
    page = open_tab(visited)
    page.reload()
    page.wait_for_selector(".drop")
    talk = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 60_000}
    talk.send("Network.enable")
    talk.send("Network.emulateNetworkConditions", slow)  # 15 s
    drop(page, film)
    page.locator("button.primary").click()
    page.wait_for_function("() => document.querySelector('.go progress')?.value > 0.05")
    assert len(unfinished(visited)) == 1
    page.locator(".go button").click()
    page.wait_for_selector("button.primary:enabled")  # the files are still chosen
    assert page.locator("[role=alert]").count() == 0
    talk.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1})
    talk.detach()
    assert unfinished(visited) == []
    for _ in range(50):
        left = [path for path in (visited.folder / "inspections").rglob("*") if path.stat().st_size > 100_000]
        if not [path for path in left if path.is_file()]:
            break
        time.sleep(0.1)
    assert [path for path in left if path.is_file()] == []


@pytest.mark.usefixtures("delivered")
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
