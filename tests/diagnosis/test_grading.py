"""CJJ 181-2012: the cases of the collected standards and the errors of others."""

# ruff: noqa: SIM300  (F, S and RI are not constants)

import dataclasses
import math

import pytest

from tests.diagnosis.graded_pipes import RULES, pipe, seen
from wenqu.diagnosis import grading_faults as faults
from wenqu.diagnosis.grading import Segment, grade_conduit, without_structure
from wenqu.diagnosis.grading_arrays import check_grades, defects_of, grade_conduits, segments_of
from wenqu.issues import Weight
from wenqu.messages import say, sentences
from wenqu.records.inspection import Defect

BY_F = dataclasses.replace(
    RULES,
    region="switched",
    rules={**RULES.rules, "functional_threshold_on_g": dataclasses.replace(
        RULES.rules["functional_threshold_on_g"], value=0)},
)  # fmt: skip


# --- T1, the cases of standards.md


def test_case_a_three_defects_far_apart():
    rows = seen(("PL", 3, 2, 1), ("SL", 2, 8, 1), ("CK", 1, 15, 1))
    grade = grade_conduit(pipe(25, 0.8, "trunk_road"), rows)
    # PL3 5, SL2 2, CK1 0.5; F = max(S, S_max) = 5: grade Ⅲ
    assert (grade.S, grade.S_max, grade.F, grade.structural_grade) == ((5 + 2 + 0.5) / 3, 5, 5, 3)
    assert grade.S_M == pytest.approx((5 * 1 + 2 * 1 + 0.5 * 1) / (2.5 * 25))  # 0.12
    assert (grade.K, grade.E, grade.T) == (6, 3, 0)
    assert grade.RI == pytest.approx(0.7 * 5 + 0.1 * 6 + 0.05 * 3 + 0.15 * 0)  # 4.25
    assert (grade.repair_grade, grade.structural_density, grade.n1, grade.n2) == (3, "partial", 3, 0)


def test_case_b_two_near_each_other():
    grade = grade_conduit(
        pipe(40, 1.2, "central", "mucky_soil"),
        seen(("PL", 4, 2, 1), ("SL", 2, 10, 4), ("BX", 2, 25, 1), ("CK", 1, 27.2, 1)),
    )
    # PL4 10, SL2 2 over 4 m; BX2 2 and CK1 0.5 with 1.2 m between them count 1.1 each
    assert grade.S == pytest.approx((10 + 2 + 1.1 * 2 + 1.1 * 0.5) / 4)  # 3.6875
    assert (grade.F, grade.structural_grade, grade.E) == (10, 4, 6)
    assert grade.S_M == pytest.approx((10 * 1 + 2 * 4 + 1.1 * 2 * 1 + 1.1 * 0.5 * 1) / (3.6875 * 40))
    assert grade.S_M == pytest.approx(0.140678, abs=1e-6)
    assert grade.RI == pytest.approx(0.7 * 10 + 0.1 * 10 + 0.05 * 6 + 0.15 * 8)  # 9.5
    assert (grade.repair_grade, grade.n1, grade.n2) == (4, 2, 2)


def test_case_c_below_four_place_and_size_do_not_count():
    grade = grade_conduit(
        pipe(25, 1.8, "central", "expansive_weak"), seen(("PL", 2, 2), ("FS", 1, 8), ("TJ", 1, 15))
    )
    # PL2 2, FS1 0.5, TJ1 1; F below 4: K and E are 0, soil T = 6 counts
    assert grade.S == pytest.approx((2 + 0.5 + 1) / 3)  # 1.166667
    assert (grade.F, grade.structural_grade, grade.K, grade.E) == (2, 2, 0, 0)
    assert grade.S_M == pytest.approx((2 + 0.5 + 1) * 1 / ((3.5 / 3) * 25))  # 0.12
    assert grade.RI == pytest.approx(0.7 * 2 + 0.1 * 0 + 0.05 * 0 + 0.15 * 6)  # 2.3
    assert grade.repair_grade == 2


