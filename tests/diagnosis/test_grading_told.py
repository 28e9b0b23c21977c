"""A grade is told with the numbers of its formulas. Case D of T1."""

from wenqu.diagnosis.grading import Segment, grade_conduit
from wenqu.diagnosis.grading_told import told_grade
from wenqu.records.inspection import Defect

D = Segment("D", 20, 0.5, "other_road", "ordinary")


def test_each_formula_stands_with_its_numbers():
    grade = grade_conduit(D, [Defect("", "PL", 4, 5), Defect("", "PL", 4, 6.2)])
    lines = told_grade(grade)
    assert lines[1] == "S = (1.1·10 + 1.1·10) / 2 = 11"
    assert lines[2] == "F = max(S, S_max) = max(11, 10) = 11"
    assert lines[4] == "RI = 0.7F + 0.1K + 0.05E + 0.15T = 0.7·11 + 0.1·3 + 0.05·0 + 0.15·0 = 8"
    assert "Ⅳ" in lines[6]


def test_what_is_not_known_is_a_question_mark_and_no_defect_says_so():
    grade = grade_conduit(Segment("x", 20, 0.5, None, None), [Defect("", "PL", 4, 5)])
    lines = told_grade(grade, "en")
    assert any(line.startswith("RI") and line.endswith("= ?") for line in lines)
    assert "No defect takes part; the parameter is 0, grade I." in lines
    assert not any("grading." in line for line in lines)
