"""From the sewage at its source to what arrives at a plant: how is it drawn, step by step?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.messages import say, sentences
from wenqu.records.finding import Finding
from wenqu.reports.drawing import GAIN, INK, LOSS, SOFT, TOTAL, UNKNOWN, sheet, style, svg_of
from wenqu.reports.wording import figure
from wenqu.units import from_si

Floats = npt.NDArray[np.float64]
WIDTH = 6.7  # [inch] of the text on A4
PLATE = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 0.3}  # under a figure on a line
WHISKERS: dict[str, Any] = {"color": INK, "capsize": 2.5, "linewidth": 0.9, "linestyle": "none"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; the first and the last are levels, the others what is added (negative: taken)."""

    key: str  # quantity of the finding: source, groundwater, …
    value: float  # [kg/m³]
    low: float  # [kg/m³] end of the 90 % interval, NaN for none
    high: float  # [kg/m³]
    level: float  # [kg/m³] what is left after it


def steps_of(findings: Sequence[Finding]) -> tuple[Step, ...]:
    """Return the steps of a plant in their order, of its findings of method ``plant_dilution``."""
    there = sorted(
        (one for one in findings if "order" in one.facts), key=lambda one: float(one.facts["order"])
    )
    return tuple(Step(one.quantity, one.value, one.low, one.high, float(one.facts["level"])) for one in there)


def waterfall_chart(steps: Sequence[Step], target: float, language: str) -> bytes:
    """Draw from source concentration to what arrives, step by step, with intervals, as SVG.

    Parameters
    ----------
    steps
        In their order; the first and the last are levels.
    target
        Concentration the plant should receive. [kg/m³]
    """
    value, low, high, level = (
        from_si(np.array([getattr(step, name) for step in steps]), "mg/L")
        for name in ("value", "low", "high", "level")
    )
    places, last = np.arange(len(steps)), len(steps) - 1
    base = np.where((places == 0) | (places == last), 0.0, level - value)
    with style():
        page = sheet(WIDTH, 2.35, (0.085, 0.12, 0.11, 0.02))
        axes = page.add_subplot()
        axes.bar(places, value, bottom=base, color=_colours(steps), width=0.62)
        axes.errorbar(places, base + value, yerr=whiskers(value, low, high), **WHISKERS)
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
        axes.set_xticks(places, [_name(step.key, language) for step in steps])
        axes.tick_params(axis="x", length=0)
        axes.set_ylabel(say("report.chart.bod5", language))
        return svg_of(page)


def whiskers(value: Floats, low: Floats, high: Floats) -> Floats:
    """Return the lengths of the whiskers below and above a value; none where there is no interval."""
    lengths: Floats = np.maximum(np.array([value - low, high - value]), 0.0)
    return np.where(np.isnan(lengths), 0.0, lengths)


def _name(key: str, language: str) -> str:
    told = f"report.step.{key}"
    return say(told, language) if told in sentences(language) else key


def _colours(steps: Sequence[Step]) -> list[str]:
    inner = [UNKNOWN if row.key == "unexplained" else GAIN if row.value > 0 else LOSS for row in steps[1:-1]]
    return [TOTAL, *inner, TOTAL]
