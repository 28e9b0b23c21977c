"""Behind the filter of Python stands the database: a role that does not own the tables sees what it names."""

import psycopg
import pytest

from wenqu.errors import StoreFailed
from wenqu.network.model import City
from wenqu.store.database import open_store

pytestmark = pytest.mark.postgres


@pytest.fixture
def lesser(postgres_database, tmp_path):
    """Return a store of two cities opened by a role that owns nothing, and its address."""
    owner = open_store(postgres_database, tmp_path / "archive")
    for code in ("S", "T"):
        with owner.change(code, who="a", why="b") as change:
            change.put_city(City(code))
    owner.close()
    role = f"reader_{postgres_database[-8:]}"
    with psycopg.connect(postgres_database) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
        connection.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        connection.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")
    address = postgres_database.replace("wenqu@", f"{role}@")
    store = open_store(address, tmp_path / "archive")
    yield store, address
    store.close()
    with psycopg.connect(postgres_database) as connection:
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")


def test_a_transaction_sees_the_cities_that_it_names(lesser):
    store, _ = lesser
    assert [city.code for city in store.cities()] == ["S", "T"]
    assert [city.code for city in store.narrowed(["S"]).cities()] == ["S"]
    assert [city.code for city in store.narrowed(["S", "T"]).cities()] == ["S", "T"]
    assert store.narrowed([]).cities() == []


def test_a_transaction_writes_no_city_that_it_does_not_name(lesser):
    store, _ = lesser
    with pytest.raises(StoreFailed), store.narrowed(["S"]).change("T", who="a", why="b") as change:
        change.put_city(City("T", "新名"))
    with store.narrowed(["S"]).change("S", who="a", why="b") as change:
        change.put_city(City("S", "新名"))
    assert (store.city("S").zh, store.city("T").zh) == ("新名", "")


@pytest.mark.parametrize("table", ["change", "city", "asset", "record", "document", "series", "waiting"])
def test_who_names_no_city_sees_no_row(lesser, table):
    with psycopg.connect(lesser[1]) as connection:
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
