"""Whoever kills an import, at whatever moment, leaves the store as it was; a second run works."""

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import time

import pytest
import sqlalchemy as sa

from wenqu.services.import_network import import_network
from wenqu.store.database import open_store

TABLES = ("change", "city", "asset", "record", "document", "waiting", "decision")
MANY = 6000
TRIES = 5
SEED = 20261126
WHO = {"who": "a tester", "why": "a test"}


def collection(path, features):
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def delivery(path, count, first=0):
    """Write conduits in a row, every tenth with the number of the one before it."""
    features = []
    for n in range(first, first + count):
        line = [[120.0 + n * 1e-4, 30.0], [120.0 + (n + 1) * 1e-4, 30.0]]
        named = {"id": f"P{n - 1 if n % 10 == 9 else n}", "height": 0.3, "material": "steel"}
        shape = {"type": "LineString", "coordinates": line}
        features.append({"type": "Feature", "properties": named, "geometry": shape})
    return collection(path, features)


def content(store):
    """Return a digest of every row of every table that tells what a city is and was."""
    digest = hashlib.sha256()
    with store._engine.connect() as connection:
        for name in TABLES:
            rows = connection.execute(sa.text(f"SELECT * FROM {name} ORDER BY 1, 2, 3"))  # noqa: S608
            digest.update(name.encode())
            for row in rows:
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def bring(address, path):
    """Import a delivery in a child process."""
    store = open_store(*address)
    import_network(store, path, "demo", **WHO)


@pytest.fixture
def address(tmp_path):
    return str(tmp_path / "store"), str(tmp_path / "store")


def copied(address, folder):
    shutil.copytree(address[0], folder)
    return str(folder), str(folder)


def started(address, path):
    ways = multiprocessing.get_all_start_methods()
    nursery = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        nursery.set_forkserver_preload(["wenqu.services.import_network"])
    child = nursery.Process(target=bring, args=(address, path))
    child.start()
    return child


def test_a_killed_import_leaves_the_store_as_it_was_and_a_second_run_works(address, tmp_path):
    first, second = (
        delivery(tmp_path / "conduit.geojson", 500),
        delivery(tmp_path / "conduits.geojson", MANY, 400),
    )
    store = open_store(*address)
    import_network(store, first, "demo", **WHO)
    before = content(store)
    store.close()

    took = 0.0
    for turn in range(2):  # the first also waits for the code to be read
        whole = copied(address, tmp_path / f"whole{turn}")
        began = time.monotonic()
        child = started(whole, second)
        child.join()
        took = time.monotonic() - began
        assert child.exitcode == 0

    chance, killed = random.Random(SEED), 0
    for turn in range(TRIES):
        there = copied(address, tmp_path / f"killed{turn}")
        child = started(there, second)
        time.sleep(chance.uniform(0.05, 0.9) * took)
        if child.exitcode is None:
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        store = open_store(*there)
        if store.version("demo") == 1:
            killed += 1
            assert content(store) == before
        else:  # it was quicker than the killer: then it is in as a whole
            assert len(store.network("demo").table("conduit")) > MANY * 0.8
        report = import_network(store, second, "demo", **WHO)
        assert report.version == 2
        store.close()
        shutil.rmtree(there[0])
    assert killed > 0
