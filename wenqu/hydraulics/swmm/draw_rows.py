"""How do the assets of a network stand in the map sections of an INP file?"""

from collections.abc import Iterator

import numpy as np

from wenqu.hydraulics.swmm.edit import Edit
from wenqu.hydraulics.swmm.engine_assets import LINKS, NODES, Shape
from wenqu.hydraulics.swmm.quantities import plain
from wenqu.hydraulics.swmm.sections import Row, quoted

DRAWN_TYPES = {"COORDINATES": NODES, "VERTICES": LINKS, "POLYGONS": ("catchment",), "SYMBOLS": ("gauge",)}
NOWHERE = np.empty((0, 2))


def drawn_lines(section: str, row: Row, edit: Edit) -> Iterator[str]:
    """Yield a coordinate row if its asset lies where it lay; else all new ones in place of the first."""
    type_, name = edit.drawn.owners[row.line]
    current = edit.current(type_, name)
    if current is None:
        return
    shape = edit.seen.shapes.get((current[0], name), NOWHERE)
    known = edit.moved.get((section, name))
    moved = len(shape) > 0 and _moved(section, shape, (type_, name), edit) if known is None else known
    edit.moved[section, name] = moved
    if not moved:
        yield row.text
    elif known is None:
        yield from (line + edit.ending for line in coordinate_lines(section, name, shape))


def new_drawn_lines(section: str, edit: Edit) -> Iterator[str]:
    """Yield the rows of the assets that a map section does not have yet."""
    for type_ in DRAWN_TYPES[section]:
        for name in edit.seen.records[type_]:
            former = [other for other in DRAWN_TYPES[section] if edit.drawn.of(section, (other, name))]
            if not former:
                yield from coordinate_lines(section, name, edit.seen.shapes.get((type_, name), NOWHERE))


def _moved(section: str, shape: Shape, key: tuple[str, str], edit: Edit) -> bool:
    if section == "VERTICES":  # the ends of a line are its nodes' business
        before = np.array(edit.drawn.of(section, key)).reshape(-1, 2)
        return not (_alike(shape[1:-1], before) or _alike(shape, edit.shapes[key]))
    return not _alike(shape, edit.shapes[key])


def _alike(one: Shape, other: Shape) -> bool:
    return one.shape == other.shape and bool((np.abs(one - other) <= 1e-9).all())


def coordinate_lines(section: str, name: str, shape: Shape) -> Iterator[str]:
    """Yield the rows that draw an asset: of a line its inner corners, of a ring each corner once."""
    if section == "VERTICES":
        shape = shape[1:-1]
    elif section == "POLYGONS" and len(shape) > 1 and (shape[0] == shape[-1]).all():
        shape = shape[:-1]
    for x, y in shape:
        yield f"{quoted(name):<16} {plain(x):<18} {plain(y)}"
