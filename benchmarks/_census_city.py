"""The delivery that the benchmarks of the census share: a made-up city of any size, kept in temporary files.

Nodes lie 30 m apart on a shaken grid and drain to twenty plants by the cheapest way through streets of
uneven cost, so that the trees are deep and uneven as real ones; levels and sizes suit the water.
Identities are shuffled: no order in the file helps anybody. A pipe is a line of three points; of the ends
10 % miss their node by less than 5 cm and 0.5 % by 0.3 to 5 m. Columns and codes are those of the
Shenzhen PS tables, thirteen of each pipe.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

VERSION = 2  # of what is written below: another one is made anew
CRS = "EPSG:4549"
PLANTS = 20
SIZES = [300.0, 400.0, 500.0, 600.0, 800.0, 1000.0, 1500.0, 2000.0]  # [mm]
ENOUGH = [10, 30, 100, 300, 1000, 5000, 20_000]  # pipes above up to which each size does
GBK = "GBK"  # what survey firms still deliver


@dataclass(frozen=True)
class CensusCity:
    """The trees of the city, before they become files."""

    node_ids: np.ndarray
    places: np.ndarray  # (n, 2) [m]
    plants: np.ndarray  # rows of the plants
    pipe_ids: np.ndarray
    start: np.ndarray  # row of the upper node of each pipe
    end: np.ndarray
    lines: np.ndarray  # (m, 3, 2) [m]
    invert: np.ndarray  # of the nodes [m]
    ground: np.ndarray  # of the nodes [m]
    size: np.ndarray  # of the pipes [mm]


def census_city(pipes: int) -> CensusCity:
    """Return a city of about so many pipes, always the same."""
    draw = np.random.default_rng(3)
    side = int(np.ceil(np.sqrt(pipes)))
    size = side * side
    column, row = np.divmod(np.arange(size), side)
    places = np.column_stack([column, row]) * 30.0 + draw.uniform(-8, 8, (size, 2)) + [500000.0, 3170000.0]
    plants = draw.choice(size, PLANTS, replace=False)
    start, end, order_down = _forest(draw, side, plants)
    middle = (places[start] + places[end]) / 2 + draw.uniform(-2, 2, (len(start), 2))
    lines = np.stack([places[start], middle, places[end]], axis=1)
    invert, above = _levels(places, start, end, order_down)
    ground = invert + draw.uniform(1.8, 5.0, size)
    diameter = np.array(SIZES)[np.searchsorted(ENOUGH, above)]
    for which in (0, 2):
        lines[:, which] += _misses(draw, len(start))
    order = draw.permutation(size)  # identities say nothing about where a node lies
    node_ids = np.char.add("WS", np.char.zfill(order.astype(str), 7)).astype(object)
    shuffled = draw.permutation(len(start))
    pipe_ids = np.char.add("GD", np.char.zfill(shuffled.astype(str), 7)).astype(object)
    return CensusCity(node_ids, places, plants, pipe_ids, start, end, lines, invert, ground, diameter)


def _forest(
    draw: np.random.Generator, side: int, plants: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return both nodes of every pipe (the cheapest ways to a plant), and the order from there."""
    grid = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.stack([grid[1:], grid[:-1]], -1).reshape(-1, 2),
            np.stack([grid[:, 1:], grid[:, :-1]], -1).reshape(-1, 2),
        ]
    )
    cost = draw.exponential(1.0, len(pairs)) ** 2 + 0.01
    graph = csr_matrix((cost, pairs.T), shape=(side * side,) * 2)
    cost, before, _ = dijkstra(graph, directed=False, indices=plants, min_only=True, return_predecessors=True)
    start = np.flatnonzero(before >= 0)
    return start, before[start].astype(np.int64), np.argsort(cost[start])


