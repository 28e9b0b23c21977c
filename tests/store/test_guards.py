"""The database itself refuses to change or delete what is on record, whoever asks."""

import sqlite3

import psycopg
import pytest

from wenqu.records.finding import Finding


@pytest.fixture
def filled(city, manholes):
    with city.change("S", who="a", why="census") as change:
        change.put(manholes({"M1": 5.0, "M2": 6.0}))
        change.write_document("a.txt", b"a")
        change.add_records("finding", [Finding("manhole", "M1", "m", "q", 1.0, 0.0, 2.0, "m³/s")])
    with city.change("S", who="a", why="survey") as change:
        change.put(manholes({"M1": 5.5}))
    return city


@pytest.fixture
def ask(address):
    """Send one statement as the owner of the database, past all of our code."""
    where, archive = address

    def send(statement):
        if archive is None:
            with sqlite3.connect(where / "wenqu.sqlite") as connection:
                rows = connection.execute(statement).fetchall()
            connection.close()
            return rows
        with psycopg.connect(where) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    return send


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET body = '{}'",
        "DELETE FROM record",
        "UPDATE document SET sha256 = 'x'",
        "DELETE FROM document",
        "UPDATE city SET simulated = NOT simulated",
        "DELETE FROM city",
        "UPDATE change SET who = 'someone else'",
        "UPDATE change SET counts = NULL",
        "UPDATE change SET counts = '{}'",
        "DELETE FROM change",
        "UPDATE asset SET fields = '{}' WHERE valid_to IS NULL",
        "UPDATE asset SET fields = '{}', valid_to = 99 WHERE valid_to IS NULL",
        "UPDATE asset SET geometry = NULL, valid_to = 99 WHERE valid_to IS NULL",
        "UPDATE asset SET valid_from = 1 WHERE valid_to IS NULL",
        "UPDATE asset SET valid_to = 99 WHERE valid_to IS NOT NULL",
        "UPDATE asset SET valid_to = NULL WHERE valid_to IS NOT NULL",
        "DELETE FROM asset WHERE valid_to IS NULL",
        "DELETE FROM asset WHERE valid_to IS NOT NULL",
    ],
)
def test_the_database_refuses(filled, ask, statement):
    with pytest.raises((sqlite3.IntegrityError, psycopg.Error), match="append-only"):
        ask(statement)
    assert [version.fields for version in filled.history("S", "manhole", "M1")] == [
        {"ground_level": 5.0},
        {"ground_level": 5.5},
    ]


@pytest.mark.parametrize("address", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize("table", ["record", "document", "city", "change", "asset"])
def test_postgres_refuses_to_empty_a_table(filled, ask, table):
    with pytest.raises(psycopg.Error, match=r"append-only|cannot truncate a table referenced"):
        ask(f"TRUNCATE {table}")
    with pytest.raises(psycopg.Error, match="append-only"):
        ask(f"TRUNCATE {table} CASCADE")


def test_an_end_of_validity_can_be_set_once(filled, ask):
    ask("UPDATE asset SET valid_to = 3 WHERE asset = 'M2'")
    assert filled.network("S").table("manhole").ids.tolist() == ["M1"]


def test_a_row_without_a_change_behind_it_is_refused(filled, ask):
    statement = (
        "INSERT INTO record (city, change, kind, asset_type, asset, body) VALUES ('S', 99, 'k', '', '', '{}')"
    )
    try:
        rows = ask("PRAGMA foreign_keys")
    except psycopg.Error:
        rows = [(1,)]
    if rows == [(0,)]:  # SQLite keeps foreign keys only where asked, as the store does
        statement = "PRAGMA foreign_key_check"
        assert ask(statement) == []
    else:
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            ask(statement)


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
def test_the_index_of_boxes_follows_the_assets(filled, ask):
    ids = ask("SELECT id FROM asset WHERE west IS NOT NULL ORDER BY id")
    assert ids == ask("SELECT id FROM asset_box ORDER BY id")
    assert len(ids) == 3


@pytest.mark.parametrize("address", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_postgis_knows_geometry_and_coordinate_system(filled, ask):
    rows = ask(
        "SELECT asset, ST_SRID(geometry), ST_AsText(geometry) FROM asset WHERE valid_to IS NULL ORDER BY 1"
    )
    assert rows == [("M1", 4549, "POINT(0 0)"), ("M2", 4549, "POINT(10 0)")]
    assert ask("SELECT fields ->> 'ground_level' FROM asset WHERE asset = 'M2'") == [("6.0",)]
