"""Condition classes by table equal hand calculations; what the table does not know is said."""

from dataclasses import replace

import pytest

from wenqu.diagnosis.condition_grade import Surroundings, condition_grade
from wenqu.errors import BadInput, NotEnoughData, Unknown
from wenqu.records.inspection import Defect, Inspection
from wenqu.standards import classes, condition, tables
from wenqu.standards.classes import SingleDamage, class_rules
from wenqu.standards.condition import condition_rules

INF = float("inf")
# A table of our own for the tests: cracks by width [mm], roots flat.
DAMAGES = tuple(
    SingleDamage(code, one, "", "", goal, value, above, below, "verified")
    for code, one, goal, value, above, below in (
        ("BAB", "B", "S", 1, 0.0, 1.0), ("BAB", "B", "S", 3, 1.0, 3.0), ("BAB", "B", "S", 5, 3.0, INF),
        ("BAB", "", "D", 2, -INF, INF), ("BBA", "", "B", 4, -INF, INF),
    )
)  # fmt: skip
BFR = replace(class_rules("BFR Abwasser"), damages=DAMAGES, state="city")


def survey(*rows, asset_type="conduit"):
    defects = tuple(
        Defect("P", code, 0, 5.0, length, characters=(one,), quantities=(size,), continuous=mark)
        for code, one, size, length, mark in rows
    )
    return Inspection(
        "i", "P", "cctv", "2024-01-01", 30.0, standard="EN 13508-2", defects=defects, asset_type=asset_type
    )


def test_the_worst_damage_of_each_goal_and_the_number_of_the_object():
    # BAB 2 mm: S class 3 → 200, D class 2 → 100; foul: D +30 → 130; its number 200
    # BBA: B class 4 → 300, foul: B +40 → 340. Largest 340; Σ = 200·0.3 + 340·2 = 740
    # share = 740 / (340·20) = 0.109 → 100·(0.109 − 0.1) = 0.9 → 1 point; 341 → class 4
    grade = condition_grade(
        survey(("BAB", "B", 2.0, 0.0, ""), ("BBA", "", None, 2.0, "A1"), ("BBA", "", None, 0.0, "B1")),
        BFR,
        place=Surroundings(20.0, ("foul",)),
    )
    assert grade.goals == {"D": 2, "S": 3, "B": 4}
    assert (grade.worst, grade.density_points, grade.number, grade.object_class) == (4, 1, 341.0, 4)
    assert [(one.code, one.number, one.length) for one in grade.what_from] == [
        ("BAB", 200.0, 0.3),
        ("BBA", 340.0, 2.0),
    ]
    assert grade.complete
    assert {"class_scale", "class_rules", "class_extras"} <= set(grade.unconfirmed)


@pytest.mark.parametrize(("size", "value"), [(0.5, 1), (1.0, 3), (2.99, 3), (3.0, 5), (12.0, 5)])
def test_the_lower_bound_of_a_size_is_included(size, value):
    assert condition_grade(survey(("BAB", "B", size, 0.0, "")), BFR).goals["S"] == value


@pytest.mark.parametrize(
    ("length", "points"),
    [
        (100.0, 0),  # 300·10/(300·100) = 0.1: not above 0.1
        (40.0, 15),  # 0.25 → 15
        (20.0, 40),  # 0.5 → 100·0.4 = 40
        (12.0, 40),  # above 0.5
        (64.5161, 5),  # 0.155 → 5.5: a half rounds down
    ],
)
def test_density_adds_points_between_a_tenth_and_a_half(length, points):
    found = condition_grade(survey(("BBA", "", None, 10.0, "")), BFR, place=Surroundings(length))
    assert (found.density_points, found.number) == (points, 300 + points)


def test_rain_lowers_a_number_but_never_below_ten_and_hazard_raises_it():
    crack = survey(("BAB", "A", 1.0, 0.0, ""))  # only D, class 2 → 100
    assert condition_grade(crack, BFR, place=Surroundings(conditions=["storm"])).number == 70  # 100 − 30
    assert condition_grade(crack, BFR, place=Surroundings(conditions=["hazardous"])).object_class == 3  # 250
    slight = replace(BFR, damages=(SingleDamage("BAB", "", "", "", "D", 1, -INF, INF, "verified"),))
    assert condition_grade(crack, slight, place=Surroundings(conditions=["storm"])).number == 10  # not −20


def test_classes_that_the_survey_states_go_before_the_table():
    grade = condition_grade(survey(("BAC", "", None, 0.0, "")), BFR, stated={0: {"D": 5, "S": 4}})
    assert (grade.goals, grade.number, grade.complete) == ({"D": 5, "S": 4, "B": 0}, 400.0, True)


