"""Areas between meters in a real browser: chosen in the list, told with evidence, coloured by each water."""

import pytest

pytestmark = pytest.mark.browser


def test_an_area_is_told_with_its_shares_its_meter_and_its_evidence(visit):
    visit.go("diagnosis?tab=areas&lang=en")
    visit.page.locator("table tbody tr").first.wait_for()
    visit.page.locator("table tbody tr a").first.click()
    visit.settle()
    assert "row=" in visit.page.url
    told = visit.text()
    for words in (
        "Groundwater",
        "River water",
        "Sewage that arrives",
        "data ",
        "prior ",
        "too much",
        "From what",
    ):
        assert words in told
    assert "sewage from the water use of users" in told
    assert "table:" not in told, "what a figure was made from stands in words"
    visit.page.get_by_role("link", name="River water", exact=True).click()
    visit.settle()
    assert "by=river" in visit.page.url
    assert visit.page.locator("nav a[aria-current]", has_text="River water").count() == 1
    visit.page.get_by_role("link", name="Flow", exact=True).click()
    visit.settle()
    assert "asset=meter" in visit.page.url
    assert "Flow by day" in visit.text()


def test_the_areas_stand_in_both_languages_and_on_a_phone(visit):
    for language in ("zh", "en"):
        for width, height in ((1366, 768), (390, 844)):
            visit.page.set_viewport_size({"width": width, "height": height})
            visit.go(f"diagnosis?tab=areas&lang={language}")
            visit.page.locator("table tbody tr").first.wait_for()
            assert "page." not in visit.text()
            assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_on_a_phone_the_map_stands_above_the_area_and_covers_nothing(visit):
    visit.page.set_viewport_size({"width": 390, "height": 844})
    visit.go("diagnosis?tab=areas&lang=en")
    visit.page.locator("table tbody tr a").first.click()
    visit.settle()
    map_, panel = visit.page.locator(".where .map").bounding_box(), visit.page.locator(".side").bounding_box()
    assert map_["height"] >= 250
    assert map_["y"] + map_["height"] <= panel["y"]
