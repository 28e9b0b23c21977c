"""Which problems lie on the same stretch of one pipe, and what does one take in of another?"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from wenqu.records.problem import Problem, ProblemEvent
from wenqu.works.problem_life import Life
from wenqu.works.problem_tables import states, steps

TAKEN_IN = "take_in"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two problems that are one: the one to be merged, and the one that stays."""

    merged: Life
    into: Life


def overlaps(lives: Iterable[Life]) -> list[Overlap]:
    """Return the open problems of one kind at one asset whose stretches overlap, as pairs to be merged.

    The graver one stays; of the same, the one that is further in its life, then the one found first.
    One under repair is merged into nothing.
    """
    by_place: dict[tuple[str, str, str], list[Life]] = {}
    for one in lives:
        if one.stands.open:
            problem = one.problem
            by_place.setdefault((problem.asset_type, problem.asset, problem.kind), []).append(one)
    mergeable = set(steps()["merge"].from_)
    return [
        Overlap(pair[1], pair[0])
        for some in by_place.values()
        for pair in combinations(sorted(some, key=_rank), 2)
        if pair[1].state in mergeable and overlap(pair[0].problem, pair[1].problem)
    ]


def _rank(one: Life) -> tuple[int, int, str, str]:
    return (-one.problem.severity, -list(states()).index(one.state), one.problem.found_on, one.problem.id)


def overlap(one: Problem, other: Problem) -> bool:
    """Tell whether two stretches of one asset overlap; one without a stretch is of the whole asset."""
    if math.isnan(one.start) or math.isnan(other.start):
        return True
    (a, b), (c, d) = _stretch(one), _stretch(other)
    if a == b or c == d:  # a point within the other, or at its end
        return a <= d and c <= b
    return max(a, c) < min(b, d)  # parts of what was split only touch


def _stretch(one: Problem) -> tuple[float, float]:
    return one.start, one.start if math.isnan(one.end) else max(one.start, one.end)


def taken_in(merged: Life, into: Life, event: ProblemEvent) -> ProblemEvent:
    """Return the event by which a problem takes in another: its evidence, and the stretch of both."""
    one, other = into.problem, merged.problem
    start = end = math.nan
    here = (one.asset_type, one.asset) == (other.asset_type, other.asset)
    if here and not math.isnan(one.start) and not math.isnan(other.start):
        (a, b), (c, d) = _stretch(one), _stretch(other)
        start, end = min(a, c), max(b, d)
    proofs = tuple(
        proof
        for proof in (*other.evidence, *(name for past in merged.events for name in past.evidence))
        if not proof.startswith("file:")  # a file stays with the problem that it was handed in for
    )
    return ProblemEvent(
        f"{event.id}-{one.id}", one.id, TAKEN_IN, event.at, event.by, others=(other.id,),
        evidence=tuple(dict.fromkeys(proofs)), simulated=one.simulated, asset_type=one.asset_type,
        asset=one.asset, start=start, end=end,
    )  # fmt: skip
