"""Packages on the page: joined, renamed, split and released by hand, each step told and taken back."""

import re
from contextlib import contextmanager

import pytest

from tests.page.conftest import DESK, PASSWORD, Visit, listen, serving
from tests.services.test_plan_city import CODE
from wenqu.services.accounts import add_account, change_password, give_grant
from wenqu.services.rights import LOCAL, Grant
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser


@pytest.fixture
def town(town):
    """Return the folder of the small city; a reader has an account too."""
    made = open_store(town)
    change_password(made.accounts, "reader", add_account(made.accounts, LOCAL, "reader"), PASSWORD)
    give_grant(made.accounts, LOCAL, "reader", Grant("bureau", CODE))
    made.close()
    return town


@contextmanager
def acting(chromium, home, name="root", words="zh"):
    """Open the tab under an account."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    made.page.goto(f"{home}/#/{CODE}/plan?tab=packages&lang={words}")
    made.settle()
    yield made
    context.close()


def test_packages_are_joined_renamed_released_and_a_step_is_taken_back(town, chromium):
    with serving(town) as home, acting(chromium, home) as office:
        page = office.page
        assert "尚未手工调整" in office.text()
        for pipe in ("C0", "C1"):
            page.get_by_label(f"选中 {pipe}", exact=True).check()
        assert "已选 2 包" in office.text()
        page.get_by_label("合并所选包件").fill("一标")
        page.get_by_role("button", name="合并", exact=True).click()
        page.get_by_text("已保存；重新规划后生效。").wait_for()
        office.settle()
        row = page.get_by_role("row").filter(has=page.get_by_role("link", name="一标", exact=True))
        assert re.search(r"手工", row.inner_text())
        view = page.get_by_role("region", name="一标")  # it is open: what the whole could be, pipe by pipe
        assert "整包方案" in view.inner_text()
        assert view.get_by_role("link", name="C0", exact=True).count() == 1
        view.get_by_label("新名称").fill("北标")
        view.get_by_role("button", name="改名").click()
        page.get_by_role("region", name="北标").wait_for()
        office.settle()
        page.get_by_role("region", name="北标").get_by_role("button", name="解散").click()
        page.get_by_role("link", name="北标", exact=True).wait_for(state="detached")
        office.settle()
        page.get_by_role("button", name="撤销上一步").click()  # the release
        page.get_by_role("link", name="北标", exact=True).wait_for()
        office.settle()
        assert "root" in page.locator(".steps").inner_text()
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert office.complaints == []


def test_why_a_method_fits_is_read_by_whoever_sees_the_city_and_changed_by_nobody_else(town, chromium):
    with serving(town) as home, acting(chromium, home, "reader", "en") as reader:
        page = reader.page
        assert page.get_by_role("checkbox").count() == 0
        page.get_by_role("link", name="C1", exact=True).first.click()
        reader.settle()
        view = page.get_by_role("region", name="C1")
        view.wait_for()
        assert view.get_by_role("button", name="Rename").count() == 0
        assert re.search(r"\d+ of \d+", view.inner_text())
        assert reader.complaints == []
