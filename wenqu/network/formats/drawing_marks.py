"""What do we write into a drawing (DXF) beside lines, and how is it found again?

Each entity carries the row of its asset as JSON (XDATA); what no entity can carry (field map, coordinate
system, kinds of columns, rows without shape) stands in one record of the drawing. JSON is plain ASCII.
"""

import json
from collections.abc import Iterable
from typing import Any

from ezdxf.document import Drawing
from ezdxf.entities.dxfentity import DXFEntity
from ezdxf.entities.dxfobj import XRecord

OWN = "WENQU"
PIECE = 250  # bytes of one text
MOST = 15_000  # bytes of the JSON of one entity; programs keep 16 kB


def pieces(made: object) -> list[str]:
    """Return something as JSON in pieces that every program keeps."""
    # Programs read \\U+4E00 in a text as one character, so the letter is spelled where that could be.
    text = json.dumps(made, ensure_ascii=True, separators=(",", ":"), default=str).replace("U+", "\\u0055+")
    return [text[low : low + PIECE] for low in range(0, len(text), PIECE)]


def _joined(texts: Iterable[object]) -> dict[str, Any]:
    try:
        made = json.loads("".join(map(str, texts)))
    except ValueError:
        return {}
    return made if isinstance(made, dict) else {}


def mark(entity: DXFEntity, texts: list[str]) -> None:
    """Write texts into an entity."""
    entity.set_xdata(OWN, [(1000, text) for text in texts])


def marked(entity: DXFEntity) -> dict[str, Any]:
    """Return what we wrote into an entity, nothing when it is not ours."""
    if not entity.has_xdata(OWN):
        return {}
    return _joined(tag.value for tag in entity.get_xdata(OWN) if tag.code == 1000)


def keep(drawing: Drawing, texts: list[str]) -> None:
    """Write texts into the drawing itself."""
    drawing.appids.add(OWN)
    drawing.rootdict.add_xrecord(OWN).reset([(1, text) for text in texts])


def kept(drawing: Drawing) -> dict[str, Any]:
    """Return what we wrote into the drawing, nothing when it is not ours."""
    record = drawing.rootdict.get(OWN)
    if not isinstance(record, XRecord):
        return {}
    return _joined(tag.value for tag in record.tags if tag.code == 1)
