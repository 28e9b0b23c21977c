"""How much, how sure, from what to what? The bars and lines of a report."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.messages import say
from wenqu.records.finding import Finding
from wenqu.records.programme import Programme
from wenqu.reports.content import CityReport
from wenqu.reports.drawing import CLASSES, GAIN, INK, LOSS, SOFT, TOTAL, UNKNOWN, sheet, style, svg_of
from wenqu.reports.wording import figure
from wenqu.units import from_si

Floats = npt.NDArray[np.float64]
WIDTH = 6.7  # [inch] of the text on A4
PLATE = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.3}  # under a figure on a line
WHISKERS: dict[str, Any] = {"color": INK, "capsize": 2.5, "linewidth": 0.9, "linestyle": "none"}
MONEY = {"zh": 1e4, "en": 1e6}  # [yuan] of the unit that people of the language count in


def plants_chart(report: CityReport, language: str) -> bytes:
    """Draw the mean influent BOD5 of every plant with its interval against its target."""
    plants = [plant for plant in reversed(report.plants) if not math.isnan(plant.bod5)]
    value, low, high, aim = (
        from_si(np.array([getattr(plant, name) for plant in plants]), "mg/L")
        for name in ("bod5", "bod5_low", "bod5_high", "threshold")
    )
    rows = np.arange(len(plants))
    with style():
        page = sheet(WIDTH, 0.9 + 0.36 * max(2, len(plants)))
        axes = page.add_subplot()
        axes.barh(rows, value, color=np.where(value > aim, GAIN, LOSS), height=0.58)
        axes.errorbar(value, rows, xerr=_whiskers(value, low, high), **WHISKERS)
        axes.vlines(aim, rows - 0.42, rows + 0.42, color=INK, linewidth=1.6)
        for row, end in zip(rows, np.fmax(np.fmax(value, high), aim), strict=True):
            axes.annotate(figure(value[row]), (end, row), xytext=(5, 0), textcoords="offset points",
                          va="center", fontsize=8)  # fmt: skip
        axes.set_yticks(rows, [plant.name for plant in plants])
        axes.tick_params(axis="y", length=0)
        axes.margins(x=0.1)
        axes.set_xlabel(say("report.chart.bod5", language))
        page.legend(handles=_bar_legend(language), loc="outside upper right", ncols=3, fontsize=7.5)
        return svg_of(page)


def _whiskers(value: Floats, low: Floats, high: Floats) -> Floats:
    """Return the lengths of the whiskers below and above a value; none where there is no interval."""
    lengths: Floats = np.maximum(np.array([value - low, high - value]), 0.0)
    return np.where(np.isnan(lengths), 0.0, lengths)


def _bar_legend(language: str) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(color=GAIN, label=say("report.chart.above", language)),
        Patch(color=LOSS, label=say("report.chart.below", language)),
        Line2D([], [], color=INK, linewidth=1.6, label=say("report.chart.target", language)),
    ]


def waterfall_chart(steps: Sequence[Finding], target: float, language: str) -> bytes:
    """Draw from source concentration to what arrives, step by step, with intervals.

    Parameters
    ----------
    steps
        Findings of method ``plant_dilution`` in their order; the first and the last are levels.
    target
        Concentration the plant should receive. [kg/m³]
    """
    value, low, high = (
        from_si(np.array([getattr(step, name) for step in steps]), "mg/L")
        for name in ("value", "low", "high")
    )
    level = from_si(np.array([float(step.facts["level"]) for step in steps]), "mg/L")
    places, last = np.arange(len(steps)), len(steps) - 1
    base = np.where((places == 0) | (places == last), 0.0, level - value)
    with style():
        page = sheet(WIDTH, 2.35, (0.085, 0.12, 0.11, 0.02))
        axes = page.add_subplot()
        axes.bar(places, value, bottom=base, color=_step_colours(steps), width=0.62)
        axes.errorbar(places, base + value, yerr=_whiskers(value, low, high), **WHISKERS)
        axes.hlines(base[1:last], places[1:last] - 0.69, places[1:last] - 0.31, color=SOFT, linewidth=0.6)
        for place, top in enumerate(base + np.fmax(np.fmax(value, 0.0), high)):
            axes.annotate(figure(value[place]), (place, top), xytext=(0, 3), textcoords="offset points",
                          ha="center", fontsize=7.5, bbox=PLATE, zorder=4)  # fmt: skip
        aim = from_si(target, "mg/L")
        axes.axhline(aim, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.annotate(say("report.chart.target-at", language, value=figure(aim)), (last + 0.6, aim),
                      xytext=(4, 0), textcoords="offset points", va="center", fontsize=7.5)  # fmt: skip
        axes.set_xlim(-0.6, last + 0.6)
        axes.margins(y=0.12)
        axes.set_ylim(bottom=0)
        axes.set_xticks(places, [say(f"report.step.{step.quantity}", language) for step in steps])
        axes.tick_params(axis="x", length=0)
        axes.set_ylabel(say("report.chart.bod5", language))
        return svg_of(page)


def _step_colours(steps: Sequence[Finding]) -> list[str]:
    inner = [
        UNKNOWN if row.quantity == "unexplained" else GAIN if row.value > 0 else LOSS for row in steps[1:-1]
    ]
    return [TOTAL, *inner, TOTAL]


def cost_chart(programme: Programme, names: dict[str, str], language: str) -> bytes:
    """Draw what each year costs, by method of repair."""
    costs: defaultdict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(programme.windows, 0.0))
    for measure in programme.measures:
        costs[measure.method][measure.window] += measure.cost / MONEY[language]
    order = sorted(costs, key=lambda method: -sum(costs[method].values()))
    with style():
        page = sheet(WIDTH, 3.0)
        axes = page.add_subplot()
        base = np.zeros(len(programme.windows))
        for place, method in enumerate(order):
            heights = np.array([costs[method][window] for window in programme.windows])
            axes.bar(range(len(base)), heights, bottom=base, color=CLASSES[place % len(CLASSES)], width=0.55,
                     label=names.get(method, method),
                     hatch="//" if place >= len(CLASSES) else None)  # fmt: skip
            base += heights
        for place, total in enumerate(base):
            axes.annotate(figure(float(total), 4), (place, total), xytext=(0, 3), textcoords="offset points",
                          ha="center", fontsize=8)  # fmt: skip
        axes.set_xticks(range(len(base)), programme.windows)
        axes.margins(y=0.12)
        axes.set_ylabel(say("report.chart.cost", language))
        page.legend(loc="outside right upper", fontsize=7.5)
        return svg_of(page)


def outlook_chart(report: CityReport, programme: Programme, language: str) -> bytes:
    """Draw what each plant receives today and at the end of every year of the programme."""
    names = {plant.id: plant for plant in report.plants}
    places = range(len(programme.windows) + 1)
    with style():
        page = sheet(WIDTH, 3.0)
        axes = page.add_subplot()
        for order, plant in enumerate(dict.fromkeys(row.plant for row in programme.outlook)):
            reached = {row.window: row.concentration for row in programme.outlook if row.plant == plant}
            known = names.get(plant)
            today = known.bod5 if known else math.nan
            values = [today, *(reached.get(window, math.nan) for window in programme.windows)]
            axes.plot(places, [from_si(value, "mg/L") for value in values], marker="os^Dv"[order % 5],
                      markersize=4, color=CLASSES[order % 6],
                      label=known.name if known else plant)  # fmt: skip
        for aim in sorted({row.threshold for row in programme.outlook}):
            axes.axhline(from_si(aim, "mg/L"), color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_xticks(places, [say("report.chart.today", language), *programme.windows])
        axes.set_ylabel(say("report.chart.bod5", language))
        axes.margins(y=0.12)
        page.legend(loc="outside right upper", fontsize=7.5)
        return svg_of(page)
