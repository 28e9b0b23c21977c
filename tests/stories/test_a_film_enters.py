"""A film through a running service: in pieces, called off in the middle, beyond the limit, on a full disk.

The whole size, 2 GB, is that of ``scripts/bench film``; here the same way with a smaller one.
"""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from wenqu.store.database import open_store

HOME = "/api/v1/cities/demo/inspections"
MB = 1 << 20
FILM = 32  # [MB]
LARGEST = 48  # [MB] that the disk of the test takes of one file
MOST = 80  # [MB] that a delivery may have
MORE = 16 * MB  # that the service may hold beyond what it holds at rest
MARK = b"here"
SERVE = """
import resource, sys, uvicorn
from wenqu.api.router import make_api
from wenqu.services.city_state import Cities
from wenqu.store.database import open_store
store, port, largest, most = sys.argv[1:]
app = make_api(Cities(open_store(store)))
app.state.inspection_mb = int(most)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest) << 20,) * 2)  # as a disk that is full
uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux")


class Service:
    """A running service over a city of a few pipes."""

    def __init__(self, folder, log):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder, self.log = folder, log
        told = [str(folder), str(self.port), str(LARGEST), str(MOST)]
        with log.open("w") as out:
            self.process = subprocess.Popen([sys.executable, "-c", SERVE, *told], stdout=out, stderr=out)
        self.delivery = ""

    def ask(self, method, path, body=None, **headers):
        """Return status and answer; what is not bytes is sent as JSON."""
        face = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            kind = {"Accept-Language": "en"}
            if isinstance(body, dict):
                body, kind = json.dumps(body).encode(), {**kind, "Content-Type": "application/json"}
            face.request(method, path, body, {**kind, **headers})
            answer = face.getresponse()
            return answer.status, answer.read()
        finally:
            face.close()

    def put(self, name, body, **headers):
        return self.ask("POST", f"{self.delivery}/files?name={quote(name)}", body, **headers)

    def begin(self):
        self.delivery = f"{HOME}/deliveries/{json.loads(self.ask('POST', f'{HOME}/deliveries')[1])['id']}"

    def do(self, step):
        """Check or accept the delivery and wait until that is done."""
        job = json.loads(self.ask("POST", f"{self.delivery}/{step}", {"why": "May"})[1])
        while job["state"] == "running":
            time.sleep(0.05)
            job = json.loads(self.ask("GET", f"/api/v1/jobs/{job['id']}")[1])
        assert job["state"] == "done", job

    def lying(self):
        """Return the files of all deliveries that lie on the disk, whole or not, with their sizes."""
        home = self.folder / "inspections"
        there = [path for path in home.rglob("*") if path.is_file() and path.suffix != ".json"]
        return {path.name: path.stat().st_size for path in there}

    def held(self, what):
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in status if line.startswith(f"{what}:"))


@pytest.fixture(scope="module")
def running(tmp_path_factory, crew):
    folder = tmp_path_factory.mktemp("film")
    store = open_store(folder / "store")
    crew.put_city(store)
    store.close()
    made = Service(folder / "store", folder / "log")
    try:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            assert made.process.poll() is None, made.log.read_text()
            try:
                made.ask("GET", "/api/v1/messages/zh")
                break
            except OSError:
                time.sleep(0.1)
        yield made
    finally:
        made.process.terminate()
        made.process.wait(20)


@pytest.fixture
def service(running):
    """Return the service with a delivery that is begun; it has said nothing unforeseen in the end."""
    running.begin()
    yield running
    running.ask("POST", f"{running.delivery}/drop", {})
    assert "unforeseen" not in running.log.read_text()
    assert "Traceback" not in running.log.read_text()


def pieces(megabytes):
    for _ in range(megabytes):
        yield bytes(MB)


def test_a_film_is_never_held_in_memory_is_kept_once_and_played_from_any_byte(service, crew, tmp_path):
    rows = ((5.0, "BAB", "", "film.mp4"), (9.0, "BAB", "", "film-2.mp4"))
    survey = crew.survey_text(crew.block("P1", "A", "B", 50.0, *rows))
    assert service.put("survey.txt", survey)[0] == 200
    film = tmp_path / "film.mp4"
    with film.open("wb") as out:
        out.truncate(FILM * MB)
        out.seek(FILM * MB // 2)
        out.write(MARK)
    service.ask("GET", HOME)
    at_rest = service.held("VmRSS")
    Path(f"/proc/{service.process.pid}/clear_refs").write_text("5")  # the most counts from here
    for name in ("film.mp4", "again/film-2.mp4"):  # the same content under another name
        with film.open("rb") as stream:
            assert service.put(name, stream, **{"Content-Length": str(FILM * MB)})[0] == 200
    service.do("check")
    service.do("accept")
    rows = json.loads(service.ask("GET", HOME)[1])["rows"]
    one = json.loads(service.ask("GET", f"{HOME}/one?id={quote(rows[0]['id'])}")[1])
    address = f"/api/v1/{one['defects'][0]['film']['address']}"
    middle = FILM * MB // 2
    assert service.ask("GET", address, Range=f"bytes={middle}-{middle + 3}") == (206, MARK)
    assert service.ask("GET", address, Range=f"bytes={FILM * MB}-")[0] == 416
    assert len(service.ask("GET", address)[1]) == FILM * MB
    assert service.held("VmHWM") - at_rest < MORE
    kept = [path for path in (service.folder / "files").rglob("*") if path.is_file()]
    sizes = sorted(path.stat().st_size for path in kept)
    assert sizes == [len(survey), FILM * MB]  # the film once, the report as it came
    assert service.lying() == {}


def test_a_film_that_is_called_off_in_the_middle_leaves_nothing_and_loses_nothing(service):
    assert service.put("film.mp4", b"the whole film")[0] == 200
    face = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    face.putrequest("POST", f"{service.delivery}/files?name=film.mp4")
    face.putheader("Content-Length", str(FILM * MB))
    face.endheaders()
    for piece in pieces(4):
        face.send(piece)
    end = time.monotonic() + 20
    while sum(service.lying().values()) < MB and time.monotonic() < end:
        time.sleep(0.02)
    face.close()
    while len(service.lying()) > 1 and time.monotonic() < end:
        time.sleep(0.02)
    assert service.lying() == {"film.mp4": 14}


def test_a_film_for_which_the_disk_has_no_room_is_told_and_what_came_before_stays(service):
    assert service.put("survey.txt", b"before it")[0] == 200
    status, answer = service.put("film.mp4", pieces(LARGEST + 4))
    assert status == 422
    said = json.loads(answer)["detail"]
    assert re.match(r"film.mp4: the disk of the service was full after 4[89] MB", said)
    assert service.lying() == {"survey.txt": 9}


def test_films_beyond_the_limit_are_told_before_a_byte_is_sent(service):
    status, answer = service.ask("POST", f"{HOME}/deliveries?size={(MOST + 1) * MB}")
    assert (status, json.loads(answer)["code"]) == (422, "error.bad-input.inspections-all-large")
    status, answer = service.ask("POST", f"{HOME}/deliveries?size={MOST * MB}")
    assert status == 201
    service.ask("POST", f"{HOME}/deliveries/{json.loads(answer)['id']}/drop", {})
