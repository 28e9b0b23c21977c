"""A sheet of the map on paper: true to scale, as vectors: title, legend, grid, scale bar and north."""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

import numpy as np
import numpy.typing as npt

from wenqu.messages import say
from wenqu.network.geometry import Shapes
from wenqu.reports.drawing import INK, RIVER, SOFT, sheet, style
from wenqu.reports.maps import _path
from wenqu.reports.wording import count, figure

SIZES = {"A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "A1": (594, 841)}  # [mm] ISO 216
INCH = 25.4  # [mm]
MARGIN, HEAD, FOOT, LEGEND = 10.0, 18.0, 14.0, 52.0  # [mm]
NAME = 6.5  # [pt]
MOST_LINES = 120_000  # more would make a file that no reader opens: then the lines are drawn as dots
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of one class. Coordinates in true metres of the sheet's plane."""

    label: str
    colour: str
    width: float  # [pt]
    shapes: Shapes
    length: float  # [m]
    dash: tuple[float, tuple[float, float]] | None = None  # start and pattern in line widths; None: full


@dataclass(frozen=True, slots=True)
class Marks:
    """Points of one kind, in the sheet's plane [m]."""

    label: str
    sign: str  # as matplotlib names its markers
    size: float  # [pt]
    places: Floats  # (n, 2)


@dataclass(frozen=True, slots=True)
class Paper:
    """How the sheet is cut."""

    size: str = "A4"
    landscape: bool = True

    @property
    def sides(self) -> tuple[float, float]:
        """Return width and height. [mm]"""
        short, long = SIZES[self.size]
        return (long, short) if self.landscape else (short, long)

    @property
    def field(self) -> tuple[float, float]:
        """Return width and height of the map in it. [mm]"""
        width, height = self.sides
        return width - 2 * MARGIN - LEGEND, height - 2 * MARGIN - HEAD - FOOT


@dataclass(frozen=True, slots=True)
class MapSheet:
    """What is drawn and said on one sheet."""

    title: str
    question: str
    lines: tuple[Lines, ...]
    rivers: Shapes
    areas: Shapes
    marks: tuple[Marks, ...]  # the small ones first: the large lie above
    named: tuple[tuple[str, tuple[float, float]], ...]  # names of plants and stations, numbers of manholes
    middle: tuple[float, float]  # of the field, in the sheet's plane [m]
    scale: float  # one to so many
    notes: tuple[str, ...]
    simulated: str  # the mark, "" for true data


def map_pdf(made: MapSheet, paper: Paper, language: str) -> bytes:
    """Return the sheet as PDF."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    width, height = paper.sides
    across, up = (side / 1000 * made.scale for side in paper.field)
    west, south = made.middle[0] - across / 2, made.middle[1] - up / 2
    with style():
        import matplotlib as mpl

        mpl.rcParams["pdf.fonttype"] = 42
        page = sheet(width / INCH, height / INCH, (0, 0, 0, 0))
        FigureCanvasPdf(page)
        field = (MARGIN / width, (MARGIN + FOOT) / height, paper.field[0] / width, paper.field[1] / height)
        axes = page.add_axes(field)
        axes.set_xlim(west, west + across)
        axes.set_ylim(south, south + up)
        for side in axes.spines.values():
            side.set_visible(True)
        _grid(axes, made.scale)
        _draw(axes, made)
        _legend(page, made, paper, language)
        _head(page, made, paper, language)
        out = io.BytesIO()
        page.savefig(out, format="pdf", dpi=300, metadata={"Title": made.title, "Creator": "Wenqu"})
    return out.getvalue()


def _grid(axes: Any, scale: float) -> None:
    """Draw the grid of coordinates: a line about every five centimetres of paper."""
    from matplotlib.ticker import FormatStrFormatter, MultipleLocator

    step = _round(0.05 * scale)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MultipleLocator(step))
        axis.set_major_formatter(FormatStrFormatter("%.0f"))
    axes.tick_params(labelsize=5.5, direction="in", pad=-8, length=3, width=0.4)
    axes.tick_params(axis="y", pad=-3)
    for label in axes.get_yticklabels():
        label.set(rotation=90, va="center", ha="left")
    axes.grid(visible=True, color="#e3e8ea", linewidth=0.3)
    axes.set_axisbelow(True)


def _round(rough: float) -> float:
    step = 10.0 ** math.floor(math.log10(rough))
    return step * max(part for part in (1, 2, 5) if part * step <= rough)


def _draw(axes: Any, made: MapSheet) -> None:
    from matplotlib.patches import PathPatch

    many = sum(len(entry.shapes) for entry in made.lines) > MOST_LINES
    for shapes, colour, width in ((made.areas, "#a8b4ac", 0.5), (made.rivers, RIVER, 2.2)):
        if len(shapes.coords):
            axes.add_artist(PathPatch(_path(shapes), facecolor="none", edgecolor=colour, linewidth=width))
    for entry in made.lines:
        if len(entry.shapes.coords):
            axes.add_artist(
                PathPatch(
                    _path(entry.shapes),
                    facecolor="none",
                    edgecolor=entry.colour,
                    linewidth=entry.width,
                    linestyle=entry.dash or "solid",
                    capstyle="butt" if entry.dash else "round",
                    rasterized=many,
                )
            )
    for one in made.marks:
        axes.plot(*one.places.T, **_drawn(one), linestyle="none")
    for name, at, (across, up) in _with_room(made):
        axes.annotate(
            name, at, xytext=(across, up), textcoords="offset points", fontsize=NAME, ha="center",
            va="center", annotation_clip=True, clip_on=True,
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.5},
        )  # fmt: skip


def _with_room(made: MapSheet) -> Iterator[tuple[str, tuple[float, float], tuple[float, float]]]:
    """Yield the names that find room above, below or beside their place, and how far off it [pt]."""
    point = INCH / 72 / 1000 * made.scale  # [m] of the ground
    taken: list[tuple[float, float, float, float]] = []
    for name, (x, y) in made.named:
        wide = NAME * sum(1.0 if east_asian_width(sign) in "WF" else 0.58 for sign in name)
        for across, up in ((0.0, 8.0), (0.0, -8.0), (wide / 2 + 5, 0.0), (-wide / 2 - 5, 0.0)):
            left, low = x / point + across - wide / 2, y / point + up - NAME / 2
            box = left, low, left + wide, low + NAME
            if all(
                box[2] <= one[0] or one[2] <= box[0] or box[3] <= one[1] or one[3] <= box[1] for one in taken
            ):
                taken.append(box)
                yield name, (x, y), (across, up)
                break


def _legend(page: Any, made: MapSheet, paper: Paper, language: str) -> None:
    from matplotlib.lines import Line2D

    width, height = paper.sides
    handles: list[Any] = [
        Line2D(
            [],
            [],
            color=entry.colour,
            linewidth=max(1.4, entry.width),
            linestyle=entry.dash or "solid",
            label=_said(entry, language),
        )
        for entry in made.lines
        if len(entry.shapes)
    ]
    handles += [
        Line2D([], [], **_drawn(one), linestyle="none", label=_counted(one, language))
        for one in reversed(made.marks)
        if len(one.places)
    ]
    left, top = (width - MARGIN - LEGEND + 3) / width, (height - MARGIN - HEAD) / height
    page.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(left, top), borderaxespad=0, fontsize=7,
        title=made.question, title_fontsize=8, alignment="left", handlelength=1.6, labelspacing=0.7,
    )  # fmt: skip


def _drawn(one: Marks) -> dict[str, Any]:
    return {
        "marker": one.sign, "markersize": one.size, "color": INK, "markeredgecolor": "white",
        "markeredgewidth": min(0.25 * one.size, 0.8),
    }  # fmt: skip


def _counted(one: Marks, language: str) -> str:
    return say("map.print.count", language, name=one.label, count=count(len(one.places)))


def _said(entry: Lines, language: str) -> str:
    if not entry.length:  # a weir is no way
        return say("map.print.count", language, name=entry.label, count=count(len(entry.shapes)))
    return say(
        "report.map.legend", language, name=entry.label, count=count(len(entry.shapes)),
        length=figure(entry.length / 1000),
    )  # fmt: skip


def _head(page: Any, made: MapSheet, paper: Paper, language: str) -> None:
    width, height = paper.sides

    def at(x: float, y: float) -> tuple[float, float]:
        return x / width, y / height

    page.text(*at(MARGIN, height - MARGIN - 7), made.title, fontsize=15, weight="bold", color=INK)
    if made.simulated:
        page.text(
            *at(MARGIN + 1, MARGIN + 8), made.simulated, fontsize=7, weight="bold", color="#6a4a00",
            va="center",
            bbox={"facecolor": "#fff3d1", "edgecolor": "#c98a00", "pad": 2},
        )  # fmt: skip
    page.text(*at(MARGIN, MARGIN), " · ".join(made.notes), fontsize=6.5, color=SOFT, va="bottom")
    length = _round(0.04 * made.scale)
    bar = length / made.scale * 1000
    left, bottom = width - MARGIN - LEGEND + 3, MARGIN + FOOT + 6
    canvas = page.add_axes((0, 0, 1, 1), facecolor="none")
    canvas.set_axis_off()
    canvas.set_xlim(0, width)
    canvas.set_ylim(0, height)
    canvas.plot(
        [left, left, left + bar, left + bar], [bottom + 2, bottom, bottom, bottom + 2], color=INK, lw=1
    )
    told = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    canvas.text(left + bar + 1.5, bottom, told, fontsize=7, va="center")
    canvas.text(left, bottom + 6, say("map.print.scale", language, scale=f"{made.scale:,.0f}"), fontsize=9)
    canvas.annotate(
        "N", xy=(left + 6, bottom + 32), xytext=(left + 6, bottom + 16), ha="center", va="center",
        fontsize=10, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.2},
    )  # fmt: skip
