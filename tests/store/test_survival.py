"""A writer that is killed leaves nothing behind, and ten writers at once lose nothing."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from wenqu.store.database import open_store

WRITER = """
import sys
import numpy as np
from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.store.database import open_store
where, archive = sys.argv[1], sys.argv[2] or None
store = open_store(where, archive)
places = np.random.default_rng(1).uniform(0, 1e4, (40_000, 2))
table = assets("manhole", [f"W{n}" for n in range(40_000)], {"depth": places[:, 0]}, Shapes.points(places))
print("begun", flush=True)
with store.change("S", who="firm", why="delivery") as change:
    change.write_document("delivery.txt", b"as it came")
    change.put(table, progress=lambda share: print(share, flush=True))
print("done", flush=True)
"""
EDITOR = """
import sys
import numpy as np
from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.store.database import open_store
where, archive, mine = sys.argv[1], sys.argv[2] or None, int(sys.argv[3])
store = open_store(where, archive)
for turn in range(5):
    with store.change("S", who=f"person {mine}", why=f"edit {turn}") as change:
        change.put(assets("manhole", [f"W{mine}-{turn}"], {"depth": [float(turn)]}, Shapes.empty(1)))
        change.put(assets("manhole", ["shared"], {"depth": [mine * 100.0 + turn]}, Shapes.empty(1)))
store.close()
"""


def started(code, address, *more):
    where, archive = address
    return subprocess.Popen(
        [sys.executable, "-c", code, str(where), str(archive or ""), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def state(store):
    """Return everything that a reader can ask for."""
    network = store.network("S")
    boxed = store.network("S", box=(-1e9, -1e9, 1e9, 1e9))
    return (
        store.version("S"),
        {name: table.ids.tolist() for name, table in network.tables.items()},
        {name: table.ids.tolist() for name, table in boxed.tables.items()},
        [entry.name for entry in store.documents("S")],
    )


@pytest.mark.parametrize("moment", range(4))
def test_a_writer_killed_at_any_moment_leaves_the_store_as_before(city, address, moment, manholes):
    with city.change("S", who="a", why="b") as change:
        change.put(manholes({"M1": 5.0, "M2": 6.0}))
    before = state(city)
    writer = started(WRITER, address)
    assert writer.stdout.readline() == "begun\n"
    if moment:
        for _ in range(moment - 1):
            writer.stdout.readline()
        time.sleep(float(np.random.default_rng().uniform(0, 0.05)))
    os.kill(writer.pid, signal.SIGKILL)
    told = writer.communicate(timeout=60)[0]
    if "done" in told:  # it was quicker than the kill
        assert city.version("S") == before[0] + 1
        return
    city.close()
    again = open_store(*address)
    assert state(again) in (before, delivered(before))
    with again.change("S", who="firm", why="delivery, again") as change:  # no lock is left behind
        change.put(manholes({"M3": 7.0}))
    assert "M3" in again.network("S").table("manhole").ids
    again.close()


def delivered(before):
    """Return what stands after the whole delivery: a kill after the commit finds it so."""
    names = sorted([*before[1]["manhole"], *(f"W{number}" for number in range(40_000))])
    return (before[0] + 1, {"manhole": names}, {"manhole": names}, ["delivery.txt"])


def test_ten_writers_at_once_lose_no_edit_and_see_no_lock(city, address):
    editors = [started(EDITOR, address, str(number)) for number in range(10)]
    with ThreadPoolExecutor(10) as waiting:
        said = list(waiting.map(lambda editor: editor.communicate(timeout=240), editors))
    assert [error for _, error in said] == [""] * 10
    ids = set(city.network("S").table("manhole").ids)
    assert ids == {"shared", *(f"W{mine}-{turn}" for mine in range(10) for turn in range(5))}
    assert city.version("S") == 1 + 50
    versions = city.history("S", "manhole", "shared")
    assert len(versions) == 50
    assert sorted(version.fields["depth"] for version in versions) == sorted(
        mine * 100.0 + turn for mine in range(10) for turn in range(5)
    )
    assert [version.number for version in versions] == list(range(2, 52))
