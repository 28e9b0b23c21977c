"""The page in a real browser, over a real service: every screen, both languages, both sizes, every state."""

import io
import json
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SCREENS = ("cockpit", "map", "survey", "diagnosis", "plan", "street", "registers", "documents", "settings")
SMALL = {"width": 900, "height": 560}  # software drawing is slow
SIZES = ((1366, 768), (390, 844))
RAW_KEY = re.compile(r"\b(?:page|error|issue|http|diagnosis|plan)\.[a-z_]+(?:[.-][a-z_0-9]+)*")
EMPTY_HOLE = re.compile(r"\[\w+\]|\{\w+\}|undefined|NaN|\[object")


def colours_on(page):
    """Return how many pixels of the map have each colour, ±12 a channel rounded away."""
    box = page.locator(".map").bounding_box()
    picture = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    counts = {}
    for count, colour in picture.getcolors(maxcolors=1 << 24):
        counts[colour] = counts.get(colour, 0) + count
    return counts


def near(counts, wanted, reach=14):
    """Return the pixels whose colour is about the wanted one."""
    red, green, blue = (int(wanted[at : at + 2], 16) for at in (1, 3, 5))
    return sum(
        count
        for (r, g, b), count in counts.items()
        if abs(r - red) <= reach and abs(g - green) <= reach and abs(b - blue) <= reach
    )


def theme_colour(page, name):
    """Return a colour of the theme as #rrggbb."""
    return page.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", name
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_stands_in_both_languages_and_sizes(visit, screen, language):
    visit.go(f"{screen}?lang={language}")
    visit.page.locator(".ribbon").wait_for()  # a screen that asks nothing stands before the city is known
    for width, height in SIZES:
        visit.page.set_viewport_size({"width": width, "height": height})
        visit.settle()
        said = visit.text()
        assert RAW_KEY.findall(said) == [], f"{screen}: untranslated"
        assert EMPTY_HOLE.findall(said) == [], f"{screen}: unfilled"
        assert visit.page.locator("[role=alert]").count() == 0, f"{screen}: {said}"
        spill = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert spill <= 0, f"{screen} is {spill} px wider than {width}"
        assert ("模拟数据" if language == "zh" else "Simulated data") in said, f"{screen}: no ribbon"
    assert visit.page.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[language]
    assert visit.complaints == []
    assert visit.strangers == []


def test_the_map_draws_the_network_and_a_click_opens_the_card(visit):
    visit.page.set_viewport_size(SMALL)
    visit.go("map?by=system&theme=light")
    drawn = colours_on(visit.page)
    for kind in ("--storm", "--sanitary"):
        assert near(drawn, theme_colour(visit.page, kind)) > 200, kind
    hit = visit.ask("search?q=" + first_conduit(visit))[0]
    card = visit.ask(f"assets/{hit['type']}/{hit['id']}")
    line = card["geometry"]["coordinates"]
    middle = [(line[0][axis] + line[1][axis]) / 2 for axis in (0, 1)]
    visit.go(f"map?theme=light&view={middle[0]:.6f}/{middle[1]:.6f}/18")
    box = visit.page.locator(".map").bounding_box()
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    visit.page.wait_for_selector("aside h2")
    visit.settle()
    assert f"asset=conduit/{hit['id']}" in visit.page.url
    assert hit["id"] in visit.page.inner_text("aside")
    headings = visit.page.locator("aside section > h3").all_inner_texts()
    order = ["存在的问题", "数据", "证据", "变更历史", "可以做什么"]
    assert headings == [name for name in order if name in headings]
    assert {"存在的问题", "证据", "变更历史", "可以做什么"} <= set(headings)


def first_conduit(visit):
    """Return the id of a conduit of the programme."""
    return visit.ask("plan")["measures"][0]["asset"].split("|")[0]


def test_what_the_legend_hides_is_not_drawn(visit):
    visit.page.set_viewport_size(SMALL)
    visit.go("map?by=system&theme=light")
    storm, sanitary = (theme_colour(visit.page, name) for name in ("--storm", "--sanitary"))
    before = colours_on(visit.page)
    visit.page.get_by_role("checkbox", name="雨水").uncheck()
    visit.settle()
    after = colours_on(visit.page)
    assert "hide=storm" in visit.page.url
    assert near(before, storm) > 200
    assert near(after, storm) < near(before, storm) / 8
    assert near(after, sanitary) >= near(before, sanitary) * 0.9


def test_every_question_colours_the_map(visit):
    visit.page.set_viewport_size(SMALL)
    visit.go("map?theme=light")
    for question in ("grade", "extraneous", "age", "plan_year"):
        visit.page.locator(".legend select").select_option(question)
        visit.settle()
        assert f"by={question}" in visit.page.url
        labels = visit.page.locator(".legend li").all_inner_texts()
        assert len(labels) >= 3, labels
    assert visit.complaints == []


