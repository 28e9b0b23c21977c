"""Where does a sheet of paper lie on the ground, and what is asked for it?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from pyproj import CRS, Transformer

from wenqu.errors import BadInput
from wenqu.messages import LANGUAGES
from wenqu.network.geometry import Floats
from wenqu.reports.map_sheet import SIZES, Paper
from wenqu.services.city_state import CityState
from wenqu.services.map_classes import QUESTIONS

SCALES = (500, 1000, 2000, 5000, 10000, 15000, 20000, 30000, 50000, 100000, 200000)
Turn = Callable[[Floats], Floats]


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


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Where the field of a sheet lies, in a plane of true metres."""

    plane: Turn  # from the city's coordinates
    back: Turn  # to degrees
    crs: str  # what the plane is called
    middle: tuple[float, float]  # [m]
    scale: float  # one to so many
    frame: tuple[float, float, float, float]  # [m] west, south, east, north


def sheet_place(state: CityState, order: Order) -> SheetPlace:
    """Return where the sheet lies that was ordered.

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
    plane, back, crs = _plane(state)
    paper = Paper(order.size, order.landscape)
    corners = _corners(state, order, plane)
    middle = (float(corners[:, 0].mean()), float(corners[:, 1].mean()))
    scale = order.scale or _scale(corners, paper)
    across, up = np.array(paper.field) / 2000 * scale
    frame = (middle[0] - across, middle[1] - up, middle[0] + across, middle[1] + up)
    return SheetPlace(plane, back, crs, middle, scale, frame)


def show_print_frame(state: CityState, order: Order) -> dict[str, object]:
    """Return what of the ground will be on the paper: a closed ring in degrees, and the scale.

    Raises
    ------
    BadInput
        What is asked for cannot be printed.
    """
    made = sheet_place(state, order)
    west, south, east, north = made.frame
    ring = np.array([[west, south], [east, south], [east, north], [west, north], [west, south]])
    return {
        "scale": made.scale,
        "ring": np.round(made.back(ring), 8).tolist(),
        "papers": list(SIZES),
        "scales": list(SCALES),
    }


def _plane(state: CityState) -> tuple[Turn, Turn, str]:
    """Return how coordinates come to a plane in true metres, from there to degrees, and what it is called."""
    crs = state.network.city.crs
    if crs and CRS.from_user_input(crs).is_projected:
        return (lambda coords: coords), _turn(crs, "EPSG:4326"), crs
    _, south, _, north = state.bounds
    stretch = float(np.cos(np.radians((south + north) / 2)))
    degrees = _turn("EPSG:3857", "EPSG:4326")
    return (
        lambda coords: state.place(coords, "EPSG:3857") * stretch,
        lambda coords: degrees(coords / stretch),
        f"{crs or '–'} (Mercator)",
    )


def _turn(source: str, target: str) -> Turn:
    made = Transformer.from_crs(source, target, always_xy=True)
    return lambda coords: np.column_stack(made.transform(*coords.T))


def _corners(state: CityState, order: Order, plane: Turn) -> Floats:
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
        return _turn("EPSG:4326", crs)(corners)
    low, high = state.bounds[1], state.bounds[3]
    return _turn("EPSG:4326", "EPSG:3857")(corners) * float(np.cos(np.radians((low + high) / 2)))


def _scale(corners: Floats, paper: Paper) -> float:
    across, up = corners.max(axis=0) - corners.min(axis=0)
    least = max(across / paper.field[0], up / paper.field[1], 0.1) * 1000
    return float(next((scale for scale in SCALES if scale >= least), np.ceil(least / 1e5) * 1e5))
