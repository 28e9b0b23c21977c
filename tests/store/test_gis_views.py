"""A GIS reads the store on PostGIS through views with typed columns."""

import psycopg
import pytest

from wenqu.errors import Refused, Unknown
from wenqu.examples.little_city import little_city
from wenqu.network.model import City
from wenqu.store.database import open_store
from wenqu.store.gis_views import schema_name


def filled(store, code):
    network = little_city()
    with store.change(code, who="surveyor", why="the city") as change:
        change.put_city(City(code, "小城", "Little", network.city.crs))
        for table in network.tables.values():
            change.put(table)
    return network


@pytest.mark.postgres
def test_a_view_has_typed_columns_a_typed_shape_and_words(postgres_database, tmp_path):
    store = open_store(postgres_database, tmp_path)
    network = filled(store, "o'Hara %市")
    made = store.make_gis_views("o'Hara %市")
    assert store.make_gis_views("o'Hara %市") == made  # made anew
    schema = schema_name("o'Hara %市")
    assert f"{schema}.conduit" in made
    with psycopg.connect(postgres_database, options=f"-c search_path={schema},public") as connection:
        heights = dict(connection.execute("SELECT id, height FROM conduit").fetchall())
        table = network.table("conduit")
        assert heights == dict(zip(table.ids.tolist(), table.column("height").tolist(), strict=True))
        shape, srid = connection.execute(
            "SELECT ST_AsText(geometry), ST_SRID(geometry) FROM manhole WHERE id = %s", ["M1"]
        ).fetchone()
        assert shape.startswith("POINT(")
        assert f"EPSG:{srid}" == network.city.crs
        said = connection.execute(
            "SELECT col_description(%s::regclass, ordinal_position) FROM information_schema.columns"
            " WHERE table_schema = %s AND table_name = 'conduit' AND column_name = 'height'",
            [f'"{schema}".conduit', schema],
        ).fetchone()[0]
        assert "管径" in said
        assert said.endswith("[m]")
    store.close()


@pytest.mark.postgres
def test_a_closed_asset_is_no_longer_seen(postgres_database, tmp_path):
    store = open_store(postgres_database, tmp_path)
    filled(store, "little")
    store.make_gis_views("little")
    with store.change("little", who="surveyor", why="gone") as change:
        change.close(
            "gully",
            ["G1"] if "G1" in little_city().table("gully").ids else [little_city().table("gully").ids[0]],
        )
    with psycopg.connect(postgres_database) as connection:
        assert connection.execute("SELECT count(*) FROM city_little.gully").fetchone() == (0,)
    store.close()


@pytest.fixture
def login(postgres_database):
    """Return a role that owns nothing, and the address under which it signs in."""
    role = f"gis_{postgres_database[-8:]}"
    with psycopg.connect(postgres_database) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
    yield role, postgres_database.replace("wenqu@", f"{role}@")
    with psycopg.connect(postgres_database) as connection:
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


@pytest.mark.postgres
def test_a_login_that_is_given_a_citys_views_reads_that_city_and_nothing_else(
    postgres_database, tmp_path, login
):
    role, address = login
    store = open_store(postgres_database, tmp_path)
    for code in ("little", "other"):
        filled(store, code)
        store.make_gis_views(code)
    closed = [
        "SELECT * FROM asset",
        "SELECT * FROM change",
        "SELECT * FROM record",
        "SELECT * FROM account",
        "SELECT * FROM city_other.manhole",
        "DELETE FROM city_little.manhole",
        "UPDATE city_little.manhole SET id = 'x'",
    ]

    def refused(statement):
        with (
            psycopg.connect(address, options="-c wenqu.cities=*") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)

    for statement in [*closed, "SELECT * FROM city_little.manhole"]:
        refused(statement)
    store.make_gis_views("little", role)
    store.make_gis_views("little")  # made anew: who reads them goes on reading
    store.close()
    with psycopg.connect(address) as connection:
        ids = {row[0] for row in connection.execute("SELECT id FROM city_little.manhole")}
        assert ids == set(little_city().table("manhole").ids)
        # A function of the reader's is shown no row that the view does not hold.
        connection.execute(
            "CREATE FUNCTION pg_temp.tell(id text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS"
            " $$ BEGIN RAISE NOTICE '%', id; RETURN true; END $$"
        )
        told = []
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary))
        connection.execute("SELECT id FROM city_little.manhole WHERE pg_temp.tell(id)").fetchall()
        assert sorted(told) == sorted(ids)
    for statement in closed:
        refused(statement)


@pytest.mark.postgres
def test_a_role_that_the_database_does_not_have_is_said(postgres_database, tmp_path):
    store = open_store(postgres_database, tmp_path)
    filled(store, "little")
    with pytest.raises(Unknown) as caught:
        store.make_gis_views("little", "nobody-of-that-name")
    assert "wenqu" in caught.value.facts["known"]
    with psycopg.connect(postgres_database) as connection:  # and nothing was made
        assert connection.execute("SELECT to_regnamespace('city_little')").fetchone() == (None,)
    store.close()


def test_an_embedded_store_says_what_to_do_instead(tmp_path):
    store = open_store(tmp_path)
    filled(store, "little")
    with pytest.raises(Refused):
        store.make_gis_views("little")


def test_two_codes_never_share_a_schema():
    codes = ["a", "a_", "A", "a b", "a-b", "a_b", "市", "市 ", "x" * 80, "x" * 79]
    assert len({schema_name(code) for code in codes}) == len(codes)
