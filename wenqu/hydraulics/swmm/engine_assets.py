"""Which of a city's assets does the engine see, and as what?

The engine knows junctions, dividers, outfalls, storages, conduits, pumps, weirs, orifices, outlets
and subcatchments. What a city has beside them becomes the nearest of these: a gully a junction, a
channel a trapezoidal conduit, a pumping station a storage with a pump, a plant an outfall.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from wenqu.hydraulics.swmm.assets import ASCII_UPPER, Record, number
from wenqu.issues import Issue, Weight
from wenqu.network.geometry import Shapes
from wenqu.network.model import Network

NODES = ("manhole", "storage", "outfall")
LINKS = ("conduit", "pump", "weir", "gate")
AS = {"gully": "manhole", "station": "storage", "plant": "outfall", "channel": "conduit"}
ROLES = {
    "node": ("manhole", "gully", "storage", "station", "plant", "outfall"),
    "link": ("conduit", "channel", "weir", "gate", "pump"),
    "area": ("catchment",),
    "place": ("gauge",),
}
WET_WELL_AREA = 10.0  # [m²] where nobody says how large a wet well is
FREE_PASSAGE = {"shape": "dummy", "length": 1.0, "from_offset": 0.0, "to_offset": 0.0}
Shape = npt.NDArray[np.float64]


@dataclass
class EngineAssets:
    """What will be written, by the engine's types and names."""

    records: dict[str, dict[str, Record]] = field(default_factory=dict)  # type → name → record
    shapes: dict[tuple[str, str], Shape] = field(default_factory=dict)  # type, name → coordinates (k, 2)
    names: dict[tuple[str, str], str] = field(default_factory=dict)  # our type and id → name
    issues: list[Issue] = field(default_factory=list)

    def node(self, name: str) -> Record | None:
        """Return the record of a node, whatever its type."""
        return next((self.records[type_][name] for type_ in NODES if name in self.records[type_]), None)

    def note(self, code: str, weight: Weight, type_: str, id_: str, **facts: object) -> None:
        """Keep an issue."""
        self.issues.append(Issue(code, weight, type_, id_, facts=facts))


def record_at(columns: dict[str, npt.NDArray[np.generic]], row: int) -> Record:
    """Return one row of a table, without what is missing."""
    record: Record = {}
    for name, column in columns.items():
        value = column[row]
        if value is None or (column.dtype == np.int8 and value < 0):
            continue
        if isinstance(value, float | np.floating) and math.isnan(value):
            continue
        record[name] = value.item() if isinstance(value, np.generic) else value
    return record


def engine_assets(network: Network, known: set[str]) -> EngineAssets:
    """Return the assets of a network as the engine sees them.

    Parameters
    ----------
    network
        The city's assets.
    known
        Names that the model already has; they stay as they are.
    """
    seen = EngineAssets({type_: {} for type_ in (*NODES, *LINKS, "catchment", "gauge")})
    for role, types in ROLES.items():
        _name(network, types, role, known, seen)
    for types in ROLES.values():
        for type_ in types:
            _take(network, type_, seen)
    _refer(seen)
    _stations(network, seen)
    _outlets(seen, known)
    return seen


def _name(network: Network, types: tuple[str, ...], role: str, known: set[str], seen: EngineAssets) -> None:
    """Give each asset of a role a name that is unique and may stand in a line."""
    ids = [(type_, str(id_)) for type_ in types for id_ in network.table(type_).ids]
    times = Counter(id_.translate(ASCII_UPPER) for _, id_ in ids)
    taken: set[str] = set()
    for type_, id_ in ids:
        name = id_ if id_ in known else plain_name(id_)
        if times[id_.translate(ASCII_UPPER)] > 1 and name.translate(ASCII_UPPER) in taken:
            name = f"{type_}_{name}"
        while name.translate(ASCII_UPPER) in taken:
            name += "_"
        taken.add(name.translate(ASCII_UPPER))
        seen.names[type_, id_] = name
        if name != id_:
            seen.note("inp.renamed", Weight.NOTE, type_, id_, name=name, role=role)


def plain_name(id_: str) -> str:
    """Return an id without what the engine cannot read in a name."""
    name = "_".join(id_.replace(";", " ").replace('"', " ").split()).lstrip("[")
    return name if name not in {"", "*"} else "_"


def _take(network: Network, type_: str, seen: EngineAssets) -> None:
    table = network.table(type_)
    columns = {**table.fields, **table.extra}
    target = AS.get(type_, type_)
    for row, id_ in enumerate(table.ids):
        record = record_at(columns, row)
        if type_ == "gauge" and "rain" not in str(record.get("measures", "rain")):
            continue
        name = seen.names[type_, str(id_)]
        seen.records[target][name] = _translated(type_, str(id_), record, seen)
        seen.shapes[target, name] = (
            first_ring(table.shapes, row) if type_ == "catchment" else table.shapes.of(row)
        )


def first_ring(shapes: Shapes, row: int) -> Shape:
    """Return the first outer ring of an asset: the engine's map knows neither holes nor parts."""
    part, last = shapes.assets[row], shapes.assets[row + 1]
    return shapes.coords[shapes.parts[part] : shapes.parts[min(part + 1, last)]]


