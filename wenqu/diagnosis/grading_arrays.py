"""How bad are all conduits of a city, by their defects?"""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from wenqu.diagnosis import grading_faults as faults
from wenqu.diagnosis import grading_kernel as kernel
from wenqu.diagnosis.grading_defects import Segment
from wenqu.errors import BadInput
from wenqu.issues import Issue
from wenqu.records.inspection import Defect
from wenqu.standards.condition import FAMILIES, TIE, Band, ConditionRules, Weighting, condition_rules
from wenqu.standards.observations import special_codes

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]
Marks = npt.NDArray[np.int8]
MANY = 100_000  # conduits from which a second thread pays


@dataclass(frozen=True, slots=True)
class Segments:
    """Conduits as arrays, one place each."""

    length: Floats  # [m], NaN when missing
    diameter: Floats  # [m], NaN when missing
    importance: Marks  # place in the rules' K, -1 when missing
    soil: Marks  # place in the rules' T, -1 when missing


@dataclass(frozen=True, slots=True)
class DefectColumns:
    """Defects as arrays, one row each, in any order."""

    conduit: npt.NDArray[np.int32]  # place in the segments, -1 when the conduit is not among them
    code: Marks  # place in the rules' kinds, -1 when unknown
    level: Marks
    start: Floats  # [m]
    length: Floats  # [m]


@dataclass(frozen=True, slots=True)
class Grades:
    """The fields of ``Grade`` as arrays, one place for each conduit; NaN and 0 where not known."""

    S: Floats
    S_max: Floats
    F: Floats
    S_M: Floats
    Y: Floats
    Y_max: Floats
    G: Floats
    Y_M: Floats
    RI: Floats
    K: Floats
    E: Floats
    T: Floats
    MI: Floats
    K_functional: Floats
    E_functional: Floats
    n1: Counts
    n2: Counts
    m1: Counts
    m2: Counts
    structural_grade: Marks
    repair_grade: Marks
    structural_density: Marks  # 1 local, 2 partial, 3 overall, 0 not known
    functional_grade: Marks
    upkeep_grade: Marks
    functional_density: Marks
    lacks: Marks  # bits of grading_faults.LACKS
    unconfirmed: Marks  # bits of grading_faults.UNCONFIRMED
    fault: Marks  # one for each defect row: key of grading_faults.FAULTS, 0 when sound
    standard: str
    edition: str
    region: str


def _cuts(bands: Sequence[Band]) -> tuple[float, ...]:
    """Return, for each band but the last, the value above which the next band begins."""
    return tuple(
        band.high + TIE if band.high_included else math.nextafter(band.high - TIE, -math.inf)
        for band in bands[:-1]
    )


def _values(factor: Mapping[str, Weighting]) -> tuple[float, ...]:
    return (*(entry.value for entry in factor.values()), math.nan)


def _kinds(rules: ConditionRules) -> Floats:
    """Return one row for each code: family, whether it counts one metre, scores (NaN for no such level)."""
    kinds = list(rules.kinds.values())
    table = np.full((len(kinds), kernel.SCORES + max(len(kind.scores) for kind in kinds)), math.nan)
    for row, kind in zip(table, kinds, strict=True):
        row[kernel.FAMILY] = FAMILIES.index(kind.family) if kind.counts else 2
        row[kernel.LOCAL] = kind.extent == "local"
        row[kernel.SCORES : kernel.SCORES + len(kind.scores)] = kind.scores
    return table


@cache
def _tables(standard: str, edition: str, region: str) -> tuple[kernel.Tables, Floats]:
    rules = condition_rules(standard, edition, region)
    sizes = sorted(rules.factors["E"].values(), key=lambda entry: entry.band.low)
    unsure = faults.unverified_soils(rules)
    value = rules.value
    tables = kernel.Tables(
        value("cluster_distance"), value("near_distance"), value("cluster_cap"), value("shortest_length"),
        value("factor_threshold"), bool(value("functional_threshold_on_g")),
        (value("near_factor_structural"), value("near_factor_functional")),
        tuple(value(f"repair_weight_{letter}") for letter in "FKET"),
        tuple(value(f"upkeep_weight_{letter}") for letter in "GKE"),
        _cuts(rules.grades["F"]), _cuts(rules.grades["RI"]),
        _cuts(rules.grades["G"]), _cuts(rules.grades["MI"]),
        _cuts(rules.densities["S_M"]), _cuts(rules.densities["Y_M"]),
        _cuts([entry.band for entry in sizes]), tuple(entry.value for entry in sizes),
        _values(rules.factors["K"]), _values(rules.factors["T"]),
        (*(faults.SOIL if code in unsure else 0 for code in rules.factors["T"]), 0),
    )  # fmt: skip
    return tables, _kinds(rules)


def segments_of(segments: Sequence[Segment], rules: ConditionRules | None = None) -> Segments:
    """Return conduits as arrays."""
    rules = rules or condition_rules()
    areas = {code: place for place, code in enumerate(rules.factors["K"])}
    soils = {code: place for place, code in enumerate(rules.factors["T"])}
    return Segments(
        np.array([math.nan if one.length is None else one.length for one in segments], np.float64),
        np.array([math.nan if one.diameter is None else one.diameter for one in segments], np.float64),
        np.array([areas.get(one.importance or "", -1) for one in segments], np.int8),
        np.array([soils.get(one.soil or "", -1) for one in segments], np.int8),
    )


