"""One value for each conduit: the worse grade, the age, extraneous water per km, the plan's year."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from wenqu.services.conduit_facts import _problems, conduit_facts, worse_grade, year_built
from wenqu.services.filed_records import grades

ORDER = ["cA1", "cA2", "cB1", "cB2", "cS"]


@pytest.fixture(scope="module")
def facts(small):
    assert small.state.network.table("conduit").ids.tolist() == ORDER
    return conduit_facts(small.store, small.state, date(2025, 6, 30))


def test_the_grade_is_the_worse_of_repair_and_upkeep(small, facts):
    assert facts.grade.tolist() == [3.0, 0.0, 4.0, 0.0, 1.0]  # cB1 has no MI: the grade of its deposits
    grade = grades(small.store, small.state)["cA1"]
    assert worse_grade(replace(grade, repair_grade=2, upkeep_grade=4)) == 4
    unknown = replace(grade, repair_grade=0, upkeep_grade=1, structural_grade=4, functional_grade=1)
    assert worse_grade(unknown) == 4, "a broken conduit of unknown soil is no sound one"
    nothing = replace(grade, repair_grade=0, upkeep_grade=0, structural_grade=0, functional_grade=0)
    assert worse_grade(nothing) == 0


def test_the_age_counts_from_the_year_or_the_date(small, facts):
    assert year_built(small.state.network.table("conduit"))[:2].tolist() == [2000.0, 2010.0]
    assert facts.age[:2].tolist() == [25.0, 15.0]
    assert np.isnan(facts.age[2:]).all()


def test_extraneous_water_is_told_per_km_and_with_its_sureness(facts):
    # cA1: 1.0 + 0.5 L/s = 129.6 m³/d on 0.1 km; sd = √(0.3² + 0.4²) = 0.5 L/s, sureness 1 - 0.5/1.5
    assert facts.extraneous_per_km[0] == pytest.approx(1296.0)
    assert facts.sureness[0] == pytest.approx(2 / 3)
    assert np.isnan(facts.sureness[2]), "no sureness of nothing"
    assert np.isnan(facts.extraneous_per_km[1:]).all(), "filed or not, nothing was inferred of them"


def test_the_plan_year_is_the_first_in_which_it_is_mended(facts):
    assert facts.plan_year[[0, 2]].tolist() == [2026.0, 2027.0]
    assert np.isnan(facts.plan_year[[1, 3, 4]]).all()


def test_of_a_bare_city_nothing_is_known(bare):
    facts = conduit_facts(bare.store, bare.state)
    assert facts.grade.tolist() == [0.0]
    for name, values in facts.columns().items():
        if name in {"structural", "functional"}:
            assert values.tolist() == [0.0]
        elif name in {"problem", "meter_area"}:
            assert values.tolist() == [None], "nothing recorded is not the same as sound"
        elif name != "grade":
            assert np.isnan(values).all(), name


def test_structural_and_functional_grades_are_told_apart(facts):
    assert facts.structural.tolist() == [4.0, 0.0, 1.0, 0.0, 1.0]
    assert facts.functional.tolist() == [1.0, 0.0, 4.0, 0.0, 1.0]


def test_the_problem_state_tells_the_gravest_thing_recorded(small, facts):
    assert facts.problem.tolist() == ["planned", None, "planned", None, "sound"]
    grade, never = np.array([4.0, 4.0, 2.0, 2.0, 1.0, 0.0, 0.0]), np.full(7, np.nan)
    planned = np.where(np.arange(7) == 1, 2026.0, never)
    doubted = np.array([False, False, False, True, True, True, False])
    assert _problems(grade, planned, doubted).tolist() == [
        "open", "planned", "watch", "watch", "doubt", "doubt", None
    ]  # fmt: skip
