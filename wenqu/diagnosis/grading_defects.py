"""Which defects of a conduit count, and as how many?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wenqu.diagnosis import grading_faults as faults
from wenqu.issues import Issue
from wenqu.records.inspection import Defect
from wenqu.standards.condition import FAMILIES, ConditionRules
from wenqu.standards.observations import special_codes

# Chainages are read to the centimetre; a micrometre keeps 1.5 m from failing in binary.
NEAR_TIE = 1e-6
UNKNOWN = math.nan


@dataclass(frozen=True, slots=True)
class Segment:
    """The conduit between two manholes, as far as grading needs it."""

    id: str
    length: float | None  # [m]
    diameter: float | None  # [m] inner diameter or height
    importance: str | None = None  # code list area_importance, for K
    soil: str | None = None  # code list soil, for T


@dataclass(frozen=True, slots=True)
class Counted:
    """One defect as it was counted: alone, or several joined into one."""

    family: str  # structural or functional
    rows: tuple[int, ...]  # places in the defects that were given
    codes: tuple[str, ...]
    start: float  # [m]
    end: float  # [m]
    score: float  # [-] summed and capped
    length: float  # [m] as counted
    near: bool  # within n2 (m2): a neighbour lies within 1.5 m


@dataclass(frozen=True, slots=True)
class Row:
    """One sound defect as it counts."""

    place: int
    code: str
    score: float
    start: float
    end: float


def known(value: float | None) -> float:
    """Return a size, or NaN when it is missing or cannot be one."""
    return UNKNOWN if value is None or not math.isfinite(value) or value <= 0 else float(value)


def _fault(defect: Defect, segment: Segment, rules: ConditionRules, reach: float) -> int:
    kind = rules.kinds.get(defect.code)
    if defect.asset not in ("", segment.id):
        return faults.OTHER_CONDUIT
    if kind is None:
        return faults.UNKNOWN_CODE
    if defect.level not in range(1, len(kind.scores) + 1):
        return faults.IMPOSSIBLE_LEVEL
    if not (math.isfinite(defect.length) and defect.length >= 0):
        return faults.BAD_LENGTH
    if not (math.isfinite(defect.start) and defect.start >= 0) or defect.start > reach + NEAR_TIE:
        return faults.OUTSIDE
    return faults.OK


def _row(place: int, defect: Defect, rules: ConditionRules, length: float) -> tuple[Row, int]:
    """Return a sound defect as it counts, and what is odd about it."""
    kind, shortest, fault = rules.kinds[defect.code], rules.value("shortest_length"), faults.OK
    true_length = defect.length
    if kind.extent == "local" and true_length > shortest + NEAR_TIE:
        true_length, fault = shortest, faults.LONG_LOCAL
    start, end = defect.start, defect.start + true_length
    if not math.isnan(length):
        if true_length > shortest + NEAR_TIE and end > length + NEAR_TIE:
            fault = faults.CLIPPED
        start, end = min(start, length), min(end, length)
    return Row(place, defect.code, kind.scores[int(defect.level) - 1], start, end), fault


def joined(rows: Sequence[Row], rules: ConditionRules, family: str) -> list[Counted]:
    """Join defects that lie within 1 m and mark those with a neighbour within 1.5 m."""
    groups: list[list[Row]] = []
    reach = -math.inf
    for row in sorted(rows, key=lambda entry: entry.start):
        if row.start - reach <= rules.value("cluster_distance") + NEAR_TIE:
            groups[-1].append(row)
        else:
            groups.append([row])
        reach = max(reach, row.end)
    ends = [max(row.end for row in group) for group in groups]
    near_gap = rules.value("near_distance") + NEAR_TIE
    gaps = [group[0].start - end for group, end in zip(groups[1:], ends, strict=False)]
    near = [False, *(gap <= near_gap for gap in gaps), False]
    return [
        Counted(
            family, tuple(row.place for row in group), tuple(row.code for row in group), group[0].start, end,
            min(sum(row.score for row in group), rules.value("cluster_cap")) if len(group) > 1
            else group[0].score,
            max(end - group[0].start, rules.value("shortest_length")), near[place] or near[place + 1],
        )
        for place, (group, end) in enumerate(zip(groups, ends, strict=True))
    ]  # fmt: skip


def sorted_out(
    segment: Segment, defects: Sequence[Defect], rules: ConditionRules, slack: float
) -> tuple[dict[str, list[Row]], list[Issue], bool]:
    """Return the defects that count by family, an Issue for each odd row, and whether one is long."""
    length = known(segment.length)
    families: dict[str, list[Row]] = {family: [] for family in FAMILIES}
    issues: list[Issue] = []
    long = False
    for place, defect in enumerate(defects):
        if defect.code in special_codes() and defect.code not in rules.kinds:
            continue  # a manhole, a siphon, the camera under water: no defect, and nothing odd
        fault = _fault(defect, segment, rules, length + slack)
        if fault == faults.OK:
            row, fault = _row(place, defect, rules, length)
            kind = rules.kinds[defect.code]
            if kind.counts:
                families[kind.family].append(row)
                long |= defect.length > rules.value("shortest_length") + NEAR_TIE
        if fault != faults.OK:
            issues.append(faults.defect_issue(fault, segment.id, _facts(place, defect, segment)))
    return families, issues, long


def _facts(place: int, defect: Defect, segment: Segment) -> dict[str, object]:
    return {
        "row": place + 1, "code": defect.code, "level": defect.level, "start": defect.start,
        "length": defect.length, "conduit_length": segment.length, "of": defect.asset,
    }  # fmt: skip
