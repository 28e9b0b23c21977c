"""The grades of CJJ 181 against a second reading of its rules, written without looking at the first.

Tables and formulas are those noted of the standard for this project, row by row and without arrays.
"""

import random
from itertools import pairwise

import pytest

from wenqu.diagnosis.grading import Segment, grade_conduit
from wenqu.records.inspection import Defect

STRUCTURE = {
    "PL": (0.5, 2, 5, 10), "BX": (1, 2, 5, 10), "FS": (0.5, 2, 5), "CK": (0.5, 2, 5, 10),
    "QF": (0.5, 2, 5, 10), "TJ": (1, 3, 5, 10), "TL": (1, 3), "AJ": (0.5, 2, 5), "CR": (0.5, 2, 5),
    "SL": (0.5, 2, 5, 10),
}  # fmt: skip
FUNCTION = {
    "CJ": (0.5, 2, 5, 10), "JG": (0.5, 2, 5, 10), "ZW": (0.1, 2, 5, 10), "CQ": (1, 3, 5, 10),
    "SG": (0.5, 2, 5, 10), "FZ": (0, 0, 0),
}  # fmt: skip
LONG = {"PL", "BX", "FS", "QF", "SL", "CJ", "JG"}  # may be as long as they are; others count 1 m
AREA = {"central": 10, "trunk_road": 6, "other_road": 3, "other": 0}
TIE = 1e-9


def second_reading(defects, scores, length):
    """Return mean, largest, parameter, density, and how many lie apart and near."""
    rows = sorted(
        (at, min(at + (long if code in LONG or long <= 1 else 1.0), length), scores[code][level - 1])
        for code, level, at, long in defects
        if code in scores and code != "FZ"
    )
    met = []  # from, to, points
    for begin, end, points in rows:
        if met and begin - met[-1][1] <= 1 + TIE:
            before = met.pop()
            met.append((before[0], max(before[1], end), min(before[2] + points, 10)))
        else:
            met.append((begin, end, points))
    if not met:
        return 0, 0, 0, None, 0, 0
    gaps = [two[0] - one[1] <= 1.5 + TIE for one, two in pairwise(met)]
    near = [before or after for before, after in zip([False, *gaps], [*gaps, False], strict=True)]
    weighed = [points * (1.1 if close else 1) for (_, _, points), close in zip(met, near, strict=True)]
    mean, largest = sum(weighed) / len(met), max(points for _, _, points in met)
    reached = sum(points * max(end - begin, 1) for points, (begin, end, _) in zip(weighed, met, strict=True))
    return mean, largest, max(mean, largest), reached / (mean * length), len(met) - sum(near), sum(near)


def rank(value, bounds):
    return 1 + sum(value > bound + TIE for bound in bounds)


def by_second_reading(defects, length, bore, area):
    size = 10 if bore > 1.5 else 6 if bore > 1 else 3 if bore >= 0.6 else 0
    one, two = second_reading(defects, STRUCTURE, length), second_reading(defects, FUNCTION, length)
    K, E = (AREA[area], size) if one[2] >= 4 else (0, 0)
    RI = 0.7 * one[2] + 0.1 * K + 0.05 * E
    K, E = (AREA[area], size) if two[2] >= 4 else (0, 0)
    MI = 0.8 * two[2] + 0.15 * K + 0.05 * E
    return [
        *one, RI, rank(one[2], (1, 3, 6)), rank(RI, (1, 4, 7)),
        *two, MI, rank(two[2], (1, 3, 6)), rank(MI, (1, 4, 7)),
    ]  # fmt: skip


def told(defects, length, bore, area):
    rows = [Defect("p", code, level, at, long) for code, level, at, long in defects]
    one = grade_conduit(Segment("p", length, bore, area, "ordinary"), rows)
    return [
        one.S, one.S_max, one.F, one.S_M, one.n1, one.n2, one.RI, one.structural_grade, one.repair_grade,
        one.Y, one.Y_max, one.G, one.Y_M, one.m1, one.m2, one.MI, one.functional_grade, one.upkeep_grade,
    ]  # fmt: skip


EDGES = {
    "nothing seen": [],
    "of no length at the very beginning": [("CK", 2, 0.0, 0.0)],
    "of no length at the very end": [("CK", 2, 20.0, 0.0)],
    "over the whole pipe": [("CJ", 3, 0.0, 20.0), ("FS", 2, 0.0, 20.0)],
    "several at one joint": [("CK", 2, 5.0, 0.0), ("TJ", 2, 5.0, 0.0), ("SL", 3, 5.0, 0.0)],
    "several at one joint beyond the cap": [("PL", 4, 5.0, 0.0), ("TJ", 4, 5.0, 0.0)],
    "one metre apart": [("PL", 2, 5.0, 0.0), ("PL", 2, 6.0, 0.0)],
    "a little more than one metre apart": [("PL", 2, 5.0, 0.0), ("PL", 2, 6.01, 0.0)],
    "one and a half metres apart": [("PL", 2, 5.0, 0.0), ("PL", 2, 6.5, 0.0)],
    "more than one and a half apart": [("PL", 2, 5.0, 0.0), ("PL", 2, 6.51, 0.0)],
    "from the end of a long one": [("FS", 2, 2.0, 6.0), ("PL", 2, 9.3, 0.0), ("PL", 1, 11.0, 0.0)],
    "near another family": [("PL", 2, 5.0, 0.0), ("CJ", 2, 5.5, 0.0)],
    "within a long one": [("CJ", 2, 2.0, 10.0), ("SG", 2, 6.0, 0.0)],
    "one of a kind that counts one metre": [("CK", 2, 3.0, 4.0), ("CK", 2, 6.0, 0.0)],
    "scum alone": [("FZ", 3, 3.0, 4.0)],
    "one small obstacle": [("ZW", 1, 3.0, 0.0)],
}


@pytest.mark.parametrize("name", EDGES)
def test_at_the_edges_of_the_rules_both_readings_agree(name):
    case = (EDGES[name], 20.0, 0.6, "central")
    assert told(*case) == pytest.approx(by_second_reading(*case))


def test_on_whatever_may_be_seen_both_readings_agree():
    chance = random.Random(4)
    for _ in range(400):
        length = chance.choice([1.0, 2.0, 5.0, 25.5, 40.0])
        defects = []
        for _ in range(chance.randint(0, 6)):
            code = chance.choice([*STRUCTURE, *FUNCTION])
            at = chance.choice([0.0, length, round(chance.uniform(0, 2 * length)) / 2])
            at = min(at, length)
            long = min(chance.choice([0.0, 0.5, 1.0, 1.2, 3.0, length]), length - at)
            levels = len((STRUCTURE | FUNCTION)[code])
            defects.append((code, chance.randint(1, levels), at, long))
        case = (
            defects,
            length,
            chance.choice([0.599, 0.6, 1.0, 1.001, 1.5, 1.501]),
            chance.choice(list(AREA)),
        )
        assert told(*case) == pytest.approx(by_second_reading(*case)), case
