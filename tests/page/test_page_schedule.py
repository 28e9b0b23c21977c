"""The schedule in a real browser: a delay is tried, confirmed with a reason, taken back; keys and phone."""

from contextlib import contextmanager

import pytest

from tests.page.conftest import DESK, PASSWORD, Visit, let_root_in, listen, serving
from tests.services.test_figures_frozen import small_city
from tests.services.test_schedule import DUG, NEXT, THEN, programme

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(tmp_path_factory, built):
    """Return the folder of a small city with a programme, an office and the reader of a district."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant

    assert built.is_dir()
    folder = tmp_path_factory.mktemp("schedule")
    made = small_city(folder)
    with made.change("c", who="x", why="plan") as change:
        change.add_records("programme", [programme()])
    let_root_in(made)
    change_password(made.accounts, "west", add_account(made.accounts, LOCAL, "west"), PASSWORD)
    give_grant(made.accounts, LOCAL, "west", Grant("operator", "c", "W"))
    made.close()
    return folder / "store"


@contextmanager
def acting(chromium, home, name, rest="", size=DESK):
    """Open the tab under an account."""
    context = chromium.new_context(viewport=size, locale="zh-CN")
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    made.page.goto(f"{home}/#/c/plan?tab=schedule&lang=zh{rest}")
    made.settle()
    yield made
    assert made.complaints == []
    assert made.strangers == []
    context.close()


def test_a_delay_is_tried_confirmed_and_taken_back(town, chromium):
    with serving(town) as home, acting(chromium, home, "root") as office:
        page = office.page
        assert page.locator(".frame .row").count() == 3
        page.locator(".frame .name", has_text=f"{NEXT} E开挖 1 标").click()
        assert f"row={DUG}" in page.url
        ends = page.locator(".body table").first.locator("tr").last.locator("td").nth(2).inner_text()
        page.get_by_label("晚（天）").fill("400")
        page.get_by_role("button", name="推算").click()
        page.get_by_text("因此误掉的节点").wait_for()
        said = page.locator(".found").inner_text()
        assert "差 90.0 m" in said
        assert "95.0 mg/L" in said
        page.reload()
        office.settle()
        assert page.locator(".body table").first.locator("tr").last.locator("td").nth(2).inner_text() == ends
        page.get_by_label("晚（天）").fill("30")
        page.get_by_role("button", name="推算").click()
        confirm = page.get_by_role("button", name="确认并记录")
        confirm.wait_for()
        assert confirm.is_disabled(), "without a reason"
        page.get_by_label("理由（必填）").fill("征迁未完")
        confirm.click()
        page.get_by_role("heading", name="已确认的延误").wait_for()
        office.settle()
        assert page.locator(".body table").first.locator("tr").last.locator("td").nth(2).inner_text() > ends
        page.get_by_role("button", name="撤回").click()
        page.locator(".form input").fill("已交地")
        page.get_by_role("button", name="撤回").click()
        page.get_by_role("heading", name="已确认的延误").wait_for(state="detached")


def test_rows_are_reached_by_keys_and_the_address_holds_the_view(town, chromium):
    with serving(town) as home, acting(chromium, home, "root") as office:
        page = office.page
        page.locator(".frame .name").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        chosen = page.locator(".row.chosen .name")
        chosen.wait_for()
        assert chosen.get_attribute("data-row") == "1"
        page.keyboard.press("Escape")
        page.locator(".row.chosen").wait_for(state="detached")
        page.get_by_role("button", name="按班组").click()
        page.get_by_role("button", name="月", exact=True).click()
        office.settle()
        assert "group=crew" in page.url
        assert "only=month" in page.url
        assert page.locator(".ground .off").count() > 50, "weekends"
        assert page.locator(".ground .holiday").count() > 5
        assert page.locator(".frame .name", has_text="开挖 1 队").count() == 1


def test_who_reads_a_district_sees_its_lots_on_a_phone_and_confirms_nothing(town, chromium):
    phone = {"width": 390, "height": 844}
    with serving(town) as home, acting(chromium, home, "west", f"&row={THEN}-W-trench-1", phone) as reader:
        page = reader.page
        assert page.locator(".frame .row").count() == 1
        page.get_by_role("button", name="推算").click()
        page.locator(".found").wait_for()
        assert page.get_by_role("button", name="确认并记录").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
