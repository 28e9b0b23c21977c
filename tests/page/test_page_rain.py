"""The rain tab works out what rain does as a job, and then shows areas, meters and the course of an event."""

import pytest

from tests.services.test_rainfall import CODE, filled, readings

pytestmark = pytest.mark.browser


def test_rain_is_worked_out_from_the_page_and_shown(visit_with, tmp_path, built):
    assert built.is_dir()
    folder = tmp_path / "store"
    filled(folder, readings()).close()
    with visit_with(folder) as visit:
        page = visit.page
        page.goto(f"{visit.home}/#/{CODE}/diagnosis?tab=rain&lang=zh")
        visit.settle()
        assert "还没有计算过" in visit.text()
        page.click("text=重新计算")
        page.wait_for_selector("table caption:has-text('流量计之间的片区')", state="attached", timeout=90_000)
        visit.settle()
        links = page.locator("td a")
        assert {"甲", "乙", "总"} <= set(links.all_inner_texts())
        assert page.locator("svg path.model").get_attribute("d").count("L") > 20
        page.click("td a:text-is('甲')")
        page.locator("h2", has_text="甲").wait_for()
        page.click("button:has-text('雨后入渗')")
        page.wait_for_url("**by=slow**")
        visit.settle()
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        assert visit.complaints == []
        assert visit.strangers == []
