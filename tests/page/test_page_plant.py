"""A plant's story in a real browser: in the city, and by a table that is handed in."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_below_the_waterfall_stands_the_story_and_a_month_tells_its_interval(visit):
    visit.go("diagnosis?lang=en")
    visit.page.get_by_role("heading", name="Inflow, month by month").wait_for()
    visit.page.get_by_role("heading", name="Thinned or lost").wait_for()
    visit.page.locator("g[aria-label*='lost on the way']").first.focus()
    assert "% of the flow" in visit.text()
    visit.page.get_by_text("Months as a table").click()
    assert visit.page.get_by_role("region", name="Months as a table").locator("tbody tr").count() >= 3
    with visit.page.expect_download() as taken:
        visit.page.get_by_role("button", name="Excel").click()
    assert taken.value.suggested_filename.endswith(".xlsx")


def test_a_table_that_is_handed_in_is_answered_as_real_with_its_faults(visit, tmp_path):
    path = tmp_path / "own.csv"
    rows = [f"2024-{m:02d}-{d:02d},{1000 + 20 * d},{180 - m},?" for m in range(1, 9) for d in range(1, 26)]
    path.write_text("\n".join(["date,flow_m3_per_d,bod5_mg_per_l,tp_mg_per_l", *rows, "6/25/24,1,1,1"]))
    visit.go("diagnosis?tab=record&lang=en")
    visit.page.set_input_files("input[type=file]", str(path))
    expect(visit.page.get_by_text("your record, not simulated")).to_be_visible()
    visit.settle()
    assert "month first" in visit.text()
    visit.page.get_by_role("heading", name="Back-cast").wait_for()
    visit.page.get_by_role("heading", name="Dilution beyond the best days").wait_for()
    for width, height in ((1366, 768), (390, 844)):
        visit.page.set_viewport_size({"width": width, "height": height})
        assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_what_is_no_table_is_refused_with_a_sentence(visit, tmp_path):
    path = tmp_path / "no.csv"
    path.write_text("what,is\nthis,then\n")
    visit.go("diagnosis?tab=record&lang=en")
    visit.page.set_input_files("input[type=file]", str(path))
    expect(visit.page.get_by_role("alert")).to_contain_text("no day or no column")
    visit.complaints.clear()
