"""A film of 2 GB through a running service: handed in, filed, played, and what each costs in memory.

Nothing is compared with: the bounds are what a small server of a district has. The film is a sparse file with
some bytes in its middle, so that only the service's own copy needs room.
"""

import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from wenqu.network.model import City, assets
from wenqu.services.accounts import add_account, change_password, give_grant
from wenqu.services.rights import EVERYWHERE, LOCAL, Grant
from wenqu.store.database import open_store

SERVE = """
import sys, uvicorn
from wenqu.app import make_app
from wenqu.settings import Settings
store, port = sys.argv[1:]
uvicorn.run(make_app(Settings(store=store)), host="127.0.0.1", port=int(port), log_level="warning")
"""
SURVEY = (
    '#A1=UTF-8\n#A2=en\n#A3=,\n#A4=.\n#A5="\n#A6=2010\n#B01=AAD,AAF,AAB,ABQ,ABF,ABG,AAK,AAA\n'
    "A,B,A,50,2026-05-01,10:00,A,P1\n#C=I,A,B,C,D,G,M,N\n5.0,BAB,A,,3,12,,film.mp4\n#Z\n"
)
MARK = b"here"
PASSWORD = "open sesame, please"  # noqa: S105 - of a store that goes again
COOKIES: dict[str, str] = {}  # and where the requests come from


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield seconds and megabytes of each step."""
    megabytes = 256 if quick else 2048
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        film = folder / "film.mp4"
        with film.open("wb") as out:
            out.truncate(megabytes << 20)
            out.seek(megabytes << 19)
            out.write(MARK)
        write_city(folder / "store")
        with serving(folder / "store") as (port, process):
            yield from through(port, process, film)


def through(port: int, process: int, film: Path) -> Iterator[dict[str, object]]:
    """Yield what each step of a film's way costs."""
    home, size = "cities/demo/inspections", film.stat().st_size
    at_rest = held(process, "VmRSS")
    Path(f"/proc/{process}/clear_refs").write_text("5")  # the most that it ever held counts from here
    began = time.monotonic()
    status, body = ask(port, "POST", f"{home}/deliveries?size={size}")
    delivery = f"{home}/deliveries/{json.loads(body)['id']}"
    ask(port, "POST", f"{delivery}/files?name=survey.txt", SURVEY.encode())
    status, body = ask(port, "POST", f"{delivery}/files?name=film.mp4", film)
    expect(status == 200, body)
    yield row("handed in", time.monotonic() - began, "s", f"{size >> 20} MB")
    yield row("memory of the service, more than at rest", (held(process) - at_rest) / 1e6, "MB", "<= 64")
    for step in ("check", "accept"):
        began = time.monotonic()
        most = job_memory(port, process, *ask(port, "POST", f"{delivery}/{step}", {"why": "bench"}))
        yield row(f"{step}ed", time.monotonic() - began, "s", "")
        yield row(f"memory of the {step}, more than a process of ours", most / 1e6, "MB", "<= 256")
    began = time.monotonic()
    _, body = ask(port, "GET", home)
    one = json.loads(ask(port, "GET", f"{home}/one?id={quote(json.loads(body)['rows'][0]['id'])}")[1])
    address = one["defects"][0]["film"]["address"]
    middle = size // 2
    status, body = ask(port, "GET", address, Range=f"bytes={middle}-{middle + 3}")
    expect((status, body) == (206, MARK), body)
    yield row("four bytes of its middle", time.monotonic() - began, "s", "")
    began = time.monotonic()
    status, body = ask(port, "GET", address, Range=f"bytes={size - 1}-")
    expect((status, len(body)) == (206, 1), body)
    status, body = ask(port, "GET", address, Range=f"bytes={size}-")
    expect(status == 416, body)
    yield row("its last byte, and one beyond", time.monotonic() - began, "s", "")
    began = time.monotonic()
    expect(whole(port, address) == size, b"")
    yield row("played whole", time.monotonic() - began, "s", "")
    yield row("memory of the service, more than at rest", (held(process) - at_rest) / 1e6, "MB", "<= 64")


