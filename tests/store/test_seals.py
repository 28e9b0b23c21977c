"""What was tampered with behind the store's back is found and named."""

from datetime import timedelta

import numpy as np
import orjson
import pytest
import sqlalchemy as sa

from wenqu.network.geometry import Shapes
from wenqu.network.model import assets
from wenqu.records.finding import Finding
from wenqu.store.accounts import GrantRow, TokenRow
from wenqu.store.moments import now
from wenqu.store.tables import event
from wenqu.store.waiting import Waiting


@pytest.fixture
def sealed(city, manholes):
    with city.change("S", who="a", why="first") as change:
        change.put(manholes({"m1": 1.0, "m2": 2.0}))
        change.add_records("finding", [Finding("manhole", "m1", "x", "y", 1.0, 0.0, 2.0, "m")])
        change.write_document("d.txt", b"text")
        change.add_waiting(
            [Waiting("r", "doubt", True, "manhole", "m1", "f", "", 1, None, {"facts": {}}, "")]
        )
    with city.change("S", who="a", why="second") as change:
        change.put(assets("manhole", ["m1"], {"ground_level": [3.0]}, Shapes.points(np.array([[0.0, 0.0]]))))
        change.close("manhole", ["m2"])
        change.decide(list(change.open_waiting().values()), "confirmed", "seen")
    city.accounts.add("one", "", "", "root")
    city.accounts.grant(GrantRow("g", "one", "bureau", "S", "", ""), "root")
    return city


GUARDS = ("asset_no_update", "asset_no_delete", "change_no_update", "change_no_delete", "record_no_update",
          "record_no_delete", "document_no_update", "event_no_update", "event_no_delete", "seal_no_update",
          "seal_no_delete", "city_no_update", "waiting_no_update", "waiting_no_delete", "decision_no_update",
          "decision_no_delete", "block_no_update", "block_no_delete")  # fmt: skip


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
        ("UPDATE waiting SET rule = 'x'", ("S", 2, "waiting")),
        ("DELETE FROM decision", ("S", 3, "decisions")),
        ("UPDATE decision SET state = 'dismissed'", ("S", 3, "decisions")),
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


FORGED_GRANT = "INSERT INTO granted VALUES ('z', 'one', 'administrator', '*', '', '', {no})"
FORGED_SESSION = "INSERT INTO session VALUES ('forged', 'one', '2999-01-01 00:00:00', {no})"
LENT_BY_NOBODY = (
    "INSERT INTO token VALUES "
    "('z', 'd', 'one', 'x', 'export', '2026-01-01 00:00:00', '2999-01-01 00:00:00', {no})"
)


@pytest.fixture
def peopled(sealed):
    """Return a store of two accounts: sessions, a token, a grant taken back, a register kept back."""
    accounts = sealed.accounts
    accounts.begin_session("one", "ended")
    accounts.set_password("one", "a hash", "one", must_change=False)
    accounts.begin_session("one", "goes on")
    row = TokenRow("t", "one", "gis", ("export",), "", "", revoked=False)
    accounts.add_token(row, "digest", now() + timedelta(days=1), "one")
    accounts.add("two", "", "", "root")
    accounts.set_disabled("two", "root", disabled=True)
    accounts.grant(GrantRow("g2", "two", "bureau", "S", "", ""), "root")
    accounts.revoke("g2", "root")
    accounts.set_shared("S", "manhole", "root", shared=False)
    return sealed


def test_accounts_that_were_never_tampered_with_are_whole(peopled):
    assert faults(peopled) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (FORGED_GRANT, ("", 0, "grant")),
        ("UPDATE granted SET role = 'administrator' WHERE id = 'g'", ("", 2, "grant")),
        ("UPDATE granted SET revoked = {no} WHERE id = 'g2'", ("", 10, "grant")),
        ("DELETE FROM granted WHERE id = 'g'", ("", 2, "grant")),
        ("UPDATE account SET password = 'forged' WHERE name = 'one'", ("", 4, "account")),
        ("UPDATE account SET disabled = {no} WHERE name = 'two'", ("", 8, "account")),
        ("UPDATE account SET subject = 'issuer mallory' WHERE name = 'one'", ("", 4, "account")),
        ("DELETE FROM account WHERE name = 'two'", ("", 8, "account")),
        (LENT_BY_NOBODY, ("", 0, "token")),
        ("UPDATE token SET actions = 'export import' WHERE id = 't'", ("", 6, "token")),
        ("UPDATE token SET expires = '2999-01-01 00:00:00' WHERE id = 't'", ("", 6, "token")),
        ("UPDATE token SET digest = 'mine' WHERE id = 't'", ("", 6, "token")),
        (FORGED_SESSION, ("", 0, "session")),
        ("UPDATE session SET ended = {no} WHERE digest = 'ended'", ("", 3, "session")),
        ("UPDATE session SET account = 'two' WHERE digest = 'goes on'", ("", 5, "session")),
        ("DELETE FROM withheld", ("", 11, "withheld")),
        ("INSERT INTO withheld VALUES ('S', 'conduit')", ("", 0, "withheld")),
    ],
)  # fmt: skip
def test_a_role_a_token_a_password_that_no_event_gave_is_found(peopled, statement, fault):
    no = "false" if peopled._engine.dialect.name == "postgresql" else "0"
    tamper(peopled, statement.format(no=no))
    assert faults(peopled) == [fault]


def test_what_older_events_do_not_tell_is_no_fault(peopled):
    tamper(peopled, "DELETE FROM seal WHERE city = ''")
    for name in ("kept", "digest", "session"):
        with peopled._engine.begin() as connection:
            rows = connection.execute(sa.select(event.c.number, event.c.body)).all()
        for number, body in rows:
            told = {key: value for key, value in orjson.loads(body).items() if key != name}
            said = orjson.dumps(told).decode().replace("'", "''").replace(":", "\\:")
            tamper(peopled, f"UPDATE event SET body = '{said}' WHERE number = {number}")  # noqa: S608
    assert faults(peopled) == []


def test_a_change_that_is_deleted_with_all_that_it_held_leaves_its_seal(sealed):
    for table, column in (("decision", "change"), ("asset", "valid_from"), ("change", "number")):
        tamper(sealed, f"DELETE FROM {table} WHERE {column} = 3")  # noqa: S608
    assert ("S", 3, "change") in faults(sealed)
