"""The power fails in the middle of an import in the browser: the city is as before, and she goes on."""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.page.conftest import PASSWORD, ROOT, SERVE, await_answer, let_root_in
from wenqu.errors import UnknownCity
from wenqu.store.database import open_store

pytestmark = pytest.mark.browser
MANY = 10_000  # so many pipes take long enough to be caught in the act
WAIT = 180_000


def pipes(path):
    """Write pipes in a row, every hundredth with the number of the one before it."""
    features = [
        {"type": "Feature", "properties": {"id": f"P{n - 1 if n % 100 == 99 else n}", "height": 0.3},
         "geometry": {"type": "LineString",
                      "coordinates": [[120 + n * 1e-5, 30], [120 + (n + 1) * 1e-5, 30]]}}
        for n in range(MANY)
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


@contextmanager
def running(folder, port):
    """Run a service in processes of its own; yield what kills them all at once."""
    log = folder.parent / "serve.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENQU_")}
    with log.open("a") as out:
        server = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(folder), str(port)],
            env={**kept, "PYTHONPATH": str(ROOT)}, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip

    def kill():
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait(20)

    try:
        await_answer(f"http://127.0.0.1:{port}/api/v1/messages/zh", server, log)
        yield kill
    finally:
        kill()


def version_of(folder):
    store = open_store(folder)
    try:
        return store.version("city")
    except UnknownCity:
        return 0
    finally:
        store.close()


def shoot(page, name):
    folder = os.environ.get("SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_killed_service_loses_nothing_and_the_page_says_how_to_go_on(chromium, built, tmp_path):
    folder = tmp_path / "store"
    store = open_store(folder)
    let_root_in(store)
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = f"http://127.0.0.1:{port}"
    context = chromium.new_context(locale="zh-CN")
    page = context.new_page()
    with running(folder, port) as kill:
        told = {"data": {"name": "root", "password": PASSWORD}, "headers": {"Origin": home}}
        assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
        page.goto(f"{home}/#/city/survey?lang=zh&theme=light")
        page.locator(".screen form input").first.fill("city")
        page.set_input_files("input[type=file]", str(pipes(tmp_path / "管段.geojson")))
        page.get_by_role("button", name="上传并识别").click()
        page.wait_for_selector("text=识别结果", timeout=WAIT)
        page.get_by_role("button", name="开始检查").click()
        page.wait_for_selector(".going progress", timeout=WAIT)
        kill()
        page.wait_for_selector("text=连不上服务", timeout=WAIT)
        shoot(page, "kill-1-dead")
    assert version_of(folder) == 0
    with running(folder, port) as kill:
        page.wait_for_selector("text=此项中断", timeout=WAIT)  # told without a reload
        page.reload()
        page.wait_for_selector("text=此项中断", timeout=WAIT)
        shoot(page, "kill-2-again")
        page.get_by_role("button", name="开始检查").click()
        page.wait_for_selector("text=按设施类型", timeout=WAIT)
        shoot(page, "kill-3-checked")
        page.get_by_role("button", name="确认入库").click()
        page.wait_for_selector(".going progress", timeout=WAIT)
        kill()
    entered = version_of(folder)
    with running(folder, port):
        page.reload()
        page.wait_for_selector("text=记为第 1 号变更" if entered else "text=此项中断", timeout=WAIT)
        shoot(page, "kill-4-again")
        if not entered:
            page.get_by_role("button", name="确认入库").click()
            page.wait_for_selector("text=记为第 1 号变更", timeout=WAIT)
        shoot(page, "kill-5-done")
    assert version_of(folder) == 1
    context.close()
