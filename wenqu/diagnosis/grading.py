"""How bad is a conduit, by its defects?

CJJ 181-2012 chapter 8 read in one place. Decisions where the text leaves a choice:

- Distances are clear distances between defects of the same family: from the end of one to the start of
  the next. Defects whose clear distance is at most 1 m join, link by link, into one defect.
- When two defects lie more than 1 m and at most 1.5 m apart, both belong to n2.
- A joined defect is as long as the stretch it covers, and never shorter than 1 m.
- K, E and T that are unknown stay unknown: F and G are given, RI and MI are not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from wenqu.diagnosis import grading_faults as faults
from wenqu.diagnosis.grading_arrays import check_grades, defects_of, grade_conduits, segments_of
from wenqu.diagnosis.grading_defects import NEAR_TIE, UNKNOWN, Counted, Segment, joined, known, sorted_out
from wenqu.issues import Issue
from wenqu.records.inspection import Defect
from wenqu.standards.condition import TIE, ConditionRules, condition_rules

__all__ = [
    "Counted", "Grade", "Segment", "check_grades", "defects_of", "grade_conduit", "grade_conduits",
    "segments_of",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grade:
    """What CJJ 181 says about one conduit. Grades run from 1 (Ⅰ, best) to 4 (Ⅳ); 0 is not known."""

    conduit: str
    S: float  # [-] mean structural score
    S_max: float  # [-] largest structural score
    F: float  # [-] structural defect parameter
    S_M: float | None  # [-] structural defect density
    RI: float | None  # [-] repair index
    structural_grade: int  # by F
    repair_grade: int  # by RI
    structural_density: str  # local, partial, overall
    n1: int
    n2: int
    K: float | None  # as used for RI
    E: float | None
    T: float | None
    Y: float  # [-] mean functional score
    Y_max: float  # [-] largest functional score
    G: float  # [-] functional defect parameter
    Y_M: float | None  # [-] functional defect density
    MI: float | None  # [-] upkeep index
    functional_grade: int  # by G
    upkeep_grade: int  # by MI
    functional_density: str
    m1: int
    m2: int
    K_functional: float | None  # as used for MI
    E_functional: float | None
    standard: str
    edition: str
    region: str
    what_from: tuple[Counted, ...]
    unconfirmed: tuple[str, ...]  # rules from memory, one source or disputed that took part
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class _Sums:
    mean: float
    largest: float
    parameter: float
    density: float
    far: int
    near: int


def _sums(counted: Sequence[Counted], weight: float, length: float) -> _Sums:
    """Return S, S_max, F, S_M and n1, n2 (or Y, Y_max, G, Y_M and m1, m2)."""
    if not counted:
        return _Sums(0.0, 0.0, 0.0, UNKNOWN, 0, 0)
    weighted = [entry.score * (weight if entry.near else 1.0) for entry in counted]
    mean = sum(weighted) / len(counted)
    largest = max(entry.score for entry in counted)
    reached = sum(score * entry.length for score, entry in zip(weighted, counted, strict=True))
    density = reached / (mean * length) if mean > 0 else UNKNOWN
    near = sum(entry.near for entry in counted)
    return _Sums(mean, largest, max(largest, mean), density, len(counted) - near, near)


def _factor(rules: ConditionRules, name: str, code: str | None) -> float:
    entry = rules.factors[name].get(code or "")
    return entry.value if entry else UNKNOWN


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def _used(value: float, parameter: float, threshold: float) -> float:
    return 0.0 if parameter < threshold - TIE else value


def _repair(segment: Segment, F: float, rules: ConditionRules) -> tuple[float, float, float, float]:
    """Return RI and the K, E and T it was made with."""
    threshold = rules.value("factor_threshold")
    K = _used(_factor(rules, "K", segment.importance), F, threshold)
    E = _used(rules.size_factor(known(segment.diameter)), F, threshold)
    T = _factor(rules, "T", segment.soil) if F > TIE else 0.0
    RI = (
        rules.value("repair_weight_F") * F + rules.value("repair_weight_K") * K
        + rules.value("repair_weight_E") * E + rules.value("repair_weight_T") * T
    )  # fmt: skip
    return RI, K, E, T


def _upkeep(segment: Segment, G: float, F: float, rules: ConditionRules) -> tuple[float, float, float, bool]:
    """Return MI, the K and E it was made with, and whether G and F would have chosen otherwise."""
    threshold = rules.value("factor_threshold")
    area, size = _factor(rules, "K", segment.importance), rules.size_factor(known(segment.diameter))
    judged_by = (G if rules.value("functional_threshold_on_g") else F) if G > TIE else 0.0
    K, E = _used(area, judged_by, threshold), _used(size, judged_by, threshold)
    MI = (
        rules.value("upkeep_weight_G") * G + rules.value("upkeep_weight_K") * K
        + rules.value("upkeep_weight_E") * E
    )  # fmt: skip
    differs = (threshold - TIE > G) != (threshold - TIE > F)
    return MI, K, E, G > TIE and differs and not area == size == 0


def _lacks(segment: Segment, counted: Sequence[Counted], used: tuple[float, ...]) -> int:
    """Return what the conduit lacks, of K, E, T, K and E (for MI) as used, and of its length."""
    K, E, T, K_functional, E_functional = (math.isnan(value) for value in used)
    bits = faults.NO_LENGTH if counted and math.isnan(known(segment.length)) else 0
    bits |= faults.NO_DIAMETER if E or E_functional else 0
    bits |= faults.NO_IMPORTANCE if K or K_functional else 0
    return bits | (faults.NO_SOIL if T else 0)


def _took_part(counted: Sequence[Counted], long: bool, rules: ConditionRules) -> int:
    """Return which of the rules about distance and length took part."""
    shortest = rules.value("shortest_length") - NEAR_TIE
    bits = faults.CLUSTERED if any(len(entry.rows) > 1 for entry in counted) else 0
    bits |= faults.SHORTEST if any(entry.end - entry.start < shortest for entry in counted) else 0
    bits |= faults.EXTENT if long else 0
    return bits | (faults.DENSITY if counted else 0)


def without_structure(grade: Grade) -> Grade:
    """Return a grade from a survey that sees no structure: unless it names a defect of it, it is not known.

    A pipe that was only sounded is not sound.
    """
    if grade.n1 or grade.n2:
        return grade
    return replace(grade, structural_grade=0, repair_grade=0, RI=None, S_M=None, structural_density="")


def without_function(grade: Grade) -> Grade:
    """Return a grade from soundings that say nothing yet: unless something else is named, it is not known."""
    if grade.m1 or grade.m2:
        return grade
    return replace(grade, functional_grade=0, upkeep_grade=0, MI=None, Y_M=None, functional_density="")


def grade_conduit(
    segment: Segment,
    defects: Sequence[Defect],
    rules: ConditionRules | None = None,
    *,
    slack: float = 0.0,
) -> Grade:
    """Grade one conduit by the defects of one inspection.

    S = (ΣP₁ + α·ΣP₂)/n, F = max(S, S_max), S_M = (ΣP₁L₁ + α·ΣP₂L₂)/(S·L),
    RI = 0.7F + 0.1K + 0.05E + 0.15T; likewise Y, G, Y_M and MI = 0.8G + 0.15K + 0.05E.
    K and E are 0 while F (for MI: G, an assumption kept as a rule) is below 4; T is 0 while F is 0.

    Parameters
    ----------
    segment
        The conduit.
    defects
        Its defects, in any order. A row that cannot be right becomes an Issue and the rest is graded.
    rules
        The tables of the standard; CJJ 181-2012, national, when not given.
    slack
        How far the crew's counter may run past the drawn length before a defect is refused. [m]

    Returns
    -------
    Grade
        Indices, grades, what each came from, and the unconfirmed rules that took part.

    References
    ----------
    .. [1] CJJ 181-2012, chapter 8.

    Examples
    --------
    >>> pipe = Segment("p", length=25, diameter=0.8, importance="trunk_road", soil="ordinary")
    >>> seen = [Defect("p", "PL", 3, 2), Defect("p", "SL", 2, 8), Defect("p", "CK", 1, 15)]
    >>> grade = grade_conduit(pipe, seen)
    >>> grade.S, grade.F, round(grade.S_M, 6), round(grade.RI, 6), grade.repair_grade
    (2.5, 5.0, 0.12, 4.25, 3)
    """
    rules = rules or condition_rules()
    families, issues, long = sorted_out(segment, defects, rules, slack)
    structural = joined(families["structural"], rules, "structural")
    functional = joined(families["functional"], rules, "functional")
    length = known(segment.length)
    one = _sums(structural, rules.value("near_factor_structural"), length)
    two = _sums(functional, rules.value("near_factor_functional"), length)
    RI, K, E, T = _repair(segment, one.parameter, rules)
    MI, KG, EG, switched = _upkeep(segment, two.parameter, one.parameter, rules)
    lacks = _lacks(segment, (*structural, *functional), (K, E, T, KG, EG))
    issues += faults.check_lacks(lacks, segment.id, {"importance": segment.importance, "soil": segment.soil})
    bits = _took_part((*structural, *functional), long, rules)
    bits |= faults.THRESHOLD if switched else 0
    bits |= faults.SOIL if one.parameter > TIE and segment.soil in faults.unverified_soils(rules) else 0
    return Grade(
        segment.id,
        one.mean, one.largest, one.parameter, _or_none(one.density), _or_none(RI),
        rules.grade("F", one.parameter), rules.grade("RI", RI), rules.density("S_M", one.density),
        one.far, one.near, _or_none(K), _or_none(E), _or_none(T),
        two.mean, two.largest, two.parameter, _or_none(two.density), _or_none(MI),
        rules.grade("G", two.parameter), rules.grade("MI", MI), rules.density("Y_M", two.density),
        two.far, two.near, _or_none(KG), _or_none(EG),
        rules.standard, rules.edition, rules.region, (*structural, *functional),
        faults.unconfirmed_rules(bits & faults.unverified_bits(rules)), tuple(issues),
    )  # fmt: skip
