"""Orders of upkeep at the desk: a fault becomes a problem with a click; lists have totals and fit a phone."""

import pytest

from tests.page.conftest import CITY, DESK

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
BODY = "city water group"
OUTSIDE = """() => [...document.querySelectorAll('.faults *, .cards td, .cards td *')]
    .filter((at) => at.getBoundingClientRect().right > innerWidth + 1)
    .map((at) => at.innerText.slice(0, 60))"""


def post(visit, path, **given):
    """File something as the page does and return the answer."""
    answer = visit.page.context.request.post(
        f"{visit.home}/api/v1/cities/{CITY}/{path}", data=given, headers={"Origin": visit.home}
    )
    assert answer.ok, answer.text()
    return answer.json()


@pytest.fixture
def order(visit):
    """Return a patrol of three pipes that met a wrong connection and a settled road."""
    pipes = [f"conduit/{id_}" for id_ in visit.ask("registers/conduit?limit=8")["ids"][:3]]
    id_ = post(visit, "orders", kind="patrol", assets=pipes, body=BODY, crew="3", due="2099-12-31")["id"]
    post(visit, f"orders/{id_}/reports", step="start")
    post(visit, f"orders/{id_}/reports", step="progress", hours=2, answers={"discharge": "fault"})
    return id_, pipes


def test_a_fault_becomes_a_problem_of_the_asset_that_is_chosen_and_another_can_follow(visit, order):
    id_, pipes = order
    first, second, third = (name.split("/")[1] for name in pipes)
    visit.go(f"operation?row={id_}&lang=zh&theme=light")
    box = visit.page.locator(".faults")
    assert box.locator("b").all_inner_texts() == ["混接错接"]
    box.get_by_label("设施").select_option(label=second)
    box.get_by_role("button", name="立为问题").click()
    box.get_by_role("link").wait_for()
    assert second in box.get_by_role("link").inner_text()
    assert box.locator("option").all_inner_texts() == [first, third]  # the second is on file
    box.get_by_role("button", name="再立一处").click()
    box.get_by_role("link").nth(1).wait_for()
    assert first in box.inner_text()
    filed = visit.ask(f"orders/{id_}")["problems"]
    assert sorted(one["asset"] for one in filed) == sorted([first, second])
    box.get_by_role("link").filter(has_text=first).click()
    visit.settle()
    made = next(one["id"] for one in filed if one["asset"] == first)
    assert f"row={made}" in visit.page.url
    assert "无违章接入和倾倒: 有问题" in visit.text()
    assert not visit.complaints


def test_faults_and_rows_fit_a_phone_in_english(visit, order):
    visit.page.set_viewport_size(PHONE)
    try:
        visit.go(f"operation?row={order[0]}&lang=en&theme=dark")
        visit.page.locator(".faults").get_by_role("button", name="File as a problem").wait_for()
        assert visit.page.evaluate(OUTSIDE) == []
        card = visit.page.locator("table.cards tbody tr", has_text=order[0])
        assert card.locator("td[data-label='upkeep body']").inner_text() == f"{BODY} · 3"
    finally:
        visit.page.set_viewport_size(DESK)


def test_a_list_of_orders_ends_with_what_the_filter_leaves(visit, order):
    id_, _ = order
    metres = visit.ask(f"orders/{id_}")["length"]
    visit.go("operation?lang=zh")
    rows = visit.ask("orders")
    last = visit.page.locator(".panel table.cards tfoot tr")
    assert last.locator("td").first.inner_text() == f"合计 {rows['count']} 行"
    visit.page.get_by_role("searchbox", name="筛选").fill(id_)
    last.get_by_text("合计 1 行").wait_for()
    assert last.locator("td").all_inner_texts()[-2:] == [f"{metres:.3g}", "2.00"]
