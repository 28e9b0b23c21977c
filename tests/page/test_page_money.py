"""Money on the page: charts, a figure that opens to its rows, a payment refused with what may be paid."""

from datetime import timedelta

import pytest

from tests.page.conftest import CITY
from tests.services.test_figures_frozen import ROLES
from wenqu.records.acceptance import ACCEPTED, Acceptance
from wenqu.records.money import Contract, Fund, Funding
from wenqu.records.project import Lot, Party, PipeWork, Project
from wenqu.store.database import open_store
from wenqu.store.moments import now


@pytest.fixture(scope="module")
def filed(store):
    """File a project of two pipes, one accepted, with a fund and a contract; return its id."""
    opened = open_store(store)
    table = opened.network(CITY, types=["conduit"]).table("conduit")
    one, other = (str(name) for name in table.ids[:2])
    parties = tuple(Party(role, body) for role, body in ROLES.items())
    works = (PipeWork(one, "cipp", length=60.0), PipeWork(other, "cipp", length=40.0))
    lots, year = (Lot("L1", "一标", works),), now().year
    since, later = (now().date() - timedelta(days=60)).isoformat(), (now() + timedelta(days=60)).date()
    fund = Fund(
        "PF1", "special_fund", "测试专项", year, 90_000_00, "财测1号", f"{year}-01-01", simulated=True
    )
    deal = Contract(
        "PC1", "测-001", "PX", "L1", "builders", "renewal", 100_000_00, since, since, later.isoformat(),
        funding=(Funding("PF1", 90_000_00),), simulated=True,
    )  # fmt: skip
    with opened.change(CITY, who="tester", why="money") as change:
        change.add_records("project", [Project("PX", "资金测试项目", lots, parties, simulated=True)])
        accepted = Acceptance("PY", "PX", "L1", one, since, ACCEPTED, "city", simulated=True)
        change.add_records("acceptance", [accepted])
        change.add_records("fund", [fund])
        change.add_records("contract", [deal])
    opened.close()
    return deal.id


def test_money_opens_with_its_charts_and_a_figure_opens_to_its_rows(visit, filed):
    visit.go("works?tab=money&lang=zh")
    text = visit.text()
    assert "钱与管" in text
    assert "测-001" in text
    assert visit.page.locator("svg[role=img]").count() >= 1
    visit.page.locator(".years a[href*='rows/']").first.click()
    visit.settle()
    assert "合计" in visit.text()
    assert not visit.complaints


def test_a_payment_beyond_the_accepted_metres_is_refused_with_what_may_be_paid_and_one_within_is_filed(
    visit, filed
):
    visit.go(f"works?tab=money&row=contract/{filed}&lang=zh")
    assert "已验收 60.0 m（共 100.0 m" in visit.text()
    page = visit.page
    page.get_by_role("button", name="付款", exact=True).click()
    page.locator("form select").nth(1).select_option("PF1")
    page.get_by_label("金额 (万元)").fill("6.01")
    page.get_by_label("凭证号").fill("V-1")
    page.get_by_role("button", name="登记支付").click()
    page.get_by_role("alert").wait_for()
    said = page.get_by_role("alert").inner_text()
    assert "已验收 60.0 m（共 100.0 m）" in said
    assert "最多可付 60,000.00 元" in said
    visit.complaints.clear()  # the refusal is a 409 that the browser writes down
    page.get_by_label("金额 (万元)").fill("6")
    page.get_by_role("button", name="登记支付").click()
    page.get_by_text("V-1").wait_for()
    assert visit.ask(f"money/contracts/{filed}")["paid"] == 60_000


def test_money_reads_in_english_and_on_a_phone(visit, filed):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.go(f"works?tab=money&row=contract/{filed}&lang=en")
    text = visit.text()
    assert "stand accepted" in text
    assert "page.money." not in text
    assert "money." not in text.replace("money.csv", "")
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    assert not visit.complaints
