"""Registers of records on the page: stated anew by people, else the deed is named with the way there."""

import io
from contextlib import contextmanager

import openpyxl
import pytest

from tests.page.conftest import DESK, PASSWORD, Visit, let_root_in, listen, serving
from tests.services.test_figures_frozen import small_city
from wenqu.network.model import assets

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(tmp_path_factory, built):
    """Return the address of a small city with teams, an office, a district and a reader."""
    from wenqu.records.team import Team
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import LOCAL, Grant

    assert built.is_dir()
    folder = tmp_path_factory.mktemp("registers")
    made = small_city(folder)
    let_root_in(made)
    for name, role, district in (("west", "district", "W"), ("reader", "public_reader", "")):
        change_password(made.accounts, name, add_account(made.accounts, LOCAL, name), PASSWORD)
        give_grant(made.accounts, LOCAL, name, Grant(role, "c", district))
    simulated = made.city("c").simulated
    with made.change("c", who="clerk", why="teams") as change:
        change.put(assets("zone", ["W"], {"kind": ["district"], "name": ["西区"]}))
        change.put(assets("village", ["V1", "V2"], {"name": ["甲村", ""], "note": ["=1+1", None]}))
        change.add_records(
            "team",
            [Team(f"T{n}", f"队{n}", "repair", 10.0 * n, "W", simulated=simulated) for n in (1, 2)]
            + [Team("T3", "市队", "survey", 50.0, simulated=simulated)],
        )
    made.close()
    with serving(folder / "store") as address:
        yield address


