"""What could a verification see? The meters to choose from, and what the history of one allows."""

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from wenqu.diagnosis.effect_null import AROUND, NullBand, bands, days_needed
from wenqu.diagnosis.effect_verdict import SETTLE
from wenqu.errors import NotEnoughData, UnknownAsset
from wenqu.records.verification import Verification
from wenqu.services.city_state import CityState
from wenqu.services.effect_records import FLOW, Meters, kept_flows, meters
from wenqu.services.register_effect import Wanted, check_wanted, made_verification
from wenqu.store.database import Store

EFFECTS = (0.05, 0.10, 0.15, 0.20, 0.30, 0.50)  # [-] for which the dry days are told
SILENT = 30  # [d] without a reading before the day that is shown
ANY = Wanted("", "", 0.0)


def judging_meters(store: Store, state: CityState) -> list[dict[str, Any]]:
    """Return the meters of flow that a verification can be registered at, the longest records first."""
    rows = [
        {"id": one.asset, "name": _name(state, one.asset), "since": one.first[:10], "until": one.last[:10],
         "days": _days(one.first, one.last)}
        for one in store.series_index(state.network.city.code)
        if one.quantity == FLOW and one.count
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["days"], row["id"]))


def view_bands(
    store: Store, state: CityState, meter: str, control: str = "", metric: str = "day", wanted: Wanted = ANY
) -> dict[str, Any]:
    """Return how large a change must be to be seen at a meter, by dry days.

    Parameters
    ----------
    wanted
        What would be registered; with a day of beginning and an expected change its terms are told, as they
        would be sealed.

    Raises
    ------
    NotEnoughData
        The meter has no readings of flow.
    BadInput
        A figure of what is wanted is out of its range.
    """
    found = meters(kept_flows(store, state, (meter, control)), meter, control, metric)
    begins = np.datetime64(wanted.begins) if wanted.begins else found.own.days[-1] + 1
    until = int(np.searchsorted(found.own.days, begins))
    known = bands(found.own, until, found.control)
    dry = float(found.own.dry.mean())
    return {
        "meter": meter,
        "control": control,
        "since": str(found.own.days[0]),
        "until": str(found.own.days[-1]),
        "dry_share": dry,
        "rain": found.gauged,
        "rows": [
            {"dry_days": one.dry_days, "kind": one.kind, "windows": one.windows,
             "half": one.half(wanted.rate), "needed": one.needed(wanted.rate, wanted.power),
             "share": one.share, "longest": one.longest}
            for one in known
        ],
        "ten_per_cent": days_needed(known, 0.1, wanted.rate, wanted.power),
        "needs": [_need(known, effect, wanted, dry) for effect in EFFECTS],
        "doubts": _doubts(found, known, state, control),
        **_terms(found, wanted, known, dry),
    }  # fmt: skip


def _need(known: tuple[NullBand, ...], effect: float, wanted: Wanted, dry: float) -> dict[str, Any]:
    days = days_needed(known, effect, wanted.rate, wanted.power)
    return {"effect": effect, "dry_days": days, "days": _calendar(days, dry)}


def _calendar(dry_days: int, dry: float) -> int:
    """Return in how many days after the works so many dry days usually come."""
    return math.ceil(dry_days / dry) + SETTLE if dry_days and dry > 0 else 0


def _terms(found: Meters, wanted: Wanted, known: tuple[NullBand, ...], dry: float) -> dict[str, Any]:
    """Return the terms that would be sealed, or why there are none: blind, history or nothing asked."""
    if not (wanted.begins and wanted.expected):
        return {"terms": None, "why": "", "least": None, "days": 0}
    check_wanted(wanted)
    least = min((band.needed(wanted.rate, wanted.power) for band in known), default=math.nan)
    told = {"least": least if math.isfinite(least) else None}
    try:
        made: Verification = made_verification(found, wanted)
    except NotEnoughData:
        return {"terms": None, "why": "blind" if known else "history", "days": 0, **told}
    return {"terms": asdict(made), "why": "", "days": _calendar(made.dry_days, dry), **told}


def _doubts(found: Meters, known: tuple[NullBand, ...], state: CityState, control: str) -> list[str]:
    """Return what whoever registers should know of the records."""
    said = []
    if known and known[0].kind == AROUND:
        said.append("short")
    if not found.gauged:
        said.append("no_rain")
    today = np.datetime64(state.network.as_of[:10] if state.network.as_of else _today())
    if today - found.own.days[-1] > np.timedelta64(SILENT, "D"):
        said.append("meter_stopped")
    if control and found.control is None:
        said.append("control_empty")
    elif found.control is not None and _lags(found):
        said.append("control_stopped")
    return said


def _lags(found: Meters) -> bool:
    """Tell whether the control has been silent for long while the meter went on reading."""
    beside = found.control
    assert beside is not None
    read = np.flatnonzero(np.isfinite(beside.flow).any(axis=1))
    return not len(read) or len(beside) - 1 - int(read[-1]) > SILENT


def _today() -> str:
    from wenqu.store.moments import now

    return now().date().isoformat()


def _days(first: str, last: str) -> int:
    if not first or not last:
        return 0
    return int((np.datetime64(last[:10]) - np.datetime64(first[:10])).astype(int)) + 1


def _name(state: CityState, id_: str) -> str:
    try:
        type_, row = state.network.find(id_)
    except UnknownAsset:
        return ""
    table = state.network.table(type_)
    return str(table.column("name")[row] or "") if "name" in table.fields else ""
