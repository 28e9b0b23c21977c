"""A click in the queue of a city: the repair of one row, checked around it, against the check of everything.

Both sides tell which doubts the same edits settle; the whole click (repair found, checked, written, sealed)
has a row of its own with the goal beside it.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import _census_city

from wenqu.network.staging import with_edits
from wenqu.network.surroundings import Surroundings
from wenqu.services.city_state import Cities
from wenqu.services.decide_queue import decide
from wenqu.services.import_network import import_network
from wenqu.services.rights import LOCAL
from wenqu.services.settled_rows import settled_around, settled_rows
from wenqu.services.waiting_rows import repairs_from
from wenqu.store.database import Store, open_store
from wenqu.store.waiting import Sought

GOAL = 0.2  # [s]
RULES = ("geometry.crossing", "geometry.end-misses")


def measurements(*, quick: bool) -> Iterator[dict[str, object]]:
    pipes, runs = (20_000, 5) if quick else (100_000, 9)
    place = Path(tempfile.mkdtemp(prefix="wenqu-click-"))
    store = open_store(place)
    try:
        import_network(store, _census_city.delivery(pipes) / "city.gpkg", "S", who="benchmark", why="census")
        yield _settling(store, pipes, runs)
        yield from (_click(store, pipes, rule, runs) for rule in RULES)
    finally:
        store.close()
        shutil.rmtree(place, ignore_errors=True)


def _settling(store: Store, pipes: int, runs: int) -> dict[str, object]:
    """Measure which doubts a repair settles: looked at around it, and everywhere."""
    network = store.network("S")
    rows = store.waiting("S", Sought(rule=RULES[0]))[:runs]
    taken: tuple[list[float], list[float]] = ([], [])
    for row in rows:
        edits = repairs_from(row.body["proposals"])[0].edits
        start = time.perf_counter()
        ours = settled_around(store, Surroundings(network), edits)
        taken[0].append(time.perf_counter() - start)
        start = time.perf_counter()
        theirs = settled_rows(store, with_edits(network, edits))
        taken[1].append(time.perf_counter() - start)
        if not ours or ours != theirs:
            raise ArithmeticError(f"the two sides differ: {ours} and {theirs}")
    here, whole = (statistics.median(times) for times in taken)
    return _row(f"what a repair settles, {pipes:,} pipes, all checked", here, whole, len(rows))


def _click(store: Store, pipes: int, rule: str, runs: int) -> dict[str, object]:
    """Measure a click with all that belongs to it: the city brought up to date, repaired, written, sealed."""
    cities = Cities(store)
    times = []
    rows = store.waiting("S", Sought(rule=rule))
    for row in rows[-runs - 1 :]:
        start = time.perf_counter()
        done = decide(cities, "S", {"act": "repair", "ids": [row.id]}, LOCAL)
        times.append(time.perf_counter() - start)
        if done.repaired != (row.id,):
            raise ArithmeticError("the row was not repaired")
    return _row(f"a click on {rule}, {pipes:,} pipes, goal", statistics.median(times[1:]), GOAL, runs)


def _row(name: str, ours: float, peer: float, runs: int) -> dict[str, object]:
    return {"name": name, "ours": ours, "peer": peer, "ratio": peer / ours, "unit": "s", "runs": runs}
