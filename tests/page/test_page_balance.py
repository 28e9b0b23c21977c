"""The balance of a zone in a real browser: drawn, told by keyboard, chosen by period, taken along."""

import pytest

pytestmark = pytest.mark.browser


def test_a_stream_that_is_focused_tells_its_interval_and_a_column_chooses_the_period(visit):
    visit.go("diagnosis?tab=balance&lang=en")
    visit.page.locator("figure svg g.node").first.wait_for()
    told = visit.page.locator("figcaption")
    visit.page.locator("g.link.sewage").first.focus()
    assert "m³/d" in told.inner_text()
    assert "(" in told.inner_text(), "an interval stands beside the flow"
    first = visit.page.locator("section a[aria-label*='unexplained']").first
    period = first.get_attribute("aria-label").split(":")[0]
    first.click()
    visit.settle()
    assert f"row={period}" in visit.page.url
    assert visit.page.locator("tr[aria-current]").inner_text().startswith(period)
    with visit.page.expect_download() as taken:
        visit.page.get_by_role("button", name="Export CSV").click()
    assert taken.value.suggested_filename.endswith(".csv")


def test_every_zone_stands_in_both_languages_and_on_a_phone(visit):
    for language in ("zh", "en"):
        for width, height in ((1366, 768), (390, 844)):
            visit.page.set_viewport_size({"width": width, "height": height})
            visit.go(f"diagnosis?tab=balance&lang={language}&group=year")
            visit.page.locator("figure svg g.node").first.wait_for()
            visit.settle()
            assert "page." not in visit.text()
            assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