def test_case_d_two_collapses_within_reach_of_each_other():
    grade = grade_conduit(pipe(20, 0.5, "other_road"), seen(("PL", 4, 5, 1), ("PL", 4, 7.2, 1)))
    assert grade.S == pytest.approx((1.1 * 10 + 1.1 * 10) / 2)  # 1.2 m between them: 11, above S_max
    assert (grade.S_max, grade.structural_grade, grade.n2, grade.E) == (10, 4, 2, 0)
    assert grade.F == pytest.approx(11)
    assert grade.S_M == pytest.approx((11 * 1 + 11 * 1) / (11 * 20))  # 0.1
    assert grade.structural_density == "partial"  # 0.1 belongs to the second kind
    assert grade.RI == pytest.approx(0.7 * 11 + 0.1 * 3 + 0.05 * 0 + 0.15 * 0)  # 8.0


def test_case_e_defects_inside_one_metre_are_one_capped_at_ten():
    grade = grade_conduit(pipe(30, 0.4, "other_road"), seen(("PL", 3, 5), ("CK", 4, 5.6), ("SL", 1, 20)))
    # PL3 5 and CK4 10 within 1 m are one of min(15, 10) = 10; SL1 0.5
    assert (grade.n1 + grade.n2, grade.S, grade.F) == (2, (10 + 0.5) / 2, 10)
    assert grade.S_M == pytest.approx((10 * 1 + 0.5 * 1) / (5.25 * 30))  # 0.066667
    assert grade.structural_density == "local"
    assert grade.RI == pytest.approx(0.7 * 10 + 0.1 * 3 + 0.05 * 0 + 0.15 * 0)  # 7.3
    assert grade.repair_grade == 4
    assert [(one.rows, one.codes, one.score) for one in grade.what_from] == [
        ((0, 1), ("PL", "CK"), 10), ((2,), ("SL",), 0.5)]  # fmt: skip
    assert "cluster_distance" in grade.unconfirmed


def test_case_f_deposit_over_a_length():
    grade = grade_conduit(pipe(30, 0.8, "trunk_road"), seen(("CJ", 3, 2, 12), ("SG", 2, 20)))
    # CJ3 5 over 12 m, SG2 2: G = max(Y, Y_max) = 5
    assert (grade.Y, grade.G, grade.functional_grade) == ((5 + 2) / 2, 5, 3)
    assert grade.Y_M == pytest.approx((5 * 12 + 2 * 1) / (3.5 * 30))  # 0.590476
    assert grade.functional_density == "overall"
    assert grade.MI == pytest.approx(0.8 * 5 + 0.15 * 6 + 0.05 * 3)  # 5.05
    assert (grade.upkeep_grade, grade.K_functional, grade.E_functional, grade.K) == (3, 6, 3, 0)


def test_case_g_scale_over_the_whole_conduit():
    grade = grade_conduit(pipe(20, 1.2, "central"), seen(("JG", 4, 0, 20)))
    assert (grade.G, grade.functional_grade, grade.upkeep_grade) == (10, 4, 4)
    assert grade.Y_M == pytest.approx(10 * 20 / (10 * 20))
    assert grade.MI == pytest.approx(0.8 * 10 + 0.15 * 10 + 0.05 * 6)  # 9.8


def test_case_h_no_defect():
    grade = grade_conduit(pipe(20, 1.2, "central", "muck"), [])
    assert (grade.F, grade.structural_grade, grade.RI, grade.S_M, grade.MI) == (0, 1, 0, None, 0)
    assert (grade.structural_density, grade.unconfirmed, grade.issues) == ("", (), ())


def test_case_i_scum_is_recorded_and_does_not_count():
    grade = grade_conduit(pipe(20, 1.2, "central"), seen(("FZ", 3, 5, 10)))
    assert (grade.G, grade.functional_grade, grade.MI, grade.Y_M, grade.issues) == (0, 1, 0, None, ())


@pytest.mark.parametrize(("code", "level"), [("FS", 4), ("TL", 3), ("TL", 4), ("AJ", 4), ("CR", 4), ("FZ", 4),
                                             ("PL", 5), ("PL", 0), ("PL", -1)])  # fmt: skip
def test_case_j_a_level_that_does_not_exist_is_an_issue_and_the_rest_is_graded(code, level):
    good = seen(("PL", 3, 2), ("SL", 2, 8), ("CK", 1, 15))
    grade = grade_conduit(pipe(25, 0.8, "trunk_road"), [*good, Defect("p", code, level, 20)])
    assert [(issue.code, issue.weight) for issue in grade.issues] == [
        ("inspection.impossible-level", Weight.BLOCK)]  # fmt: skip
    assert grade.RI == pytest.approx(4.25)


