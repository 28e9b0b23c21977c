"""What is there and what lacks before a mended pipe of a city may be accepted?"""

import math
from collections.abc import Iterable

import numpy as np

from wenqu.diagnosis.grading import grade_conduit
from wenqu.network.model import Network, link_lengths
from wenqu.records.inspection import Inspection
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import worse_grade
from wenqu.services.grade_city import SLACK, segments
from wenqu.services.standing_inspections import withdrawn
from wenqu.services.works_ledger import Ledger, works_ledger
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store
from wenqu.store.records import Filing
from wenqu.works.gate import Evidence, Gate, Look, gate
from wenqu.works.tightness import Built

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
    there = ledger or works_ledger(store, state)
    places = there.places()
    place = places.get(asset)
    built = there.built(asset)
    tests = [one for one in there.closed_water if asset in one.assets]
    together = {asset, *(name for one in tests for name in one.assets)}
    methods = {name: spot[2].method for name, spot in places.items() if name in together}
    methods |= {one.asset: one.method for one in there.as_built if one.asset in together}
    looks = [pair for pair in looks_of(store, state).get(asset, ()) if pair[0].method == "cctv"]
    filed = {key: one.at[:10] for key, one in there.filed.items()}
    filed |= {("cctv", row.id): filing.at[:10] for row, filing in looks}
    return Evidence(
        asset,
        built.method if built else place[2].method if place else "",
        place[0].answerable(place[1]) if place else (),
        built,
        built_pipes(state.network, together),
        methods,
        [_look(state, row) for row, _ in looks],
        tests,
        there.material,
        there.hidden,
        filed,
    )


def _look(state: CityState, row: Inspection) -> Look:
    rules = condition_rules()
    table = state.network.table("conduit")
    mine = table.take(np.flatnonzero(table.ids == row.asset))
    pipe = segments(mine).get(row.asset)
    graded = (
        worse_grade(grade_conduit(pipe, row.defects, rules, slack=SLACK))
        if pipe and row.standard == rules.standard
        else 0
    )
    film = row.file or next((seen.film for seen in row.defects if seen.film), "")
    return Look(row.id, row.date[:10], row.length, graded, film)


def gate_of(store: Store, state: CityState, asset: str, ledger: Ledger | None = None) -> Gate:
    """Hold what was filed about one pipe against every requirement."""
    return gate(evidence_of(store, state, asset, ledger))
