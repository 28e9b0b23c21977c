"""Two million pipe ends into nodes, against a grid join in DuckDB and SciPy; then all rules on that city.

DuckDB gets the ends as a table in memory and counts pairs only; SciPy and we return the node of every end.
All three must agree: pairs with DuckDB's, nodes with the connected components.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator

import duckdb
import numpy as np
import pyarrow as pa
from _census_city import census_city
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from wenqu.network.checks.registry import find_all
from wenqu.network.checks.whole import Whole
from wenqu.network.geometry import Shapes
from wenqu.network.model import Assets, City, Network
from wenqu.network.snapping import snap
from wenqu.network.topology import topology

DISTANCE = 0.1  # [m]
JOIN = f"""
with g as (select id, x, y, cast(floor(x / {DISTANCE}) as bigint) cx, cast(floor(y / {DISTANCE}) as bigint) cy from e),
h as (select id, x, y, cx + dx as cx, cy + dy as cy
      from g, (values (-1), (0), (1)) a(dx), (values (-1), (0), (1)) b(dy))
select count(*) from g join h using (cx, cy)
where g.id < h.id and (g.x - h.x) * (g.x - h.x) + (g.y - h.y) * (g.y - h.y) <= {DISTANCE * DISTANCE}
"""  # noqa: S608, E501 a constant


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    gc.collect()
    start = time.perf_counter()
    answer = work()
    return time.perf_counter() - start, answer


def scipy_nodes(points: np.ndarray) -> tuple[int, np.ndarray, int]:
    pairs = cKDTree(points).query_pairs(DISTANCE, output_type="ndarray")
    matrix = coo_array((np.ones(len(pairs), np.int8), pairs.T), shape=(len(points), len(points)))
    count, labels = connected_components(matrix, directed=False)
    return int(count), labels, len(pairs)


def row(name: str, ours: list[float], peer: list[float] | None) -> dict[str, object]:
    mine = statistics.median(ours)
    other = statistics.median(peer) if peer else None
    return {
        "name": name,
        "ours": mine,
        "peer": other,
        "ratio": other / mine if other else None,
        "unit": "s",
        "runs": len(ours),
    }


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield our time beside each peer's, sides in turn, answers compared."""
    city = census_city(100_000 if quick else 1_000_000)
    points = np.ascontiguousarray(np.vstack([city.lines[:, 0], city.lines[:, 2]]))
    points = points[np.random.default_rng(1).permutation(len(points))]
    base = duckdb.connect()
    base.execute("set threads = 2")
    base.register("given", pa.table({"id": np.arange(len(points)), "x": points[:, 0], "y": points[:, 1]}))
    base.execute("create table e as select * from given")
    snap(points[:1000], DISTANCE)
    times: dict[str, list[float]] = {"ours": [], "duckdb": [], "scipy": []}
    for _ in range(3 if quick else 5):
        took, labels = seconds(lambda: snap(points, DISTANCE))
        times["ours"].append(took)
        took, pairs = seconds(lambda: base.execute(JOIN).fetchone()[0])
        times["duckdb"].append(took)
        took, (count, reference, found) = seconds(lambda: scipy_nodes(points))
        times["scipy"].append(took)
        agreed = len(np.unique(np.column_stack([labels, reference]), axis=0)) == count == labels.max() + 1
        if pairs != found or not agreed:
            message = f"answers differ: {pairs} and {found} pairs, {count} and {labels.max() + 1} nodes"
            raise AssertionError(message)
    told = f"snap {len(points):,} ends"
    yield {**row(f"{told}: DuckDB grid join, 2 threads", times["ours"], times["duckdb"]), "target": "≥ 3"}
    yield {**row(f"{told}: SciPy tree and components", times["ours"], times["scipy"]), "target": "≥ 10"}
    yield from rules(city, quick=quick)


def network_of(city: object) -> Network:
    """Return the city as tables, its figures sound, drawn ends as delivered."""
    size = len(city.places)
    ground = np.full(size, 10.0)
    manholes = Assets(
        "manhole",
        city.node_ids,
        {"ground_level": ground, "system": np.full(size, "sanitary", object)},
        Shapes.points(city.places),
    )
    pipes = len(city.start)
    lines = Shapes.lines(city.lines.reshape(-1, 2), np.arange(pipes + 1) * 3)
    columns = {
        "from_id": city.node_ids[city.start],
        "to_id": city.node_ids[city.end],
        "system": np.full(pipes, "sanitary", object),
        "height": np.full(pipes, 0.3),
        "length": np.hypot(*(city.places[city.start] - city.places[city.end]).T),
        "material": np.full(pipes, "hdpe", object),
        "year": np.full(pipes, 2010.0),
        "from_invert": np.full(pipes, 8.0),
        "to_invert": np.full(pipes, 7.9),
    }
    table = Assets("conduit", city.pipe_ids, columns, lines)
    return Network(City("census", crs="EPSG:4549"), {"manhole": manholes, "conduit": table})


def rules(city: object, *, quick: bool) -> Iterator[dict[str, object]]:
    """Yield the time of all rules; there is no peer that checks the same."""
    network = network_of(city)
    graph = topology(network)
    took = []
    for _ in range(2 if quick else 3):
        seconds_, found = seconds(lambda: list(find_all(Whole(network, graph))))
        took.append(seconds_)
    total = sum(len(entry.rows) for entry in found)
    yield row(f"all rules on {len(city.start):,} pipes ({total:,} found)", took, None)
