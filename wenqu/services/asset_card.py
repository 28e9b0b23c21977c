"""What is known of one asset, in the order in which one asks?"""

import numpy as np

from wenqu.diagnosis.grading import Grade
from wenqu.network.geometry import geometries_from
from wenqu.network.model import Assets
from wenqu.network.schema import Field, asset_type, code_lists
from wenqu.records.finding import Finding
from wenqu.records.inspection import Inspection
from wenqu.records.programme import Programme
from wenqu.services.city_state import CityState
from wenqu.services.diagnose_city import read_posterior
from wenqu.services.grade_city import latest
from wenqu.standards.condition import condition_rules
from wenqu.store.database import Store
from wenqu.units import FACTORS, from_si

# The unit an official writes for each SI unit, where it is another one.
BORDER = {"m³/s": "m³/d", "kg/m³": "mg/L", "S/m": "µS/cm", "m/s": "mm/h"}
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
    city, moment = state.network.city.code, state.network.as_of or None
    shape = state.placed(table.shapes.take(np.array([row])), "EPSG:4326")
    geometry = geometries_from(shape, kind.geometry)[0] if kind.geometry != "none" else None
    card: dict[str, object] = {
        "type": type_, "id": id_, "label": {"zh": kind.zh, "en": kind.en}, "name": table.column("name")[row],
        "geometry": geometry.__geo_interface__ if geometry is not None else None,
        "fields": [_field(table, entry, row) for entry in kind.fields],
        "extra": {name: column[row] for name, column in table.extra.items() if column[row] is not None},
        "findings": [_finding(entry) for entry in store.records(city, "finding", Finding, as_of=moment, last_run=True)
                     if entry.asset_type == type_ and entry.asset == id_],
        "measures": _measures(store, city, moment, id_),
        "history": [
            {"valid_from": entry.valid_from, "valid_to": entry.valid_to, "who": entry.who, "why": entry.why}
            for entry in store.history(city, type_, id_)
        ],
        "simulated": state.network.city.simulated,
    }  # fmt: skip
    if type_ == "conduit":
        card |= _condition(store, city, moment, id_)
        card["posterior"] = _posterior(store, city, moment, id_)
    return card


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
    border = BORDER.get(entry.unit)
    shown = {"value": from_si(value, border), "unit": border} if border and isinstance(value, float) else None
    return {
        "name": entry.name, "kind": entry.kind, "label": {"zh": entry.zh, "en": entry.en}, "value": value,
        "unit": entry.unit, "border": shown,
        "code_label": {"zh": code.zh, "en": code.en} if code else None,
        "refers_to": list(entry.of) if entry.kind == "asset" else None,
    }  # fmt: skip


def _finding(entry: Finding) -> dict[str, object]:
    border = BORDER.get(entry.unit)
    shown = None
    if border and border in FACTORS:
        values = {name: _plain(from_si(getattr(entry, name), border)) for name in ("value", "low", "high")}
        shown = {**values, "unit": border}
    return {
        "method": entry.method, "quantity": entry.quantity, "value": _plain(entry.value), "low": _plain(entry.low),
        "high": _plain(entry.high), "unit": entry.unit, "border": shown, "since": entry.since, "until": entry.until,
        "inputs": list(entry.inputs), "notes": list(entry.notes),
    }  # fmt: skip


def _measures(store: Store, city: str, moment: str | None, id_: str) -> list[dict[str, object]]:
    programmes = store.records(city, "programme", Programme, as_of=moment, last_run=True)
    if not programmes:
        return []
    return [
        {"window": entry.window, "method": entry.method, "cost": entry.cost, "package": entry.package, "reasons": list(entry.reasons)}
        for entry in programmes[-1].measures
        if id_ in entry.asset.split("|")
    ]  # fmt: skip


def _condition(store: Store, city: str, moment: str | None, id_: str) -> dict[str, object]:
    grades = [
        row for row in store.records(city, "grade", Grade, as_of=moment, last_run=True) if row.conduit == id_
    ]
    seen = latest(
        row for row in store.records(city, "inspection", Inspection, as_of=moment) if row.conduit == id_
    )
    kinds = condition_rules().kinds
    defects = []
    for defect in seen[id_].defects if id_ in seen else ():
        known = kinds.get(defect.code)
        names = {"zh": known.zh, "en": known.en} if known else {"zh": defect.code, "en": defect.code}
        defects.append(
            {"code": defect.code, "name": names, "level": defect.level, "start": defect.start,
             "length": defect.length, "clock": defect.clock, "remark": defect.remark}
        )  # fmt: skip
    inspection = seen.get(id_)
    return {
        "grade": _grade(grades[-1]) if grades else None,
        "defects": defects,
        "inspection": None if inspection is None else
        {"id": inspection.id, "date": inspection.date, "method": inspection.method, "length": inspection.length},
    }  # fmt: skip


def _grade(grade: Grade) -> dict[str, object]:
    names = ("S", "S_max", "F", "S_M", "RI", "K", "E", "T", "Y", "Y_max", "G", "Y_M", "MI", "structural_grade",
             "repair_grade", "functional_grade", "upkeep_grade", "structural_density", "functional_density",
             "standard", "edition")  # fmt: skip
    return {**{name: _plain(getattr(grade, name)) for name in names}, "unconfirmed": list(grade.unconfirmed)}


def _posterior(store: Store, city: str, moment: str | None, id_: str) -> dict[str, object] | None:
    found = read_posterior(store, city, as_of=moment)
    if found is None:
        return None
    rows = np.flatnonzero(found.ids == id_)
    if not len(rows):
        return None
    row = rows[0]

    def interval(mean: float, sd: float) -> dict[str, float]:
        return {"value": float(mean), "low": float(mean - Z90 * sd), "high": float(mean + Z90 * sd)}

    return {
        "groundwater": interval(found.groundwater[row], found.groundwater_sd[row]),
        "river": interval(found.river[row], found.river_sd[row]),
        "lost": interval(found.lost[row], found.lost_sd[row]),
        "data_share": float(found.data_share[row]),
        "area": str(found.area[row]),
    }
