"""Ten people signed in to one service who edit at once lose no edit, and are never sent away unheard."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import httpx2
import numpy as np
import pytest
import uvicorn

from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.services.accounts import give_grant, hash_of
from wenqu.services.city_state import Cities
from wenqu.services.entrance import Entrance
from wenqu.services.rights import LOCAL, Grant
from wenqu.store.database import open_store
from wenqu.store.waiting import Sought, Waiting

PASSWORD = "a long enough password"  # noqa: S105 - a test's own
FIELDS = ("road", "owner", "keeper", "note", "surveyor")
EDITORS, WINDOWS, ROUNDS = 10, 2, 2  # each has two windows open
DOUBT = "format.bad-integer"
SHARED = ("M1", "M2")
HOME = "/api/v1/cities/S"
NUMBERS = count()
CORNER = np.array([499000.0, 3171000.0])


@dataclass(frozen=True)
class Told:
    """One edit, and what its author was answered."""

    who: str
    why: str
    id: str
    fields: dict[str, object]
    answer: httpx2.Response

    @property
    def written(self):
        return self.answer.is_success and self.answer.json()["written"]

    @property
    def conflicts(self):
        return [one["field"] for one in self.answer.json()["conflicts"]]


@contextmanager
def serving(address):
    """Serve a store over HTTP on a free port; yield its address."""
    store = open_store(*address)
    app = make_api(Cities(store), Entrance(store.accounts))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started and time.monotonic() < end:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)
    store.close()


@pytest.fixture
def served(address):
    """Serve a city of one district with ten accounts: five of the whole city, five of the district."""
    store = open_store(*address)
    with store.change("S", who="surveyor", why="survey") as change:
        change.put_city(City("S", "试验市", "Testville", "EPSG:4549"))
        square = CORNER + np.array([[-1e3, -1e3], [1e3, -1e3], [1e3, 1e3], [-1e3, 1e3], [-1e3, -1e3]])
        change.put(assets("zone", ["A"], {"kind": ["district"]}, Shapes.lines(square, np.array([0, 5]))))
        places = Shapes.points(CORNER + np.array([[10.0 * place, 0.0] for place in range(len(SHARED))]))
        change.put(assets("manhole", list(SHARED), {"ground_level": [5.0, 6.0]}, places))
        change.add_waiting(
            Waiting(DOUBT, "doubt", True, "manhole", "M1", "f", "", number, None, {"facts": {}}, "")
            for number in range(EDITORS)
        )
    kept = hash_of("editor", PASSWORD)
    for number in range(EDITORS):
        name = f"editor-{number}"
        store.accounts.add(name, "", "", "tester")
        store.accounts.set_password(name, kept, "tester", must_change=False)
        role, where = ("city_office", "") if number % 2 else ("district", "A")
        give_grant(store.accounts, LOCAL, name, Grant(role, "S", where))
    with serving(address) as home:
        yield store, home
    store.close()


def signed_in(home, number):
    """Return a client that has signed in, and so has a session."""
    client = httpx2.Client(base_url=home, headers={"Origin": home, "Accept-Language": "en"}, timeout=60)
    answer = client.post("/api/v1/sign-in", json={"name": f"editor-{number}", "password": PASSWORD})
    assert answer.is_success, answer.text
    return client


def sent(client, who, row, **more):
    """Send one edit, under a reason of its own, and return what was told."""
    why = f"{who} {next(NUMBERS)}"
    answer = client.post(f"{HOME}/registers/manhole/edits", json={"rows": [row], "why": why, **more})
    return Told(who, why, row["id"], row["fields"], answer)


def edited(client, number, window):
    """Edit manholes that everybody edits, and one's own, as from one window; return what was told."""
    who, name = f"editor-{number}", FIELDS[number % len(FIELDS)]
    place = [119.9897 + 1e-5 * number, 28.6537 + 1e-5 * window]
    made = {"id": f"N{number}-{window}", "fields": {"ground_level": 4.0}, "shape": [[place]]}
    told = [sent(client, who, made)]
    for turn in range(ROUNDS):
        value = f"{number}-{window}-{turn}"
        row = {"id": SHARED[turn % 2], "fields": {name: value}, "based_on": 1}
        told.append(sent(client, who, row))
        if told[-1].answer.is_success and told[-1].conflicts:  # the author has seen the other's, and insists
            mine = {"type": "manhole", "id": row["id"], "field": name, "take": "mine"}
            told.append(sent(client, who, row, settle=[mine]))
    told.append(sent(client, who, {"id": made["id"], "fields": {"note": value}}))
    return told


def decided(client, number):
    """Confirm one row of the queue; return what was told."""
    rows = client.get(f"{HOME}/queue", params={"rule": DOUBT, "state": ""}).json()["rows"]
    row = rows[number]["id"]
    answer = client.post(f"{HOME}/queue/decisions", json={"act": "confirm", "ids": [row], "why": "seen"})
    return row, answer


def differences(versions):
    """Yield reason, author and changed fields of each version of an asset."""
    before = {}
    for version in versions:
        fields = {name: value for name, value in version.fields.items() if value is not None}
        names = {name for name in {*before, *fields} if before.get(name) != fields.get(name)}
        yield version.why, version.who, {name: fields.get(name) for name in names}
        before = fields


def test_ten_people_signed_in_and_editing_at_once_lose_no_edit(served):
    store, home = served
    windows = [(number, window) for number in range(EDITORS) for window in range(WINDOWS)]
    with ThreadPoolExecutor(len(windows) + EDITORS) as pool:
        clients = list(pool.map(signed_in, [home] * EDITORS, range(EDITORS)))
        deciding = [pool.submit(decided, client, number) for number, client in enumerate(clients)]
        editing = [pool.submit(edited, clients[number], number, window) for number, window in windows]
        told = [one for some in editing for one in some.result()]
        confirmed = dict(some.result() for some in deciding)
    for client in clients:
        client.close()
    answers = [*(one.answer for one in told), *confirmed.values()]
    assert {answer.status_code for answer in answers} == {200}, [
        answer.text for answer in answers if answer.status_code != 200
    ]
    for one in told:  # written, or a conflict that its author saw
        assert one.written != bool(one.conflicts), one.answer.text
    by_why = {one.why: one for one in told if one.written}
    ids = [*SHARED, *(f"N{number}-{window}" for number, window in windows)]
    seen = []
    for id_ in ids:
        for why, who, changed in differences(store.history("S", "manhole", id_)):
            if why != "survey":  # nothing but the author's own edit: nobody was overwritten by the way
                assert (who, id_, changed) == (by_why[why].who, by_why[why].id, by_why[why].fields)
                seen.append(why)
    assert sorted(seen) == sorted(by_why)
    assert not store.waiting("S")
    assert {row.id for row in store.waiting("S", Sought(state="confirmed"))} == set(confirmed)
    assert store.version("S") == 1 + len(by_why) + EDITORS
    last = {}
    for one in sorted(by_why.values(), key=lambda one: one.answer.json()["version"]):
        last.update({(one.id, name): value for name, value in one.fields.items()})
    table = store.network("S").table("manhole")
    for (id_, name), value in last.items():
        assert table.column(name)[list(table.ids).index(id_)] == value
    assert not any(chain.faults for chain in store.verify())
