"""How is each class of a question drawn and named on paper? In the colours of the page's light theme."""

from dataclasses import dataclass

import numpy as np

from wenqu.messages import say
from wenqu.network.model import Assets
from wenqu.reports.drawing import GRADES, RAMP, UNKNOWN
from wenqu.reports.wording import code_label
from wenqu.services.conduit_facts import ConduitFacts
from wenqu.services.map_classes import BOUNDS, CODES, Bools, classes_of
from wenqu.services.map_classes import GRADES as GRADED

COLOURS = {
    "system": {"storm": "#0072b2", "sanitary": "#d55e00", "combined": "#cc79a7", "supply": "#009e73"},
    "material": {
        "concrete": "#56768a", "reinforced_concrete": "#0072b2", "vitrified_clay": "#d55e00",
        "hdpe": "#009e73", "pe": "#56b4e9", "pvc": "#e69f00", "upvc": "#cc79a7", "ductile_iron": "#440154",
        "cast_iron": "#21908d",
    },
    "problem": {
        "open": "#d55e00", "planned": "#e69f00", "repairing": "#0072b2", "watch": "#56b4e9",
        "doubt": "#cc79a7", "sound": "#009e73",
    },
}  # fmt: skip
# The second channel, the same as on the page: what is not known is dotted, one of two like colours is dashed.
DOTTED, DASHED = (0.0, (0.8, 1.6)), (0.0, (3.0, 1.6))
DASHES = {"supply": DASHED, "pe": DASHED, "upvc": DASHED, "cast_iron": DASHED, "doubt": DASHED}
REST = {"unknown", "other", "none", "0"}
WIDER = {"3": 1.3, "4": 1.7, "open": 1.7, "planned": 1.3}


@dataclass(frozen=True, slots=True)
class Pen:
    """One class on paper."""

    label: str
    colour: str
    rows: Bools
    dash: tuple[float, tuple[float, float]] | None  # None: a full line
    wider: float  # times its width by diameter


def pens(question: str, conduits: Assets, facts: ConduitFacts, language: str) -> list[Pen]:
    """Return the classes of a question that have conduits, the unknown first: what is known lies above.

    Raises
    ------
    BadInput
        Nobody knows the question.
    """
    classes = classes_of(question, conduits, facts)
    coded = question in COLOURS
    made = []
    for step, (key, rows) in enumerate(classes.items()):
        if not rows.any():
            continue
        rest = key in REST and step == len(classes) - 1
        colour = UNKNOWN if rest else _colour(question, key, step, len(classes) - 1)
        dash = DOTTED if rest else DASHES.get(key) if coded else None
        wider = WIDER.get(key, 1.0) if question in {"problem", *GRADED} else 1.0
        made.append(Pen(label(question, key, language), colour, rows, dash, wider))
    return [*made[-1:], *made[:-1]] if made and made[-1].dash == DOTTED else made


def _colour(question: str, key: str, step: int, count: int) -> str:
    if question in COLOURS:
        return COLOURS[question][key]
    if question in GRADED:
        return GRADES[int(key)]
    return RAMP[round(step * (len(RAMP) - 1) / max(1, count - 1))]


def label(question: str, key: str, language: str) -> str:
    """Return the name of a class."""
    if question in BOUNDS:
        return _span(question, key, language)
    if question in GRADED:
        return say(f"page.map.grade_{key}", language)
    if question in CODES and key in CODES[question]:
        return code_label(question, key, language)
    if question == "plan_year" and key != "none":
        return key
    return say(f"page.map.{question}_{key}", language)


def _span(question: str, key: str, language: str) -> str:
    if key == "unknown":
        return say(f"page.map.{question}_unknown", language)
    times = 1000 if question == "diameter" else 1
    edges = (-np.inf, *BOUNDS[question], np.inf)
    low, high = (edges[int(key) + more] * times for more in (0, 1))
    if np.isinf(low):
        return f"< {high:g}"
    return f"≥ {low:g}" if np.isinf(high) else f"{low:g}–{high:g}"
