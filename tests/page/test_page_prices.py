"""Methods and prices on the page: a mistaken unit is seen before it is kept, a kept one can be taken back."""

from contextlib import contextmanager

import pytest

from tests.page.conftest import DESK, PASSWORD, Visit, let_root_in, listen, serving
from tests.services.test_figures_frozen import small_city

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(tmp_path_factory, built):
    """Return the folder of a small city with an office and a district."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant

    assert built.is_dir()
    folder = tmp_path_factory.mktemp("prices")
    made = small_city(folder)
    let_root_in(made)
    change_password(made.accounts, "west", add_account(made.accounts, LOCAL, "west"), PASSWORD)
    give_grant(made.accounts, LOCAL, "west", Grant("district", "c", "W"))
    made.close()
    return folder / "store"


@contextmanager
def acting(chromium, home, name="root"):
    """Open the tab under an account."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    made.page.goto(f"{home}/#/c/plan?tab=prices&lang=zh")
    made.settle()
    yield made
    context.close()


def test_a_price_is_changed_with_its_difference_shown_and_taken_back(town, chromium):
    with serving(town) as home, acting(chromium, home) as office:
        page = office.page
        page.get_by_role("link", name="紫外光固化或热水固化内衬").click()
        price = page.get_by_label("单价 a")
        price.fill("0.044")
        page.get_by_label("单价 b（乘管径）").fill("0.38")
        page.get_by_role("button", name="查看差别").click()
        page.get_by_text("有明显错误，不能保存").wait_for()
        assert "核对是否把万元写成元" in office.text()
        assert page.get_by_role("button", name="保存", exact=True).count() == 0
        page.get_by_role("button", name="放弃").click()
        price = page.get_by_label("单价 a")
        price.fill("500")
        page.get_by_role("button", name="查看差别").click()
        change = page.get_by_role("region", name="将要修改的内容")
        change.get_by_text("440").wait_for()
        change.get_by_label("修改原因").fill("按省定额更新")
        change.get_by_role("button", name="保存").click()
        page.get_by_text("已保存，现行版本").wait_for()
        office.settle()
        assert "按省定额更新" in office.text()
        page.get_by_role("button", name="恢复此版本").click()  # of Wenqu's table
        page.get_by_label("修改原因").fill("定额尚未发布")
        page.get_by_role("button", name="恢复此版本").last.click()
        page.get_by_text("定额尚未发布").wait_for()
        office.settle()
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert not office.complaints


def test_a_district_reads_prices_and_changes_none(town, chromium):
    with serving(town) as home, acting(chromium, home, "west") as district:
        page = district.page
        page.get_by_role("link", name="开挖更换").click()
        page.get_by_label("单价 a").wait_for()
        assert page.get_by_label("单价 a").is_disabled()
        assert page.get_by_role("button", name="查看差别").count() == 0
        assert page.get_by_text("上传表格").count() == 0
        assert not district.complaints
