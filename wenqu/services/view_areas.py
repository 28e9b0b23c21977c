"""Where does the water get in and out, by area between meters: as the page shows it."""

from collections import defaultdict

import numpy as np

from wenqu.diagnosis.posterior_findings import METHOD
from wenqu.errors import UnknownAsset
from wenqu.network.model import link_lengths
from wenqu.records.finding import Finding
from wenqu.services.city_state import CityState
from wenqu.services.filed_records import findings, posterior
from wenqu.services.view_diagnosis import contradicts, named
from wenqu.store.database import Store
from wenqu.units import from_si

WATERS = ("extraneous", "groundwater", "river", "missing")
PREFIX, SERIES = "area_", "series:"
KM = 1000.0


def view_areas(store: Store, state: CityState) -> dict[str, object]:
    """Return every area with its waters, intervals and shares, the fit of its meter and its evidence.

    Flows in m³/d. An area ends at a meter and begins at the next meters above; what lies above no meter is
    told as a length alone.
    """
    lengths = _lengths(store, state)
    told: defaultdict[tuple[str, str], dict[str, Finding]] = defaultdict(dict)
    notes: dict[str, None] = {}
    inputs: dict[str, None] = {}
    for row in findings(store, state):
        if row.method == METHOD:
            told[row.asset_type, row.asset][row.quantity] = row
            inputs |= dict.fromkeys(row.inputs)
            notes |= dict.fromkeys(note for note in row.notes if note.startswith("diagnosis.identify."))
    areas = [
        _area(state, type_, id_, rows, lengths.get(id_, (0, 0.0)))
        for (type_, id_), rows in told.items()
        if f"{PREFIX}extraneous" in rows
    ]
    return {
        "waters": list(WATERS),
        "areas": areas,
        "outside": {"conduits": lengths.get("", (0, 0.0))[0], "length": lengths.get("", (0, 0.0))[1]},
        "series": [_series(state, one) for one in inputs if one.startswith(SERIES)],
        "tables": [one for one in inputs if not one.startswith(SERIES)],
        "identifiability": list(notes),
        "simulated": state.network.city.simulated,
    }


def _area(
    state: CityState, type_: str, id_: str, rows: dict[str, Finding], size: tuple[int, float]
) -> dict[str, object]:
    first = rows[f"{PREFIX}extraneous"]
    return {
        **named(state, type_, id_),
        "conduits": size[0],
        "length": size[1],
        "waters": {name: _water(rows.get(PREFIX + name)) for name in (*WATERS, "sewage")},
        "meter": _fit(rows.get("meter_bias")),
        "since": first.since,
        "until": first.until,
    }


def _series(state: CityState, said: str) -> dict[str, str]:
    """Return asset, type and quantity of a series that the inversion read."""
    id_, _, quantity = said.removeprefix(SERIES).rpartition("/")
    try:
        type_ = state.network.find(id_)[0]
    except UnknownAsset:
        type_ = ""
    return {"id": id_, "type": type_, "quantity": quantity}


def _water(row: Finding | None) -> dict[str, object] | None:
    if row is None:
        return None
    value, low, high = (from_si(one, "m³/d") for one in (row.value, row.low, row.high))
    return {"value": value, "low": low, "high": high, "data_share": row.facts.get("data_share")}


def _fit(row: Finding | None) -> dict[str, object] | None:
    """Return how much a meter reads too much, and how well its day is followed; None in older diagnoses."""
    if row is None:
        return None
    misfit = float(row.facts.get("misfit", 0.0))
    return {
        "bias": row.value, "low": row.low, "high": row.high, "misfit": misfit,
        "trusted": row.facts.get("trusted"), "contradicts": contradicts(row),
    }  # fmt: skip


def _lengths(store: Store, state: CityState) -> dict[str, tuple[int, float]]:
    """Return number and length [km] of the conduits of each area, "" for wet ones above no meter."""
    found = posterior(store, state)
    if found is None:
        return {}
    table = state.network.table("conduit")
    counted = (found.area != "") | (found.groundwater + found.river > 0)
    area = dict(zip(found.ids[counted].tolist(), found.area[counted].tolist(), strict=True))
    sums: defaultdict[str, tuple[int, float]] = defaultdict(lambda: (0, 0.0))
    for id_, length in zip(table.ids.tolist(), np.nan_to_num(link_lengths(table)).tolist(), strict=True):
        if id_ in area:
            count, whole = sums[area[id_]]
            sums[area[id_]] = (count + 1, whole + length / KM)
    return dict(sums)