def row(name: str, ours: float, unit: str, target: str) -> dict[str, object]:
    """Return one measurement; there is no peer."""
    return {
        "name": name, "ours": ours, "peer": None, "ratio": None, "unit": unit, "runs": 1, "target": target,
    }  # fmt: skip


def expect(right: bool, said: bytes) -> None:
    """End with what the service said when a step did not do what it should."""
    if not right:
        raise SystemExit(said.decode(errors="replace")[:500])


def held(process: int, what: str = "VmHWM") -> int:
    """Return the most memory that a process ever held, or holds now (VmRSS). [bytes]"""
    status = Path(f"/proc/{process}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in status if line.startswith(f"{what}:"))


def job_memory(port: int, process: int, status: int, body: bytes) -> int:
    """Wait for a job and return the most memory that its process held, more than when it began. [bytes]"""
    expect(status == 202, body)
    job, first, most = json.loads(body), dict[int, int](), 0
    while job["state"] == "running":
        for child in children(process):
            with suppress(OSError, StopIteration):  # it has ended meanwhile
                now = held(child)
                most = max(most, now - first.setdefault(child, now))
        time.sleep(0.02)
        job = json.loads(ask(port, "GET", f"jobs/{job['id']}")[1])
    expect(job["state"] == "done", json.dumps(job).encode())
    return most


def children(process: int) -> list[int]:
    """Return the processes that a process has started, and those that these have."""
    own = list[int]()
    for listed in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # a thread that has ended meanwhile
            own += [int(one) for one in listed.read_text().split()]
    return own + [other for one in own for other in children(one)]


def whole(port: int, address: str) -> int:
    """Return how many bytes a film has when it is played from its beginning to its end."""
    face = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    face.request("GET", f"/api/v1/{address}", headers=COOKIES)
    answer, size = face.getresponse(), 0
    while piece := answer.read(1 << 20):
        size += len(piece)
    face.close()
    return size


def write_city(store: Path) -> None:
    """Write a city of one pipe."""
    opened = open_store(store)
    with opened.change("demo", who="bench", why="network") as change:
        change.put_city(City("demo"))
        change.put(assets("manhole", ["A", "B"], {}))
        change.put(assets("conduit", ["P1"], {"from_id": ["A"], "to_id": ["B"], "length": [50.0]}))
    change_password(opened.accounts, "root", add_account(opened.accounts, LOCAL, "root"), PASSWORD)
    give_grant(opened.accounts, LOCAL, "root", Grant("administrator", EVERYWHERE))
    opened.close()


@contextmanager
def serving(store: Path) -> Iterator[tuple[int, int]]:
    """Serve a store that asks nobody who one is; yield the port and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SERVE, str(store), str(port)])
    try:
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                if ask(port, "GET", "messages/zh")[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
        sign_in(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def sign_in(port: int) -> None:
    """Sign in; every request after it bears the session."""
    face = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    origin = f"http://127.0.0.1:{port}"
    COOKIES["Origin"] = origin
    told = json.dumps({"name": "root", "password": PASSWORD}).encode()
    face.request("POST", "/api/v1/sign-in", told, {"Content-Type": "application/json", "Origin": origin})
    answer = face.getresponse()
    expect(answer.status < 300, answer.read())
    COOKIES["Cookie"] = "; ".join(one.partition(";")[0] for one in answer.headers.get_all("Set-Cookie"))
    face.close()


Body = Path | dict[str, str] | bytes | None


def ask(port: int, method: str, path: str, body: Body = None, **headers: str) -> tuple[int, bytes]:
    """Return status and answer of one request; a path is sent piece by piece."""
    told = {**COOKIES, **headers}
    if isinstance(body, dict):
        body, told["Content-Type"] = json.dumps(body).encode(), "application/json"
    face = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        if isinstance(body, Path):
            told["Content-Length"] = str(body.stat().st_size)
            with body.open("rb") as stream:
                face.request(method, f"/api/v1/{path}", stream, told)
                answer = face.getresponse()
                return answer.status, answer.read()
        face.request(method, f"/api/v1/{path}", body, told)
        answer = face.getresponse()
        return answer.status, answer.read()
    finally:
        face.close()
