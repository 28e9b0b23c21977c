"""The spine of the work, from delivered rows to the posterior of every pipe, against pandas and networkx.

Both sides get the same fictional city and must give the same answers. The peer is what a Python engineer
would write without us: data frames, SQLite by ``to_sql``, a networkx graph, sets of ancestors, groupby.
It keeps no versions, no authors and no spatial index, which ours does in the same time.
"""

import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import shapely

from wenqu.diagnosis.pipe_order import above_link, pipe_order
from wenqu.diagnosis.tree_posterior import Prior, Rows, posterior
from wenqu.examples.city import ExampleCity, example_city
from wenqu.network.geometry import Shapes, geometries_from
from wenqu.network.model import Assets, Network, assets
from wenqu.network.schema import asset_type, types_of
from wenqu.network.topology import WAY_DOWN, Topology, topology
from wenqu.network.traces import first_below, upstream
from wenqu.series.events import daily_means, daily_rain, dry_days
from wenqu.series.model import Series
from wenqu.series.repair import day_rows, regular
from wenqu.store.database import open_store

NODES, LINKS = types_of("node"), types_of("link")
Frames = dict[str, pd.DataFrame]


@dataclass
class Delivery:
    """What a survey firm hands over: plain columns and shapes, type by type."""

    columns: dict[str, dict[str, list[object]]]
    ids: dict[str, list[str]]
    shapes: dict[str, Shapes]


def delivered(network: Network) -> Delivery:
    columns = {
        name: {field: column.tolist() for field, column in table.fields.items()}
        for name, table in network.tables.items()
    }
    ids = {name: table.ids.tolist() for name, table in network.tables.items()}
    return Delivery(columns, ids, {name: table.shapes for name, table in network.tables.items()})


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    conduits, runs, heavy = (20_000, 3, 1) if quick else (100_000, 5, 3)
    city = example_city(conduits=conduits)
    given = delivered(city.network)
    told = f"{conduits:,} conduits"
    # the first call compiles the kernels; that is not what is asked here
    upstream(topology(city.network), 0)
    network, frames, row = _pair(
        f"rows to tables, {told}", lambda: _build(city, given), lambda: _build_frames(given), runs
    )
    _same_tables(network, frames)
    yield row
    folder = Path(tempfile.mkdtemp(prefix="spine-"))
    try:
        yield from _stored(network, frames, (folder, told), heavy)
        yield from _traced(network, frames, told, runs)
        yield from _diagnosed(city, network, frames, told, (runs, heavy))
        yield _memory(folder, told)
    finally:
        shutil.rmtree(folder)


def _pair(
    name: str, ours: Callable[[], object], peer: Callable[[], object], runs: int
) -> tuple[object, object, dict[str, object]]:
    """Run both in turn; return both answers and the row of the medians. [s]"""
    taken: tuple[list[float], list[float]] = ([], [])
    answers: list[object] = [None, None]
    for _ in range(runs):
        for side, question in enumerate((ours, peer)):
            start = time.perf_counter()
            answers[side] = question()
            taken[side].append(time.perf_counter() - start)
    ours_s, peer_s = (statistics.median(times) for times in taken)
    return answers[0], answers[1], _row(name, ours_s, peer_s, "s", runs)


def _row(name: str, ours: float, peer: float, unit: str, runs: int) -> dict[str, object]:
    return {"name": name, "ours": ours, "peer": peer, "ratio": peer / ours, "unit": unit, "runs": runs}


def _differ(what: str) -> None:
    raise ArithmeticError(f"the two sides differ: {what}")


# Tables


def _build(city: ExampleCity, given: Delivery) -> Network:
    tables = {
        name: assets(name, ids, given.columns[name], given.shapes[name]) for name, ids in given.ids.items()
    }
    return Network(city.network.city, tables)


def _build_frames(given: Delivery) -> Frames:
    frames = {}
    for name, ids in given.ids.items():
        frame = pd.DataFrame({"id": ids, **given.columns[name]})
        frame["geometry"] = geometries_from(given.shapes[name], asset_type(name).geometry)
        frames[name] = frame
    return frames


def _same_tables(network: Network, frames: Frames) -> None:
    for name, table in network.tables.items():
        if list(table.ids) != list(frames[name]["id"]):
            _differ(f"ids of {name}")
    ours = np.nansum(network.table("conduit").column("length"))
    if abs(ours - frames["conduit"]["length"].sum()) > 1e-6 * ours:
        _differ("length")


