"""What does a water supply model (EPANET INP) hold? Its network as layers, pressure conduits throughout.

Junctions become manholes of kind junction, reservoirs and tanks storages, pipes conduits under pressure,
valves gates, all of system supply. Sections follow the EPANET 2.2 manual; what has no field here keeps its
heading as an unknown column, in the units of the file.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.assembling import BadRow
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.encodings import Encoding, text_of_bytes
from wenqu.network.formats.fieldmap import ColumnMap, FieldMap, LayerMap
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.sheets import column_of_cells
from wenqu.network.geometry import Floats, Shapes

TOKEN = re.compile(r'"([^"\r\n]*)"?|[^\s,]+')
SECTION = re.compile(r"^\s*\[\s*(\w+)", re.MULTILINE)
# A header is known by its first four letters.
SUPPLY, DRAINAGE = {"PIPE", "RESE", "TANK", "VALV", "EMIT"}, {"COND", "OUTF", "SUBC", "STOR", "XSEC"}
METRIC = {"LPS", "LPM", "MLD", "CMH", "CMD", "CMS"}  # flow units that make the whole model metric
READ = {"TITL", "JUNC", "RESE", "TANK", "PIPE", "PUMP", "VALV", "COOR", "VERT", "OPTI", "TAGS", "STAT", "END"}
SYSTEM, KIND, PRESSURE = "(system)", "(kind)", "(pressure)"  # columns that say what the section says


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a section."""

    line: int
    cells: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one section becomes."""

    section: str
    name: str
    type: str
    headings: tuple[str, ...]  # after the id
    fields: tuple[tuple[str, str, str], ...] = ()  # field, heading, which unit: length, bore or ""
    kind: str = ""


ENDS = (("from_id", "Node1", ""), ("to_id", "Node2", ""))
PARTS = (
    Part("JUNC", "JUNCTIONS", "manhole", ("Elev", "Demand", "Pattern"), kind="junction"),
    Part("RESE", "RESERVOIRS", "storage", ("Head", "Pattern"), kind="other"),
    Part(
        "TANK",
        "TANKS",
        "storage",
        ("Elevation", "InitLevel", "MinLevel", "MaxLevel", "Diameter", "MinVol", "VolCurve", "Overflow"),
        (
            ("invert_level", "Elevation", "length"),
            ("initial_depth", "InitLevel", "length"),
            ("depth", "MaxLevel", "length"),
            ("curve", "VolCurve", ""),
        ),
        kind="tank",
    ),
    Part(
        "PIPE",
        "PIPES",
        "conduit",
        ("Node1", "Node2", "Length", "Diameter", "Roughness", "MinorLoss", "Status"),
        (*ENDS, ("length", "Length", "length"), ("height", "Diameter", "bore")),
    ),
    Part("PUMP", "PUMPS", "pump", ("Node1", "Node2"), ENDS),
    Part(
        "VALV",
        "VALVES",
        "gate",
        ("Node1", "Node2", "Diameter", "Type", "Setting", "MinorLoss"),
        (*ENDS, ("height", "Diameter", "bore")),
        kind="valve",
    ),
)


@dataclass(slots=True)
class Model:
    """An INP file by section."""

    path: Path
    encoding: Encoding
    rows: dict[str, list[Row]] = field(default_factory=dict)  # by the first four letters of the section
    names: dict[str, str] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)

    def option(self, name: str, default: str) -> str:
        """Return an option in capitals."""
        found = [row.cells for row in self.rows.get("OPTI", []) if row.cells[0].upper() == name]
        return found[-1][1].upper() if found and len(found[-1]) > 1 else default


def is_epanet(path: Path) -> bool:
    """Tell whether an INP file is a water supply model: by sections that no drainage model has."""
    if not path.is_file():
        return False
    names = {name[:4].upper() for name in SECTION.findall(text_of_bytes(path.read_bytes()).text)}
    return bool(names & SUPPLY) and not names & DRAINAGE


def layers_of_epanet(path: Path) -> Delivered:
    """Return the network of an EPANET model as layers.

    Raises
    ------
    FileUnreadable
        No node or link stands in it.
    """
    model = _parsed(path)
    metric = model.option("UNITS", "GPM") in METRIC
    units = {"length": "m" if metric else "ft", "bore": "mm" if metric else "in", "": ""}
    places = _places(model)
    layers, maps = [], []
    for part in PARTS:
        if model.rows.get(part.section):
            layer = _layer(model, part, places)
            layers.append(layer)
            maps.append(_map(part, layer, units, model.option("HEADLOSS", "H-W")))
    if not layers:
        raise FileUnreadable("no-network", path=path.name)
    issues = [_told(model, layers, metric), *_unplaced(model, layers)]
    return Delivered(layers, issues, model.bad, FieldMap(tuple(maps)), model=True)


def _parsed(path: Path) -> Model:
    text = text_of_bytes(path.read_bytes())
    model, section = Model(path, text.encoding), ""
    for line, content in enumerate(text.text.splitlines(), 1):
        code, _, comment = content.partition(";")
        cells = tuple(match[0] if match[1] is None else match[1] for match in TOKEN.finditer(code))
        if cells and cells[0].startswith("["):
            name = cells[0].strip("[]").upper()
            section = name[:4]
            model.names.setdefault(section, name)
            model.rows.setdefault(section, [])
        elif cells and section:
            model.rows[section].append(Row(line, cells, comment.strip(" ;")))
    return model


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _places(model: Model) -> dict[str, tuple[float, float]]:
    rows = [row.cells for row in model.rows.get("COOR", []) if len(row.cells) > 2]
    made = {cells[0]: (_number(cells[1]), _number(cells[2])) for cells in rows}
    return {name: place for name, place in made.items() if all(map(math.isfinite, place))}


def _layer(model: Model, part: Part, places: dict[str, tuple[float, float]]) -> RawLayer:
    rows = model.rows[part.section]
    columns = {"ID": pa.array([row.cells[0] for row in rows], pa.string())}
    for place, heading in enumerate(part.headings, 1):
        cells: list[object] = [row.cells[place] if place < len(row.cells) else None for row in rows]
        text = part.name == "PIPES" and heading == "Status"
        columns[heading] = (
            pa.array(cells, pa.string())
            if heading in {"Node1", "Node2", "Pattern"} or text
            else _figures(cells)
        )
    rest = [" ".join(row.cells[len(part.headings) + 1 :]) or None for row in rows]
    columns["Parameters"] = pa.array(rest, pa.string())
    columns |= _further(model, part, rows)
    says: dict[str, object] = {SYSTEM: "supply" if part.type not in {"pump", "gate"} else None}
    says |= {KIND: part.kind or None, PRESSURE: "pressure" if part.type == "conduit" else None}
    columns |= {name: pa.array([value] * len(rows), pa.string()) for name, value in says.items()}
    kept = {name: column for name, column in columns.items() if column.null_count < len(column)}
    shapes = _lines(model, rows, places) if "Node1" in part.headings else _points(rows, places)
    kinds = np.where(np.diff(shapes.assets) > 0, "line" if "Node1" in part.headings else "point", "")
    numbers = np.array([row.line for row in rows], dtype=np.int64)
    return RawLayer(
        model.path.name, part.name, kept, shapes, kinds.astype(object), numbers, "", model.encoding
    )


def _figures(cells: list[object]) -> pa.Array:
    """Return cells as numbers where all are, else as text."""
    numbers = [None if cell is None else _number(str(cell)) for cell in cells]
    whole = all(number is None or math.isfinite(number) for number in numbers)
    return column_of_cells([*numbers] if whole else cells, typed=True)


def _further(model: Model, part: Part, rows: list[Row]) -> dict[str, pa.Array]:
    """Return what other sections and the comment say of each asset of a section, and the plan of a tank."""
    of = {"JUNC": "NODE", "RESE": "NODE", "TANK": "NODE"}.get(part.section, "LINK")
    tags = {row.cells[1]: " ".join(row.cells[2:]) for row in model.rows.get("TAGS", []) if _tags(row, of)}
    status = {row.cells[0]: " ".join(row.cells[1:]) for row in model.rows.get("STAT", [])}
    made: dict[str, list[object]] = {
        "Comment": [row.comment or None for row in rows],
        "Tag": [tags.get(row.cells[0]) for row in rows],
    }
    if of == "LINK":
        made["InitialStatus"] = [status.get(row.cells[0]) for row in rows]
    if part.section == "PUMP":
        made["HeadCurve"] = [_after(row, "HEAD") for row in rows]
    return {name: pa.array(values, pa.string()) for name, values in made.items()}


def _tags(row: Row, of: str) -> bool:
    return len(row.cells) > 2 and row.cells[0].upper() == of


def _after(row: Row, word: str) -> str | None:
    upper = [cell.upper() for cell in row.cells]
    place = upper.index(word, 3) + 1 if word in upper[3:] else len(row.cells)
    return row.cells[place] if place < len(row.cells) else None


def _points(rows: list[Row], places: dict[str, tuple[float, float]]) -> Shapes:
    nowhere = (math.nan, math.nan)
    return Shapes.points(np.array([places.get(row.cells[0], nowhere) for row in rows], dtype=float))


def _lines(model: Model, rows: list[Row], places: dict[str, tuple[float, float]]) -> Shapes:
    """Return links from node to node by way of their vertices; one without both nodes has no shape."""
    between: dict[str, list[tuple[float, float]]] = {}
    for row in model.rows.get("VERT", []):
        if len(row.cells) > 2:
            between.setdefault(row.cells[0], []).append((_number(row.cells[1]), _number(row.cells[2])))
    drawn: list[Floats] = []
    for row in rows:
        ends = [places.get(cell) for cell in row.cells[1:3]]
        whole = len(ends) == 2 and None not in ends
        drawn.append(np.array([ends[0], *between.get(row.cells[0], []), ends[1]] if whole else [], float))
    starts = np.cumsum([0, *map(len, drawn)]).astype(np.int64)
    return Shapes.lines(np.concatenate([one.reshape(-1, 2) for one in drawn]), starts)


def _map(part: Part, layer: RawLayer, units: dict[str, str], headloss: str) -> LayerMap:
    fields = [ColumnMap(name, heading, units[unit]) for name, heading, unit in part.fields]
    says = (("system", SYSTEM), ("kind", KIND), ("pressure", PRESSURE), ("note", "Comment"))
    fields += [ColumnMap(name, column) for name, column in (*says, ("curve", "HeadCurve"))]
    if part.type == "conduit" and headloss.startswith("C"):  # Chezy-Manning; else it is no Manning figure
        fields.append(ColumnMap("roughness", "Roughness"))
    return LayerMap(layer.name, part.type, "ID", tuple(one for one in fields if one.column in layer.columns))


def _told(model: Model, layers: list[RawLayer], metric: bool) -> Issue:
    count = {layer.name: len(layer) for layer in layers}
    unread = [model.names[section] for section, rows in model.rows.items() if rows and section not in READ]
    facts: dict[str, object] = {part.name.lower(): count.get(part.name, 0) for part in PARTS}
    facts |= {"flow": model.option("UNITS", "GPM"), "units": "m, mm" if metric else "ft, in"}
    facts |= {"headloss": model.option("HEADLOSS", "H-W"), "unread": ", ".join(sorted(set(unread))) or "-"}
    return Issue("format.epanet", Weight.NOTE, place=Place(model.path.name), facts=facts)


def _unplaced(model: Model, layers: list[RawLayer]) -> list[Issue]:
    """Return an Issue for each section of nodes some of which [COORDINATES] does not place."""
    issues = []
    for layer in layers:
        lost = np.flatnonzero(layer.kinds == "")
        if len(lost) and "Node1" not in layer.columns:
            place = Place(model.path.name, layer.name, int(layer.rows[lost[0]]))
            facts: dict[str, object] = {"count": len(lost), "x": "X-Coord", "y": "Y-Coord"}
            issues.append(Issue("table.no-place", Weight.DOUBT, place=place, facts=facts))
    return issues
