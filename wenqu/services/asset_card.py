"""What is known of one asset, in the order in which one asks?"""

import numpy as np

from wenqu.diagnosis.cards import cards
from wenqu.diagnosis.grading import Grade
from wenqu.issues import Issue
from wenqu.network.checks.registry import check_all
from wenqu.network.geometry import geometries_from
from wenqu.network.model import Assets
from wenqu.network.schema import Field, asset_type, code_lists
from wenqu.planning.costs import read_catalogue
from wenqu.records.finding import Finding
from wenqu.records.inspection import Inspection
from wenqu.records.programme import Programme
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import ConduitPosterior
from wenqu.services.filed_records import (
    findings,
    grades,
    inspections,
    posterior,
    programme,
    rain_findings,
)
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store
from wenqu.units import FACTORS, border_unit, from_si

Z90 = 1.645


def asset_card(store: Store, state: CityState, type_: str, id_: str) -> dict[str, object]:
    """Return everything the page shows of one asset.

    Raises
    ------
    UnknownType, UnknownAsset
        There is no such type or asset.
    """
    kind = asset_type(type_)
    row = state.network.row(type_, id_)
    table = state.network.table(type_)
    shape = state.placed(table.shapes.take(np.array([row])), "EPSG:4326")
    geometry = geometries_from(shape, kind.geometry)[0] if kind.geometry != "none" else None
    card: dict[str, object] = {
        "type": type_,
        "id": id_,
        "label": {"zh": kind.zh, "en": kind.en},
        "name": table.column("name")[row],
        "geometry": geometry.__geo_interface__ if geometry is not None else None,
        "fields": [_field(table, entry, row) for entry in kind.fields],
        "extra": {name: column[row] for name, column in table.extra.items() if column[row] is not None},
        "findings": [
            finding_row(entry)
            for entry in (*findings(store, state), *rain_findings(store, state))
            if entry.asset_type == type_ and entry.asset == id_
        ],
        "issues": [
            {"code": issue.code, "weight": issue.weight, "facts": issue.facts}
            for issue in issues_of(state)
            if issue.type == type_ and issue.asset == id_
        ],
        "measures": _measures(programme(store, state), type_, id_),
        "history": [
            {"valid_from": entry.valid_from, "valid_to": entry.valid_to, "who": entry.who, "why": entry.why}
            for entry in store.history(state.network.city.code, type_, id_)
        ],
        "simulated": state.network.city.simulated,
    }
    if type_ == "conduit":
        card |= _condition(grades(store, state).get(id_), inspections(store, state).get(id_))
        card["posterior"] = _posterior(posterior(store, state), id_)
    return card


def issues_of(state: CityState) -> list[Issue]:
    """Return what the rules find in a city's network, checked once for each state of it."""
    return state.once("issues", lambda: list(check_all(state.network, state.topology)))


def _plain(value: object) -> object:
    if isinstance(value, np.floating | float):
        return None if np.isnan(value) else float(value)
    return value.item() if isinstance(value, np.generic) else value


def _field(table: Assets, entry: Field, row: int) -> dict[str, object]:
    value = _plain(table.column(entry.name)[row])
    if entry.kind == "boolean":
        value = {1: True, 0: False}.get(value)  # type: ignore[call-overload]
    if entry.kind == "integer" and isinstance(value, float):
        value = int(value)
    code = code_lists().get(entry.of[0], {}).get(str(value)) if entry.kind == "code" and entry.of else None
    shown = None
    if entry.border not in {"", entry.unit} and isinstance(value, float):
        shown = {"value": entry.at_border(value), "unit": entry.border}
    return {
        "name": entry.name,
        "kind": entry.kind,
        "label": {"zh": entry.zh, "en": entry.en},
        "value": value,
        "unit": entry.unit,
        "border": shown,
        "code_label": {"zh": code.zh, "en": code.en} if code else None,
        "refers_to": list(entry.of) if entry.kind == "asset" else None,
    }


def finding_row(entry: Finding) -> dict[str, object]:
    """Return a finding with its value in SI and in the unit an official writes."""
    border = border_unit(entry.unit)
    shown = None
    if border != entry.unit and border in FACTORS:
        values = {name: _plain(from_si(getattr(entry, name), border)) for name in ("value", "low", "high")}
        shown = {**values, "unit": border}
    return {
        "method": entry.method,
        "method_name": _method_name(entry.method),
        "quantity": entry.quantity,
        "value": _plain(entry.value),
        "low": _plain(entry.low),
        "high": _plain(entry.high),
        "unit": entry.unit,
        "border": shown,
        "since": entry.since,
        "until": entry.until,
        "inputs": list(entry.inputs),
        "notes": list(entry.notes),
    }


def _method_name(method: str) -> dict[str, str]:
    known = cards().get(method)
    return {"zh": known.zh, "en": known.en} if known else {"zh": method, "en": method}


def _repair_name(method: str) -> dict[str, str]:
    known = next((entry for entry in read_catalogue().methods if entry.key == method), None)
    return {"zh": known.zh, "en": known.en} if known else {"zh": method, "en": method}


def _measures(made: Programme | None, type_: str, id_: str) -> list[dict[str, object]]:
    return [
        {
            "window": entry.window,
            "method": entry.method,
            "method_name": _repair_name(entry.method),
            "cost": entry.cost,
            "package": entry.package,
            "reasons": list(entry.reasons),
        }
        for entry in (made.measures if made else ())
        if entry.asset_type == type_ and id_ in entry.asset.split("|")
    ]


def _condition(grade: Grade | None, inspection: Inspection | None) -> dict[str, object]:
    kinds = condition_rules().kinds
    defects = []
    for defect in inspection.defects if inspection else ():
        known = kinds.get(defect.code)
        names = {"zh": known.zh, "en": known.en} if known else {"zh": defect.code, "en": defect.code}
        row = {
            name: getattr(defect, name) for name in ("code", "level", "start", "length", "clock", "remark")
        }
        defects.append({**row, "name": names})
    seen = ("id", "date", "method", "length")
    return {
        "grade": _grade(grade) if grade else None,
        "defects": defects,
        "inspection": {name: getattr(inspection, name) for name in seen} if inspection else None,
    }


def _grade(grade: Grade) -> dict[str, object]:
    names = (
        "S",
        "S_max",
        "F",
        "S_M",
        "RI",
        "K",
        "E",
        "T",
        "Y",
        "Y_max",
        "G",
        "Y_M",
        "MI",
        "structural_grade",
        "repair_grade",
        "functional_grade",
        "upkeep_grade",
        "structural_density",
        "functional_density",
        "standard",
        "edition",
    )
    return {**{name: _plain(getattr(grade, name)) for name in names}, "unconfirmed": list(grade.unconfirmed)}


def _posterior(found: ConduitPosterior | None, id_: str) -> dict[str, object] | None:
    if found is None:
        return None
    rows = np.flatnonzero((found.ids == id_) & ~found.silent)
    if not len(rows):
        return None
    row = rows[0]

    def interval(mean: float, sd: float) -> dict[str, float]:
        low = max(float(mean - Z90 * sd), 0.0)  # no water flows in backwards
        return {"value": float(mean), "low": low, "high": float(mean + Z90 * sd)}

    return {
        "groundwater": interval(found.groundwater[row], found.groundwater_sd[row]),
        "river": interval(found.river[row], found.river_sd[row]),
        "lost": interval(found.lost[row], found.lost_sd[row]),
        "data_share": float(found.data_share[row]),
        "area": str(found.area[row]),
    }
