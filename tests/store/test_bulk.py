"""Many assets enter as columns and few row by row; nobody can tell afterwards which way they came."""

import sqlite3
from hashlib import blake2b

import numpy as np
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.errors import BadInput, Cancelled
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, assets
from wenqu.store import asset_versions, loading
from wenqu.store.asset_versions import Counts
from wenqu.store.database import open_store
from wenqu.store.digests import digests_of
from wenqu.store.packed import packed_of, sorted_by_id
from wenqu.store.ragged import Ragged
from wenqu.store.rows import rows_of


@pytest.fixture
def columns_from(monkeypatch):
    """Say from how many assets on a table enters as columns."""

    def set_to(count):
        monkeypatch.setattr(asset_versions, "MANY", count)
        monkeypatch.setattr(loading, "EMPTY", 0)

    return set_to


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
            return connection.execute(statement).fetchall()

    return send


def odd_pipes(size=60):
    """Return conduits with every oddness: gaps, quotes, missing shapes, several parts, unknown columns."""
    draw = np.random.default_rng(7)
    counts = draw.integers(0, 4, size)
    sizes = draw.integers(2, 6, counts.sum())
    shapes = Shapes(
        draw.normal(5e5, 1e3, (sizes.sum(), 2)),
        np.concatenate([[0], np.cumsum(sizes)]),
        np.concatenate([[0], np.cumsum(counts)]),
    )

    def gappy(values):
        return [None if draw.random() < 0.3 else value for value in values]

    fields = {
        "name": gappy([f'管{number} "a\\b"\n,{{}}[]' for number in range(size)]),
        "length": gappy(draw.lognormal(0, 30, size).tolist()),
        "year": gappy(draw.integers(1950, 2026, size).tolist()),
        "siphon": gappy((draw.random(size) < 0.5).tolist()),
        "system": ["null"] * size,
    }
    extra = {
        "旧号": np.array(gappy(["甲", "", "1,5", "null"] * (size // 4)), dtype=object),
        "层": np.arange(size),
        "深": np.where(draw.random(size) < 0.5, np.nan, draw.normal(size=size)),
        "混": np.array(gappy([7, True, "x", "y"] * (size // 4)), dtype=object),
        "空": np.full(size, None, dtype=object),
    }
    ids = [f"管{number}" for number in draw.permutation(size)]
    return assets("conduit", ids, fields, shapes, extra)


def plots():
    square = np.array([[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], dtype=float)
    shapes = Shapes(np.concatenate([square, square + 20]), np.array([0, 5, 10]), np.array([0, 1, 2, 2]))
    return assets("zone", ["Z3", "Z1", "Z2"], {"name": ["a", None, "c"]}, shapes)


def wells(size=40):
    places = np.random.default_rng(2).uniform(-1e3, 1e3, (size, 2))
    places[::7] = np.nan
    return assets("manhole", [f"W{number}" for number in range(size)], {}, Shapes.points(places))


@pytest.mark.parametrize("table", [odd_pipes(), plots(), wells()], ids=lambda table: table.type)
def test_columns_hold_to_the_byte_what_the_rows_hold(table):
    ordered = sorted_by_id(table)
    (packed,) = packed_of(ordered)
    texts = {"asset": packed.ids, "fields": packed.fields, "extra": packed.extra}
    for name, column in texts.items():
        assert column.texts() == [row[name] for row in rows_of(ordered)]
    assert packed.shapes.blobs() == [row["geometry"] for row in rows_of(ordered)]
    assert packed.digests == [row["digest"] for row in rows_of(ordered)]


@given(st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=1))
def test_every_number_is_written_as_in_the_rows(values):
    table = assets("manhole", [f"M{n:09}" for n in range(len(values))], {"depth": np.array(values)})
    (packed,) = packed_of(table)
    assert packed.fields.texts() == [row["fields"] for row in rows_of(table)]


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))), min_size=1))
def test_every_text_is_written_as_in_the_rows(values):
    table = assets("manhole", [f"M{n:09}" for n in range(len(values))], {"note": values})
    (packed,) = packed_of(table)
    assert packed.fields.texts() == [row["fields"] for row in rows_of(table)]


@given(
    st.lists(st.tuples(st.binary(max_size=300), st.binary(max_size=3), st.binary(max_size=300)), min_size=1)
)
def test_digests_are_those_of_the_standard_library(rows):
    columns = [Ragged.of_bytes([row[place] or None for row in rows]) for place in range(3)]
    wanted = [blake2b(b"\n".join(row), digest_size=16).digest() for row in rows]
    assert digests_of(*columns) == wanted


def put_all(store):
    """Make a history: a delivery, a second one with changes in other order, a table twice in one change."""
    pipes = odd_pipes()
    later = pipes.replace(length=np.where(np.arange(60) % 3, pipes.column("length"), 5.0))
    counted = []
    with store.change("S", who="a", why="first") as change:
        counted += [change.put(table) for table in (wells(), pipes, plots())]
    with store.change("S", who="a", why="second") as change:
        counted.append(change.put(later.take(np.arange(59, -1, -1))))
        counted.append(change.put(pipes.take(np.arange(10))))
    return counted


def told(store):
    """Return everything that the store says about its city, at every moment of its history."""
    entries = []
    for change in reversed(store.changes("S")):
        network = store.network("S", as_of=change.at)
        entries += [change.counts, plain(network.tables), changed_by(store, change.number)]
        news = store.news("S", change.number, 1000)
        entries += [plain(news.put), {name: sorted(ids) for name, ids in news.closed.items()}]
    names = [(name, str(id_)) for name, table in network.tables.items() for id_ in table.ids]
    entries += [[version_of(one) for one in store.history("S", *name)] for name in names]
    boxes = [(-1e9, -1e9, 1e9, 1e9), (5e5, 5e5, 5.01e5, 5.01e5), (-500, -500, 500, 500)]
    return [*entries, *(plain(store.network("S", box=box).tables) for box in boxes)]


def plain(tables):
    return {
        name: (
            table.ids.tolist(),
            {key: str(column.tolist()) for key, column in {**table.fields, **table.extra}.items()},
            table.shapes.coords.tobytes(),
            table.shapes.parts.tolist(),
            table.shapes.assets.tolist(),
        )
        for name, table in tables.items()
    }


def version_of(one):
    return one and (one.number, bool(one.valid_to), one.who, one.why, one.fields, one.extra, one.wkb)


def changed_by(store, number):
    return [
        (one.type, one.id, version_of(one.before), version_of(one.after), version_of(one.later))
        for one in store.touched("S", number)
    ]


def test_both_ways_leave_the_same_history(city, columns_from, tmp_path):
    columns_from(1)
    quick = put_all(city)
    columns_from(10**9)
    other = open_store(tmp_path / "other")
    with other.change("S", who="surveyor", why="the city") as change:
        change.put_city(city.city("S"))
    assert put_all(other) == quick
    for store in (city, other):  # what came as a block is changed, closed and joined by others one by one
        with store.change("S", who="b", why="third") as change:
            change.put(assets("manhole", ["W7", "W7b"], {"depth": [3.5, 4.0]}, Shapes.empty(2)))
            change.close("manhole", ["W9"])
            change.close("zone", ["Z1"])
    assert told(city) == told(other)
    assert [chain.faults for store in (city, other) for chain in store.verify()] == [()] * 4
    other.close()


def test_what_comes_in_one_by_one_after_many_is_found_by_its_box(city, columns_from):
    columns_from(30)
    with city.change("S", who="a", why="b") as change:
        change.put(odd_pipes())
        change.put(assets("manhole", ["far"], {}, Shapes.points(np.array([[9e6, 9e6]]))))
    with city.change("S", who="a", why="b") as change:
        change.put(assets("manhole", ["farther"], {}, Shapes.points(np.array([[9.5e6, 9e6]]))))
    found = city.network("S", box=(8e6, 8e6, 10e6, 10e6))
    assert found.table("manhole").ids.tolist() == ["far", "farther"]
    pipes = city.network("S").table("conduit")
    for row in np.flatnonzero(np.diff(pipes.shapes.assets))[:20]:
        x, y = pipes.shapes.of(row)[0]
        near = city.network("S", types=["conduit"], box=(x, y, x, y)).table("conduit")
        assert pipes.ids[row] in near.ids


@pytest.mark.parametrize("address", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_indexes_and_constraints_that_stepped_aside_are_back(city, ask, columns_from, monkeypatch):
    asked = "SELECT indexdef FROM pg_indexes WHERE tablename = 'asset' ORDER BY 1"
    held = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'asset'::regclass ORDER BY 1"
    before = ask(asked), ask(held)
    columns_from(1)
    stepped = []
    aside = loading.PostgresLoad._step_aside
    monkeypatch.setattr(
        loading.PostgresLoad, "_step_aside", lambda load: (aside(load), stepped.append(load._again))
    )
    put_all(city)
    assert (ask(asked), ask(held)) == before
    assert len(stepped) == 1
    assert len(stepped[0]) >= 4


def test_calling_it_off_leaves_nothing(city, columns_from):
    columns_from(10)
    before = city.version("S")

    def tired(share):
        if share == 1.0:
            raise Cancelled

    with pytest.raises(Cancelled), city.change("S", who="a", why="b") as change:
        change.put(wells(), progress=tired)
    assert city.version("S") == before
    assert not city.network("S").tables
    assert city.network("S", box=(-1e9, -1e9, 1e9, 1e9)).tables == {}
    with city.change("S", who="a", why="b") as change:
        assert change.put(wells()) == Counts(new=40)
    assert len(city.network("S", box=(-1e9, -1e9, 1e9, 1e9)).table("manhole")) == 34


def test_progress_tells_how_far_it_is(city, columns_from, monkeypatch):
    columns_from(10)
    monkeypatch.setattr("wenqu.store.packed.CHUNK", 10)
    told = []
    with city.change("S", who="a", why="b") as change:
        change.put(wells(), progress=told.append)
    assert told == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (assets("manhole", ["M1", "M1"], {}), "asset-twice"),
        (assets("manhole", [" "], {}), "asset-id"),
        (assets("manhole", ["M1"], {"depth": [np.inf]}), "asset-value"),
        (assets("manhole", ["M1"], {"note": [object()]}), "asset-value"),
        (assets("manhole", ["M1"], {"depth": np.array(["deep"], dtype=object)}), "asset-value"),
        (assets("manhole", ["M1"], {"depth": np.array([1.0, 2.0])}), "column-length"),
        (assets("manhole", ["M1"], {}, Shapes.empty(2)), "shapes-count"),
        (assets("conduit", ["C1"], {}, Shapes.lines(np.zeros((1, 2)), np.array([0, 1]))), "shape"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(city, table, reason, columns_from):
    columns_from(1)
    with pytest.raises(BadInput) as caught, city.change("S", who="a", why="b") as change:
        change.put(table)
    assert caught.value.reason == reason
    assert caught.value.facts["type"] == table.type


def test_values_that_only_the_slow_way_knows_are_kept_too(city, columns_from):
    columns_from(1)
    extra = {
        "日": np.array(["2024-01-01", "NaT"], dtype="datetime64[D]"),
        "单": np.array([1.5, 2], np.float32),
    }
    table = assets("manhole", ["M1", "M2"], {"depth": [1.0, 1e300]}, extra=extra)
    with city.change("S", who="a", why="b") as change:
        change.put(table)
    back = city.network("S").table("manhole")
    assert back.extra["日"].tolist() == ["2024-01-01", None]
    assert back.column("depth").tolist() == [1.0, 1e300]


def test_a_table_without_fields_or_shapes_enters(city, columns_from):
    columns_from(1)
    with city.change("S", who="a", why="b") as change:
        change.put(Assets("vehicle", np.array(["b", "a"], dtype=object), {}, Shapes.empty(2)))
    assert city.network("S").table("vehicle").ids.tolist() == ["a", "b"]


def test_a_delivery_in_which_one_type_is_the_same_enters(city, columns_from):
    columns_from(1)
    with city.change("S", who="a", why="first") as change:
        change.put(odd_pipes())
    with city.change("S", who="a", why="second") as change:
        assert (change.put(wells()).new, change.put(odd_pipes()).same) == (40, 60)
    assert len(city.history("S", "conduit", "管7")) == 1