def _levels(
    places: np.ndarray, start: np.ndarray, end: np.ndarray, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the invert of every node, rising 1 in 1000 from the plants, and the pipes above each pipe."""
    lengths = np.hypot(*(places[start] - places[end]).T).tolist()
    invert, above = [2.0] * len(places), [0] * len(places)
    starts, ends = start.tolist(), end.tolist()
    for pipe in order.tolist():  # from the plants up
        invert[starts[pipe]] = invert[ends[pipe]] + 0.001 * lengths[pipe]
    for pipe in order[::-1].tolist():  # and down again
        above[ends[pipe]] += above[starts[pipe]] + 1
    return np.round(invert, 3), np.array(above)[start]


def _misses(draw: np.random.Generator, size: int) -> np.ndarray:
    """Return by how much each end misses its node. [m]"""
    kind = draw.random(size)
    reach = np.where(kind < 0.10, draw.uniform(0, 0.05, size), 0.0)
    reach = np.where(kind > 0.995, draw.uniform(0.3, 5.0, size), reach)
    angle = draw.uniform(0, 2 * np.pi, size)
    return reach[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def pipe_table(city: CensusCity) -> pa.Table:
    """Return the table of pipes as a firm writes it, geometry as well-known binary."""
    draw = np.random.default_rng(4)
    size = len(city.start)
    lengths = np.hypot(*np.diff(city.lines, axis=1).transpose(2, 0, 1)).sum(axis=1)
    built = draw.integers(1978, 2024, size).astype(str)
    return pa.table(
        {
            "Lno": city.pipe_ids,
            "S_Point": city.node_ids[city.start],
            "E_Point": city.node_ids[city.end],
            "Type": np.full(size, "污水", dtype=object),
            "Material": _one_of(draw, size, ["钢筋混凝土", "HDPE", "PVC", "球墨铸铁", "陶土"]),
            "PSize": city.size,
            "PipeLength": np.round(lengths, 2),
            "In_Elev": city.invert[city.start],
            "Out_Elev": city.invert[city.end],
            "Address": _one_of(draw, size, [f"第{number}大道" for number in range(1, 800)]),
            "Belong": _one_of(draw, size, ["市排水公司", "东区水务局", "西区水务局"]),
            "Sdate": _one_of(
                draw, size, [f"2025-{month:02d}-{day:02d}" for month in (3, 4, 5) for day in range(1, 29)]
            ),
            "Mdate": np.char.add(built, "-06-30").astype(object),
            "geometry": shapely.to_wkb(shapely.linestrings(city.lines)),
        }
    )


def node_table(city: CensusCity, rows: np.ndarray) -> pa.Table:
    """Return the table of some nodes."""
    draw = np.random.default_rng(5)
    return pa.table(
        {
            "Exp_No": city.node_ids[rows],
            "Type": np.full(len(rows), "污水", dtype=object),
            "High": np.round(city.ground[rows], 3),
            "WellDeep": np.round(city.ground[rows], 3) - city.invert[rows],
            "Address": _one_of(draw, len(rows), [f"第{number}大道" for number in range(1, 800)]),
            "geometry": shapely.to_wkb(shapely.points(city.places[rows])),
        }
    )


def _one_of(draw: np.random.Generator, size: int, values: list[str]) -> np.ndarray:
    return np.array(values, dtype=object)[draw.integers(0, len(values), size)]


def delivery(pipes: int) -> Path:
    """Return the folder with ``pipes.gpkg``, ``pipes.shp`` and ``city.gpkg`` of a city of so many pipes."""
    folder = Path(tempfile.gettempdir()) / f"wenqu-census-{VERSION}-{pipes}"
    if folder.is_dir():
        return folder
    making = Path(tempfile.mkdtemp(prefix="wenqu-census-"))
    city = census_city(pipes)
    table = pipe_table(city)
    _write(making / "pipes.gpkg", "PS_PIPE", table, "LineString")
    _write(making / "pipes.shp", "pipes", table, "LineString", encoding=GBK)
    _write(making / "city.gpkg", "PS_PIPE", table, "LineString")
    wells = np.setdiff1d(np.arange(len(city.places)), city.plants)
    _write(making / "city.gpkg", "PS_POINT", node_table(city, wells), "Point")
    works = node_table(city, city.plants).select(["Exp_No", "geometry"]).rename_columns(["id", "geometry"])
    _write(making / "city.gpkg", "污水厂", works, "Point")
    try:
        making.rename(folder)
    except OSError:  # another run was quicker
        shutil.rmtree(making)
    return folder


def _write(path: Path, layer: str, table: pa.Table, shape: str, **options: str) -> None:
    pyogrio.write_arrow(
        table,
        path,
        layer=layer,
        geometry_name="geometry",
        geometry_type=shape,
        crs=CRS,
        append=path.exists(),
        **options,
    )