def _translated(type_: str, id_: str, record: Record, seen: EngineAssets) -> Record:
    """Return the record of an asset in the fields of the type that stands for it."""
    if type_ == "channel":
        slope = record.get("side_slope", 0.0)
        shape = {"shape": record.get("shape", "trapezoidal"), "size3": slope, "size4": slope}
        sizes = {"height": record.get("depth"), "width": record.get("bottom_width")}
        return {**record, **shape, **{name: size for name, size in sizes.items() if size is not None}}
    if type_ == "plant":
        return {name: value for name, value in record.items() if name != "kind"} | {"kind": "free"}
    if type_ == "outfall" and record.get("kind") in {"tidal", "timeseries"} and "tide_curve" not in record:
        seen.note("inp.no-tide", Weight.DOUBT, type_, id_, kind=record["kind"])
        return {**record, "kind": "free"}
    if type_ in {"station", "storage"} and not {"area", "curve"} & record.keys():
        return _with_area(type_, id_, record, seen)
    return record


def _with_area(type_: str, id_: str, record: Record, seen: EngineAssets) -> Record:
    volume = record.get("wet_well_volume", record.get("volume"))
    if "wet_well_area" in record:
        area = number(record["wet_well_area"])
    elif volume is not None and number(record.get("depth", 0.0)) > 0:
        area = number(volume) / number(record["depth"])
    elif type_ == "storage":
        return record  # one that the model describes by a formula
    else:
        area = WET_WELL_AREA
        seen.note("inp.assumed", Weight.DOUBT, type_, id_, field="wet_well_area", value=area, unit="m²")
    return {**record, "area": area}


def _refer(seen: EngineAssets) -> None:
    """Turn the ids in references into names."""
    names: dict[str, dict[str, str]] = {role: {} for role in ROLES}
    for (type_, id_), name in seen.names.items():
        role = next(role for role, types in ROLES.items() if type_ in types)
        names[role].setdefault(id_, name)
    for type_ in LINKS:
        for record in seen.records[type_].values():
            for side in ("from_id", "to_id"):
                if side in record:
                    record[side] = names["node"].get(str(record[side]), record[side])
    for record in seen.records["catchment"].values():
        outlet = str(record.get("outlet_id", ""))
        record["outlet_id"] = names["node"].get(outlet) or names["area"].get(outlet, record.get("outlet_id"))
        if "gauge" in record:
            record["gauge"] = names["place"].get(str(record["gauge"]), record["gauge"])
    for record in seen.records["manhole"].values():
        if "diverted_to" in record:
            record["diverted_to"] = names["link"].get(str(record["diverted_to"]), record["diverted_to"])


def links_of(seen: EngineAssets) -> Iterator[tuple[str, str, Record]]:
    """Yield type, name and record of every link."""
    for type_ in LINKS:
        for name, record in seen.records[type_].items():
            yield type_, name, record


def _stations(network: Network, seen: EngineAssets) -> None:
    """Put a pump between a station and the conduits that leave it: in the engine water does not climb."""
    leaving = defaultdict(list)
    for type_, name, record in links_of(seen):
        leaving[str(record.get("from_id"))].append((type_, name))
    table = network.table("station")
    for row, id_ in enumerate(table.ids):
        name = seen.names["station", str(id_)]
        conduits = [link for type_, link in leaving[name] if type_ == "conduit"]
        if not conduits or any(type_ == "pump" for type_, _ in leaving[name]):
            continue
        behind, pump = f"{name}_out", f"{name}_pump"
        station = seen.records["storage"][name]
        flow = record_at(dict(table.fields), row).get("design_flow")
        lifted = {"invert_level": station.get("ground_level", station.get("invert_level", 0.0))}
        # The pressure main must be able to stand under pressure where it begins.
        seen.records["manhole"][behind] = {**lifted, "surcharge_depth": 100.0}
        seen.shapes["manhole", behind] = seen.shapes["storage", name]
        seen.records["pump"][pump] = {"from_id": name, "to_id": behind, "design_flow": flow or 0.0}
        seen.shapes["pump", pump] = np.empty((0, 2))
        for link in conduits:
            seen.records["conduit"][link]["from_id"] = behind
            for given in ("from_offset", "from_invert"):
                seen.records["conduit"][link].pop(given, None)


def _outlets(seen: EngineAssets, known: set[str]) -> None:
    """Give an outfall that has several inlets or an outlet a junction: the engine allows one link there."""
    ends_of = [str(record.get(side)) for _, _, record in links_of(seen) for side in ("from_id", "to_id")]
    touching = Counter(ends_of)
    leaving = {str(record.get("from_id")) for _, _, record in links_of(seen)}
    for name in list(seen.records["outfall"]):
        if name in known or (touching[name] <= 1 and name not in leaving):
            continue
        outfall = seen.records["outfall"].pop(name)
        shape = seen.shapes.pop(("outfall", name))
        seen.records["manhole"][name] = {
            k: v for k, v in outfall.items() if k not in {"kind", "flap", "note"}
        }
        seen.shapes["manhole", name] = shape
        if name in leaving:
            continue  # water goes on from here
        seen.records["outfall"][f"{name}_out"] = outfall
        seen.shapes["outfall", f"{name}_out"] = shape
        ends = {"from_id": name, "to_id": f"{name}_out"}
        seen.records["conduit"][f"{name}_out"] = {**FREE_PASSAGE, **ends}
        seen.shapes["conduit", f"{name}_out"] = np.empty((0, 2))
