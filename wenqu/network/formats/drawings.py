"""What does a drawing (DXF) of a survey hold? Points and lines by layer, what layers mean by their names.

Attributes of blocks are columns; a text is the name of the point, or the label of the line, beside which it
stands alone; lines end at the points at which they are drawn to end.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import ezdxf
import numpy as np
import pyarrow as pa
from ezdxf.document import Drawing
from ezdxf.lldxf.const import DXFError

from wenqu.errors import FileUnreadable
from wenqu.issues import Issue, Place, Weight
from wenqu.network.formats.delivered import Delivered
from wenqu.network.formats.drawing_entities import Content, Drawn, content_of
from wenqu.network.formats.drawing_labels import labels_of
from wenqu.network.formats.drawing_marks import kept
from wenqu.network.formats.drawing_own import own_layers
from wenqu.network.formats.ends_by_place import with_ends
from wenqu.network.formats.fieldmap import ColumnMap, FieldMap, LayerMap
from wenqu.network.formats.placing import meaning
from wenqu.network.formats.proposing import likely_type, proposal
from wenqu.network.formats.raw import RawLayer
from wenqu.network.formats.sheets import column_of_cells
from wenqu.network.geometry import Shapes
from wenqu.network.schema import asset_type

# Beginnings of the names of layers (CJJ 61-2017) and words in them → kind of water; PS is any sewer.
LETTERS = {"WS": "sanitary", "YS": "storm", "HS": "combined", "PS": ""}
WORDS = {
    "污水": "sanitary", "雨水": "storm", "合流": "combined", "排水": "", "sanitary": "sanitary",
    "storm": "storm", "combined": "combined", "supply": "supply", "sewer": "",
}  # fmt: skip
BEGINNING = re.compile(r"^(WS|YS|HS|PS)(?![a-z])")
BY_SHAPE = {"point": "manhole", "line": "conduit"}
HANDLE, LABEL, SYSTEM = "handle", "label", "(system)"
TAIL = 64  # bytes in which the last word of a whole drawing stands
BROKEN = (DXFError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError)


def layers_of_drawing(path: Path) -> Delivered:
    """Return the points and lines of a drawing as layers.

    Raises
    ------
    FileUnreadable
        It is empty, cut short, no DXF, or draws neither points nor lines.
    """
    drawing = _opened(path)
    content = content_of(drawing)
    try:
        layers, map_, rest = own_layers(path, kept(drawing), content.drawn)
    except BROKEN as error:  # what we wrote down in it was tampered with
        raise FileUnreadable("drawing", path=path.name) from error
    foreign, entries, issues = _foreign(path, replace_drawn(content, rest), {one.name for one in layers})
    if not layers and not foreign:
        raise FileUnreadable("no-drawing", path=path.name)
    joined, found, told = with_ends(foreign, FieldMap((*map_.layers, *entries)), layers)
    return Delivered([*layers, *joined], [*issues, *told], fieldmap=found)


def replace_drawn(content: Content, drawn: list[Drawn]) -> Content:
    """Return a content with other entities."""
    return Content(drawn, content.labels, content.others)


def _opened(path: Path) -> Drawing:
    with path.open("rb") as file:
        start = file.read(22)
        file.seek(max(path.stat().st_size - TAIL, 0))
        end = file.read()
    if not start:
        raise FileUnreadable("empty", path=path.name)
    if start.startswith(b"AC10"):
        raise FileUnreadable("dwg", path=path.name)
    if not start.startswith(b"AutoCAD Binary DXF") and b"EOF" not in end:
        raise FileUnreadable("drawing", path=path.name)
    try:
        return ezdxf.readfile(str(path))  # type: ignore[attr-defined]
    except BROKEN as error:  # what the library raises at the many ways in which a drawing can be broken
        raise FileUnreadable("drawing", path=path.name) from error


def _foreign(
    path: Path, content: Content, taken: set[str]
) -> tuple[list[RawLayer], list[LayerMap], list[Issue]]:
    """Return what we did not write, as layers, with what they probably mean."""
    labels = labels_of(content.drawn, content.labels)
    grouped: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(content.drawn):
        grouped.setdefault((one.layer, "line" if one.line else "point"), []).append(place)
    layers, maps = [], []
    for (name, kind), places in grouped.items():
        alone = sum(other == name for other, _ in grouped) == 1 and name not in taken
        rows = [content.drawn[place] for place in places]
        texts = [labels.get(place) for place in places]
        layer = _layer(path, name if alone else f"{name} ({kind})", kind, rows, texts)
        layer, entry = _meant(layer, name, kind, rows)
        layers.append(layer)
        maps += [entry] if entry else []
    issues = []
    if content.others:
        told = ", ".join(f"{type_} {count}" for type_, count in content.others.most_common())
        facts: dict[str, object] = {"count": content.others.total(), "types": told}
        issues.append(Issue("format.not-drawn", Weight.NOTE, place=Place(path.name), facts=facts))
    return layers, maps, issues


def _layer(path: Path, name: str, kind: str, rows: Sequence[Drawn], texts: Sequence[str | None]) -> RawLayer:
    names = dict.fromkeys(key for one in rows for key in one.about)
    columns = {HANDLE: pa.array([one.handle for one in rows], pa.string())}
    columns |= {key: column_of_cells([one.about.get(key) for one in rows], typed=False) for key in names}
    heights = np.array([[one.coords[0, 2], one.coords[-1, 2]] for one in rows])
    if heights.any():
        own = ("Z1", "Z2") if kind == "line" else ("Z",)
        columns |= {key: pa.array(heights[:, place]) for place, key in enumerate(own) if key not in columns}
    if any(texts) and LABEL not in columns:
        columns[LABEL] = pa.array(texts, pa.string())
    coords = np.concatenate([one.coords[:, :2] for one in rows])
    starts = np.cumsum([0, *(len(one.coords) for one in rows)]).astype(np.int64)
    shapes = Shapes.points(coords) if kind == "point" else Shapes.lines(coords, starts)
    kinds = np.full(len(rows), kind, dtype=object)
    return RawLayer(path.name, name, columns, shapes, kinds, np.arange(1, len(rows) + 1), "")


def _water(name: str) -> str | None:
    """Return the kind of water that a layer's name says, None when it says nothing of sewers."""
    found = BEGINNING.match(name)
    if found:
        return LETTERS[found[1]]
    inside = [word for word in WORDS if word in name.casefold()]
    return next((WORDS[word] for word in inside if WORDS[word]), "") if inside else None


