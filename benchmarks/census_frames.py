"""The map under the hand: frames a second of panning and zooming, beside the same pipes in plain MapLibre.

Headless Chromium draws in software here (SwiftShader, no graphics card): the frames are those of this
machine's processors, far below an office computer's, and the ratio is what counts. The peer is what one
would build instead: one GeoJSON source of all pipes and one line layer of the same widths and colours;
ours draws districts, rivers, nodes, signs and names as well.
"""

import functools
import http.server
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from wenqu.examples.city import write_example
from wenqu.services.city_state import CityState
from wenqu.store.database import open_store

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "frontend" / "node_modules" / "maplibre-gl" / "dist"
LONG = 50.0  # [ms] a frame that one sees stutter
SECONDS = 6.0
FLAGS = ["--no-sandbox", "--no-first-run", "--disable-background-networking", "--enable-unsafe-swiftshader"]
SIZE = {"width": 1366, "height": 768}
PEER = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="lib/maplibre-gl.css">
<style>html, body, #map { margin: 0; height: 100%; }</style><div id="map"></div>
<script type="module">
import { Map as Sheet, setWorkerUrl } from "./lib/maplibre-gl.mjs";
setWorkerUrl("lib/maplibre-gl-worker.mjs");
const size = ["max", 0.2, ["coalesce", ["get", "height"], 0.3]];
window.map = new Sheet({ container: "map", center: CENTRE, zoom: ZOOM, style: { version: 8,
  sources: { pipes: { type: "geojson", data: "pipes.json" } },
  layers: [{ id: "ground", type: "background", paint: { "background-color": "#f7f8f6" } },
    { id: "pipes", type: "line", source: "pipes", layout: { "line-cap": "round", "line-join": "round" },
     paint: {
      "line-color": ["match", ["get", "system"], "storm", "#0072b2", "sanitary", "#d55e00", "#cc79a7"],
      "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 9, ["max", 0.6, size], 13,
        ["max", 1.4, ["*", size, 2.2]], 16, ["max", 2.2, ["*", size, 5]]] } }] } });
map.on("idle", () => (window.settled = true));
</script>"""
FRAMES = """(seconds) => new Promise((done) => {
  const times = [], start = performance.now();
  const step = (now) => {
    times.push(now);
    now - start < seconds * 1000 ? requestAnimationFrame(step) : done(times);
  };
  requestAnimationFrame(step);
})"""


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    folder = Path(tempfile.mkdtemp(prefix="frames-"))
    try:
        for pipes in (2_000,) if quick else (2_000, 100_000):
            yield from _city(folder / str(pipes), pipes)
    finally:
        shutil.rmtree(folder)


def _city(folder: Path, pipes: int) -> Iterator[dict[str, object]]:
    store = open_store(folder / "store")
    write_example(store, conduits=pipes, city="frames", who="benchmark")
    state = CityState(store.network("frames"))
    store.close()
    west, south, east, north = state.bounds
    centre = [(west + east) / 2, (south + north) / 2]
    zoom = 13.5 if pipes < 10_000 else 13.0
    _write_peer(folder / "peer", state, centre, zoom)
    with _service(folder / "store") as ours, _files(folder / "peer") as theirs, _browser() as browser:
        place = f"{centre[0]:.5f}/{centre[1]:.5f}/{zoom}"
        pages = (
            _opened(browser, f"{ours}/#/frames/map?view={place}&lang=zh&theme=light"),
            _opened(browser, theirs),
        )
        for name, act in (("panning", _pan), ("zooming", _zoom)):
            found = [_frames(page, act) for page in pages]
            (mine, stutter), (other, peer_stutter) = found
            about = f"{name}, {len(state.network.table('conduit')):,} pipes, software GL"
            yield {
                "name": about,
                "ours": mine,
                "peer": other,
                "ratio": mine / other,
                "unit": "fps",
                "runs": 1,
            }
            yield {
                "name": f"frames > {LONG:.0f} ms {name}", "ours": stutter, "peer": peer_stutter,
                "ratio": None, "unit": "share", "runs": 1,
            }  # fmt: skip


def _write_peer(folder: Path, state: CityState, centre: list[float], zoom: float) -> None:
    folder.mkdir()
    (folder / "lib").symlink_to(LIBRARY)
    conduits = state.network.table("conduit")
    shapes = state.placed(conduits.shapes, "EPSG:4326")
    coords = np.round(shapes.coords, 7)
    starts = shapes.parts[shapes.assets]
    heights, systems = conduits.column("height"), conduits.column("system")
    rows = [
        {
            "type": "Feature",
            "properties": {"id": conduits.ids[row], "system": systems[row], "height": float(heights[row])},
            "geometry": {"type": "LineString", "coordinates": coords[starts[row] : starts[row + 1]].tolist()},
        }
        for row in np.flatnonzero(np.isfinite(heights) & (np.diff(starts) > 1))
    ]
    (folder / "pipes.json").write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    page = PEER.replace("CENTRE", json.dumps(centre)).replace("ZOOM", str(zoom))
    (folder / "index.html").write_text(page, encoding="utf-8")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map: ClassVar = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
    }

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _files(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


@contextmanager
def _service(store: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import sys, uvicorn; from wenqu.app import make_app; from wenqu.settings import Settings;"
        "app = make_app(Settings(store=sys.argv[1]));"
        "uvicorn.run(app, host='127.0.0.1', port=int(sys.argv[2]), log_level='error')"
    )
    server = subprocess.Popen([sys.executable, "-c", code, str(store), str(port)], cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/api/v1/messages/zh", timeout=5).close()  # noqa: S310 - our own service
                break
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _opened(browser: Any, address: str) -> Any:
    page = browser.new_context(viewport=SIZE).new_page()
    page.goto(address)
    ready = "() => window.settled || document.querySelector('.map')?.dataset.idle === 'true'"
    page.wait_for_function(ready, timeout=180_000)
    page.wait_for_timeout(1000)
    return page


def _frames(page: Any, act: Any) -> tuple[float, float]:
    """Return the frames a second and the share of long ones while something is done to the map."""
    page.bring_to_front()
    page.evaluate(f"() => {{ window.frames_ = ({FRAMES})({SECONDS}); }}")
    act(page, time.monotonic() + SECONDS)
    times = np.diff(np.array(page.evaluate("() => window.frames_")))
    return 1000 / float(times.mean()), float(np.mean(times > LONG))


def _pan(page: Any, end: float) -> None:
    x, y = SIZE["width"] / 2, SIZE["height"] / 2
    while time.monotonic() < end:
        for way in (1, -1):
            page.mouse.move(x, y)
            page.mouse.down()
            for step in range(20):
                page.mouse.move(x + way * step * 12, y + way * step * 5)
                time.sleep(0.016)
            page.mouse.up()


def _zoom(page: Any, end: float) -> None:
    page.mouse.move(SIZE["width"] / 2, SIZE["height"] / 2)
    while time.monotonic() < end:
        for way in (-1, 1):
            for _ in range(20):
                page.mouse.wheel(0, way * 40)
                time.sleep(0.03)