def test_language_and_theme_keep_the_rest_of_the_address(visit):
    visit.go("plan?filter=2&sort=-cost&lang=zh&theme=light")
    visit.page.get_by_role("button", name="English").click()
    visit.page.wait_for_selector("text=Programme of repairs")
    visit.page.get_by_role("button", name="Dark theme").click()
    url = visit.page.url
    assert all(part in url for part in ("lang=en", "theme=dark", "filter=2", "sort=-cost", "/plan"))
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    visit.page.reload()
    visit.settle()
    assert visit.page.url == url
    assert visit.page.inner_text("h1") == "Programme of repairs"


def test_a_past_day_tints_the_bar_and_reaches_every_question(visit):
    asked = []
    visit.page.on("request", lambda request: "/cities/page/" in request.url and asked.append(request.url))
    visit.go("cockpit?date=2026-01-31")
    assert "past" in visit.page.locator("header.bar").get_attribute("class")
    assert asked
    today = {url.split("?")[0].rsplit("/", 1)[1] for url in asked if "as_of=2026-01-31" not in url}
    assert {one for one in today if not one.endswith(".pmtiles")} <= {"summary"}  # names of districts since
    visit.page.get_by_role("button", name="回到今天").click()
    visit.settle()
    assert "past" not in visit.page.locator("header.bar").get_attribute("class")


def test_the_bar_shows_the_day_of_the_service_whatever_clock_the_reader_has(chromium, visit):
    known = visit.page.context
    context = chromium.new_context(storage_state=known.storage_state(), locale="zh-CN")
    page = context.new_page()
    page.clock.set_fixed_time("2031-05-06T12:00:00")
    page.goto(f"{visit.home}/#/page/cockpit")
    page.wait_for_selector("header.bar .iso")
    today = context.request.get(f"{visit.home}/api/v1/cities").json()[0]["today"]
    expect(page.locator("header.bar .iso")).to_have_value(today)  # once the cities have been asked for
    context.close()


def test_every_target_opens_to_its_rows(visit):
    visit.go("cockpit")
    opener = visit.page.get_by_role("button", name=re.compile("数从何来")).first
    opener.click()
    dialog = visit.page.locator("dialog[open]")
    for word in ("算法", "依据", "分子", "分母"):
        assert word in dialog.inner_text()
    link = dialog.locator("tbody a").first
    name = link.inner_text()
    link.click()
    visit.page.wait_for_selector("aside h2")
    assert name in visit.page.url


def test_a_district_narrows_the_cockpit(visit):
    visit.go("cockpit")
    district = visit.ask("summary")["districts"][0]
    visit.page.locator(".strip button").filter(has_text=district["name"]).first.click()
    visit.settle()
    assert f"district={district['id']}" in visit.page.url
    assert district["name"] in visit.page.inner_text("h1")


def test_the_plan_is_ordered_found_and_taken_away(visit):
    visit.go("plan")
    plan = visit.ask("plan")
    assert "距理论最优不超过" in visit.text() or plan["status"] == "infeasible"
    table = visit.page.locator("table", has=visit.page.get_by_role("button", name=re.compile("^费用"))).first
    visit.page.get_by_role("button", name=re.compile("^费用")).click()
    assert "sort=cost" in visit.page.url
    cheapest = min(plan["measures"], key=lambda measure: measure["cost"])
    assert table.locator("tbody tr").first.locator("td").nth(3).inner_text() != "–"
    visit.page.get_by_role("searchbox", name=re.compile("筛选")).fill(cheapest["asset"].split("|")[0])
    assert cheapest["asset"].split("|")[0] in table.locator("tbody tr").first.inner_text()
    with visit.page.expect_download() as taken:
        visit.page.get_by_role("button", name="导出 CSV").click()
    lines = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("设施,修复方法,年份,费用 [")
    assert len(lines) - 1 == visit.page.locator("table").last.locator("tbody tr").count()


def test_methods_stand_side_by_side_at_a_meter(visit):
    visit.go("settings")
    meter = visit.ask("diagnosis")["meters"][0]["id"]
    detail = visit.ask(f"diagnosis/meters/{meter}")
    visit.go(f"diagnosis?asset=meter/{meter}")
    shown = visit.page.locator(".shown")
    assert shown.locator("li details summary").count() == len(detail["methods"]) + len(detail["others"])
    assert re.search(r"[\d\u2009.]+ \([\d\u2009.\u2212]+(?:–| … )[\d\u2009.\u2212]+\)", shown.inner_text())
    assert shown.locator("canvas").count() == 1


