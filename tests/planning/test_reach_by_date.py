"""What is reached by a date when lots are late: shares of length and sums of a plant, by hand."""

import math
from dataclasses import replace

import pytest

from wenqu.planning.lots import Repair
from wenqu.planning.reach_by_date import reach
from wenqu.planning.rules import LengthRule, ShareRule, default_rules
from wenqu.records.programme import PlantOutlook


def repair(name, window, problem, flow=0.0, load=0.0, *, district="E", must=False):
    return Repair(
        name, name, "conduit", name, "cipp", window, district, "P", "", 1.0, problem, 1.0, flow, load,
        problem, must,
    )  # fmt: skip


REPAIRS = (
    repair("a", "2027", 60.0, flow=0.01, must=True),
    repair("b", "2028", 30.0, load=0.001),
    repair("c", "2028", 10.0, district="W"),
)
RULES = replace(
    default_rules(2027),
    lengths=(LengthRule("2027", 0.5), LengthRule("2028", 1.0, "*")),
    shares=(ShareRule("2028", 0.9),),
    must_by="2027",
)
# by the programme: 0.09 m³/s with 0.0085 kg/s at the end of 2027, 0.0095 kg/s at that of 2028
OUTLOOK = (
    PlantOutlook("P", "2027", 0.09, 0.0085, 0.0085 / 0.09, 0.1, meets=False),
    PlantOutlook("P", "2028", 0.09, 0.0095, 0.0095 / 0.09, 0.1, meets=True),
    PlantOutlook("Q", "2028", math.nan, math.nan, math.nan, 0.1, meets=False),
)
FROZEN = {"": 100.0, "E": 90.0, "W": 10.0}


def told(done):
    made = reach(REPAIRS, done, RULES, FROZEN, OUTLOOK, {"P": 1.0, "Q": 2.0})
    return {(one.rule, one.scope, one.by[:4]): one for one in made}


def test_in_time_all_is_reached_that_was_promised():
    found = told({0: "2027-10-01", 1: "2028-12-31", 2: "2028-01-02"})
    assert all(one.reached == pytest.approx(one.promised) for one in found.values())
    assert found["length", "", "2027"].reached == 0.6
    assert found["plant", "P", "2028"].kept
    assert not found["plant", "P", "2027"].kept
    assert ("plant", "Q", "2028") not in found, "nothing was measured there"
    assert found["capacity", "", "2028"].kept


def test_a_day_late_is_too_late():
    found = told({0: "2028-01-01", 1: "2029-01-01", 2: "2028-12-31"})
    half = found["length", "", "2027"]
    assert (half.reached, half.promised, half.short, half.kept) == (0.0, 0.6, 50.0, False)
    assert (found["must", "", "2027"].demanded, found["must", "", "2027"].short) == (60.0, 60.0)
    east, west = found["length", "E", "2028"], found["length", "W", "2028"]
    assert (east.short, east.kept) == (30.0, False)
    assert west.kept
    # in 2027 the clean water is still there: 0.0085 / 0.1; in 2028 the load is still missing: 0.0085 / 0.09
    assert found["plant", "P", "2027"].reached == pytest.approx(0.085)
    late = found["plant", "P", "2028"]
    assert late.reached == pytest.approx(0.0085 / 0.09)
    assert late.short == pytest.approx(0.1001 - 0.0085 / 0.09)
    assert (found["capacity", "", "2028"].reached, found["capacity", "", "2028"].promised) == (0.0, 1.0)


def test_what_is_early_counts_early():
    found = told({0: "2027-10-01", 1: "2027-11-01"})
    assert found["length", "", "2027"].reached == 0.9
    assert found["plant", "P", "2027"].reached == pytest.approx(0.0095 / 0.09)
    assert found["length", "W", "2028"].short == 10.0, "what is never done is missing"
