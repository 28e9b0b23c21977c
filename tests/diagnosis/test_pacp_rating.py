"""PACP ratings equal those printed in the help of asset software, and hand calculations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.diagnosis.pacp_rating import (
    grade_by_pacp,
    occurrences,
    pacp_rating,
    pacp_ratings,
    quick_rating,
)
from wenqu.errors import BadInput
from wenqu.records.inspection import Defect, Inspection

STRUCTURAL, OPERATION = [1, 3, 2, 5, 3], [3, 5, 4, 0, 2]  # T2: occurrences of grade 1 to 5


@pytest.mark.parametrize(
    ("counts", "rating", "index", "quick"),
    [  # rating: grade times occurrences; index: that by all occurrences; quick: the two worst, how often
        (STRUCTURAL, 1 * 1 + 2 * 3 + 3 * 2 + 4 * 5 + 5 * 3, round(48 / 14, 2), "5345"),
        (OPERATION, 1 * 3 + 2 * 5 + 3 * 4 + 4 * 0 + 5 * 2, round(35 / 14, 2), "5234"),
        ([4, 8, 6, 5, 5], 1 * 4 + 2 * 8 + 3 * 6 + 4 * 5 + 5 * 5, round(83 / 28, 2), "5545"),
    ],
)
def test_case_t2_of_the_published_help(counts, rating, index, quick):
    found = pacp_rating(counts)
    assert (found.rating, round(found.index, 2), found.quick) == (rating, index, quick)


@pytest.mark.parametrize(
    ("counts", "quick"),
    [
        ([0, 0, 0, 0, 0], "0000"),
        ([0, 2, 0, 0, 0], "2200"),
        ([0, 0, 9, 0, 0], "3900"),
        ([0, 0, 10, 0, 0], "3A00"),  # 10 to 14 are A
        ([0, 0, 14, 0, 0], "3A00"),
        ([0, 0, 15, 0, 0], "3B00"),  # 15 to 19 are B
        ([20, 0, 0, 0, 1], "511C"),  # 20 to 24 are C
        ([0, 0, 0, 999, 0], "4Z00"),
    ],
)
def test_a_quick_rating_counts_with_letters_from_ten(counts, quick):
    assert quick_rating(counts) == quick


def test_a_continuous_defect_counts_once_for_each_five_feet():
    assert [occurrences(feet * 0.3048) for feet in (0, 1, 5, 7, 8, 20)] == [1, 1, 1, 1, 2, 4]


def survey(*rows):
    defects = tuple(
        Defect("P", code, level, 1.0, length, variant=family, continuous=mark)
        for code, level, family, length, mark in rows
    )
    return Inspection("i", "P", "cctv", "2024-01-01", 30.0, standard="NASSCO PACP", defects=defects)


def test_a_conduit_is_rated_by_the_grades_of_its_survey():
    grade = grade_by_pacp(
        survey(
            ("FC", 4, "structural", 0.0, ""),
            ("CL", 2, "structural", 6.096, "S01"),  # 20 ft: four occurrences
            ("CL", 2, "structural", 0.0, "F01"),  # only says where it ended
            ("RFB", 3, "operation", 0.0, ""),
            ("MH", 0, "", 0.0, ""),
        )
    )
    assert (grade.structural.counts, grade.structural.rating) == ((0, 4, 0, 1, 0), 4 * 2 + 1 * 4)
    # structural: grade 4 once, grade 2 four times; operation: grade 3 once; both: 4 once, 3 once
    assert (grade.structural.quick, grade.operation.quick, grade.overall.quick) == ("4124", "3100", "4131")
    assert grade.overall.index == (4 * 2 + 1 * 4 + 1 * 3) / (4 + 1 + 1)
    assert (grade.ungraded, grade.unconfirmed) == (1, ("continuous_unit",))


def test_letters_are_named_as_unconfirmed_when_they_took_part():
    grade = grade_by_pacp(survey(*[("FC", 4, "structural", 0.0, "")] * 12))
    assert (grade.structural.quick, grade.unconfirmed) == ("4A00", ("quick_letters",))


def test_counts_that_cannot_be_are_refused():
    for counts in ([1, 2, 3, 4], [1, 2, 3, 4, -1]):
        with pytest.raises(BadInput, match="pacp-counts"):
            pacp_rating(counts)


@given(
    st.lists(
        st.tuples(st.integers(-1, 3), st.integers(0, 1), st.integers(0, 6), st.integers(0, 90)), max_size=60
    )
)
def test_one_conduit_and_many_have_the_same_answer(rows):
    where, family, grade, feet = np.array(rows, int).reshape(-1, 4).T
    many = pacp_ratings(3, where, family, grade, feet * 0.3048)
    for conduit in range(3):
        mine = [row for row in rows if row[0] == conduit]
        one = grade_by_pacp(
            survey(
                *[
                    ("X", level, ("structural", "operation")[kind], long * 0.3048, "")
                    for _, kind, level, long in mine
                ]
            )
        )
        for place, rating in enumerate((one.structural, one.operation, one.overall)):
            assert many.rating[conduit, place] == rating.rating
            assert many.index[conduit, place] == rating.index
            assert many.quick[conduit, place] == rating.quick
