"""The network asked on the map: who is above, by which way, what crosses a border, what if it is shut."""

import io
import re

import ezdxf
import pytest

pytestmark = pytest.mark.browser


def plain(words):
    """Return words without any space, thin ones too."""
    return re.sub(r"\s", "", words)


@pytest.fixture
def ends(visit):
    """Return a manhole that drains to a plant by many pipes, the plant, and the pipe in the middle."""
    visit.go("settings")
    plant = visit.ask("diagnosis")["plants"][0]["id"]
    far = visit.ask(f"trace?id={plant}&direction=up")["nodes"]
    for start in reversed(far):
        found = visit.ask(f"network/path?start={start}&end={plant}")
        if len(found["links"]) > 4:
            return start, plant, found["links"][2]
    raise AssertionError("the city has a way of five pipes")


def panel(visit):
    """Return the words of the answer's panel."""
    visit.page.locator("section.asked").wait_for()
    visit.settle()
    return plain(visit.page.inner_text("section.asked"))


def test_a_way_is_asked_from_two_cards_with_its_time_and_turned_into_a_profile(visit, ends):
    start, plant, _ = ends
    visit.go(f"map?asset=manhole/{start}&theme=light")
    visit.page.locator("aside").get_by_role("button", name="由此问路径").click()
    assert "路径到此" in panel(visit)
    visit.go(f"map?asset=plant/{plant}&ask=path&start={start}")
    visit.page.locator("aside").get_by_role("button", name="路径到此").click()
    said = panel(visit)
    found = visit.ask(f"network/path?start={start}&end={plant}")
    assert f"{start}→{plant}" in said
    assert f"沿途{found['count']['nodes']}个节点、{found['count']['links']}段" in said
    assert re.search(r"流行时间[\d.]+\([\d.]+–[\d.]+\)min", said), said
    visit.page.get_by_role("button", name="看各条路径").click()
    every = visit.ask(f"network/path?start={start}&end={plant}&which=all")
    assert f"各条路径合计{every['count']['links']}段" in panel(visit)
    visit.page.locator(".asked").get_by_role("button", name="画纵断面").click()
    visit.page.locator(".asked svg[role=img]").wait_for()
    assert f"ask=profile&start={start}&end={plant}" in visit.page.url
    assert visit.complaints == []


def test_a_profile_leaves_as_svg_and_as_a_dxf_of_the_same_pipes(visit, ends):
    start, plant, _ = ends
    visit.go(f"map?ask=profile&start={start}&end={plant}&lang=zh&theme=light")
    told = visit.ask(f"network/profile?start={start}&end={plant}")
    files = {}
    for form in ("SVG", "DXF"):
        with visit.page.expect_download() as taken:
            visit.page.locator(".asked").get_by_role("button", name=form).click()
        files[form] = taken.value.path().read_text("utf-8")
    assert files["SVG"].startswith("<svg")
    assert files["SVG"].count("data-link=") == len(told["stretches"])
    space = ezdxf.read(io.StringIO(files["DXF"])).modelspace()
    grounds = [stop["distance"] for stop in told["stops"] if stop["ground"] is not None]
    (ground,) = space.query('LWPOLYLINE[layer=="GROUND"]')
    assert [point[0] for point in ground.get_points()] == pytest.approx(grounds)
    assert len(space.query('CIRCLE[layer=="DEFECT"]')) == len(told["marks"])
    assert visit.complaints == []


def test_what_crosses_a_border_is_asked_once_however_the_map_moves(visit):
    visit.go("settings")
    (district, *_) = visit.ask("summary")["districts"]
    asked = []
    visit.page.on("request", lambda one: "network/isolate" in one.url and asked.append(one.url))
    visit.go(f"map?district={district['id']}&lang=zh&theme=light")
    visit.page.get_by_role("button", name="边界流入流出").click()
    said = panel(visit)
    found = visit.ask(f"network/isolate?zone={district['id']}")
    assert f"流入{len(found['into'])}段，流出{len(found['out_of'])}段" in said
    for crossing in (*found["into"], *found["out_of"]):
        assert crossing["id"] in said
    asked.clear()
    box = visit.page.locator(".map").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visit.page.mouse.move(*middle)
    visit.page.mouse.down()
    visit.page.mouse.move(middle[0] + 60, middle[1] + 20, steps=4)
    visit.page.mouse.up()
    visit.page.wait_for_timeout(400)
    visit.settle()
    assert asked == [], "a map that moves asks for tiles only"
    assert visit.complaints == []


def test_what_if_a_pipe_is_shut_who_is_above_and_which_plant(visit, ends):
    start, plant, pipe = ends
    visit.go(f"map?ask=shut&start={pipe}&lang=zh&theme=light")
    lost = visit.ask(f"network/shut?id={pipe}")["lost"]
    assert f"失去出路：节点{lost['nodes']}个，排水户{lost['sources']}家" in panel(visit)
    visit.go(f"map?ask=sources&start={plant}&lang=zh&theme=light")
    above = visit.ask(f"network/sources?id={plant}")
    assert f"排水户{above['totals']['sources']}家" in panel(visit)
    assert above["rows"][0]["time_s"] <= above["rows"][-1]["time_s"]
    visit.go(f"map?ask=plant&start={start}&lang=zh&theme=light")
    assert plain(visit.ask(f"network/plant?id={start}")["plant"]["name"]) in panel(visit)
    visit.go("map?ask=shut&start=nowhere&lang=zh&theme=light")
    assert "管网中没有编号为“nowhere”的资产" in panel(visit)


@pytest.mark.parametrize("way", ["box", "ring"])
def test_a_box_and_a_ring_are_drawn_by_their_buttons_and_left_by_escape(visit, way):
    visit.go("map?lang=zh&theme=light")
    button = visit.page.get_by_role("button", name={"box": "框选", "ring": "圈选"}[way])
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    visit.page.keyboard.press("Escape")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    box = visit.page.locator(".map").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    with visit.page.expect_request(lambda one: one.url.endswith("/selections")) as sent:
        if way == "box":
            visit.page.mouse.move(x - 80, y - 80)
            visit.page.mouse.down()
            visit.page.mouse.move(x + 80, y + 80, steps=4)
            visit.page.mouse.up()
        else:
            for corner in ((x - 80, y - 80), (x + 80, y - 80)):
                visit.page.mouse.click(*corner)
            visit.page.mouse.dblclick(x, y + 80)
    ring = sent.value.post_data_json["ring"]
    assert len(ring) == {"box": 4, "ring": 3}[way]
    visit.page.locator(".selected").wait_for()
    assert button.get_attribute("aria-pressed") == "false", "one selection, then the map moves again"
    assert visit.complaints == []
