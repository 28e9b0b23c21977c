"""A store is opened, made or brought up to date; what is no store, or a newer one, is left alone."""

import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from wenqu.errors import StoreFailed
from wenqu.messages import say
from wenqu.network.model import City
from wenqu.store import upgrade
from wenqu.store.database import open_store
from wenqu.store.migrations.env import options
from wenqu.store.tables import REVISION, metadata


def failing(*where):
    with pytest.raises(StoreFailed) as caught:
        open_store(*where)
    sentence = say(caught.value.key, "en", **caught.value.facts)
    assert caught.value.key not in sentence  # it has a sentence
    assert "[" not in sentence  # and every fact of it
    return caught.value


def engine_of(address):
    where, archive = address
    return sa.create_engine(
        f"sqlite:///{where}/wenqu.sqlite"
        if archive is None
        else str(where).replace("postgresql", "postgresql+psycopg", 1)
    )


def test_the_migrations_lead_to_exactly_the_tables_of_the_code(store, address):
    engine = engine_of(address)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options(connection.dialect.name))
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_missing_column_would_be_noticed(store, address):
    other = sa.MetaData()
    for table in metadata.tables.values():
        table.to_metadata(other)
    other.tables["record"].append_column(sa.Column("signature", sa.Text))
    engine = engine_of(address)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options(connection.dialect.name))
        assert [step[0] for step in compare_metadata(context, other)] == ["add_column"]
    engine.dispose()


def test_the_newest_revision_is_the_one_the_code_expects():
    config = Config()
    config.set_main_option("script_location", str(upgrade.__file__).replace("upgrade.py", "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]


@pytest.mark.postgres
def test_an_empty_database_becomes_a_store(postgres_database, tmp_path):
    store = open_store(postgres_database, tmp_path / "archive")
    assert store.cities() == []
    store.close()
    assert (tmp_path / "archive").is_dir()


def test_an_open_store_is_opened_again_with_what_is_in_it(city, address):
    again = open_store(*address)
    assert again.cities() == city.cities()
    again.close()


def test_a_store_of_a_newer_wenqu_is_refused_and_left_alone(store, address):
    engine = engine_of(address)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    error = failing(*address)
    assert (error.reason, error.facts) == ("newer", {"found": "9999", "known": REVISION})
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "9999"
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :now"), {"now": REVISION})
    engine.dispose()


def test_a_path_that_is_a_file_is_refused(tmp_path):
    path = tmp_path / "city.gpkg"
    path.write_bytes(b"x")
    assert failing(path).reason == "not-a-folder"
    assert path.read_bytes() == b"x"


def test_a_database_that_is_something_else_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "wenqu.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    assert failing(tmp_path).reason == "not-a-store"
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE asset (bookkeeping)")
    connection.close()
    assert failing(tmp_path).reason == "not-a-store"
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("asset",)]
    connection.close()


def test_a_folder_that_may_not_be_written_is_refused(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o555)
    if os.geteuid() != 0:
        assert failing(folder).reason == "no-permission"
        assert failing(folder / "below").reason == "no-permission"
    assert failing("/proc/wenqu-store").reason == "no-permission"  # not even root may


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become another user"
)
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    child = (
        "import os, sys; import wenqu.store.database as d, wenqu.errors as e\n"
        "import alembic.command, sqlalchemy.dialects.sqlite\n"
        "os.setuid(65534)\n"
        "try: d.open_store(sys.argv[1])\n"
        "except e.StoreFailed as error: print(error.reason)"
    )
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", child, folder], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.strip(), done.returncode) == ("no-permission", 0), done.stderr


@pytest.mark.parametrize("address", ["mysql://localhost/x", "https://example.invalid/store"])
def test_an_address_of_another_kind_is_refused(address):
    assert failing(address).reason == "address"


def test_postgres_needs_a_folder_for_readings_and_files():
    assert failing("postgresql://localhost/x").reason == "archive-missing"


def test_an_unreachable_server_is_named_without_the_password(tmp_path):
    error = failing("postgresql://user:secret@127.0.0.1:1/wenqu", tmp_path)
    assert error.reason == "unreachable"
    assert "127.0.0.1" in error.facts["where"]
    assert "secret" not in str(error)


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_unreachable(postgres_server, tmp_path):
    error = failing(f"postgresql://{postgres_server}/nothing", tmp_path)
    assert error.reason == "unreachable"
    assert "nothing" in error.facts["said"]


def test_two_who_open_a_new_store_at_once_both_get_it(tmp_path):
    child = "import sys; from wenqu.store.database import open_store; open_store(sys.argv[1]).close()"
    both = [subprocess.Popen([sys.executable, "-c", child, tmp_path / "new"]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    store = open_store(tmp_path / "new")
    with store.change("S", who="a", why="b") as change:
        change.put_city(City("S"))
    assert store.version("S") == 1
    store.close()
