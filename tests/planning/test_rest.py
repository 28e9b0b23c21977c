"""What is left to plan beside works that stand: limits, milestones, plants, each by hand."""

from dataclasses import replace

import numpy as np
import pytest

from wenqu.planning.conditions import DistrictBudget, Fund, LeastWork, MethodDays, MustDo
from wenqu.planning.law import LengthRule
from wenqu.planning.plants import Plants
from wenqu.planning.rest import Standing, in_whole_terms, rest_of, shown, with_works
from wenqu.planning.rules import default_rules
from wenqu.planning.verify import Verdict

WAN = 1e4


def standing(**more):
    """Two works: 100 m in D finished in 2026 for 30 万元, 50 m in E due in 2027 for 20 万元."""
    given = {
        "plant": np.array(["P", "P"], dtype=object),
        "district": np.array(["D", "E"], dtype=object),
        "window": np.array([0, 1]),
        "cost": np.array([30 * WAN, 20 * WAN]),
        "crew_days": np.array([10.0, 20.0]),
        "length": np.array([100.0, 50.0]),
        "flow": np.array([-0.002, -0.001]),
        "load": np.array([-1e-5, -5e-6]),
        "names": (frozenset({"C1"}), frozenset({"C2"})),
        "methods": ("cipp", "open_cut"),
    }
    return Standing(**given | more)


def plants():
    return Plants(
        np.array(["P"], dtype=object), np.array([0.1]), np.array([0.009]), np.array([0.2]), np.array([0.1]),
        np.array([True]),
    )  # fmt: skip


def rules(**more):
    return replace(default_rules(2026), **more)


MENDABLE = {"": 350.0, "D": 200.0, "E": 150.0}


def test_money_and_days_of_standing_works_are_taken_from_their_year():
    given = rules(
        budgets=(50 * WAN, 10 * WAN, 10 * WAN, np.inf, np.inf), crew_days=(10.0, 25.0, 5.0, 5.0, 5.0)
    )
    rest = rest_of(given, plants(), MENDABLE, standing(), 0).rules
    assert rest.budgets == (20 * WAN, 0.0, 10 * WAN, np.inf, np.inf)  # 2027 is overspent by what stands
    assert rest.crew_days == (0.0, 5.0, 5.0, 5.0, 5.0)


def test_finished_metres_count_in_the_milestones_on_the_whole_denominator():
    given = rules(lengths=(LengthRule("2028", 0.7), LengthRule("2026", 0.5, "*")))
    rest = rest_of(given, plants(), MENDABLE, standing(), 0)
    assert rest.lengths == {"": 500.0, "D": 300.0, "E": 200.0}
    shares = {(one.by, one.district): one.share for one in rest.rules.lengths}
    assert shares["2028", ""] == pytest.approx(0.7 - 150 / 500)
    assert shares["2026", "D"] == pytest.approx(0.5 - 100 / 300)
    assert shares["2026", "E"] == pytest.approx(0.5)  # its work comes a year later


def test_years_that_are_over_have_no_money_and_their_dates_move():
    rest = rest_of(rules(), plants(), MENDABLE, standing(), 2)
    assert rest.rules.budgets[:2] == (0.0, 0.0)
    assert rest.rules.must_by == "2028"
    assert rest.overdue == ("2027",)
    assert rest.rules.pace == pytest.approx(0.3 * 5 / 3)


def test_plants_have_what_stands_once_its_year_has_come():
    assert with_works(plants(), standing(), 0).flow == pytest.approx([0.098])
    assert with_works(plants(), standing(), 1).load == pytest.approx([0.009 - 1.5e-5])
    assert with_works(plants(), standing(window=np.array([-1, 4])), 0).flow == pytest.approx([0.098])


@pytest.mark.parametrize(
    ("finished", "share"), [("2023-05-01", 1.0), ("2024-01-01", 1.0), ("2024-12-31", 0.0), ("", 0.0)]
)
def test_readings_show_what_was_finished_before_them(finished, share):
    assert shown(finished, "2024-01-01", "2024-12-31") == share
    assert shown(finished, "", "") == 0.0


def test_limits_of_districts_methods_and_funds_are_what_is_left_of_them():
    given = rules(
        district_budgets=(DistrictBudget("D", {"2026": 40 * WAN, "2027": 5 * WAN}),),
        method_days=(MethodDays("open_cut", {"2027": 15.0}),),
        funds=(Fund("bonds", {"2026": 25 * WAN}), Fund("subsidy", {"2026": 20 * WAN}, districts=("D",))),
        least=(LeastWork("*", 25.0, "wan_yuan"), LeastWork("2026", 120.0, "m", "D")),
        must_do=(MustDo("C1", "2026"), MustDo("C9", "2026")),
    )
    rest = rest_of(given, plants(), MENDABLE, standing(), 0).rules
    assert rest.district_budgets[0].limits == {"2026": 10 * WAN, "2027": 5 * WAN}
    assert rest.method_days[0].limits == {"2027": 0.0}
    # the subsidy can pay for D alone, so it pays first: 20 of 30; bonds pay 10
    assert [one.limits["2026"] for one in rest.funds] == [15 * WAN, 0.0]
    assert [(one.window, one.amount) for one in rest.least] == [
        ("2027", 5.0), ("2028", 25.0), ("2029", 25.0), ("2030", 25.0), ("2026", 20.0),
    ]  # fmt: skip
    assert [one.name for one in rest.must_do] == ["C9"]


def test_what_the_rest_misses_is_told_as_a_rule_of_the_whole():
    given = rules(budgets=(50 * WAN, 10 * WAN, np.inf, np.inf, np.inf))
    rest = rest_of(given, plants(), MENDABLE, standing(), 0)
    missed = (Verdict("budget", "", "2026", 20 * WAN, 25 * WAN, "yuan", holds=False),)
    told = in_whole_terms(missed, given, rest, standing())
    assert [(one.window, one.demanded, one.reached) for one in told] == [
        ("2026", 50 * WAN, 55 * WAN), ("2027", 10 * WAN, 20 * WAN),
    ]  # fmt: skip
