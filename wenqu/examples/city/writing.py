"""How does the example city get into a store, and its truth beside it?"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from wenqu.errors import Refused
from wenqu.examples.city.sampled import end_members
from wenqu.examples.city.truth import write_truth
from wenqu.examples.city.whole import CITY, ExampleCity, example_city
from wenqu.network.model import City
from wenqu.network.schema import asset_types
from wenqu.progress import Progress, silent
from wenqu.series.model import Series
from wenqu.store.accounts import GrantRow
from wenqu.store.database import Store

END_MEMBERS = "endmembers.csv"
RECIPE = "example.json"  # what an example was made from; tells it from a city that somebody entered
READINGS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class ExampleSummary:
    """What was built, or had been built before."""

    city: str
    seed: int
    existed: bool
    conduits: int
    assets: int
    inspections: int
    series: int
    readings: int
    truth: str  # folder of the truth, "" when it was not written
    seconds: float  # [s]


def write_example(
    store: Store,
    *,
    conduits: int = 6000,
    seed: int = 1,
    city: str = CITY.code,
    truth_folder: Path | None = None,
    who: str = "example",
    progress: Progress = silent,
) -> ExampleSummary:
    """Build the example city into a store; what an earlier call has written stays as it is.

    Parameters
    ----------
    conduits
        Size of the city, 600 to 1,000,000.
    city
        Code it gets in the store.
    truth_folder
        Where the truth goes, outside the store: no method reads it. None leaves it unwritten.

    Raises
    ------
    Refused
        The store has a city of that code that is no example, or one of another size or seed.
    """
    start = perf_counter()
    existed = _known(store, city, _recipe(conduits, seed))
    made = example_city(conduits, seed)
    progress(0.1)
    if not existed:
        write_city(store, replace(CITY, code=city), made, who)
        store.accounts.grant(GrantRow(f"example-{city}", "", "public_reader", city, "", ""), who)  # no secret
    progress(0.4)
    if truth_folder is not None:
        write_truth(made, truth_folder)
    series, readings = write_readings(store, city, made, days_of(conduits), progress)
    progress(1.0)
    return ExampleSummary(
        city,
        seed,
        existed,
        len(made.network.table("conduit")),
        sum(len(table) for table in made.network.tables.values()),
        int(made.inspected.sum()),
        series,
        readings,
        "" if truth_folder is None else str(truth_folder),
        perf_counter() - start,
    )


def _recipe(conduits: int, seed: int) -> bytes:
    return json.dumps({"conduits": conduits, "seed": seed}).encode()


def _known(store: Store, city: str, recipe: bytes) -> bool:
    """Return whether the store has this very example."""
    if city not in {known.code for known in store.cities()}:
        return False
    found = store.document(city, RECIPE)
    if found is None:
        raise Refused("example-real-city", city=city)
    if found != recipe:
        raise Refused("example-other", city=city, found=found.decode(), asked=recipe.decode())
    return True


def days_of(conduits: int) -> int:
    """Return how many days of readings a city of that size gets: a year, less where meters are thousands."""
    return 365 if conduits <= 20_000 else (90 if conduits <= 200_000 else 14)


def write_city(store: Store, city: City, made: ExampleCity, who: str) -> None:
    """Write assets, inspections and documents in one change."""
    recipe = _recipe(made.asked, made.seed)
    with store.change(city.code, who=who, why="example") as change:
        change.put_city(city)
        for name in asset_types():
            if name in made.network.tables:
                change.put(made.network.tables[name])
        change.add_records("inspection", made.inspections)
        change.write_document(END_MEMBERS, end_members(made.seed).encode(), "text/csv")
        change.write_document(RECIPE, recipe, "application/json")


def write_readings(
    store: Store, city: str, made: ExampleCity, days: int, progress: Progress
) -> tuple[int, int]:
    """Write the last ``days`` of readings unless they are there; return how many series and readings are."""
    there = {(entry.asset, entry.quantity) for entry in store.series_index(city)}
    whole = made.series_count
    if len(there) < whole:
        done = 0
        for batch in _batches(made.series(days)):
            store.write_series(city, batch)
            done += len(batch)
            progress(0.4 + 0.6 * min(done / whole, 1.0))
    index = store.series_index(city)
    return len(index), sum(entry.count for entry in index)


def _batches(rows: Iterator[Series]) -> Iterator[list[Series]]:
    batch: list[Series] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row)
        if size >= READINGS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
