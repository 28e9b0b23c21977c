"""The registers: a page of a large one, and 100 rows as JSON against a plain FastAPI handler.

A page is asked for the first time (nothing is made of any column yet) and again; beside it stands the goal,
and Polars has the same rows in the same order. Both handlers are called through ASGI in this process, turn by
turn; neither pays for a socket.
"""

import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import orjson
import polars as pl
from fastapi import FastAPI

from wenqu.api.router import make_api
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, City, Network
from wenqu.services.city_state import Cities, CityState
from wenqu.services.list_register import Asked, list_register
from wenqu.store.database import open_store

COLUMNS = ("id", "from_id", "to_id", "system", "length", "height", "material", "year")
QUESTIONS = {
    "filter number, sort number": Asked(where="height>=400", sort="-length"),
    "filter code, sort text": Asked(where="material=hdpe|pvc", sort="from_id,-length"),
    "filter text, sort two": Asked(where="road~12", sort="material,-year,id"),
}

# The same by Polars, ties in the order of the table.
EXPECTED: dict[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    "filter number, sort number": lambda rows: rows.filter(pl.col("height") >= 0.4).sort(  # 400 mm
        "length", descending=True, maintain_order=True
    ),
    "filter code, sort text": lambda rows: rows.filter(pl.col("material").is_in(["hdpe", "pvc"])).sort(
        ["from_id", "length"], descending=[False, True], maintain_order=True
    ),
    "filter text, sort two": lambda rows: rows.filter(pl.col("road").str.contains("12", literal=True)).sort(
        ["material", "year", "id"], descending=[False, True, False], nulls_last=True, maintain_order=True
    ),
}
GOAL = 0.2  # [s]


def _frame(state: CityState) -> pl.DataFrame:
    table = state.network.table("conduit")
    return pl.DataFrame({"id": table.ids.tolist(), **{k: v.tolist() for k, v in table.fields.items()}})


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    pipes, runs = (200_000, 5) if quick else (1_000_000, 9)
    table = conduits(pipes)
    for name, asked in QUESTIONS.items():
        state = CityState(Network(City("bench", crs="EPSG:4549"), {"conduit": table}))
        start = time.perf_counter()
        list_register(None, state, "conduit", asked)  # type: ignore[arg-type]  # assets come from the state
        first = time.perf_counter() - start
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            page = list_register(None, state, "conduit", asked)  # type: ignore[arg-type]
            times.append(time.perf_counter() - start)
        if page["ids"] != EXPECTED[name](_frame(state)).head(50)["id"].to_list():
            raise ArithmeticError(f"Polars lists other rows: {name}")
        yield _row(f"first 50 of {pipes:,}, goal: {name}", statistics.median(times), GOAL, runs)
        yield _row(f"  the first time: {name}", first, GOAL, 1)
    with tempfile.TemporaryDirectory(prefix="wenqu-lists-") as folder:
        yield _json(Path(folder), 100 if quick else 400)


def conduits(size: int) -> Assets:
    """Return conduits with the fields of a census, in columns."""
    rng = np.random.default_rng(7)
    codes = np.array(["hdpe", "pvc", "concrete", "reinforced_concrete", None], dtype=object)

    def texts(head: str, numbers: np.ndarray) -> np.ndarray:
        return np.array([f"{head}{number:07}" for number in numbers.tolist()], dtype=object)

    fields = {
        "from_id": texts("M", rng.permutation(size)),
        "to_id": texts("M", rng.permutation(size)),
        "system": np.array(["storm", "sanitary"], dtype=object)[rng.integers(2, size=size)],
        "material": codes[rng.integers(5, size=size)],
        "length": rng.uniform(5, 60, size),
        "height": rng.choice([0.2, 0.3, 0.4, 0.6, 0.8], size),
        "year": rng.integers(1980, 2025, size).astype(np.float64),
        "road": texts("R", rng.integers(4000, size=size)),
    }
    return Assets("conduit", texts("C", np.arange(size)), fields, Shapes.empty(size))


def _json(folder: Path, runs: int) -> dict[str, object]:
    store = open_store(folder)
    with store.change("bench", who="bench", why="rows") as change:
        change.put_city(City("bench", crs="EPSG:4549", simulated=True))
        change.put(conduits(20_000))
    ours, theirs = make_api(Cities(store)), plain(folder / "plain.sqlite")
    query = f"limit=100&columns={','.join(COLUMNS)}"
    address = ("/api/v1/cities/bench/registers/conduit", query.encode())
    a, b = asyncio.run(_turns(ours, address, theirs, ("/rows", b""), runs))
    store.close()
    return _row("100 rows as JSON, against plain FastAPI", a, b, runs)


def plain(path: Path) -> FastAPI:
    """Return the handler that one writes first: rows of a table, as dictionaries."""
    app = FastAPI()
    _make_plain(path)
    select = f"SELECT {', '.join(COLUMNS)} FROM conduit ORDER BY id LIMIT 100"  # noqa: S608

    @app.get("/rows")
    def rows() -> list[dict[str, object]]:
        connection = sqlite3.connect(path)
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(select)]
        connection.close()
        return found

    return app


def _make_plain(path: Path) -> None:
    """Write the same conduits as one writes them first: a table with a column for each field."""
    table = conduits(20_000)
    rows = zip(table.ids.tolist(), *(table.column(name).tolist() for name in COLUMNS[1:]), strict=True)
    with sqlite3.connect(path) as connection:
        columns = ", ".join(COLUMNS[1:])
        connection.execute(f"CREATE TABLE conduit (id TEXT PRIMARY KEY, {columns})")
        connection.executemany(f"INSERT INTO conduit VALUES ({', '.join('?' * len(COLUMNS))})", rows)  # noqa: S608
    connection.close()


async def _turns(
    one: FastAPI, here: tuple[str, bytes], other: FastAPI, there: tuple[str, bytes], runs: int
) -> tuple[float, float]:
    await _called(one, here)
    await _called(other, there)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for taken, app, address in ((times[0], one, here), (times[1], other, there)):
            start = time.perf_counter()
            body = await _called(app, address)
            taken.append(time.perf_counter() - start)
            if len(orjson.loads(body)) == 0:
                raise ArithmeticError("no rows")
    return statistics.median(times[0]), statistics.median(times[1])


async def _called(app: Callable, address: tuple[str, bytes]) -> bytes:
    path, query = address
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
        "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    body = bytearray()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise ArithmeticError(f"status {message['status']}")
        body.extend(message.get("body", b""))  # type: ignore[arg-type]

    await app(scope, receive, send)
    return bytes(body)


def _row(name: str, ours: float, peer: float | None, runs: int) -> dict[str, object]:
    ratio = peer / ours if peer else None
    return {"name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": "s", "runs": runs}
