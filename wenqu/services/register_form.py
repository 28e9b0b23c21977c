"""What stands in one asset's form, and which edits come back from it?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any, cast

import numpy as np
from pyproj import Transformer

from wenqu.errors import BadInput
from wenqu.issues import Issue
from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats, Shapes
from wenqu.network.schema import Field, asset_type
from wenqu.services.attachments import attachments_of
from wenqu.services.city_state import CityState
from wenqu.services.describe_registers import describe_field
from wenqu.services.edit_assets import EditReport
from wenqu.services.edit_conflicts import PRESENCE, SHAPE, parts_of
from wenqu.services.register_tables import register
from wenqu.services.wording import issue_sentences
from wenqu.store.database import Store
from wenqu.store.network import AssetVersion

DEGREES = "EPSG:4326"


def read_form(store: Store, state: CityState, name: str, id_: str) -> dict[str, object]:
    """Return the fields of one asset with their values in border units, where it lies, and its files.

    An id that is not there gives an empty form with the defaults of the table.
    """
    kind = asset_type(name)
    versions = store.history(state.network.city.code, name, id_) if id_ else []
    now = versions[-1] if versions and not versions[-1].valid_to else None
    return {
        "type": name,
        "id": id_,
        "geometry": kind.geometry,
        "there": now is not None,
        "based_on": now.number if now else 0,
        "fields": [{**describe_field(entry), "value": _shown(entry, now)} for entry in kind.fields],
        "extra": now.extra if now else {},
        "shape": placed_parts(state, now.wkb if now else None),
        "files": attachments_of(store, state.network.city.code, name, id_) if id_ else [],
    }


def _shown(entry: Field, now: AssetVersion | None) -> object:
    if now is None:
        return _default(entry)
    return at_border(entry, now.fields.get(entry.name))


def _default(entry: Field) -> object:
    if not entry.default:
        return None
    if entry.kind in {"number", "integer"}:
        return at_border(entry, float(entry.default) if entry.kind == "number" else int(entry.default))
    return entry.default == "true" if entry.kind == "boolean" else entry.default


def at_border(entry: Field, value: object) -> object:
    """Return a value as people read it: in the border unit, yes and no as such."""
    if entry.kind == "boolean" and isinstance(value, int):
        return bool(value)
    return entry.at_border(value) if isinstance(value, int | float) else value


def edit_of(state: CityState, name: str, row: Mapping[str, object]) -> Edit:
    """Return the edit that a form sends: fields in border units, the shape in degrees.

    Raises
    ------
    BadInput
        The row is no edit (``edit-row``).
    UnknownType
        A field is not in the type's table.
    """
    kind = asset_type(name)
    fields: Any = row.get("fields") or {}
    extra: Any = row.get("extra") or {}
    shape, gone = row.get("shape"), bool(row.get("gone"))
    id_, based_on = row.get("id"), cast("int | None", row.get("based_on"))
    fit = isinstance(fields, Mapping) and isinstance(extra, Mapping) and isinstance(based_on, int | None)
    if not (fit and isinstance(id_, str) and id_.strip()):
        raise BadInput("edit-row", type=name)
    inside = {str(key): inside_of(kind.field(str(key)), value) for key, value in fields.items()}
    parts = None if shape is None else tuple(_metres(state, part) for part in _pieces(name, shape))
    return Edit(name, id_.strip(), inside, dict(extra), parts, gone, based_on)


def inside_of(entry: Field, value: object) -> object:
    """Return a value as it is stored: in SI, nothing where nothing stands."""
    if value in ("", []) or value is None:
        return None
    if entry.kind == "codes" and isinstance(value, list):
        return "|".join(map(str, value))
    if entry.kind in {"number", "integer"} and isinstance(value, int | float) and not isinstance(value, bool):
        return entry.inside(value)
    return value


def _pieces(name: str, shape: object) -> list[list[list[float]]]:
    try:
        return [np.asarray(part, dtype=np.float64).reshape(-1, 2).tolist() for part in shape]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise BadInput("edit-row", type=name) from None


def _metres(state: CityState, part: Sequence[Sequence[float]]) -> Floats:
    """Return degrees in the city's coordinate system; a city of unknown place is drawn around 0° 0°."""
    coords = np.asarray(part, dtype=np.float64).reshape(-1, 2)
    crs = state.network.city.crs
    turned = np.column_stack(
        Transformer.from_crs(DEGREES, crs or "EPSG:3857", always_xy=True).transform(*coords.T)
    )
    return turned if crs else turned + state.middle