def test_the_waterfall_of_a_plant_ends_at_what_arrives(visit):
    visit.go("settings")
    plants = visit.ask("diagnosis")["plants"]
    visit.go(f"diagnosis?asset=plant/{plants[0]['id']}")
    steps = visit.page.locator(".three ol").first.locator("li")
    steps.first.wait_for()
    names = [text.split("\n")[0] for text in steps.all_inner_texts()]
    assert names[0] == "源头污水"
    assert names[-1] == "到厂"


def test_documents_can_be_taken(visit):
    visit.go("documents")
    listed = visit.ask("documents")
    assert listed
    with visit.page.expect_download() as taken:
        visit.page.locator("a[download]").first.click()
    assert taken.value.path().stat().st_size == listed[0]["size"]


def test_the_keyboard_finds_an_asset(visit):
    visit.go("documents")
    wanted = first_conduit(visit)
    visit.page.keyboard.press("/")
    visit.page.keyboard.type(wanted)
    visit.page.wait_for_selector("#hits [role=option]")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("ArrowUp")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("aside h2")
    visit.settle()
    assert wanted in visit.page.inner_text("aside")
    visit.page.keyboard.press("Escape")
    assert "asset=" not in visit.page.url


def test_upstream_is_traced_from_the_card(visit):
    visit.go("settings")
    plants = visit.ask("diagnosis")["plants"]
    visit.page.set_viewport_size(SMALL)
    visit.go(f"map?asset=plant/{plants[0]['id']}&theme=light")
    visit.page.locator("aside").get_by_role("button", name="上游", exact=True).click()
    visit.settle()
    traced = visit.ask(f"trace?id={plants[0]['id']}&direction=up")
    assert traced["count"]["links"] > 20
    assert re.sub(r"\s", "", f"上游共{traced['count']['links']}段") in re.sub(r"\s", "", visit.text())
    visit.page.get_by_role("button", name="缩放到全部").click()
    visit.settle()
    assert near(colours_on(visit.page), theme_colour(visit.page, "--map-trace")) > 200


def test_a_guarded_service_asks_who_one_is(stranger):
    page = stranger.page
    page.goto(f"{stranger.home}/")
    page.wait_for_selector("#password")
    page.fill("#account", "root")
    page.fill("#password", "wrong")
    page.locator("form button.primary").click()
    page.wait_for_selector("text=账号或密码不正确")
    page.fill("#password", "open sesame, please")
    page.locator("form button.primary").click()
    page.wait_for_selector("main[data-screen=cockpit] .targets li")
    assert page.locator("#password").count() == 0


def test_a_refusal_is_told_with_its_reason_and_can_be_tried_again(visit):
    refusal = {
        "title": "数据仓库暂不可用",
        "detail": "请稍后再试。",
        "code": "error.store-failed",
        "status": 503,
    }
    visit.page.route(
        "**/cockpit*",
        lambda route: route.fulfill(
            status=503, content_type="application/problem+json", body=json.dumps(refusal, ensure_ascii=False)
        ),
    )
    visit.page.goto(f"{visit.home}/#/page/cockpit")
    visit.page.wait_for_selector("[role=alert]")
    told = visit.page.locator("[role=alert]").first
    assert all(part in told.inner_text() for part in (refusal["title"], refusal["detail"], refusal["code"]))
    visit.page.unroute("**/cockpit*")
    told.get_by_role("button", name="重试").click()
    visit.page.wait_for_selector(".targets li")


def test_an_asset_that_is_not_there_says_so(visit):
    visit.go("map?asset=conduit/no-such-thing")
    assert "找不到" in visit.page.inner_text("aside [role=alert]")


def test_an_address_without_a_city_opens_the_first(visit):
    visit.page.goto(f"{visit.home}/#//nowhere")
    visit.page.wait_for_selector(".targets li")
    assert "/page/cockpit" in visit.page.url


def test_a_city_that_is_not_there_is_named_and_those_that_are_can_be_opened(visit):
    visit.page.goto(f"{visit.home}/#/atlantis/cockpit?lang=zh&district=d9")
    told = visit.page.get_by_role("status").filter(has_text="atlantis")
    expect(told).to_contain_text("没有代码为“atlantis”的城市")
    told.get_by_role("link").click()
    visit.page.wait_for_selector(".targets li")
    assert "/page/cockpit" in visit.page.url
    assert "district" not in visit.page.url
    visit.page.goto(f"{visit.home}/#/atlantis/survey?tab=queue&lang=en")
    expect(visit.page.locator("main")).to_contain_text("There is no city of the code 'atlantis'")
    expect(visit.page.locator("main")).to_contain_text("You may open: page.")
