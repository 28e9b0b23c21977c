"""Rules of a programme on the page: filled in, told what makes no sense, kept with a reason, taken back."""

from contextlib import contextmanager

import pytest

from tests.page.conftest import DESK, PASSWORD, Visit, let_root_in, listen, serving
from tests.services.test_figures_frozen import small_city

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(tmp_path_factory, built):
    """Return the folder of a small city with an office that only reads."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant

    assert built.is_dir()
    folder = tmp_path_factory.mktemp("rules")
    made = small_city(folder)
    let_root_in(made)
    change_password(made.accounts, "reader", add_account(made.accounts, LOCAL, "reader"), PASSWORD)
    give_grant(made.accounts, LOCAL, "reader", Grant("bureau", "c"))
    made.close()
    return folder / "store"


@contextmanager
def acting(chromium, home, name="root", lang="zh"):
    """Open the tab under an account."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    made.page.goto(f"{home}/#/c/plan?tab=rules&lang={lang}")
    made.settle()
    yield made
    context.close()


def test_rules_are_filled_in_checked_kept_and_taken_back(town, chromium):
    with serving(town) as home, acting(chromium, home) as office:
        page = office.page
        assert "目前是系统默认规则" in office.text()
        page.get_by_role("button", name="修改", exact=True).click()
        page.get_by_role("button", name="添加一行 每年最低工作量").click()
        least = page.get_by_role("group", name="每年最低工作量 1")
        least.get_by_label("数量").fill("-5")
        page.get_by_role("button", name="检查", exact=True).click()
        page.get_by_text("须先改正").wait_for()
        assert "“每年最低工作量，第 1 行，数量”为 -5.0" in office.text()
        least.get_by_label("数量").fill("20")
        page.get_by_role("button", name="添加一行 资金来源").click()
        fund = page.get_by_role("group", name="资金来源 1")
        fund.get_by_label("来源", exact=True).fill("bonds")
        fund.get_by_role("spinbutton").first.fill("300")
        page.get_by_label("修改原因（记入历史）").fill("债券到位")
        page.get_by_role("button", name="保存为新版本").click()
        page.get_by_text("已保存为新版本").wait_for()
        office.settle()
        assert (
            page.get_by_role("group", name="资金来源 1").get_by_role("spinbutton").first.input_value()
            == "300"
        )
        history = page.locator("section", has=page.get_by_role("heading", name="历史版本"))
        assert "债券到位" in history.inner_text()
        page.get_by_role("button", name="修改", exact=True).click()
        page.get_by_role("button", name="删除这一行 资金来源 1").click()
        page.get_by_label("修改原因（记入历史）").fill("债券推迟")
        page.get_by_role("button", name="保存为新版本").click()
        page.get_by_text("债券推迟").wait_for()
        office.settle()
        history.get_by_role("row", name="债券到位").get_by_role("button", name="以此版本为草稿").click()
        page.get_by_role("group", name="资金来源 1").wait_for()
        page.get_by_role("button", name="检查", exact=True).click()
        page.get_by_text("将改动：资金来源").wait_for()
        assert office.complaints == []


def test_whoever_does_not_decide_reads_the_rules_and_cannot_change_them(town, chromium):
    with serving(town) as home, acting(chromium, home, "reader", "en") as reader:
        page = reader.page
        page.get_by_role("heading", name="The rules that a programme keeps").wait_for()
        assert page.get_by_role("button", name="Change", exact=True).count() == 0
        assert page.get_by_role("button", name="Take as a draft").count() == 0
        assert not any("一" <= letter <= "鿿" for letter in page.locator("form.rules h4").first.inner_text())
        assert reader.complaints == []