def placed_parts(state: CityState, wkb: bytes | None) -> list[list[list[float]]]:
    """Return a stored shape in degrees, part by part."""
    return in_degrees(state, parts_of(wkb))


def in_degrees(state: CityState, parts: Sequence[Floats]) -> list[list[list[float]]]:
    """Return parts of a shape in the city's coordinate system in degrees."""
    starts = np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64)
    coords = np.concatenate(parts) if parts else np.empty((0, 2))
    shapes = state.placed(Shapes(coords, starts, np.array([0, len(parts)])), DEGREES)
    return [shapes.coords[a:b].tolist() for a, b in pairwise(starts.tolist())]


def report_row(report: EditReport, most: int = 200) -> dict[str, object]:
    """Return what became of a set of edits for the page: border units, sentences in both languages."""
    return {
        "written": report.written,
        "version": report.version,
        "count": len(report.changes),
        "assets": len({(one.type, one.id) for one in report.changes}),
        "changes": [
            {**asdict(one), "before": _said(one.type, one.field, one.before),
             "after": _said(one.type, one.field, one.after)}
            for one in report.changes[:most]
        ],
        "issues": [issue_row(issue) for issue in report.issues[:most]],
        "issue_count": len(report.issues),
        "conflicts": [
            {**asdict(one), **{part: _said(one.type, one.field, getattr(one, part))
                               for part in ("before", "mine", "theirs")}}
            for one in report.conflicts[:most]
        ],
        "merged": [list(one) for one in report.merged],
    }  # fmt: skip


def _said(type_: str, name: str, value: object) -> object:
    if name in {SHAPE, PRESENCE}:
        return value
    entry = next((one for one in register(type_).fields if one.name == name), None)
    return at_border(entry, value) if entry else value


def issue_row(issue: Issue) -> dict[str, object]:
    """Return an issue with its sentences in both languages."""
    told = {language: issue_sentences(issue, language) for language in ("zh", "en")}
    about = {"code": issue.code, "type": issue.type, "id": issue.asset, "field": issue.facts.get("field")}
    return {
        **about,
        "says": {k: v["says"] for k, v in told.items()},
        "remedy": {k: v["remedy"] for k, v in told.items()},
    }


def read_history(store: Store, state: CityState, name: str, id_: str) -> list[dict[str, object]]:
    """Return every version of an asset, newest first, with what it changed field by field."""
    kind = asset_type(name)
    known = {entry.name: entry for entry in kind.fields}
    told: list[dict[str, object]] = []
    before: AssetVersion | None = None
    for now in store.history(state.network.city.code, name, id_):
        told.append({
            "number": now.number, "at": now.valid_from, "until": now.valid_to, "who": now.who, "why": now.why,
            "made": before is None,
            "changes": _differences(known, before, now),
            "shape": None if before and before.wkb == now.wkb else {
                "before": placed_parts(state, before.wkb if before else None),
                "after": placed_parts(state, now.wkb),
            },
        })  # fmt: skip
        before = now
    return told[::-1]


def _differences(
    known: Mapping[str, Field], before: AssetVersion | None, now: AssetVersion
) -> list[dict[str, object]]:
    old = {**before.fields, **before.extra} if before else {}
    new = {**now.fields, **now.extra}
    names = [name for name in (*known, *old, *new) if old.get(name) != new.get(name)]
    return [
        {
            "field": name,
            "before": at_border(known[name], old.get(name)) if name in known else old.get(name),
            "after": at_border(known[name], new.get(name)) if name in known else new.get(name),
        }
        for name in dict.fromkeys(names)
    ]
