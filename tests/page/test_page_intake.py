"""A survey firm's delivery, brought in by a clerk in the browser: mapped, checked, accepted, mended."""

import base64
import json
import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
POINTS = [(f"W{n}", 499000.0 + 50 * n, 3171000.0, 3.0 - 0.1 * n) for n in range(5)]


def feature(shape, coords, **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": shape, "coordinates": coords}}


def written(path, features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.fixture
def delivered(tmp_path):
    """Return two files of plane coordinates; two pipes have the same number."""
    nodes = [feature("Point", [x, y], 编号=id_, 井底高程=low, 地面高程=6.0) for id_, x, y, low in POINTS]
    ends = [("W0", "W1"), ("W1", "W2"), ("W2", "W3"), ("W3", "W4")]
    places = [[x, y] for _, x, y, _ in POINTS]
    names = ["P0", "P1", "P2", "P2"]
    lines = [
        feature("LineString", places[n : n + 2], 编号=names[n], 起点=one, 终点=other, 口径=300)
        for n, (one, other) in enumerate(ends)
    ]
    return [written(tmp_path / "检查井.geojson", nodes), written(tmp_path / "管段.geojson", lines)]


def shoot(page, name):
    """Keep a picture where a person asked for one."""
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_delivery_enters_by_the_page_and_is_mended_from_the_queue(visit, delivered):
    page = visit.page
    page.goto(f"{visit.home}/#/intake/survey?lang=zh&theme=light")
    page.wait_for_selector("text=选择要导入的文件")
    page.set_input_files("input[type=file]", [str(path) for path in delivered])
    shoot(page, "1-file")
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_selector("text=识别结果")
    check = page.get_by_role("button", name="开始检查")
    assert check.is_disabled()  # never guessed
    page.locator("input[name=crs][value=new]").check()  # the city's own grid, shifted by 100 m
    page.get_by_label("参数通往的公开坐标系").fill("EPSG:4549")
    for name, value in (("dx", "100"), ("dy", "-50"), ("旋转角", "0"), ("尺度", "1")):
        page.locator("fieldset .numbers label", has_text=name).locator("input").fill(value)
    page.wait_for_selector("text=东经 119.99")
    shoot(page, "1-grid")
    page.locator("input[name=crs][value=other]").check()
    page.locator("input.typed").fill("EPSG:4549")
    page.wait_for_selector("text=东经 119.98")
    page.wait_for_function("() => !document.querySelector('.go button.primary').disabled")
    page.get_by_label("“口径”对应的字段").select_option("height")
    page.get_by_label("“口径”的单位").select_option("mm")
    page.wait_for_selector("text=预览前 4 行的转换结果")
    page.wait_for_selector("td.num:has-text('300')")  # as it is read: mm
    shoot(page, "2-fields")
    page.get_by_role("button", name="开始检查").click()
    page.wait_for_selector("text=按设施类型", timeout=120_000)
    shoot(page, "3-check")
    page.get_by_label("入库原因（写入变更历史）").fill("2026 年普查")
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_selector("text=记为第 1 号变更", timeout=60_000)
    shoot(page, "4-done")
    page.get_by_role("link", name="待修队列").last.click()
    page.wait_for_selector("article")
    shoot(page, "5-queue")
    assert "编号重复" in page.inner_text("article")
    row = page.locator("article", has_text="P2").first
    row.locator("button.head").click()
    row.locator(".body").wait_for()
    visit.settle()
    shoot(page, "6-row")
    row.get_by_role("button", name="手工改写").click()
    page.wait_for_selector("#rewrite-id")
    assert page.locator("#rewrite-id").input_value() == "P2-2"
    page.locator("#rewrite-id").fill("P3")
    page.get_by_role("button", name="在图上画").click()
    page.wait_for_selector(".sheet .map[data-idle=true]")
    shoot(page, "6-rewrite")
    page.get_by_role("button", name="保存并入库").click()
    page.wait_for_selector("text=号变更")
    page.get_by_role("button", name="撤销").click()
    page.wait_for_selector("article")
    row.locator("button.head").click()
    row.get_by_role("button", name="修复", exact=True).first.click()
    page.wait_for_selector("text=号变更")
    assert visit.complaints == []
    assert visit.strangers == []
    shoot(page, "7-repaired")


def dropped(page, path):
    """Let a file fall on the page, as a hand does."""
    told = [path.name, base64.b64encode(path.read_bytes()).decode()]
    held = page.evaluate_handle(
        """([name, text]) => { const held = new DataTransfer();
            held.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
            return held; }""",
        told,
    )
    for event in ("dragover", "drop"):
        page.dispatch_event(".drop", event, {"dataTransfer": held})


def handed_in(visit, city, path):
    page = visit.page
    page.goto(f"{visit.home}/#/{city}/survey?lang=zh&theme=light")
    page.wait_for_selector("text=选择要导入的文件")
    page.locator(".screen form input").first.fill(city)
    dropped(page, path)
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_selector("text=识别结果")


def test_points_that_came_before_their_pipes_stay_until_a_person_agrees_to_a_number(visit, delivered):
    page = visit.page
    handed_in(visit, "points", delivered[0])
    page.locator("input[name=crs][value=other]").check()
    page.locator("input.typed").fill("EPSG:4549")
    page.wait_for_function("() => !document.querySelector('.go button.primary').disabled")
    page.get_by_role("button", name="开始检查").click()
    page.wait_for_selector("text=按设施类型", timeout=120_000)
    page.get_by_label("入库原因（写入变更历史）").fill("只有点")
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_selector("text=记为第 1 号变更", timeout=60_000)
    page.goto(
        f"{visit.home}/#/points/survey?tab=queue&filter=connectivity.orphan-manhole&lang=zh&theme=light"
    )
    page.get_by_role("button", name="按建议修复这一类").click()
    page.wait_for_selector("text=它们的管线可能还没有导入")
    page.get_by_role("button", name="不删").click()
    page.get_by_label("这一类统一修复为").select_option("abandon")
    page.get_by_role("button", name="按建议修复这一类").click()
    page.wait_for_selector("text=已处理 5 行")  # nothing is lost by it, so nothing is asked
    visit.complaints.clear()  # the browser notes the refusal that asked


def test_a_table_that_two_encodings_fit_is_shown_in_both(visit, tmp_path):
    page = visit.page
    table = tmp_path / "管線.csv"
    table.write_bytes("管線編號,起點,終點,管徑(mm),材質\nP1,檢查井一,檢查井二,300,鑄鐵管\n".encode("big5"))
    handed_in(visit, "points", table)
    page.wait_for_selector("text=的字节符合两种编码")
    page.wait_for_selector("td:has-text('檢查井一')")
    page.get_by_role("button", name="按 GB18030 读").click()
    page.wait_for_selector("text=按所选的编码读取")
    page.wait_for_function("() => !document.body.innerText.includes('檢查井一')")
    page.get_by_label("管線.csv 的编码").select_option("Big5")
    page.wait_for_selector("td:has-text('檢查井一')")
    assert visit.complaints == []


def test_a_file_that_names_another_system_waits_until_a_person_says_who_is_right(visit, tmp_path):
    page = visit.page
    lines = [
        feature("LineString", [[500000 + 9 * n, 3170000], [500009 + 9 * n, 3170000]], 编号=f"D{n}")
        for n in (0, 1)
    ]
    path = tmp_path / "管段.geojson"
    named = {"crs": {"type": "name", "properties": {"name": "EPSG:4550"}}}
    path.write_text(json.dumps({"type": "FeatureCollection", **named, "features": lines}), encoding="utf-8")
    handed_in(visit, "doubted", path)
    page.get_by_role("button", name="文件写的坐标系不对？").click()
    page.get_by_role("checkbox", name="管段.geojson").check()
    page.locator("input[name=crs][value=other]").check()
    page.locator("input.typed").fill("EPSG:4549")
    page.wait_for_selector("text=管段.geojson 自己写明 EPSG:4550")
    assert "两处相距 293 km" in page.inner_text(".doubt")
    visit.settle()
    shoot(page, "8-two-places")
    assert page.get_by_role("button", name="开始检查").is_disabled()
    page.get_by_label("文件写错了，按 EPSG:4549 导入").check()
    page.get_by_role("button", name="开始检查").click()
    page.wait_for_selector("text=按设施类型", timeout=120_000)
    assert "按要求当作 EPSG:4549" in page.inner_text(".screen")
    assert visit.complaints == []


def test_degrees_abroad_that_no_file_names_are_asked_about_with_their_extent(visit, tmp_path):
    page = visit.page
    points = [feature("Point", [10.38 + 0.01 * n, 55.4], 编号=f"A{n}", 井底高程=1.0) for n in range(3)]
    handed_in(visit, "abroad", written(tmp_path / "检查井.geojson", points))
    assert page.get_by_role("button", name="开始检查").is_disabled()
    page.locator("input[name=crs][value='EPSG:4326']").check()
    page.wait_for_selector("text=东经 10.3800")
    visit.settle()
    shoot(page, "9-abroad")
    page.wait_for_function("() => !document.querySelector('.go button.primary').disabled")
    assert visit.complaints == []
