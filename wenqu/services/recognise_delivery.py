"""What was handed in, before anything is checked: formats, layers, columns, and where it may lie."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from wenqu.errors import BadInput, WenquError
from wenqu.network.crs_candidates import crs_candidates
from wenqu.network.edits import plain
from wenqu.network.formats.assembling import assemble
from wenqu.network.formats.epanet import is_epanet
from wenqu.network.formats.fieldmap import FieldMap, LayerMap, fieldmap_from, fieldmap_text
from wenqu.network.formats.proposing import completed, propose
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.registry import format_of
from wenqu.network.model import Network
from wenqu.network.schema import foreign_schemas
from wenqu.services.crs_evidence import find_crs
from wenqu.services.stage_import import beyond, remembered_map
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
    return [_file(store, before, path, answers, near) for path in paths]


def _file(
    store: Store, before: Network, path: Path, answers: Mapping[str, Any], near: tuple[float, float] | None
) -> dict[str, Any]:
    model, named = path.suffix.lower() == MODEL, dict[str, Any]()
    if model:
        found = find_crs(path, path.read_bytes().decode("utf-8", errors="replace"))
        named = {"named": found.crs, "by": found.file, "several": found.several}
        named |= {"candidates": []} if found.crs or not is_epanet(path) else {}
    if model and not is_epanet(path):
        return {"name": path.name, "format": "SWMM INP", "layers": [], "crs": named, "encoding": ""}
    delivered = format_of(path).layers(path)
    layers = delivered.layers
    given = answers.get("fieldmaps", {}).get(path.name)
    map_ = (
        fieldmap_from(given, path.name)
        if given
        else remembered_map(store, before, path, answers.get("firm", ""))
    )
    remembered = map_ is not None and not given
    try:
        map_ = map_ or delivered.fieldmap or propose(layers)
        map_ = completed(map_, layers) if map_.open else map_
        trouble: WenquError | None = None
    except BadInput as error:  # a unit that nobody knows: it is mapped by hand
        map_, trouble = FieldMap(()), error
    return {
        "name": path.name,
        "format": format_of(path).name,
        "encoding": ", ".join(sorted({layer.encoding.name for layer in layers if layer.encoding})),
        "declared": ", ".join(sorted({layer.encoding.declared for layer in layers if layer.encoding})),
        "crs": _crs(layers, map_, near) | named,
        "fieldmap": orjson.loads(fieldmap_text(map_)),
        "remembered": remembered,
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


def layers_of(path: Path) -> list[RawLayer]:
    """Return the layers of a file as they stand in it."""
    return list(format_of(path).layers(path).layers)


def _layer(layer: RawLayer) -> dict[str, Any]:
    kinds = [str(kind) for kind in dict.fromkeys(layer.kinds.tolist()) if kind]
    columns = [
        {"name": name, "values": [_shown(value) for value in column[:SHOWN].to_pylist()]}
        for name, column in layer.columns.items()
    ]
    return {"name": layer.name, "rows": len(layer), "kinds": kinds, "columns": columns}


def _shown(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _crs(layers: Sequence[RawLayer], map_: FieldMap, near: tuple[float, float] | None) -> dict[str, Any]:
    named = list(dict.fromkeys(layer.crs for layer in layers if layer.crs and len(layer.shapes.coords)))
    coords = [layer.shapes.coords for layer in layers if map_.of(layer.name) and len(layer.shapes.coords)]
    coords = coords or [layer.shapes.coords for layer in layers]
    whole = np.concatenate(coords) if coords else np.empty((0, 2))
    whole = whole[np.isfinite(whole).all(axis=1)]
    # GeoJSON is WGS 84 by its own standard; numbers that are no degrees say that this file is not
    named = [name for name in named if not beyond(name, whole)]
    candidates = [] if named or not len(whole) else [asdict(one) for one in crs_candidates(whole, near)][:8]
    extent = [*whole.min(axis=0).tolist(), *whole.max(axis=0).tolist()] if len(whole) else None
    one = named[0] if len(named) == 1 else ""
    return {
        "named": one,
        "by": "",
        "several": named if len(named) > 1 else [],
        "candidates": candidates,
        "extent": extent,
    }


def preview(path: Path, layer: str, map_: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first rows of a layer as they would become assets, and what could not be read in them.

    Raises
    ------
    BadInput, UnknownType, UnknownUnit
        The map cannot be used.
    """
    entry: LayerMap | None = fieldmap_from({"layers": {layer: map_}}, path.name).of(layer)
    found = next((one for one in layers_of(path) if one.name == layer), None)
    if entry is None or found is None:
        raise BadInput("no-layer", path=path.name, layers=layer, known="")
    few = found.take(np.arange(min(SHOWN, len(found))))
    made = assemble(few, entry)
    place = {int(number): row for row, number in enumerate(made.rows)}
    fields = list(made.assets.fields)
    rows = []
    for number in few.rows.tolist():
        row = place.get(int(number))
        values = {} if row is None else {name: plain(made.assets.fields[name][row]) for name in fields}
        rows.append(
            {"row": int(number), "id": None if row is None else str(made.assets.ids[row]), "values": values}
        )
    issues = [{"code": issue.code, "facts": issue.facts, "row": issue.place.row} for issue in made.issues]
    issues += [
        {"code": row.issue.code, "facts": row.issue.facts, "row": row.issue.place.row} for row in made.bad
    ]
    return {"fields": fields, "rows": rows, "issues": issues}
