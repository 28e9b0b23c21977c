"""Who may what, and where a thing lies: done by an administrator in the browser, on a phone too."""

import re

import pytest

from tests.page.conftest import DESK, let_root_in, serving
from tests.services.test_figures_frozen import small_city
from wenqu.store.accounts import GrantRow

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


def test_an_account_is_made_given_a_role_and_shut(visit):
    page = visit.page
    visit.go("settings?lang=zh&theme=light")
    page.set_viewport_size(PHONE)
    page.get_by_label("账号名").fill("li")
    page.get_by_role("button", name="新建账号").click()
    row = page.locator("tr", has=page.locator("b", has_text="li"))
    row.wait_for()
    assert "尚未授权" in row.inner_text()
    row.get_by_role("button", name="授予角色").click()
    form = page.locator("td form")
    form.locator("select").first.select_option("surveyor")
    form.get_by_role("button", name="授予角色").click()
    row.get_by_role("button", name="收回").wait_for()
    row.get_by_role("button", name="授予角色").click()
    form.locator("select").first.select_option("district")
    district = form.get_by_label("区县")
    form.get_by_role("button", name="授予角色").click()  # of a district it has to be said which
    assert district.evaluate("one => one.validity.valueMissing")
    first = district.locator("option").nth(1)
    name = first.inner_text()
    district.select_option(first.get_attribute("value"))
    form.get_by_role("button", name="授予角色").click()
    row.get_by_text(name).wait_for()
    wide = page.evaluate(
        "[...document.querySelectorAll('.wide')].map(one => one.scrollWidth - one.clientWidth)"
    )
    assert wide[0] <= 0, "accounts scroll sideways on a phone"
    for role in ("普查测绘单位", "县（市、区）"):
        row.get_by_role("button", name=f"收回li的{role}").click()
    page.wait_for_function("document.body.innerText.split('尚未授权').length > 1")
    row.get_by_role("button", name="停用").click()
    row.get_by_role("button", name="启用").wait_for()
    assert visit.complaints == []


def test_a_point_is_moved_on_the_map_of_its_form(visit):
    page = visit.page
    visit.go("settings?lang=zh&theme=light")
    id_ = visit.ask("registers/manhole")["ids"][0]
    before = visit.ask(f"registers/manhole/form?id={id_}")["shape"][0][0]
    visit.go(f"registers?tab=manhole&row={id_}&lang=zh&theme=light")
    page.get_by_role("button", name="在图上选点").click()
    page.wait_for_selector(".sheet .map[data-idle=true]")
    page.locator(".sheet .map").click(position={"x": 60, "y": 60})
    page.wait_for_function(
        "value => document.querySelector('[aria-label=经度]').value !== value", arg=f"{before[0]:.7f}"
    )
    page.get_by_role("button", name="保存 1 项").click()
    page.wait_for_selector('[role=status]:has-text("已保存")')
    after = visit.ask(f"registers/manhole/form?id={id_}")["shape"][0][0]
    assert after[0] < before[0]  # to the left and above of where it was
    assert after[1] > before[1]
    assert visit.complaints == []


def test_a_view_is_kept_with_the_account_and_diameters_are_read_in_millimetres(visit):
    page = visit.page
    visit.go("registers?tab=conduit&filter=system=sanitary&sort=-height&lang=zh&theme=light")
    heads = page.locator("thead tr").first.inner_text()
    assert re.search(r"管径或断面高\s*mm", heads)
    widest = visit.ask("registers/conduit?where=system=sanitary&sort=-height&columns=height")["cells"][
        "height"
    ]
    assert widest[0] >= 200
    page.evaluate("localStorage.setItem('wenqu.views.conduit', JSON.stringify({旧视图: {sort: 'id'}}))")
    page.get_by_role("button", name="视图", exact=True).click()
    page.get_by_role("button", name="旧视图", exact=True).wait_for()
    page.get_by_label("给当前视图起名").fill("最大的污水管")
    page.get_by_role("button", name="保存视图").click()
    page.get_by_role("button", name="最大的污水管", exact=True).wait_for()
    page.wait_for_function("localStorage.getItem('wenqu.views.conduit') === '{}'")  # it moved to the account
    page.evaluate("localStorage.clear()")
    assert visit.ask("registers/conduit/views").keys() == {"旧视图", "最大的污水管"}
    visit.go("registers?tab=conduit&lang=zh")
    page.reload()  # as on another device
    visit.settle()
    page.get_by_role("button", name="视图", exact=True).click()
    page.get_by_role("button", name="最大的污水管", exact=True).click()
    visit.settle()
    assert "sort=-height" in page.url
    for name in ("旧视图", "最大的污水管"):
        page.get_by_role("button", name=f"删除视图 {name}").click()
        page.get_by_role("button", name=name, exact=True).wait_for(state="detached")
    assert visit.complaints == []


def test_a_register_is_withheld_and_shared_again_on_the_sharing_screen(visit):
    page = visit.page
    visit.go("catalogue?lang=zh&theme=light")
    switch = page.get_by_role("switch", name="共享管段", exact=True)
    assert switch.is_checked()
    switch.uncheck()
    row = page.locator("tr", has=switch)
    row.get_by_text("不共享").wait_for()
    told = {one["type"]: one["shared"] for one in visit.ask("catalogue")["entries"]}
    assert (told["conduit"], told["manhole"]) == (False, True)
    switch.check()
    row.get_by_text("已共享").wait_for()
    page.set_viewport_size(PHONE)
    visit.settle()
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    assert visit.complaints == []


def test_what_is_refused_to_a_visitor_stays_behind_when_he_goes_elsewhere(chromium, tmp_path, built):
    assert built.is_dir()
    store = small_city(tmp_path)
    store.accounts.grant(GrantRow("open", "", "public_reader", "c", "", ""), "test")
    let_root_in(store)
    store.close()
    with serving(tmp_path / "store") as home:
        page = chromium.new_context(viewport=DESK, locale="zh-CN").new_page()
        page.goto(f"{home}/#/c/works?tab=money&lang=zh&theme=light")
        page.get_by_label("密码").wait_for()
        page.get_by_role("link", name="台账").first.click()
        page.wait_for_selector("#screen[data-screen=registers] table")
        assert not page.get_by_label("密码").count()
