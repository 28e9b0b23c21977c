"""What does the page show of the queue: rows in words, where they lie, and what each repair would draw?"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from wenqu.messages import sentences, told
from wenqu.network.edits import Edit
from wenqu.network.repairs.repair import Repair
from wenqu.services.city_state import CityState
from wenqu.services.spoken_facts import NAMED, rule_name, rule_why, spoken
from wenqu.services.waiting_rows import edit_from, repairs_from
from wenqu.store.database import Store
from wenqu.store.waiting import Sought, Waiting

MOST = 500  # rows of one page
FACT = re.compile(r"\{[^{}]*\}")  # in a sentence


def queue_page(
    store: Store, state: CityState, sought: Sought, first: int, most: int, language: str
) -> dict[str, Any]:
    """Return the counts by rule and a page of rows."""
    city = state.network.city.code
    every = store.count_waiting(city, Sought(state=sought.state))
    fitting = sum(count for *_, count in store.count_waiting(city, sought))
    rows = store.waiting(city, sought, first, min(most, MOST))
    kinds: dict[str, dict[str, Any]] = {}
    for rule, weight, inside, count in every:
        entry = kinds.setdefault(rule, {"rule": rule, "weight": weight, "count": 0, "outside": 0})
        entry["count"] += count
        entry["outside"] += 0 if inside else count
    for entry in kinds.values():
        entry["name"] = rule_name(str(entry["rule"]), language)
    return {
        "ways": _ways(rows, language) if sought.rule else [],
        "kinds": sorted(kinds.values(), key=lambda entry: -int(entry["count"])),
        "count": fitting,
        "rows": [row_of(row, state, language) for row in rows],
    }


def _ways(rows: Iterable[Waiting], language: str) -> list[dict[str, Any]]:
    """Return the kinds of repairs for rows of one rule, the most usual first, without the facts of a row."""
    ways: dict[str, dict[str, Any]] = {}
    for row in rows:
        for place, one in enumerate(repairs_from(row.body.get("proposals", ()))):
            if not one.confirms:
                says = FACT.sub("…", sentences(language).get(f"repair.{one.key}", one.key))
                entry = ways.setdefault(one.key, {"key": one.key, "says": says, "first": 0})
                entry["first"] += place == 0
    return sorted(ways.values(), key=lambda entry: -int(entry["first"]))


def row_of(row: Waiting, state: CityState, language: str) -> dict[str, Any]:
    """Return one waiting row in words."""
    raw = row.body.get("facts", {})
    facts = spoken(raw, row.type, language)
    repairs = repairs_from(row.body.get("proposals", ()))
    return {
        "id": row.id,
        "rule": row.rule,
        "name": rule_name(row.rule, language),
        "why": rule_why(row.rule, language),
        "weight": row.weight,
        "inside": row.inside,
        "type": row.type,
        "asset": row.asset,
        "file": row.file,
        "sheet": row.sheet,
        "row": row.row,
        "at": _place(state, row.at),
        "says": told(f"issue.{row.rule}.says", language, facts),
        "remedy": told(f"issue.{row.rule}.remedy", language, facts),
        "proposals": [_proposal(one, language) for one in repairs],
        "about": [str(raw[name]) for name in NAMED if name in raw],
        "raw": row.body.get("raw") or {},
        "fields": (row.body.get("edit") or {}).get("fields", {}),
        "state": row.state,
        "decided": row.decided,
        "change": row.change,
    }


def _proposal(one: Repair, language: str) -> dict[str, Any]:
    says = told(f"repair.{one.key}", language, spoken(one.facts, one.type, language, one.key))
    return {"key": one.key, "name": one.name, "says": says, "sure": str(one.sure), "confirms": one.confirms}


def _place(state: CityState, at: tuple[float, float] | None) -> list[float] | None:
    if at is None:
        return None
    place = state.place(np.array([at], dtype=np.float64), "EPSG:4326")[0]
    return [float(place[0]), float(place[1])] if np.isfinite(place).all() else None


def drawn_row(store: Store, state: CityState, id_: int, key: str) -> dict[str, Any]:
    """Return what is drawn of a waiting row: the asset as it came, and as a repair would leave it."""
    found = store.waiting(state.network.city.code, Sought(state="", ids=(id_,)))
    before: list[dict[str, Any]] = []
    after: list[dict[str, Any]] = []
    for row in found:
        own = edit_from(row.body.get("edit"))
        before += _features(state, [own] if own else [], row)
        if own is None and row.type:
            before += _standing(state, row.type, row.asset)
        for one in repairs_from(row.body.get("proposals", ())):
            if key in {one.key, one.name} or (not key and not one.confirms):
                after += _features(state, one.edits, row)
                break
    return {"before": _collection(before), "after": _collection(after)}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _features(state: CityState, edits: Iterable[Edit], row: Waiting) -> list[dict[str, Any]]:
    made = []
    for edit in edits:
        for part in edit.parts or ():
            coords = np.asarray(part, dtype=np.float64).reshape(-1, 2)
            if len(coords) and np.isfinite(coords).all():
                made.append(_feature(state, coords, edit.type, edit.id))
        if edit.parts is None and not edit.gone and (edit.type, edit.id) != (row.type, row.asset):
            made += _standing(state, edit.type, edit.id)
    return made


def _standing(state: CityState, type_: str, id_: str) -> list[dict[str, Any]]:
    table = state.network.table(type_)
    rows = np.flatnonzero(table.ids == id_)
    coords = table.shapes.of(int(rows[0])) if len(rows) else np.empty((0, 2))
    return [_feature(state, coords, type_, id_)] if len(coords) else []


def _feature(state: CityState, coords: Any, type_: str, id_: str) -> dict[str, Any]:
    places = state.place(np.asarray(coords), "EPSG:4326").tolist()
    shape: Mapping[str, Any] = (
        {"type": "Point", "coordinates": places[0]}
        if len(places) == 1
        else {"type": "LineString", "coordinates": places}
    )
    return {"type": "Feature", "properties": {"type": type_, "id": id_}, "geometry": shape}