@contextmanager
def acting(chromium, home, name="root", rest="tab=team"):
    """Open the registers under an account."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    told = {"data": {"name": name, "password": PASSWORD}, "headers": {"Origin": home}}
    assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), home)
    listen(made)
    made.page.goto(f"{home}/#/c/registers?{rest}&lang=zh")
    made.settle()
    yield made
    context.close()


def test_a_team_is_edited_by_form_and_all_at_once_and_taken_back(home, chromium):
    with acting(chromium, home) as office:
        page = office.page
        page.get_by_role("cell", name="T1", exact=True).click()
        form = page.get_by_role("complementary")
        rate = form.get_by_label("每工作日长度")
        rate.fill("-4")
        rate.press("Tab")
        page.get_by_role("button", name="保存 1 项").click()
        page.get_by_text("1 处不符，未保存").wait_for()
        rate.fill("14")
        rate.press("Tab")
        page.get_by_role("button", name="保存 1 项").click()
        page.get_by_text("T1 已保存").wait_for()
        page.get_by_role("tab", name="历史").click()
        page.locator("ol ins", has_text="14").wait_for()
        form.get_by_role("button", name="关闭").click()
        page.get_by_role("button", name="批量修改").click()
        page.get_by_label("行，填写").select_option(label="到位日期")
        page.locator("#field-begins").fill("2027-03-01")
        page.get_by_role("button", name="预览").click()
        page.get_by_role("button", name="改动 3 项").click()
        page.get_by_text("已改动 3 行").wait_for()
        page.get_by_role("status").get_by_role("button", name="撤销").click()
        page.get_by_text("已撤销").wait_for()
        page.get_by_role("cell", name="2027-03-01").first.wait_for(state="detached")
        assert office.complaints == []


def test_a_district_is_written_and_filtered_by_its_name(home, chromium):
    with acting(chromium, home) as office:
        page = office.page
        page.get_by_role("cell", name="西区").first.wait_for()
        assert page.get_by_role("cell", name="T3", exact=True).count() == 1
        page.locator("thead select").filter(has_text="西区").select_option(label="西区")
        page.get_by_role("cell", name="T3", exact=True).wait_for(state="detached")
        assert page.get_by_role("cell", name="西区").count() == 2


def test_a_day_off_is_entered_with_its_reason_and_taken_back(home, chromium):
    with acting(chromium, home, rest="tab=day_off&row=%2B") as office:
        page = office.page
        form = page.get_by_role("complementary")
        form.get_by_label("日期").fill("2027-10-08")
        form.get_by_label("类别").select_option(label="放假")
        form.get_by_label("依据").fill("市政府通知")
        form.get_by_label("依据").press("Tab")
        assert form.get_by_role("button", name="保存").is_disabled()  # why, nobody has said
        form.get_by_label("修改原因").fill("已公布")
        form.get_by_role("button", name="保存").click()
        page.get_by_text("2027-10-08 已保存").wait_for()
        page.get_by_role("cell", name="放假", exact=True).wait_for()
        page.get_by_role("status").get_by_role("button", name="撤销").click()
        page.get_by_role("cell", name="放假", exact=True).wait_for(state="detached")


def test_a_filled_template_of_records_is_taken_in(home, chromium, tmp_path):
    with acting(chromium, home) as office:
        page = office.page
        content = page.request.get(f"{home}/api/v1/cities/c/registers/team/template").body()
        book = openpyxl.load_workbook(io.BytesIO(content))
        book["team"].append(["T8", "新队", "修复", 12, "W", "2027-01-02"])
        book["team"].append(["T9", "坏队", "喝酒", 12, None, None])
        path = tmp_path / "teams.xlsx"
        book.save(path)
        page.get_by_role("button", name="读入模板").click()
        page.get_by_label("读入模板").set_input_files(path)
        page.get_by_text("第 3 行 T9：“工作”没有“喝酒”这个选项").wait_for()
        page.get_by_role("button", name="写入 1 行").click()
        page.get_by_role("cell", name="T8", exact=True).wait_for()
        assert page.get_by_role("cell", name="T9", exact=True).count() == 0


def test_what_comes_about_by_a_deed_says_so_and_leads_there(home, chromium):
    with acting(chromium, home, rest="tab=payment") as office:
        page = office.page
        page.get_by_text("按验收长度在合同上支付产生").wait_for()
        assert page.get_by_role("button", name="新建").count() == 0
        assert page.get_by_role("button", name="批量修改").count() == 0
        page.get_by_role("link", name="去“工程”办理").click()
        page.wait_for_function(
            "() => location.hash.includes('/works') && location.hash.includes('tab=money')"
        )


def test_a_district_states_its_own_teams_and_a_reader_none(home, chromium):
    with acting(chromium, home, "west", "tab=team&row=T1") as west:
        name = west.page.get_by_role("complementary").get_by_label("班组名称")
        name.fill("西一队")
        name.press("Tab")
        west.page.get_by_role("button", name="保存 1 项").click()
        west.page.get_by_text("T1 已保存").wait_for()
        assert west.page.get_by_role("cell", name="T3", exact=True).count() == 0
    with acting(chromium, home, "reader") as reader:
        reader.page.get_by_text("没有这个台账，或者您无权查看").wait_for()
        reader.page.goto(f"{home}/#/c/registers?tab=conduit&lang=zh")
        reader.settle()
        assert reader.page.get_by_role("button", name="新建").count() == 0


def test_what_a_file_would_not_give_back_is_told_before_it_is_taken(home, chromium):
    with acting(chromium, home, rest="tab=village") as office:
        page = office.page
        page.get_by_label("导出").select_option("csv")
        told = page.get_by_role("alert", name="c-village.csv 导不回来的内容")
        told.get_by_text("1 个空文本").wait_for()
        assert "加一个撇号" in told.inner_text()
        told.get_by_role("button", name="不下载").click()
        told.wait_for(state="detached")
        page.get_by_label("导出").select_option("csv")
        with page.expect_download() as taken:
            told.get_by_role("button", name="仍然下载").click()
        assert taken.value.suggested_filename == "c-village.csv"
        told.wait_for(state="detached")
        with page.expect_download() as taken:  # this form keeps all of it: nothing to be told
            page.get_by_label("导出").select_option("gpkg")
        assert taken.value.suggested_filename == "c-village.gpkg"
        page.goto(f"{home}/#/c/catalogue?lang=en")
        office.settle()
        page.get_by_role("row", name="village").get_by_role("button", name="CSV").click()
        told = page.get_by_role("alert", name="What c-village.csv would not give back")
        told.get_by_text("1 empty texts in ").wait_for()
        assert office.complaints == []


def test_a_row_tells_in_words_by_which_deed_it_was_changed(home, chromium):
    with acting(chromium, home, rest="tab=closure&row=%2B") as office:
        page = office.page
        told = {"rows": [{"road": "解放路", "ground": "any", "since": "2026-05-01", "until": "2026-06-01",
                          "source": "通告"}], "reason": "通告"}  # fmt: skip
        kept = page.context.request.post(
            f"{home}/api/v1/cities/c/programme-tables/closures", data=told, headers={"Origin": home}
        )
        assert kept.ok, kept.text()
        page.goto(f"{home}/#/c/registers?tab=closure&lang=zh")
        page.get_by_role("cell", name="解放路").click()
        page.get_by_role("tab", name="历史").click()
        page.get_by_text("封路：通告").wait_for()
        page.goto(f"{home}/#/c/registers?tab=closure&lang=zh&date=2001-01-01")
        page.get_by_text("到 2001-01-01 为止没有记录").wait_for()
        page.goto(f"{home}/#/c/cockpit?lang=zh")
        page.get_by_text("封路：通告").wait_for()
        page.get_by_text("进度参数表 1").first.wait_for()
        assert office.complaints == []
