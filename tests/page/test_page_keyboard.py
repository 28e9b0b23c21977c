"""The census by the keyboard alone: what has the focus is seen, nothing traps it, Escape closes."""

import pytest

pytestmark = pytest.mark.browser
MOST = 90  # stops of one screen
STOP = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const shown = at.closest('.drop') ?? at;
    const style = getComputedStyle(shown);
    const box = shown.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    const ringed = outlined || style.boxShadow !== 'none';
    const across = box.right > 0 && box.left < innerWidth;
    const inside = box.width > 1 && box.bottom > 0 && box.top < innerHeight && across;
    window.stops ??= new Map();
    const known = window.stops.has(at);
    window.stops.set(at, true);
    const said = at.getAttribute('aria-label') || at.innerText || at.name || at.type || '';
    const words = said.trim().slice(0, 40);
    const what = `${at.tagName.toLowerCase()} ${words}`;
    return {what, ringed, inside, known, odd: at.tabIndex > 0};
}"""


def walked(visit, rest):
    """Press Tab from the top of a screen until the focus leaves it; return the stops."""
    visit.page.goto("about:blank")  # the focus of the screen before is gone
    visit.go(rest)
    stops = []
    for _ in range(MOST):
        visit.page.keyboard.press("Tab")
        stop = visit.page.evaluate(STOP)
        if stop is None or stop["known"]:
            break
        stops.append(stop)
    return stops


@pytest.mark.parametrize(
    ("screen", "reached"),
    [
        ("survey?tab=import", "导入"),
        ("survey?tab=queue", "待修队列"),
        ("registers", "＋ 新建"),
        ("map", "打印"),
    ],
)
def test_tab_leads_through_a_screen_in_view_and_is_never_caught(visit, screen, reached):
    stops = walked(visit, f"{screen}{'&' if '?' in screen else '?'}lang=zh&theme=light")
    assert "跳到正文" in stops[0]["what"]
    assert any(reached in stop["what"] for stop in stops)
    assert [stop["what"] for stop in stops if not stop["ringed"]] == []
    assert [stop["what"] for stop in stops if not stop["inside"]] == []
    assert [stop["what"] for stop in stops if stop["odd"]] == []


def test_the_registers_are_one_stop_and_arrows_lead_through_them(visit):
    visit.go("registers?lang=zh&theme=light")
    assert visit.page.locator("nav a[tabindex]").count() > 50
    assert visit.page.locator("nav a[tabindex='0']").count() == 1
    visit.page.locator("nav a[tabindex='0']").focus()
    first = visit.page.evaluate("document.activeElement.getAttribute('href')")
    visit.page.keyboard.press("ArrowDown")
    second = visit.page.evaluate("document.activeElement.getAttribute('href')")
    visit.page.keyboard.press("ArrowUp")
    assert visit.page.evaluate("document.activeElement.getAttribute('href')") == first != second


def test_escape_closes_the_card_of_a_register(visit):
    visit.go("registers?lang=zh&theme=light")
    id_ = visit.ask("registers/manhole")["ids"][0]
    visit.go(f"registers?tab=manhole&row={id_}&lang=zh&theme=light")
    card = visit.page.locator("aside", has_text=id_)
    card.wait_for()
    visit.page.keyboard.press("Escape")
    card.wait_for(state="detached")
