"""A crash between keeping a file and naming it: the file is listed, and found again under a name."""

import os
import signal
import subprocess
import sys

import pytest

from wenqu.errors import Refused
from wenqu.network.model import City
from wenqu.services.name_unnamed import name_unnamed
from wenqu.services.rights import Grant, Person
from wenqu.store.database import open_store

WRITER = """
import sys, time
from pathlib import Path
from wenqu.store.database import open_store
store = open_store(sys.argv[1])
with store.change("c", who="firm", why="a film") as change:
    change.write_document("film.txt", b"what was seen")
    Path(sys.argv[1], "files", "ab").mkdir(parents=True, exist_ok=True)
    Path(sys.argv[1], "files", "ab", ".half.tmp").write_bytes(b"half a")
    print("kept", flush=True)
    time.sleep(600)
"""
ROOT = Person("root", local=True)
OFFICE = Person("office", (Grant("city_office", "c"),))


def test_what_a_killed_writer_left_is_listed_and_named_and_nothing_else(tmp_path):
    store = open_store(str(tmp_path / "store"))
    with store.change("c", who="tester", why="a city") as change:
        change.put_city(City("c"))
        change.write_document("named.txt", b"this one has a name")
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "store")], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout.readline() == "kept\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    assert store.document("c", "film.txt") is None  # its change did not happen
    assert store.unnamed() == []  # too young: a change might still name it
    found = store.unnamed(age=0)
    assert sorted((one.draft, one.kept.size) for one in found) == [(False, 13), (True, 6)]
    with pytest.raises(Refused):
        name_unnamed(store, "c", person=OFFICE, age=0)
    named = {name: one for one, name in name_unnamed(store, "c", person=ROOT, age=0) if name}
    assert [store.document("c", name) for name in named] == [b"what was seen"]
    assert store.unnamed(age=0) == []
    assert all(not chain.faults for chain in store.verify())
    store.close()
