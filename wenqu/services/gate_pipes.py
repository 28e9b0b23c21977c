"""What is there and what lacks before a mended pipe of a city may be accepted?"""

import math
from collections.abc import Iterable
from typing import TypeVar

import numpy as np

from wenqu.diagnosis.grading import grade_conduit
from wenqu.diagnosis.grading_defects import Segment
from wenqu.network.model import Network, link_lengths
from wenqu.records.acceptance import ClosedWaterTest, HiddenWork, MaterialSample
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.grade_city import SLACK, segments
from wenqu.services.standing_inspections import withdrawn
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.standards.condition import ConditionRules, condition_rules
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.works.gate import Evidence, Gate, Look, gate
from wenqu.works.tightness import Built

Naming = TypeVar("Naming", MaterialSample, HiddenWork, ClosedWaterTest)
Looks = dict[str, list[tuple[Inspection, Filing]]]


def looks_of(store: Store, state: CityState) -> Looks:
    """Return every look into each conduit with its filing, in the order they were filed."""
    city, moment = state.network.city.code, state.network.as_of or None

    def read() -> Looks:
        made: Looks = {}
        gone = withdrawn(store, city, moment)
        for row, filing in store.filed(city, "inspection", Inspection, moment):
            if row.looked_inside and row.id not in gone:
                made.setdefault(row.asset, []).append((row, filing))
        return made

    return state.once(f"looks {store.sees_all(city)}", read)


def built_pipes(network: Network, ids: Iterable[str]) -> dict[str, Built]:
    """Return conduits as they lie in the network, those that are there."""
    table = network.table("conduit")
    place = {str(name): row for row, name in enumerate(table.ids)}
    rows = [place[name] for name in dict.fromkeys(ids) if name in place]
    some = table.take(np.array(rows, dtype=np.int64))
    lengths, heights = link_lengths(some), some.column("height")
    materials, systems = some.column("material"), some.column("system")
    return {
        str(name): Built(
            str(name),
            float(lengths[row]),
            float(heights[row]) if heights[row] is not None else math.nan,
            str(materials[row] or ""),
            str(systems[row] or ""),
        )
        for row, name in enumerate(some.ids)
    }


def evidence_of(store: Store, state: CityState, asset: str, ledger: Ledger | None = None) -> Evidence:
    """Return everything that was filed about the works on one pipe."""
    return evidences_of(store, state, [asset], ledger)[asset]


def evidences_of(
    store: Store, state: CityState, assets: Iterable[str], ledger: Ledger | None = None, on: str = ""
) -> dict[str, Evidence]:
    """Return everything that was filed about the works on some pipes; ``on``: looks up to that ISO day."""
    there = ledger or works_ledger(store, state)
    wanted = list(dict.fromkeys(assets))
    places, seen = there.places(), looks_of(store, state)
    tests, samples, hidden = by_pipe(there.closed_water), by_pipe(there.material), by_pipe(there.hidden)
    built = {one.asset: one for one in there.as_built}
    together = {
        asset: {asset, *(name for one in tests.get(asset, ()) for name in one.assets)} for asset in wanted
    }
    pipes = built_pipes(state.network, [name for some in together.values() for name in some])
    looks = {
        asset: [
            (row, filing)
            for row, filing in seen.get(asset, ())
            if row.method == "cctv" and (not on or row.date[:10] <= on)
        ]
        for asset in wanted
    }
    graded = graded_looks(state, [row for some in looks.values() for row, _ in some])
    filed = {key: one.at[:10] for key, one in there.filed.items()}
    filed |= {("cctv", row.id): filing.at[:10] for some in looks.values() for row, filing in some}

    def method(name: str) -> str:
        return built[name].method if name in built else places[name][2].method if name in places else ""

    def evidence(asset: str) -> Evidence:
        place = places.get(asset)
        return Evidence(
            asset,
            method(asset),
            place[0].answerable(place[1]) if place else (),
            built.get(asset),
            {name: pipes[name] for name in together[asset] if name in pipes},
            {name: method(name) for name in together[asset] if method(name)},
            [graded[row.id] for row, _ in looks[asset]],
            tests.get(asset, ()),
            samples.get(asset, ()),
            hidden.get(asset, ()),
            filed,
        )

    return {asset: evidence(asset) for asset in wanted}


def by_pipe(records: Iterable[Naming]) -> dict[str, list[Naming]]:
    """Return the proofs that name each pipe, in the order they were filed."""
    made: dict[str, list[Naming]] = {}
    for one in records:
        for name in dict.fromkeys(one.assets):
            made.setdefault(name, []).append(one)
    return made


def graded_looks(state: CityState, rows: Iterable[Inspection]) -> dict[str, Look]:
    """Return some looks of a camera with the worse of their grades, by id; 0 where nobody can tell."""
    some = list(rows)
    rules, table = condition_rules(), state.network.table("conduit")
    pipes = segments(table.take(np.flatnonzero(np.isin(table.ids, list({row.asset for row in some})))))
    return {row.id: _look(row, pipes.get(row.asset), rules) for row in some}


def _look(row: Inspection, pipe: Segment | None, rules: ConditionRules) -> Look:
    known = pipe is not None and row.standard == rules.standard
    graded = worse_grade(grade_conduit(pipe, row.defects, rules, slack=SLACK)) if pipe and known else 0
    film = row.file or next((seen.film for seen in row.defects if seen.film), "")
    return Look(row.id, row.date[:10], row.length, graded, film)


def gate_of(store: Store, state: CityState, asset: str, ledger: Ledger | None = None) -> Gate:
    """Hold what was filed about one pipe against every requirement."""
    return gate(evidence_of(store, state, asset, ledger))