@pytest.mark.parametrize(
    ("diameter", "E"), [(0.599, 0), (0.6, 3), (1.0, 3), (1.001, 6), (1.5, 6), (1.501, 10)]
)
def test_case_k_sizes_at_the_bounds(diameter, E):
    assert grade_conduit(pipe(diameter=diameter), seen(("PL", 3, 5))).E == E


def test_case_l_indices_on_the_bounds():
    assert grade_conduit(pipe(), seen(("BX", 1, 5))).structural_grade == 1  # F = 1
    assert grade_conduit(pipe(), seen(("TJ", 2, 5))).structural_grade == 2  # F = 3
    six = grade_conduit(pipe(), seen(("PL", 3, 5), ("BX", 1, 5.5)))
    assert (six.F, six.structural_grade) == (6, 3)
    four = grade_conduit(pipe(diameter=1.8), seen(("PL", 3, 5)))  # 0.7·5 + 0.05·10 = 4
    assert (four.RI, four.repair_grade) == (pytest.approx(4), 2)
    seven = grade_conduit(pipe(), seen(("PL", 4, 5)))  # 0.7·10 = 7
    assert (seven.RI, seven.repair_grade) == (pytest.approx(7), 3)
    assert RULES.grade("RI", 1.0) == 1


# --- what others get wrong


def test_the_parameter_is_a_mean_not_a_sum():
    grade = grade_conduit(pipe(), seen(("PL", 3, 5), ("SL", 3, 10), ("TJ", 3, 20)))
    assert grade.F == 5
    assert grade.F != sum((5, 5, 5))


def test_a_conduit_of_600_is_not_of_the_smallest_class():
    E = grade_conduit(pipe(diameter=0.6), seen(("PL", 4, 5))).E
    wrong = 3 if 0.6 > 0.6 else 0
    assert (E, wrong) == (3, 0)


def test_density_is_divided_by_the_mean_not_by_the_parameter():
    grade = grade_conduit(pipe(25), seen(("PL", 3, 2), ("SL", 2, 8), ("CK", 1, 15)))
    wrong = (5 + 2 + 0.5) / (grade.F * 25)
    assert grade.S_M == pytest.approx(0.12)
    assert wrong == pytest.approx(0.06)


def test_the_repair_index_is_a_sum_not_a_product():
    grade = grade_conduit(pipe(25, 0.8, "trunk_road", "muck"), seen(("PL", 3, 5)))
    wrong = 0.7 * 5 * 0.1 * 6 * 0.05 * 3 * 0.15 * 10
    assert grade.RI == pytest.approx(3.5 + 0.6 + 0.15 + 1.5)
    assert abs(grade.RI - wrong) > 1


def test_distance_is_from_end_to_start_not_from_chainage_to_chainage():
    rows = seen(("SL", 2, 5, 4), ("CK", 1, 10.2))  # the leak ends at 9 m: 1.2 m clear, 5.2 m by chainage
    grade = grade_conduit(pipe(), rows)
    assert (grade.n1, grade.n2) == (0, 2)
    assert grade.S == pytest.approx(1.1 * (2 + 0.5) / 2)
    wrong = (2 + 0.5) / 2
    assert grade.S != pytest.approx(wrong)


def test_the_published_simulation_of_73_is_out_of_reach():
    rows = [Defect("p", "PL", 4, 2.2 * place, 1.0) for place in range(50)]  # scores sum to 500; all near
    grade = grade_conduit(pipe(200, 2.0, "central", "muck"), rows)
    assert grade.F == pytest.approx(11)
    assert grade.RI == pytest.approx(10.7)
    assert grade.F < 73.75
    assert grade.RI < 51.77


# --- distances


@pytest.mark.parametrize(("gap", "counted"), [(1.0, (1, 0)), (1.01, (0, 2)), (1.5, (0, 2)), (1.51, (2, 0))])
def test_the_bounds_of_the_clear_distance(gap, counted):
    grade = grade_conduit(pipe(), seen(("PL", 2, 10.1), ("CK", 2, 10.1 + gap)))
    assert (grade.n1, grade.n2) == counted


def test_families_do_not_see_each_other():
    grade = grade_conduit(pipe(), seen(("PL", 2, 10), ("SG", 2, 10.2)))
    assert (grade.n1, grade.n2, grade.m1, grade.m2) == (1, 0, 1, 0)
    assert (grade.F, grade.G) == (2, 2)


