"""What was tampered with behind the store's back is found and named."""

import numpy as np
import pytest
import sqlalchemy as sa

from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.records.finding import Finding
from wenqu.store.accounts import GrantRow


@pytest.fixture
def sealed(city, manholes):
    with city.change("S", who="a", why="first") as change:
        change.put(manholes({"m1": 1.0, "m2": 2.0}))
        change.add_records("finding", [Finding("manhole", "m1", "x", "y", 1.0, 0.0, 2.0, "m")])
        change.write_document("d.txt", b"text")
    with city.change("S", who="a", why="second") as change:
        change.put(assets("manhole", ["m1"], {"ground_level": [3.0]}, Shapes.points(np.array([[0.0, 0.0]]))))
        change.close("manhole", ["m2"])
    city.accounts.add("one", "", "", "root")
    city.accounts.grant(GrantRow("g", "one", "bureau", "S", "", ""), "root")
    return city


GUARDS = ("asset_no_update", "asset_no_delete", "change_no_update", "change_no_delete", "record_no_update",
          "record_no_delete", "document_no_update", "event_no_update", "event_no_delete", "seal_no_update",
          "seal_no_delete", "city_no_update")  # fmt: skip


def tamper(store, statement):
    """Change a row as somebody does who holds the database and takes the guards away."""
    engine = store._engine
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        else:
            kept = connection.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _ in kept:
                if name in GUARDS:
                    connection.execute(sa.text(f"DROP TRIGGER {name}"))
        assert connection.execute(sa.text(statement)).rowcount
        if engine.dialect.name == "sqlite":
            for name, definition in kept:
                if name in GUARDS:
                    connection.exec_driver_sql(definition)


def faults(store):
    return [(fault.city, fault.number, fault.part) for chain in store.verify() for fault in chain.faults]


def test_an_honest_store_is_whole(sealed):
    chains = {chain.city: chain for chain in sealed.verify()}
    assert (chains["S"].first, chains["S"].last, chains["S"].faults) == (1, 3, ())
    assert (chains[""].last, chains[""].faults) == (2, ())
    assert len(chains["S"].head) == 64


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE asset SET fields = '{}' WHERE asset = 'm1' AND valid_to IS NULL", ("S", 3, "asset")),
        ("UPDATE asset SET asset = 'm7' WHERE asset = 'm2'", ("S", 2, "opened")),
        ("UPDATE asset SET valid_to = NULL WHERE asset = 'm2'", ("S", 3, "ended")),
        ("DELETE FROM asset WHERE asset = 'm2'", ("S", 2, "opened")),
        ("UPDATE record SET body = '{}'", ("S", 2, "records")),
        ("DELETE FROM record", ("S", 2, "records")),
        ("UPDATE document SET sha256 = 'x'", ("S", 2, "documents")),
        ("UPDATE change SET who = 'b' WHERE number = 3", ("S", 3, "change")),
        ("UPDATE city SET crs = 'EPSG:4548'", ("S", 1, "city")),
        ("UPDATE event SET who = 'b' WHERE number = 2", ("", 2, "event")),
        ("DELETE FROM event WHERE number = 2", ("", 2, "event")),
        ("DELETE FROM seal WHERE number = 2 AND city = 'S'", ("S", 2, "gap")),
        ("DELETE FROM seal WHERE number = 3 AND city = 'S'", ("S", 3, "gap")),
        ("UPDATE seal SET parts = '{}' WHERE number = 2 AND city = 'S'", ("S", 2, "seal")),
    ],
)  # fmt: skip
def test_whatever_is_changed_behind_our_back_is_named(sealed, statement, fault):
    tamper(sealed, statement)
    assert fault in faults(sealed)
    assert faults(sealed)[0][:2] == fault[:2]


def test_a_change_that_is_deleted_with_all_that_it_held_leaves_its_seal(sealed):
    for table, column in (("asset", "valid_from"), ("change", "number")):
        tamper(sealed, f"DELETE FROM {table} WHERE {column} = 3")  # noqa: S608
    assert ("S", 3, "change") in faults(sealed)
