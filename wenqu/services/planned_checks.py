"""How will it be seen whether the works of a programme worked: which meter, which null band, from when?"""

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from wenqu.diagnosis.effect_verdict import SETTLE
from wenqu.errors import NotEnoughData, UnknownAsset
from wenqu.network.traces import nodes_above
from wenqu.records.programme import Measure
from wenqu.records.verification import Judgement, Verification
from wenqu.services import filed_records
from wenqu.services.city_state import CityState
from wenqu.services.effect_ledger import EffectLedger, effect_ledger
from wenqu.services.effect_records import FLOW, Read, kept_flows, meters
from wenqu.services.plant_inflow import SPAN, daily
from wenqu.services.register_effect import Wanted, made_verification
from wenqu.services.view_diagnosis import plant_below
from wenqu.services.view_figures import day_of
from wenqu.store.database import Store

PROPOSED = 3  # meters: those above most of the planned works


@dataclass(frozen=True, slots=True)
class Registered:
    """A verification that was registered, with its verdict when there is one."""

    terms: Verification
    filed: str  # ISO time
    verdict: Judgement | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A meter at which works of the programme could be judged."""

    meter: str
    begins: str  # ISO date: the first year in which something is done above it
    removed: float  # [m³/s] above the meter in that year
    flow: float  # [m³/s] mean of its last year
    threshold: float  # [-] change that must be undercut; NaN when nothing would be seen
    dry_days: int
    days: int  # [d] in which so many dry days usually come
    why: str  # "", blind, history, or no_flow


def ledger_of(store: Store, state: CityState) -> EffectLedger:
    """Return the verifications of a city, read once for a state."""
    code, moment = state.network.city.code, state.network.as_of or None
    return state.once(f"effects {store.sees_all(code)}", lambda: effect_ledger(store, code, moment))


def registered_above(store: Store, state: CityState, plant: str) -> tuple[Registered, ...]:
    """Return the verifications at meters whose water comes to a plant."""
    below = plant_below(state)
    return _registered(ledger_of(store, state), lambda one: below.get(_place(state, one.asset)) == plant)


def registered_in(store: Store, state: CityState, district: str) -> tuple[Registered, ...]:
    """Return the verifications at meters of a district."""
    return _registered(ledger_of(store, state), lambda one: _district(state, one.asset) == district)


def _registered(ledger: EffectLedger, fits: Any) -> tuple[Registered, ...]:
    rows = [
        Registered(one, ledger.filed.get(one.id, ""), ledger.judged.get(one.id))
        for one in ledger.verifications.values()
        if fits(one)
    ]
    return tuple(sorted(rows, key=lambda row: (row.terms.begins, row.terms.id)))


def proposed_checks(
    store: Store, state: CityState, measures: Sequence[Measure], taken: Collection[str]
) -> tuple[Proposed, ...]:
    """Return the meters nearest to most of the planned works, with the band that their history tells.

    Parameters
    ----------
    taken
        Meters at which a verification is registered already.
    """
    found = filed_records.posterior(store, state)
    if found is None:
        return ()
    area = dict(zip(found.ids.tolist(), found.area.tolist(), strict=True))
    sums: defaultdict[str, float] = defaultdict(float)
    for one in measures:
        for name in one.asset.split("|"):
            meter = area.get(name, "")
            if meter and meter not in taken:
                sums[meter] += one.flow_removed / (one.asset.count("|") + 1)
    most = sorted((meter for meter in sums if sums[meter] > 0), key=lambda meter: (-sums[meter], meter))
    chosen = {meter: _reader(store, state, meter) for meter in most[:PROPOSED]}
    read = kept_flows(store, state, set(chosen.values()))  # a day is a file: all are read at once
    return tuple(
        _proposed(state, reader, measures, read, _above(state, meter)) for meter, reader in chosen.items()
    )


def _proposed(
    state: CityState, meter: str, measures: Sequence[Measure], read: Read, above: set[str]
) -> Proposed:
    mine = [one for one in measures if any(name in above for name in one.asset.split("|"))]
    first = min((one.window for one in mine), default="")
    removed = math.fsum(one.flow_removed for one in mine if one.window == first)
    after = (date.fromisoformat(day_of(state)) + timedelta(days=1)).isoformat()  # it is registered before
    begins = max(f"{first[:4]}-01-01", after) if first[:4].isdigit() else ""
    flow = _flow(read, meter)
    nothing = Proposed(meter, begins, removed, flow, math.nan, 0, 0, "no_flow")
    if not flow > 0 or not begins:
        return nothing
    found = meters(read, meter)
    dry = float(found.own.dry.mean())
    try:
        made = made_verification(found, Wanted(meter, begins, min(max(removed / flow, 1e-3), 0.95)))
    except NotEnoughData as lacking:
        why = "blind" if lacking.reason == "verification-blind" else "history"
        return replace(nothing, why=why)
    days = math.ceil(made.dry_days / dry) + SETTLE if dry > 0 else 0
    return Proposed(meter, begins, removed, flow, made.threshold_alone, made.dry_days, days, "")


def _above(state: CityState, meter: str) -> set[str]:
    """Return the ids of the conduits and nodes whose water passes a meter."""
    topology = state.topology
    node, link = topology.find(_place(state, meter))
    start = int(topology.link_from[link]) if link >= 0 else node
    if start < 0:
        return set()
    nodes = nodes_above(topology, start)
    there = np.zeros(len(topology.node_ids) + 1, dtype=np.bool_)
    there[nodes] = True
    names = {str(topology.node_ids[one]) for one in nodes}
    names |= {str(id_) for id_ in topology.link_ids[there[topology.link_from]]}
    return names | {_place(state, meter)}


def _place(state: CityState, meter: str) -> str:
    """Return what a meter is on; the meter itself when it is no meter of the network."""
    table = state.network.table("meter")
    at = state.once("meter rows", lambda: {str(id_): row for row, id_ in enumerate(table.ids)}).get(meter)
    return meter if at is None else str(table.column("on_id")[at] or meter)


def _district(state: CityState, meter: str) -> str:
    try:
        type_, row = state.network.find(_place(state, meter))
    except UnknownAsset:
        return ""
    table = state.network.table(type_)
    return str(table.column("district")[row] or "") if "district" in table.fields else ""


def _reader(store: Store, state: CityState, meter: str) -> str:
    """Return under which id a meter's flow is kept: its own, else that of what it is on."""
    code = state.network.city.code
    read = state.once(
        f"flow readers {store.sees_all(code)}",
        lambda: {one.asset for one in store.series_index(code) if one.quantity == FLOW},
    )
    place = _place(state, meter)
    return place if meter not in read and place in read else meter


def _flow(read: Read, meter: str) -> float:
    """Return the mean flow of the last year of a meter, NaN without readings. [m³/s]"""
    if meter not in read.flow:
        return math.nan
    days, flows = daily(read.flow[meter])
    return float(flows[days > days[-1] - SPAN].mean()) if len(days) else math.nan
