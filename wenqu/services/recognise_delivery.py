"""What was handed in, before anything is checked: formats, layers, columns, and where it may lie."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from wenqu.errors import BadInput, WenquError
from wenqu.hydraulics.swmm.read import InpReading, read_inp
from wenqu.network.crs_candidates import crs_candidates
from wenqu.network.edits import plain
from wenqu.network.formats.assembling import assemble
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.encodings import OFFERED
from wenqu.network.formats.epanet import is_epanet
from wenqu.network.formats.fieldmap import FieldMap, LayerMap, fieldmap_from, fieldmap_text
from wenqu.network.formats.placing import located
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.reading import chosen_map
from wenqu.network.formats.registry import format_of
from wenqu.network.geometry import Floats
from wenqu.network.model import Assets, City, Network
from wenqu.network.schema import asset_type, foreign_schemas
from wenqu.services.crs_doubts import abroad, beyond
from wenqu.services.crs_evidence import find_crs
from wenqu.services.read_files import alike_maps, remembered_map
from wenqu.services.register_form import at_border
from wenqu.store.database import Store

SHOWN = 20  # rows of a layer that are shown
MODEL = ".inp"


def recognise(
    store: Store,
    before: Network,
    paths: Sequence[Path],
    answers: Mapping[str, Any],
    near: tuple[float, float] | None,
) -> list[dict[str, Any]]:
    """Return what each file of a delivery is, holds and probably means.

    Parameters
    ----------
    near
        Longitude and latitude of the city, if it is known.
    """
    alike = alike_maps(store, before, answers.get("firm", ""))
    return [_file(path, answers, _kept(store, before, path, answers, alike), before, near) for path in paths]


def _file(
    path: Path,
    answers: Mapping[str, Any],
    kept: FieldMap | None,
    before: Network,
    near: tuple[float, float] | None,
) -> dict[str, Any]:
    model, named = path.suffix.lower() == MODEL, dict[str, Any]()
    if model:
        found = find_crs(path, path.read_bytes().decode("utf-8", errors="replace"))
        named = {"named": found.crs, "by": found.file, "several": found.several}
        named |= {"candidates": []} if found.crs else {}
    if model and not is_epanet(path):
        reading = read_inp(path, City(""))
        crs = _system([], _model_coords(reading), near) | named
        holds = {type_: len(table) for type_, table in reading.network.tables.items() if len(table)}
        about = {"name": path.name, "format": "SWMM INP", "layers": [], "encoding": reading.encoding}
        return {**about, "crs": crs, "holds": holds}
    delivered = format_of(path).delivered(path, _encoding(path, kept, answers))
    layers = delivered.layers
    try:
        map_ = chosen_map(delivered, kept)
        trouble: WenquError | None = None
    except BadInput as error:  # a unit that nobody knows: it is mapped by hand
        map_, trouble = FieldMap(()), error
    return {
        "name": path.name,
        "format": format_of(path).name,
        "encoding": ", ".join(sorted({layer.encoding.name for layer in layers if layer.encoding})),
        "declared": ", ".join(sorted({layer.encoding.declared for layer in layers if layer.encoding})),
        "encodings": _doubtful(layers),
        "crs": _crs(path, delivered, map_, before, near) | named,
        "fieldmap": orjson.loads(fieldmap_text(map_)),
        "remembered": _remembered(kept, layers) and path.name not in answers.get("fieldmaps", {}),
        "alike": [
            {"layer": one.layer, "file": one.taken_from[0], "date": one.taken_from[1]}
            for one in map_.layers
            if one.taken_from[0]
        ],
        "trouble": None if trouble is None else {"key": trouble.key, "facts": trouble.facts},
        "layers": [_layer(layer) for layer in layers],
        "schemas": [asdict(one) for one in foreign_schemas().values()],
        "assumed": [
            {"layer": one.layer, "column": entry.column, "unit": entry.unit}
            for one in map_.layers
            for entry in one.columns
            if entry.assumed
        ],
    }


def _remembered(kept: FieldMap | None, layers: Sequence[RawLayer]) -> bool:
    return kept is not None and any(kept.of(layer.name) for layer in layers)


def _kept(
    store: Store,
    before: Network,
    path: Path,
    answers: Mapping[str, Any],
    alike: tuple[LayerMap, ...] | None = None,
) -> FieldMap | None:
    given = answers.get("fieldmaps", {}).get(path.name)
    if given:
        return fieldmap_from(given, path.name)
    firm = answers.get("firm", "")
    others = alike_maps(store, before, firm) if alike is None else alike
    return remembered_map(store, before, path, firm, others)


def _encoding(path: Path, kept: FieldMap | None, answers: Mapping[str, Any]) -> str:
    return str(answers.get("encoding_of", {}).get(path.name) or (kept.encoding if kept else ""))


def _doubtful(layers: Sequence[RawLayer]) -> dict[str, Any] | None:
    """Return the two encodings that the bytes of a file fit, and a text of it in each."""
    found = next((one for layer in layers if (one := layer.encoding) and (one.other or one.said)), None)
    if found is None:
        return None
    return {"name": found.name, "other": found.other, "shown": list(found.shown), "offered": list(OFFERED)}


def drawn_by(store: Store, before: Network, path: Path, answers: Mapping[str, Any]) -> tuple[Floats, str]:
    """Return the coordinates of a file as delivered, x to the east, and the system that it names itself.

    Of a table they are those of its points; "" where it names none.

    Raises
    ------
    BadInput
        Its columns cannot be understood.
    """
    if path.suffix.lower() == MODEL and not is_epanet(path):
        text = path.read_bytes().decode("utf-8", errors="replace")
        return _model_coords(read_inp(path, City(""))), find_crs(path, text).crs
    kept = _kept(store, before, path, answers)
    delivered = format_of(path).delivered(path, _encoding(path, kept, answers))
    map_ = chosen_map(delivered, kept)
    named = [one.crs for one in delivered.layers if one.crs and not one.presumed and len(one.shapes.coords)]
    return _coords(path, delivered.layers, map_), next(iter(named), "")


def _model_coords(reading: InpReading) -> Floats:
    tables = reading.network.tables.values()
    whole = np.concatenate([np.empty((0, 2)), *(table.shapes.coords for table in tables)])
    found: Floats = whole[np.isfinite(whole).all(axis=1)]
    return found


def _coords(path: Path, layers: Sequence[RawLayer], map_: FieldMap) -> Floats:
    read = [(layer, entry) for layer in layers if (entry := map_.of(layer.name)) is not None]
    drawn = [layer for layer, _ in located(path, read).layers] if read else list(layers)
    coords = [layer.shapes.coords for layer in drawn if len(layer.shapes.coords)]
    coords = coords or [layer.shapes.coords for layer in layers]
    whole = np.concatenate(coords) if coords else np.empty((0, 2))
    found: Floats = whole[np.isfinite(whole).all(axis=1)]
    return found


def layers_of(path: Path, encoding: str = "") -> list[RawLayer]:
    """Return the layers of a file as they stand in it."""
    return list(format_of(path).delivered(path, encoding).layers)


def _layer(layer: RawLayer) -> dict[str, Any]:
    kinds = [str(kind) for kind in dict.fromkeys(layer.kinds.tolist()) if kind]
    columns = [
        {"name": name, "values": [_shown(value) for value in column[:SHOWN].to_pylist()]}
        for name, column in layer.columns.items()
    ]
    return {"name": layer.name, "rows": len(layer), "kinds": kinds, "columns": columns}


def _shown(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _crs(
    path: Path, delivered: Delivered, map_: FieldMap, before: Network, near: tuple[float, float] | None
) -> dict[str, Any]:
    layers = delivered.layers
    drawn = [layer for layer in layers if layer.crs and len(layer.shapes.coords)]
    named = list(dict.fromkeys(layer.crs for layer in drawn))
    presumed = delivered.fieldmap is None and all(layer.presumed for layer in drawn)
    try:
        whole = _coords(path, layers, map_)
    except BadInput:  # which of x and y runs north is told on check; here the numbers are evidence enough
        whole = np.empty((0, 2))
    if presumed and named and abroad(named[0], whole, before):
        named = []  # nobody named it, and it lies where no city of ours is expected: a person is asked
    return _system(named, whole, near)


def _system(named: Sequence[str], whole: Floats, near: tuple[float, float] | None) -> dict[str, Any]:
    # GeoJSON is WGS 84 by its own standard; numbers that are no degrees say that this file is not
    wrong = next((name for name in named if beyond(name, whole)), "")
    named = [name for name in named if not beyond(name, whole)]
    candidates = [] if named or not len(whole) else [asdict(one) for one in crs_candidates(whole, near)][:8]
    extent = [*whole.min(axis=0).tolist(), *whole.max(axis=0).tolist()] if len(whole) else None
    one = named[0] if len(named) == 1 else ""
    return {
        "named": one,
        "wrong": wrong,
        "by": "",
        "several": named if len(named) > 1 else [],
        "candidates": candidates,
        "extent": extent,
    }


def _border_value(entry: LayerMap, made: Assets, name: str, row: int) -> object:
    """Return a value in the unit in which people read it."""
    return at_border(asset_type(entry.type).field(name), plain(made.fields[name][row]))


def preview(path: Path, layer: str, map_: Mapping[str, Any], encoding: str = "") -> dict[str, Any]:
    """Return the first rows of a layer as they would become assets, in border units, and what was not read.

    ``encoding`` is the one that a person chose for the file.

    Raises
    ------
    BadInput, UnknownType, UnknownUnit
        The map cannot be used.
    """
    entry: LayerMap | None = fieldmap_from({"layers": {layer: map_}}, path.name).of(layer)
    found = next((one for one in layers_of(path, encoding) if one.name == layer), None)
    if entry is None or found is None:
        raise BadInput("no-layer", path=path.name, layers=layer, known="")
    few = found.take(np.arange(min(SHOWN, len(found))))
    made = assemble(few, entry)
    place = {int(number): row for row, number in enumerate(made.rows)}
    fields = list(made.assets.fields)
    rows = []
    for number in few.rows.tolist():
        row = place.get(int(number))
        values = (
            {} if row is None else {name: _border_value(entry, made.assets, name, row) for name in fields}
        )
        rows.append(
            {"row": int(number), "id": None if row is None else str(made.assets.ids[row]), "values": values}
        )
    issues = [{"code": issue.code, "facts": issue.facts, "row": issue.place.row} for issue in made.issues]
    issues += [
        {"code": row.issue.code, "facts": row.issue.facts, "row": row.issue.place.row} for row in made.bad
    ]
    return {"fields": fields, "rows": rows, "issues": issues}
