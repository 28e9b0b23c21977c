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
from wenqu.store.tables import metadata

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
def postgres_store(postgres_server, tmp_path_factory):
    """Make one database with the store's tables; each test finds them empty."""
    _sql(postgres_server, "CREATE DATABASE store")
    url = f"postgresql://{postgres_server}/store"
    open_store(url, tmp_path_factory.mktemp("archive")).close()
    return url


def _emptied(url):
    """Empty the tables as only a superuser can who turns the guards off: quicker than a new database."""
    tables = ", ".join(metadata.tables)
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"TRUNCATE {tables}")
    return url


@pytest.fixture
def postgres_database(postgres_server):
    """Make an empty database on the server and return its address."""
    name = f"test_{os.urandom(4).hex()}"
    _sql(postgres_server, f"CREATE DATABASE {name}")
    yield f"postgresql://{postgres_server}/{name}"
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
    return _emptied(request.getfixturevalue("postgres_store")), tmp_path / "archive"


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
