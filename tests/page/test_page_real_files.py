"""Each set of real, open data enters in the browser, as a clerk would bring it in."""

import os
from pathlib import Path

import pytest

from tests.stories.test_real_data_enters import SETS
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser
PLAN = {"aalto", "l-town"}  # nobody knows where they lie
WAIT = 120_000


@pytest.fixture(scope="module")
def office(visit_with, tmp_path_factory, shared_data):
    """Return a visit to a service with an empty store, and where the store is."""
    folder = tmp_path_factory.mktemp("office") / "store"
    open_store(folder).close()
    with visit_with(folder) as made:
        yield made, folder


def shoot(page, name):
    """Keep a picture where a person asked for one."""
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("name", list(SETS))
def test_real_files_enter_by_the_page(office, shared_data, name):
    visit, folder = office
    page = visit.page
    source, names, crs, _, counts = SETS[name]
    page.goto(f"{visit.home}/#/{name}/survey?lang=zh&theme=light")
    page.wait_for_selector("text=选择要导入的文件")
    page.locator(".screen form input").first.fill(name)
    page.set_input_files("input[type=file]", [str(shared_data / source / one) for one in names])
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_selector("text=识别结果", timeout=WAIT)
    if name in PLAN:
        assert page.get_by_role("button", name="开始检查").is_disabled()
        page.locator("input[name=crs][value=none]").check()
        page.wait_for_function("() => !document.querySelector('.go button.primary').disabled")
    visit.settle()
    shoot(page, f"{name}-fields")
    page.get_by_role("button", name="开始检查").click()
    page.wait_for_selector("text=按设施类型", timeout=WAIT)
    visit.settle()
    shoot(page, f"{name}-check")
    if name == "taizhou":
        told = page.inner_text(".notes")
        assert "331021" in told
        assert "331083" in told
        assert "9" in page.locator("tr", has_text="面边界已修复").inner_text()
    page.get_by_role("button", name="确认入库").click()
    page.wait_for_selector("text=记为第 1 号变更", timeout=WAIT)
    shoot(page, f"{name}-done")
    page.get_by_role("link", name="待修队列").last.click()
    page.wait_for_selector(".queue .list li")
    visit.settle()
    shoot(page, f"{name}-queue")
    assert visit.complaints == []
    assert visit.strangers == []
    kept = open_store(folder)
    network = kept.network(name)
    kept.close()
    assert network.city.crs == crs
    assert {type_: len(table) for type_, table in network.tables.items() if len(table)} == counts
