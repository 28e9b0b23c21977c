"""How much, how sure, from what to what? The bars and lines of a report."""

import math
from collections import defaultdict
from typing import Any

import numpy as np

from wenqu.messages import say
from wenqu.records.programme import Programme
from wenqu.reports.content import CityReport
from wenqu.reports.drawing import CLASSES, GAIN, INK, LOSS, sheet, style, svg_of
from wenqu.reports.waterfall import WHISKERS, WIDTH, whiskers
from wenqu.reports.wording import figure
from wenqu.units import from_si

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
        axes.errorbar(value, rows, xerr=whiskers(value, low, high), **WHISKERS)
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


def _bar_legend(language: str) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(color=GAIN, label=say("report.chart.above", language)),
        Patch(color=LOSS, label=say("report.chart.below", language)),
        Line2D([], [], color=INK, linewidth=1.6, label=say("report.chart.target", language)),
    ]


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
