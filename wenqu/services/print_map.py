"""The map on paper: a chosen place, scale and question as a vector PDF."""

from collections.abc import Callable

import numpy as np

from wenqu.messages import say, sentences
from wenqu.network.geometry import Floats, Shapes, bounds, centres
from wenqu.network.model import Assets, link_lengths
from wenqu.reports.map_sheet import Lines, MapSheet, Paper, map_pdf
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import facts_of
from wenqu.services.print_classes import pens
from wenqu.services.print_place import Order, sheet_place
from wenqu.store.database import Store
from wenqu.store.moments import now

MOST = 120_000  # lines of a sheet that stay lines


def print_map(store: Store, state: CityState, order: Order) -> bytes:
    """Return the sheet as PDF.

    Raises
    ------
    BadInput
        Question, paper or language is unknown, or the box is empty.
    """
    at = sheet_place(state, order)
    plane = at.plane
    lines, left_out = _lines(
        store, state, order, lambda shapes: shapes.with_coords(plane(shapes.coords)), at.frame
    )
    named, nodes = _marks(state, plane, at.frame, order.language)
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
        lines=tuple(lines),
        rivers=_placed(state.network.table("reach"), plane),
        areas=_placed(state.network.table("zone"), plane),
        nodes=nodes,
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
    state: CityState, plane: Callable[[Floats], Floats], frame: tuple[float, ...], language: str
) -> tuple[tuple[tuple[str, tuple[float, float]], ...], tuple[tuple[str, Floats], ...]]:
    nodes, named = [], []
    for name in ("plant", "station", "outfall"):
        table = state.network.table(name)
        at = centres(_placed(table, plane))
        inside = np.flatnonzero(
            (at[:, 0] > frame[0]) & (at[:, 1] > frame[1]) & (at[:, 0] < frame[2]) & (at[:, 1] < frame[3])
        )
        nodes.append((say(f"map.print.{name}", language), at[inside]))
        if name != "outfall":
            names = table.column("name")
            named += [
                (str(names[row] or table.ids[row]), (float(at[row, 0]), float(at[row, 1]))) for row in inside
            ]
    return tuple(named), tuple(nodes)


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
    boxes = bounds(shapes)
    inside = np.flatnonzero(
        (boxes[:, 0] <= frame[2])
        & (boxes[:, 2] >= frame[0])
        & (boxes[:, 1] <= frame[3])
        & (boxes[:, 3] >= frame[1])
    )
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
