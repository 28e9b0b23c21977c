"""Planning again in a browser: a price, an accepted lot, a failed verification, a forged line, no money."""

import re
from dataclasses import replace

import pytest

from tests.page.conftest import DESK, PASSWORD, Visit, listen, serving
from tests.services.test_plan_city import CODE
from tests.services.test_replan_city import accept, judged, let
from wenqu.network.model import assets
from wenqu.records.programme import Programme
from wenqu.services.plan_city import plan_city
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser
PATIENCE = 120_000  # [ms] for a job


@pytest.fixture
def page_of(chromium):
    """Return how an administrator opens the programme of a store."""
    open_ = []

    def opened(folder):
        service = serving(folder, solver_seconds="10")
        home = service.__enter__()
        context = chromium.new_context(viewport=DESK, locale="zh-CN")
        told = {"data": {"name": "root", "password": PASSWORD}, "headers": {"Origin": home}}
        assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
        visit = Visit(context.new_page(), home)
        listen(visit)
        visit.page.goto(f"{home}/#/{CODE}/plan?lang=zh")
        visit.settle()
        open_.append((context, service))
        return visit

    yield opened
    for context, service in open_:
        context.close()
        service.__exit__(None, None, None)


def changed(folder, deed):
    """Do something to the store while it is served."""
    store = open_store(folder)
    deed(store)
    store.close()


def plan_again(visit, choose=lambda _page: None):
    """Ask for the programme anew and wait for the difference."""
    page = visit.page
    page.get_by_role("link", name="重新计算").click()
    visit.settle()
    choose(page)
    page.get_by_role("button", name="计算", exact=True).click()
    page.wait_for_url(re.compile(r"row=p[:%]"), timeout=PATIENCE)
    visit.settle()
    return page


def file(visit, why):
    """File the proposal that is looked at, and wait for the programme."""
    visit.page.locator("input[name=why]").fill(why)
    visit.page.get_by_role("button", name="采用为正式方案").click()
    visit.page.wait_for_function("() => !location.hash.includes('row=')", timeout=PATIENCE)
    visit.settle()


def test_a_changed_price_makes_another_method_cheaper_and_is_filed(town, page_of):
    visit = page_of(town)

    def dearer(page):
        page.locator("select[name=method]").select_option("pipe_bursting")
        page.locator("input[name=by]").fill("900")

    page = plan_again(visit, dearer)
    text = visit.text()
    assert "“碎裂管法或短管穿插”单价由 2,750 元改为 27,500 元（+900.0%）" in text
    row = page.get_by_role("row").filter(has_text="C0")
    assert "改工法" in row.inner_text()
    assert "开挖更换" in row.inner_text()
    assert "造价 82.9 → 85.4 万元（+3.0 %）" in text
    assert re.search(r"各厂按期全部达标的概率：\d+ % → \d+ %（\d+–\d+ %）", text)
    file(visit, "招标价格上涨")
    assert "85.4" in visit.text()
    assert re.search(r"各厂按期全部达标的概率 \d+ %（\d+–\d+ %，1000 次抽样）", visit.text())
    assert page.get_by_role("link", name="计算更稳妥的备选方案").count() == 1
    rows = page.get_by_role("table").last.get_by_role("row").all_inner_texts()
    assert len(rows) == 3  # head, the programme that stands, the one before
    page.get_by_role("link", name="比较").click()
    visit.settle()
    assert "两份方案的差异" in visit.text()
    assert "改工法" in visit.text()
    assert visit.complaints == []


def test_an_accepted_lot_is_fixed_and_the_difference_says_so(town, page_of):
    visit = page_of(town)
    changed(town, lambda store: let(store, "C1"))
    changed(town, lambda store: accept(store, "C1", "2024-12-31", "open_cut"))
    page = plan_again(visit)
    text = visit.text()
    assert "标段 P1/L1：1 段管道已验收，按已完成计" in text
    row = page.get_by_role("row").filter(has_text="C1")
    assert "改工法" in row.inner_text()  # it was announced to be lined, and was dug up
    assert "已验收" in row.inner_text()
    file(visit, "标段一验收")
    page.get_by_role("button", name="核验", exact=True).click()
    page.get_by_text("核验通过").wait_for(timeout=PATIENCE)
    assert visit.complaints == []


def test_a_lot_that_is_assumed_to_be_accepted_can_be_looked_at_only(town, page_of):
    changed(town, lambda store: let(store, "C1"))
    visit = page_of(town)
    page = plan_again(visit, lambda page: page.locator("select[name=lot]").select_option("P1/L1"))
    assert "含有假设，只供查看" in visit.text()
    assert page.get_by_role("button", name="采用为正式方案").count() == 0


def test_a_failed_verification_makes_the_plan_do_more(town, page_of):
    visit = page_of(town)
    changed(town, lambda store: judged(store, 0.0))
    page = plan_again(visit)
    text = visit.text()
    assert "“管段、检查井、支管综合修复”的效果由" in text
    assert "核验：V1" in text
    assert "若完全照已公布的做，将达不到" in text
    assert page.get_by_role("row").filter(has_text="随同厂其他改动而变").count() >= 1
    file(visit, "核验未见效")
    assert visit.complaints == []