def test_links_of_a_chain_join_into_one():
    grade = grade_conduit(pipe(), seen(("CK", 1, 10), ("CK", 1, 10.8), ("CK", 1, 11.6)))
    assert (grade.n1, grade.F) == (1, 1.5)
    assert grade.S_M == pytest.approx(1.6 / 30)  # the stretch from 10 to 11.6 m


def test_a_short_defect_inside_a_long_one_joins_it():
    grade = grade_conduit(pipe(), seen(("CJ", 2, 5, 10), ("SG", 2, 8)))
    assert (grade.m1, grade.G) == (1, 4)
    assert grade.Y_M == pytest.approx(10 / 30)


def test_a_long_defect_reaches_past_the_short_ones_inside_it():
    # the deposit runs from 5 to 15 m; a root at 8 m does not end it for the root at 10.5 m
    grade = grade_conduit(pipe(), seen(("CJ", 2, 5, 10), ("SG", 2, 8), ("SG", 2, 10.5)))
    assert (grade.m1, grade.m2, grade.G) == (1, 0, 6)


def test_near_neighbours_count_on_both_sides():
    # 10 m; 11.2 m (1.2 after); 15 m (3.8 after): the first two are near each other, the third is not
    grade = grade_conduit(pipe(), seen(("PL", 2, 10), ("CK", 2, 11.2), ("TJ", 2, 15)))
    assert (grade.n1, grade.n2) == (1, 2)
    assert grade.S == pytest.approx((1.1 * (2 + 2) + 3) / 3)


# --- bad rows and missing facts


def test_a_manhole_or_a_siphon_on_the_way_is_no_defect_and_nothing_odd():
    rows = [
        Defect("p", "YJ", 0, 5),
        Defect("p", "BJ", 0, 12),
        Defect("p", "RS", 0, math.nan),
        Defect("p", "TJ", 2, 20),
    ]
    grade = grade_conduit(pipe(), rows)
    assert (grade.issues, grade.F, grade.n1) == ((), 3, 1)
    columns = defects_of(rows, [pipe()])
    grades = grade_conduits(segments_of([pipe()]), columns)
    assert list(check_grades(grades, [pipe()], rows)) == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Defect("p", "XX", 1, 5), "inspection.unknown-code"),
        (Defect("p", "PL", 1, 5, -2), "inspection.bad-length"),
        (Defect("p", "PL", 1, 5, math.nan), "inspection.bad-length"),
        (Defect("p", "PL", 1, 31), "inspection.beyond-end"),
        (Defect("p", "PL", 1, -0.5), "inspection.beyond-end"),
        (Defect("p", "PL", 1, math.nan), "inspection.beyond-end"),
        (Defect("q", "PL", 1, 5), "inspection.other-conduit"),
    ],
)
def test_a_bad_row_is_an_issue_and_good_rows_are_kept(row, code):
    grade = grade_conduit(pipe(), [row, Defect("p", "TJ", 2, 20)])
    assert [issue.code for issue in grade.issues] == [code]
    assert (grade.F, grade.n1) == (3, 1)
    assert grade.what_from[0].rows == (1,)


def test_a_defect_that_runs_past_the_end_is_cut_there():
    grade = grade_conduit(pipe(30), seen(("CJ", 2, 25, 10)))
    assert [(issue.code, issue.weight) for issue in grade.issues] == [
        ("inspection.runs-past-end", Weight.DOUBT)]  # fmt: skip
    assert grade.Y_M == pytest.approx(5 / 30)


def test_a_local_kind_counts_one_metre_whatever_is_written():
    grade = grade_conduit(pipe(30), seen(("CK", 2, 5, 8)))
    assert [issue.code for issue in grade.issues] == ["inspection.long-local"]
    assert grade.S_M == pytest.approx(1 / 30)


def test_slack_lets_the_counter_run_a_little_past_the_drawn_length():
    rows = seen(("PL", 4, 30.3))
    assert grade_conduit(pipe(30), rows).F == 0
    assert grade_conduit(pipe(30), rows, slack=0.5).F == 10


def test_without_a_diameter_the_parameter_is_given_and_the_index_is_not():
    grade = grade_conduit(Segment("p", 30, None, "central", "muck"), seen(("PL", 3, 5)))
    assert (grade.F, grade.structural_grade) == (5, 3)
    assert (grade.RI, grade.repair_grade, grade.E) == (None, 0, None)
    assert [issue.code for issue in grade.issues] == ["inspection.missing-diameter"]


