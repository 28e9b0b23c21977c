"""Whoever kills the service amid a delivery leaves the city as it was, and the next service goes on."""

import hashlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import httpx2
import orjson
import pytest
import sqlalchemy as sa

from wenqu.progress import silent
from wenqu.services.accept_import import accept_import
from wenqu.services.accounts import give_grant
from wenqu.services.deliveries import Deliveries
from wenqu.services.entrance import COOKIE, Entrance
from wenqu.services.jobs import Job
from wenqu.services.rights import LOCAL, Grant
from wenqu.services.take_in import accept, check, deliveries_of, jobs_of
from wenqu.store.database import open_store

TABLES = ("change", "city", "asset", "block", "record", "document", "waiting", "decision")
MANY = 3000
PATIENCE = 120
ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import sys, uvicorn
from wenqu.app import make_app
from wenqu.settings import Settings
uvicorn.run(make_app(Settings(store=sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""
HOME = "/api/v1/cities/demo/deliveries"


def pipes(count):
    """Return conduits in a row as a file, every tenth with the number of the one before it."""
    features = []
    for n in range(count):
        line = [[120.0 + n * 1e-4, 30.0], [120.0 + (n + 1) * 1e-4, 30.0]]
        named = {"id": f"P{n - 1 if n % 10 == 9 else n}", "height": 0.3, "material": "steel"}
        features.append(
            {"type": "Feature", "properties": named, "geometry": {"type": "LineString", "coordinates": line}}
        )
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


class Service:
    """A service in processes of its own, with somebody who has signed in."""

    def __init__(self, folder):
        self.folder = folder
        store = open_store(folder)
        if not store.accounts.any():
            store.accounts.add("bringer", "", "", "tester")
            give_grant(store.accounts, LOCAL, "bringer", Grant("city_office", "demo"))
        secret = Entrance(store.accounts).begin("bringer")
        store.close()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WENQU_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(folder), str(port)],
            env={**kept, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        home = f"http://127.0.0.1:{port}"
        headers = {"Origin": home, "Accept-Language": "en", "Cookie": f"{COOKIE}={secret}"}
        self.client = httpx2.Client(base_url=home, headers=headers, timeout=PATIENCE)
        self.await_(self._answers)

    def _answers(self):
        assert self.process.poll() is None
        try:
            return self.client.get("/api/v1/me").is_success
        except httpx2.TransportError:
            return False

    @staticmethod
    def await_(what):
        """Wait until something is so, and return it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := what():
                return found
            time.sleep(0.1)
        return pytest.fail("it did not come to pass")

    def ask(self, path, body=None):
        """Return the answer to a request."""
        answer = self.client.get(path) if body is None else self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def hand_in(self, content):
        """Hand a file in and say where it lies; return the address of the delivery."""
        made = self.client.post(HOME, files=[("files", ("管段.geojson", content))])
        assert made.status_code == 201, made.text
        home = f"{HOME}/{made.json()['id']}"
        self.ask(f"{home}/answers", {"crs": "EPSG:4490"})
        return home

    def job(self, id_):
        """Return a job as it is."""
        return self.ask(f"/api/v1/jobs/{id_}")

    def ended(self, job):
        """Return a job when it has ended."""
        return self.await_(lambda: (now := self.job(job["id"]))["state"] != "running" and now)

    def kill(self):
        """Kill the service alone, as a system short of memory would, and wait for all that it had begun."""
        self.client.close()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.await_(self._is_gone)

    def _is_gone(self):
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False


@pytest.fixture
def serve(tmp_path):
    """Return what starts a service over one store, and starts it again."""
    begun = []

    def start():
        begun.append(Service(tmp_path / "store"))
        return begun[-1]

    yield start
    for one in begun:
        if one.process.poll() is None:
            one.kill()


def content(folder):
    """Return a digest of every row of every table that tells what a city is and was."""
    digest = hashlib.sha256()
    store = open_store(folder)
    with store._engine.connect() as connection:
        for name in TABLES:
            rows = connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY 1, 2, 3"))  # noqa: S608
            digest.update(name.encode())
            for row in rows:
                digest.update(repr(tuple(row)).encode())
    store.close()
    return digest.hexdigest()


def test_a_service_killed_amid_deliveries_leaves_the_city_as_it_was_and_the_next_goes_on(serve):
    service = serve()
    before, home = content(service.folder), service.hand_in(pipes(MANY))
    other = service.hand_in(pipes(10 * MANY))  # its check takes longer
    assert service.ended(service.ask(f"{home}/check", {}))["state"] == "done"
    checking = service.ask(f"{other}/check", {})
    service.await_(lambda: service.job(checking["id"])["share"] > 0.1)
    accepting = service.ask(f"{home}/accept", {"why": "census"})
    service.await_(lambda: service.job(accepting["id"])["share"] > 0.1)
    service.kill()
    assert content(service.folder) == before

    service = serve()
    assert {service.job(job["id"])["state"] for job in (checking, accepting)} == {"interrupted"}
    assert (service.ask(other)["state"], service.ask(home)["state"]) == ("received", "checked")
    ends = []
    for share in (0.0, 0.1, 0.5, 0.9):
        job = service.ask(f"{home}/accept", {"why": "census"})
        service.await_(lambda job=job, share=share: service.job(job["id"])["share"] >= share)
        ends.append(service.ask(f"/api/v1/jobs/{job['id']}/cancel", {})["state"])
        if ends[-1] == "done":  # it was quicker: then it is in as a whole
            break
        assert content(service.folder) == before
    assert "cancelled" in ends
    if "done" not in ends:
        assert service.ended(service.ask(f"{home}/accept", {"why": "census"}))["state"] == "done"
    store = open_store(service.folder)
    assert (store.version("demo"), len(store.network("demo").table("conduit"))) == (1, MANY * 9 // 10)
    assert not any(chain.faults for chain in store.verify())
    store.close()


@pytest.fixture
def checked(tmp_path):
    """Return a store and a delivery that was checked."""
    store = open_store(tmp_path / "store")
    kept = deliveries_of(store)
    one = kept.receive("demo", "local", [("管段.geojson", io.BytesIO(pipes(20)))], 1 << 20)
    kept.answer(one, {"crs": "EPSG:4490"})
    given = {"where": str(tmp_path / "store"), "archive": str(tmp_path / "store"), "city": "demo"}
    given |= {"delivery": one.id, "person": LOCAL, "why": "census"}
    check(given, silent)
    yield store, kept, given
    store.close()


def test_what_was_written_when_the_service_was_killed_is_told_as_done_and_never_enters_twice(checked):
    store, kept, given = checked
    one = kept.delivery("demo", given["delivery"])
    accept_import(store, kept.outcome(one), who="local", why="census", delivery=one.id)  # killed right here
    lost = Job(
        "0" * 12, "accept", "demo", "local", "管段.geojson", "2026-11-27T00:00:00+00:00", subject=one.id
    )
    folder = Path(store.address[1]) / "jobs"
    folder.mkdir()
    (folder / f"{lost.id}.json").write_bytes(orjson.dumps(asdict(lost)))
    job = jobs_of(store).job(lost.id)
    assert (job.state, job.result) == ("done", {"delivery": one.id, "number": 1})
    assert accept(given, silent) == {"delivery": one.id, "number": 1}
    told = kept.delivery("demo", one.id)
    assert told.state == "accepted"
    assert told.result["changed"]["conduit"] == {"new": 18, "changed": 0, "same": 0}
    assert store.version("demo") == 1


def test_files_whose_keeping_was_cut_short_can_be_handed_in_again(tmp_path):
    kept = Deliveries(tmp_path)
    files = [("a.geojson", pipes(2))]
    first = kept.receive("demo", "w", [(name, io.BytesIO(some)) for name, some in files], 1 << 20)
    home = tmp_path / "demo" / first.id
    (home / "delivery.json").unlink()  # killed just before it was written
    again = kept.receive("demo", "w", [(name, io.BytesIO(some)) for name, some in files], 1 << 20)
    assert again.id == first.id
    assert [path.name for path in kept.paths(again)] == ["a.geojson"]
