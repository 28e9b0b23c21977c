"""Versions that entered together stand in blocks of columns; what ends is written out, nothing is lost."""

import shutil
import sqlite3
from hashlib import blake2b

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.store import asset_versions, blocks, upgrade
from wenqu.store.database import open_store
from wenqu.store.ragged import Ragged

SIZE = 100


@pytest.fixture
def address(sqlite_template, tmp_path):
    """Return the place of an embedded store: only there blocks are made."""
    shutil.copytree(sqlite_template, tmp_path / "store")
    return tmp_path / "store", None


@pytest.fixture
def ask(address):
    """Send one statement past all of our code."""

    def send(statement):
        with sqlite3.connect(address[0] / "wenqu.sqlite") as connection:
            rows = connection.execute(statement).fetchall()
        connection.close()
        return rows

    return send


@pytest.fixture
def delivered(city, monkeypatch):
    """Return a city whose manholes stand in blocks of 32."""
    monkeypatch.setattr(asset_versions, "MANY", SIZE)
    monkeypatch.setattr(blocks, "ROWS", 32)
    with city.change("S", who="a", why="census") as change:
        change.put(wells())
    return city


def wells(**columns):
    places = np.arange(2.0 * SIZE).reshape(SIZE, 2)
    columns = {"depth": np.arange(SIZE) / 4, **columns}
    return assets("manhole", [f"井{row:03}" for row in range(SIZE)], columns, Shapes.points(places))


def test_a_delivery_is_a_few_rows(delivered, ask):
    assert ask("SELECT id, size, low, high FROM block ORDER BY id") == [
        (1, 32, "井000", "井031"),
        (33, 32, "井032", "井063"),
        (65, 32, "井064", "井095"),
        (97, 4, "井096", "井099"),
    ]
    assert ask("SELECT count(*) FROM asset") == [(0,)]


def test_what_is_changed_or_closed_is_written_out_with_the_number_kept_for_it(delivered, ask):
    with delivered.change("S", who="a", why="survey") as change:
        change.put(assets("manhole", ["井040", "新"], {"depth": [9.0, 8.0]}, Shapes.empty(2)))
        change.close("manhole", ["井099"])
    rows = ask("SELECT id, asset, valid_from, valid_to FROM asset ORDER BY id")
    assert rows == [(41, "井040", 2, 3), (100, "井099", 2, 3), (101, "井040", 3, None), (102, "新", 3, None)]
    assert ask("SELECT count(*) FROM block") == [(4,)]
    assert [one.fields for one in delivered.history("S", "manhole", "井040")] == [
        {"depth": 10.0},
        {"depth": 9.0},
    ]
    assert not [fault for chain in delivered.verify() for fault in chain.faults]


def test_a_second_delivery_writes_only_what_is_new_to_it(delivered, ask):
    with delivered.change("S", who="a", why="again") as change:
        counts = change.put(wells(depth=np.where(np.arange(SIZE) < 5, 7.0, np.arange(SIZE) / 4)))
    assert (counts.new, counts.changed, counts.same) == (0, 5, 95)
    assert ask("SELECT size FROM block WHERE valid_from = 3") == [(5,)]
    assert delivered.network("S").table("manhole").column("depth")[:6].tolist() == [7.0] * 5 + [1.25]


def test_a_change_that_takes_back_what_it_put_leaves_no_trace_of_it(city, ask, monkeypatch):
    monkeypatch.setattr(asset_versions, "MANY", SIZE)
    with city.change("S", who="a", why="census") as change:
        change.put(wells())
        change.close("manhole", ["井001"])
        change.put(assets("manhole", ["井002"], {"depth": [50.0]}, Shapes.empty(1)))
    assert len(city.network("S").table("manhole")) == SIZE - 1
    assert ask("SELECT count(*) FROM asset WHERE valid_to IS NOT NULL") == [(0,)]
    assert not [fault for chain in city.verify() for fault in chain.faults]


@pytest.mark.parametrize("statement", ["UPDATE block SET low = 'a'", "DELETE FROM block"])
def test_the_database_refuses_to_change_a_block(delivered, ask, statement):
    with pytest.raises(sqlite3.IntegrityError, match="block is append-only"):
        ask(statement)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (
            "UPDATE block SET fields = zeroblob(length(fields)) WHERE id = 33",
            (2, "asset", "manhole 井032 … 井063"),
        ),
        ("UPDATE block SET digest = zeroblob(16) WHERE id = 33", (2, "blocks", "")),
        ("DELETE FROM block WHERE id = 97", (2, "blocks", "")),
        ("UPDATE asset SET digest = zeroblob(16) WHERE id = 41", (2, "asset", "manhole 井040")),
        ("UPDATE asset SET valid_to = NULL WHERE id = 41", (2, "asset", "manhole 井040")),
        ("DELETE FROM asset WHERE id = 41", (3, "ended", "")),
    ],
)
def test_a_block_that_was_tampered_with_is_named(delivered, ask, statement, fault):
    with delivered.change("S", who="a", why="survey") as change:
        change.close("manhole", ["井040"])
    for guard in ("block_no_update", "block_no_delete", "asset_no_update", "asset_no_delete"):
        ask(f"DROP TRIGGER {guard}")
    ask(statement)
    faults = [fault for chain in delivered.verify() for fault in chain.faults]
    assert fault in [(one.number, one.part, one.name) for one in faults]


def test_an_id_is_found_among_many_by_halving():
    names = sorted({f"井{number * 7 % 1000}".encode() for number in range(300)})
    wanted = [*names[::9], b"a", "井".encode(), "龙".encode()]
    found = blocks._places(Ragged.of_bytes(list(names)), wanted)
    assert [names[row] for row in found] == names[::9]


def test_a_store_of_before_the_blocks_opens_and_takes_them(tmp_path, monkeypatch):
    path = tmp_path / "wenqu.sqlite"
    older(path)
    store = open_store(tmp_path)
    monkeypatch.setattr(asset_versions, "MANY", SIZE)
    assert store.network("S").table("manhole").column("depth").tolist() == [1.5]
    with store.change("S", who="a", why="census") as change:
        counts = change.put(wells())
    assert (counts.new, counts.changed) == (99, 1)
    assert [one.fields["depth"] for one in store.history("S", "manhole", "井007")] == [1.5, 1.75]
    assert len(store.network("S").table("manhole")) == SIZE
    assert not [fault for chain in store.verify() for fault in chain.faults]
    store.close()


def older(path):
    """Make a store as it was before the blocks, with one manhole in it."""
    digest = blake2b(b'{"depth":1.5}\n\n', digest_size=16).hexdigest()
    row = f"('S', 'manhole', '井007', 1, '{{\"depth\":1.5}}', x'{digest}')"
    engine = sa.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(upgrade._HERE))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for statement in (
            "INSERT INTO change VALUES ('S', 1, '2024-01-01 00:00:00', 'a', 'b', '{}')",
            "INSERT INTO city VALUES ('S', 1, '', '', '', 0)",
            f"INSERT INTO asset (city, type, asset, valid_from, fields, digest) VALUES {row}",  # noqa: S608
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
