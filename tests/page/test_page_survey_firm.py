"""A survey firm's delivery, three in a hundred rows bad, is brought in and made whole in the browser."""

import pytest

from tests.stories.test_survey_firm import DELIVERIES
from wenqu.examples.city.whole import example_city
from wenqu.examples.delivered_files import write_delivery
from wenqu.services.spoken_facts import rule_name
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought

pytestmark = pytest.mark.browser
WAIT = 180_000
READ_AS = {  # what the reader says of it instead
    "attribute.unknown-code": "format.unknown-code",
    "attribute.impossible-year": "format.bad-integer",
}
CLICKS = 120  # a repair may raise a doubt, which waits in its turn


def clicked_whole(page):
    """Click "all of this kind" for one kind after another until nothing waits; return how often."""
    for click in range(CLICKS):
        kinds = page.locator(".kinds select option").evaluate_all("all => all.map((one) => one.value)")[1:]
        if not kinds:
            return click
        page.locator(".kinds select").select_option(kinds[click % len(kinds)])
        every = page.locator(".all button")
        page.wait_for_selector(".all button, .queue .list li", timeout=WAIT)
        if not every.count():
            continue
        every.click()
        page.wait_for_selector(".said[role=status], .agree", timeout=WAIT)
        if page.locator(".agree").count():
            page.locator(".agree button").first.click()
        page.wait_for_selector(".said[role=status]", timeout=WAIT)
        page.reload()
        page.wait_for_selector(".queue .list li", timeout=WAIT)
    return CLICKS


def test_a_firms_workbook_is_made_whole_by_one_click_for_each_kind(visit_with, tmp_path):
    sound = example_city(conduits=600, seed=1).network
    planted = write_delivery(sound, tmp_path / "firm")
    folder = tmp_path / "store"
    open_store(folder).close()
    with visit_with(folder) as visit:
        page = visit.page
        page.set_default_timeout(WAIT)
        page.goto(f"{visit.home}/#/firm/survey?lang=zh&theme=light")
        page.locator(".screen form input").first.fill("firm")
        files = [str(tmp_path / "firm" / name) for name in DELIVERIES["workbook"]]
        page.set_input_files("input[type=file]", files)
        page.get_by_role("button", name="上传并识别").click()
        page.wait_for_selector(
            "text=同批其他文件写明的坐标系"
        )  # the workbook names none, the GeoPackage does
        page.locator(f"input[name=crs][value='{sound.city.crs}']").check()
        page.wait_for_function("() => !document.querySelector('.go button.primary').disabled")
        page.get_by_role("button", name="开始检查").click()
        page.wait_for_selector("text=按设施类型")
        told = page.inner_text(".screen")
        seen = {row.rule for row in planted if rule_name(READ_AS.get(row.rule, row.rule), "zh") in told}
        unseen = {row.rule for row in planted} - seen
        assert unseen <= {
            "geometry.no-shape", "geometry.end-misses", "geometry.near-miss", "geometry.crossing",
            "geometry.drawn-backwards",
        }  # fmt: skip
        page.get_by_role("button", name="确认入库").click()
        page.wait_for_selector("text=记为第 1 号变更")
        page.goto(f"{visit.home}/#/firm/survey?tab=queue&lang=zh&theme=light")
        page.wait_for_selector(".queue .list li")
        assert clicked_whole(page) < CLICKS
    store = open_store(folder)
    network = store.network("firm")
    left = store.waiting("firm", Sought())
    store.close()
    assert left == []
    loose = {row.id for row in planted if row.rule in {"connectivity.no-end", "connectivity.unknown-end"}}
    for type_, table in sound.tables.items():
        assert set(table.ids) - set(network.tables[type_].ids) <= loose
