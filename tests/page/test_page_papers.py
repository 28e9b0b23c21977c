"""A paper on the page: its figures open their sources, its texts are written, kept, and told of changes."""

from contextlib import contextmanager

import numpy as np
import pytest

from tests.api.test_papers import town as small_town
from tests.page.conftest import DESK, PASSWORD, Visit, let_root_in, listen, serving
from wenqu.series.model import series
from wenqu.services.rights import Grant
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory, built):
    """Return the folder of the town of two districts with an office, the west and a crew."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL

    assert built.is_dir()
    made = tmp_path_factory.mktemp("papers")
    store = small_town(made)
    let_root_in(store)
    for name, grant in {"crew": Grant("contractor", "c"), "west": Grant("district", "c", "W")}.items():
        change_password(store.accounts, name, add_account(store.accounts, LOCAL, name), PASSWORD)
        give_grant(store.accounts, LOCAL, name, grant)
    store.close()
    return made / "store"


@contextmanager
def reading(chromium, home, rest, name="root"):
    context = chromium.new_context(viewport=DESK, locale="zh-CN", accept_downloads=True)
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    made.page.goto(f"{home}/#/c/documents?tab=papers&lang=zh{rest}")
    made.settle()
    yield made
    assert not made.complaints
    context.close()


def brighter(folder):
    """Let a month of 110 mg/L follow the two of 80: the year's mean is 90 mg/L."""
    store = open_store(str(folder))
    times = np.datetime64("2026-03-02", "s") + np.arange(30) * np.timedelta64(86400, "s")
    store.write_series("c", [series("PE", name, times, np.full(30, value))
                             for name, value in (("flow", 0.2), ("bod5", 0.11))])  # fmt: skip
    with store.change("c", who="tester", why="news") as change:
        change.write_document("note.txt", b"news")
    store.close()


def test_a_text_is_written_kept_and_told_when_its_figures_change(folder, chromium):
    with serving(folder) as home:
        with reading(chromium, home, "&row=plant/PE") as office:
            page = office.page
            assert "低于目标 100 mg/L" in office.text()
            page.get_by_role("button", name="号数字的出处").first.click()
            assert "污水厂登记 PE" in page.get_by_role("dialog").inner_text()
            page.get_by_role("dialog").get_by_role("button", name="关闭").click()
            words = page.locator(".words", has_text="目标为进水 BOD5 高于")
            words.get_by_role("button", name="改写这段文字").click()
            page.get_by_role("textbox", name="文字").fill("力争明年达标，现为 ")
            page.get_by_role("searchbox").fill("流量加权年均")
            page.get_by_role("button", name="进水 BOD5（流量加权年均）").click()
            page.get_by_role("button", name="保存").click()
            page.get_by_text("root 于").wait_for()
            assert "力争明年达标，现为 80.0 (80.0–80.0) mg/L" in office.text()
            with page.expect_download() as taken:
                page.get_by_role("link", name="Word").click()
            assert taken.value.suggested_filename.endswith(".zh.docx")
        brighter(folder)
        with reading(chromium, home, "&row=plant/PE") as office:
            office.page.get_by_text("下列数字已变化").wait_for()
            said = office.text()
            assert "力争明年达标，现为 90.0 (" in said
            assert "80.0 (80.0–80.0) mg/L" in said  # what it was
        with reading(chromium, home, "", "west") as other:
            assert "西厂" in other.text()
            assert "东厂" not in other.text()
            assert other.page.get_by_role("button", name="改写这段文字").count() > 0
        with reading(chromium, home, "&row=plant/PE", "crew") as crew:
            assert crew.page.get_by_role("button", name="改写这段文字").count() == 0


@pytest.mark.parametrize(("kind", "title"), [
    ("district/E", "东区污水管网提升改造实施方案"), ("month/2026-02", "月报（2026-02）"),
    ("tasks/", "任务清单"),
    ("tables/W", "西区污水工程专项规划表"),
])  # fmt: skip
def test_every_kind_is_read_on_the_page(folder, chromium, kind, title):
    with serving(folder) as home, reading(chromium, home, f"&row={kind}") as office:
        assert title in office.page.locator("article h1").inner_text()
        assert "page." not in office.page.locator("article").inner_text()