def test_a_tampered_line_fails_on_the_page_and_is_named(town, page_of):
    visit = page_of(town)
    page = visit.page
    page.get_by_role("button", name="核验", exact=True).click()
    page.get_by_text("核验通过").wait_for(timeout=PATIENCE)

    def tamper(store):
        good = store.records(CODE, "programme", Programme)[-1]
        bad = replace(good, measures=(replace(good.measures[0], cost=1.0), *good.measures[1:]))
        with store.change(CODE, who="forger", why="tampered") as change:
            change.add_records("programme", [bad])

    changed(town, tamper)
    page.get_by_role("button", name="核验", exact=True).click()
    page.get_by_text("核验不通过").wait_for(timeout=PATIENCE)
    assert "造价写作 1.00 元，证明中为" in visit.text()


def test_no_money_says_what_it_would_take_and_one_click_relaxes_it(town, page_of, tmp_path):
    rules = tmp_path / "rules.json"
    rules.write_text('{"budget_wan_yuan": {"2025": 0, "2026": 0, "2027": 0, "2028": 0, "2029": 0}}', "utf-8")
    changed(town, lambda store: plan_city(store, CODE, rules=rules, who="planner"))
    visit = page_of(town)
    page = visit.page
    page.get_by_role("heading", name="怎样才能可行").wait_for(timeout=PATIENCE)
    assert "预算 0 万元不够" in visit.text()
    page.locator("input[name=relax-why]").fill("市里拨款")
    page.get_by_role("button", name="全部放宽并重新计算").click()
    page.wait_for_url(re.compile(r"row=again"), timeout=PATIENCE)
    visit.settle()
    assert "规则“年度预算（万元）”" in visit.text()
    page.get_by_role("button", name="计算", exact=True).click()
    page.wait_for_url(re.compile(r"row=p[:%]"), timeout=PATIENCE)
    visit.settle()
    assert "没有方案能满足全部规则" not in visit.text()
    file(visit, "按拨款安排")
    assert "怎样才能可行" not in visit.text()


def test_a_proposal_that_misses_rules_is_filed_only_with_a_tick(town, page_of, tmp_path):
    rules = tmp_path / "rules.json"
    rules.write_text('{"budget_wan_yuan": {"2025": 0, "2026": 0, "2027": 0, "2028": 0, "2029": 0}}', "utf-8")
    changed(town, lambda store: plan_city(store, CODE, rules=rules, who="planner"))
    visit = page_of(town)
    page = plan_again(visit)
    assert "没有方案能满足全部规则" in visit.text()
    page.locator("input[name=why]").fill("没有钱")
    button = page.get_by_role("button", name="采用为正式方案")
    assert button.is_disabled()
    page.get_by_label("已知其未满足上列规则，仍要采用").check()
    file(visit, "没有钱")
    assert visit.complaints == []


def test_a_price_that_makes_no_sense_is_refused_in_words_before_anything_is_worked_out(town, page_of):
    visit = page_of(town)
    page = visit.page
    page.get_by_role("link", name="重新计算").click()
    visit.settle()
    for by in ("-150", "1000000"):
        page.locator("select[name=method]").select_option("pipe_bursting")
        page.locator("input[name=by]").fill(by)
        page.get_by_role("button", name="计算", exact=True).click()
        page.get_by_role("alert").filter(has_text="应在 0.01 与 100 之间").wait_for(timeout=PATIENCE)
    assert "row=again" in page.url


def test_a_target_out_of_reach_and_a_plant_without_load_are_each_told_with_what_can_be_had(town, page_of):
    def targets(store):
        plants = {"capacity": [0.2, 0.3], "bod_target": [0.3, 0.1], "kind": ["municipal"] * 2,
                  "name": ["东厂", "西厂"]}  # fmt: skip
        with store.change(CODE, who="test", why="higher target, another plant") as change:
            change.put(assets("plant", ["P", "Q"], plants))
        plan_city(store, CODE, who="planner")

    changed(town, targets)
    visit = page_of(town)
    visit.page.get_by_role("heading", name="怎样才能可行").wait_for(timeout=PATIENCE)
    text = visit.text()
    assert re.search(r"东厂\s*需 300.1 mg/L，所有工程都做也只能到 10\d.* mg/L", text)
    assert re.search(r"西厂\s*没有流量或 BOD₅ 读数，按未达标计；先补测再规划。", text)
    visit.page.locator("input[name=relax-why]").fill("做不到")
    visit.page.get_by_role("button", name="全部放宽并重新计算").click()
    visit.page.wait_for_url(re.compile(r"row=again"), timeout=PATIENCE)
    visit.settle()
    assert "达标污水厂规模占比" in visit.text()
    assert visit.complaints == []


def test_who_may_not_plan_again_is_told_so_instead_of_a_form(town, page_of, chromium):
    visit = page_of(town)
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    stranger = Visit(context.new_page(), visit.home)
    stranger.page.goto(f"{visit.home}/#/{CODE}/plan?row=again&lang=zh")
    stranger.settle()
    told = stranger.page.locator("#screen").inner_text()
    context.close()
    assert "重新计算方案须有全市的决定权" in told or "登录" in told
    assert "假设标段验收" not in told
