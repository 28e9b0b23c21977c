"""A crew with a phone starts a search, opens the manhole it is told, and takes a reading back."""

import re


def test_a_crew_is_told_the_next_manhole_and_each_answer_stands_in_the_log(visit):
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    plant = visit.ask("diagnosis")["plants"][0]["id"]
    visit.go("diagnosis?tab=search")
    page.get_by_role("button", name="开始溯源").click()
    page.get_by_label(re.compile("在哪里发现")).fill(plant)
    page.get_by_label("查什么").fill("旱天乳白色废水")
    page.get_by_role("button", name="开始", exact=True).click()
    page.get_by_role("button", name="看到了", exact=True).wait_for(timeout=60_000)
    first = page.locator(".side h3 span").inner_text()
    page.get_by_role("button", name="看到了", exact=True).click()
    page.wait_for_function("was => document.querySelector('.side h3 span')?.innerText !== was", arg=first)
    search = visit.ask("searches")["rows"][0]
    assert (search["what"], search["samples"]) == ("旱天乳白色废水", 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visit.complaints == []


def test_the_tabs_for_meters_and_discharges_say_what_to_do_first(visit):
    visit.go("diagnosis?tab=placement")
    assert "开始计算" in visit.text()
    visit.go("diagnosis?tab=trace")
    assert "起止时刻" in visit.text()
    assert visit.complaints == []