def test_a_missing_fact_that_takes_no_part_is_not_missed():
    grade = grade_conduit(Segment("p", 30, None, None, "muck"), seen(("PL", 2, 5)))  # F = 2: K = E = 0
    assert (grade.RI, grade.issues) == (pytest.approx(0.7 * 2 + 0.15 * 10), ())


@pytest.mark.parametrize(
    ("segment", "code"),
    [
        (Segment("p", 30, 0.8, None, "muck"), "inspection.missing-importance"),
        (Segment("p", 30, 0.8, "moon", "muck"), "inspection.missing-importance"),
        (Segment("p", 30, 0.8, "central", None), "inspection.missing-soil"),
    ],
)
def test_unknown_place_or_soil_leaves_the_index_open(segment, code):
    grade = grade_conduit(segment, seen(("PL", 3, 5)))
    assert grade.RI is None
    assert [issue.code for issue in grade.issues] == [code]


@pytest.mark.parametrize("length", [None, 0.0, -5.0, math.nan])
def test_without_a_length_there_is_no_density(length):
    grade = grade_conduit(Segment("p", length, 0.8, "central", "muck"), seen(("PL", 3, 500)))
    assert (grade.F, grade.S_M, grade.structural_density) == (5, None, "")
    assert [issue.code for issue in grade.issues] == ["inspection.missing-length"]


def test_every_issue_and_unconfirmed_rule_has_its_sentence_in_both_languages():
    keys = [f"issue.{code}.{part}" for code, _ in faults.FAULTS.values() for part in ("says", "remedy")]
    keys += [f"issue.{code}.{part}" for code in faults.LACKS.values() for part in ("says", "remedy")]
    keys += [f"grading.unconfirmed.{name}" for name in faults.UNCONFIRMED.values()]
    keys += [f"grading.density.{band.code}" for band in RULES.densities["S_M"]]
    for language in ("zh", "en"):
        assert [key for key in keys if key not in sentences(language)] == []
    issue = grade_conduit(pipe(), seen(("FS", 4, 5))).issues[0]
    assert "[" not in say(f"issue.{issue.code}.says", "en", **issue.facts)


# --- assumptions are switches, and are told


def test_the_zeroing_of_the_upkeep_index_is_a_switch():
    rows = seen(("PL", 2, 5), ("CJ", 3, 15, 2))  # F = 2, G = 5
    by_g = grade_conduit(pipe(30, 0.8, "trunk_road"), rows)
    by_f = grade_conduit(pipe(30, 0.8, "trunk_road"), rows, BY_F)
    assert by_g.MI == pytest.approx(0.8 * 5 + 0.15 * 6 + 0.05 * 3)
    assert by_f.MI == pytest.approx(0.8 * 5)
    assert "functional_threshold_on_g" in by_g.unconfirmed


def test_a_disputed_soil_is_told_and_an_undisputed_one_is_not():
    told = grade_conduit(pipe(soil="mucky_soil"), seen(("PL", 2, 5, 2)))
    quiet = grade_conduit(pipe(soil="muck"), seen(("PL", 2, 5, 2)))
    assert "soil" in told.unconfirmed
    assert "soil" not in quiet.unconfirmed
    assert (told.T, quiet.T) == (8, 10)


def test_a_grade_names_its_standard_and_edition():
    grade = grade_conduit(pipe(), [])
    assert (grade.standard, grade.edition, grade.region) == ("CJJ 181", "2012", "national")


def test_a_survey_that_sees_no_structure_gives_no_structural_grade_unless_it_names_a_defect_of_it():
    pipe = Segment("p", length=30, diameter=0.5, importance="other_road", soil="ordinary")
    sounded = without_structure(grade_conduit(pipe, [Defect("p", "CJ", 3, 5.0, 10.0)]))
    assert (sounded.structural_grade, sounded.repair_grade, sounded.RI) == (0, 0, None)
    assert (sounded.G, sounded.functional_grade) == (5.0, 3)
    broken = grade_conduit(pipe, [Defect("p", "BX", 3, 5.0, 2.0)])  # a sonar does see a deformed ring
    assert without_structure(broken) == broken
    assert broken.structural_grade == 3
