"""A city's delivery read, checked and kept, against geopandas, pyogrio and PostGIS.

Reading is measured to columns of SI values and our codes; the peers stop at what stands in the file. Texts
that are as they should be stay in Arrow's memory on both sides until somebody asks for them. The
whole import is every step from the file to a store with history and indexes, all rules checked; the peer
reads with geopandas, snaps the ends of pipes to nodes with SciPy and writes to PostGIS by COPY with a GiST
index, and checks nothing. Memory is the peak of a process of its own.
"""

import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import _census_city
import geopandas
import numpy as np
import pyogrio
import shapely
from _postgres import postgres
from scipy.spatial import cKDTree

from wenqu.network.formats.reading import read_geofile
from wenqu.store.database import open_store

SERVER = "fsync = on\nsynchronous_commit = on\nmax_wal_size = 8GB\nmaintenance_work_mem = 256MB\n"


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    pipes, runs = (100_000, 3) if quick else (1_000_000, 5)
    folder = _census_city.delivery(pipes)
    read_geofile(_census_city.delivery(20_000) / "pipes.gpkg")  # the first call compiles the kernels;
    read_geofile(_census_city.delivery(20_000) / "pipes.shp")  # that is not what is asked here
    told = f"to checked columns, {pipes:,} pipes"
    yield {**_read(f"GeoPackage {told}", folder / "pipes.gpkg", _geopandas, runs), "target": "≥ 4"}
    yield {**_read(f"Shapefile (GBK) {told}", folder / "pipes.shp", _pyogrio, runs), "target": "≥ 3"}
    yield from _whole(folder, pipes, 1)


def _read(name: str, path: Path, peer: Callable[[Path], tuple[int, float]], runs: int) -> dict[str, object]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        answers = []
        for task, kept in zip((_ours, peer), taken, strict=True):
            start = time.perf_counter()
            count, length = task(path)
            kept.append(time.perf_counter() - start)
            answers.append((count, round(length, 3)))
        if answers[0] != answers[1]:
            raise ArithmeticError(f"the two sides differ: {name}")
    ours, other = (statistics.median(times) for times in taken)
    return _row(name, ours, other, "s", runs)


def _ours(path: Path) -> tuple[int, float]:
    table = read_geofile(path).tables["conduit"]
    return len(table), float(table.column("length").sum())


def _geopandas(path: Path) -> tuple[int, float]:
    frame = geopandas.read_file(path, use_arrow=True)
    return len(frame), float(frame["PipeLength"].sum())


def _pyogrio(path: Path) -> tuple[int, float]:
    _, table = pyogrio.read_arrow(path, encoding=_census_city.GBK)
    return table.num_rows, float(table["PipeLength"].to_numpy().sum())


def _row(name: str, ours: float, peer: float, unit: str, runs: int) -> dict[str, object]:
    return {"name": name, "ours": ours, "peer": peer, "ratio": peer / ours, "unit": unit, "runs": runs}


# The whole import

OURS = """
import sys, time
from pathlib import Path
from wenqu.services.import_network import import_network
from wenqu.store.database import open_store
import _census_city
small = open_store(sys.argv[2] + "/small")
import_network(small, _census_city.delivery(20_000) / "city.gpkg", "warm", who="benchmark", why="kernels")
start = time.perf_counter()
store = open_store(sys.argv[2] + "/ours")
import_network(store, Path(sys.argv[1]) / "city.gpkg", "S", who="benchmark", why="census")
print(time.perf_counter() - start)
"""
PEER = """
import sys, time
import census_import
from pathlib import Path
start = time.perf_counter()
census_import.to_postgis(Path(sys.argv[1]) / "city.gpkg", sys.argv[2])
print(time.perf_counter() - start)
"""
# The peak of this very program: ru_maxrss would carry over that of the parent.
MEASURE = """
for line in open("/proc/self/status"):
    if line.startswith("VmHWM"):
        print(int(line.split()[1]) / 1024)
"""


def _whole(folder: Path, pipes: int, runs: int) -> Iterator[dict[str, object]]:
    told = f"{pipes:,} pipes and nodes"
    place = Path(tempfile.mkdtemp(prefix="wenqu-import-"))
    try:
        with postgres(SERVER) as address:
            ours = [_alone(OURS, folder, str(place / str(run))) for run in range(runs)]
            peer = [_alone(PEER, folder, address) for _ in range(runs)]
        store = open_store(place / "0" / "ours")
        kept = sum(len(table) for table in store.network("S").tables.values())
        store.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    delivered = sum(
        pyogrio.read_info(folder / "city.gpkg", layer=name)["features"] for name in _layers(folder)
    )
    if kept != delivered:
        raise ArithmeticError(f"{delivered} assets were delivered and {kept} are kept")
    yield _row(f"whole import, {told}", _middle(ours, 0), _middle(peer, 0), "s", runs)
    yield _row(f"peak memory of it, {told}", _middle(ours, 1), _middle(peer, 1), "MiB", runs)


def _layers(folder: Path) -> list[str]:
    return [str(name) for name, _ in pyogrio.list_layers(folder / "city.gpkg")]


def _middle(taken: list[tuple[float, float]], which: int) -> float:
    return statistics.median(entry[which] for entry in taken)


def _alone(code: str, folder: Path, where: str) -> tuple[float, float]:
    """Return seconds and peak memory of a program of its own. [s, MiB]"""
    here = str(Path(__file__).resolve().parent)
    done = subprocess.run(
        [sys.executable, "-c", code + MEASURE, str(folder), where],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{here}:{os.environ.get('PYTHONPATH', '')}"},
    )
    seconds, peak = done.stdout.split()[-2:]
    return float(seconds), float(peak)


def to_postgis(path: Path, address: str) -> None:
    """Read, snap and write as a Python engineer would with geopandas and PostGIS."""
    import psycopg

    pipes = geopandas.read_file(path, layer="PS_PIPE", use_arrow=True)
    nodes = geopandas.read_file(path, layer="PS_POINT", use_arrow=True)
    places = shapely.get_coordinates(nodes.geometry.to_numpy())
    coords, owner = shapely.get_coordinates(pipes.geometry.to_numpy(), return_index=True)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    last = np.append(first[1:], len(owner)) - 1
    tree = cKDTree(places)
    for ends in (first, last):
        far, near = tree.query(coords[ends], distance_upper_bound=0.1)
        hit = np.isfinite(far)
        coords[ends[hit]] = places[near[hit]]
    pipes.geometry = shapely.linestrings(coords, indices=owner)
    with psycopg.connect(address) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        for name, frame in (("pipe", pipes), ("node", nodes)):
            _copied(connection, name, frame)


def _copied(connection: object, name: str, frame: geopandas.GeoDataFrame) -> None:
    columns = [column for column in frame.columns if column != "geometry"]
    kinds = {column: "double precision" if frame[column].dtype.kind in "fi" else "text" for column in columns}
    made = ", ".join(f'"{column}" {kind}' for column, kind in kinds.items())
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} ({made}, geometry geometry)")
    plain = frame[columns].assign(
        geometry=shapely.to_wkb(
            shapely.set_srid(frame.geometry.to_numpy(), 4549), hex=True, include_srid=True
        )
    )
    text = io.StringIO()
    plain.to_csv(text, index=False, header=False, sep="\t", na_rep="\\N")
    with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
        copy.write(text.getvalue())
    connection.execute(f"CREATE INDEX {name}_geometry ON {name} USING gist (geometry)")
    connection.execute(f'CREATE UNIQUE INDEX {name}_id ON {name} ("{columns[0]}")')
