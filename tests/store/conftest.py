"""A store of each kind for every test: SQLite in a folder, PostgreSQL with PostGIS on a server of our own."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import psycopg
import pytest

from wenqu.network.geometry import Shapes
from wenqu.network.model import City, assets
from wenqu.store.database import open_store

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
SERVER = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\ntimezone = 'UTC'\n"


def postgres_programs():
    """Return the folder of initdb and pg_ctl, None when PostgreSQL is not installed."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgres_server():
    """Start a PostgreSQL server on a free port and return its address without a database."""
    programs = postgres_programs()
    if programs is None:
        message = "PostgreSQL (initdb, pg_ctl) is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    folder = Path(tempfile.mkdtemp(prefix="wenqu-postgres-"))
    lower = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        lower = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program, *arguments):
        subprocess.run(
            [*lower, programs / program, *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
            cwd="/",
        )

    data = folder / "data"
    run("initdb", "-D", data, "-U", "wenqu", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    (data / "postgresql.auto.conf").write_text(SERVER, encoding="utf-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
    run("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield f"wenqu@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


def _sql(server, statement):
    with psycopg.connect(f"postgresql://{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def postgres_template(postgres_server, tmp_path_factory):
    """Make one database with the store's tables, which every test copies."""
    _sql(postgres_server, "CREATE DATABASE template_store")
    url = f"postgresql://{postgres_server}/template_store"
    open_store(url, tmp_path_factory.mktemp("archive")).close()
    return "template_store"


@pytest.fixture
def postgres_database(postgres_server):
    """Make databases on the server: ``postgres_database(template="template1")`` returns an address."""
    made = []

    def make(template="template1"):
        name = f"test_{os.getpid()}_{os.urandom(4).hex()}"
        _sql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return f"postgresql://{postgres_server}/{name}"

    yield make
    for name in made:
        _sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """Make one embedded store, which every test copies."""
    folder = tmp_path_factory.mktemp("template")
    open_store(folder).close()
    return folder


@pytest.fixture(params=KINDS)
def address(request, tmp_path):
    """Return what ``open_store`` takes for an empty store of each kind."""
    if request.param == "sqlite":
        folder = tmp_path / "store"
        shutil.copytree(request.getfixturevalue("sqlite_template"), folder)
        return folder, None
    template = request.getfixturevalue("postgres_template")
    return request.getfixturevalue("postgres_database")(template), tmp_path / "archive"


@pytest.fixture
def store(address):
    """Return an empty store of each kind."""
    opened = open_store(*address)
    yield opened
    opened.close()


@pytest.fixture
def city(store):
    """Return a store with one empty city, S."""
    with store.change("S", who="surveyor", why="the city") as change:
        change.put_city(City("S", "试验市", "Testville", "EPSG:4549"))
    return store


@pytest.fixture
def manholes():
    """Make manholes at (0, 0), (10, 0), … from ids and ground levels."""

    def make(levels, **columns):
        places = np.array([[10.0 * number, 0.0] for number in range(len(levels))]).reshape(-1, 2)
        return assets(
            "manhole", list(levels), {"ground_level": list(levels.values()), **columns}, Shapes.points(places)
        )

    return make