def test_a_damage_that_no_row_is_about_stays_without_a_class():
    grade = condition_grade(survey(("BAC", "", None, 0.0, ""), ("BCD", "", None, 0.0, "")), BFR)
    assert (grade.unclassed, grade.complete, grade.worst, grade.number) == ((0,), False, None, None)


def test_a_survey_without_damage_has_the_class_of_no_damage():
    grade = condition_grade(survey(("BCD", "", None, 0.0, "")), BFR)
    assert (grade.worst, grade.number, grade.object_class, grade.complete) == (0, 0.0, 0, True)


def test_the_scale_of_dwa_runs_the_other_way():
    rules = replace(class_rules("DWA-M 149-3"), damages=DAMAGES, state="city")
    grade = condition_grade(survey(("BAB", "B", 2.0, 0.0, ""), ("BBA", "", None, 0.0, "")), rules)
    assert (grade.goals, grade.worst) == ({"D": 2, "S": 3, "B": 4}, 2)  # 0 is the worst
    assert (grade.number, grade.object_class) == (None, None)  # a slot


def test_the_few_rows_that_are_shipped_never_make_a_complete_grade():
    rules = class_rules("BFR Abwasser")
    row = Defect("S1", "DAB", 0, 1.0, characters=("B", "A"), quantities=(4.0,), part="C")
    shaft = Inspection(
        "i", "S1", "manhole", "2024-01-01", 3.0, standard="EN 13508-2", defects=(row,), asset_type="manhole"
    )
    grade = condition_grade(shaft, rules, place=Surroundings(3.0))
    assert grade.goals == {"D": 2, "S": 3, "B": 0}  # 3 ≤ 4 mm < 5
    assert (rules.state, grade.complete) == ("partial", False)
    assert grade.what_from[0].length == 0.5  # a point of a manhole


def test_another_standard_or_an_unknown_condition_is_refused():
    with pytest.raises(BadInput, match="other-standard"):
        condition_grade(replace(survey(), standard="CJJ 181"), BFR)
    with pytest.raises(BadInput, match="class-condition"):
        condition_grade(survey(), BFR, place=Surroundings(conditions=["desert"]))
    with pytest.raises(Unknown):
        class_rules("EN 752")


@pytest.mark.parametrize(("standard", "edition"), [("DB31/T 444", "2009"), ("DB44/T 1025", "2012")])
def test_the_slots_of_shanghai_and_guangdong_say_that_they_are_empty(standard, edition):
    with pytest.raises(NotEnoughData, match="empty-tables"):
        condition_rules(standard, edition)


@pytest.fixture
def entered(tmp_path, monkeypatch):
    """A folder in which a city entered tables itself."""
    caches = (tables.rows, tables._added, condition.condition_rules, classes.class_rules)

    def fresh():
        for cache in caches:
            cache.cache_clear()

    monkeypatch.setenv("WENQU_STANDARDS", str(tmp_path))
    fresh()
    yield tmp_path
    monkeypatch.delenv("WENQU_STANDARDS")
    fresh()


def shipped(name):
    return (tables.files("wenqu.standards") / name).read_text(encoding="utf-8").splitlines()


def test_a_slot_that_a_city_fills_grades_as_its_tables_say(entered):
    for name in (
        "defects.csv",
        "defect_extent.csv",
        "grades.csv",
        "densities.csv",
        "factors.csv",
        "rules.csv",
    ):
        head, *rows = shipped(name)
        mine = [row.replace("CJJ 181,2012", "DB31/T 444,2009") for row in rows if row.startswith("CJJ 181,")]
        if name == "defects.csv":  # the city's own score for a level
            mine = [row.replace(",3,5,yes", ",3,6,yes") if ",PL," in row else row for row in mine]
        (entered / name).write_text("\n".join([head, *mine]), encoding="utf-8")
    rules = condition_rules("DB31/T 444", "2009")
    assert rules.kinds["PL"].scores == (0.5, 2.0, 6.0, 10.0)
    assert condition_rules().kinds["PL"].scores == (0.5, 2.0, 5.0, 10.0)


def test_a_table_of_classes_that_a_city_enters_is_the_citys(entered):
    head = shipped("condition_classes.csv")[0]
    row = "DWA-M 149-3,2015,national,BAB,,,,D,1,,,mm,own,memory"
    (entered / "condition_classes.csv").write_text(f"{head}\n{row}\n", encoding="utf-8-sig")
    rules = class_rules("DWA-M 149-3")
    assert (rules.state, len(rules.damages)) == ("city", 1)
    grade = condition_grade(survey(("BAB", "B", 1.0, 0.0, "")), rules)
    assert (grade.goals["D"], grade.complete) == (1, True)


def test_a_table_without_its_headings_is_refused(entered):
    (entered / "condition_classes.csv").write_text("standard,edition\nx,1\n", encoding="utf-8")
    with pytest.raises(BadInput, match="standard-table"):
        class_rules("DWA-M 149-3")
