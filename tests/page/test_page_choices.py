"""Alternatives are worked out from the page, looked at, and one is made the programme."""

import re

import pytest

from tests.services.plan_case import CODE, build
from wenqu.services.plan_city import plan_city

pytestmark = pytest.mark.browser
SETTLED = "() => !document.querySelector('[aria-busy=true]') && document.querySelector('.choices')"


def ask(visit, path):
    """Ask the service about the little city, as the page does."""
    said = "path => fetch('api/v1/' + path).then(answer => answer.json())"
    return visit.page.evaluate(said, f"cities/{CODE}/{path}")


def go(visit, rest):
    visit.page.goto(f"{visit.home}/#/{CODE}/{rest}")
    visit.page.wait_for_function(SETTLED, timeout=60_000)


@pytest.fixture(scope="module")
def planned(tmp_path_factory, built):
    """Return the folder of a store with a little city and its programme."""
    folder = tmp_path_factory.mktemp("choices") / "store"
    store = build(folder, bod=0.096, spread=0.004)
    plan_city(store, CODE, who="planner")
    store.close()
    return folder


def test_choices_are_worked_out_seen_and_one_is_made_the_programme(planned, visit_with):
    with visit_with(planned) as visit:
        page = visit.page
        go(visit, "plan?tab=choices&lang=zh")
        assert "还没有算过备选方案" in visit.text()
        before = ask(visit, "plan")
        page.get_by_label(re.compile("达标概率")).fill("50 80")
        for name in ("资金减少", "期限推迟", "达标规模占比降低", "重新求解几项未知"):
            page.get_by_label(re.compile(name)).fill("0")
        page.get_by_role("button", name="开始计算").click()
        page.locator("svg .dot").nth(1).wait_for(timeout=120_000)
        given = ask(visit, "plan/choices")
        assert [one["value"] for one in given["alternatives"]] == [0.5, 0.8]
        assert f"{round(given['found']['chance'] * 100)} %" in visit.text()
        assert ask(visit, "plan")["id"] == before["id"]  # working out changes nothing
        assert "必须限期修复" in visit.text()  # why the broken pipe is in
        page.get_by_role("link", name="达标概率要求 80 %", exact=True).click()
        page.get_by_label(re.compile("为什么选它")).fill("会议决定")
        page.get_by_role("button", name="定为现方案").click()
        page.get_by_text("这就是现方案。").wait_for(timeout=60_000)
        now = ask(visit, "plan")
        assert now["cost"] == pytest.approx(given["alternatives"][1]["cost"])
        assert now["rules"]["probability"] == 0.8
        assert "方案在这次计算之后改过" in visit.text()
        # the reasons are of the programme before, and are worked out anew for this one
        page.get_by_role("note").filter(has_text="这些理由是为方案").wait_for(timeout=60_000)
        page.get_by_role("button", name="为现方案重新计算").click()
        page.get_by_role("note").filter(has_text="这些理由是为方案").wait_for(
            state="detached", timeout=120_000
        )
        renewed = ask(visit, "plan/why")
        assert (renewed["programme"], renewed["older"]) == (now["id"], "")
        go(visit, "plan?tab=choices&lang=en&theme=dark")
        page.get_by_role("heading", name="Alternatives: cost against chance of success").wait_for(
            timeout=60_000
        )
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.goto(f"{visit.home}/#/{CODE}/map?asset=conduit/C0&lang=zh")  # its card says the same
        page.get_by_text("必须限期修复").wait_for(timeout=60_000)
        assert visit.complaints == []
        assert visit.strangers == []