def _meant(layer: RawLayer, name: str, kind: str, rows: Sequence[Drawn]) -> tuple[RawLayer, LayerMap | None]:
    """Return a layer with its map; closed lines of a type that is an area are areas."""
    water = _water(name)
    closed = kind == "line" and all(one.closed and len(one.coords) > 3 for one in rows)
    kinds = np.full(len(rows), "polygon", dtype=object) if closed else layer.kinds
    type_ = likely_type(replace(layer, name=name, kinds=kinds))
    if closed and asset_type(type_ or "manhole").geometry == "polygon":
        layer = replace(layer, kinds=kinds)
    elif not type_ or asset_type(type_).geometry != kind:
        type_ = BY_SHAPE[kind] if water is not None else ""
    if not type_:
        return layer, None
    entry = proposal(layer, type_)
    fields = {one.field for one in entry.columns}
    entry = entry if entry.id else replace(entry, id=HANDLE)
    added = []
    known = {one.name for one in asset_type(type_).fields}
    if LABEL in layer.columns and kind == "point" and "name" in known - fields:
        added.append(ColumnMap("name", LABEL))
    if water and "system" in known - fields:
        column = pa.array([water] * len(layer), pa.string())
        layer = replace(layer, columns=layer.columns | {SYSTEM: column})
        added.append(ColumnMap("system", SYSTEM))
    places = dict(entry.places)
    if type_ == "manhole" and not places and any(meaning(str(one.about.get("block", ""))) for one in rows):
        places["feature"] = "block"
    return layer, replace(entry, columns=(*entry.columns, *added), places=places)
