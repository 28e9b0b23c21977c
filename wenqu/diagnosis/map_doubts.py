"""Is the map wrong: does a part of one area drain into another one?

Each candidate leads a part of an area, with the areas above that drain through it, into another area. All are
screened by the change that each would make to the flow rows of the inversion: the likelihood ratio of a known
step in a linear model, many from one factor. The best are weighed by the density of the readings under both
maps. Prior odds: one map in 1 / ``WRONG`` has such an error, anywhere. Bills and leaks of areas are less
normal than the model has them, so the logarithm of the Bayes factor counts by ``TEMPER``, found on maps that
were right (docs/guide, case).

References
----------
Bayes factors by Laplace's approximation; derived for this project.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis.joint_unknowns import GROUND, RIVER
from wenqu.diagnosis.map_questions import Part, Question, evidence_with, flow_rows
from wenqu.diagnosis.travelled_waves import travel

Floats = npt.NDArray[np.float64]
WRONG = 0.2  # [-] of maps that have such an error
TEMPER = 0.7
OFFERED = 0.5  # probability from which a doubt is offered
WEIGHED = 6  # candidates that are weighed in full
EACH = 2  # of them from one area into one other
WORTH = 0.4  # [-] of the log Bayes factor that a doubt needs, from which what was screened is weighed in full


@dataclass(frozen=True, slots=True)
class Doubt:
    """A place where the map may be wrong."""

    part: Part
    to: int  # the area it seems to drain to
    log_bayes: float  # of the readings with the part led there, over those with the map as it is
    probability: float  # that the map is wrong here and in this way
    moved: float  # [m³/s] dry flow that moves


@dataclass(frozen=True, slots=True)
class Try:
    """One part led to one area."""

    part: int
    to: int
    gain: float


def map_doubts(asked: Question, parts: Sequence[Part], wrong: float = WRONG) -> list[Doubt]:
    """Return where the map may be wrong, the surest first; ``wrong``: share of maps with such an error."""
    tries, count = screened(asked, parts, wrong)
    at_rest: dict[int, float] = {}
    found: list[tuple[Try, float, float]] = []
    for one in _apart(tries, parts):
        part = parts[one.part]
        if one.part not in at_rest:
            at_rest[one.part] = evidence_with(asked, part, None)[0]
        evidence, flows = evidence_with(asked, part, one.to)
        if np.isfinite(evidence - at_rest[one.part]):
            found.append((one, evidence - at_rest[one.part], _moved(part, flows, asked.drains)))
    if not found:
        return []
    odds = TEMPER * np.array([factor for _, factor, _ in found]) + np.log(wrong / count)
    chance = np.exp(odds - np.logaddexp(0.0, np.logaddexp.reduce(odds)))
    told = [
        Doubt(parts[one.part], one.to, factor, float(share), moved)
        for (one, factor, moved), share in zip(found, chance, strict=True)
    ]
    return sorted(told, key=lambda doubt: -doubt.probability)


def _moved(part: Part, flows: Floats, drains: npt.NDArray[np.bool_]) -> float:
    whole = flows.sum(axis=0)
    above = set()
    for cell in (part.cell,) if part.share >= 1 else part.carried:
        above |= {cell, *np.flatnonzero(drains[:, cell]).tolist()}
    own = 0.0 if part.share >= 1 else part.share * float(whole[part.cell])
    return own + sum(float(whole[cell]) for cell in above)


def _apart(tries: list[Try], parts: Sequence[Part]) -> list[Try]:
    """Return the best of what is worth weighing, few of each pair of areas."""
    seen: dict[tuple[int, int], int] = {}
    found = []
    for one in sorted(tries, key=lambda one: -one.gain):
        key = (parts[one.part].cell, one.to)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= EACH:
            found.append(one)
    return found[:WEIGHED]


def screened(asked: Question, parts: Sequence[Part], wrong: float = WRONG) -> tuple[list[Try], int]:
    """Return what is worth weighing with its likelihood ratio, and how many candidates there were."""
    rows = flow_rows(asked)
    layout, theta = asked.found.layout, asked.found.theta
    more = theta[layout.more] if layout.unsure else None
    there = travel(asked.ways, asked.found.celerity, more)
    onward, _ = asked.graph.carried(there.turn, asked.graph.mean if more is None else more)
    source = rows.source * asked.expected.made[:, None]  # what the bills say: it may arrive elsewhere
    steady = theta[layout.of(GROUND)] + theta[layout.of(RIVER)]
    late = np.exp(there.turn * asked.inner[:, None])  # (A, K)
    tries: list[Try] = []
    named = [_targets(asked, part) for part in parts]
    count = sum(len(targets) for targets in named)
    least = WORTH * np.log(max(count, 1) / wrong) / TEMPER
    for which, (part, targets) in enumerate(zip(parts, named, strict=True)):
        if not targets:
            continue
        if part.share >= 1:
            leaves = rows.arrived[asked.meter_of[part.cell]]
            before = onward[:, part.cell] - asked.graph.own[:, part.cell][:, None]
        else:
            leaves = part.share * source[part.cell] * np.exp(there.turn * part.way)
            leaves[0] += part.share * steady[part.cell]
            for cell in part.carried:
                comes = np.exp(there.turn * (asked.length[cell, part.cell] - part.rest))
                leaves = leaves + rows.arrived[asked.meter_of[cell]] * comes
            before = onward[:, part.cell] * np.exp(there.turn * part.rest)
        if part.landing is None:
            lands = late[targets]
        else:
            lands = np.exp(there.turn * np.array([part.landing[to] for to in targets])[:, None])
        step = (onward[:, targets] * lands - before[:, None]) * leaves  # (M, T, K)
        gain = rows.gain(step, least)
        tries += [
            Try(which, to, float(value)) for to, value in zip(targets, gain, strict=True) if value > least
        ]
    return tries, count


def _targets(asked: Question, part: Part) -> list[int]:
    """Return the areas that a part may drain to instead: none that drains through it."""
    shut = np.zeros(len(asked.drains), dtype=np.bool_)
    for cell in (part.cell,) if part.share >= 1 else part.carried:
        shut |= asked.drains[:, cell]
        shut[cell] = True
    shut[part.cell] = True
    if part.share >= 1:
        shut[asked.graph.target[asked.graph.source == part.cell]] = True
    shut |= ~asked.seen
    named = range(len(shut)) if part.landing is None else part.landing
    return [cell for cell in named if not shut[cell]]