# Store


def _stored(
    network: Network, frames: Frames, place: tuple[Path, str], runs: int
) -> Iterator[dict[str, object]]:
    folder, told = place
    turn = iter(range(100))

    def put() -> Path:
        place = folder / f"ours-{next(turn)}"
        store = open_store(str(place))
        with store.change("example", who="benchmark", why="spine") as change:
            change.put_city(network.city)
            for table in network.tables.values():
                change.put(table)
        store.close()
        return place

    def to_sql() -> Path:
        place = folder / f"peer-{next(turn)}.sqlite"
        with sqlite3.connect(place) as connection:
            for name, frame in frames.items():
                plain = frame.assign(geometry=shapely.to_wkb(frame["geometry"].to_numpy()))
                plain.to_sql(name, connection, index=False)
                connection.execute(f'CREATE UNIQUE INDEX "{name}_id" ON "{name}" (id)')
        connection.close()
        return place

    ours, peer, row = _pair(f"put into the store, {told}", put, to_sql, runs)
    (folder / "ours").symlink_to(ours)
    (folder / "peer.sqlite").symlink_to(peer)
    yield row
    back, again, row = _pair(
        f"read back, {told}", lambda: _read_ours(folder), lambda: _read_peer(folder, list(frames)), runs
    )
    for name, table in back.tables.items():
        if sorted(table.ids) != sorted(network.tables[name].ids):
            _differ(f"ids of {name} from the store")
        kept = shapely.get_coordinates(again[name]["geometry"].to_numpy())
        if not np.array_equal(np.sort(kept[:, 0]), np.sort(_vertices(table))):
            _differ(f"coordinates of {name}")
    yield row


def _vertices(table: Assets) -> np.ndarray:
    return table.shapes.coords[:, 0]


def _read_ours(folder: Path) -> Network:
    store = open_store(str(folder / "ours"))
    network = store.network("example")
    store.close()
    return network


def _read_peer(folder: Path, names: list[str]) -> Frames:
    frames = {}
    with sqlite3.connect(folder / "peer.sqlite") as connection:
        for name in names:
            frame = pd.read_sql(f'SELECT * FROM "{name}"', connection)  # noqa: S608
            frame["geometry"] = shapely.from_wkb(frame["geometry"].to_numpy())
            frames[name] = frame
    connection.close()
    return frames


# Topology


def _graph(frames: Frames) -> nx.DiGraph:
    graph = nx.DiGraph()
    for name in NODES:
        if name in frames:
            graph.add_nodes_from(frames[name]["id"])
    for name in LINKS:
        if name in frames:
            frame = frames[name]
            graph.add_edges_from(zip(frame["from_id"], frame["to_id"], strict=True))
    return graph


def _traced(network: Network, frames: Frames, told: str, runs: int) -> Iterator[dict[str, object]]:
    index, graph, row = _pair(f"index of what lies above, {told}", lambda: topology(network),
                              lambda: _graph(frames), runs)  # fmt: skip
    yield row
    nodes = np.random.default_rng(4).choice(len(index.node_ids), 200, replace=False)
    names = [index.node_ids[node] for node in nodes]
    ours, peer, row = _pair(
        f"200 upstream traces, {told}",
        lambda: [upstream(index, int(node)).nodes for node in nodes],
        lambda: [nx.ancestors(graph, name) | {name} for name in names],
        runs,
    )
    for mine, theirs in zip(ours, peer, strict=True):
        if set(index.node_ids[mine]) != theirs:
            _differ("an upstream trace")
    yield row
    plants = list(frames["plant"]["id"])
    ours, peer, row = _pair(
        f"upstream of every plant, {told}",
        lambda: [upstream(index, index.node(plant)).nodes for plant in plants],
        lambda: [nx.ancestors(graph, plant) | {plant} for plant in plants],
        runs,
    )
    if [len(mine) for mine in ours] != [len(theirs) for theirs in peer]:
        _differ("what drains to a plant")
    yield row
    ours, peer, row = _pair(
        f"the plant of every node, {told}",
        lambda: first_below(index, index.node_type == "plant"),
        lambda: {node: plant for plant in plants for node in (*nx.ancestors(graph, plant), plant)},
        runs,
    )
    mine = {
        str(id_): str(index.node_ids[plant])
        for id_, plant in zip(index.node_ids, ours, strict=True)
        if plant >= 0
    }
    # the peer follows every link, a tank's outlet to the sewer included; ours the main way down
    if not (mine.keys() <= peer.keys() and all(peer[node] == plant for node, plant in mine.items())):
        _differ("the plant of a node")
    yield row