def defects_of(
    defects: Sequence[Defect], segments: Sequence[Segment], rules: ConditionRules | None = None
) -> DefectColumns:
    """Return defects as arrays."""
    rules = rules or condition_rules()
    places = {one.id: place for place, one in enumerate(segments)}
    codes = {code: place for place, code in enumerate(rules.kinds)}
    return DefectColumns(
        np.array([places.get(one.asset, -1) for one in defects], np.int32),
        np.array([codes.get(one.code, -1) for one in defects], np.int8),
        np.array([one.level if one.level in range(1, 100) else 0 for one in defects], np.int8),
        np.array([one.start for one in defects], np.float64),
        np.array([one.length for one in defects], np.float64),
    )


def _check_call(segments: Segments, defects: DefectColumns) -> None:
    """Refuse arrays that do not belong together."""
    sizes = {len(segments.length), len(segments.diameter), len(segments.importance), len(segments.soil)}
    rows = {len(defects.conduit), len(defects.code), len(defects.level), len(defects.start),
            len(defects.length)}  # fmt: skip
    if len(sizes) > 1 or len(rows) > 1:
        raise BadInput("unequal-columns", segments=sorted(sizes), defects=sorted(rows))


def _whole(column: npt.ArrayLike, dtype: type[np.signedinteger[Any]]) -> Any:
    """Return a column of places in one type; what does not fit is as good as unknown."""
    array = np.asarray(column)
    if array.dtype == dtype:
        return np.ascontiguousarray(array)
    return np.clip(array, -1, np.iinfo(dtype).max).astype(dtype)


def _as_columns(segments: Segments, defects: DefectColumns) -> tuple[Segments, DefectColumns]:
    """Return the arrays in the types that the kernel is compiled for."""
    float64, int8 = np.float64, np.int8
    return Segments(
        np.ascontiguousarray(segments.length, float64), np.ascontiguousarray(segments.diameter, float64),
        _whole(segments.importance, int8), _whole(segments.soil, int8),
    ), DefectColumns(
        _whole(defects.conduit, np.int32), _whole(defects.code, int8), _whole(defects.level, int8),
        np.ascontiguousarray(defects.start, float64), np.ascontiguousarray(defects.length, float64),
    )  # fmt: skip


def grade_conduits(
    segments: Segments,
    defects: DefectColumns,
    rules: ConditionRules | None = None,
    *,
    slack: float = 0.0,
    threads: int = 0,
) -> Grades:
    """Grade many conduits at once, with the answers of ``grade_conduit``.

    Parameters
    ----------
    segments
        The conduits, n places. [m]
    defects
        Their defects, m rows in any order; rows in conduit order are graded without being moved. [m]
    rules
        The tables of the standard; CJJ 181-2012, national, when not given.
    slack
        How far the crew's counter may run past the drawn length before a defect is refused. [m]
    threads
        Threads to use; 0 chooses by the size of the task.

    Returns
    -------
    Grades
        Arrays of length n; ``fault`` of length m.

    Raises
    ------
    BadInput
        The arrays have unequal lengths.

    References
    ----------
    .. [1] CJJ 181-2012, chapter 8.
    """
    rules = rules or condition_rules()
    _check_call(segments, defects)
    segments, defects = _as_columns(segments, defects)
    tables, kinds = _tables(rules.standard, rules.edition, rules.region)
    n = len(segments.length)
    numbers = np.empty((len(kernel.NUMBERS), n))
    counts = np.empty((len(kernel.COUNTS), n), np.int32)
    marks = np.empty((len(kernel.MARKS), n), np.int8)
    fault = np.zeros(len(defects.conduit), np.int8)
    columns = (defects.code, defects.level, defects.start, defects.length)
    cursor, in_order = kernel.bucket_order(defects.conduit, n, fault)
    moved = np.empty((0 if in_order else len(fault), 3))
    who = moved.view(np.int64)
    if in_order:
        cursor = cursor[1:]
    else:
        kernel.put_in_buckets(defects.conduit, n, cursor, *columns, moved, who)
    buckets = -(-n // kernel.BUCKET)
    workers = threads or (1 if n < MANY else min(4, os.cpu_count() or 1))
    edges = [buckets * part // workers for part in range(workers + 1)]
    spans = list(pairwise(edges))

    def run(span: tuple[int, int]) -> None:
        kernel.grade_buckets(
            tables, *span, float(slack), in_order, cursor, defects.conduit, *columns, moved, who, kinds,
            segments.length, segments.diameter, segments.importance, segments.soil,
            numbers, counts, marks, fault,
        )  # fmt: skip

    if workers == 1:
        run(spans[0])
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run, spans))
    names = (*kernel.NUMBERS, *kernel.COUNTS, *kernel.MARKS)
    fields: dict[str, Any] = dict(zip(names, (*numbers, *counts, *marks), strict=True))
    return Grades(**fields, fault=fault, standard=rules.standard, edition=rules.edition, region=rules.region)


def check_grades(grades: Grades, segments: Sequence[Segment], defects: Sequence[Defect]) -> Iterator[Issue]:
    """Yield an Issue for each defect row that was odd and each thing that a conduit lacked."""
    lengths = {one.id: one.length for one in segments}
    for place in np.flatnonzero(grades.fault).tolist():
        one = defects[place]
        if one.code in special_codes() and int(grades.fault[place]) == faults.UNKNOWN_CODE:
            continue  # it names no defect
        facts: dict[str, object] = {
            "row": place + 1, "code": one.code, "level": one.level, "start": one.start,
            "length": one.length, "conduit_length": lengths.get(one.asset), "of": one.asset,
        }  # fmt: skip
        yield faults.defect_issue(int(grades.fault[place]), one.asset, facts)
    for place in np.flatnonzero(grades.lacks).tolist():
        segment = segments[place]
        facts = {"importance": segment.importance, "soil": segment.soil}
        yield from faults.check_lacks(int(grades.lacks[place]), segment.id, facts)
