"""What is drawn in a DXF file: points, lines and texts by layer, in map coordinates?"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import ezdxf.path
import numpy as np
from ezdxf.document import Drawing
from ezdxf.entities.circle import Circle
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.entities.insert import Insert
from ezdxf.entities.line import Line
from ezdxf.entities.lwpolyline import LWPolyline
from ezdxf.entities.mtext import MText
from ezdxf.entities.point import Point
from ezdxf.entities.polyline import Polyline
from ezdxf.entities.text import Text

from wenqu.network.formats.drawing_marks import marked
from wenqu.network.geometry import Floats

FLAT = 0.01  # [m] a curve may lie beside its chords
CURVES = {"ARC", "ELLIPSE", "SPLINE"}


@dataclass(slots=True)
class Drawn:
    """One entity."""

    layer: str
    handle: str
    coords: Floats  # (n, 3)
    line: bool
    closed: bool = False
    about: dict[str, object] = field(default_factory=dict)  # attributes, name of the block
    ours: dict[str, Any] = field(default_factory=dict)  # what an export of ours wrote into it


@dataclass(frozen=True, slots=True)
class Label:
    """One text of the drawing."""

    x: float
    y: float
    height: float
    text: str


@dataclass(slots=True)
class Content:
    """What a drawing holds."""

    drawn: list[Drawn] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)  # entities that are neither, by type


def content_of(drawing: Drawing) -> Content:
    """Return the points, lines and texts of a drawing's model space."""
    made = Content()
    for entity in drawing.modelspace():
        if isinstance(entity, Text | MText):
            made.labels.append(_label(entity))
            continue
        found = _drawn(entity)
        if found is None:
            made.others[entity.dxftype()] += 1
        else:
            found.ours = marked(entity)
            made.drawn.append(found)
    return made


def _label(entity: Text | MText) -> Label:
    if isinstance(entity, MText):
        place, height, text = entity.dxf.insert, entity.dxf.char_height, entity.plain_text()
    else:
        place, height = entity.ocs().to_wcs(entity.dxf.insert), entity.dxf.height
        text = entity.plain_text()
    return Label(place[0], place[1], float(height), " ".join(str(text).split()))


def _drawn(entity: DXFEntity) -> Drawn | None:
    layer, handle = str(entity.dxf.layer), str(entity.dxf.handle)
    if isinstance(entity, Insert):
        place = entity.ocs().to_wcs(entity.dxf.insert)
        about: dict[str, object] = {"block": str(entity.dxf.name)}
        about |= {str(one.dxf.tag): str(one.dxf.text) or None for one in entity.attribs}
        return Drawn(layer, handle, np.array([tuple(place)]), line=False, about=about)
    if isinstance(entity, Point):
        return Drawn(layer, handle, np.array([tuple(entity.dxf.location)]), line=False)
    if isinstance(entity, Circle):  # the usual sign of a manhole where nobody made a block
        return Drawn(layer, handle, np.array([tuple(entity.ocs().to_wcs(entity.dxf.center))]), line=False)
    coords, closed = _vertices(entity)
    return None if len(coords) < 2 else Drawn(layer, handle, coords, line=True, closed=closed)


def _vertices(entity: DXFEntity) -> tuple[Floats, bool]:
    """Return the vertices of a line; curves as chords."""
    if isinstance(entity, Line):
        return np.array([tuple(entity.dxf.start), tuple(entity.dxf.end)]), False
    straight: list[Any] = []
    if isinstance(entity, LWPolyline) and not entity.has_arc:
        straight = list(entity.vertices_in_wcs())
    elif isinstance(entity, Polyline) and not (entity.has_arc or _is_net(entity)):
        straight = list(entity.points_in_wcs())
    if straight:
        closed = bool(getattr(entity, "is_closed", False))
        points = [tuple(one) for one in straight]
        return np.array([*points, points[0]] if closed else points), closed
    if isinstance(entity, LWPolyline) or entity.dxftype() in CURVES or _is_bent(entity):
        path = ezdxf.path.make_path(entity)  # type: ignore[arg-type]
        return np.array([tuple(one) for one in path.flattening(FLAT)]).reshape(-1, 3), path.is_closed
    return np.empty((0, 3)), False


def _is_net(entity: Polyline) -> bool:
    return bool(entity.is_polygon_mesh or entity.is_poly_face_mesh)


def _is_bent(entity: DXFEntity) -> bool:
    return isinstance(entity, Polyline) and not _is_net(entity)
