"""The map on paper: a chosen place, scale and question as a vector PDF."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from wenqu.messages import say, sentences
from wenqu.network.geometry import Floats, Shapes, bounds, centres
from wenqu.network.model import Assets, link_lengths
from wenqu.network.schema import asset_type
from wenqu.reports.drawing import SOFT
from wenqu.reports.map_sheet import Lines, MapSheet, Marks, Paper, map_pdf
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import facts_of
from wenqu.services.print_classes import pens
from wenqu.services.print_place import Order, SheetPlace, sheet_place
from wenqu.store.database import Store
from wenqu.store.moments import now

MOST = 120_000  # lines of a sheet that stay lines
Ints = npt.NDArray[np.int64]
Box = tuple[float, ...]  # west, south, east, north [m] in the sheet's plane
# How each kind of point is drawn (sign, size [pt]), and up to which scale, the small below the large.
SIGNS = {
    "gully": (".", 1.6, 2_500),
    "manhole": ("o", 2.2, 5_000),
    "gauge": ("p", 4.0, 25_000),
    "meter": ("D", 3.4, 50_000),
    "storage": ("h", 4.5, np.inf),
    "outfall": ("v", 4.0, np.inf),
    "station": ("^", 4.0, np.inf),
    "plant": ("s", 4.0, np.inf),
}
NAMED = ("plant", "station")
NUMBERED, MOST_NUMBERS = 1_000, 600  # up to this scale manholes bear their numbers, if they are not too many
# Links that no question colours: width [pt] and dash.
OTHERS = {
    "channel": (1.2, (0.0, (6.0, 1.5))),
    "weir": (1.0, (0.0, (1.0, 1.0))),
    "gate": (1.0, (0.0, (2.0, 1.0))),
    "pump": (1.0, (0.0, (4.0, 1.0))),
}


def print_map(store: Store, state: CityState, order: Order) -> bytes:
    """Return the sheet as PDF.

    Raises
    ------
    BadInput
        Question, paper or language is unknown, or the box is empty.
    """
    at = sheet_place(state, order)
    plane = at.plane

    def placed(shapes: Shapes) -> Shapes:
        return shapes.with_coords(plane(shapes.coords))

    lines, left_out = _lines(store, state, order, placed, at.frame)
    marks, named = _marks(state, at, order.language)
    city = state.network.city
    tongue = order.language
    notes = [
        (city.zh if tongue == "zh" else city.en) or city.code,
        say("map.print.as-of", tongue, day=(state.network.as_of or now().isoformat())[:10]),
        say("map.print.crs", tongue, crs=at.crs),
        *([say("map.print.left-out", tongue, count=left_out)] if left_out else []),
    ]
    made = MapSheet(
        title=order.title or say("map.print.title", tongue, city=notes[0]),
        question=_question(order.question, tongue),
        lines=(*_others(state, placed, at.frame, order.language), *lines),
        rivers=_placed(state.network.table("reach"), plane),
        areas=_placed(state.network.table("zone"), plane),
        marks=marks,
        named=named,
        middle=at.middle,
        scale=at.scale,
        notes=tuple(notes),
        simulated=say("page.simulated", tongue) if city.simulated else "",
    )
    return map_pdf(made, Paper(order.size, order.landscape), tongue)


def _question(name: str, language: str) -> str:
    """Return what colours the sheet, with the unit of its classes where they are amounts."""
    unit = sentences(language).get(f"page.map.unit_{name}")
    asked = say(f"page.map.by_{name}", language)
    return say("map.print.with-unit", language, question=asked, unit=unit) if unit else asked


def _placed(table: Assets, plane: Callable[[Floats], Floats]) -> Shapes:
    shapes = table.shapes
    return shapes.with_coords(plane(shapes.coords)) if len(shapes.coords) else shapes


def _marks(
    state: CityState, at: SheetPlace, language: str
) -> tuple[tuple[Marks, ...], tuple[tuple[str, tuple[float, float]], ...]]:
    """Return the points inside the frame and their names: manholes and gullies where the scale has room."""
    frame, marks, named = at.frame, [], []
    for name, (sign, size, widest) in SIGNS.items():
        table = state.network.table(name)
        if at.scale > widest or not len(table.shapes.coords):
            continue
        spots = centres(_placed(table, at.plane))
        inside = np.flatnonzero(
            (spots[:, 0] > frame[0])
            & (spots[:, 1] > frame[1])
            & (spots[:, 0] < frame[2])
            & (spots[:, 1] < frame[3])
        )
        marks.append(Marks(_named(name, language), sign, size, spots[inside]))
        names = table.column("name") if name in NAMED else table.ids
        if name in NAMED or (name == "manhole" and at.scale <= NUMBERED and len(inside) <= MOST_NUMBERS):
            named += [
                (str(names[row] or table.ids[row]), (float(spots[row, 0]), float(spots[row, 1])))
                for row in inside
            ]
    return tuple(marks), tuple(reversed(named))  # plants and stations find room first


def _named(type_: str, language: str) -> str:
    kind = asset_type(type_)
    return kind.zh if language == "zh" else kind.en


def _others(state: CityState, placed: Callable[[Shapes], Shapes], frame: Box, language: str) -> list[Lines]:
    """Return the links inside the frame that no question colours: channels, weirs, gates, pumps."""
    made = []
    for name, (width, dash) in OTHERS.items():
        table = state.network.table(name)
        if not len(table.shapes.coords):
            continue
        shapes = placed(table.shapes)
        inside = _inside(shapes, frame)
        length = float(np.nan_to_num(link_lengths(table))[inside].sum()) if name == "channel" else 0.0
        made.append(Lines(_named(name, language), SOFT, width, shapes.take(inside), length, dash))
    return made


def _inside(shapes: Shapes, frame: Box) -> Ints:
    boxes = bounds(shapes)
    return np.flatnonzero(
        (boxes[:, 0] <= frame[2])
        & (boxes[:, 2] >= frame[0])
        & (boxes[:, 1] <= frame[3])
        & (boxes[:, 3] >= frame[1])
    )


def _lines(
    store: Store,
    state: CityState,
    order: Order,
    placed: Callable[[Shapes], Shapes],
    frame: tuple[float, ...],
) -> tuple[list[Lines], int]:
    """Return the classes inside the frame, and how many small pipes a crowded sheet leaves out."""
    conduits = state.network.table("conduit")
    if not len(conduits.shapes.coords):
        return [], 0
    shapes = placed(conduits.shapes)
    inside = _inside(shapes, frame)
    left_out = 0
    heights = np.nan_to_num(conduits.column("height"))
    if len(inside) > MOST:
        widest = np.argsort(-heights[inside], kind="stable")
        left_out, inside = len(inside) - MOST, inside[np.sort(widest[:MOST])]
    lengths = np.nan_to_num(link_lengths(conduits))
    widths = np.clip(heights * 1.2, 0.35, 2.4)
    made = []
    for pen in pens(order.question, conduits, facts_of(store, state), order.language):
        kept = inside[pen.rows[inside]]
        wide = float(np.median(widths[kept])) * pen.wider if len(kept) else 0.5
        made.append(
            Lines(pen.label, pen.colour, wide, shapes.take(kept), float(lengths[kept].sum()), pen.dash)
        )
    return made, left_out
