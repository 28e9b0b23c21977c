"""A contractor's scores are made again; each difference has its likely cause. Cases of T1, by hand."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenqu.diagnosis.grading import Segment, grade_conduit
from wenqu.diagnosis.stated_scores import check_stated, same
from wenqu.diagnosis.wrong_readings import WAYS, figures_under
from wenqu.messages import say, sentences
from wenqu.records.inspection import Defect
from wenqu.standards.condition import condition_rules


def pl(code, level, start, length=0.0):
    return Defect("", code, level, start, length)


A = (
    Segment("A", 25, 0.8, "trunk_road", "ordinary"),
    [pl("PL", 3, 2), pl("SL", 2, 8), pl("CK", 1, 15)],
)  # S 2.5, F 5, S_M 0.12, RI 4.25
D = (Segment("D", 20, 0.5, "other_road", "ordinary"), [pl("PL", 4, 5), pl("PL", 4, 6.2)])  # S = F = 11
SIX_HUNDRED = (Segment("K", 25, 0.6, "trunk_road", "ordinary"), [pl("PL", 3, 2)])  # F 5, E 3, RI 4.25
F = (Segment("F", 30, 0.8, "trunk_road", "ordinary"), [pl("CJ", 3, 2, 12), pl("SG", 2, 20)])


def causes(case, stated, **more):
    segment, defects = case
    found = check_stated(stated, grade_conduit(segment, defects), segment, defects, **more)
    return {one.figure: one.causes for one in found}


def test_what_agrees_and_what_is_rounded_is_no_difference():
    assert causes(A, {"S": 2.5, "S_max": 5.0, "F": 5, "S_M": 0.12, "RI": 4.25, "structural_grade": 3.0}) == {}
    assert causes(A, {"RI": 4.3}) == {}
    assert causes(F, {"Y_M": 0.59, "MI": 5.1}) == {}


def test_the_sum_of_the_scores_in_place_of_their_mean():
    # 5 + 2 + 0.5 = 7.5; RI = 0.7·7.5 + 0.1·6 + 0.05·3 = 6.0, one grade of F too high
    stated = {"S": 7.5, "F": 7.5, "RI": 6.0, "structural_grade": 4.0}
    assert causes(A, stated) == dict.fromkeys(stated, ("sum",))


def test_a_pipe_of_600_millimetres_that_gets_no_importance():
    # E = 0: RI = 0.7·5 + 0.1·6 = 4.1
    assert causes(SIX_HUNDRED, {"F": 5.0, "RI": 4.1}) == {"RI": ("over_600",)}


def test_the_density_by_f():
    # 7.5 / (5·25) = 0.06
    assert causes(A, {"S_M": 0.06, "RI": 4.25}) == {"S_M": ("density_by_F",)}


def test_the_product_in_place_of_the_weighted_sum():
    # PL3 and SL2 with T 8: 0.7·5 · 0.1·6 · 0.05·3 · 0.15·8 = 0.378
    case = (Segment("P", 25, 0.8, "trunk_road", "mucky_soil"), [pl("PL", 3, 2)])
    assert causes(case, {"RI": 0.378}) == {"RI": ("product",)}


def test_an_index_of_nothing_is_a_defect_left_out_and_no_product():
    # CJ2 2, G below 4, so that K = E = 0: MI = 0.8·2 = 1.6; any product with K = 0 is 0 and explains nothing
    case = (Segment("P", 25, 0.8, "trunk_road", "ordinary"), [pl("CJ", 2, 4)])
    assert causes(case, {"MI": 0.0}) == {"MI": ("left_out",)}


def test_the_clear_distance_read_from_the_start_manhole():
    # PL4 at 1.2 m and CK1 at 9 m: by the chainage the first is in n2 and weighs 11: (11 + 0.5) / 2 = 5.75
    case = (Segment("C", 20, 0.5, "other_road", "ordinary"), [pl("PL", 4, 1.2), pl("CK", 1, 9)])
    assert causes(case, {"S": 5.75}) == {"S": ("chainage",)}


def test_defects_within_a_metre_that_are_not_joined():
    # PL3 and CK4 0.5 m apart count once with 10: (10 + 0.5) / 2 = 5.25; apart (5.5 + 11 + 0.5) / 3 = 5.67
    case = (
        Segment("E", 30, 0.4, "other_road", "ordinary"),
        [pl("PL", 3, 5), pl("CK", 4, 5.5), pl("SL", 1, 20)],
    )
    assert causes(case, {"S": 5.67}) == {"S": ("no_joining",)}


def test_two_defects_near_each_other_that_are_not_weighted():
    assert causes(D, {"S": 10.0, "F": 10.0}) == {"S": ("no_weight",), "F": ("no_weight",)}


def test_a_defect_that_was_left_out_is_named():
    segment, defects = A
    found = check_stated({"S": 2.75, "F": 5.0}, grade_conduit(segment, defects), segment, defects)
    [one] = found
    assert one.causes == ("left_out",)  # (5 + 0.5) / 2: without SL2
    assert say(f"grading.cause.{one.causes[0]}", "zh", **one.facts) == "漏算缺陷：SL2 8 m"


def test_a_defect_at_another_level_is_named():
    segment, defects = A
    [one] = check_stated({"S": 3.0, "F": 5.0}, grade_conduit(segment, defects), segment, defects)
    # (5 + 2 + 2) / 3 = 3: CK as level 2
    assert (one.causes, one.facts["code"], one.facts["level"]) == (("level",), "CK", 2)


def test_another_k_e_or_t_is_found_by_its_value():
    # RI 4.65 = 3.5 + 1.0 + 0.15: K 10 in place of 6
    segment, defects = A
    [one] = check_stated({"F": 5.0, "RI": 4.65}, grade_conduit(segment, defects), segment, defects)
    assert (one.causes, one.facts["taken"]) == (("factor_K",), "K = 10")
    [one] = check_stated({"F": 5.0, "RI": 5.15}, grade_conduit(segment, defects), segment, defects)
    assert (one.causes, one.facts["taken"]) == (("factor_T",), "T = 6")


def test_what_follows_from_another_wrong_figure_says_from_which():
    # F 8.123 is nobody's; RI = 0.7·8.123 + 0.75 follows from it, and so does the grade
    found = causes(A, {"F": 8.123, "RI": 6.4361, "structural_grade": 4.0})
    assert found == {"F": ("unknown",), "RI": ("follows",), "structural_grade": ("follows",)}


def test_a_wrong_bound_of_a_grade_and_a_cut_off_figure_and_words():
    assert causes(A, {"F": 5.0, "structural_grade": 2.0}) == {"structural_grade": ("bounds",)}
    case = (
        Segment("C", 25, 1.8, "central", "expansive_weak"),
        [pl("PL", 2, 2), pl("FS", 1, 8), pl("TJ", 1, 15)],
    )
    assert causes(case, {"S": 1.16}) == {"S": ("cut_off",)}  # 1.1667
    assert causes(A, {"F": "约5"}) == {"F": ("unreadable",)}


def test_figures_that_we_do_not_know_are_not_compared():
    segment = Segment("A", 25, 0.8, None, "ordinary")
    assert causes((segment, A[1]), {"RI": 4.25, "repair_grade": 3.0, "F": 5.0}) == {}


@pytest.mark.parametrize("way", WAYS)
def test_every_cause_has_its_sentence(way):
    for language in ("zh", "en"):
        assert f"grading.cause.{way}" in sentences(language)


def test_every_cause_in_the_code_has_its_sentence():
    import wenqu.diagnosis.stated_scores as module

    text = Path(module.__file__).read_text(encoding="utf-8")
    named = set(re.findall(r'\("([a-z_]+)",\)', text)) | {
        "left_out",
        "level",
        "factor_K",
        "factor_E",
        "factor_T",
    }
    assert [cause for cause in named if f"grading.cause.{cause}" not in sentences("zh")] == []


ROWS = st.builds(
    pl, st.sampled_from(list(condition_rules().kinds)), st.integers(1, 2),
    st.floats(0, 30).map(lambda x: round(x, 1)), st.floats(0, 4).map(lambda x: round(x, 1)),
)  # fmt: skip


@given(st.lists(ROWS, max_size=6))
def test_without_a_wrong_reading_the_figures_are_those_of_the_grade(rows):
    segment = Segment("p", 40, 0.8, "trunk_road", "mucky_soil")
    grade = grade_conduit(segment, rows)
    for name, value in figures_under((), segment, rows, condition_rules(), 0.0).items():
        ours = getattr(grade, name)
        assert (ours is None and value != value) or ours == pytest.approx(value, abs=1e-9)
    figures = {name: getattr(grade, name) for name in ("S", "F", "RI", "G", "MI", "repair_grade")}
    assert check_stated({name: float(x) for name, x in figures.items() if x}, grade, segment, rows) == ()


def test_same_goes_by_the_decimals_that_are_written():
    assert same(4.3, 4.34)
    assert not same(4.31, 4.34)
    assert not same(4, 4.4)
