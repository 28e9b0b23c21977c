"""Silt depths that a sonar met become deposits of CJJ 181; each answer is worked out by hand."""

import math

import pytest

from wenqu.issues import Place
from wenqu.records.inspection import Defect, Inspection
from wenqu.survey.sounded_silt import (
    bore_of,
    check_deposits,
    deposits,
    profile_of,
    with_deposits,
    written_profile,
)

NAN = math.nan
# Bore 0.5 m, so that 20 % is 0.10 m: reached at 0 + 5 · (0.10 − 0.05) / (0.15 − 0.05) = 2.5 m, left at
# 10 + 5 · (0.26 − 0.10) / (0.26 − 0.08) = 14.44 m; deepest 0.26 m = 52 %, level 4. Reached again at
# 20 + 5 · (0.10 − 0.08) / (0.12 − 0.08) = 22.5 m up to the last sounding; deepest 0.12 m = 24 %, level 1.
BED = ((0.0, 0.05), (5.0, 0.15), (10.0, 0.26), (15.0, 0.08), (20.0, 0.08), (25.0, 0.12))
FACTS = {"silt_profile": written_profile(BED)}


def sonar(*defects, length=NAN, **more):
    return Inspection("S1", "P1", "sonar", "2026-05-04", length, defects=defects, **more)


def brief(rows):
    return [(row.code, row.level, row.start, row.length, row.remark) for row in rows]


def test_a_profile_is_as_many_deposits_as_it_has_stretches_above_a_fifth():
    assert brief(deposits(BED, 0.5)) == [
        ("CJ", 4, 2.5, 11.94, "0.260 m / 0.5 m = 52%"),
        ("CJ", 1, 22.5, 2.5, "0.120 m / 0.5 m = 24%"),
    ]


@pytest.mark.parametrize(
    ("depth", "level"),
    [(0.20, 0), (0.21, 1), (0.30, 1), (0.31, 2), (0.40, 2), (0.41, 3), (0.50, 3), (0.51, 4), (1.0, 4)],
)
def test_each_bound_of_the_table_belongs_to_the_level_below(depth, level):
    found = deposits([(0.0, depth), (10.0, depth)], 1.0)
    assert [(row.level, row.start, row.length) for row in found] == ([(level, 0.0, 10.0)] if level else [])


def test_one_sounding_is_a_point_and_without_a_bore_nothing_is_said():
    assert [(row.level, row.start, row.length) for row in deposits([(7.0, 0.2)], 0.5)] == [(2, 7.0, 0.0)]
    assert deposits([], 0.5) == deposits(BED, NAN) == deposits(BED, 0.0) == ()


def test_soundings_in_any_order_and_two_at_one_place_are_read():
    assert deposits(BED[::-1], 0.5) == deposits(BED, 0.5)
    assert [row.level for row in deposits([(5.0, 0.0), (5.0, 0.3), (6.0, 0.0)], 0.5)] == [4]
    assert profile_of(FACTS) == BED
    assert profile_of({}) == ()


def test_an_inspection_gets_the_deposits_of_its_profile_and_the_length_that_it_saw():
    made = with_deposits(sonar(), FACTS, 0.5)
    assert made.length == 25.0
    assert [(row.asset, row.inspection, row.at, row.level) for row in made.defects] == [
        ("P1", "S1", "2026-05-04", 4), ("P1", "S1", "2026-05-04", 1),
    ]  # fmt: skip
    assert with_deposits(sonar(length=30.0), FACTS, 0.5).length == 30.0


def test_the_crews_own_deposits_stay_alone_and_a_difference_is_told():
    own = Defect("P1", "CJ", 2, 2.5, 12.0)
    one = sonar(own)
    assert with_deposits(one, FACTS, 0.5).defects == (own,)
    [issue] = check_deposits(one, FACTS, 0.5, Place("a.docx"))
    assert (issue.code, issue.facts["told"], issue.facts["due"]) == ("match.silt-level", 2, 4)
    assert list(check_deposits(with_deposits(sonar(), FACTS, 0.5), FACTS, 0.5, Place())) == []


def test_a_profile_is_kept_where_no_bore_is_known_and_that_is_told():
    assert with_deposits(sonar(), FACTS, NAN).defects == ()
    [issue] = check_deposits(sonar(), FACTS, NAN, Place())
    assert (issue.code, issue.facts["deep"]) == ("match.silt-without-bore", 0.26)
    assert list(check_deposits(sonar(), {}, NAN, Place())) == []


@pytest.mark.parametrize(
    ("told", "bore"), [("DN500", 0.5), ("500 mm", 0.5), ("0.5 m", 0.5), ("?", NAN), ("", NAN)]
)
def test_the_bore_as_the_crew_wrote_it_serves_where_the_network_has_none(told, bore):
    assert bore_of(NAN, {"diameter": told}) == pytest.approx(bore, nan_ok=True)


def test_a_manhole_and_another_standard_are_left_alone():
    other = sonar(standard="EN 13508-2")
    assert with_deposits(other, FACTS, 0.5) is other
    manhole = sonar(asset_type="manhole")
    assert with_deposits(manhole, FACTS, 0.5) is manhole
