"""How does one link become two at a node on its way?"""

import numpy as np

from wenqu.network.edits import Edit
from wenqu.network.geometry import Floats
from wenqu.network.repairs.seeing import Seeing

OF_START = ("from_offset", "from_crown", "from_cover")
OF_END = ("to_offset", "to_crown", "to_cover")


def cut(line: Floats, place: Floats) -> tuple[Floats, Floats, float]:
    """Return a line before and after its point nearest to a place, and the share of its length there."""
    start, along = line[:-1], np.diff(line, axis=0)
    share = ((place - start) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-12)
    share = np.clip(share, 0.0, 1.0)
    away = np.hypot(*(start + share[:, None] * along - place).T)
    piece = int(np.argmin(away))
    long = np.hypot(*along.T)
    walked = long[:piece].sum() + share[piece] * long[piece]
    return (
        np.vstack([line[: piece + 1], place]),
        np.vstack([place, line[piece + 1 :]]),
        float(walked / max(long.sum(), 1e-12)),
    )


def split(
    seen: Seeing, link: tuple[str, str], node: tuple[str, str], place: Floats | None = None
) -> list[Edit]:
    """Return the edits that lead a link through a node: it ends there, a second one goes on from there.

    Lengths go by the share of the drawing, inverts by the slope; ``place`` where the node is new.
    """
    type_, id_ = link
    pieces = seen.parts(type_, id_)
    if len(pieces) != 1:
        return []
    if place is None:
        place = seen.parts(*node)[0][0]
    before, after, share = cut(pieces[0], np.asarray(place, dtype=np.float64))
    fields = seen.fields(type_, id_)
    first: dict[str, object] = {"to_id": node[1]}
    second = {**fields, "from_id": node[1]}
    for name in OF_END:
        first |= {name: None} if name in fields else {}
    for name in OF_START:
        second.pop(name, None)
    length, start, end = (fields.get(name) for name in ("length", "from_invert", "to_invert"))
    if isinstance(length, float):
        first["length"], second["length"] = length * share, length * (1 - share)
    if isinstance(start, float) and isinstance(end, float):
        first["to_invert"] = second["from_invert"] = start + (end - start) * share
    else:
        first |= {"to_invert": None} if "to_invert" in fields else {}
        second.pop("from_invert", None)
    return [
        Edit(type_, id_, first, parts=(before,)),
        Edit(type_, seen.fresh(f"{id_}-2"), second, parts=(after,)),
    ]
