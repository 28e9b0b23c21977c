"""Where in the city is it? The network drawn in the colours of one question."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.messages import say
from wenqu.network.geometry import Shapes, bounds, centres
from wenqu.network.model import Network, link_lengths
from wenqu.reports.content import CityReport
from wenqu.reports.drawing import GRADES, INK, MANY, PALE, RAMP, RIVER, SOFT, UNKNOWN, sheet, style, svg_of
from wenqu.reports.wording import ROMAN, code_label, count, figure

KM = 1000.0
DAY = 86400.0
BOUNDS = (10.0, 50.0, 150.0, 500.0)  # [m³/(d·km)] classes of the page's map
WIDTH = 6.7  # [inch] of the text on A4
TALLEST = 6.3
LEGEND = 0.75


@dataclass(frozen=True, slots=True)
class Kind:
    """One class of a map: which conduits, and how they are drawn."""

    label: str
    colour: str
    width: float
    rows: npt.NDArray[np.int64]


def extraneous_per_km(report: CityReport) -> npt.NDArray[np.float64]:
    """Return the extraneous water of each conduit over its length, NaN where unknown. [m³/(d·km)]"""
    length = link_lengths(report.network.table("conduit"))
    with np.errstate(divide="ignore", invalid="ignore"):
        made = report.extraneous * DAY / (length / KM)
    return np.where(np.isfinite(made), made, np.nan)


def grade_of(report: CityReport) -> npt.NDArray[np.int64]:
    """Return the worse grade of each conduit in the order of the table, 0 where not known."""
    ids = report.network.table("conduit").ids
    graded = {id_: row.worse for id_, row in report.graded.items()}
    return np.array([graded.get(str(id_), 0) for id_ in ids], dtype=np.int64)


def grade_map(report: CityReport, language: str) -> bytes:
    """Draw every conduit in the colour of its worse grade."""
    grades = grade_of(report)
    names = [say("report.map.not-inspected", language)] + [
        say("report.map.grade", language, grade=ROMAN[grade]) for grade in (1, 2, 3, 4)
    ]
    kinds = [
        Kind(names[grade], GRADES[grade], width, np.flatnonzero(grades == grade))
        for grade, width in ((0, 0.45), (1, 0.8), (2, 0.9), (3, 1.4), (4, 1.8))
    ]
    return _map(report, kinds, say("report.map.grade-title", language), language)


def extraneous_map(report: CityReport, language: str) -> bytes:
    """Draw every sewer in the colour of its extraneous water per kilometre; storm drains stay pale."""
    amounts = extraneous_per_km(report)
    storm = np.array(
        [name == "storm" for name in report.network.table("conduit").column("system")], dtype=bool
    )
    unknown = np.isnan(amounts) & ~storm
    amounts[storm] = np.nan
    edges = (-math.inf, *BOUNDS, math.inf)
    kinds = [
        Kind(code_label("system", "storm", language), PALE, 0.35, np.flatnonzero(storm)),
        Kind(say("report.map.unknown", language), UNKNOWN, 0.5, np.flatnonzero(unknown)),
    ]
    for step, colour in enumerate(RAMP):
        low, high = edges[step], edges[step + 1]
        if step == 0:
            label = f"< {figure(high, 2)}"
        else:
            label = f"≥ {figure(low, 2)}" if math.isinf(high) else f"{figure(low, 2)}–{figure(high, 2)}"
        rows = np.flatnonzero((amounts >= low) & (amounts < high))
        kinds.append(Kind(label, colour, 0.6 + 0.3 * step, rows))
    return _map(report, kinds, say("report.map.extraneous-title", language), language)


def _map(report: CityReport, kinds: list[Kind], title: str, language: str) -> bytes:
    conduits = report.network.table("conduit")
    lengths = np.nan_to_num(link_lengths(conduits))
    west, south, east, north = _box(conduits.shapes)
    across, up = max(east - west, 1.0), max(north - south, 1.0)
    with style():
        tall = min(TALLEST, max(3.0, WIDTH * up / across + LEGEND))
        page = sheet(WIDTH, tall, (0.01, LEGEND / tall, 0.01, 0.01))
        axes = page.add_subplot()
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_xlim(west - 0.02 * across, east + 0.02 * across)
        axes.set_ylim(south - 0.04 * up, north + 0.02 * up)
        _rivers(axes, report.network)
        handles = []
        for kind in kinds:
            said = say(
                "report.map.legend", language, name=kind.label, count=count(len(kind.rows)),
                length=figure(float(lengths[kind.rows].sum()) / KM),
            )  # fmt: skip
            handles.append(_lines(axes, conduits.shapes, kind, said))
        _plants(axes, report.network)
        _scale(axes, (west, south, across, up))
        page.legend(
            handles=[handle for handle in handles if handle is not None],
            loc="lower center", ncols=3, title=title, fontsize=7.5, title_fontsize=8,
        )  # fmt: skip
        return svg_of(page)


def _box(shapes: Shapes) -> tuple[float, float, float, float]:
    boxes = bounds(shapes)
    if not len(boxes) or np.isnan(boxes).all():
        return 0.0, 0.0, 1.0, 1.0
    low, high = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _path(shapes: Shapes) -> Any:
    """Return all lines as one path: a command each instead of an element each."""
    from matplotlib.path import Path

    codes = np.full(len(shapes.coords), Path.LINETO, dtype=np.uint8)
    codes[shapes.parts[:-1]] = Path.MOVETO
    return Path(shapes.coords, codes)


def _lines(axes: Any, shapes: Shapes, kind: Kind, label: str) -> Any:
    from matplotlib.lines import Line2D
    from matplotlib.patches import PathPatch

    if not len(kind.rows):
        return None
    patch = PathPatch(
        _path(shapes.take(kind.rows)), facecolor="none", edgecolor=kind.colour, linewidth=kind.width,
        capstyle="round", rasterized=len(shapes) > MANY,
    )  # fmt: skip
    axes.add_artist(patch)
    return Line2D([], [], color=kind.colour, linewidth=max(1.6, kind.width * 1.5), label=label)


def _rivers(axes: Any, network: Network) -> None:
    from matplotlib.patches import PathPatch

    shapes = network.table("reach").shapes
    if len(shapes.coords):
        axes.add_artist(
            PathPatch(_path(shapes), facecolor="none", edgecolor=RIVER, linewidth=2.6, capstyle="round")
        )


def _plants(axes: Any, network: Network) -> None:
    plants = network.table("plant")
    names = plants.column("name")
    west, east = axes.get_xlim()
    edge = 0.15 * (east - west)  # a name this near to it would be cut
    for row, at in enumerate(centres(plants.shapes)):
        if np.isnan(at).any():
            continue
        axes.plot(*at, marker="s", markersize=5, color=INK, markeredgecolor="white", zorder=5)
        axes.annotate(
            str(names[row] or plants.ids[row]), at, xytext=(0, 5), textcoords="offset points", fontsize=7,
            ha="left" if at[0] < west + edge else "right" if at[0] > east - edge else "center", va="bottom",
            zorder=6,
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip


def _scale(axes: Any, box: tuple[float, float, float, float]) -> None:
    """Draw a bar of a round length and the arrow to the north."""
    west, south, across, up = box
    rough = across / 5
    step = 10 ** math.floor(math.log10(rough))
    length = step * max(part for part in (1, 2, 5) if part * step <= rough)
    bottom = south - 0.02 * up
    axes.plot([west, west + length], [bottom, bottom], color=INK, linewidth=1.5, solid_capstyle="butt")
    said = f"{length / KM:g} km" if length >= KM else f"{length:g} m"
    axes.annotate(said, (west + length, bottom), xytext=(4, 0), textcoords="offset points", fontsize=7,
                  va="center")  # fmt: skip
    axes.annotate(
        "N", xy=(0.985, 0.995), xytext=(0.985, 0.94), xycoords="axes fraction", ha="center", va="top",
        fontsize=8, color=SOFT, arrowprops={"arrowstyle": "-|>", "color": SOFT, "linewidth": 0.8},
    )  # fmt: skip
