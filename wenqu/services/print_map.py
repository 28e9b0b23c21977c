"""The map on paper: a chosen place, scale and question as a vector PDF."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer

from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES, say
from wenqu.network.geometry import Floats, Shapes, bounds, centres
from wenqu.network.model import Assets, link_lengths
from wenqu.reports.drawing import CLASSES, GRADES, RAMP, UNKNOWN
from wenqu.reports.map_sheet import SIZES, Lines, MapSheet, Paper, map_pdf
from wenqu.reports.wording import code_label
from wenqu.services.city_state import CityState
from wenqu.services.conduit_facts import ConduitFacts, conduit_facts
from wenqu.store.database import Store

QUESTIONS = ("system", "diameter", "age", "material", "grade", "extraneous")
SCALES = (500, 1000, 2000, 5000, 10000, 15000, 20000, 30000, 50000, 100000, 200000)
SYSTEMS = {"storm": "#0072b2", "sanitary": "#d55e00", "combined": "#cc79a7", "supply": "#009e73"}
BOUNDS = {
    "diameter": (0.3, 0.5, 0.8, 1.2),  # [m]
    "age": (10.0, 20.0, 30.0, 40.0),  # [a]
    "extraneous": (10.0, 50.0, 150.0, 500.0),  # [m³/(d·km)]
}
MOST = 120_000  # lines of a sheet that stay lines


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    question: str = "system"
    size: str = "A3"
    landscape: bool = True
    scale: float = 0.0  # one to so many; 0: the smallest round one that shows the box
    box: tuple[float, float, float, float] | None = None  # [°] west, south, east, north; None: the city
    title: str = ""
    language: str = "zh"


def box_of(text: str) -> tuple[float, float, float, float] | None:
    """Return a box from "west,south,east,north"; None of an empty text.

    Raises
    ------
    BadInput
        It is no box.
    """
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput("print", what="box", given=text, known="west,south,east,north") from None
    return west, south, east, north


def print_map(store: Store, state: CityState, order: Order) -> bytes:
    """Return the sheet as PDF.

    Raises
    ------
    BadInput
        Question, paper or language is unknown, or the box is empty.
    """
    for name, value, known in (
        ("question", order.question, QUESTIONS), ("size", order.size, tuple(SIZES)),
        ("language", order.language, LANGUAGES),
    ):  # fmt: skip
        if value not in known:
            raise BadInput("print", what=name, given=value, known=", ".join(known))
    plane, name = _plane(state)
    paper = Paper(order.size, order.landscape)
    corners = _corners(state, order, plane)
    middle = (float(corners[:, 0].mean()), float(corners[:, 1].mean()))
    scale = order.scale or _scale(corners, paper)
    half = np.array(paper.field) / 2000 * scale
    frame = (middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1])
    lines, left_out = _lines(
        store, state, order, lambda shapes: shapes.with_coords(plane(shapes.coords)), frame
    )
    named, nodes = _marks(state, plane, frame, order.language)
    city = state.network.city
    tongue = order.language
    notes = [
        (city.zh if tongue == "zh" else city.en) or city.code,
        say("map.print.as-of", tongue, day=(state.network.as_of or date.today().isoformat())[:10]),  # noqa: DTZ011
        say("map.print.crs", tongue, crs=name),
        *([say("map.print.left-out", tongue, count=left_out)] if left_out else []),
    ]
    made = MapSheet(
        title=order.title or say("map.print.title", tongue, city=notes[0]),
        question=say(f"page.map.by_{order.question}", tongue),
        lines=tuple(lines),
        rivers=_placed(state.network.table("reach"), plane),
        areas=_placed(state.network.table("zone"), plane),
        nodes=nodes,
        named=named,
        middle=middle,
        scale=scale,
        notes=tuple(notes),
        simulated=say("page.simulated", tongue) if city.simulated else "",
    )
    return map_pdf(made, paper, tongue)


def _plane(state: CityState) -> tuple[Callable[[Floats], Floats], str]:
    """Return how coordinates come to a plane in true metres, and what it is called."""
    crs = state.network.city.crs
    if crs and CRS.from_user_input(crs).is_projected:
        return (lambda coords: coords), crs
    _, south, _, north = state.bounds
    stretch = float(np.cos(np.radians((south + north) / 2)))
    return (lambda coords: state.place(coords, "EPSG:3857") * stretch), f"{crs or '–'} (Mercator)"


def _corners(state: CityState, order: Order, plane: Callable[[Floats], Floats]) -> Floats:
    if order.box is None:
        tables = [table.shapes.coords for table in state.network.tables.values() if len(table.shapes.coords)]
        coords = np.concatenate([np.zeros((1, 2)) if not tables else np.empty((0, 2)), *tables])
        placed = plane(coords)
        return np.array([placed.min(axis=0), placed.max(axis=0)])
    west, south, east, north = order.box
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise BadInput("print", what="box", given=str(order.box), known="west,south,east,north")
    corners = np.array([[west, south], [east, north], [west, north], [east, south]])
    crs = state.network.city.crs
    if crs and CRS.from_user_input(crs).is_projected:
        turn = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        return np.column_stack(turn.transform(*corners.T))
    turn = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    low, high = state.bounds[1], state.bounds[3]
    return np.column_stack(turn.transform(*corners.T)) * float(np.cos(np.radians((low + high) / 2)))


def _scale(corners: Floats, paper: Paper) -> float:
    across, up = corners.max(axis=0) - corners.min(axis=0)
    least = max(across / paper.field[0], up / paper.field[1], 0.1) * 1000
    return float(next((scale for scale in SCALES if scale >= least), np.ceil(least / 1e5) * 1e5))


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
    day = date.fromisoformat(state.network.as_of[:10]) if state.network.as_of else None
    facts = state.once("conduit-facts", lambda: conduit_facts(store, state, day))
    lengths = np.nan_to_num(link_lengths(conduits))
    widths = np.clip(heights * 1.2, 0.35, 2.4)
    made = []
    for label, colour, rows in _classes(order, conduits, facts):
        kept = inside[rows[inside]]
        wide = float(np.median(widths[kept])) if len(kept) else 0.5
        made.append(Lines(label, colour, wide, shapes.take(kept), float(lengths[kept].sum())))
    return made, left_out


def _classes(
    order: Order, conduits: Assets, facts: ConduitFacts
) -> list[tuple[str, str, npt.NDArray[np.bool_]]]:
    tongue = order.language
    if order.question in {"system", "material"}:
        return _codes(order.question, conduits.column(order.question), tongue)
    if order.question == "grade":
        labels = [say(f"page.map.grade_{grade}", tongue) for grade in range(5)]
        return [(labels[grade], GRADES[grade], facts.grade == grade) for grade in (0, 1, 2, 3, 4)]
    values = {
        "diameter": conduits.column("height"), "age": facts.age, "extraneous": facts.extraneous_per_km
    }[order.question]  # fmt: skip
    edges = (-np.inf, *BOUNDS[order.question], np.inf)
    made = [(say("report.map.unknown", tongue), UNKNOWN, np.isnan(values))]
    times = 1000 if order.question == "diameter" else 1
    for step, colour in enumerate(RAMP):
        low, high = edges[step], edges[step + 1]
        label = f"< {high * times:g}" if step == 0 else f"≥ {low * times:g}" if np.isinf(high) else ""
        made.append((label or f"{low * times:g}–{high * times:g}", colour, (values >= low) & (values < high)))
    return made


def _codes(
    name: str, column: npt.NDArray[np.object_], tongue: str
) -> list[tuple[str, str, npt.NDArray[np.bool_]]]:
    present = [str(code) for code in dict.fromkeys(column.tolist()) if code]
    ranked = sorted(present, key=lambda code: -int((column == code).sum()))[: len(CLASSES)]
    colours = SYSTEMS if name == "system" else dict(zip(ranked, CLASSES, strict=False))
    made = [(code_label(name, code, tongue), colours.get(code, UNKNOWN), column == code) for code in ranked]
    rest = ~np.isin(column.astype(str), np.array(ranked, dtype=str)) if len(column) else np.zeros(0, bool)
    return [*made, (say("report.map.unknown", tongue), UNKNOWN, rest)]