# Diagnosis


def _diagnosed(
    city: ExampleCity, network: Network, frames: Frames, told: str, runs: tuple[int, int]
) -> Iterator[dict[str, object]]:
    series = [one for one in city.series(days=60) if one.quantity in {"flow", "rain"}]
    rain = next(one for one in series if one.quantity == "rain")
    flows = [one for one in series if one.quantity == "flow"]
    frame = pd.concat([_long(one) for one in flows])
    wet = _long(rain).set_index("time")["value"]
    ours, peer, row = _pair(
        f"dry-day means and night minima, {len(flows)} meters, 60 days",
        lambda: _dry_ours(rain, flows), lambda: _dry_peer(wet, frame), runs[0],
    )  # fmt: skip
    theirs = peer.loc[list(ours)].to_numpy()
    if not np.allclose(np.array(list(ours.values())), theirs, rtol=1e-9):
        _differ("dry-day statistics")
    yield row
    index = topology(network)
    given = _meters(city, index, ours)
    ours, peer, row = _pair(
        f"posterior of every pipe, {len(given[2].value)} meters, {told}",
        lambda: _posterior_ours(index, given), lambda: _posterior_peer(frames, given), runs[1],
    )  # fmt: skip
    order = pipe_order(index).link
    mine = pd.DataFrame(ours.T, index=index.link_ids[order])
    if not np.allclose(mine.loc[peer.index].to_numpy(), peer.to_numpy(), rtol=1e-9, atol=1e-15):
        _differ("the posterior")
    yield row


def _long(one: Series) -> pd.DataFrame:
    values = one.values  # noqa: PD011
    return pd.DataFrame({"asset": one.asset, "time": one.times, "value": values})


def _dry_ours(rain: Series, flows: list[Series]) -> dict[str, tuple[float, float]]:
    daily = daily_rain(rain)
    dry = daily.days[dry_days(daily)]
    found = {}
    for one in flows:
        means = daily_means(one)
        chosen = np.isin(means.days, dry) & ~np.isnan(means.means)
        days, rows = day_rows(regular(one))
        night = rows[np.isin(days, means.days[chosen])].min(axis=1)
        found[one.asset] = (float(means.means[chosen].mean()), float(np.nanmean(night)))
    return found


def _dry_peer(rain: pd.Series, frame: pd.DataFrame) -> pd.DataFrame:
    depth = rain.resample("D").mean() * 86400
    rainless = (depth < 1e-3).astype(float)
    dry = rainless.rolling(3).min() == 1
    days = frame["time"].dt.floor("D")
    groups = (
        frame.assign(day=days).groupby(["asset", "day"])["value"].agg(["mean", "min", "count"]).reset_index()
    )
    groups = groups[groups["day"].isin(dry.index[dry]) & (groups["count"] >= 0.8 * 24)]
    groups.loc[groups["count"] < 24, "min"] = np.nan  # of a day with a gap the least hour is not known
    return groups.groupby("asset")[["mean", "min"]].mean()


@dataclass
class Measured:
    """Dry flows at conduits."""

    conduit: list[str]
    value: np.ndarray  # [m³/s]


def _meters(
    city: ExampleCity, index: Topology, dry: dict[str, tuple[float, float]]
) -> tuple[pd.DataFrame, pd.DataFrame, Measured]:
    """Return mean and variance of what enters each link, three kinds, and the meters on conduits."""
    length = np.maximum(index.link_length, 1.0)
    kinds = np.array([3e-6, 2e-6, 5e-7])
    mean = pd.DataFrame(length[:, None] * kinds, index=index.link_ids)
    variance = pd.DataFrame((length[:, None] * kinds * [0.3, 1.0, 2.0]) ** 2, index=index.link_ids)
    rows = [
        (on, dry[meter][0])
        for meter, on, kind in zip(city.meters, city.on_ids, city.points.kind, strict=True)
        if kind == 0
    ]
    return mean, variance, Measured([on for on, _ in rows], np.array([value for _, value in rows]))


