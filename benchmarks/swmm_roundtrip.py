"""SWMM files in and out, and runs before and after, against the bare engine and its own readers."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from wenqu.hydraulics.swmm.out import read_out
from wenqu.hydraulics.swmm.read import read_inp
from wenqu.hydraulics.swmm.run import run_swmm
from wenqu.hydraulics.swmm.write import write_inp
from wenqu.network.model import City

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CITY = City("benchmark")
LARGE = "bellinge-swmm/BellingeSWMM_v021_nopervious.inp"
# Too long for the tests: months of rain, gates under control, dynamic wave with pumps.
LONG = [
    "epa-swmm-nrt/examples/Example3.inp",
    "epa-swmm-nrt/update_v5111/events_example.inp",
    "epa-swmm-nrt/update_v5111/gate_control_2.inp",
    "epa-swmm-nrt/update_v5111/gate_control_3.inp",
    "swmmio-golden-rpt/model_state_plane.inp",
    "astlingen-swp/Astlingen_SWMM_RL_synthetic_year_2000.inp",
]
RUN = "from swmm.toolkit import solver; solver.swmm_run('m.inp', 'm.rpt', 'm.out')"
HEADS = """
import json, time
from swmm.toolkit import output
from swmm.toolkit.shared_enum import ElementType, NodeAttribute, Time
handle = output.init()
output.open(handle, "m.out")
started = time.perf_counter()
periods, nodes = output.get_times(handle, Time.NUM_PERIODS), output.get_proj_size(handle)[1]
for node in range(nodes):
    output.get_node_series(handle, node, NodeAttribute.HYDRAULIC_HEAD, 0, periods - 1)
seconds = time.perf_counter() - started
print(json.dumps(seconds))
"""


def row(name: str, ours: float, peer: float | None, unit: str, runs: int) -> dict[str, object]:
    """Return one measurement; the ratio is how many times better ours is."""
    faster = unit in {"s", "ms"}
    ratio = None if peer is None else peer / ours if faster else ours / peer
    return {"name": name, "ours": ours, "peer": peer, "ratio": ratio, "unit": unit, "runs": runs}


def best(action: Callable[[], object], runs: int) -> float:
    """Return the shortest time of several. [s]"""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return min(times)


def text_of(relative: str) -> str:
    return (DATA / relative).read_bytes().decode()


def measurements(quick: bool) -> Iterator[dict[str, object]]:
    """Yield the measurements; without the shared data there is nothing to measure."""
    if not DATA.is_dir():
        sys.exit(f"the published models are not in {DATA.name} beside the checkout")
    runs = 3 if quick else 7
    reading = read_inp(DATA / LARGE, CITY)
    yield row(
        "read Bellinge, 26,000 lines", best(lambda: read_inp(DATA / LARGE, CITY), runs), None, "s", runs
    )
    write = best(lambda: write_inp(reading.network, reading.model), runs)
    yield row("write Bellinge back", write, None, "s", runs)
    yield identical_files()
    yield from against_the_bare_engine("epa-swmm-nrt/examples/Example1.inp", runs)
    if not quick:
        yield identical_runs()


def identical_files() -> dict[str, object]:
    """Count the models that come out of import and export character by character."""
    models = [str(path.relative_to(DATA)) for path in DATA.rglob("*.inp") if "l-town" not in str(path)]
    same = 0
    for relative in models:
        reading = read_inp(DATA / relative, CITY)
        same += write_inp(reading.network, reading.model) == text_of(relative)
    return row("models identical after import and export", same, len(models), "files", 1)


def identical_runs() -> dict[str, object]:
    """Count the long models whose results are the same to the last bit before and after."""
    same = 0
    for relative in LONG:
        reading = read_inp(DATA / relative, CITY)
        files = {path.name: path for path in (DATA / relative).parent.iterdir()}
        before = run_swmm(text_of(relative), files).results.values
        after = run_swmm(write_inp(reading.network, reading.model), files).results.values
        same += all(np.array_equal(before[group], after[group]) for group in before)
    return row("long models with identical results", same, len(LONG), "models", 1)


def against_the_bare_engine(relative: str, runs: int) -> Iterator[dict[str, object]]:
    """Time a run and the reading of all heads against the engine and its reader in a bare process."""
    text = text_of(relative)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "m.inp").write_text(text, encoding="utf-8")

        def bare(script: str) -> bytes:
            return subprocess.run(
                [sys.executable, "-c", script], cwd=folder, check=True, capture_output=True
            ).stdout

        engine = best(lambda: bare(RUN), runs)
        yield row("run Example1, results in arrays", best(lambda: run_swmm(text), runs), engine, "s", runs)
        theirs = min(json.loads(bare(HEADS).splitlines()[0]) for _ in range(runs)) * 1000
        ours = best(lambda: read_out(folder / "m.out").node("head"), runs) * 1000
        yield row("read all heads of Example1", ours, theirs, "ms", runs)
