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

from tests.services.test_plan_city import built as example  # noqa: F401 - a fixture of `town`

ROOT = Path(__file__).resolve().parents[2]
CITY = "page"
CONDUITS = 600  # the smallest example there is
SOLVER_SECONDS = 3.0
PASSWORD = "open sesame, please"  # noqa: S105 - a test's own
DESK = {"width": 1366, "height": 768}
SETTLED = """() => {
    const at = document.getElementById('screen');
    return at && location.hash.includes('/' + at.dataset.screen)
        && !document.querySelector('[aria-busy=true]')
        && [...document.querySelectorAll('.map')].every(map => map.dataset.idle === 'true');
}"""
SERVE = """
import sys, uvicorn
from wenqu.app import make_app
from wenqu.settings import Settings
store, port, *more = sys.argv[1:]
app = make_app(Settings(store=store, **dict(pair.split("=", 1) for pair in more)))
uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
"""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP wenqu.test 127.0.0.1",
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


@pytest.fixture(scope="session")
def store(tmp_path_factory, built):
    """Return the folder of a store with one small example city that went through the whole loop."""
    from wenqu.examples.city import write_example
    from wenqu.services.diagnose_city import diagnose_city
    from wenqu.services.grade_city import grade_city
    from wenqu.services.plan_city import plan_city
    from wenqu.store.database import open_store

    folder = tmp_path_factory.mktemp("page") / "store"
    made = open_store(folder)
    write_example(made, conduits=CONDUITS, city=CITY, who="test")
    grade_city(made, CITY, who="test")
    diagnose_city(made, CITY, who="test")
    plan_city(made, CITY, who="test", seconds=SOLVER_SECONDS)
    for grant in made.accounts.grants(""):  # an example is open to visitors; a real city is not
        made.accounts.revoke(grant.id, "test")
    let_root_in(made)
    made.close()
    return folder


@pytest.fixture
def town(example, tmp_path, built):  # noqa: F811
    """Return the folder of a small city with its first programme and an administrator."""
    from tests.services.test_plan_city import CODE
    from wenqu.services.plan_city import plan_city
    from wenqu.store.database import open_store

    assert built.is_dir()
    shutil.copytree(example, tmp_path / "store")
    made = open_store(tmp_path / "store")
    plan_city(made, CODE, who="planner")
    let_root_in(made)
    made.close()
    return tmp_path / "store"


def let_root_in(store):
    """Give a store its administrator."""
    from wenqu.services.accounts import add_account, change_password, give_grant
    from wenqu.services.rights import EVERYWHERE, LOCAL, Grant

    change_password(store.accounts, "root", add_account(store.accounts, LOCAL, "root"), PASSWORD)
    give_grant(store.accounts, LOCAL, "root", Grant("administrator", EVERYWHERE))


@contextmanager
def serving(folder, before="", **settings):
    """Serve the store; yield the address of the page. ``before`` runs in the service before anything else."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder.parent / f"serve-{port}.log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENQU_")}
    with log.open("w") as out:
        server = subprocess.Popen(
            [
                sys.executable,
                "-c",
                before + SERVE,
                str(folder),
                str(port),
                *(f"{name}={value}" for name, value in settings.items()),
            ],
            env={**kept, "PYTHONPATH": str(ROOT)},
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


def await_answer(address, server, log, patience=300):
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
    """Return the address of a service over the city; it asks who one is."""
    with serving(store, names="wenqu.test") as address:
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
        self.page.wait_for_function(SETTLED, timeout=60_000)

    def text(self):
        """Return the words on the page."""
        return self.page.inner_text("body")

    def ask(self, path):
        """Ask the service for JSON about the city, as the page does."""
        return self.page.evaluate(
            "path => fetch('api/v1/' + path).then(answer => answer.json())",
            f"cities/{CITY}/{path}",
        )


@pytest.fixture(scope="session")
def window(chromium, service):
    """Return one browser page for all tests, of an administrator who has signed in."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    told = {"data": {"name": "root", "password": PASSWORD}, "headers": {"Origin": service}}
    assert context.request.post(f"{service}/api/v1/sign-in", **told).ok
    made = Visit(context.new_page(), service)
    listen(made)
    yield made
    context.close()


@pytest.fixture(scope="session")
def visit_with(chromium, request):
    """Return how an administrator visits a service of other settings, or of another store."""

    @contextmanager
    def visiting(folder=None, **settings):
        if folder is None:
            folder = request.getfixturevalue("store")  # only now: an example takes a while
        else:
            from wenqu.store.database import open_store

            opened = open_store(folder)
            let_root_in(opened)
            opened.close()
        with serving(folder, **settings) as home:
            context = chromium.new_context(viewport=DESK, locale="zh-CN")
            told = {"data": {"name": "root", "password": PASSWORD}, "headers": {"Origin": home}}
            assert context.request.post(f"{home}/api/v1/sign-in", **told).ok
            made = Visit(context.new_page(), home)
            listen(made)
            yield made
            context.close()

    return visiting


@pytest.fixture
def visit(window):
    """Return the page as a reader finds it who was never here."""
    window.page.set_viewport_size(DESK)
    window.page.goto(f"{window.home}/icon.svg")
    window.page.evaluate("localStorage.clear()")
    window.complaints.clear()
    window.strangers.clear()
    return window


@pytest.fixture
def stranger(chromium, service):
    """Return a visit of someone who has not signed in."""
    context = chromium.new_context(viewport=DESK, locale="zh-CN")
    made = Visit(context.new_page(), service)
    yield made
    context.close()


def _is_fault(said):
    """Tell whether a console message is the page's fault: for a bare picture it asks for a favicon too."""
    return said.type == "error" and not said.location.get("url", "").endswith("/favicon.ico")


def listen(visit):
    """Note what the page complains about, and every request to another host."""
    page = visit.page
    page.on("console", lambda said: _is_fault(said) and visit.complaints.append(said.text))
    page.on("pageerror", lambda fault: visit.complaints.append(str(fault)))
    ours = (visit.home, "data:", "blob:")
    page.on("request", lambda asked: not asked.url.startswith(ours) and visit.strangers.append(asked.url))