def _posterior_ours(index: Topology, given: tuple[pd.DataFrame, pd.DataFrame, Measured]) -> np.ndarray:
    order = pipe_order(index)
    mean, variance, measured = given
    link = {id_: row for row, id_ in enumerate(index.link_ids)}
    spans = np.array([above_link(order, index, link[id_]) for id_ in measured.conduit])
    prior = Prior(
        np.ascontiguousarray(mean.to_numpy()[order.link].T),
        np.ascontiguousarray(variance.to_numpy()[order.link].T),
        np.zeros(3),
    )
    noise = (0.08 * measured.value) ** 2 + 1e-9
    weights = np.ones((len(spans), 3))
    return posterior(prior, Rows(spans[:, 0], spans[:, 1], weights, measured.value, noise)).mean


def _posterior_peer(frames: Frames, given: tuple[pd.DataFrame, pd.DataFrame, Measured]) -> pd.DataFrame:
    """Return the same by sets of ancestors: a node keeps its main way down, a meter sums what is above."""
    mean, variance, measured = given
    links = pd.concat(
        [
            frames[name][["id", "from_id", "to_id"]].assign(
                way=WAY_DOWN[name], bore=frames[name].get("height", pd.Series(0.0, frames[name].index))
            )
            for name in LINKS
            if name in frames
        ]
    )
    links["bore"] = links["bore"].fillna(0.0)
    main = links.sort_values(["way", "bore"], ascending=[True, False], kind="stable").drop_duplicates(
        "from_id"
    )
    forest = nx.DiGraph(zip(main["from_id"], main["to_id"], strict=True))
    start = links.set_index("id")["from_id"]
    leaving = links.groupby("from_id")["id"].agg(list)
    above = []
    for conduit in measured.conduit:
        nodes = nx.ancestors(forest, start[conduit]) | {start[conduit]}
        above.append([id_ for ids in leaving.loc[list(nodes)] for id_ in ids])
    sets = [set(ids) for ids in above]
    sums = [float(variance.loc[ids].to_numpy().sum()) for ids in above]
    size = len(sets)
    covariance = np.diag((0.08 * measured.value) ** 2 + 1e-9)
    for one in range(size):
        for other in range(size):
            if measured.conduit[one] in sets[other]:
                covariance[one, other] += sums[one]
            elif measured.conduit[other] in sets[one]:
                covariance[one, other] += sums[other]
    misfit = measured.value - [float(mean.loc[ids].to_numpy().sum()) for ids in above]
    duals = np.linalg.solve(covariance, misfit)
    push = pd.Series(0.0, index=mean.index)
    for ids, dual in zip(above, duals, strict=True):
        push.loc[ids] += dual
    return (mean + variance.mul(push, axis=0)).loc[start.index]


# Memory


# The peak of this very program: ru_maxrss would carry over that of the parent.
MEASURE = """
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) / 1024)
"""
OURS_ALONE = f"""
import sys
from wenqu.network.topology import topology
from wenqu.network.traces import upstream
from wenqu.store.database import open_store
network = open_store(sys.argv[1] + "/ours").network("example")
index = topology(network)
upstream(index, index.node(str(network.table("plant").ids[0])))
{MEASURE}
"""
PEER_ALONE = """
import sqlite3, sys
import networkx as nx, pandas as pd, shapely
frames, graph = {}, nx.DiGraph()
with sqlite3.connect(sys.argv[1] + "/peer.sqlite") as connection:
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        frames[name] = pd.read_sql('SELECT * FROM "' + name + '"', connection)
        frames[name]["geometry"] = shapely.from_wkb(frames[name]["geometry"].to_numpy())
for frame in frames.values():
    if "to_id" in frame:
        graph.add_edges_from(zip(frame["from_id"], frame["to_id"], strict=True))
nx.ancestors(graph, frames["plant"]["id"].iloc[0])
"""


def _memory(folder: Path, told: str) -> dict[str, object]:
    """Return the peaks of two processes that read the city, index it and trace from a plant. [MiB]"""
    peaks = []
    for code in (OURS_ALONE, PEER_ALONE + MEASURE):
        done = subprocess.run(
            [sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True
        )
        peaks.append(float(done.stdout))
    return _row(f"peak memory: read, index, trace, {told}", peaks[0], peaks[1], "MiB", 1)
