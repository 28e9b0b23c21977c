"""A base map of somebody else below ours, in a real browser, from a tile server of this machine."""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

pytestmark = pytest.mark.browser
NOTE = "本图数据已按 GCJ-02 偏移显示，坐标未改"


@pytest.fixture(scope="module")
def tile_server():
    """Return the address of a server of violet tiles, and what it was asked."""
    picture = io.BytesIO()
    Image.new("RGB", (256, 256), "#c000ff").save(picture, "PNG")
    asked = []

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(picture.getvalue())

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def above(visit_with, tile_server):
    """Return a signed-in visit of a service with a shifted base map."""
    address, _ = tile_server
    template = address + "/{z}/{x}/{y}.png?tk={key}"
    given = {"basemap": template, "basemap_key": "k", "basemap_datum": "gcj02", "basemap_credit": "© 某图"}
    with visit_with(**given) as made:
        yield made


def test_the_base_map_is_asked_only_when_it_is_on_and_our_tiles_follow_it(above, tile_server):
    _, asked = tile_server
    ours = []
    above.page.on("request", lambda one: ".mvt" in one.url and ours.append(one.url))
    above.go("map")
    assert not asked, "plain ground by default"
    assert not any("datum" in url for url in ours)
    ours.clear()
    view = above.page.evaluate("location.hash")
    above.page.get_by_label("底图").check()
    above.page.wait_for_timeout(300)
    above.settle()
    assert asked
    assert all("tk=k" in path for path in asked)
    assert ours
    assert all("datum=gcj02" in url for url in ours)
    assert NOTE in above.text()
    assert "© 某图" in above.text()
    assert "base=1" in above.page.evaluate("location.hash"), view
    assert above.complaints == []


def test_a_ring_over_a_shifted_map_is_sent_with_true_corners_and_opens_the_register(above):
    west, south, east, north = above.ask("summary")["bounds"]
    view = [(west + east) / 2, (south + north) / 2]
    above.go(f"map?base=1&view={view[0]:.5f}/{view[1]:.5f}/14")
    sent = []
    above.page.on("request", lambda one: one.url.endswith("/selections") and sent.append(one.post_data))
    box = above.page.locator(".map").bounding_box()
    centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    above.page.keyboard.down("Shift")
    above.page.mouse.move(centre[0] - 90, centre[1] - 90)
    above.page.mouse.down()
    above.page.mouse.move(centre[0] + 90, centre[1] + 90, steps=4)
    above.page.mouse.up()
    above.page.keyboard.up("Shift")
    above.page.get_by_role("button", name="在台账中打开").first.wait_for()
    above.settle()  # the panel has its place
    ring = json.loads(sent[0])["ring"]
    middle = [sum(corner[at] for corner in ring) / len(ring) for at in (0, 1)]
    assert middle == pytest.approx(view[:2], abs=1e-3), "a shift is several times as far"
    above.page.locator(".selected > button", has_text="在台账中打开").click()
    above.page.wait_for_function("() => location.hash.includes('/registers')")
    above.settle()
    assert "ids=" in above.page.evaluate("location.hash")
    above.page.get_by_role("button", name="取消选区限定").wait_for()
    assert above.complaints == []
