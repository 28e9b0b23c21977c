"""Where may the map of a case be wrong: which part of an area seems to drain into another one?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.joint_inversion import Inversion
from wenqu.diagnosis.joint_unknowns import Sizes
from wenqu.diagnosis.map_doubts import OFFERED, Doubt, map_doubts
from wenqu.diagnosis.map_questions import Question, question
from wenqu.diagnosis.moved_parts import Laid, parts_of
from wenqu.issues import Issue, Place, Weight
from wenqu.services.case_model import CaseModel

Floats = npt.NDArray[np.float64]
DAY = 86400.0
SHOWN, LIKELY = 3, 0.02  # ways in which the map may be wrong, and how probable the least of them is


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A place where the map of a case may be wrong."""

    conduit: str  # lowest of the part that seems to drain elsewhere
    node: str  # its upper end: the manhole to put the dye in
    now: str  # meter that the map leads the part to
    other: str  # meter that it seems to drain to
    share: float  # [-] of the area's own water
    with_meters: tuple[str, ...]  # meters above whose water moves along
    log_bayes: float
    probability: float
    moved: float  # [m³/s] dry flow
    alike: tuple[str, ...]  # conduits of other parts that meters cannot tell from it


def case_doubts(model: CaseModel, pattern: Floats, sizes: Sizes, found: Inversion) -> tuple[Hypothesis, ...]:
    """Return where the map may be wrong, the surest first; none when the readings do not speak for any."""
    asked = question(model.expected, model.heard, model.ways, pattern, sizes, found)
    root = np.full(len(asked.inner), -1, dtype=np.int64)
    for place, entry in enumerate(model.meters):
        root[asked.graph.own[place]] = model.order.place[entry.link]
    pipes = model.pipes
    laid = Laid(model.index, model.order, pipes.cell, pipes.made, pipes.ground + pipes.river, root)
    doubts = map_doubts(asked, parts_of(asked, laid))
    if sum(doubt.probability for doubt in doubts) < OFFERED:
        return ()

    likely = [doubt for doubt in doubts[:SHOWN] if doubt.probability >= LIKELY]
    return tuple(_told(model, asked, doubt) for doubt in likely)


def _told(model: CaseModel, asked: Question, doubt: Doubt) -> Hypothesis:
    part = doubt.part
    link = model.order.link[part.root]
    whole = part.share >= 1
    below = int(asked.graph.target[asked.graph.source == part.cell][0]) if whole else part.cell
    carried = (part.cell,) if whole else part.carried
    return Hypothesis(
        str(model.index.link_ids[link]), str(model.index.node_ids[model.index.link_from[link]]),
        _meter(model, asked, below), _meter(model, asked, doubt.to), part.share,
        tuple(_meter(model, asked, one) for one in carried), doubt.log_bayes, doubt.probability, doubt.moved,
        tuple(str(model.index.link_ids[model.order.link[pipe]]) for pipe in part.alike),
    )  # fmt: skip


def _meter(model: CaseModel, asked: Question, cell: int) -> str:
    """Return the meter at the lower end of an area, else the next one below it."""
    while asked.meter_of[cell] < 0:
        below = asked.graph.target[asked.graph.source == cell]
        if not len(below):
            return ""
        cell = int(below[0])
    return model.meters[int(asked.meter_of[cell])].meter.id


def doubt_issues(found: Sequence[Hypothesis]) -> list[Issue]:
    """Return the surest doubt as an issue of the map."""
    if not found:
        return []
    one = found[0]
    facts: dict[str, object] = {
        "conduit": one.conduit, "node": one.node, "now": one.now, "other": one.other,
        "moved": one.moved * DAY, "chance": 100 * sum(each.probability for each in found),
    }  # fmt: skip
    place = Place("conduits.csv")
    return [Issue("map.may-be-wrong", Weight.DOUBT, "conduit", one.conduit, place, facts)]


def evidence_in_words(log_bayes: float) -> str:
    """Return the key of the word for a Bayes factor (Kass and Raftery 1995: 2 ln B over 2, 6 and 10)."""
    for least, word in ((5.0, "very-strong"), (3.0, "strong"), (1.0, "positive")):
        if log_bayes >= least:
            return f"map.evidence-{word}"
    return "map.evidence-none"
