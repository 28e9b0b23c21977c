"""What the page's tests need: the built page, Chromium, and a real service over a small city."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CITY = "page"
CONDUITS = 400
# What answers the screens: a city, its grades, its diagnosis, its programme, its documents.
LOOP = (
    ("example", "--city", CITY, "--conduits", str(CONDUITS)),
    ("grade", "--city", CITY),
    ("diagnose", "--city", CITY),
    ("plan", "--city", CITY),
    ("report", "--city", CITY),
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def leave_out(reason):
    """Skip with the reason; in CI a left-out test is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def built():
    """Return the folder of the built page."""
    folder = ROOT / "wenqu" / "page"
    if not (folder / "index.html").is_file():
        leave_out("the page is not built: run `npm ci && npm run build` in frontend/")
    return folder


@pytest.fixture(scope="session")
def chromium():
    """Return a running Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        leave_out("chromium is not on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def wenqu(*words):
    """Return the command line that runs wenqu in this very environment."""
    return [sys.executable, "-c", "from wenqu.cli.main import run; run()", *words]


@pytest.fixture(scope="session")
def store(tmp_path_factory, built):
    """Return a store with one small example city that went through the whole loop."""
    folder = tmp_path_factory.mktemp("page")
    for words in LOOP:
        extra = ("--truth", "truth") if words[0] == "example" else ()
        extra = ("--folder", "out") if words[0] == "report" else extra
        made = subprocess.run(
            wenqu(*words, *extra),
            cwd=folder,
            env=environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, f"wenqu {' '.join(words)}:\n{made.stdout}\n{made.stderr}"
    return folder


def environment(folder, token=""):
    """Return the environment of a run over the store in this folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENQU_")}
    given = {"WENQU_TOKEN": token} if token else {}
    return {**kept, **given, "WENQU_STORE": str(folder / "store"), "PYTHONPATH": str(ROOT)}


@contextmanager
def serving(folder, token=""):
    """Serve the store; yield the address of the page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / f"serve-{port}.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            wenqu("serve", "--port", str(port)),
            cwd=folder,
            env=environment(folder, token),
            stdout=out,
            stderr=out,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            await_answer(f"{address}/api/v1/messages/zh", server, log)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def await_answer(address, server, log, patience=60):
    """Wait until the service answers."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own service
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"the service did not answer:\n{log.read_text()}")


@pytest.fixture(scope="session")
def service(store):
    """Return the address of a service over the city, open to this machine."""
    with serving(store) as address:
        yield address


@pytest.fixture(scope="session")
def guarded_service(store):
    """Return the address of a service that asks for the token ``open-sesame``."""
    with serving(store, token="open-sesame") as address:  # noqa: S106 - a test's token
        yield address


@dataclass
class Visit:
    """A browser page with what it complained about and whom it asked."""

    page: object
    home: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def go(self, rest):
        """Open an address of the page and wait until it has settled."""
        self.page.goto(f"{self.home}/#/{CITY}/{rest}")
        self.settle()

    def settle(self):
        """Wait until the screen of the address stands, nothing is asked any more, and the map is idle."""
        page = self.page
        page.wait_for_function(
            "() => { const at = document.getElementById('screen');"
            " return at && location.hash.includes('/' + at.dataset.screen)"
            " && !document.querySelector('[aria-busy=true]')"
            " && [...document.querySelectorAll('.map')].every(map => map.dataset.idle === 'true'); }",
            timeout=20_000,
        )

    def text(self):
        """Return the words on the page."""
        return self.page.inner_text("body")


@pytest.fixture
def visit(chromium, service):
    """Return a fresh visit of the open service."""
    yield from visiting(chromium, service)


@pytest.fixture
def guarded_visit(chromium, guarded_service):
    """Return a fresh visit of the guarded service."""
    yield from visiting(chromium, guarded_service)


def visiting(chromium, home):
    """Yield a visit, then close it."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    page = context.new_page()
    made = Visit(page, home)
    page.on("console", lambda said: said.type == "error" and made.complaints.append(said.text))
    page.on("pageerror", lambda fault: made.complaints.append(str(fault)))
    page.on(
        "request",
        lambda asked: not asked.url.startswith((home, "data:", "blob:")) and made.strangers.append(asked.url),
    )
    yield made
    context.close()
