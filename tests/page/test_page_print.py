"""The map on paper, as a clerk orders it: the frame in sight on desk and phone, moved, turned and printed."""

import pytest

pytestmark = pytest.mark.browser
TALL = """() => {
    const box = document.querySelector('svg.frame polygon').getBoundingClientRect();
    return box.height > box.width;
}"""
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}


def boxes(page, *names):
    """Return the place on the screen of each thing."""
    return [page.locator(name).bounding_box() for name in names]


def overlap(one, other):
    """Return the pixels that two boxes share."""
    across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return max(0, across) * max(0, down)


def open_dialog(visit):
    """Open the dialog and wait until the whole frame is in view."""
    visit.page.get_by_role("button", name="打印", exact=True).click()
    visit.page.wait_for_selector("svg.frame polygon")
    visit.page.wait_for_timeout(400)
    visit.settle()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_covers_the_frame_of_a_print(visit, size):
    visit.page.set_viewport_size(SIZES[size])
    visit.go("map?lang=zh&theme=light")
    open_dialog(visit)
    frame, ground, dialog, legend = boxes(visit.page, "svg.frame polygon", ".map", "form.print", ".legend")
    assert overlap(frame, dialog) == 0
    assert overlap(frame, legend) == 0
    assert overlap(frame, ground) == pytest.approx(frame["width"] * frame["height"]), (
        "all of it is on the map"
    )
    assert frame["width"] > 0.5 * ground["width"], "and it is not small"
    button = visit.page.get_by_role("button", name="生成 PDF").bounding_box()
    assert button["y"] + button["height"] <= SIZES[size]["height"], "the button is in reach"
    visit.page.locator("form.print").get_by_role("button", name="关闭").click()
    visit.page.get_by_role("button", name="打印", exact=True).wait_for()
    assert visit.page.locator("svg.frame").count() == 0
    assert visit.complaints == []


def test_a_frame_is_moved_by_key_and_mouse_turned_and_printed(visit):
    page = visit.page
    visit.go("map?lang=zh&theme=light")
    open_dialog(visit)
    frame = page.locator("svg.frame polygon")
    before = frame.bounding_box()
    assert before["width"] > before["height"]
    frame.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "x => document.querySelector('svg.frame polygon').getBoundingClientRect().x > x + 20", arg=before["x"]
    )
    visit.settle()
    there = frame.bounding_box()
    middle = there["x"] + there["width"] / 2, there["y"] + there["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 80, middle[1] + 10, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "x => document.querySelector('svg.frame polygon').getBoundingClientRect().x < x - 40", arg=there["x"]
    )
    page.get_by_label("方向").select_option("portrait")
    page.wait_for_function(TALL)
    page.get_by_label("标题").fill("问渠镇排水图")
    with page.expect_download() as taken, page.expect_request("**/map.pdf?*") as asked:
        page.get_by_role("button", name="生成 PDF").click()
    assert taken.value.path().read_bytes().startswith(b"%PDF")
    assert "landscape=false" in asked.value.url
    assert visit.complaints == []
